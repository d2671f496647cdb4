//! What the page of the kiosks asks the server. Managers only.

#[cfg(feature = "ssr")]
use domain::PlaceCode;
use domain::{KioskId, patrons::KioskView};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use super::super::said::{Done, Problem, Said};
#[cfg(feature = "ssr")]
use crate::ssr::{fault, forms, kiosk, visit};
use crate::{
    failure::Failure,
    load::{Answer, Json, Loadable},
};

/// 館内OPAC
pub(super) const KIOSKS: &str = "/desk/library/kiosks";

/// The kiosks.
#[server(endpoint = "kiosks", input = Json, output = Loadable)]
pub async fn kiosks() -> Result<Answer<Vec<KioskView>>, Failure> {
    let (visit, _) = visit::manager().await?;
    Answer::of(&visit.library.kiosks().await.map_err(fault)?)
}

/// Makes a kiosk of the device that asks, and signs the manager out there: from now on it is everybody's.
#[server(endpoint = "register-kiosk")]
pub async fn register_kiosk(
    /// What staff call it.
    #[server(default)]
    name: String,
    /// Where it stands.
    #[server(default)]
    place: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::manager().await?;
        let made = visit.library.register_kiosk(&name, &PlaceCode(place.clone())).await.map_err(fault)?;
        let Some(token) = made else {
            let said = Said::not([Problem::KioskName], &[("name", &name), ("place", &place)]);
            said.keep(&mut visit).await?;
            return Ok(KIOSKS.to_owned());
        };
        visit.end().await?;
        kiosk::keep(&visit.library, &token);
        Ok("/".to_owned())
    })
    .await
}

/// A device is a kiosk no more.
#[server(endpoint = "remove-kiosk")]
pub async fn remove_kiosk(
    /// Which.
    kiosk: KioskId,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::manager().await?;
        visit.library.remove_kiosk(kiosk).await.map_err(fault)?;
        Said::done(Done::KioskRemoved).keep(&mut visit).await?;
        Ok(KIOSKS.to_owned())
    })
    .await
}
