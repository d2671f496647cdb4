//! What an authenticator answers, read and checked as WebAuthn level 3 wants it (§7.1, §7.2), without a database.
//!
//! This is all of WebAuthn that is needed here. No attestation is asked for, so none is checked: who made the authenticator
//! does not matter to a library. What an authenticator says of a key is canonical CBOR (CTAP2 §8), and of the two kinds of
//! key that are asked for there is one way each of writing them, so they are read by it. The signatures are `ring`'s work.

use data_encoding::BASE64URL_NOPAD;
use domain::patrons::{PasskeyRefusal, RelyingParty};
use ring::signature::{ECDSA_P256_SHA256_ASN1, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// ECDSA on P-256 with SHA-256, by its number in COSE.
pub(super) const ES256: i64 = -7;
/// RSA (PKCS #1 v1.5) with SHA-256, by its number in COSE: keys of Windows.
pub(super) const RS256: i64 = -257;

/// Somebody touched the authenticator.
const PRESENT: u8 = 1;
/// It made sure who it was: by fingerprint, face or PIN.
const VERIFIED: u8 = 1 << 2;
/// The key may be kept on other devices too.
const MAY_BE_KEPT_ELSEWHERE: u8 = 1 << 3;
/// It is kept on other devices.
const IS_KEPT_ELSEWHERE: u8 = 1 << 4;
/// What follows describes a new key.
const HAS_KEY: u8 = 1 << 6;

/// The key of ECDSA in COSE, up to the two coordinates and between them.
const POINT: ([u8; 10], [u8; 3]) = ([0xA5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32], [0x22, 0x58, 32]);
/// The key of RSA in COSE, up to the length of the modulus, and what follows the modulus: 65537.
const MODULUS: ([u8; 9], [u8; 5]) = ([0xA4, 1, 3, 3, 0x39, 1, 0, 0x20, 0x59], [0x21, 0x43, 1, 0, 1]);

/// What a browser is to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To make a key.
    Register,
    /// To sign in by one.
    SignIn,
}

impl Purpose {
    /// In the database.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::SignIn => "sign-in",
        }
    }

    /// In what the browser says of itself.
    const fn kind(self) -> &'static str {
        match self {
            Self::Register => "webauthn.create",
            Self::SignIn => "webauthn.get",
        }
    }
}

/// A key that was just made.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NewKey {
    /// The question it was made for.
    pub(super) challenge: Vec<u8>,
    pub(super) credential: Vec<u8>,
    /// [`ES256`] or [`RS256`].
    pub(super) algorithm: i64,
    /// The point, or the modulus.
    pub(super) public_key: Vec<u8>,
    pub(super) counter: u32,
}

/// An answer to the question who somebody is; nothing of it is believed before [`Answer::is_signed`].
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) challenge: Vec<u8>,
    pub(super) credential: Vec<u8>,
    pub(super) counter: u32,
    /// Whose key the authenticator says it is.
    pub(super) handle: Vec<u8>,
    signed: Vec<u8>,
    signature: Vec<u8>,
}

/// `PublicKeyCredential.toJSON()`, as far as it matters. Bytes are Base64url.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Credential {
    raw_id: String,
    response: Response,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    authenticator_data: String,
    #[serde(default)]
    signature: String,
    #[serde(default)]
    user_handle: Option<String>,
}

/// What the browser says of where it was asked.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
}

/// What the authenticator says, after the browser's part was found to be in order.
struct Heard {
    challenge: Vec<u8>,
    credential: Vec<u8>,
    counter: u32,
    data: Vec<u8>,
    client_data: Vec<u8>,
    response: Response,
}

impl NewKey {
    /// Reads the answer to a question to make a key.
    pub(super) fn read(text: &str, party: &RelyingParty) -> Result<Self, PasskeyRefusal> {
        let heard = hear(text, party, Purpose::Register).ok_or(PasskeyRefusal::Unknown)?;
        let key = new_key(&heard.data).filter(|(credential, ..)| *credential == heard.credential);
        let (credential, algorithm, public_key) = key.ok_or(PasskeyRefusal::Unknown)?;
        Ok(Self {
            challenge: heard.challenge,
            credential: credential.to_vec(),
            algorithm,
            public_key,
            counter: heard.counter,
        })
    }
}

