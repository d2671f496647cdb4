//! Sealed boxes (RFC 9180, X25519 and ChaCha20-Poly1305): what is put in with the public half comes out with the private
//! half alone.
//!
//! There is one means for everything. A private key is itself put into boxes: into one for a key pair derived from the
//! password, into one for a pair derived from the recovery code, and, while its patron is signed in, into one for a pair
//! derived from what their browser keeps. None of those derived keys is kept anywhere here.
//!
//! What is in the box of an entry, and how many are opened at once, is the affair of [`super::boxes`].

use data_encoding::BASE64URL_NOPAD;
use domain::PatronId;
use hpke::{
    Deserializable, Kem as _, OpModeR, OpModeS, Serializable, aead::ChaCha20Poly1305, kdf::HkdfSha256,
    kem::X25519HkdfSha256 as Kem,
};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::Fault;

pub(super) type PrivateKey = <Kem as hpke::Kem>::PrivateKey;
pub(super) type PublicKey = <Kem as hpke::Kem>::PublicKey;
type EncappedKey = <Kem as hpke::Kem>::EncappedKey;

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
    pub(super) patron: PatronId,
    pub(super) bytes: Zeroizing<Vec<u8>>,
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
}

pub(super) fn seal(public: &PublicKey, purpose: Purpose, content: &[u8], patron: PatronId) -> Result<Vec<u8>, Fault> {
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

pub(super) fn open(
    private: &PrivateKey,
    purpose: Purpose,
    boxed: &[u8],
    patron: PatronId,
) -> Option<Zeroizing<Vec<u8>>> {
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
    use uuid::Uuid;

    use super::*;

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
