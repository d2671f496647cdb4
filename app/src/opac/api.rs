//! What the catalogue's pages ask the server. It is open to everybody.

#[cfg(feature = "ssr")]
use domain::catalog::BibSummary;
use domain::{
    BibId,
    catalog::{RecordPage, SearchPage, SearchQuery, Suggestion},
    home::HomePage,
};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::ssr::{fault, visit};
use crate::{
    failure::Failure,
    load::{Answer, Json, Loadable},
};

/// What the home page shows beside the search.
#[server(endpoint = "home", input = Json, output = Loadable)]
pub async fn home() -> Result<Answer<HomePage>, Failure> {
    let visit = visit::anyone().await?;
    Answer::of(&visit.library.home().await.map_err(fault)?)
}

/// A page of search results.
#[server(endpoint = "search", input = Json, output = Loadable)]
pub async fn search(
    /// What is looked for.
    query: SearchQuery,
) -> Result<Answer<SearchPage>, Failure> {
    let visit = visit::anyone().await?;
    let SearchPage { total, results, facets, did_you_mean } = visit.library.search(&query).await.map_err(fault)?;
    let results = results.into_iter().map(|one| BibSummary { record: one.record.for_lists(), ..one }).collect();
    Answer::of(&SearchPage { total, results, facets, did_you_mean })
}

/// Titles and names that begin like what was typed.
#[server(endpoint = "suggest", input = Json, output = Loadable)]
pub async fn suggest(
    /// As it stands in the search box.
    typed: String,
) -> Result<Answer<Vec<Suggestion>>, Failure> {
    let visit = visit::anyone().await?;
    Answer::of(&visit.library.suggest(&typed).await.map_err(fault)?)
}

/// A record with its parts.
#[server(endpoint = "record", input = Json, output = Loadable)]
pub async fn record(
    /// The bib.
    bib: BibId,
) -> Result<Answer<RecordPage>, Failure> {
    let visit = visit::anyone().await?;
    Answer::of(&visit.library.record_page(bib).await.map_err(fault)?.ok_or(Failure::NotFound)?)
}
