//! What the page 図書館の読書マラソン asks the server. Managers only; and they get numbers, never who.

use domain::{
    OpId, SeasonId,
    bookshelf::marathon::{MarathonForm, SeasonFigures},
};
use leptos::prelude::*;

use super::super::room::Offer;
#[cfg(feature = "ssr")]
use domain::bookshelf::marathon::MarathonProblem;

#[cfg(feature = "ssr")]
use super::super::said::{Done, Problem, Said};
#[cfg(feature = "ssr")]
use crate::ssr::{fault, forms, visit};
use crate::{
    failure::Failure,
    load::{Answer, Json, Loadable},
};

/// The seasons, each with how many joined and finished.
#[server(endpoint = "desk-seasons", input = Json, output = Loadable)]
pub async fn seasons() -> Result<Answer<Offer<Vec<SeasonFigures>>>, Failure> {
    let (visit, _) = visit::manager().await?;
    let seasons = visit.library.seasons().await.map_err(fault)?;
    Offer::of(&visit, seasons)
}

/// Makes a season.
#[server(endpoint = "add-season")]
pub async fn add_season(
    /// See [`Offer`].
    op: OpId,
    /// As typed.
    #[server(flatten)]
    form: MarathonForm,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::manager().await?;
        let said = match visit.library.add_season(SeasonId(op.0), &form).await.map_err(fault)? {
            Ok(()) => Said::done(Done::SeasonAdded),
            Err(problems) => not(problems, &form),
        };
        said.keep(&mut visit).await?;
        Ok(super::seasons::ADDRESS.to_owned())
    })
    .await
}

/// Changes a season.
#[server(endpoint = "change-season")]
pub async fn change_season(
    /// Which.
    id: SeasonId,
    /// As typed.
    #[server(flatten)]
    form: MarathonForm,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::manager().await?;
        let (said, to) = match visit.library.change_season(id, &form).await.map_err(fault)? {
            Ok(()) => (Said::done(Done::SeasonChanged), super::seasons::ADDRESS.to_owned()),
            Err(problems) => (not(problems, &form), super::seasons::edit_address(id)),
        };
        said.keep(&mut visit).await?;
        Ok(to)
    })
    .await
}

#[cfg(feature = "ssr")]
fn not(problems: Vec<MarathonProblem>, form: &MarathonForm) -> Said {
    let typed = [("name", &*form.name), ("from", &form.from), ("until", &form.until), ("books", &form.books)];
    Said::not(problems.into_iter().map(Problem::Marathon), &typed)
}

/// Withdraws a season.
#[server(endpoint = "remove-season")]
pub async fn remove_season(
    /// Which.
    season: SeasonId,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::manager().await?;
        visit.library.remove_season(season).await.map_err(fault)?;
        Said::done(Done::SeasonRemoved).keep(&mut visit).await?;
        Ok(super::seasons::ADDRESS.to_owned())
    })
    .await
}
