//! Sealed boxes (RFC 9180, X25519 and ChaCha20-Poly1305): what is put in with the public half comes out with the private
//! half alone.
//!
//! There is one means for everything. A private key is itself put into boxes: into one for a key pair derived from the
//! password, into one for a pair derived from the recovery code, and, while its patron is signed in, into one for a pair
//! derived from what their browser keeps. None of those derived keys is kept anywhere here.

use data_encoding::BASE64URL_NOPAD;
use domain::{HistoryEntryId, PatronId, bookshelf::HistoryEntry};
use hpke::{
    Deserializable, Kem as _, OpModeR, OpModeS, Serializable, aead::ChaCha20Poly1305, kdf::HkdfSha256,
    kem::X25519HkdfSha256 as Kem,
};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::Fault;

type PrivateKey = <Kem as hpke::Kem>::PrivateKey;
type PublicKey = <Kem as hpke::Kem>::PublicKey;
type EncappedKey = <Kem as hpke::Kem>::EncappedKey;

/// How long what is inside the box of an entry is, in bytes, whatever was borrowed: the length of a box tells nothing.
const ENTRY_LENGTH: usize = 768;

/// Most of a title and of the names of its creators that goes into an entry, in bytes; the rest is cut off.
const LONGEST_TITLE: usize = 360;
const LONGEST_CREATORS: usize = 150;

/// Letters and digits none of which is taken for another.
const LETTERS: &[u8; 28] = b"abcdefghjkmnpqrstuvwxyz23456";
/// How many of them a recovery code has: some 120 bits, which nobody guesses however fast.
const CODE_LENGTH: usize = 25;

/// What a box is for. One that was made for something else does not open.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    Entry,
    ByPassword,
    ByCode,
    ByBrowser,
}

impl Purpose {
    const fn info(self) -> &'static [u8] {
        match self {
            Self::Entry => b"hondana history 1 entry",
            Self::ByPassword => b"hondana history 1 password",
            Self::ByCode => b"hondana history 1 recovery code",
            Self::ByBrowser => b"hondana history 1 browser",
        }
    }
}

/// The key to one patron's history, opened. It is nowhere kept as it is, and wiped when it is dropped.
#[derive(Clone)]
pub struct OpenKey {
    patron: PatronId,
    bytes: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for OpenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OpenKey")
    }
}

impl OpenKey {
    /// A new one, and its public half.
    pub(super) fn new(patron: PatronId) -> (Self, Vec<u8>) {
        let (private, public) = Kem::gen_keypair();
        (Self { patron, bytes: Zeroizing::new(private.to_bytes().to_vec()) }, public.to_bytes().to_vec())
    }

    /// Puts it into a box that `secret` opens.
    pub(super) fn wrapped(&self, secret: &[u8], purpose: Purpose) -> Result<Vec<u8>, Fault> {
        let (_, public) = Kem::derive_keypair(secret);
        seal(&public, purpose, &self.bytes, self.patron)
    }

    /// Takes it out of such a box. `None` when the secret is another one.
    pub(super) fn unwrapped(patron: PatronId, boxed: &[u8], secret: &[u8], purpose: Purpose) -> Option<Self> {
        let (private, _) = Kem::derive_keypair(secret);
        open(&private, purpose, boxed, patron).map(|bytes| Self { patron, bytes })
    }

    /// What a browser and its session keep of it, each worth nothing without the other.
    ///
    /// # Errors
    /// When it can't be sealed.
    pub fn parted(&self) -> Result<(String, String), Fault> {
        let secret: Zeroizing<[u8; 32]> = Zeroizing::new(rand::random());
        let kept = self.wrapped(&*secret, Purpose::ByBrowser)?;
        Ok((BASE64URL_NOPAD.encode(&*secret), BASE64URL_NOPAD.encode(&kept)))
    }

    /// The key of this patron from what their browser and its session kept.
    pub fn rejoined(patron: PatronId, browser: &str, session: &str) -> Option<Self> {
        let secret = Zeroizing::new(BASE64URL_NOPAD.decode(browser.as_bytes()).ok()?);
        let kept = BASE64URL_NOPAD.decode(session.as_bytes()).ok()?;
        (secret.len() == 32).then(|| Self::unwrapped(patron, &kept, &secret, Purpose::ByBrowser)).flatten()
    }

    /// Opens entries, which are of this patron. One that does not open was not sealed for this key.
    pub(super) fn entries(&self, boxes: Vec<(HistoryEntryId, Vec<u8>)>) -> Vec<(HistoryEntryId, HistoryEntry)> {
        let Ok(private) = PrivateKey::from_bytes(&self.bytes) else { return Vec::new() };
        let read = |(id, sealed): (HistoryEntryId, Vec<u8>)| {
            let text = open(&private, Purpose::Entry, &sealed, self.patron)?;
            Some((id, serde_json::from_slice(&text).ok()?))
        };
        boxes.into_iter().filter_map(read).collect()
    }
}

