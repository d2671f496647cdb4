//! The catalogue: bibs, their parts, items, and what a search asks and answers.

pub mod isbn;
mod record;
mod search;
mod shelf;

pub use record::{
    BibRecord, Creator, ImportedBib, ImportedItem, ImportedPart, LimitGroup, LoanRule, MaterialType, newest_issue,
};
pub use search::{
    BibSummary, BranchAvailability, FacetCount, Facets, PAGE_SIZE, PartView, RecordPage, SearchPage, SearchQuery, Sort,
    Suggestion,
};
pub use shelf::ShelfOrder;
