//! The search index: finding bibs by what people type (R8).
//!
//! The index is derived from the database and can be made anew at any time. It stores no records: a search answers
//! with ids, and whoever asked reads the bibs.
//!
//! Text is cut into *units*, a character of Japanese or a Latin word each, and indexed by single units and pairs of
//! neighbours, so that any stretch of a title finds it and no dictionary is needed. It is indexed in three forms
//! (see [`domain::text`]), and a match in a finer form counts for more.

mod analysis;
mod collect;
mod lately;
mod query;
mod schema;
mod suggest;
#[cfg(test)]
mod tests;

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::{
    BibId, PlaceCode,
    catalog::{BibRecord, Facets, SearchQuery, Suggestion},
};
use tantivy::{
    Index, IndexReader, IndexWriter, ReloadPolicy, TantivyError, directory::MmapDirectory, index::SegmentId,
};

use self::{collect::HitCollector, lately::Lately, schema::Fields};

/// Version of what the index holds and how text is analysed. Raise it with every change of either: an index of
/// another version is thrown away.
const VERSION: u32 = 1;

/// Folders of the index are named by this and the version.
const FOLDER_PREFIX: &str = "catalogue-v";

/// Bytes the writer may hold before it writes a segment.
const WRITER_BYTES: usize = 32 << 20;

/// A segment is left as it is when it holds at least this many times what all smaller ones hold together. So there are
/// never more than a few, and a bib is written again only when what came since is a good part of what was there.
const LEFT_FROM: u64 = 10;

/// What can go wrong in the search index. None of it is caused by what people type.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The index could not be read or written.
    #[error("search index: {0}")]
    Index(#[from] TantivyError),
    /// Its folder could not be read or written.
    #[error("search index folder: {0}")]
    Io(#[from] io::Error),
}

/// A bib as the index takes it.
#[derive(Clone, Debug)]
pub struct IndexedBib {
    /// The bib.
    pub id: BibId,
    /// What is known of it.
    pub record: BibRecord,
    /// Branches that have a copy.
    pub branches: Vec<PlaceCode>,
    /// Labels of its parts (`2026年11月号`), by which it can be found too.
    pub part_labels: Vec<String>,
}

/// A page of what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    /// Number of all bibs found.
    pub total: u64,
    /// Those on the page, in order.
    pub ids: Vec<BibId>,
    /// What they can be narrowed by.
    pub facets: Facets,
}

/// The index. Share one between all requests: reading takes no lock, writing takes one.
///
/// All methods block; the writing ones wait for the disk.
pub struct SearchIndex {
    reader: IndexReader,
    fields: Fields,
    writer: Mutex<IndexWriter>,
    lately: Lately,
    beginnings: suggest::Beginnings,
}

impl SearchIndex {
    /// Opens the index in a folder of its own, which is made when it is absent.
    ///
    /// An index that was made by another version of the program, or that can't be read, is thrown away; the one
    /// answered is then empty and its [`cursor`](Self::cursor) is `None`.
    ///
    /// # Errors
    /// When the folder can't be written, or another process writes this index.
    pub fn open(dir: &Path) -> Result<Self, SearchError> {
        let folder = dir.join(format!("{FOLDER_PREFIX}{VERSION}"));
        fs::create_dir_all(&folder)?;
        for other in other_versions(dir, &folder)? {
            tracing::info!(folder = %other.display(), "removing the search index of another version");
            fs::remove_dir_all(other)?;
        }
        let (index, reader) = match open_index(&folder) {
            Ok(opened) => opened,
            Err(error) => {
                tracing::warn!(%error, folder = %folder.display(), "the search index can't be read and is made anew");
                fs::remove_dir_all(&folder)?;
                fs::create_dir_all(&folder)?;
                open_index(&folder)?
            }
        };
        Self::over(&index, reader)
    }

    /// An empty index in memory.
    ///
    /// # Errors
    /// When its threads can't be started.
    pub fn in_ram() -> Result<Self, SearchError> {
        let index = Index::create_in_ram(Fields::schema());
        let reader = reader(&index)?;
        Self::over(&index, reader)
    }

