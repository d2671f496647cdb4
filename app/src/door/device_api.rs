//! What is asked of the server about devices that get the ready notice.

#[cfg(feature = "ssr")]
use domain::{notices::DeviceRefusal, patrons::DoorRefusal};
use leptos::prelude::*;

use crate::failure::Failure;
#[cfg(feature = "ssr")]
use crate::{
    door::{DoorFlash, DoorSaid, api::SETTINGS},
    ssr::{fault, forms, visit},
    visit::Outcome as _,
};

/// The form of the page that devices belong to, see [`DoorFlash::form`](super::DoorFlash).
#[cfg(feature = "ssr")]
const FORM: &str = "device";

/// Takes the device that asks: it gets the ready notice from now on.
#[server(endpoint = "device-add")]
pub async fn device_add(
    /// What the browser answered, as JSON.
    #[server(default)]
    answer: String,
    /// Whether titles are shown.
    #[server(default)]
    titles: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, patron) = visit::patron().await?;
        let added = match visit::offered_push(&visit.library) {
            Some(settings) => {
                let browser = visit::browser();
                let of = (browser.as_str(), !titles.is_empty());
                visit.library.add_device(patron, &settings, &answer, of).await.map_err(fault)?
            }
            None => Err(DeviceRefusal::NotOffered),
        };
        let answer = added.map(|()| DoorSaid::DeviceAdded).map_err(DoorRefusal::Device);
        visit.tell(DoorFlash { form: FORM.to_owned(), answer, typed: Vec::new() }.flash()?).await?;
        Ok(SETTINGS.to_owned())
    })
    .await
}

/// Takes a device away.
#[server(endpoint = "device-remove")]
pub async fn device_remove(
    /// Which, see [`domain::notices::DeviceView::key`].
    #[server(default)]
    key: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, patron) = visit::patron().await?;
        if visit.library.remove_device(patron, &key).await.map_err(fault)? {
            let answer = Ok(DoorSaid::DeviceRemoved);
            visit.tell(DoorFlash { form: FORM.to_owned(), answer, typed: Vec::new() }.flash()?).await?;
        }
        Ok(SETTINGS.to_owned())
    })
    .await
}
