//! What these pages ask the server. It is open to everybody.

use domain::messages::Language;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::{
    address,
    ssr::{fault, visit},
    standing,
};
use crate::{
    failure::Failure,
    load::{Answer, Json, Loadable},
};

/// The guide.
#[server(endpoint = "guide", input = Json, output = Loadable)]
pub async fn guide(
    /// The language of the page.
    language: Language,
) -> Result<Answer<()>, Failure> {
    standing::with_texts(language);
    Answer::beside(&(), standing::guide().to_html())
}

/// A month of the calendar of a place; see [`Library::calendar_month`](library::Library::calendar_month).
#[server(endpoint = "calendar", input = Json, output = Loadable)]
pub async fn calendar(
    /// Whose, and which, as it stands in the address.
    asked: String,
    /// The language of the page.
    language: Language,
) -> Result<Answer<()>, Failure> {
    let visit = visit::anyone().await?;
    let (place, month) = address::read_calendar(&asked);
    let month = visit.library.calendar_month(place.as_ref(), month).await.map_err(fault)?;
    standing::with_texts(language);
    Answer::beside(&(), standing::calendar(&month).to_html())
}
