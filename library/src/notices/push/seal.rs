//! What is said to a device, sealed so that the push service in between can't read it (RFC 8291, RFC 8188).
//!
//! The parts are `ring`'s, which is here for TLS and passkeys already; what is left is their order, and that is checked in
//! the tests by another implementation.

use ring::{
    aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral},
    hkdf::{HKDF_SHA256, KeyType, Prk, Salt},
    rand::{SecureRandom, SystemRandom},
};

use crate::Fault;

/// All messages are as long as this, so that the push service can't tell by their length what they say.
const LENGTH: usize = 1024;

/// Longest record, by the message's own word; there is one alone.
const RECORD: u32 = 4096;

/// The public half of what a device encrypts with: a point of P-256, uncompressed.
pub(super) const POINT: usize = 65;

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// Seals a text for the device with this public key and this shared secret.
///
/// # Errors
/// When the key is none, or the text is too long.
pub(super) fn seal(text: &[u8], device: &[u8], auth: &[u8]) -> Result<Vec<u8>, Fault> {
    sealed(text, device, auth).ok_or(Fault::Sealing("a message for a device"))
}

fn sealed(text: &[u8], device: &[u8], auth: &[u8]) -> Option<Vec<u8>> {
    // The text, the mark of the last record, and zeros.
    let mut record = Vec::with_capacity(LENGTH + AES_128_GCM.tag_len());
    record.extend_from_slice(text);
    record.push(2);
    if record.len() > LENGTH {
        return None;
    }
    record.resize(LENGTH, 0);

    let random = SystemRandom::new();
    let own = EphemeralPrivateKey::generate(&ECDH_P256, &random).ok()?;
    let own_public = own.compute_public_key().ok()?;
    let mut salt = [0u8; 16];
    random.fill(&mut salt).ok()?;
    let peer = UnparsedPublicKey::new(&ECDH_P256, device);
    let shared = agree_ephemeral(own, &peer, |secret| {
        expand::<32>(&Salt::new(HKDF_SHA256, auth).extract(secret), &[b"WebPush: info\0", device, own_public.as_ref()])
    });
    let keys = Salt::new(HKDF_SHA256, &salt).extract(&shared.ok()??);
    let key = expand::<16>(&keys, &[b"Content-Encoding: aes128gcm\0"])?;
    let nonce = expand::<12>(&keys, &[b"Content-Encoding: nonce\0"])?;
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).ok()?);
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut record).ok()?;

    let mut message = Vec::with_capacity(salt.len() + 5 + POINT + record.len());
    message.extend_from_slice(&salt);
    message.extend_from_slice(&RECORD.to_be_bytes());
    message.push(u8::try_from(own_public.as_ref().len()).ok()?);
    message.extend_from_slice(own_public.as_ref());
    message.extend_from_slice(&record);
    Some(message)
}

fn expand<const N: usize>(from: &Prk, info: &[&[u8]]) -> Option<[u8; N]> {
    let mut out = [0u8; N];
    from.expand(info, Length(N)).ok()?.fill(&mut out).ok()?;
    Some(out)
}
