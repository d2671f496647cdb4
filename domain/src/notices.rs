//! What patrons are told.

mod bounce;
mod telephone;

use serde::{Deserialize, Serialize};

pub use bounce::{BounceVerdict, MailAction, MailReport, MailStatus, bounce_verdict};
pub use telephone::{
    Call, CallMatter, CallReason, CallResult, CallStanding, CallTry, MailFate, TelephoneList, call_reason,
    call_standing,
};

/// A mail as a person reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailView {
    /// To whom.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// Text.
    pub body: String,
}
