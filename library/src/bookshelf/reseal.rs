//! Boxes that their patron sealed anew (R28).
//!
//! To open a box for the public half takes a multiplication on the curve, and thousands of those the better part of a
//! second. So the visit that opens an entry seals it again under a key that nothing but the private half gives; from then
//! on it opens some fifty times faster.
//!
//! From outside both kinds look alike: they have one length, and each begins with a public key that was made for it alone.
//! Here that key does nothing but give the nonce. So a row does not say whether its patron has seen it yet.

use chacha20poly1305::{
    XChaCha20Poly1305,
    aead::{Aead as _, KeyInit as _, Payload},
};
use domain::PatronId;
use hpke::{Kem as _, Serializable as _, kem::X25519HkdfSha256 as Kem};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::Fault;

/// What the key is derived for.
const LABEL: &[u8] = b"hondana history 1 sealed anew";
/// How many bytes stand before the content.
const HEAD: usize = 32;
/// How many of them are the nonce: they are random, and a key sees some thousands.
const NONCE: usize = 24;

/// The key for what a patron seals anew.
pub(super) struct OwnKey(XChaCha20Poly1305);

impl OwnKey {
    /// The one that belongs to a private half, which has 256 random bits: deriving it need not be slow.
    pub(super) fn of(private: &[u8]) -> Self {
        let key: Zeroizing<[u8; 32]> =
            Zeroizing::new(Sha256::new().chain_update(LABEL).chain_update(private).finalize().into());
        Self(XChaCha20Poly1305::new((&*key).into()))
    }

    /// Puts a content of this patron into a box.
    pub(super) fn seal(&self, patron: PatronId, content: &[u8]) -> Result<Vec<u8>, Fault> {
        let failed = || Fault::Sealing("a box could not be made anew");
        let (_, head) = Kem::gen_keypair();
        let mut boxed = head.to_bytes().to_vec();
        let nonce = boxed.first_chunk::<NONCE>().ok_or_else(failed)?;
        let content = Payload { msg: content, aad: patron.0.as_bytes() };
        let content = self.0.encrypt(nonce.into(), content).map_err(|_| failed())?;
        boxed.extend(content);
        Ok(boxed)
    }

    /// Takes it out again. `None` when the box is of another kind, patron or key.
    pub(super) fn open(&self, patron: PatronId, boxed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (head, content) = boxed.split_at_checked(HEAD)?;
        let content = Payload { msg: content, aad: patron.0.as_bytes() };
        self.0.decrypt(head.first_chunk::<NONCE>()?.into(), content).ok().map(Zeroizing::new)
    }
}
