//! What there is to be told by telephone at a place, whether it was told or not.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::{
    EventId, PatronId, PlaceCode, ReservationId,
    circulation::{CancelReason, days_after},
    notices::{CANCELLED_CALL_DAYS, CallMatter, CallReason, CallTopic, MailFate, call_reason, tells_of},
    patrons::Contact,
};
use uuid::Uuid;

use crate::{
    Library,
    catalog::shown,
    storage::{StorageError, Tx, fetch_all},
};

/// Something a patron has to be told by telephone, unless they were.
pub(super) struct Matter {
    pub(super) reservation: ReservationId,
    source: Source,
    pub(super) patron: PatronId,
    pub(super) name_kana: String,
    pub(super) telephone: String,
    /// Whether a mail about it was written, or would have been if there had been an address.
    pub(super) mailed: bool,
    pub(super) matter: CallMatter,
}

type Row = (
    Uuid,
    Uuid,
    Uuid,
    String,
    String,
    String,
    bool,
    Option<i64>,
    Option<DateTime<Utc>>,
    bool,
    bool,
    String,
    String,
    Option<NaiveDate>,
    Option<String>,
    DateTime<Utc>,
);

/// A statement that reads matters: the day that is told, how reservation `r` and event `e` are found, and which of them.
macro_rules! matters {
    ($day:literal, $from:literal, $which:literal) => {
        concat!(
            "select r.id, e.id, pt.id, r.contact, pt.name_kana, pt.telephone,
                case when pt.ready_mail = 2 then pt.mail2 is not null and pt.mail2_confirmed
                    else pt.mail1 is not null and pt.mail1_confirmed end,
                o.tries, o.sent_at,
                exists (select 1 from notice_try t where t.event_id = e.id and t.channel = 'mail'
                    and t.result = 'given-up') or o.refused_at is not null,
                exists (select 1 from sent_mail m where m.event_id = e.id and m.came_back_at is null),
                b.record, p.label, ",
            $day,
            ", r.cancelled_for, e.at ",
            $from,
            " join patron pt on pt.id = r.patron_id join part p on p.id = r.part_id join bib b on b.id = p.bib_id
              left join outbox o on o.event_id = e.id and o.channel = 'mail' where r.pickup_place = $1 and ",
            $which
        )
    };
}

/// What is to be told at a place: what is kept the shortest first, then what is not there any more, sets that wait for an
/// answer, and what the library cancelled.
pub(super) async fn at(library: &Library, tx: &mut Tx, here: &PlaceCode) -> Result<Vec<Matter>, StorageError> {
    let ready = fetch_all!(
        &mut *tx,
        Row,
        matters!(
            "r.hold_until",
            "from reservation r join event e on e.at = r.since and e.reservation_id = r.id and e.kind = 'ready'",
            "r.state = 'ready' order by r.hold_until, r.id, e.id"
        ),
        &here.0
    )?;
    let vanished = fetch_all!(
        &mut *tx,
        Row,
        matters!(
            "r.hold_until",
            "from reservation r join event e on e.at = r.since and e.reservation_id = r.id
                 and e.kind in ('back-in-queue', 'assigned')",
            "r.state in ('waiting', 'assigned')
                 and (o.id is not null or exists (select 1 from notice_try t where t.reservation_id = r.id))
             order by r.since, r.id, e.id"
        ),
        &here.0
    )?;
    // A set was paused at the moment one of its members ran out.
    let paused = fetch_all!(
        &mut *tx,
        Row,
        matters!(
            "s.paused_on",
            "from ordered_set s join reservation x on x.set_id = s.id and x.state = 'cancelled'
             join event e on e.at = x.since and e.kind = 'set-paused'
             join reservation r on r.id = e.reservation_id and r.set_id = s.id",
            "s.paused_on is not null order by s.paused_on, r.id, e.id"
        ),
        &here.0
    )?;
    let cancelled = fetch_all!(
        &mut *tx,
        Row,
        matters!(
            "r.hold_until",
            "from reservation r join event e on e.at = r.since and e.reservation_id = r.id and e.kind = 'cancelled'",
            "r.state = 'cancelled' and r.patron_id is not null and r.since >= $2 order by r.since, r.id, e.id"
        ),
        &here.0,
        library.now() - TimeDelta::days(CANCELLED_CALL_DAYS.into())
    )?;
    let mut matters: Vec<Matter> = Vec::new();
    for (rows, source) in
        [(ready, Source::Ready), (vanished, Source::Vanished), (paused, Source::Paused), (cancelled, Source::Cancelled)]
    {
        for row in rows {
            let Some(matter) = matter(library, source, row)? else { continue };
            // Two steps within one microsecond, which only a clock that stands still makes, are told of once: of the
            // later.
            let same = |last: &&mut Matter| last.reservation == matter.reservation && last.source == source;
            match matters.last_mut().filter(same) {
                Some(last) => *last = matter,
                None => matters.push(matter),
            }
        }
    }
    Ok(matters)
}

/// By which of the statements a matter was found.
#[derive(Clone, Copy, PartialEq)]
enum Source {
    Ready,
    Vanished,
    Paused,
    Cancelled,
}

/// What a row says, where it is to be told by telephone.
fn matter(library: &Library, source: Source, row: Row) -> Result<Option<Matter>, StorageError> {
    let (
        reservation,
        event,
        patron,
        contact,
        name_kana,
        telephone,
        has_address,
        tries,
        sent_at,
        given_up,
        went,
        record,
        label,
        day,
        cancelled_for,
        at,
    ) = row;
    let topic = match source {
        Source::Ready => {
            CallTopic::Ready(day.ok_or_else(|| StorageError::corrupt("reservation", "ready without a deadline"))?)
        }
        Source::Vanished => CallTopic::Vanished,
        Source::Paused => {
            // Of an earlier pause of the same set, which was answered.
            let Some(on) = day.filter(|on| *on == library.day_of(at)) else { return Ok(None) };
            CallTopic::Paused(days_after(on, library.policy().reservations.pause_days))
        }
        Source::Cancelled => {
            let reason = cancelled_for.unwrap_or_default();
            let reason: CancelReason =
                reason.parse().map_err(|error| StorageError::corrupt("reason of a cancellation", error))?;
            if !tells_of(&library.policy().notices, reason) {
                return Ok(None);
            }
            CallTopic::Cancelled(reason)
        }
    };
    let contact: Contact = contact.parse().map_err(|error| StorageError::corrupt("contact method", error))?;
    let mail = match (given_up, tries, sent_at) {
        (true, ..) => MailFate::Failed { tries: u32::MAX },
        (false, None, _) => MailFate::None,
        (false, Some(_), Some(_)) => MailFate::Sent,
        (false, Some(tries), None) => MailFate::Failed { tries: u32::try_from(tries).unwrap_or(u32::MAX) },
    };
    // What stands ready waits for its reader, so a call is worth while though a mail went to an address that is invalid
    // by now. The rest was said once and for all.
    if source != Source::Ready && contact == Contact::Mail && (went || mail == MailFate::Sent) {
        return Ok(None);
    }
    let Some(reason) = call_reason(contact, has_address, mail, library.policy().daily.mail_tries) else {
        return Ok(None);
    };
    let reason = if source == Source::Vanished { CallReason::Vanished } else { reason };
    let title = shown(&record, &label)?.title;
    Ok(Some(Matter {
        reservation: ReservationId(reservation),
        source,
        patron: PatronId(patron),
        name_kana,
        telephone,
        mailed: given_up || tries.is_some(),
        matter: CallMatter { event: EventId(event), title, topic, reason },
    }))
}
