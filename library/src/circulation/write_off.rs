//! Copies that are missing, lost or withdrawn.

use domain::circulation::{ItemState, Refusal, ReservationState, Step, WriteOff};

use super::{
    check_in::stepping,
    items::{lock_item, move_item},
    step::Into,
};
use crate::{
    Fault, Library,
    catalog::touch_bib,
    events::{ActorRole, Event, EventKind, record},
    notices::{may_know_of_ready, recipient, tell_vanished},
    storage::{Tx, Writes, execute, in_write},
};

impl Library {
    /// Notes that a copy is missing, lost or withdrawn. Whoever it was picked or captured for keeps their place in the
    /// queue; a patron who was told that it is ready is told that it is not. A lost copy ends its loan.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn write_off(&self, barcode: &str, fate: WriteOff) -> Result<Result<(), Refusal>, Fault> {
        let barcode = domain::circulation::barcode(barcode);
        let done = in_write!(self.database(), |tx| self.write_off_in(tx, &barcode, fate, ActorRole::Staff).await);
        self.outbox_bell().notify_one();
        done
    }

    pub(super) async fn write_off_in(
        &self,
        tx: &mut Tx,
        barcode: &str,
        fate: WriteOff,
        actor: ActorRole,
    ) -> Result<Result<(), Refusal>, Fault> {
        let Some(item) = lock_item(tx, barcode, self.today()).await? else { return Ok(Err(Refusal::UnknownBarcode)) };
        let state = fate.item_state();
        match item.scanned.state {
            // Said before: nothing more happens.
            present if present == state => return Ok(Ok(())),
            ItemState::Withdrawn => return Ok(Err(Refusal::ItemWithdrawn)),
            ItemState::OnLoan if fate != WriteOff::Lost => return Ok(Err(Refusal::ItemOnLoan)),
            _ => {}
        }
        let mut writes = Writes::default();
        self.end_loan(&mut writes, &item, self.now());
        if let Some(held) = &item.scanned.held_for {
            let of = stepping(&item, held.id, held.state);
            let knows = match item.held.filter(|held| held.state == ReservationState::Ready) {
                Some(ready) => may_know_of_ready(tx, ready.id, ready.since).await?,
                None => false,
            };
            let back = Into::Waiting(Step::BackInQueue, Some(fate.as_str()));
            let (event, _) = self.add_step(&mut writes, of, back)?;
            if knows {
                let patron = recipient(tx, held.id).await?;
                tell_vanished(self, &mut writes, event, (held.id, &patron), &item.title)?;
            }
        }
        // Why it was set aside before says nothing of where it is now.
        execute!(&mut *tx, "delete from item_damage where item_id = $1", item.id.0)?;
        move_item(&mut writes, &item, state, &item.place);
        writes.send(tx).await?;
        if fate == WriteOff::Missing {
            execute!(&mut *tx, "update item set missing_since = $2 where id = $1", item.id.0, self.today())?;
        }
        touch_bib(tx, item.bib, self.now()).await?;
        let kind = match fate {
            WriteOff::Missing => EventKind::ItemMissing,
            WriteOff::Lost => EventKind::ItemLost,
            WriteOff::Withdrawn => EventKind::ItemWithdrawn,
        };
        record(tx, Event { bib: Some(item.bib), ..Event::of(kind, actor, self.now()) }).await?;
        Ok(Ok(()))
    }
}
