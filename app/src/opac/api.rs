//! What the catalogue's pages ask the server. It is open to everybody.

use domain::{BibId, catalog::Suggestion, messages::Language};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

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

/// What the home page shows beside the search.
#[server(endpoint = "home", input = Json, output = Loadable)]
pub async fn home(
    /// The language of the page.
    language: Language,
) -> Result<Answer<()>, Failure> {
    let visit = visit::anyone().await?;
    let home = visit.library.home().await.map_err(fault)?;
    standing::with_texts(language);
    Answer::beside(&(), standing::beside_search(home).to_html())
}

/// What a search found.
#[derive(Debug, Serialize, Deserialize)]
pub enum SearchFound {
    /// A page of results.
    Shown {
        /// The heading.
        heading: String,
    },
    /// There are results, but fewer pages.
    Elsewhere {
        /// The last page.
        path: String,
    },
}

/// A page of search results.
#[server(endpoint = "search", input = Json, output = Loadable)]
pub async fn search(
    /// What is looked for, as it stands in the address.
    asked: String,
    /// The language of the page.
    language: Language,
) -> Result<Answer<SearchFound>, Failure> {
    let visit = visit::anyone().await?;
    let query = address::read_search(&asked);
    let found = visit.library.search(&query).await.map_err(fault)?;
    if let Some(last) = standing::last_page(&query, &found) {
        return Answer::of(&SearchFound::Elsewhere { path: address::search(&last) });
    }
    let heading = standing::name(standing::with_texts(language), &query);
    Answer::beside(&SearchFound::Shown { heading }, standing::results(&query, found).to_html())
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

/// What is known by the number of a record.
#[derive(Debug, Serialize, Deserialize)]
pub enum RecordFound {
    /// The record.
    Shown {
        /// Its title.
        title: String,
    },
    /// It was merged into this one.
    Elsewhere(BibId),
}

/// A record with its parts.
#[server(endpoint = "record", input = Json, output = Loadable)]
pub async fn record(
    /// The bib.
    bib: BibId,
    /// The language of the page.
    language: Language,
) -> Result<Answer<RecordFound>, Failure> {
    let visit = visit::anyone().await?;
    let page = visit.library.record_page(bib).await.map_err(fault)?.ok_or(Failure::NotFound)?;
    if page.id != bib {
        return Answer::of(&RecordFound::Elsewhere(page.id));
    }
    standing::with_texts(language);
    let title = page.record.display_title();
    Answer::beside(&RecordFound::Shown { title }, standing::record(page).to_html())
}
