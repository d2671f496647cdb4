//! The catalogue: bibs, their parts, items, and what a search asks and answers.

mod cover;
pub mod isbn;
mod keep;
mod record;
mod search;
mod shelf;

pub use cover::{
    COVER_FOIL, COVER_HEIGHT, COVER_INK, COVER_PAPER, COVER_WIDTH, Cover, CoverLine, Panel, Shape, Weave, cover,
};
pub use keep::{
    BibForm, CopyDetails, CopyForm, FoundBib, FoundPart, KeepProblem, KeptBib, KeptCopy, KeptPart, MergePreview,
    MergeSide, next_issue, read_bib, read_copy, shelf_mark,
};
pub use record::{
    BibRecord, Creator, ImportedBib, ImportedItem, ImportedPart, LimitGroup, LoanRule, MaterialType, newest_issue,
};
pub use search::{
    BibSummary, BranchAvailability, FacetCount, Facets, PAGE_SIZE, PartView, RecordPage, SearchPage, SearchQuery,
    ShelfSpot, Sort, Standing, Suggestion,
};
pub use shelf::ShelfOrder;
