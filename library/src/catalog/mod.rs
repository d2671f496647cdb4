//! The catalogue at work: what comes in, what is found, what a record's page shows.

mod browse;
mod feed;
pub mod import;
mod keep;
pub mod search;
mod shown;
mod stock;
mod titles;

pub(crate) use feed::{Fed, REQUESTS};
pub(crate) use shown::shown;
pub use stock::{ImportCounts, ImportRefusal};
pub(crate) use titles::{
    Title, bibs_of_parts, parse_record, part_facts, title_of, title_of_mut, titles, touch_bib, with_parts,
};
