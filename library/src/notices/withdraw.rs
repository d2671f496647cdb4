//! Taking back what was told by mistake, and knowing whether anything was told.

use chrono::{DateTime, Utc};
use domain::{ReservationId, notices::CallResult, patrons::Contact};
use uuid::Uuid;

use crate::storage::{StorageError, Tx, execute, fetch_all, fetch_optional};

/// Withdraws the mails that tell of a step a reservation took at that moment. Answers whether one of them may have been
/// sent: a mail that was tried once may have arrived whatever the mail server answered, so it is not tried again either.
pub(crate) async fn withdraw_mails(
    tx: &mut Tx,
    reservation: ReservationId,
    at: DateTime<Utc>,
) -> Result<bool, StorageError> {
    let mails = fetch_all!(
        &mut *tx,
        (Uuid,),
        "select o.id from event e join outbox o on o.event_id = e.id where e.at = $1 and e.reservation_id = $2",
        at,
        reservation.0
    )?;
    let mut may_be_sent = false;
    for (mail,) in mails {
        // Whoever is about to send it takes it by a try; either they or we find it changed.
        if execute!(&mut *tx, "delete from outbox where id = $1 and tries = 0", mail)? == 0 {
            execute!(&mut *tx, "delete from outbox where id = $1", mail)?;
            may_be_sent = true;
        }
    }
    Ok(may_be_sent)
}

/// Whether a patron may know that a copy stands ready since that moment: by telephone, by a mail that went or was tried, or on
/// a device. Who knows nothing is not told either that it vanished. What still waits to be sent is left where it is: it is
/// taken out when its turn comes, being true no more, unless the step is undone.
pub(crate) async fn may_know_of_ready(
    tx: &mut Tx,
    reservation: ReservationId,
    since: DateTime<Utc>,
) -> Result<bool, StorageError> {
    let of_event = fetch_optional!(
        &mut *tx,
        (Uuid, String, Option<Uuid>),
        "select e.id, r.contact, (select d.id from push_device d where d.patron_id = r.patron_id limit 1)
         from event e join reservation r on r.id = e.reservation_id
         where e.at = $1 and e.reservation_id = $2 and e.kind = 'ready'",
        since,
        reservation.0
    )?;
    let Some((event, contact, device)) = of_event else { return Ok(true) };
    // Whoever is about to send one takes it by a try, and waits here for what we find; or we for what it does.
    for channel in ["mail", "push"] {
        execute!(
            &mut *tx,
            "update outbox set made_at = made_at where event_id = $1 and channel = $2 and sent_at is null",
            event,
            channel
        )?;
    }
    let notices = fetch_all!(
        &mut *tx,
        (String, i64, Option<DateTime<Utc>>, bool),
        "select channel, tries, sent_at, refused_at is not null from outbox where event_id = $1",
        event
    )?;
    let tries = fetch_all!(
        &mut *tx,
        (String, String),
        "select channel, result from notice_try where event_id = $1 order by at, op",
        event
    )?;
    let waits =
        |channel: &str| notices.iter().any(|(of, tries, sent, _)| of == channel && *tries == 0 && sent.is_none());
    let was_called = tries.iter().any(|(channel, result)| {
        channel == "telephone" && (result == CallResult::Called.as_str() || result == CallResult::LeftWord.as_str())
    });
    let refused = notices.iter().any(|(of, _, _, refused)| of == "mail" && *refused)
        || tries.iter().any(|(channel, _)| channel == "mail");
    // One that is not there any more was delivered and is forgotten.
    let was_mailed = contact == Contact::Mail.as_str() && !refused && !waits("mail");
    Ok(was_called || was_mailed || (device.is_some() && !waits("push")))
}

/// Whether the mail that told of a ready copy since that moment was taken out before it went, because the copy was not ready
/// for a while.
pub(crate) async fn ready_mail_was_dropped(
    tx: &mut Tx,
    reservation: ReservationId,
    since: DateTime<Utc>,
) -> Result<bool, StorageError> {
    let dropped = fetch_optional!(
        tx,
        (Uuid,),
        "select e.id from event e where e.at = $1 and e.reservation_id = $2 and e.kind = 'ready'
             and not exists (select 1 from outbox o where o.event_id = e.id and o.channel = 'mail')
             and not exists (select 1 from sent_mail m where m.event_id = e.id)
             and not exists (select 1 from notice_try t where t.event_id = e.id)",
        since,
        reservation.0
    )?;
    Ok(dropped.is_some())
}
