//! Taking back what was told by mistake.

use chrono::{DateTime, Utc};
use domain::ReservationId;
use uuid::Uuid;

use crate::storage::{StorageError, Tx, execute, fetch_all};

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
