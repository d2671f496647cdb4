//! Reservations, their queue, ordered sets, loans, and what happens to a copy when it is scanned.

mod change;
mod check_in;
mod check_out;
mod counter;
mod deadlines;
mod desk_lists;
mod estimate;
mod late;
mod life;
mod live;
mod merge;
mod ordered_set;
mod queue;
mod refusal;
mod renew;
mod request;
mod reserve;
mod undo;
mod view;

pub use change::{Permissions, Standing, permissions};
pub use check_in::{CheckInDecision, HeldFor, ScannedItem, barcode, decide_check_in};
pub use check_out::{CheckOutFacts, HeldBy, check_out_refusal};
pub use counter::{
    AtCounter, CounterAnswer, CounterScan, LoanAtCounter, ReadAs, Reading, ReadyAtCounter, Said, Turn, reading,
};
pub use deadlines::{days_after, due_on, extended_hold, has_run_out, hold_until};
pub use desk_lists::{
    ClearCopy, Decisions, DeskCounts, DeskList, DeskRoom, DoubtfulQueue, HeldCopy, HoldShelf, Letter, LetterLine,
    MissingCopy, PullLine, RefusedMail, SaidReturned, Transit, TransitLine, hold_shelf_order, slip_label,
};
pub use estimate::{CopyOutlook, WaitEstimate, estimate_wait};
pub use late::{
    LateLoan, LateLoanFacts, LateScan, LateTrouble, Played, Settle, counts_at, late_loan, looks_like_card, scanned_at,
    shape,
};
pub use life::{Step, may_follow};
pub use live::{Change, alike, changes};
pub use merge::{Tie, who_goes};
pub use ordered_set::{OwnReservation, arrange_set};
pub use queue::{QueueEntry, QueueKey, SetMember, SetPlace, capture_for, is_dormant, position};
pub use refusal::Refusal;
pub use renew::{RenewalFacts, decide_renewal};
pub use request::{BorrowedCopy, BorrowedView, RequestStep, RequestView, TitleRequest, may_advance};
pub use reserve::{
    CartLineFacts, PartFacts, PatronFacts, ReserveAnswer, ReserveRequest, ReservedTitle, decide_cart, request_refusal,
    title_refusal,
};
pub use undo::{ScanKind, UndoFacts, Undone, undo_refusal, way_back};
pub use view::{
    CancelledView, CheckIn, CheckedOut, InSet, Instruction, LoanView, PatronAction, PatronAnswer, ReservationView,
    Slip, Status, WithoutCopies,
};

use serde::{Deserialize, Serialize};

use crate::words::words;

words! {
    /// Where a reservation stands, as stored. A dormant or paused member of an ordered set is stored as waiting or
    /// assigned; that it sleeps follows from the other members and the set, see [`QueueEntry::is_awake`].
    ReservationState, "reservation state" {
        /// In the queue.
        Waiting = "waiting",
        /// In the queue, and a copy on a shelf was picked for it (pull list).
        Assigned = "assigned",
        /// A copy was captured and travels to the pickup place.
        InTransit = "in-transit",
        /// A copy stands on the hold shelf of the pickup place.
        Ready = "ready",
        /// The library does not own the title yet; staff see to it.
        NotOwned = "not-owned",
        /// The patron has borrowed a copy.
        Lent = "lent",
        /// Cancelled; the reason stands beside it.
        Cancelled = "cancelled",
    }
}

impl ReservationState {
    /// Whether it still counts: against limits, and against a second reservation of the same title.
    pub const fn is_active(self) -> bool {
        !matches!(self, Self::Lent | Self::Cancelled)
    }

    /// Whether a copy was captured for it.
    pub const fn is_captured(self) -> bool {
        matches!(self, Self::InTransit | Self::Ready)
    }
}

words! {
    /// Why a reservation was cancelled (R22).
    CancelReason, "reason of cancellation" {
        /// The patron did.
        Patron = "patron",
        /// Staff did, for the patron.
        Staff = "staff",
        /// It was not picked up in time (R15).
        Expired = "expired",
        /// The patron was asked how the ordered set goes on and did not answer.
        Unanswered = "unanswered",
        /// The library can't get the title (お断り).
        Declined = "declined",
        /// The last copy that could be lent is gone.
        Withdrawn = "withdrawn",
        /// Two records of one title were joined, and the patron had reserved both.
        Merged = "merged",
    }
}

words! {
    /// What becomes of a copy that is not where it should be, or not to be lent any more.
    WriteOff, "fate of a copy" {
        /// Not found where it should be.
        Missing = "missing",
        /// Given up.
        Lost = "lost",
        /// Taken out of the stock.
        Withdrawn = "withdrawn",
    }
}

impl WriteOff {
    /// The state the copy has then.
    pub const fn item_state(self) -> ItemState {
        match self {
            Self::Missing => ItemState::Missing,
            Self::Lost => ItemState::Lost,
            Self::Withdrawn => ItemState::Withdrawn,
        }
    }
}

/// Who acts, and with what authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum By {
    /// The patron.
    Patron,
    /// Staff, for the patron.
    Staff,
    /// Staff, past what [`Refusal::may_be_overruled`] names, for this reason, which is logged.
    Overrule(String),
}

impl By {
    /// The refusal, unless it may be overruled and is.
    pub fn settle(&self, refusal: Option<Refusal>) -> Option<Refusal> {
        refusal.filter(|refusal| !(matches!(self, Self::Overrule(_)) && refusal.may_be_overruled()))
    }

    /// Why staff overruled, when they did.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Overrule(reason) => Some(reason),
            Self::Patron | Self::Staff => None,
        }
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
