//! The telephone list of a place (R11, R13, R14): who has to be told by telephone, and what came of it.
//!
//! It is a reader of the present state: of reservations that are ready, of how their patrons are told, and of what
//! became of the mail. A try is kept by event and channel, as mails are.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    BibId, EventId, OpId, PatronId, PlaceCode, ReservationId,
    circulation::{DeskList, Refusal, Step},
    notices::{
        Call, CallMatter, CallReason, CallResult, CallStanding, CallTry, MailFate, TelephoneList, call_reason,
        call_standing,
    },
    patrons::Contact,
};
use uuid::Uuid;

use crate::{
    Fault, Library,
    catalog::shown,
    events::{ActorRole, Event, EventKind, record},
    storage::{StorageError, Tx, execute, fetch_all, fetch_in, fetch_optional, in_write},
};

type ReadyRow = (
    Uuid,
    Uuid,
    Uuid,
    String,
    Option<NaiveDate>,
    String,
    String,
    bool,
    Option<i64>,
    Option<DateTime<Utc>>,
    bool,
    String,
    String,
);

/// Something a patron has to be told by telephone, unless they were.
struct Matter {
    reservation: ReservationId,
    patron: PatronId,
    name_kana: String,
    telephone: String,
    matter: CallMatter,
}

/// A call about a reservation.
struct Try {
    event: EventId,
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
            // The newest step of a reservation that is still somebody's. No lock: that the library called is true
            // whatever happens to the reservation meanwhile.
            let row = fetch_optional!(
                &mut *tx,
                (Uuid, Option<Uuid>),
                "select r.id, e.bib_id from event e join reservation r on r.id = e.reservation_id
                 where e.id = $1 and e.at = r.since and r.patron_id is not null
                     and r.state in ('waiting', 'assigned', 'ready')",
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
    let mut matters = ready(library, tx, here).await?;
    matters.extend(taken_back(tx, here).await?);
    let reservations: Vec<ReservationId> = matters.iter().map(|of| of.reservation).collect();
    let mut tries = tries(library, tx, &reservations).await?;
    let mut calls: Vec<(PatronId, Call)> = Vec::new();
    for Matter { reservation, patron, name_kana, telephone, matter } in matters {
        let tries = tries.remove(&reservation.0).unwrap_or_default();
        if matter.reason == CallReason::Vanished && !was_told_ready(&tries, matter.event) {
            continue;
        }
        let tries: Vec<CallTry> = tries.iter().filter(|t| t.event == matter.event).map(|t| t.call).collect();
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
    let told = |t: &&Try| t.event != before && matches!(t.call.result, CallResult::Called | CallResult::LeftWord);
    tries.iter().rev().find(told).is_some_and(|t| t.of_ready)
}

/// What stands ready at a place and is to be told by telephone, what is kept the shortest first.
async fn ready(library: &Library, tx: &mut Tx, here: &PlaceCode) -> Result<Vec<Matter>, StorageError> {
    let rows = fetch_all!(
        tx,
        ReadyRow,
        "select r.id, e.id, pt.id, r.contact, r.hold_until, pt.name_kana, pt.telephone,
                case when pt.ready_mail = 2 then pt.mail2 is not null and pt.mail2_confirmed
                    else pt.mail1 is not null and pt.mail1_confirmed end,
                o.tries, o.sent_at,
                exists (select 1 from notice_try t where t.event_id = e.id and t.channel = 'mail'
                    and t.result = 'given-up') or o.refused_at is not null,
                b.record, p.label
         from reservation r join event e on e.at = r.since and e.reservation_id = r.id and e.kind = 'ready'
         join patron pt on pt.id = r.patron_id join part p on p.id = r.part_id join bib b on b.id = p.bib_id
         left join outbox o on o.event_id = e.id and o.channel = 'mail'
         where r.state = 'ready' and r.pickup_place = $1 order by r.hold_until, r.id, e.id",
        &here.0
    )?;
    let mail_tries = library.policy().daily.mail_tries;
    let mut matters: Vec<Matter> = Vec::new();
    for row in rows {
        let (
            id,
            event,
            patron,
            contact,
            until,
            name_kana,
            telephone,
            has_address,
            tries,
            sent_at,
            given_up,
            record,
            label,
        ) = row;
        let contact: Contact = contact.parse().map_err(|error| StorageError::corrupt("contact method", error))?;
        let mail = match (given_up, tries, sent_at) {
            (true, ..) => MailFate::Failed { tries: u32::MAX },
            (false, None, _) => MailFate::None,
            (false, Some(_), Some(_)) => MailFate::Sent,
            (false, Some(tries), None) => MailFate::Failed { tries: u32::try_from(tries).unwrap_or(u32::MAX) },
        };
        let Some(reason) = call_reason(contact, has_address, mail, mail_tries) else { continue };
        let title = shown(&record, &label)?.title;
        let matter = CallMatter { event: EventId(event), title, reason, until };
        push(
            &mut matters,
            Matter { reservation: ReservationId(id), patron: PatronId(patron), name_kana, telephone, matter },
        );
    }
    Ok(matters)
}

/// What was told by telephone at a place and stands in the queue again.
async fn taken_back(tx: &mut Tx, here: &PlaceCode) -> Result<Vec<Matter>, StorageError> {
    let rows = fetch_all!(
        tx,
        (Uuid, Uuid, Uuid, String, String, String, String),
        "select r.id, e.id, pt.id, pt.name_kana, pt.telephone, b.record, p.label
         from reservation r
         join event e on e.at = r.since and e.reservation_id = r.id and e.kind in ('back-in-queue', 'assigned')
         join patron pt on pt.id = r.patron_id join part p on p.id = r.part_id join bib b on b.id = p.bib_id
         where r.state in ('waiting', 'assigned') and r.pickup_place = $1
             and exists (select 1 from notice_try t where t.reservation_id = r.id and t.channel = 'telephone')
         order by r.since, r.id, e.id",
        &here.0
    )?;
    let mut matters: Vec<Matter> = Vec::new();
    for (id, event, patron, name_kana, telephone, record, label) in rows {
        let title = shown(&record, &label)?.title;
        let matter = CallMatter { event: EventId(event), title, reason: CallReason::Vanished, until: None };
        push(
            &mut matters,
            Matter { reservation: ReservationId(id), patron: PatronId(patron), name_kana, telephone, matter },
        );
    }
    Ok(matters)
}

/// Adds what is to be told of a reservation. Two steps within one microsecond, which only a clock that stands still
/// makes, are told of once: of the later.
fn push(matters: &mut Vec<Matter>, matter: Matter) {
    match matters.last_mut().filter(|last| last.reservation == matter.reservation) {
        Some(last) => *last = matter,
        None => matters.push(matter),
    }
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
        let of_ready = kind == Step::Ready.as_str();
        tries.entry(reservation).or_default().push(Try { event: EventId(event), of_ready, call });
    }
    Ok(tries)
}
