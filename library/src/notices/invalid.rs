//! Addresses that refuse mail (R13): not written to any more until their holder confirms them anew.

use crate::{
    Fault, Library,
    events::{ActorRole, Event, EventKind, record},
    storage::{StorageError, Tx, execute},
};

impl Library {
    /// Makes an address invalid on every card that has it confirmed: a family may share one. Its holders are told on their
    /// next visit. What was still to be sent there is for the desk to tell by telephone (R14), but for links, which prove
    /// the address to be good again.
    ///
    /// # Errors
    /// When the database can't be written.
    pub(crate) async fn address_refused(&self, tx: &mut Tx, address: &str) -> Result<(), Fault> {
        let now = self.now();
        let mut cards = 0;
        for sql in [
            "update patron set mail1_confirmed = false, mail1_refused_at = $2, revision = revision + 1
             where mail1 = $1 and mail1_confirmed",
            "update patron set mail2_confirmed = false, mail2_refused_at = $2, revision = revision + 1
             where mail2 = $1 and mail2_confirmed",
        ] {
            cards += execute!(&mut *tx, sql, address, now)?;
        }
        execute!(
            &mut *tx,
            "update outbox set refused_at = $2
             where recipient = $1 and channel = 'mail' and sent_at is null and refused_at is null and not secret",
            address,
            now
        )?;
        if cards > 0 {
            record(tx, Event::of(EventKind::AddressRefused, ActorRole::System, now)).await?;
        }
        Ok(())
    }
}

/// An address was confirmed: what was sent there before and comes back late is no word against it.
pub(crate) async fn address_proven(tx: &mut Tx, address: &str) -> Result<(), StorageError> {
    execute!(tx, "update sent_mail set address = null where address = $1", address)?;
    Ok(())
}
