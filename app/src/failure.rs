//! Why a server function could not answer.

use leptos::server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

/// Why a server function could not answer: a code, never a cause. A person's mistake is not here, it is an answer
/// (`Refusal`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Failure {
    /// Only a patron who is signed in may ask this.
    SignIn,
    /// Only staff who are signed in may ask this.
    StaffOnly,
    /// What was asked for does not exist.
    NotFound,
    /// The request could not be understood.
    BadRequest,
    /// The server could not be reached.
    Offline,
    /// Our failure; the log has the cause.
    Fault,
}

impl FromServerFnError for Failure {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            // An answer that is not ours came from something in between: the server itself was not reached.
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Response(_) | ServerFnErrorErr::Deserialization(_) => {
                Self::Offline
            }
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => Self::BadRequest,
            _ => Self::Fault,
        }
    }
}
