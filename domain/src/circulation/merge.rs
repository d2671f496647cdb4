//! Joining the queues of two records of one title.

use super::{QueueKey, ReservationState};

/// One of two active reservations a patron has of one title once its records are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tie {
    /// Its place in the queue.
    pub key: QueueKey,
    /// Where it stands.
    pub state: ReservationState,
}

/// Which of the two is cancelled: the captured one stays, else the earlier.
pub fn who_goes(one: Tie, other: Tie) -> Tie {
    let rank = |tie: &Tie| (!tie.state.is_captured(), tie.key);
    if rank(&one) < rank(&other) { other } else { one }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use uuid::Uuid;

    use super::*;
    use crate::ReservationId;

    #[test]
    fn the_captured_one_stays_else_the_earlier() {
        use ReservationState::{Assigned, InTransit, Ready, Waiting};
        let tie = |minute, state| Tie {
            key: QueueKey {
                placed_at: DateTime::UNIX_EPOCH + TimeDelta::minutes(minute),
                id: ReservationId(Uuid::from_u128(1)),
            },
            state,
        };
        for (one, other, goes) in [
            (tie(1, Waiting), tie(2, Waiting), 2),
            (tie(1, Waiting), tie(2, Ready), 1),
            (tie(1, Assigned), tie(2, InTransit), 1),
            (tie(1, InTransit), tie(2, Ready), 2),
        ] {
            let expected = DateTime::UNIX_EPOCH + TimeDelta::minutes(goes);
            assert_eq!(who_goes(one, other).key.placed_at, expected);
            assert_eq!(who_goes(other, one).key.placed_at, expected);
        }
    }
}
