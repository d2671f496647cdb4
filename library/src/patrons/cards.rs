//! Cards that may not be used for a while, or any more.

use domain::{
    PatronId,
    patrons::{CardState, Deed},
};

use crate::{
    Fault, Library,
    events::{ActorRole, Event, EventKind, record},
    storage::{Told, Tx, execute, in_write},
};

impl Library {
    /// Suspends a card, lets it expire, or makes it usable again. What the patron has waiting keeps its place and is
    /// passed over while the card is barred; what is ready runs out.
    ///
    /// # Errors
    /// When the database can't be written, or there is no such patron.
    pub async fn set_card_state(&self, patron: PatronId, state: CardState) -> Result<(), Fault> {
        in_write!(self.database(), |tx| self.set_card_state_in(tx, patron, state).await)
    }

    async fn set_card_state_in(&self, tx: &mut Tx, patron: PatronId, state: CardState) -> Result<(), Fault> {
        let changed = execute!(
            &mut *tx,
            "update patron set card_state = $2, revision = revision + 1 where id = $1",
            patron.0,
            state.as_str()
        )?;
        if changed == 0 {
            return Err(Fault::AccountGone);
        }
        tx.tell([Told::Patron(patron)]);
        let event = Event::of(EventKind::CardChanged, ActorRole::Staff, self.now());
        record(tx, Event { note: Some(state.as_str()), ..event }).await?;
        let deed = match state {
            CardState::Active => Deed::CardActivated,
            CardState::Suspended => Deed::CardSuspended,
            CardState::Expired => Deed::CardExpired,
        };
        self.audit(tx, deed, Some(patron), None).await?;
        Ok(())
    }
}
