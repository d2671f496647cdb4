//! Copies set aside because they are damaged.

use domain::circulation::{Refusal, WriteOff};

use crate::{
    Fault, Library,
    events::{ActorRole, Event, EventKind, record},
    storage::{execute, in_write},
};

impl Library {
    /// Sets a copy aside for repair and notes what is damaged. It counts as missing, so nobody waits for it in vain and
    /// whoever it was for keeps their place, until it is scanned at a desk again.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn note_damage(&self, barcode: &str, what: &str) -> Result<Result<(), Refusal>, Fault> {
        let barcode = domain::circulation::barcode(barcode);
        let done = in_write!(self.database(), |tx| async {
            if let Err(refusal) = self.write_off_in(tx, &barcode, WriteOff::Missing, ActorRole::Staff).await? {
                return Ok::<_, Fault>(Err(refusal));
            }
            let now = self.now();
            execute!(
                &mut *tx,
                "insert into item_damage (item_id, noted_at, note)
                 select id, $2, $3 from item where barcode = $1
                 on conflict (item_id) do update set noted_at = excluded.noted_at, note = excluded.note",
                &barcode,
                now,
                what.trim()
            )?;
            record(tx, Event::of(EventKind::ItemDamaged, ActorRole::Staff, now)).await?;
            Ok(Ok(()))
        }
        .await);
        self.outbox_bell().notify_one();
        done
    }
}
