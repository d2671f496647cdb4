//! How much the server takes on at once, and what its operator sees of it.

use std::num::{NonZeroU32, NonZeroUsize};

use serde::Deserialize;

/// How much is worked on at once. What comes on top waits in a queue, and what finds that full is told to come again.
///
/// Requests that only read and requests that may change something have places and queues of their own, so that a rush
/// of either leaves the other as it is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadSettings {
    /// Requests worked on at once: those that only read, and as many scans at the desk.
    pub at_once: NonZeroUsize,
    /// Requests worked on at once that may change something else. Most of them wait, for the database or for each other.
    pub changing_at_once: NonZeroUsize,
    /// Most requests that wait and only read.
    pub reading_queue: usize,
    /// Most requests that wait and may change something.
    pub changing_queue: usize,
}

/// How fast the catalogue may be asked, by address (of IPv6 by network). Half a minute's requests may come at once.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaceSettings {
    /// By programs that say they are programs.
    pub bot_per_minute: NonZeroU32,
    /// By all others there together.
    pub address_per_minute: NonZeroU32,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// A JSON object in each line, for programs.
    Json,
}

/// Where traces go.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TraceSettings {
    /// The collector's address for traces, as OTLP over HTTP has it.
    pub endpoint: String,
    /// Of how many requests a trace is kept; 1 is each.
    #[serde(default = "each")]
    pub share: f64,
}

impl TraceSettings {
    /// Checks what the types can't.
    pub(super) fn check(&self) -> Result<(), (&'static str, String)> {
        let host = |scheme| self.endpoint.strip_prefix(scheme).is_some_and(|rest: &str| !rest.is_empty());
        if !host("http://") && !host("https://") {
            return Err(("endpoint", format!("`{}` must begin with http:// or https://", self.endpoint)));
        }
        if !(0.0..=1.0).contains(&self.share) {
            return Err(("share", format!("{} is no share; write a number from 0 to 1", self.share)));
        }
        Ok(())
    }
}

fn each() -> f64 {
    1.0
}
