//! How much the server takes on at once, and what its operator sees of it.

use std::num::NonZeroUsize;

use serde::Deserialize;

/// How much is worked on at once. What comes on top waits in a queue, and what finds that full is told to come again.
///
/// Requests that only read and requests that may change something have places and queues of their own, so that a rush
/// of either leaves the other as it is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadSettings {
    /// Requests worked on at once, of each kind.
    pub at_once: NonZeroUsize,
    /// Most requests that wait and only read.
    pub reading_queue: usize,
    /// Most requests that wait and may change something.
    pub changing_queue: usize,
}
