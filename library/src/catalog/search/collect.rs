//! One pass over everything the words find: narrowing, counting, ordering.

use std::{collections::BTreeMap, io};

use domain::{
    BibId, PlaceCode,
    catalog::{FacetCount, Facets, MaterialType, SearchQuery, Sort},
};
use tantivy::{
    DocId, Score, Searcher, SegmentOrdinal, SegmentReader, TantivyError,
    collector::{Collector, Count, SegmentCollector, TopDocs},
    columnar::{BytesColumn, Column, StrColumn},
    query::Query,
};

use super::schema::{ID_BYTES, columns};

/// Number of classes in NDC: its first digit.
const NDC_CLASSES: usize = 10;

/// The best hits by the engine's own score and the number of all.
pub(super) fn best(searcher: &Searcher, query: &dyn Query, skip: u32, most: u32) -> tantivy::Result<(u64, Vec<BibId>)> {
    let [skip, most] = [skip, most].map(|number| usize::try_from(number).unwrap_or(usize::MAX));
    let top = TopDocs::with_limit(most.max(1)).and_offset(skip).order_by_score();
    let (hits, total) = searcher.search(query, &(top, Count))?;
    let mut ids = Vec::with_capacity(hits.len());
    for (_, at) in hits {
        let sort_keys = searcher.segment_reader(at.segment_ord).fast_fields().bytes(columns::SORT_KEY)?;
        let Some(sort_keys) = sort_keys else { continue };
        let Some(number) = sort_keys.ords().first(at.doc_id) else { continue };
        let mut sort_key = Vec::new();
        sort_keys.ord_to_bytes(number, &mut sort_key)?;
        ids.push(Hit { rank: 0, sort_key }.id()?);
    }
    Ok((total as u64, ids))
}

/// Collects the hits up to the end of the page asked for.
///
/// The filters are applied here and not in the query, because a facet counts as if it were not itself narrowed:
/// that takes the documents that pass all filters but one.
pub(super) struct HitCollector<'a> {
    query: &'a SearchQuery,
    /// How many hits to keep: all pages up to the one asked for.
    limit: usize,
}

/// What was found, in order, from the first page on.
#[derive(Default)]
pub(super) struct Found {
    pub(super) total: u64,
    pub(super) ids: Vec<BibId>,
    pub(super) facets: Facets,
}

impl<'a> HitCollector<'a> {
    pub(super) fn new(query: &'a SearchQuery, limit: u64) -> Self {
        Self { query, limit: usize::try_from(limit).unwrap_or(usize::MAX) }
    }
}

impl Collector for HitCollector<'_> {
    type Fruit = Found;
    type Child = SegmentHits;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<SegmentHits> {
        let fast = segment.fast_fields();
        let query = self.query;
        Ok(SegmentHits {
            sort: query.sort,
            best: Best::new(self.limit),
            materials: WordFacet::new(fast.str(columns::MATERIAL)?, query.material.map(MaterialType::as_str))?,
            branches: WordFacet::new(fast.str(columns::BRANCH)?, query.branch.as_ref().map(|code| code.0.as_str()))?,
            years: fast.column_opt(columns::YEAR)?,
            decade: query.decade,
            decades: Decades::default(),
            classes: fast.column_opt(columns::NDC_CLASS)?,
            class: query.ndc,
            class_counts: [0; NDC_CLASSES],
            sort_keys: fast.bytes(columns::SORT_KEY)?,
            total: 0,
        })
    }

    fn requires_scoring(&self) -> bool {
        self.query.sort == Sort::Relevance
    }

    fn merge_fruits(&self, segments: Vec<io::Result<SegmentFound>>) -> tantivy::Result<Found> {
        let mut total = 0;
        let mut hits = Vec::new();
        let mut materials = BTreeMap::new();
        let mut branches = BTreeMap::new();
        let mut decades = BTreeMap::new();
        let mut classes = [0; NDC_CLASSES];
        for segment in segments {
            let segment = segment?;
            total += segment.total;
            hits.extend(segment.hits);
            add(&mut materials, segment.materials);
            add(&mut branches, segment.branches);
            add(&mut decades, segment.decades);
            for (sum, count) in classes.iter_mut().zip(segment.classes) {
                *sum += count;
            }
        }
        hits.sort_unstable();
        hits.truncate(self.limit);
        let facets = Facets {
            materials: MaterialType::ALL
                .iter()
                .filter_map(|material| Some(FacetCount { value: *material, count: *materials.get(material.as_str())? }))
                .collect(),
            branches: branches.into_iter().map(|(code, count)| FacetCount { value: PlaceCode(code), count }).collect(),
            decades: decades.into_iter().rev().map(|(value, count)| FacetCount { value, count }).collect(),
            ndc: (0..)
                .zip(classes)
                .filter(|(_, count)| *count > 0)
                .map(|(value, count)| FacetCount { value, count })
                .collect(),
        };
        Ok(Found { total, ids: hits.iter().map(Hit::id).collect::<Result<_, _>>()?, facets })
    }
}

