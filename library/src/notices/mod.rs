//! What patrons are told: written into an outbox with the change it tells of, sent afterwards.

mod door;
mod mailbox;
mod mailer;
mod outbox;
mod refused;
mod telephone;
mod tell;
mod withdraw;

pub(crate) use door::{DoorMail, tell_of_door};
pub use mailbox::mail_files;
pub use mailer::{Mailer, SmtpSettings};
pub(crate) use refused::refused_mails;
pub(crate) use telephone::telephone_list;
pub(crate) use tell::{Recipient, ask_about_set, recipient, remind, tell_ready, tell_vanished};
pub(crate) use withdraw::withdraw_mails;
