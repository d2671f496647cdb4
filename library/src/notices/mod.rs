//! What patrons are told: written into an outbox with the change it tells of, sent afterwards.

mod bounces;
mod channel;
mod dkim;
mod door;
mod http;
mod invalid;
mod mailbox;
mod mailer;
mod outbox;
mod parcel;
mod push;
mod refused;
mod smtp;
mod telephone;
mod tell;
mod webhook;
mod withdraw;

pub use bounces::{Bounce, BounceAnswer, Bounced, ImapSettings, read_bounce};
pub use channel::Carrier;
pub use dkim::DkimSettings;
pub(crate) use door::{DoorMail, tell_of_door};
pub(crate) use invalid::address_proven;
pub use mailbox::mail_files;
pub use mailer::{Mailer, Undelivered};
pub(crate) use outbox::backlog;
pub use parcel::Parcel;
pub use push::{OwnDevice, PushKey, PushSettings, Pusher};
pub(crate) use push::{forget_devices, own_devices};
pub(crate) use refused::refused_mails;
pub use smtp::{Encryption, SmtpSettings};
pub(crate) use telephone::telephone_list;
pub(crate) use tell::{
    Recipient, ask_about_set, recipient, remind, tell, tell_cancelled, tell_ready, tell_vanished, title_of,
};
pub use webhook::{Webhook, WebhookSettings};
pub(crate) use withdraw::{may_know_of_ready, ready_mail_was_dropped, withdraw_mails};
