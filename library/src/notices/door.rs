//! What patrons are told about their passwords and addresses (R3, R4, R6).

use domain::{
    PatronId,
    notices::{About, NoticeKind},
};

use super::tell::{Notice, Whose, put};
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
    /// There is a new password.
    PasswordChanged {
        /// Whether there are passkeys, which go on.
        passkeys: bool,
        /// Whether there were devices, which are forgotten.
        devices: bool,
    },
    /// There is a new passkey.
    PasskeyAdded,
    /// There is a new device that is told.
    DeviceAdded,
    /// An address was replaced or taken away.
    AddressChanged,
    /// The desk gave out a one-time password.
    OneTimeIssued,
}

/// Puts a mail into the outbox. Each is an event of its own, as two may tell of one deed.
pub(crate) async fn tell_of_door(
    library: &Library,
    tx: &mut Tx,
    patron: PatronId,
    (name, to): (&str, &str),
    what: DoorMail<'_>,
) -> Result<(), StorageError> {
    let about = About { name: name.to_owned(), ..About::default() };
    let (kind, about) = match what {
        DoorMail::PasswordLink(token) => (NoticeKind::PasswordLink, About { token: Some(token.to_owned()), ..about }),
        DoorMail::AddressLink(token) => (NoticeKind::AddressLink, About { token: Some(token.to_owned()), ..about }),
        DoorMail::PasswordChanged { passkeys, devices } => {
            (NoticeKind::PasswordChanged, About { passkeys, devices, ..about })
        }
        DoorMail::PasskeyAdded => (NoticeKind::PasskeyAdded, about),
        DoorMail::DeviceAdded => (NoticeKind::DeviceAdded, about),
        DoorMail::AddressChanged => (NoticeKind::AddressChanged, about),
        DoorMail::OneTimeIssued => (NoticeKind::OneTime, about),
    };
    let mut writes = Writes::default();
    let event = add_event(&mut writes, &Event::of(EventKind::PatronTold, ActorRole::System, library.now()));
    put(library, &mut writes, event, &Notice { kind, whose: Whose::Patron(patron), to, about })?;
    writes.send(tx).await
}
