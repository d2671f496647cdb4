//! Titles made of the words of a catalogue, with readings, authors, classes and copies.

use chrono::{Datelike as _, NaiveDate, TimeDelta};
use domain::{
    PlaceCode,
    catalog::{BibRecord, Creator, ImportedBib, ImportedItem, ImportedPart, LoanRule, MaterialType},
};
use rand::{RngExt as _, SeedableRng as _, rngs::Xoshiro256PlusPlus, seq::IndexedRandom as _};

use super::skew::{early, popularity};
use crate::words::{Word, Words};

/// Issues of a magazine that are kept: a year of them.
const ISSUES: i64 = 12;

/// Of a thousand titles, how many are of which material. The rest are books.
const OTHERS: [(u32, MaterialType); 5] = [
    (20, MaterialType::Magazine),
    (10, MaterialType::Kamishibai),
    (60, MaterialType::Cd),
    (30, MaterialType::Dvd),
    (2, MaterialType::Ld),
];

/// Of a hundred titles of a public library, how many are in which main class of NDC.
const CLASSES: [u32; 10] = [3, 4, 8, 18, 7, 8, 4, 10, 2, 36];

const SUBJECTS: [&str; 16] = [
    "料理",
    "子育て",
    "旅行",
    "健康",
    "園芸",
    "手芸",
    "経済",
    "法律",
    "歴史",
    "地理",
    "宇宙",
    "動物",
    "機械",
    "音楽",
    "絵画",
    "小説",
];

/// Draws one title after the other; always the same ones for the same seed.
pub(super) struct Titles<'a> {
    words: &'a Words,
    random: Xoshiro256PlusPlus,
    branches: Vec<PlaceCode>,
    authors: Vec<Creator>,
    /// How popular each title is, 0 the most.
    ranks: Vec<u32>,
    today: NaiveDate,
    next: usize,
    barcodes: u64,
}

impl<'a> Titles<'a> {
    pub(super) fn new(words: &'a Words, seed: u64, bibs: usize, branches: Vec<PlaceCode>, today: NaiveDate) -> Self {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let name = |random: &mut Xoshiro256PlusPlus| {
            let (family, given) = (draw(random, &words.family_names), draw(random, &words.given_names));
            Creator {
                name: format!("{} {}", family.written, given.written),
                reading: Some(format!("{} {}", family.read, given.read)),
                role: Some("著".to_owned()),
            }
        };
        let authors = (0..(bibs / 4).max(50)).map(|_| name(&mut random)).collect();
        Self { words, random, branches, authors, ranks: popularity(seed, bibs), today, next: 0, barcodes: 0 }
    }

    /// The next so many titles; fewer at the end.
    pub(super) fn take(&mut self, count: usize) -> Vec<ImportedBib> {
        let until = self.ranks.len().min(self.next + count);
        (self.next..until).map(|_| self.bib()).collect()
    }

    fn bib(&mut self) -> ImportedBib {
        let n = self.next;
        self.next += 1;
        let material = self.material();
        let title = self.title();
        let ndc = self.class();
        let author = early(&mut self.random, self.authors.len());
        let author = self.authors.get(author).cloned();
        let year = self.today.year() - i32::try_from(early(&mut self.random, 80)).unwrap_or(0);
        let mark = author.as_ref().and_then(|author| author.reading.as_ref()?.chars().next()).unwrap_or('ア');
        let shelf_mark = format!("{ndc} {mark}");
        let record = BibRecord {
            title: title.written,
            title_reading: Some(title.read),
            subtitle: self.now_and_then(20).then(|| self.word().written),
            volume: self.now_and_then(10).then(|| self.random.random_range(1..=12).to_string()),
            creators: author.into_iter().collect(),
            publisher: Some(draw(&mut self.random, &self.words.publishers).clone()),
            year: Some(year),
            isbns: if self.now_and_then(75) { vec![self.isbn()] } else { Vec::new() },
            ndc: vec![ndc],
            series: self.now_and_then(30).then(|| format!("{}文庫", self.word().written)),
            subjects: vec![(*draw(&mut self.random, &SUBJECTS)).to_owned()],
            extent: Some(format!("{}p 19cm", self.random.random_range(80..600))),
            material,
        };
        let parts = if material == MaterialType::Magazine {
            (0..ISSUES).map(|back| self.issue(back, &shelf_mark)).collect()
        } else {
            let copies = self.copies(n);
            let items = (0..copies).map(|_| self.copy(&shelf_mark)).collect();
            let received_on =
                self.now_and_then(1).then(|| self.today - TimeDelta::days(self.random.random_range(0..30)));
            vec![ImportedPart { label: String::new(), ordinal: 0, received_on, items }]
        };
        ImportedBib { source_key: n.to_string(), record, parts }
    }

    fn title(&mut self) -> Word {
        let joined = |parts: &[(&str, &str)]| Word {
            written: parts.iter().map(|(written, _)| *written).collect(),
            read: parts.iter().map(|(_, read)| *read).collect(),
        };
        let (one, two, three) = (self.word(), self.word(), self.word());
        let (one, two, three) = [&one, &two, &three].map(|word| (word.written.as_str(), word.read.as_str())).into();
        match self.random.random_range(0..100) {
            0..10 => draw(&mut self.random, &self.words.titles).clone(),
            10..45 => joined(&[one, ("の", "ノ"), two]),
            45..60 => joined(&[one, ("と", "ト"), two]),
            60..72 => joined(&[one, ("物語", "モノガタリ")]),
            72..80 => joined(&[one, ("入門", "ニュウモン")]),
            80..85 => joined(&[("新・", "シン"), one]),
            _ => joined(&[one, ("の", "ノ"), two, ("と", "ト"), three]),
        }
    }

    fn word(&mut self) -> Word {
        draw(&mut self.random, &self.words.words).clone()
    }

    fn material(&mut self) -> MaterialType {
        let mut drawn = self.random.random_range(0..1000);
        for (share, material) in OTHERS {
            if drawn < share {
                return material;
            }
            drawn -= share;
        }
        MaterialType::Book
    }

    fn class(&mut self) -> String {
        let mut drawn = self.random.random_range(0..100);
        for (class, share) in (0_u32..).zip(CLASSES) {
            if drawn < share {
                // Literature is as the catalogue has it, which is full of it.
                let real = draw(&mut self.random, &self.words.ndc);
                let rest = self.random.random_range(0..100);
                return if class == 9 && real.starts_with('9') { real.clone() } else { format!("{class}{rest:02}") };
            }
            drawn -= share;
        }
        "000".to_owned()
    }

    fn isbn(&mut self) -> String {
        let body = format!("9784{:08}", self.random.random_range(0..100_000_000));
        let sum: u32 =
            body.chars().zip([1, 3].into_iter().cycle()).filter_map(|(c, by)| Some(c.to_digit(10)? * by)).sum();
        format!("{body}{}", (10 - sum % 10) % 10)
    }

    /// What many want, the library has many copies of.
    fn copies(&mut self, n: usize) -> u32 {
        let rank = self.ranks.get(n).map_or(usize::MAX, |rank| *rank as usize);
        if rank < self.ranks.len() / 1000 {
            self.random.random_range(6..=12)
        } else if rank < self.ranks.len() / 50 {
            self.random.random_range(3..=6)
        } else {
            self.random.random_range(0..3_u32).max(1)
        }
    }

    fn copy(&mut self, shelf_mark: &str) -> ImportedItem {
        self.barcodes += 1;
        ImportedItem {
            barcode: format!("5{:010}", self.barcodes),
            branch: draw(&mut self.random, &self.branches).clone(),
            shelf_mark: shelf_mark.to_owned(),
            loan_rule: if self.now_and_then(5) { LoanRule::InLibraryOnly } else { LoanRule::Lendable },
        }
    }

    fn issue(&mut self, back: i64, shelf_mark: &str) -> ImportedPart {
        let received_on = self.today - TimeDelta::days(back * 30 + 3);
        ImportedPart {
            label: received_on.format("%Y年%-m月号").to_string(),
            ordinal: ISSUES - back,
            received_on: Some(received_on),
            items: vec![self.copy(shelf_mark)],
        }
    }

    /// Whether it is one of so many in a hundred.
    fn now_and_then(&mut self, in_a_hundred: u32) -> bool {
        self.random.random_range(0..100) < in_a_hundred
    }
}

