//! Reservations, their queue, ordered sets, and what happens to a copy when it is scanned.

mod check_in;
mod check_out;
mod queue;
mod refusal;
mod reserve;
mod view;

pub use check_in::{CheckInDecision, HeldFor, ScannedItem, barcode, decide_check_in, hold_until};
pub use check_out::{CheckOutFacts, HeldBy, check_out_refusal};
pub use queue::{QueueEntry, QueueKey, SetMember, first_to_serve, is_dormant, position};
pub use refusal::Refusal;
pub use reserve::{
    CartLineFacts, PartFacts, PatronFacts, ReserveAnswer, ReserveRequest, ReservedTitle, decide_cart, request_refusal,
    title_refusal,
};
pub use view::{CheckIn, Instruction, ReservationView, Slip, Status};

use crate::words::words;

words! {
    /// Where a reservation stands, as stored. A dormant member of an ordered set is stored as waiting;
    /// that it is dormant follows from the other members, see [`is_dormant`].
    ReservationState, "reservation state" {
        /// In the queue.
        Waiting = "waiting",
        /// A copy was captured and travels to the pickup place.
        InTransit = "in-transit",
        /// A copy stands on the hold shelf of the pickup place.
        Ready = "ready",
        /// The patron has borrowed a copy.
        Lent = "lent",
        /// Cancelled; the reason stands beside it.
        Cancelled = "cancelled",
    }
}

impl ReservationState {
    /// Whether it still counts: against limits, and against a second reservation of the same title.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Waiting | Self::InTransit | Self::Ready)
    }
}

words! {
    /// Where a copy is and what it is doing.
    ItemState, "item state" {
        /// On the shelf of its branch.
        OnShelf = "on-shelf",
        /// Lent to a patron.
        OnLoan = "on-loan",
        /// Captured and on its way to a pickup place.
        InTransit = "in-transit",
        /// On the hold shelf of a pickup place.
        OnHoldShelf = "on-hold-shelf",
        /// On its way back to its branch.
        GoingHome = "going-home",
        /// Ordered, not there yet.
        OnOrder = "on-order",
        /// Not found where it should be.
        Missing = "missing",
        /// Given up.
        Lost = "lost",
        /// No longer part of the stock.
        Withdrawn = "withdrawn",
    }
}

impl ItemState {
    /// Whether the copy lives or is on order, so that a reservation may count on it (R18).
    pub const fn is_alive(self) -> bool {
        !matches!(self, Self::Missing | Self::Lost | Self::Withdrawn)
    }
}
