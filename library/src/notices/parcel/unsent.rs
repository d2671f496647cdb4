//! What is not sent after all.

use chrono::{DateTime, Utc};
use domain::notices::NoticeKind;
use uuid::Uuid;

use super::rows::Notice;
use crate::storage::{StorageError, Told, Tx, execute, fetch_optional};

/// Leaves to the desk what can't be mailed because there is no address: it stands on the list of mails that were refused,
/// and, where somebody has to be called about it, on the telephone list, also when an address is confirmed afterwards. A copy
/// that is ready is on that list already, so of it only that is noted.
pub(super) async fn give_up(tx: &mut Tx, of: &[Notice], now: DateTime<Utc>) -> Result<(), StorageError> {
    tx.tell([Told::Staff]);
    for notice in of {
        if notice.kind != Some(NoticeKind::Ready) {
            execute!(&mut *tx, "update outbox set refused_at = $2 where id = $1 and sent_at is null", notice.id, now)?;
            continue;
        }
        execute!(
            &mut *tx,
            "insert into notice_try (event_id, channel, op, reservation_id, at, result)
             select e.id, 'mail', o.id, e.reservation_id, $2, 'given-up' from outbox o join event e on e.id = o.event_id
             where o.id = $1 and e.reservation_id is not null on conflict (event_id, channel, op) do nothing",
            notice.id,
            now
        )?;
        drop_notices(tx, &[notice.id]).await?;
    }
    Ok(())
}

/// Whether somebody told the patron by telephone what a notice tells.
pub(super) async fn was_called(tx: &mut Tx, notice: Uuid) -> Result<bool, StorageError> {
    let called = fetch_optional!(
        tx,
        (Uuid,),
        "select t.event_id from outbox o join notice_try t on t.event_id = o.event_id
         where o.id = $1 and t.channel = 'telephone' and t.result = 'called' limit 1",
        notice
    )?;
    Ok(called.is_some())
}

/// Takes notices out that are not to be sent any more.
pub(super) async fn drop_notices(tx: &mut Tx, ids: &[Uuid]) -> Result<(), StorageError> {
    for id in ids {
        execute!(&mut *tx, "delete from outbox where id = $1 and sent_at is null", id)?;
        tracing::info!(notice = %id, "not sent: it is not true any more, or there is no address");
    }
    Ok(())
}
