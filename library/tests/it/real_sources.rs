//! Real catalogues, imported whole and searched as people search. They lie beside the project and are no part of
//! it; without them the test says so and ends.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use domain::{
    catalog::{BibRecord, ImportedBib, SearchQuery},
    text,
};
use library::catalog::import::{Mapping, Reader};

use crate::support::{Shelf, on_both_engines};

on_both_engines!(real_sources_import_and_known_items_are_found);

/// Works drawn for the known-item searches.
const DRAWN: usize = 200;

/// A small generator with a fixed seed (SplitMix64), so that the same works are drawn in every run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(bound).unwrap()).unwrap()
    }
}

fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    folder.is_dir().then_some(folder)
}

fn read(file: &Path, mapping: &str) -> Vec<ImportedBib> {
    let mappings = Path::new(env!("CARGO_MANIFEST_DIR")).join("../mappings");
    let mapping: Mapping = std::fs::read_to_string(mappings.join(mapping)).unwrap().parse().unwrap();
    let name = file.to_string_lossy().into_owned();
    Reader::open(File::open(file).unwrap(), &name, &mapping).unwrap().map(Result::unwrap).collect()
}

#[expect(clippy::print_stdout, reason = "the figures are what it is run for")]
async fn real_sources_import_and_known_items_are_found(shelf: Shelf) {
    let Some(folder) = folder() else {
        println!("not run: the real catalogues are absent");
        return;
    };
    let aozora = read(&folder.join("aozora/list_person_all_extended_utf8.csv.gz"), "aozora.toml");
    let mut best = read(&folder.join("best-loans/main-general-cp932.csv"), "best-loans.toml");
    best.extend(read(&folder.join("best-loans/main-children-cp932.csv"), "best-loans.toml"));
    let marc = read(&folder.join("japan-marc/records.mrc"), "japan-marc.toml");
    assert_eq!((aozora.len(), best.len(), marc.len()), (17_780, 223, 150));

    for again in [false, true] {
        for (source, bibs) in [("aozora", &aozora), ("best-loans", &best), ("japan-marc", &marc)] {
            let (mut added, mut other) = (0, 0);
            for batch in bibs.chunks(500) {
                let counts = shelf.library.import(source, batch).await.unwrap();
                assert_eq!(counts.rejected, [], "{source}");
                added += counts.added + counts.items_added;
                other += counts.changed;
            }
            assert_eq!((added > 0, other), (!again, 0), "{source}, again: {again}");
        }
    }
    shelf.library.feed_search().await.unwrap();

    let mut draw = Draw(20_261_101);
    let drawn: Vec<&BibRecord> = (0..DRAWN).map(|_| &aozora[draw.below(aozora.len())].record).collect();
    let author = |work: &BibRecord| work.creators[0].name.replace(' ', "");
    let reading = |work: &BibRecord| work.title_reading.clone().unwrap_or_default();
    let half = |work: &BibRecord| {
        let letters = work.title.chars().count().div_ceil(2);
        work.title.chars().take(letters).collect::<String>()
    };
    let same_title = |a: &BibRecord, b: &BibRecord| a.title == b.title;
    let same_reading = |a: &BibRecord, b: &BibRecord| text::key(&reading(a)) == text::key(&reading(b));
    type Query<'a> = &'a (dyn Fn(&BibRecord) -> String + Sync);
    type Same<'a> = &'a (dyn Fn(&BibRecord, &BibRecord) -> bool + Sync);
    let ways: [(&str, Query<'_>, Same<'_>, usize); 5] = [
        ("title as printed", &|work| work.title.clone(), &same_title, 190),
        ("title and author", &|work| format!("{} {}", work.title, author(work)), &same_title, 198),
        ("reading in hiragana", &|work| text::reading(&reading(work)), &same_reading, 190),
        ("reading in katakana", &|work| text::katakana(&text::reading(&reading(work))), &same_reading, 190),
        ("author and half the title", &|work| format!("{} {}", author(work), half(work)), &same_title, 190),
    ];
    for (way, query, same, wanted) in ways {
        let (mut first, mut in_ten) = (0, 0);
        for work in &drawn {
            let query = SearchQuery { q: query(work), ..SearchQuery::default() };
            let page = shelf.library.search(&query).await.unwrap();
            let rank = page.results.iter().position(|hit| same(&hit.record, work));
            first += usize::from(rank == Some(0));
            in_ten += usize::from(rank.is_some_and(|rank| rank < 10));
        }
        println!("{way}: first {first}, in the first ten {in_ten}, of {DRAWN}");
        assert!(in_ten >= wanted, "{way}: {in_ten} in the first ten, {wanted} wanted");
    }
}
