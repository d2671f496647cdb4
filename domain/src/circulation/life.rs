//! The life of a reservation: every change of state there is. The diagram in ARCHITECTURE.md is checked against it.

use super::ReservationState;
use crate::words::words;

words! {
    /// What moves a reservation from one state to another. Each step writes one event of this name.
    Step, "step" {
        /// Made.
        Reserved = "reserved",
        /// Entered by staff for a title the library does not own.
        Requested = "requested",
        /// The title that was not owned can be lent now; the time of reservation stays.
        Arrived = "arrived",
        /// A copy on a shelf was picked for it.
        Assigned = "assigned",
        /// Its copy was not there, was lent to another, lost, or went to somebody earlier.
        BackInQueue = "back-in-queue",
        /// A copy was captured and leaves for the pickup place.
        InTransit = "in-transit",
        /// A copy was captured or arrived, and stands ready.
        Ready = "ready",
        /// The patron has borrowed a copy.
        Fulfilled = "fulfilled",
        /// The loan that fulfilled it was a slip of the desk and was undone.
        Undone = "undone",
        /// Cancelled.
        Cancelled = "cancelled",
    }
}

impl Step {
    /// The state it leads to.
    pub const fn leads_to(self) -> ReservationState {
        match self {
            Self::Reserved | Self::Arrived | Self::BackInQueue | Self::Undone => ReservationState::Waiting,
            Self::Requested => ReservationState::NotOwned,
            Self::Assigned => ReservationState::Assigned,
            Self::InTransit => ReservationState::InTransit,
            Self::Ready => ReservationState::Ready,
            Self::Fulfilled => ReservationState::Lent,
            Self::Cancelled => ReservationState::Cancelled,
        }
    }

    /// The states it may be taken from; none for the two that begin a life.
    pub const fn taken_from(self) -> &'static [ReservationState] {
        use ReservationState::{Assigned, InTransit, Lent, NotOwned, Ready, Waiting};
        match self {
            Self::Reserved | Self::Requested => &[],
            Self::Arrived => &[NotOwned],
            Self::Assigned => &[Waiting, NotOwned],
            Self::BackInQueue => &[Assigned, InTransit, Ready],
            Self::InTransit => &[Waiting, Assigned, Ready],
            Self::Ready => &[Waiting, Assigned, InTransit],
            Self::Undone => &[Lent],
            Self::Fulfilled | Self::Cancelled => &[Waiting, Assigned, InTransit, Ready, NotOwned],
        }
    }
}

/// Whether a step may be taken from a state; `None` is before the reservation was made.
pub fn may_follow(state: Option<ReservationState>, step: Step) -> bool {
    match state {
        None => step.taken_from().is_empty(),
        Some(state) => step.taken_from().contains(&state),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn what_is_over_stays_over_unless_a_loan_is_undone() {
        for state in ReservationState::ALL.iter().filter(|state| !state.is_active()) {
            for step in Step::ALL.iter().filter(|step| **step != Step::Undone || *state == ReservationState::Cancelled)
            {
                assert!(!may_follow(Some(*state), *step), "{state} {step}");
            }
        }
    }

    #[test]
    fn from_every_active_state_it_can_end_and_every_state_is_reached() {
        for state in ReservationState::ALL.iter().filter(|state| state.is_active()) {
            assert!(may_follow(Some(*state), Step::Cancelled) && may_follow(Some(*state), Step::Fulfilled), "{state}");
        }
        let reached: BTreeSet<_> = Step::ALL.iter().map(|step| step.leads_to()).collect();
        assert_eq!(reached.len(), ReservationState::ALL.len());
    }

    /// The table in ARCHITECTURE.md has a line per step: `| step | from | to |`.
    #[test]
    fn the_table_in_architecture_is_this_one() {
        let page = include_str!("../../../ARCHITECTURE.md");
        for step in Step::ALL {
            let from: Vec<_> = step.taken_from().iter().map(|state| state.as_str()).collect();
            let from = if from.is_empty() { "—".to_owned() } else { from.join(", ") };
            let line = format!("| {step} | {from} | {} |", step.leads_to());
            assert!(page.lines().any(|written| written.starts_with(&line)), "ARCHITECTURE.md lacks the line {line}");
        }
    }
}
