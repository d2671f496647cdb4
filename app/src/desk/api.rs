//! What the desk asks the server. Staff only.

#[cfg(feature = "ssr")]
use domain::patrons::SignIn;
use domain::{
    OpId,
    circulation::{CheckIn, Refusal, WriteOff},
    notices::MailView,
};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use super::DeskFlash;
use crate::{
    failure::Failure,
    load::{Answer, Json, Loadable},
};
#[cfg(feature = "ssr")]
use crate::{
    ssr::{MailFolder, fault, forms, origin, visit, visit::Visit},
    visit::{Flash, Outcome as _},
};

/// Signs a member of staff in.
#[server(endpoint = "staff-sign-in")]
pub async fn staff_sign_in(
    /// Login name, as typed.
    #[server(default)]
    login: String,
    /// The password.
    #[server(default)]
    password: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let mut visit = visit::anyone().await?;
        match visit.library.staff_sign_in(&login, &password, &origin()).await.map_err(fault)? {
            SignIn::Done(staff) => visit.begin_staff(staff).await?,
            SignIn::Wrong => {
                tracing::info!("a sign-in of staff failed");
                visit.tell(Flash::StaffWrong { login }).await?;
            }
            SignIn::Slow(wait) => visit.tell(Flash::SignInHeld { typed: login, wait: Some(wait) }).await?,
            SignIn::Busy => visit.tell(Flash::SignInHeld { typed: login, wait: None }).await?,
        }
        Ok("/desk".to_owned())
    })
    .await
}

/// Says where the member of staff works; an empty place asks again.
#[server(endpoint = "desk-place")]
pub async fn choose_place(
    /// Code of the place.
    #[server(default)]
    place: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, mut staff) = visit::staff().await?;
        let chosen = visit.library.policy().places.iter().find(|known| known.code.0 == place);
        staff.place = chosen.map(|known| known.code.clone());
        visit.data.staff = Some(staff);
        visit.save().await?;
        Ok("/desk".to_owned())
    })
    .await
}

/// 返却: what to do with a copy that was scanned.
#[server(endpoint = "check-in", input = Json, output = Json)]
pub async fn scan_in(
    /// The same for a scan that is sent again.
    op: OpId,
    /// As it came from the scanner.
    barcode: String,
) -> Result<Result<CheckIn, Refusal>, Failure> {
    let (visit, here) = visit::desk().await?;
    visit.library.scan_in(op, &here, &barcode).await.map_err(fault)
}

/// 返却, as a plain form.
#[server(endpoint = "check-in-form")]
pub async fn check_in_form(
    /// As it was scanned or typed.
    #[server(default)]
    barcode: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, here) = visit::desk().await?;
        let answer = visit.library.check_in(&here, barcode.trim()).await.map_err(fault)?;
        tell(&mut visit, &DeskFlash::Scanned { barcode, answer }).await?;
        Ok("/desk".to_owned())
    })
    .await
}

/// Notes that a copy is missing, lost or withdrawn.
#[server(endpoint = "note-fate")]
pub async fn note_fate(
    /// As it was scanned or typed.
    #[server(default)]
    barcode: String,
    /// What became of it.
    fate: WriteOff,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::desk().await?;
        let answer = visit.library.write_off(&barcode, fate).await.map_err(fault)?;
        tell(&mut visit, &DeskFlash::WrittenOff { barcode, fate, answer }).await?;
        Ok("/desk/copies".to_owned())
    })
    .await
}

/// Keeps what has to be said on the next page of the desk.
#[cfg(feature = "ssr")]
pub(super) async fn tell(visit: &mut Visit, flash: &DeskFlash) -> Result<(), Failure> {
    visit.tell(flash.flash()?).await
}

/// The mails that were written as files, newest first. In the demo only: elsewhere they are nobody's to read.
#[server(endpoint = "mails", input = Json, output = Loadable)]
pub async fn mails() -> Result<Answer<Vec<MailView>>, Failure> {
    visit::staff().await?;
    let folder = use_context::<MailFolder>().and_then(|folder| folder.0).ok_or(Failure::NotFound)?;
    Answer::of(&library::notices::mail_files(&folder).await.map_err(fault)?)
}
