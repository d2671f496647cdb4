//! The boxes of a history's entries (R28): what is in them, and how thousands of them are opened.

use domain::{HistoryEntryId, PatronId, bookshelf::HistoryEntry};
use hpke::Deserializable as _;
use zeroize::Zeroizing;

use super::{
    reseal::OwnKey,
    seal::{OpenKey, PrivateKey, PublicKey, Purpose, open, seal},
};
use crate::Fault;

/// How long what is inside the box of an entry is, in bytes, whatever was borrowed: the length of a box tells nothing.
const ENTRY_LENGTH: usize = 768;

/// Most of a title and of the names of its creators that goes into an entry, in bytes; the rest is cut off.
const LONGEST_TITLE: usize = 360;
const LONGEST_CREATORS: usize = 150;

/// How many boxes one visit seals anew at most, so that it keeps neither its patron nor the desk waiting.
const ANEW_AT_ONCE: usize = 1000;
/// Up to how many threads open boxes, and below which number one is enough.
const MOST_THREADS: usize = 4;
const FEW: usize = 200;

impl OpenKey {
    /// Opens boxes of this patron's entries. One that does not open was not sealed for this key. Those that are settled and
    /// were not sealed anew before are now, some of them at a time.
    pub(super) fn entries(&self, boxes: Vec<Boxed>) -> Result<Opened, Fault> {
        let private = PrivateKey::from_bytes(&self.bytes).map_err(|_| Fault::Sealing("no private key"))?;
        let keys = Keys { private, own: OwnKey::of(&self.bytes), patron: self.patron };
        let found = opened(&keys, &boxes);
        let mut anew = Vec::new();
        let mut entries = Vec::with_capacity(found.len());
        for (boxed, found) in boxes.into_iter().zip(found) {
            let Some((entry, kind)) = found else { continue };
            if boxed.settled && kind == Kind::ForPublicHalf && anew.len() < ANEW_AT_ONCE {
                let now = keys.own.seal(self.patron, &padded(&entry)?)?;
                anew.push(SealedAnew { id: boxed.id, was: boxed.sealed, now });
            }
            entries.push((boxed.id, entry));
        }
        Ok(Opened { entries, anew })
    }

    /// Seals an entry of this patron in their own visit.
    pub(super) fn sealed_anew(&self, entry: &HistoryEntry) -> Result<Vec<u8>, Fault> {
        OwnKey::of(&self.bytes).seal(self.patron, &padded(entry)?)
    }
}

/// A row of the history, closed.
pub(super) struct Boxed {
    pub(super) id: HistoryEntryId,
    pub(super) sealed: Vec<u8>,
    /// Whether nothing ties it to its loan any more.
    pub(super) settled: bool,
}

/// What came out of the boxes of a patron.
pub(super) struct Opened {
    pub(super) entries: Vec<(HistoryEntryId, HistoryEntry)>,
    /// Boxes that should stand in place of others.
    pub(super) anew: Vec<SealedAnew>,
}

/// A box that should stand in place of another one.
pub(super) struct SealedAnew {
    pub(super) id: HistoryEntryId,
    pub(super) was: Vec<u8>,
    pub(super) now: Vec<u8>,
}

/// All that opens the boxes of one patron.
struct Keys {
    private: PrivateKey,
    own: OwnKey,
    patron: PatronId,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    ForPublicHalf,
    Anew,
}

impl Keys {
    fn open(&self, sealed: &[u8]) -> Option<(HistoryEntry, Kind)> {
        let (text, kind) = match self.own.open(self.patron, sealed) {
            Some(text) => (text, Kind::Anew),
            None => (open(&self.private, Purpose::Entry, sealed, self.patron)?, Kind::ForPublicHalf),
        };
        Some((serde_json::from_slice(&text).ok()?, kind))
    }
}

/// What is in each of the boxes. Many are shared among a few threads.
fn opened(keys: &Keys, boxes: &[Boxed]) -> Vec<Option<(HistoryEntry, Kind)>> {
    let all = |boxes: &[Boxed]| boxes.iter().map(|boxed| keys.open(&boxed.sealed)).collect::<Vec<_>>();
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    if threads == 1 || boxes.len() < FEW {
        return all(boxes);
    }
    std::thread::scope(|scope| {
        let parts: Vec<_> =
            boxes.chunks(boxes.len().div_ceil(threads)).map(|part| scope.spawn(move || all(part))).collect();
        let joined = parts.into_iter().map(|part| part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        joined.flatten().collect()
    })
}

/// Seals an entry to its patron.
pub(super) fn sealed_entry(public: &[u8], patron: PatronId, entry: &HistoryEntry) -> Result<Vec<u8>, Fault> {
    let public = PublicKey::from_bytes(public).map_err(|_| Fault::Sealing("no public key"))?;
    seal(&public, Purpose::Entry, &padded(entry)?, patron)
}

/// An entry as it lies in its box: of one length, whatever it is.
fn padded(entry: &HistoryEntry) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let entry = HistoryEntry {
        title: cut(&entry.title, LONGEST_TITLE),
        creators: cut(&entry.creators, LONGEST_CREATORS),
        ..entry.clone()
    };
    let mut text = Zeroizing::new(serde_json::to_vec(&entry).map_err(|_| Fault::Sealing("no JSON"))?);
    if text.len() > ENTRY_LENGTH {
        return Err(Fault::Sealing("an entry is too long"));
    }
    text.resize(ENTRY_LENGTH, b' ');
    Ok(text)
}