/// Seals an entry to its patron.
pub(super) fn sealed_entry(public: &[u8], patron: PatronId, entry: &HistoryEntry) -> Result<Vec<u8>, Fault> {
    let public = PublicKey::from_bytes(public).map_err(|_| Fault::Sealing("no public key"))?;
    let entry = HistoryEntry {
        title: cut(&entry.title, LONGEST_TITLE),
        creators: cut(&entry.creators, LONGEST_CREATORS),
        ..entry.clone()
    };
    let text = serde_json::to_vec(&entry).map_err(|_| Fault::Sealing("no JSON"))?;
    let mut text = Zeroizing::new(text);
    if text.len() > ENTRY_LENGTH {
        return Err(Fault::Sealing("an entry is too long"));
    }
    text.resize(ENTRY_LENGTH, b' ');
    seal(&public, Purpose::Entry, &text, patron)
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

fn seal(public: &PublicKey, purpose: Purpose, content: &[u8], patron: PatronId) -> Result<Vec<u8>, Fault> {
    let (encapped, content) = hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, Kem>(
        &OpModeS::Base,
        public,
        purpose.info(),
        content,
        patron.0.as_bytes(),
    )
    .map_err(|_| Fault::Sealing("a box could not be made"))?;
    let mut boxed = encapped.to_bytes().to_vec();
    boxed.extend(content);
    Ok(boxed)
}

fn open(private: &PrivateKey, purpose: Purpose, boxed: &[u8], patron: PatronId) -> Option<Zeroizing<Vec<u8>>> {
    let (encapped, content) = boxed.split_at_checked(EncappedKey::size())?;
    let encapped = EncappedKey::from_bytes(encapped).ok()?;
    hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, Kem>(
        &OpModeR::Base,
        private,
        &encapped,
        purpose.info(),
        content,
        patron.0.as_bytes(),
    )
    .ok()
    .map(Zeroizing::new)
}

/// A new recovery code, in groups as it is printed.
pub(super) fn new_code() -> String {
    let letters: Vec<char> = (0..CODE_LENGTH)
        .map(|_| char::from(LETTERS.get(rand::random_range(0..LETTERS.len())).copied().unwrap_or(b'a')))
        .collect();
    letters.chunks(5).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// The secret behind a recovery code as typed. `None` when it is none. A code is as good as any key, so it need not be
/// derived slowly.
pub(super) fn code_secret(typed: &str) -> Option<Zeroizing<Vec<u8>>> {
    let letters = domain::patrons::one_time_letters(typed)?;
    (letters.len() == CODE_LENGTH)
        .then(|| Zeroizing::new(Sha256::digest(format!("hondana recovery code {letters}").as_bytes()).to_vec()))
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
        }
    }

    #[test]
    fn r28_a_box_has_one_length_and_opens_with_its_own_key_alone() {
        let (patron, other) = (PatronId(Uuid::from_u128(1)), PatronId(Uuid::from_u128(2)));
        let (key, public) = OpenKey::new(patron);
        let titles = ["", "こころ", &"あ".repeat(500), &"\"\u{1}".repeat(300), &"a".repeat(2000)];
        let boxes = titles.map(|title| sealed_entry(&public, patron, &entry(title)).unwrap());
        assert!(boxes.iter().all(|boxed| boxed.len() == 32 + ENTRY_LENGTH + 16));
        let ids = || boxes.iter().map(|boxed| (HistoryEntryId(Uuid::new_v4()), boxed.clone())).collect();
        let opened = key.entries(ids());
        assert_eq!(opened.len(), titles.len());
        assert_eq!(opened[1].1, entry("こころ"));
        assert!(entry(titles[2]).title.starts_with(&opened[2].1.title));
        let (another, _) = OpenKey::new(patron);
        assert!(another.entries(ids()).is_empty());
        let thief = OpenKey { patron: other, bytes: key.bytes.clone() };
        assert!(thief.entries(ids()).is_empty(), "a box put beside another patron");
    }

    #[test]
    fn r28_a_key_is_wrapped_and_unwrapped_by_what_it_was_wrapped_with() {
        let patron = PatronId(Uuid::from_u128(1));
        let (key, _) = OpenKey::new(patron);
        let code = new_code();
        let typed = code.to_uppercase().replace('-', " ");
        let boxed = key.wrapped(&code_secret(&typed).unwrap(), Purpose::ByCode).unwrap();
        let unwrap = |secret: &[u8], purpose| OpenKey::unwrapped(patron, &boxed, secret, purpose);
        assert_eq!(unwrap(&code_secret(&code).unwrap(), Purpose::ByCode).unwrap().bytes, key.bytes);
        assert!(unwrap(&code_secret(&code).unwrap(), Purpose::ByPassword).is_none());
        assert!(unwrap(&code_secret(&new_code()).unwrap(), Purpose::ByCode).is_none());
        assert!(code_secret("abcde").is_none());
        let (browser, session) = key.parted().unwrap();
        assert_eq!(OpenKey::rejoined(patron, &browser, &session).unwrap().bytes, key.bytes);
        let (other, _) = key.parted().unwrap();
        assert!(OpenKey::rejoined(patron, &other, &session).is_none());
        assert!(OpenKey::rejoined(patron, "", &session).is_none());
    }
}