    fn over(index: &Index, reader: IndexReader) -> Result<Self, SearchError> {
        // One thread: importing has the processors to itself seldom enough.
        let writer = index.writer_with_num_threads(1, WRITER_BYTES)?;
        clear_away(&writer)?;
        Ok(Self {
            reader,
            fields: Fields::new(&index.schema())?,
            writer: Mutex::new(writer),
            lately: Lately::default(),
            beginnings: suggest::Beginnings::default(),
        })
    }

    /// Stages new and changed bibs, and the removal of others. Nobody sees it before [`commit`](Self::commit).
    ///
    /// # Errors
    /// When the index can't be written.
    pub fn replace(&self, bibs: &[IndexedBib], removed: &[BibId]) -> Result<(), SearchError> {
        let writer = self.writer();
        for id in removed.iter().chain(bibs.iter().map(|bib| &bib.id)) {
            writer.delete_term(self.fields.id_term(*id));
        }
        for bib in bibs {
            writer.add_document(self.fields.document(bib))?;
        }
        Ok(())
    }

    /// Makes all that was staged visible at once and durable, together with how far the source was read.
    ///
    /// # Errors
    /// When the index can't be written; what was staged is then dropped.
    pub fn commit(&self, cursor: &str) -> Result<(), SearchError> {
        let mut writer = self.writer();
        let committed = writer.prepare_commit().and_then(|mut prepared| {
            prepared.set_payload(cursor);
            prepared.commit()
        });
        if let Err(error) = committed {
            writer.rollback()?;
            clear_away(&writer)?;
            return Err(error.into());
        }
        self.reader.reload()?;
        Ok(())
    }

    /// Joins segments, when those that came last have become a good part of the index: each segment is searched for
    /// every word, and the engine itself joins them only when there are eight of a size.
    ///
    /// Takes a minute for a million bibs, while searches and writes go on.
    ///
    /// # Errors
    /// When the index can't be written, or when the engine is joining segments itself.
    pub fn join_segments(&self) -> Result<(), SearchError> {
        let joining = {
            let mut writer = self.writer();
            let segments = writer.index().searchable_segment_metas()?;
            let joined = joined(segments.iter().map(|segment| (segment.num_docs(), segment.id())).collect());
            if joined.is_empty() {
                return Ok(());
            }
            writer.merge(&joined)
        };
        joining.wait()?;
        self.reader.reload()?;
        Ok(())
    }

    /// How far the source had been read at the last commit; `None` when the index was never filled.
    ///
    /// # Errors
    /// When the index can't be read.
    pub fn cursor(&self) -> Result<Option<String>, SearchError> {
        Ok(self.writer().index().load_metas()?.payload)
    }

    /// Searches. Words are parted by spaces; a bib is found when each of them is found somewhere in it. Without
    /// words everything is found.
    ///
    /// The best matches are whole titles, then beginnings of titles, then titles that contain the words, then
    /// makers, then the rest of the record. Equally good matches, and those of equal year, come in the order of the
    /// titles' readings, so the order is the same on every server.
    ///
    /// # Errors
    /// When the index can't be read; never because of what was typed.
    pub fn search(&self, query: &SearchQuery, per_page: u32) -> Result<Hits, SearchError> {
        if let Some(hits) = self.found_lately(query, per_page) {
            return Ok(hits);
        }
        let searcher = self.reader.searcher();
        let text_query = query::build(&self.fields, &searcher, &query.q)?;
        let offset = u64::from(query.page.saturating_sub(1)) * u64::from(per_page);
        let found = searcher.search(&*text_query, &HitCollector::new(query, offset.saturating_add(per_page.into())))?;
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let hits = Hits { total: found.total, ids: found.ids.into_iter().skip(offset).collect(), facets: found.facets };
        self.lately.remember(searcher.generation().generation_id(), query, per_page, &hits);
        Ok(hits)
    }

