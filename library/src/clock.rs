//! Where the library takes the time from.

use chrono::{DateTime, SubsecRound, Utc};
use uuid::{NoContext, Timestamp, Uuid};

/// A clock that can be set, for tests and for the demo's past.
#[derive(Clone, Copy, Debug, Default)]
pub enum Clock {
    /// The machine's.
    #[default]
    System,
    /// Stands still at this moment.
    Fixed(DateTime<Utc>),
}

impl Clock {
    /// The present moment, to the microsecond, which is what both engines keep.
    pub fn now(&self) -> DateTime<Utc> {
        let now = match self {
            Self::System => Utc::now(),
            Self::Fixed(at) => *at,
        };
        now.trunc_subsecs(6)
    }
}

/// A new UUID of version 7 for that moment.
pub(crate) fn new_id(at: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(at.timestamp()).unwrap_or_default();
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, at.timestamp_subsec_nanos()))
}
