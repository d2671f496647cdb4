//! What people search for, drawn from the titles there are.

use app::address;
use domain::{
    BibId,
    catalog::{BibRecord, MaterialType, SearchQuery},
};
use library::{Library, storage::Tx};
use rand::{RngExt as _, SeedableRng as _, rngs::Xoshiro256PlusPlus, seq::IndexedRandom as _};
use uuid::Uuid;

use crate::{failure::Failure, sql::fetch_all};

/// Records that are drawn.
const RECORDS: usize = 300;

/// Words that stand in many titles, and one that stands in most.
const COMMON: [&str; 3] = ["物語", "入門", "の"];

/// What stands in no title.
const NOWHERE: &str = "ぽぬゔぽ";

/// The page that few ever turn to.
const DEEP: u32 = 30;

/// A way of searching.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// A title as printed.
    Title,
    /// A title as read.
    Reading,
    /// One word that many titles have.
    CommonWord,
    /// A title, its author, its publisher.
    ThreeWords,
    /// What is not there, so that other spellings are looked for.
    Nothing,
    /// A common word, narrowed three times.
    Facets,
    /// The thirtieth page of a common word.
    DeepPage,
}

impl Way {
    pub(crate) const ALL: [Self; 7] =
        [Self::Title, Self::Reading, Self::CommonWord, Self::ThreeWords, Self::Nothing, Self::Facets, Self::DeepPage];

    /// As the report calls it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Title => "printed title",
            Self::Reading => "reading",
            Self::CommonWord => "one common word",
            Self::ThreeWords => "three words",
            Self::Nothing => "nothing found",
            Self::Facets => "facets",
            Self::DeepPage => "deep page",
        }
    }
}

/// What is asked for.
pub(crate) struct Questions {
    /// Each way of searching in turn.
    searches: Vec<(Way, SearchQuery)>,
    /// Records to look at.
    bibs: Vec<BibId>,
}

impl Questions {
    /// Draws them from the library.
    ///
    /// # Errors
    /// When the database can't be read, or has no titles.
    pub(crate) async fn of(library: &Library, seed: u64) -> Result<Self, Failure> {
        let mut tx: Tx = library.database().begin_read().await?;
        let (bibs,) = fetch_all!(&mut tx, (i64,), "select count(*) from bib")?.pop().unwrap_or_default();
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut drawn: Vec<(BibId, BibRecord)> = Vec::with_capacity(RECORDS);
        for _ in 0..RECORDS {
            let key = random.random_range(0..bibs.max(1)).to_string();
            let sql = "select id, record from bib where source = 'grown' and source_key = $1";
            for (id, record) in fetch_all!(&mut tx, (Uuid, String), sql, &key)? {
                drawn.extend(serde_json::from_str(&record).ok().map(|record| (BibId(id), record)));
            }
        }
        if drawn.is_empty() {
            return Err(Failure::Lacking("titles"));
        }
        let searches = drawn
            .iter()
            .flat_map(|(_, record)| Way::ALL.map(|way| (way, record)))
            .map(|(way, record)| (way, query(way, record, &mut random)))
            .collect();
        Ok(Self { searches, bibs: drawn.into_iter().map(|(id, _)| id).collect() })
    }

    /// The searches of one way, or of all ways in turn.
    pub(crate) fn searches(&self, way: Option<Way>) -> Vec<&SearchQuery> {
        let wanted = |(of, _): &&(Way, SearchQuery)| way.is_none_or(|way| way == *of);
        self.searches.iter().filter(wanted).map(|(_, query)| query).collect()
    }

    /// The addresses of their result lists.
    pub(crate) fn lists(&self, way: Option<Way>) -> Vec<String> {
        self.searches(way).into_iter().map(address::search).collect()
    }

    /// The addresses of the records.
    pub(crate) fn records(&self) -> Vec<String> {
        self.bibs.iter().map(|id| format!("/bibs/{id}")).collect()
    }
}

fn query(way: Way, record: &BibRecord, random: &mut Xoshiro256PlusPlus) -> SearchQuery {
    let common = COMMON.choose(random).copied().unwrap_or_default().to_owned();
    let words = |q: String| SearchQuery { q, ..SearchQuery::default() };
    let reading = record.title_reading.clone().unwrap_or_default();
    match way {
        Way::Title => words(record.title.clone()),
        Way::Reading => words(reading),
        Way::CommonWord => words(common),
        Way::ThreeWords => {
            let author = record.creators.first().and_then(|creator| creator.name.split(' ').next()).unwrap_or_default();
            words(format!("{} {author} {}", record.title, record.publisher.as_deref().unwrap_or_default()))
        }
        Way::Nothing => words(format!("{reading}{NOWHERE}")),
        Way::Facets => SearchQuery {
            material: Some(MaterialType::Book),
            ndc: Some(9),
            decade: record.year.map(|year| year.div_euclid(10) * 10),
            ..words(common)
        },
        Way::DeepPage => SearchQuery { q: COMMON[0].to_owned(), page: DEEP, ..SearchQuery::default() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_asks_for_what_it_says() {
        let record: BibRecord = serde_json::from_str(
            r#"{"title":"猫の物語","title_reading":"ねこのものがたり","creators":[{"name":"夏目 漱石"}],
                "publisher":"岩波書店","year":2003,"material":"book"}"#,
        )
        .expect("a record");
        let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
        let mut asked = |way| query(way, &record, &mut random);
        assert_eq!(asked(Way::Title).q, "猫の物語");
        assert_eq!(asked(Way::Reading).q, "ねこのものがたり");
        assert_eq!(asked(Way::ThreeWords).q, "猫の物語 夏目 岩波書店");
        assert!(COMMON.contains(&asked(Way::CommonWord).q.as_str()));
        assert_eq!((asked(Way::Facets).decade, asked(Way::Facets).ndc), (Some(2000), Some(9)));
        assert_eq!(asked(Way::DeepPage).page, 30);
    }
}
