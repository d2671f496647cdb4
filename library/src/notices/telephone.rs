//! The telephone list of a place (R11, R13, R14): who has to be told by telephone, and what came of it.
//!
//! It is a reader of the present state: of reservations that are ready, taken back or cancelled and of sets that are paused,
//! of how their patrons are told, and of what became of the mail ([`matters`]). A try is kept by event and channel, as
//! mails are.

mod matters;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{
    BibId, EventId, OpId, PatronId, PlaceCode, ReservationId,
    circulation::{DeskList, Refusal, Step},
    notices::{Call, CallResult, CallStanding, CallTopic, CallTry, TelephoneList, call_standing},
};
use uuid::Uuid;

use self::matters::Matter;
use crate::{
    Fault, Library,
    events::{ActorRole, Event, EventKind, record},
    storage::{StorageError, Tx, execute, fetch_in, fetch_optional, in_write},
};

/// A call about a reservation.
struct Try {
    event: EventId,
    /// Whether it was about a copy, and not about a set.
    of_copy: bool,
    /// Whether it was about a copy being ready, and not about its not being there any more.
    of_ready: bool,
    call: CallTry,
}

impl Library {
    /// The patrons a place has to telephone.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn telephone_list(&self, here: &PlaceCode) -> Result<DeskList<TelephoneList>, Fault> {
        let mut tx = self.database().begin_read().await?;
        let list = telephone_list(self, &mut tx, here).await?;
        let counts = self.counts(&mut tx, here).await?;
        Ok(self.desk_list(counts, list))
    }

    /// Notes what came of a call about these events, which were shown together. The same request again, by its `op`,
    /// notes nothing new; what is over meanwhile is passed over.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn note_call(
        &self,
        op: OpId,
        events: &[EventId],
        result: CallResult,
    ) -> Result<Result<(), Refusal>, Fault> {
        in_write!(self.database(), |tx| self.note_call_in(tx, op, events, result).await)
    }

    async fn note_call_in(
        &self,
        tx: &mut Tx,
        op: OpId,
        events: &[EventId],
        result: CallResult,
    ) -> Result<Result<(), Refusal>, Fault> {
        let now = self.now();
        let mut noted = false;
        for event in events {
            // The newest step of a reservation that is still somebody's, or that its set is paused. No lock: that the
            // library called is true whatever happens to the reservation meanwhile.
            let row = fetch_optional!(
                &mut *tx,
                (Uuid, Option<Uuid>),
                "select r.id, e.bib_id from event e join reservation r on r.id = e.reservation_id
                 where e.id = $1 and r.patron_id is not null
                     and (e.at = r.since and r.state in ('waiting', 'assigned', 'ready', 'cancelled')
                         or e.kind = 'set-paused' and exists
                             (select 1 from ordered_set s where s.id = r.set_id and s.paused_on is not null))",
                event.0
            )?;
            let Some((reservation, bib)) = row else { continue };
            noted = true;
            let new = execute!(
                &mut *tx,
                "insert into notice_try (event_id, channel, op, reservation_id, at, result)
                 values ($1, 'telephone', $2, $3, $4, $5) on conflict (event_id, channel, op) do nothing",
                event.0,
                op.0,
                reservation,
                now,
                result.as_str()
            )?;
            if new == 1 {
                let of = Event::of(EventKind::Telephoned, ActorRole::Staff, now);
                let (bib, reservation) = (bib.map(BibId), Some(ReservationId(reservation)));
                record(tx, Event { bib, reservation, note: Some(result.as_str()), ..of }).await?;
            }
        }
        Ok(if noted { Ok(()) } else { Err(Refusal::ListChanged) })
    }
}

/// See [`Library::telephone_list`].
pub(crate) async fn telephone_list(
    library: &Library,
    tx: &mut Tx,
    here: &PlaceCode,
) -> Result<TelephoneList, StorageError> {
    let matters = matters::at(library, tx, here).await?;
    let reservations: Vec<ReservationId> = matters.iter().map(|of| of.reservation).collect();
    let tries = tries(library, tx, &reservations).await?;
    let mut calls: Vec<(PatronId, Call)> = Vec::new();
    for Matter { reservation, patron, name_kana, telephone, mailed, matter, .. } in matters {
        let of_reservation = tries.get(&reservation.0).map_or(&[][..], Vec::as_slice);
        let is_vanished = matter.topic == CallTopic::Vanished;
        // Who was told nothing is told nothing. A mail is written only when something was said of the copy before.
        if is_vanished && !mailed && !was_told_ready(of_reservation, matter.event) {
            continue;
        }
        let tries: Vec<CallTry> = of_reservation.iter().filter(|t| t.event == matter.event).map(|t| t.call).collect();
        let standing = call_standing(tries.iter().map(|t| t.result));
        if standing == CallStanding::Told {
            continue;
        }
        let known = calls.iter_mut().find(|(of, call)| *of == patron && call.standing == standing);
        match known {
            Some((_, call)) => {
                call.matters.push(matter);
                call.tries.extend(tries);
            }
            None => calls.push((patron, Call { name_kana, telephone, standing, matters: vec![matter], tries })),
        }
    }
    let mut list = TelephoneList::default();
    for (_, mut call) in calls {
        // One call about several things is one call.
        call.tries.sort_unstable_by_key(|t| (t.at, t.result));
        call.tries.dedup();
        if call.standing == CallStanding::ToCall { list.to_call.push(call) } else { list.apart.push(call) }
    }
    Ok(list)
}

/// Whether the last thing a patron was told by telephone, before this event, is that the copy is ready.
fn was_told_ready(tries: &[Try], before: EventId) -> bool {
    let told =
        |t: &&Try| t.event != before && t.of_copy && matches!(t.call.result, CallResult::Called | CallResult::LeftWord);
    tries.iter().rev().find(told).is_some_and(|t| t.of_ready)
}

/// The calls about these reservations, oldest first.
async fn tries(
    library: &Library,
    tx: &mut Tx,
    reservations: &[ReservationId],
) -> Result<HashMap<Uuid, Vec<Try>>, StorageError> {
    let rows = fetch_in!(
        tx,
        (Uuid, Uuid, String, DateTime<Utc>, String),
        [
            "select t.reservation_id, t.event_id, e.kind, t.at, t.result from notice_try t
             join event e on e.id = t.event_id where t.channel = 'telephone' and t.reservation_id in ",
            " order by t.at, t.op"
        ],
        reservations
    )?;
    let mut tries: HashMap<Uuid, Vec<Try>> = HashMap::new();
    for (reservation, event, kind, at, result) in rows {
        let result = result.parse().map_err(|error| StorageError::corrupt("result of a call", error))?;
        let call = CallTry { at: library.local(at).naive_local(), result };
        let (of_copy, of_ready) = (kind != EventKind::SetPaused.as_str(), kind == Step::Ready.as_str());
        tries.entry(reservation).or_default().push(Try { event: EventId(event), of_copy, of_ready, call });
    }
    Ok(tries)
}
