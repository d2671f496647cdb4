//! The words titles are made of: those of real catalogues where they are at hand, else those of the demo's.

use std::{
    collections::BTreeSet,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use domain::text::katakana;
use library::catalog::import::{Format, Mapping, Reader};

use crate::failure::Failure;

/// Where the catalogue lies in the folder of words, and what its columns mean.
const AOZORA: &str = "aozora/list_person_all_extended_utf8.csv.gz";
const AOZORA_MAPPING: &str = include_str!("../../library/mappings/aozora.toml");
const DEMO: &[u8] = include_bytes!("../../library/demo/catalogue.csv");
const DEMO_MAPPING: &str = include_str!("../../library/mappings/demo.toml");

/// The longest title that is taken for a word, in characters.
const WORD: usize = 6;

/// A word or a name with its reading in kana.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Word {
    /// As written.
    pub(crate) written: String,
    /// As read, in katakana as catalogues have it.
    pub(crate) read: String,
}

/// What titles, authors and publishers are made of. None of the lists is empty, and each is in a fixed order.
pub(crate) struct Words {
    /// Where they come from, for the report.
    pub(crate) source: String,
    /// Short titles.
    pub(crate) words: Vec<Word>,
    /// Whole titles.
    pub(crate) titles: Vec<Word>,
    pub(crate) family_names: Vec<Word>,
    pub(crate) given_names: Vec<Word>,
    pub(crate) publishers: Vec<String>,
    /// Numbers of the classification, as often as they occur.
    pub(crate) ndc: Vec<String>,
}

impl Words {
    /// Reads the words of a folder; where there is no catalogue in it, those of the demo.
    ///
    /// # Errors
    /// When the catalogue is there and can't be read.
    pub(crate) fn read(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join(AOZORA);
        if path.is_file() {
            let file = File::open(&path).map_err(|error| Failure::File { path: path.clone(), error })?;
            Self::of(file, AOZORA_MAPPING, "the catalogue of Aozora Bunko", &path)
        } else {
            Self::of(DEMO, DEMO_MAPPING, "the demo's catalogue, as there is no other", &PathBuf::from("demo"))
        }
    }

    fn of(catalogue: impl Read + Send, mapping: &str, source: &str, path: &Path) -> Result<Self, Failure> {
        let broken = |why: String| Failure::Words { path: path.to_path_buf(), why };
        let mapping: Mapping = mapping.parse().map_err(|error| broken(format!("{error}")))?;
        let reader =
            Reader::with_format(catalogue, Format::Csv, &mapping).map_err(|error| broken(error.to_string()))?;
        // Sets, so that a list depends on the catalogue alone.
        let (mut words, mut titles) = (BTreeSet::new(), BTreeSet::new());
        let (mut family_names, mut given_names, mut publishers) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let mut ndc = Vec::new();
        for bib in reader.flatten() {
            let record = bib.record;
            if let Some(read) = record.title_reading.as_ref().map(|read| katakana(&read.replace(' ', ""))) {
                let word = Word { written: record.title.clone(), read };
                let length = word.written.chars().count();
                if (2..=WORD).contains(&length) && word.written.chars().all(char::is_alphanumeric) {
                    words.insert(word.clone());
                }
                titles.insert(word);
            }
            for creator in &record.creators {
                let Some(reading) = &creator.reading else { continue };
                if let (Some((family, given)), Some((family_read, given_read))) =
                    (creator.name.split_once(' '), reading.split_once(' '))
                {
                    family_names.insert(Word { written: family.to_owned(), read: katakana(family_read) });
                    given_names.insert(Word { written: given.to_owned(), read: katakana(given_read) });
                }
            }
            publishers.extend(record.publisher);
            ndc.extend(record.ndc.into_iter().filter(|number| number.starts_with(|c: char| c.is_ascii_digit())));
        }
        let read = Self {
            source: source.to_owned(),
            words: words.into_iter().collect(),
            titles: titles.into_iter().collect(),
            family_names: family_names.into_iter().collect(),
            given_names: given_names.into_iter().collect(),
            publishers: publishers.into_iter().collect(),
            ndc,
        };
        let lists = [read.words.len(), read.family_names.len(), read.given_names.len(), read.publishers.len()];
        if lists.contains(&0) || read.ndc.is_empty() {
            return Err(broken("it has no titles with readings, authors, publishers or classes".to_owned()));
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_stands_in_and_has_words_of_each_kind() {
        let words = Words::read(Path::new("nowhere")).expect("the demo's words");
        assert!(words.source.contains("demo"));
        let soseki = Word { written: "夏目".to_owned(), read: "ナツメ".to_owned() };
        assert!(words.family_names.contains(&soseki));
        assert!(words.words.iter().all(|word| !word.read.contains(' ') && !word.read.is_empty()));
        assert!(words.words.iter().any(|word| word.written == "坊っちゃん"));
    }
}
