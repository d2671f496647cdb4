//! What the calendar asks the server. It is open to everybody.

use domain::{
    PlaceCode,
    calendar::{CalendarMonth, YearMonth},
};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::ssr::{fault, visit};
use crate::{
    failure::Failure,
    load::{Answer, Json, Loadable},
};

/// A month of the calendar of a place; see [`Library::calendar_month`](library::Library::calendar_month).
#[server(endpoint = "calendar", input = Json, output = Loadable)]
pub async fn month(
    /// Whose calendar.
    place: Option<PlaceCode>,
    /// Which month.
    month: Option<YearMonth>,
) -> Result<Answer<CalendarMonth>, Failure> {
    let visit = visit::anyone().await?;
    Answer::of(&visit.library.calendar_month(place.as_ref(), month).await.map_err(fault)?)
}
