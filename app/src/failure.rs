//! Why a server function could not answer.

use std::{convert::Infallible, error::Error, fmt, str::FromStr};

use leptos::server_fn::{
    Bytes, ContentType, Decodes, Encodes, Format, FormatType,
    error::{FromServerFnError, ServerFnErrorErr},
};

/// Why a server function could not answer: a code, never a cause. A person's mistake is not here, it is an answer
/// (`Refusal`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

impl Failure {
    const ALL: [Self; 6] =
        [Self::SignIn, Self::StaffOnly, Self::NotFound, Self::BadRequest, Self::Offline, Self::Fault];

    /// How it is written.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::StaffOnly => "staff-only",
            Self::NotFound => "not-found",
            Self::BadRequest => "bad-request",
            Self::Offline => "offline",
            Self::Fault => "fault",
        }
    }
}

/// What is none of the codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoCode;

impl fmt::Display for NoCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no code of a failure")
    }
}

impl Error for NoCode {}

impl FromStr for Failure {
    type Err = NoCode;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|failure| failure.code() == code).ok_or(NoCode)
    }
}

/// A failure as its code.
pub struct CodeText;

impl ContentType for CodeText {
    const CONTENT_TYPE: &'static str = "text/plain; charset=utf-8";
}

impl FormatType for CodeText {
    const FORMAT_TYPE: Format = Format::Text;
}

impl Encodes<Failure> for CodeText {
    type Error = Infallible;

    fn encode(failure: &Failure) -> Result<Bytes, Self::Error> {
        Ok(Bytes::from_static(failure.code().as_bytes()))
    }
}

impl Decodes<Failure> for CodeText {
    type Error = NoCode;

    fn decode(code: Bytes) -> Result<Failure, Self::Error> {
        str::from_utf8(&code).map_err(|_| NoCode)?.parse()
    }
}

impl FromServerFnError for Failure {
    type Encoder = CodeText;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_comes_back_and_what_came_from_something_in_between_is_no_line() {
        for failure in Failure::ALL {
            assert_eq!(Failure::de(failure.ser()), failure);
        }
        assert_eq!(Failure::de(Bytes::from_static(b"<html>")), Failure::Offline);
    }
}
