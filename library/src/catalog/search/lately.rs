//! What was found lately, of searches that find much.
//!
//! A word that stands in half of all titles has them all counted, narrowed and ordered, which takes a hundred times as long as
//! finding one title, and it is what most people type first. What was found holds until the index is written again.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use domain::catalog::SearchQuery;

use super::Hits;

/// From how many found titles on it is worth while.
const WORTH: u64 = 500;

/// How many searches are remembered at once; each takes one or two kilobytes.
const MOST: usize = 1_000;

/// What was found in the present state of the index.
#[derive(Debug, Default)]
pub(super) struct Lately(Mutex<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    /// Of which state of the index.
    generation: u64,
    /// How many were asked for at once, and what was found.
    hits: HashMap<SearchQuery, (u32, Hits)>,
}

impl Lately {
    /// What this search found, if it is remembered of that state of the index.
    pub(super) fn found(&self, generation: u64, query: &SearchQuery, per_page: u32) -> Option<Hits> {
        let remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (of, hits) = remembered.hits.get(query).filter(|_| remembered.generation == generation)?;
        (*of == per_page).then(|| hits.clone())
    }

    /// Remembers what was found, if it was much.
    pub(super) fn remember(&self, generation: u64, query: &SearchQuery, per_page: u32, hits: &Hits) {
        if hits.total < WORTH {
            return;
        }
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // One that began before the index was written comes too late.
        if generation < remembered.generation {
            return;
        }
        // What is asked for often is soon there again.
        if generation > remembered.generation || remembered.hits.len() >= MOST {
            remembered.hits.clear();
            remembered.generation = generation;
        }
        remembered.hits.insert(query.clone(), (per_page, hits.clone()));
    }
}