fn add<K: Ord>(sums: &mut BTreeMap<K, u64>, counts: impl IntoIterator<Item = (K, u64)>) {
    for (key, count) in counts {
        *sums.entry(key).or_default() += count;
    }
}

/// A hit and what it is ordered by, ascending.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hit {
    rank: u32,
    sort_key: Vec<u8>,
}

impl Hit {
    fn id(&self) -> tantivy::Result<BibId> {
        self.sort_key
            .last_chunk::<ID_BYTES>()
            .map(|bytes| BibId(uuid::Uuid::from_bytes(*bytes)))
            .ok_or_else(|| TantivyError::InternalError("a document of the search index has no id".to_owned()))
    }
}

/// What one segment has.
pub(super) struct SegmentFound {
    total: u64,
    hits: Vec<Hit>,
    materials: Vec<(String, u64)>,
    branches: Vec<(String, u64)>,
    decades: Vec<(i32, u64)>,
    classes: [u64; NDC_CLASSES],
}

/// Goes through the documents of one segment.
pub(super) struct SegmentHits {
    sort: Sort,
    best: Best,
    materials: WordFacet,
    branches: WordFacet,
    years: Option<Column<i64>>,
    decade: Option<i32>,
    decades: Decades,
    classes: Option<Column<u64>>,
    class: Option<u8>,
    class_counts: [u64; NDC_CLASSES],
    sort_keys: Option<BytesColumn>,
    total: u64,
}

/// The best of a segment's hits: rank and number of the sort key, which are in the order of the keys. A word may find all of a
/// million titles, so what can't be among the best is dropped on the way.
struct Best {
    limit: usize,
    hits: Vec<(u32, u64)>,
    /// The last of the best so far, once there are enough.
    last: Option<(u32, u64)>,
}

impl Best {
    const fn new(limit: usize) -> Self {
        Self { limit, hits: Vec::new(), last: None }
    }

    /// Takes a hit; its key is looked up only if its rank leaves it a chance.
    fn offer(&mut self, rank: u32, key: impl FnOnce() -> u64) {
        if self.last.is_some_and(|(last, _)| rank > last) {
            return;
        }
        let hit = (rank, key());
        if self.last.is_some_and(|last| hit > last) {
            return;
        }
        self.hits.push(hit);
        if self.hits.len() > self.limit.saturating_mul(2) {
            self.drop_the_rest();
        }
    }

    fn drop_the_rest(&mut self) {
        if self.hits.len() > self.limit {
            if let Some(last) = self.limit.checked_sub(1) {
                self.last = Some(*self.hits.select_nth_unstable(last).1);
            }
            self.hits.truncate(self.limit);
        }
    }

    fn into_hits(mut self) -> Vec<(u32, u64)> {
        self.drop_the_rest();
        self.hits
    }
}

/// Titles by decade. What is not of our era, or of the far future, is an error of typing and seldom.
struct Decades {
    /// By a tenth of the year.
    usual: [u64; USUAL_DECADES],
    others: BTreeMap<i32, u64>,
}

/// The decades that printed matter may be of.
const USUAL_DECADES: usize = 210;

impl Default for Decades {
    fn default() -> Self {
        Self { usual: [0; USUAL_DECADES], others: BTreeMap::new() }
    }
}

impl Decades {
    fn count(&mut self, decade: i32) {
        match usize::try_from(decade / 10).ok().and_then(|tenth| self.usual.get_mut(tenth)) {
            Some(count) => *count += 1,
            None => *self.others.entry(decade).or_default() += 1,
        }
    }

    fn counts(self) -> impl Iterator<Item = (i32, u64)> {
        let usual = (0..).step_by(10).zip(self.usual);
        usual.chain(self.others).filter(|(_, count)| *count > 0)
    }
}

impl SegmentCollector for SegmentHits {
    type Fruit = io::Result<SegmentFound>;

