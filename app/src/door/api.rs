//! What these pages ask the server.

#[cfg(feature = "ssr")]
use domain::patrons::DoorRefusal;
use domain::patrons::{KioskForm, LinkState, OneTimeForm, RegisterForm, Settings, Slot};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use super::{DoorFlash, DoorSaid};
#[cfg(feature = "ssr")]
use crate::{
    address,
    ssr::{fault, forms, kiosk, origin, visit, visit::Visit},
    visit::Outcome as _,
};
use crate::{
    failure::Failure,
    load::{Answer, Json, Loadable},
};

/// 利用者情報
pub(crate) const SETTINGS: &str = "/account/settings";

/// Keeps what came of a form for the next page.
#[cfg(feature = "ssr")]
async fn tell(
    visit: &mut Visit,
    form: &str,
    answer: Result<DoorSaid, DoorRefusal>,
    typed: &[(&str, &str)],
) -> Result<(), Failure> {
    let typed = typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    visit.tell(DoorFlash { form: form.to_owned(), answer, typed }.flash()?).await
}

/// 新規パスワード登録 and 再発行 (R3, R4). The answer is the same whoever asks for whatever card.
#[server(endpoint = "register")]
pub async fn ask_for_password(
    /// As typed.
    #[server(flatten)]
    form: RegisterForm,
) -> Result<(), Failure> {
    forms::answer(async {
        let mut visit = visit::anyone().await?;
        match visit.library.ask_for_password(&form, &origin()).await.map_err(fault)? {
            // What it leads to is done behind this answer.
            Ok(_behind) => Ok("/register/sent".to_owned()),
            Err(refusal) => {
                let typed = [
                    ("card", &*form.card),
                    ("kana", &form.kana),
                    ("birth_date", &form.birth_date),
                    ("telephone", &form.telephone),
                    ("mail", &form.mail),
                ];
                tell(&mut visit, "", Err(refusal), &typed).await?;
                Ok("/register".to_owned())
            }
        }
    })
    .await
}

/// Chooses the first password at a kiosk (R3).
#[server(endpoint = "register-here")]
pub async fn register_here(
    /// As typed.
    #[server(flatten)]
    form: KioskForm,
) -> Result<(), Failure> {
    forms::answer(async {
        let mut visit = visit::anyone().await?;
        let token = kiosk::token(&visit.library).unwrap_or_default();
        let answer = visit.library.register_here(&token, &form, &origin()).await.map_err(fault)?;
        let to = if answer.is_ok() { "/login" } else { "/register" };
        let typed = [
            ("card", &*form.card),
            ("kana", &form.kana),
            ("birth_date", &form.birth_date),
            ("telephone", &form.telephone),
        ];
        // What was typed at a kiosk is another's to see once somebody has gone.
        let typed = if answer.is_ok() { &[][..] } else { &typed };
        tell(&mut visit, "", answer.map(|()| DoorSaid::PasswordSet), typed).await?;
        Ok(to.to_owned())
    })
    .await
}

/// Chooses a password by a one-time password of the desk.
#[server(endpoint = "one-time")]
pub async fn use_one_time(
    /// As typed.
    #[server(flatten)]
    form: OneTimeForm,
) -> Result<(), Failure> {
    forms::answer(async {
        let mut visit = visit::anyone().await?;
        let answer = visit.library.use_one_time(&form, &origin()).await.map_err(fault)?;
        let to = if answer.is_ok() { "/login" } else { "/register/once" };
        let typed = [("card", &*form.card), ("birth_date", &form.birth_date)];
        tell(&mut visit, "", answer.map(|()| DoorSaid::PasswordSet), &typed).await?;
        Ok(to.to_owned())
    })
    .await
}

/// What a link of a mail leads to. Anybody who has one may look; looking changes nothing.
#[server(endpoint = "link", input = Json, output = Loadable)]
pub async fn load_link(
    /// What stands in the link.
    key: String,
) -> Result<Answer<LinkState>, Failure> {
    let visit = visit::anyone().await?;
    Answer::of(&visit.library.link(&key).await.map_err(fault)?)
}

