//! Finding titles and looking at one.

use domain::{
    BibId,
    catalog::{
        BibSummary, BranchAvailability, MaterialType, PAGE_SIZE, PartView, RecordPage, SearchPage, SearchQuery,
        Standing, Suggestion,
    },
    circulation::title_refusal,
};
use tracing::Instrument as _;
use uuid::Uuid;

use super::titles::{Title, shelf_marks, titles};
use crate::{Fault, Library, storage::fetch_optional};

/// How many suggestions are offered while typing.
const SUGGESTIONS: usize = 8;

impl Library {
    /// Searches the catalogue (R8).
    ///
    /// # Errors
    /// When the index or the database can't be read.
    pub async fn search(&self, query: &SearchQuery) -> Result<SearchPage, Fault> {
        let (hits, did_you_mean) = match self.search_index().found_lately(query, PAGE_SIZE) {
            Some(hits) => (hits, None),
            None => {
                let asked = query.clone();
                let search = self.in_search(move |index| {
                    let hits = index.search(&asked, PAGE_SIZE)?;
                    let other = if hits.total == 0 { index.did_you_mean(&asked.q)? } else { None };
                    Ok((hits, other))
                });
                // Without the words: they are nobody's business.
                search.instrument(tracing::info_span!("search")).await?
            }
        };
        let mut tx = self.database().look().await?;
        let results = titles(&mut tx, &hits.ids).await?.into_iter().map(summary).collect();
        Ok(SearchPage { total: hits.total, results, facets: hits.facets, did_you_mean })
    }

    /// Titles and names that begin as typed.
    ///
    /// # Errors
    /// When the index can't be read.
    pub async fn suggest(&self, typed: &str) -> Result<Vec<Suggestion>, Fault> {
        let typed = typed.to_owned();
        let suggest = self.in_search(move |index| index.suggest(&typed, SUGGESTIONS));
        suggest.instrument(tracing::info_span!("suggest")).await
    }

    /// A record with its parts; a merged bib's page is that of the one it went into. `None` when there is no such.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn record_page(&self, bib: BibId) -> Result<Option<RecordPage>, Fault> {
        let mut tx = self.database().look().await?;
        let mut found = titles(&mut tx, &[bib]).await?;
        if found.is_empty() {
            let merged = fetch_optional!(&mut tx, (Option<Uuid>,), "select merged_into from bib where id = $1", bib.0)?;
            let Some((Some(into),)) = merged else { return Ok(None) };
            found = titles(&mut tx, &[BibId(into)]).await?;
        }
        let Some(title) = found.pop() else { return Ok(None) };
        let id = title.id;
        let marks = shelf_marks(&mut tx, id).await?;
        let mut parts: Vec<PartView> = title
            .parts
            .into_iter()
            .map(|part| PartView {
                id: part.id,
                refusal: title_refusal(&part.facts),
                label: part.label,
                received_on: part.received_on,
                availability: part.availability,
                stands: marks
                    .iter()
                    .filter(|(of, ..)| *of == part.id)
                    .map(|(_, branch, mark)| Standing {
                        branch: branch.clone(),
                        mark: mark.clone(),
                        spot: self.policy().shelf_spot(branch, mark),
                    })
                    .collect(),
                waiting: part.waiting,
            })
            .collect();
        if title.record.material == MaterialType::Magazine {
            parts.reverse();
        }
        Ok(Some(RecordPage { id, record: title.record, parts }))
    }
}

fn summary(title: Title) -> BibSummary {
    let mut availability: Vec<BranchAvailability> = Vec::new();
    for at in title.parts.iter().flat_map(|part| &part.availability) {
        match availability.iter_mut().find(|sum| sum.branch == at.branch) {
            Some(sum) => {
                sum.available += at.available;
                sum.total += at.total;
            }
            None => availability.push(at.clone()),
        }
    }
    let mut refusals = title.parts.iter().map(|part| title_refusal(&part.facts));
    let first = refusals.next().flatten();
    BibSummary {
        id: title.id,
        waiting: title.parts.iter().map(|part| part.waiting).sum(),
        part: match title.parts.as_slice() {
            [only] => Some(only.id),
            _ => None,
        },
        availability,
        // With several parts, only what holds for all of them is said here; the record's page tells them apart.
        refusal: first.filter(|first| refusals.all(|other| other.as_ref() == Some(first))),
        record: title.record,
    }
}
