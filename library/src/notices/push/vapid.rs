//! By which key the library says to a push service who it is (VAPID, RFC 8292).

use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};

use crate::Fault;

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

/// For how long a token is good; push services take a day at most.
const GOOD_FOR: TimeDelta = TimeDelta::hours(12);

/// The key. Its public half stands in every subscription, so a new key ends them all.
pub struct PushKey {
    pair: EcdsaKeyPair,
}

impl std::fmt::Debug for PushKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PushKey").field("public", &self.public()).finish_non_exhaustive()
    }
}

impl PushKey {
    /// Makes a new key, as the text of a file (PEM, PKCS #8).
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn generate() -> Result<String, Fault> {
        let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .map_err(|_| Fault::Sealing("a key for push services"))?;
        let text = BASE64.encode(key.as_ref());
        let lines: Vec<&str> = text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
        Ok(format!("{BEGIN}\n{}\n{END}\n", lines.join("\n")))
    }

    /// Reads the text of a file, made by [`PushKey::generate`] or by `openssl genpkey`.
    ///
    /// # Errors
    /// When it is no private key of P-256.
    pub fn read(text: &str) -> Result<Self, Fault> {
        let broken = || Fault::Sealing("the key for push services, which is no PEM of a private key of P-256");
        let inner = text.split_once(BEGIN).and_then(|(_, rest)| rest.split_once(END)).ok_or_else(broken)?.0;
        let compact: String = inner.split_whitespace().collect();
        let bytes = BASE64.decode(compact.as_bytes()).map_err(|_| broken())?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &bytes, &SystemRandom::new());
        Ok(Self { pair: pair.map_err(|_| broken())? })
    }

    /// The public half, as a browser wants it.
    pub fn public(&self) -> String {
        BASE64URL_NOPAD.encode(self.pair.public_key().as_ref())
    }

    /// The header `Authorization` for a push service at this origin. `contact` is where its people reach ours.
    pub(super) fn authorization(&self, origin: &str, contact: &str, now: DateTime<Utc>) -> Result<String, Fault> {
        let head = BASE64URL_NOPAD.encode(br#"{"typ":"JWT","alg":"ES256"}"#);
        let claims = serde_json::json!({ "aud": origin, "exp": (now + GOOD_FOR).timestamp(), "sub": contact });
        let signed = format!("{head}.{}", BASE64URL_NOPAD.encode(claims.to_string().as_bytes()));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes());
        let signature = signature.map_err(|_| Fault::Sealing("a token for a push service"))?;
        Ok(format!("vapid t={signed}.{}, k={}", BASE64URL_NOPAD.encode(signature.as_ref()), self.public()))
    }
}

#[cfg(test)]
mod tests {
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::*;

    #[test]
    fn a_key_is_made_read_and_signs() {
        let text = PushKey::generate().expect("random numbers");
        let key = PushKey::read(&text).expect("its own file");
        assert_eq!(key.public(), PushKey::read(&format!("# kept by us\n{text}")).expect("the same").public());
        assert_eq!(key.public().len(), 87);
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a moment");
        let header = key.authorization("https://push.example.net", "mailto:library@example.jp", now).expect("signed");
        let (token, public) = header.strip_prefix("vapid t=").expect("vapid").split_once(", k=").expect("a key");
        let (signed, signature) = token.rsplit_once('.').expect("a signature");
        let decoded = |text: &str| BASE64URL_NOPAD.decode(text.as_bytes()).expect("base64url");
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, decoded(public))
            .verify(signed.as_bytes(), &decoded(signature))
            .expect("signed by the key");
        let claims: serde_json::Value =
            serde_json::from_slice(&decoded(signed.split_once('.').expect("two parts").1)).expect("json");
        assert_eq!(claims["aud"], "https://push.example.net");
        assert_eq!(claims["exp"], 1_800_000_000 + 12 * 3600);
        for broken in ["", "-----BEGIN PRIVATE KEY-----", &text.replace('M', "!"), &text[..80]] {
            PushKey::read(broken).expect_err(broken);
        }
        assert!(!format!("{key:?}").contains(text.lines().nth(1).expect("a line")), "no secret in a log");
    }
}