/// Chooses the password a link was mailed for.
#[server(endpoint = "set-password")]
pub async fn set_password(
    /// What stands in the link.
    #[server(default)]
    key: String,
    /// The new password.
    #[server(default)]
    password: String,
    /// The new password again.
    #[server(default)]
    again: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let mut visit = visit::anyone().await?;
        let answer = visit.library.set_password_by_link(&key, &password, &again).await.map_err(fault)?;
        let to = match &answer {
            Ok(()) => "/login".to_owned(),
            // The page of the link says itself what became of it.
            Err(_) => format!("/link?key={}", address::encode(&key)),
        };
        tell(&mut visit, "", answer.map(|()| DoorSaid::PasswordSet), &[]).await?;
        Ok(to)
    })
    .await
}

/// Confirms the address a link was mailed to.
#[server(endpoint = "confirm-address")]
pub async fn confirm_address(
    /// What stands in the link.
    #[server(default)]
    key: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let mut visit = visit::anyone().await?;
        match visit.library.confirm_address(&key).await.map_err(fault)? {
            Ok(address) => {
                tell(&mut visit, "", Ok(DoorSaid::AddressConfirmed(address)), &[]).await?;
                Ok("/link/done".to_owned())
            }
            Err(_) => Ok(format!("/link?key={}", address::encode(&key))),
        }
    })
    .await
}

/// What the patron who is signed in keeps here.
#[server(endpoint = "settings", input = Json, output = Loadable)]
pub async fn load_settings() -> Result<Answer<Settings>, Failure> {
    let (visit, patron) = visit::patron().await?;
    let mut settings = visit.library.settings(patron).await.map_err(fault)?;
    settings.devices.offered_by = visit::offered_push(&visit.library).map(|push| push.key.public());
    Answer::of(&settings)
}

/// パスワードの変更 (R5). Every other browser in which the patron is signed in has to sign in again.
#[server(endpoint = "change-password")]
pub async fn change_password(
    /// The password in use.
    #[server(default)]
    old: String,
    /// The new one.
    #[server(default)]
    password: String,
    /// The new one again.
    #[server(default)]
    again: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, patron) = visit::patron().await?;
        let typed = (&*old, &*password, &*again);
        let answer = match visit.library.change_password(patron, typed, &origin()).await.map_err(fault)? {
            Ok(generation) => {
                visit.go_on(generation).await?;
                Ok(DoorSaid::PasswordChanged)
            }
            Err(refusal) => Err(refusal),
        };
        tell(&mut visit, "password", answer, &[]).await?;
        Ok(SETTINGS.to_owned())
    })
    .await
}

/// Mails a link by which an address is confirmed (R6).
#[server(endpoint = "ask-for-address")]
pub async fn ask_for_address(
    /// Which of the two.
    slot: Slot,
    /// The address.
    #[server(default)]
    mail: String,
    /// The password in use.
    #[server(default)]
    old: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, patron) = visit::patron().await?;
        let asked = visit.library.ask_for_address(patron, slot, (&mail, &old), &origin()).await.map_err(fault)?;
        tell(&mut visit, slot.as_str(), asked.map(DoorSaid::AddressAsked), &[("mail", &mail)]).await?;
        Ok(SETTINGS.to_owned())
    })
    .await
}

/// Takes an address away.
#[server(endpoint = "remove-address")]
pub async fn remove_address(
    /// Which of the two.
    slot: Slot,
    /// The password in use.
    #[server(default)]
    old: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, patron) = visit::patron().await?;
        let removed = visit.library.remove_address(patron, slot, &old, &origin()).await.map_err(fault)?;
        tell(&mut visit, slot.as_str(), removed.map(|()| DoorSaid::AddressRemoved), &[]).await?;
        Ok(SETTINGS.to_owned())
    })
    .await
}

/// Chooses the address that gets ready notices (R6).
#[server(endpoint = "choose-ready-mail")]
pub async fn choose_ready_mail(
    /// Which of the two.
    slot: Slot,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, patron) = visit::patron().await?;
        let chosen = visit.library.choose_ready_mail(patron, slot).await.map_err(fault)?;
        tell(&mut visit, slot.as_str(), chosen.map(|()| DoorSaid::ReadyChosen), &[]).await?;
        Ok(SETTINGS.to_owned())
    })
    .await
}
