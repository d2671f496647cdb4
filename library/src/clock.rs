//! Where the library takes the time from.

use std::{path::Path, sync::Arc};

use chrono::{DateTime, SubsecRound, Utc};
use uuid::{ContextV7, NoContext, Timestamp, Uuid};

/// A clock that can be set, for tests and for the demo's past.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's.
    #[default]
    System,
    /// Stands still at this moment.
    Fixed(DateTime<Utc>),
    /// Stands where a file says, in RFC 3339; somebody else writes it. For tests that live through weeks.
    File(Arc<Path>),
}

impl Clock {
    /// The present moment, to the microsecond, which is what both engines keep.
    pub fn now(&self) -> DateTime<Utc> {
        let now = match self {
            Self::System => Utc::now(),
            Self::Fixed(at) => *at,
            Self::File(path) => read(path),
        };
        now.trunc_subsecs(6)
    }
}

/// What the file says; the machine's time while it says nothing that can be read.
fn read(path: &Path) -> DateTime<Utc> {
    let said = std::fs::read_to_string(path).ok();
    said.and_then(|text| DateTime::parse_from_rfc3339(text.trim()).ok()).map_or_else(Utc::now, |at| at.to_utc())
}

/// A new UUID of version 7 for that moment. Not for what is kept beside a patron, or for what a patron's tie to is cut: by the
/// moment in it one could be found from the other.
pub(crate) fn new_id(at: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(at.timestamp()).unwrap_or_default();
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, at.timestamp_subsec_nanos()))
}

/// The same, later than those that were made in this order before, also where the moment is one.
pub(crate) fn new_id_in(order: &ContextV7, at: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(at.timestamp()).unwrap_or_default();
    Uuid::new_v7(Timestamp::from_unix(order, seconds, at.timestamp_subsec_nanos()))
}