/// One of a list that is not empty.
fn draw<'a, T>(random: &mut Xoshiro256PlusPlus, list: &'a [T]) -> &'a T {
    list.choose(random).unwrap_or(&list[0])
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, path::Path};

    use domain::catalog::isbn::Isbn13;

    use super::*;

    fn titles(seed: u64, bibs: usize) -> Vec<ImportedBib> {
        let words = Words::read(Path::new("nowhere")).expect("the demo's words");
        let branches = ["central", "north"].map(|code| PlaceCode(code.to_owned())).to_vec();
        let today = NaiveDate::from_ymd_opt(2026, 4, 1).expect("a day");
        let mut titles = Titles::new(&words, seed, bibs, branches, today);
        let mut all = titles.take(bibs / 2);
        all.extend(titles.take(bibs));
        all
    }

    #[test]
    fn a_seed_says_all() {
        assert_eq!(titles(1, 300), titles(1, 300));
        let names = |seed| titles(seed, 300).into_iter().map(|bib| bib.record.title).collect::<Vec<_>>();
        assert_ne!(names(1), names(2));
        assert_eq!(titles(1, 300).len(), 300);
    }

    #[test]
    fn what_is_drawn_is_a_catalogue() {
        let all = titles(7, 2000);
        let barcodes: Vec<_> = all.iter().flat_map(|bib| &bib.parts).flat_map(|part| &part.items).collect();
        assert_eq!(barcodes.iter().map(|item| &item.barcode).collect::<HashSet<_>>().len(), barcodes.len());
        assert!(all.iter().flat_map(|bib| &bib.record.isbns).all(|isbn| isbn.parse::<Isbn13>().is_ok()));
        assert!(all.iter().all(|bib| bib.record.title_reading.is_some() && !bib.parts.is_empty()));
        let most = all.iter().map(|bib| bib.parts[0].items.len()).max();
        assert!(most >= Some(6), "what many want has many copies: {most:?}");
    }
}
