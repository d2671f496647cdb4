//! What patrons are told about their passwords and addresses (R3, R4, R6).

use domain::messages::{Key, Language, Messages};

use super::tell::{Letter, put_letter};
use crate::{
    Library,
    events::{ActorRole, Event, EventKind, add_event},
    storage::{StorageError, Tx, Writes},
};

/// What is told.
#[derive(Clone, Copy, Debug)]
pub(crate) enum DoorMail<'a> {
    /// The link to a page on which a password is chosen.
    PasswordLink(&'a str),
    /// The link to a page on which the address is confirmed.
    AddressLink(&'a str),
    /// There is a new password; whether there are passkeys, which go on.
    PasswordChanged {
        /// Whether there are.
        passkeys: bool,
    },
    /// There is a new passkey.
    PasskeyAdded,
    /// An address was replaced or taken away.
    AddressChanged,
    /// The desk gave out a one-time password.
    OneTimeIssued,
}

/// Puts a mail into the outbox. Each is an event of its own, as two may tell of one deed.
pub(crate) async fn tell_of_door(
    library: &Library,
    tx: &mut Tx,
    (name, mail): (&str, &str),
    what: DoorMail<'_>,
) -> Result<(), StorageError> {
    let (subject, body, token) = match what {
        DoorMail::PasswordLink(token) => (Key::NoticePasswordLinkSubject, Key::NoticePasswordLinkBody, token),
        DoorMail::AddressLink(token) => (Key::NoticeAddressLinkSubject, Key::NoticeAddressLinkBody, token),
        DoorMail::PasswordChanged { .. } => (Key::NoticePasswordChangedSubject, Key::NoticePasswordChangedBody, ""),
        DoorMail::PasskeyAdded => (Key::NoticePasskeyAddedSubject, Key::NoticePasskeyAddedBody, ""),
        DoorMail::AddressChanged => (Key::NoticeAddressChangedSubject, Key::NoticeAddressChangedBody, ""),
        DoorMail::OneTimeIssued => (Key::NoticeOnceSubject, Key::NoticeOnceBody, ""),
    };
    let policy = library.policy();
    let minutes = policy.accounts.link_minutes.to_string();
    let link = format!("{}/link?key={token}", policy.library.web_address);
    let passkeys = match what {
        DoorMail::PasswordChanged { passkeys: true } => {
            Messages::of(Language::Ja).text(Key::NoticePasswordChangedPasskeys)
        }
        _ => String::new(),
    };
    let about = [("n", minutes.as_str()), ("link", link.as_str()), ("passkeys", passkeys.as_str())];
    let mut writes = Writes::default();
    let event = add_event(&mut writes, &Event::of(EventKind::PatronTold, ActorRole::System, library.now()));
    let letter = Letter { subject, body, about: &about };
    put_letter(library, &mut writes, event, (name, mail), &letter, !token.is_empty());
    writes.send(tx).await
}
