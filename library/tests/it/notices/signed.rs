//! Signed mails, read by another's code as a receiver reads them.

use std::{borrow::Borrow, collections::HashMap, hash::Hash, time::Instant};

use library::notices::{DkimSettings, Mailer, SmtpSettings};
use mail_auth::{
    AuthenticatedMessage, DkimResult, MessageAuthenticator, Parameters, ResolverCache, Txt,
    common::{parse::TxtRecordParser, verify::DomainKey},
};

use super::ready_for;
use crate::support::{Shelf, smtp::SmtpServer};

/// One key in the two forms openssl writes; made for these tests and used for nothing else.
const KEYS: [&str; 2] = [include_str!("keys/pkcs8.pem"), include_str!("keys/pkcs1.pem")];

/// Its public half, and that of another key.
const PUBLIC: &str = include_str!("keys/public.txt");
const OTHER: &str = include_str!("keys/other.txt");

/// The one record there is in this DNS.
struct OneRecord(HashMap<String, Txt>);

impl ResolverCache<String, Txt> for OneRecord {
    fn get<Q>(&self, name: &Q) -> Option<Txt>
    where
        String: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.0.get(name).cloned()
    }

    fn remove<Q>(&self, _: &Q) -> Option<Txt>
    where
        String: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: String, _: Txt, _: Instant) {}
}

/// Whether a receiver finds one signature, and it good.
async fn is_good(raw: &str, public: &str) -> bool {
    let record = format!("v=DKIM1; k=rsa; p={}", public.trim());
    let record = DomainKey::parse(record.as_bytes()).unwrap();
    let dns = OneRecord(HashMap::from([("hondana._domainkey.hondana.example.jp.".to_owned(), record.into())]));
    let message = AuthenticatedMessage::parse(raw.as_bytes()).unwrap();
    let receiver = MessageAuthenticator::new_cloudflare().unwrap();
    let found = receiver.verify_dkim(Parameters::new(&message).with_txt_cache(&dns)).await;
    found.len() == 1 && *found[0].result() == DkimResult::Pass
}

fn signing(server: &SmtpServer, key: &str) -> Mailer {
    let domain = "hondana.example.jp".to_owned();
    let dkim = Some(DkimSettings { domain, selector: "hondana".to_owned(), key: key.as_bytes().to_vec() });
    Mailer::smtp(SmtpSettings { dkim, ..server.settings() }).unwrap()
}

#[tokio::test]
async fn a_receiver_finds_mails_signed_and_whole() {
    let shelf = Shelf::on_sqlite().await;
    let server = SmtpServer::start().await;
    let patron = shelf.patron().await;
    for key in KEYS {
        ready_for(&shelf, patron).await;
        assert_eq!(shelf.library.send_due(&signing(&server, key)).await.unwrap(), 1);
        let raw = server.taken().last().unwrap().raw.clone();
        assert!(is_good(&raw, PUBLIC).await, "{raw}");
        assert!(!is_good(&raw, OTHER).await, "another's key");
        // Whoever changes it on the way is found out.
        for other in [
            raw.replacen("Subject: ", "Subject: Re: ", 1),
            format!("From: somebody@else.example\r\n{raw}"),
            raw.replacen("multipart/alternative", "multipart/mixed", 1),
            format!("{raw}more\r\n"),
        ] {
            assert_ne!(other, raw);
            assert!(!is_good(&other, PUBLIC).await, "{other}");
        }
    }
}

#[tokio::test]
async fn a_key_that_is_none_stops_the_start() {
    let server = SmtpServer::start().await;
    let key = DkimSettings { domain: "a.jp".to_owned(), selector: "a".to_owned(), key: b"secret".to_vec() };
    let refused = Mailer::smtp(SmtpSettings { dkim: Some(key), ..server.settings() }).err().unwrap().to_string();
    assert!(refused.contains("mail.dkim.key_file") && !refused.contains("secret"), "{refused}");
}