/// The beginning of a text, as it stands in JSON in so many bytes.
fn cut(text: &str, longest: usize) -> String {
    let mut bytes = 0;
    text.chars()
        .take_while(|c| {
            // What JSON escapes takes up to six bytes.
            bytes += if c.is_control() || matches!(c, '"' | '\\') { 6 } else { c.len_utf8() };
            bytes <= longest
        })
        .collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that can't go on fails")]
mod tests {
    use chrono::NaiveDate;
    use domain::{BibId, catalog::MaterialType};
    use uuid::Uuid;

    use super::*;

    fn entry(title: &str) -> HistoryEntry {
        HistoryEntry {
            bib: BibId(Uuid::from_u128(1)),
            title: title.to_owned(),
            creators: "夏目 漱石".repeat(title.len() % 50),
            material: MaterialType::Kamishibai,
            lent_on: NaiveDate::default(),
            pages: Some(u32::MAX),
            unread: true,
        }
    }

    #[test]
    fn r28_a_box_has_one_length_and_opens_with_its_own_key_alone() {
        let (patron, other) = (PatronId(Uuid::from_u128(1)), PatronId(Uuid::from_u128(2)));
        let (key, public) = OpenKey::new(patron);
        let titles = ["", "こころ", &"あ".repeat(500), &"\"\u{1}".repeat(300), &"a".repeat(2000)];
        let boxes = titles.map(|title| sealed_entry(&public, patron, &entry(title)).unwrap());
        assert!(boxes.iter().all(|boxed| boxed.len() == 32 + ENTRY_LENGTH + 16));
        let ids = || boxes.iter().map(|sealed| closed(sealed.clone())).collect();
        let opened = key.entries(ids()).unwrap().entries;
        assert_eq!(opened.len(), titles.len());
        assert_eq!(opened[1].1, entry("こころ"));
        assert!(entry(titles[2]).title.starts_with(&opened[2].1.title));
        let (another, _) = OpenKey::new(patron);
        assert!(another.entries(ids()).unwrap().entries.is_empty());
        let thief = OpenKey { patron: other, bytes: key.bytes.clone() };
        assert!(thief.entries(ids()).unwrap().entries.is_empty(), "a box put beside another patron");
    }

    fn closed(sealed: Vec<u8>) -> Boxed {
        Boxed { id: HistoryEntryId(Uuid::new_v4()), sealed, settled: true }
    }

    #[test]
    fn r28_what_is_opened_is_sealed_anew_once_and_looks_as_before() {
        let patron = PatronId(Uuid::from_u128(1));
        let (key, public) = OpenKey::new(patron);
        let boxes = |count: usize, settled| -> Vec<Boxed> {
            let sealed = sealed_entry(&public, patron, &entry("こころ")).unwrap();
            (0..count).map(|_| Boxed { settled, ..closed(sealed.clone()) }).collect()
        };
        let first = key.entries(boxes(ANEW_AT_ONCE + FEW, true)).unwrap();
        assert_eq!((first.entries.len(), first.anew.len()), (ANEW_AT_ONCE + FEW, ANEW_AT_ONCE), "some at a time");
        let mut heads = std::collections::BTreeSet::new();
        for SealedAnew { was, now, .. } in &first.anew {
            assert_eq!(now.len(), was.len());
            let head = now.first_chunk::<32>().unwrap();
            assert_eq!(head[31] & 0x80, 0, "a public key, as in the other kind");
            assert!(heads.insert(*head), "of its own");
        }
        let again = key.entries(first.anew.into_iter().map(|anew| closed(anew.now)).collect()).unwrap();
        assert_eq!((again.entries.len(), again.anew.len()), (ANEW_AT_ONCE, 0));
        assert!(again.entries.iter().all(|(_, opened)| *opened == entry("こころ")));
        assert!(key.entries(boxes(3, false)).unwrap().anew.is_empty(), "not while its loan can be undone");
    }

    #[test]
    fn r28_what_was_sealed_anew_opens_with_its_own_key_alone() {
        let (patron, other) = (PatronId(Uuid::from_u128(1)), PatronId(Uuid::from_u128(2)));
        let (key, public) = OpenKey::new(patron);
        let sealed = key.sealed_anew(&entry("こころ")).unwrap();
        let opens = |key: &OpenKey, sealed: &[u8]| key.entries(vec![closed(sealed.to_vec())]).unwrap().entries.len();
        assert_eq!(opens(&key, &sealed), 1);
        assert_eq!(opens(&OpenKey::new(patron).0, &sealed), 0);
        assert_eq!(opens(&OpenKey { patron: other, bytes: key.bytes.clone() }, &sealed), 0, "beside another patron");
        assert!(OwnKey::of(&public).open(patron, &sealed).is_none(), "the public half opens nothing");
        for at in [0, 40, sealed.len() - 1] {
            let mut touched = sealed.clone();
            touched[at] ^= 1;
            assert_eq!(opens(&key, &touched), 0, "changed at {at}");
        }
    }
}
