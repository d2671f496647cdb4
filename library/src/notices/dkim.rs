//! Signing mails by DKIM (RFC 6376): RSA with SHA-256, both parts canonicalised `relaxed`.
//!
//! Done here, because it is a page of code over what is compiled anyway: the mail library's own signing brings a second RSA
//! with an unmended timing leak (RUSTSEC-2023-0071), and reads keys of an old form only.

use chrono::{DateTime, Utc};
use data_encoding::BASE64;
use ring::{rand::SystemRandom, rsa::KeyPair, signature::RSA_PKCS1_SHA256};
use sha2::{Digest, Sha256};

use crate::Fault;

/// What is signed, where it is there. `From` stands twice, so that no second one can be added.
const SIGNED: [&str; 10] = [
    "from",
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "auto-submitted",
];

/// How mails are signed.
#[derive(Clone)]
pub struct DkimSettings {
    /// The domain that signs: that of the address mails come from, or one above it.
    pub domain: String,
    /// Under which name its key stands in the DNS: `selector._domainkey.domain`.
    pub selector: String,
    /// The private RSA key in PEM, as `openssl genrsa` or `openssl genpkey` writes it.
    pub key: Vec<u8>,
}

/// A key with which mails are signed.
pub(super) struct Dkim {
    domain: String,
    selector: String,
    key: KeyPair,
}

impl Dkim {
    pub(super) fn new(settings: &DkimSettings) -> Result<Self, Fault> {
        let key =
            read_key(&settings.key).map_err(|why| Fault::Mail(format!("the key of `mail.dkim.key_file`: {why}")))?;
        Ok(Self { domain: settings.domain.clone(), selector: settings.selector.clone(), key })
    }

    /// Puts a signature before a mail.
    pub(super) fn sign(&self, mail: Vec<u8>, at: DateTime<Utc>) -> Result<Vec<u8>, Fault> {
        let broken = || Fault::Mail("a mail without a body can't be signed".to_owned());
        let text = std::str::from_utf8(&mail).map_err(|_| broken())?;
        let (head, body) = text.split_once("\r\n\r\n").ok_or_else(broken)?;
        let fields = fields(head);
        let mut signed = String::new();
        let mut names = Vec::new();
        for (n, name) in SIGNED.iter().enumerate() {
            // The second of the same name is looked for above the first, and is not there.
            let seen = SIGNED[..n].iter().filter(|earlier| *earlier == name).count();
            let field = fields.iter().rev().filter(|(known, _)| known == name).nth(seen);
            match field {
                Some((_, value)) => signed.push_str(&format!("{name}:{value}\r\n")),
                None if seen == 0 => continue,
                None => {}
            }
            names.push(*name);
        }
        let (domain, selector, time) = (&self.domain, &self.selector, at.timestamp());
        let (hash, names) = (BASE64.encode(&Sha256::digest(relaxed_body(body))), names.join(":"));
        let unsigned = format!(
            "v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s={selector}; t={time};\r\n h={names};\r\n bh={hash};\r\n b="
        );
        signed.push_str(&format!("dkim-signature:{}", relaxed(&unsigned)));
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .map_err(|_| Fault::Mail("signing failed".to_owned()))?;
        let signature = BASE64.encode(&signature);
        let folded: Vec<String> =
            signature.as_bytes().chunks(72).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
        let mut all = format!("DKIM-Signature: {unsigned}{}\r\n", folded.join("\r\n ")).into_bytes();
        all.extend(mail);
        Ok(all)
    }
}

/// Reads an RSA key of PKCS #8 or PKCS #1.
fn read_key(pem: &[u8]) -> Result<KeyPair, &'static str> {
    let text = std::str::from_utf8(pem).map_err(|_| "it is no PEM")?;
    for (label, pkcs8) in [("PRIVATE KEY", true), ("RSA PRIVATE KEY", false)] {
        let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
        let Some((_, rest)) = text.split_once(&begin) else { continue };
        let (inner, _) = rest.split_once(&end).ok_or("its end is missing")?;
        let base64: String = inner.chars().filter(|c| !c.is_whitespace()).collect();
        let der = BASE64.decode(base64.as_bytes()).map_err(|_| "it is no PEM")?;
        let key = if pkcs8 { KeyPair::from_pkcs8(&der) } else { KeyPair::from_der(&der) };
        return key.map_err(|_| "it is no RSA key of 2048 bits or more");
    }
    Err("there is no private key in it that is not encrypted")
}

/// The header's fields in their order: name in small letters, value canonicalised.
fn fields(head: &str) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in head.split("\r\n") {
        match (line.starts_with([' ', '\t']), fields.last_mut(), line.split_once(':')) {
            (true, Some((_, value)), _) => value.push_str(line),
            (_, _, Some((name, value))) => fields.push((name.trim_end().to_ascii_lowercase(), value.to_owned())),
            _ => {}
        }
    }
    fields.into_iter().map(|(name, value)| (name, relaxed(&value))).collect()
}

/// A value on one line, each gap one space, none at its ends.
fn relaxed(value: &str) -> String {
    let words = value.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// A body with each gap one space, none at the end of a line, no empty lines at its end.
fn relaxed_body(body: &str) -> String {
    let mut canonical = String::with_capacity(body.len());
    for line in body.split("\r\n") {
        let mut gap = false;
        for c in line.trim_end_matches([' ', '\t']).chars() {
            if matches!(c, ' ' | '\t') {
                gap = true;
            } else {
                if gap {
                    canonical.push(' ');
                }
                gap = false;
                canonical.push(c);
            }
        }
        canonical.push_str("\r\n");
    }
    let end = canonical.trim_end_matches("\r\n").len();
    canonical.truncate(end);
    if end > 0 {
        canonical.push_str("\r\n");
    }
    canonical
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 6376, section 3.4.5.
    #[test]
    fn what_is_signed_is_canonical() {
        let head = "A: X\r\nB : Y\t\r\n\tZ  ";
        assert_eq!(fields(head), [("a".to_owned(), "X".to_owned()), ("b".to_owned(), "Y Z".to_owned())]);
        assert_eq!(relaxed_body(" C \r\nD \t E\r\n\r\n\r\n"), " C\r\nD E\r\n");
        assert_eq!(relaxed_body("\r\n\r\n"), "");
        assert_eq!(relaxed_body("x"), "x\r\n");
    }

    #[test]
    fn a_key_that_is_none_is_named() {
        assert_eq!(read_key(b"secret").err(), Some("there is no private key in it that is not encrypted"));
        assert_eq!(read_key(b"-----BEGIN PRIVATE KEY-----\nAAAA").err(), Some("its end is missing"));
        let no_key = b"-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n";
        assert_eq!(read_key(no_key).err(), Some("it is no RSA key of 2048 bits or more"));
    }
}
