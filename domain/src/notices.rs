//! What patrons are told.

mod backlog;
mod bounce;
mod device;
mod kind;
mod letter;
mod telephone;
mod template;
mod truth;
#[cfg(feature = "texts")]
mod written;

use serde::{Deserialize, Serialize};

pub use backlog::Backlog;
pub use bounce::{BounceVerdict, MailAction, MailReport, MailStatus, bounce_verdict, refuses_address};
pub use device::{DeviceRefusal, DeviceView, Devices, MOST_DEVICES};
pub use kind::{About, Channel, NoticeKind};
pub use letter::{Letter, Value};
pub use telephone::{
    CANCELLED_CALL_DAYS, Call, CallMatter, CallReason, CallResult, CallStanding, CallTopic, CallTry, MailFate,
    TelephoneList, call_reason, call_standing,
};
pub use template::{Template, TemplateError, TemplateFault, Templates};
pub use truth::{Standing, is_still_true, tells_of};
#[cfg(feature = "texts")]
pub use written::{built_in, example, written};

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
