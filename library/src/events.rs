//! The event log: every change writes one row, in the transaction of the change.

use chrono::{DateTime, Utc};
use domain::{BibId, EventId, LoanId, ReservationId};

use crate::{
    clock::new_id,
    storage::{StorageError, Tx, execute},
};

/// Who made a change, without saying which person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ActorRole {
    Patron,
    Staff,
}

impl ActorRole {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Patron => "patron",
            Self::Staff => "staff",
        }
    }
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventKind {
    Reserved,
    InTransit,
    Ready,
    Fulfilled,
    CheckedOut,
    CheckedIn,
}

impl EventKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::InTransit => "in-transit",
            Self::Ready => "ready",
            Self::Fulfilled => "fulfilled",
            Self::CheckedOut => "checked-out",
            Self::CheckedIn => "checked-in",
        }
    }
}

/// A row of the log. It names neither patron nor item: that tie lives in the reservation and the loan, where it can
/// be cut.
pub(crate) struct Event {
    pub(crate) at: DateTime<Utc>,
    pub(crate) kind: EventKind,
    pub(crate) actor: ActorRole,
    pub(crate) bib: BibId,
    pub(crate) reservation: Option<ReservationId>,
    pub(crate) loan: Option<LoanId>,
}

/// Writes a row of the log.
pub(crate) async fn record(tx: &mut Tx, event: Event) -> Result<EventId, StorageError> {
    let id = new_id(event.at);
    execute!(
        tx,
        "insert into event (id, at, kind, reservation_id, loan_id, bib_id, actor_role, data)
         values ($1, $2, $3, $4, $5, $6, $7, '{}')",
        id,
        event.at,
        event.kind.as_str(),
        event.reservation.map(|id| id.0),
        event.loan.map(|id| id.0),
        event.bib.0,
        event.actor.as_str(),
    )?;
    Ok(EventId(id))
}