    /// What [`search`](Self::search) found for somebody else, where that is remembered and still holds. It does not block.
    pub fn found_lately(&self, query: &SearchQuery, per_page: u32) -> Option<Hits> {
        self.lately.found(self.reader.searcher().generation().generation_id(), query, per_page)
    }

    /// The best so many bibs for these words by the engine's own score, after the first `skip`, and how many are found:
    /// neither narrowed nor counted by facets, nor in our order. What the engine itself takes, to measure
    /// [`search`](Self::search) against.
    ///
    /// # Errors
    /// When the index can't be read.
    pub fn best(&self, q: &str, skip: u32, most: u32) -> Result<(u64, Vec<BibId>), SearchError> {
        let searcher = self.reader.searcher();
        let query = query::build(&self.fields, &searcher, q)?;
        Ok(collect::best(&searcher, &*query, skip, most)?)
    }

    /// Titles and makers that begin with what has been typed so far, in writing or in kana, the most frequent
    /// first. Latin letters that an input method has not yet turned into kana (`としょk`) are disregarded.
    ///
    /// # Errors
    /// When the index can't be read.
    pub fn suggest(&self, typed: &str, limit: usize) -> Result<Vec<Suggestion>, SearchError> {
        Ok(suggest::suggest(&self.fields, &self.reader.searcher(), typed, limit)?)
    }

    /// Another spelling of words that find nothing, one or two letters away from a title, a maker or their reading,
    /// which does find something. `None` when there is none.
    ///
    /// # Errors
    /// When the index can't be read.
    pub fn did_you_mean(&self, q: &str) -> Result<Option<String>, SearchError> {
        let searcher = self.reader.searcher();
        let finds = |q: &str| -> tantivy::Result<bool> {
            let found = searcher.search(&*query::build(&self.fields, &searcher, q)?, &tantivy::collector::Count)?;
            Ok(found > 0)
        };
        Ok(suggest::did_you_mean(&self.fields, &searcher, &self.beginnings, q, finds)?)
    }

    /// How many bibs it holds.
    pub fn documents(&self) -> u64 {
        self.reader.searcher().num_docs()
    }

    /// A panic in another writing thread leaves the staged changes as they were, so its lock can be taken over.
    fn writer(&self) -> MutexGuard<'_, IndexWriter> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Which segments are to become one: the smallest, up to the largest that is not [left as it is](LEFT_FROM).
fn joined(mut segments: Vec<(u32, SegmentId)>) -> Vec<SegmentId> {
    segments.sort_unstable();
    let mut smaller = 0;
    let mut end = 0;
    for (place, (bibs, _)) in segments.iter().enumerate() {
        let bibs = u64::from(*bibs);
        if place > 0 && bibs < LEFT_FROM * smaller {
            end = place + 1;
        }
        smaller += bibs;
    }
    segments.into_iter().take(end).map(|(_, id)| id).collect()
}

/// Removes the files of a commit that was not finished. The engine writes which documents are gone into a file that
/// is named by the number of the change, and refuses to write it when it is there already: whoever does the same
/// change again, after a process was killed in the middle of it, would be refused for ever.
fn clear_away(writer: &IndexWriter) -> tantivy::Result<()> {
    writer.garbage_collect_files().wait()?;
    Ok(())
}

fn open_index(folder: &Path) -> Result<(Index, IndexReader), SearchError> {
    let directory = MmapDirectory::open(folder).map_err(TantivyError::from)?;
    let index = Index::open_or_create(directory, Fields::schema())?;
    let reader = reader(&index)?;
    Ok((index, reader))
}

fn reader(index: &Index) -> tantivy::Result<IndexReader> {
    index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()
}

fn other_versions(dir: &Path, current: &Path) -> io::Result<Vec<PathBuf>> {
    let mut others = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(FOLDER_PREFIX));
        if ours && entry.file_type()?.is_dir() && entry.path() != current {
            others.push(entry.path());
        }
    }
    Ok(others)
}
