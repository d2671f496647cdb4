//! What patrons are told: written into an outbox with the change it tells of, sent afterwards.

mod bounces;
mod dkim;
mod door;
mod invalid;
mod mailbox;
mod mailer;
mod outbox;
mod parcel;
mod refused;
mod smtp;
mod telephone;
mod tell;
mod withdraw;

pub use bounces::{Bounce, BounceAnswer, Bounced, read_bounce};
pub use dkim::DkimSettings;
pub(crate) use door::{DoorMail, tell_of_door};
pub(crate) use invalid::address_proven;
pub use mailbox::mail_files;
pub use mailer::Mailer;
pub use outbox::Backlog;
pub(crate) use refused::refused_mails;
pub use smtp::{Encryption, SmtpSettings};
pub(crate) use telephone::telephone_list;
pub(crate) use tell::{
    Recipient, ask_about_set, recipient, remind, tell, tell_cancelled, tell_ready, tell_vanished, title_of,
};
pub(crate) use withdraw::withdraw_mails;
