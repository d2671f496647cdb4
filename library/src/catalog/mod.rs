//! The catalogue at work: what comes in, what is found, what a record's page shows.

mod browse;
mod feed;
pub mod import;
mod keep;
pub mod search;
mod stock;
mod titles;

pub(crate) use feed::{Fed, REQUESTS};
pub use stock::{ImportCounts, ImportRefusal};
pub(crate) use titles::{Title, TitlePart, bibs_of_parts, part_facts, titles, touch_bib};
