//! What a search asks and what it answers.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{BibRecord, MaterialType};
use crate::{BibId, PartId, PlaceCode, circulation::Refusal, words::words};

/// Results on one page.
pub const PAGE_SIZE: u32 = 20;

words! {
    /// Order of the results.
    Sort, "sort order" {
        /// Best match first.
        Relevance = "relevance",
        /// By the reading of the title, in the order of the kana.
        Title = "title",
        /// Newest year first.
        Newest = "newest",
        /// Oldest year first.
        Oldest = "oldest",
    }
}

/// A search as it stands in the address of the result page.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SearchQuery {
    /// The words, as typed.
    pub q: String,
    /// Page, from 1.
    pub page: u32,
    /// Order of the results.
    pub sort: Sort,
    /// Only this kind of material.
    pub material: Option<MaterialType>,
    /// Only what this branch has a copy of.
    pub branch: Option<PlaceCode>,
    /// Only the decade that begins with this year: 2020 for 2020–2029.
    pub decade: Option<i32>,
    /// Only this first digit of the NDC number, 0–9.
    pub ndc: Option<u8>,
}

impl Default for SearchQuery {
    fn default() -> Self {
        Self { q: String::new(), page: 1, sort: Sort::Relevance, material: None, branch: None, decade: None, ndc: None }
    }
}

/// One value of a facet and how many results have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacetCount<T> {
    /// The value.
    pub value: T,
    /// Number of results with it.
    pub count: u64,
}

/// What the results can be narrowed by. Each facet counts as if it were not itself narrowed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    /// By kind of material.
    pub materials: Vec<FacetCount<MaterialType>>,
    /// By branch that has a copy.
    pub branches: Vec<FacetCount<PlaceCode>>,
    /// By decade, newest first.
    pub decades: Vec<FacetCount<i32>>,
    /// By first digit of NDC.
    pub ndc: Vec<FacetCount<u8>>,
}

/// Copies of a title at one branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BranchAvailability {
    /// The branch.
    pub branch: PlaceCode,
    /// Copies on the shelf now.
    pub available: u32,
    /// All copies.
    pub total: u32,
}

/// A title in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BibSummary {
    /// The bib.
    pub id: BibId,
    /// What is known of it.
    pub record: BibRecord,
    /// The part that カートに入れる adds; `None` when the patron has to choose one on the record's page.
    pub part: Option<PartId>,
    /// Copies by branch.
    pub availability: Vec<BranchAvailability>,
    /// How many reservations wait for it.
    pub waiting: u32,
    /// Why it can't be reserved, by [`crate::circulation::title_refusal`]; `None` when it can.
    pub refusal: Option<Refusal>,
}

/// A page of results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchPage {
    /// Number of all results.
    pub total: u64,
    /// Those on this page.
    pub results: Vec<BibSummary>,
    /// What they can be narrowed by.
    pub facets: Facets,
    /// Another spelling that finds something, when nothing was found.
    pub did_you_mean: Option<String>,
}

/// A title or name offered while typing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// The text put into the search box.
    pub text: String,
    /// Its reading, for those who can't read the kanji.
    pub reading: Option<String>,
}

/// A part of a bib on the record's page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartView {
    /// The part.
    pub id: PartId,
    /// Volume or issue, empty when the bib has only this part.
    pub label: String,
    /// The day an issue was received.
    pub received_on: Option<NaiveDate>,
    /// Copies by branch.
    pub availability: Vec<BranchAvailability>,
    /// Where its copies stand.
    pub stands: Vec<Standing>,
    /// How many reservations wait for it.
    pub waiting: u32,
    /// Why it can't be reserved.
    pub refusal: Option<Refusal>,
}

/// Where copies of a part stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The branch.
    pub branch: PlaceCode,
    /// 請求記号
    pub mark: String,
    /// Where that is in the house, as far as the library says.
    pub spot: Option<ShelfSpot>,
}

/// A place in a branch, as its signs say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShelfSpot {
    /// The floor.
    pub floor: String,
    /// The shelf.
    pub shelf: String,
    /// The floor in English.
    pub floor_en: String,
    /// The shelf in English.
    pub shelf_en: String,
}

/// A record with its parts, as its page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordPage {
    /// The bib. Differs from the one asked for when that was merged into it.
    pub id: BibId,
    /// What is known of it.
    pub record: BibRecord,
    /// Its parts, newest issue first for magazines, else by volume.
    pub parts: Vec<PartView>,
}
