//! What is asked of the server about passkeys.

use domain::patrons::DoorRefusal;
#[cfg(feature = "ssr")]
use domain::patrons::{PasskeyRefusal, SignedInBy};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use super::{DoorFlash, DoorSaid, api::SETTINGS};
#[cfg(feature = "ssr")]
use crate::{
    address,
    ssr::{fault, forms, origin, visit, visit::Visit},
    visit::Outcome as _,
};
use crate::{
    failure::Failure,
    load::{Answer, Json, Loadable},
};

/// What a browser is to be asked of its passkeys, as JSON, or why it is not.
pub(super) type Question = Result<String, DoorRefusal>;

/// The form of the pages that passkeys belong to, see [`DoorFlash::form`].
pub(super) const FORM: &str = "passkey";

/// Keeps what came of it for the next page.
#[cfg(feature = "ssr")]
async fn tell(visit: &mut Visit, answer: Result<DoorSaid, PasskeyRefusal>) -> Result<(), Failure> {
    let answer = answer.map_err(DoorRefusal::Passkey);
    visit.tell(DoorFlash { form: FORM.to_owned(), answer, typed: Vec::new() }.flash()?).await
}

/// Whether this browser is offered passkeys.
#[cfg(feature = "ssr")]
fn offered(visit: &Visit) -> Result<(), PasskeyRefusal> {
    if visit::may_use_passkeys(&visit.library) { Ok(()) } else { Err(PasskeyRefusal::NotOffered) }
}

/// Asks by which passkey somebody signs in. Anybody may be asked.
#[server(endpoint = "passkey-question", input = Json, output = Loadable)]
pub async fn passkey_question() -> Result<Answer<Question>, Failure> {
    let visit = visit::anyone().await?;
    let question = match offered(&visit) {
        Ok(()) => visit.library.passkey_question(&origin()).await.map_err(fault)?,
        Err(refusal) => Err(refusal),
    };
    Answer::of(&question.map_err(DoorRefusal::Passkey))
}

/// Signs a patron in by a passkey and goes on to `next`, as by the password.
#[server(endpoint = "passkey-sign-in")]
pub async fn passkey_sign_in(
    /// What the browser answered, as JSON.
    #[server(default)]
    answer: String,
    /// The page of ours to go on to.
    #[server(default)]
    next: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let mut visit = visit::anyone().await?;
        let signed_in = match offered(&visit) {
            Ok(()) => visit.library.passkey_sign_in(&answer, &origin()).await.map_err(fault)?,
            Err(refusal) => Err(refusal),
        };
        match signed_in {
            Ok(account) => {
                visit.begin(&account, SignedInBy::Passkey).await?;
                Ok(address::after_sign_in(&next))
            }
            Err(refusal) => {
                tell(&mut visit, Err(refusal)).await?;
                Ok(format!("/login?next={}", address::encode(&next)))
            }
        }
    })
    .await
}

/// Asks the browser of the patron who is signed in, and gives the password, to make a passkey.
#[server(endpoint = "passkey-offer", input = Json, output = Loadable)]
pub async fn passkey_offer(
    /// The password in use.
    old: String,
) -> Result<Answer<Question>, Failure> {
    let (visit, patron) = visit::patron().await?;
    let question = match offered(&visit) {
        Ok(()) => visit.library.offer_passkey(patron, &old, &origin()).await.map_err(fault)?,
        Err(refusal) => Err(DoorRefusal::Passkey(refusal)),
    };
    Answer::of(&question)
}

/// Registers the passkey the browser has made.
#[server(endpoint = "passkey-add")]
pub async fn passkey_add(
    /// What the browser answered, as JSON.
    #[server(default)]
    answer: String,
    /// What the patron calls it.
    #[server(default)]
    name: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, patron) = visit::patron().await?;
        let names = (name.as_str(), &*visit::browser());
        let added = match offered(&visit) {
            Ok(()) => visit.library.add_passkey(patron, &answer, names).await.map_err(fault)?,
            Err(refusal) => Err(refusal),
        };
        tell(&mut visit, added.map(|()| DoorSaid::PasskeyAdded)).await?;
        Ok(SETTINGS.to_owned())
    })
    .await
}

/// Takes a passkey away.
#[server(endpoint = "passkey-remove")]
pub async fn passkey_remove(
    /// Which, see [`domain::patrons::PasskeyView::key`].
    #[server(default)]
    key: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, patron) = visit::patron().await?;
        if visit.library.remove_passkey(patron, &key).await.map_err(fault)? {
            tell(&mut visit, Ok(DoorSaid::PasskeyRemoved)).await?;
        }
        Ok(SETTINGS.to_owned())
    })
    .await
}
