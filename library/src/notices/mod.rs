//! What patrons are told: written into an outbox with the change it tells of, sent afterwards.

mod dkim;
mod door;
mod mailbox;
mod mailer;
mod outbox;
mod parcel;
mod refused;
mod smtp;
mod telephone;
mod tell;
mod withdraw;

pub use dkim::DkimSettings;
pub(crate) use door::{DoorMail, tell_of_door};
pub use mailbox::mail_files;
pub use mailer::Mailer;
pub(crate) use outbox::backlog;
pub(crate) use refused::refused_mails;
pub use smtp::{Encryption, SmtpSettings};
pub(crate) use telephone::telephone_list;
pub(crate) use tell::{
    Recipient, ask_about_set, recipient, remind, tell, tell_cancelled, tell_ready, tell_vanished, title_of,
};
pub(crate) use withdraw::withdraw_mails;
