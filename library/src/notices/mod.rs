//! What patrons are told: written into an outbox with the change it tells of, sent afterwards.

mod mailbox;
mod mailer;
mod outbox;
mod ready;

pub use mailbox::mail_files;
pub use mailer::{Mailer, SmtpSettings};
pub(crate) use ready::tell_ready;