impl Answer {
    /// Reads the answer to a question who somebody is.
    pub(super) fn read(text: &str, party: &RelyingParty) -> Result<Self, PasskeyRefusal> {
        Self::heard(text, party).ok_or(PasskeyRefusal::Unknown)
    }

    fn heard(text: &str, party: &RelyingParty) -> Option<Self> {
        let Heard { challenge, credential, counter, data, client_data, response } = hear(text, party, Purpose::SignIn)?;
        // A key that is found without a card number says whose it is.
        let handle = bytes(response.user_handle.as_deref()?)?;
        let signature = bytes(&response.signature)?;
        let signed = [data.as_slice(), &Sha256::digest(&client_data)].concat();
        Some(Self { challenge, credential, counter, handle, signed, signature })
    }

    /// Whether it was this key that answered.
    pub(super) fn is_signed(&self, algorithm: i64, key: &[u8]) -> bool {
        let checked = match algorithm {
            ES256 => UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key).verify(&self.signed, &self.signature),
            RS256 => RsaPublicKeyComponents { n: key, e: &MODULUS.1[2..] }.verify(
                &RSA_PKCS1_2048_8192_SHA256,
                &self.signed,
                &self.signature,
            ),
            _ => return false,
        };
        checked.is_ok()
    }
}

/// Reads what was sent and checks all that needs no key: what for and where it was asked, and that the authenticator made
/// sure who sits before it.
fn hear(text: &str, party: &RelyingParty, purpose: Purpose) -> Option<Heard> {
    let Credential { raw_id, response } = serde_json::from_str(text).ok()?;
    let client_data = bytes(&response.client_data)?;
    let said: ClientData = serde_json::from_slice(&client_data).ok()?;
    if said.kind != purpose.kind() || said.origin != party.origin || said.cross_origin {
        return None;
    }
    let data = bytes(&response.authenticator_data)?;
    let (party_hash, rest) = data.split_at_checked(32)?;
    let (flags, rest) = rest.split_first()?;
    let counter = u32::from_be_bytes(rest.get(..4)?.try_into().ok()?);
    let is_set = |flag: u8| flags & flag == flag;
    let sound = party_hash == Sha256::digest(party.id.as_bytes()).as_slice()
        && is_set(PRESENT | VERIFIED)
        && (is_set(MAY_BE_KEPT_ELSEWHERE) || !is_set(IS_KEPT_ELSEWHERE));
    if !sound {
        return None;
    }
    let (challenge, credential) = (bytes(&said.challenge)?, bytes(&raw_id)?);
    Some(Heard { challenge, credential, counter, data, client_data, response })
}

/// The id of the new key that the authenticator describes, its algorithm, and the key.
fn new_key(data: &[u8]) -> Option<(&[u8], i64, Vec<u8>)> {
    if data.get(32)? & HAS_KEY == 0 {
        return None;
    }
    // After hash, flags and counter stands the kind of the authenticator, which is not asked for.
    let rest = data.get(37 + 16..)?;
    let (length, rest) = rest.split_at_checked(2)?;
    let length = usize::from(u16::from_be_bytes(length.try_into().ok()?));
    // The most there may be (§5.8.3).
    let (credential, key) = rest.split_at_checked(length).filter(|_| (1..=1023).contains(&length))?;
    let (algorithm, key) = point(key).map(|key| (ES256, key)).or_else(|| Some((RS256, modulus(key)?)))?;
    Some((credential, algorithm, key))
}

/// A point, uncompressed.
fn point(key: &[u8]) -> Option<Vec<u8>> {
    let (x, rest) = key.strip_prefix(&POINT.0)?.split_at_checked(32)?;
    let y = rest.strip_prefix(&POINT.1)?.get(..32)?;
    Some([&[4], x, y].concat())
}

/// A modulus of 2048 bits or more.
fn modulus(key: &[u8]) -> Option<Vec<u8>> {
    let (length, rest) = key.strip_prefix(&MODULUS.0)?.split_at_checked(2)?;
    let length = usize::from(u16::from_be_bytes(length.try_into().ok()?));
    let (modulus, rest) = rest.split_at_checked(length).filter(|_| (256..=1024).contains(&length))?;
    rest.strip_prefix(&MODULUS.1)?;
    Some(modulus.to_vec())
}

/// Bytes as browsers write them.
fn bytes(text: &str) -> Option<Vec<u8>> {
    BASE64URL_NOPAD.decode(text.as_bytes()).ok()
}