    fn collect(&mut self, doc: DocId, score: Score) {
        let year = self.years.as_ref().and_then(|years| years.first(doc)).and_then(|year| i32::try_from(year).ok());
        let decade = year.map(|year| year.div_euclid(10) * 10);
        let material = self.materials.passes(doc);
        let branch = self.branches.passes(doc);
        let in_decade = self.decade.is_none() || decade == self.decade;
        let class =
            self.class.is_none_or(|wanted| values(self.classes.as_ref(), doc).any(|class| class == u64::from(wanted)));
        if branch && in_decade && class {
            self.materials.count(doc);
        }
        if material && in_decade && class {
            self.branches.count(doc);
        }
        if material
            && branch
            && class
            && let Some(decade) = decade
        {
            self.decades.count(decade);
        }
        if material && branch && in_decade {
            for class in values(self.classes.as_ref(), doc) {
                if let Some(count) = usize::try_from(class).ok().and_then(|class| self.class_counts.get_mut(class)) {
                    *count += 1;
                }
            }
        }
        if material && branch && in_decade && class {
            self.total += 1;
            let key = || self.sort_keys.as_ref().and_then(|keys| keys.ords().first(doc)).unwrap_or(u64::MAX);
            self.best.offer(rank(self.sort, score, year), key);
        }
    }

    fn harvest(self) -> io::Result<SegmentFound> {
        Ok(SegmentFound {
            total: self.total,
            hits: with_keys(self.best.into_hits(), self.sort_keys.as_ref())?,
            materials: self.materials.counts()?,
            branches: self.branches.counts()?,
            decades: self.decades.counts().collect(),
            classes: self.class_counts,
        })
    }
}

fn values(column: Option<&Column<u64>>, doc: DocId) -> impl Iterator<Item = u64> {
    column.into_iter().flat_map(move |column| column.values_for_doc(doc))
}

/// The order wished for, as a number that ascends. What has no year comes last either way.
fn rank(sort: Sort, score: Score, year: Option<i32>) -> u32 {
    // The order of the years, kept in a number without sign.
    let year = year.map(|year| year.cast_unsigned() ^ (1 << 31));
    match sort {
        // The bits of floats that are not negative are in the order of the floats.
        Sort::Relevance => !score.to_bits(),
        Sort::Title => 0,
        Sort::Newest => year.map_or(u32::MAX, |year| !year),
        Sort::Oldest => year.unwrap_or(u32::MAX),
    }
}

/// Reads the sort keys of the hits, in one go through the dictionary.
fn with_keys(mut hits: Vec<(u32, u64)>, sort_keys: Option<&BytesColumn>) -> io::Result<Vec<Hit>> {
    let Some(sort_keys) = sort_keys else { return Ok(Vec::new()) };
    hits.sort_unstable_by_key(|(_, key)| *key);
    let numbers: Vec<u64> = hits.iter().map(|(_, key)| *key).collect();
    let mut ranks = hits.iter().map(|(rank, _)| *rank);
    let mut found = Vec::with_capacity(hits.len());
    sort_keys.dictionary().sorted_ords_to_term_cb(&numbers, |key| {
        found.extend(ranks.next().map(|rank| Hit { rank, sort_key: key.to_owned() }));
    })?;
    Ok(found)
}

/// A column of words: one is filtered by, all are counted.
struct WordFacet {
    column: Option<StrColumn>,
    filter: Filter,
    /// By number of the word.
    counts: Vec<u64>,
}

enum Filter {
    Everything,
    /// No document of the segment has the word.
    Nothing,
    /// Number of the word in this segment.
    Word(u64),
}

impl WordFacet {
    fn new(column: Option<StrColumn>, wanted: Option<&str>) -> io::Result<Self> {
        let filter = match (wanted, &column) {
            (None, _) => Filter::Everything,
            (Some(word), Some(column)) => column.dictionary().term_ord(word)?.map_or(Filter::Nothing, Filter::Word),
            (Some(_), None) => Filter::Nothing,
        };
        let words = column.as_ref().map_or(0, |column| column.dictionary().num_terms());
        Ok(Self { column, filter, counts: vec![0; words] })
    }

    fn words(&self, doc: DocId) -> impl Iterator<Item = u64> {
        self.column.iter().flat_map(move |column| column.term_ords(doc))
    }

    fn passes(&self, doc: DocId) -> bool {
        match self.filter {
            Filter::Everything => true,
            Filter::Nothing => false,
            Filter::Word(wanted) => self.words(doc).any(|word| word == wanted),
        }
    }

    fn count(&mut self, doc: DocId) {
        let Some(column) = &self.column else { return };
        for word in column.term_ords(doc) {
            if let Some(count) = usize::try_from(word).ok().and_then(|word| self.counts.get_mut(word)) {
                *count += 1;
            }
        }
    }

    fn counts(self) -> io::Result<Vec<(String, u64)>> {
        let Some(column) = self.column else { return Ok(Vec::new()) };
        let mut counts = Vec::new();
        for (number, count) in (0..).zip(self.counts).filter(|(_, count)| *count > 0) {
            let mut word = String::new();
            column.ord_to_str(number, &mut word)?;
            counts.push((word, count));
        }
        Ok(counts)
    }
}
