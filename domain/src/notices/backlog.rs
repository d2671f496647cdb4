//! Whether notices go out at all.

use serde::{Deserialize, Serialize};

/// From how many minutes on what is due counts as stuck.
const STUCK_MINUTES: u32 = 60;

/// What waits to be sent though its time has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backlog {
    /// How many notices.
    pub waiting: u32,
    /// For how long the oldest has been due, in minutes; 0 when none waits.
    pub oldest_minutes: u32,
}

impl Backlog {
    /// Whether somebody has to look after it: the oldest has been due for more than an hour.
    pub const fn is_stuck(self) -> bool {
        self.oldest_minutes > STUCK_MINUTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_for_more_than_an_hour_is_stuck() {
        let stuck = |oldest_minutes| Backlog { waiting: 1, oldest_minutes }.is_stuck();
        assert_eq!([0, 60, 61].map(stuck), [false, false, true]);
    }
}
