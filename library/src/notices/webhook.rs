//! A library's own gateway, for text messages, LINE or calls by a machine: it is told by a signed request whom to tell what.
//!
//! This is the example by which other channels are made, and a channel that works: it takes over what the telephone list
//! would have people call for, a ready copy of a patron who is not told by mail. What it was handed stands on that list as
//! word that was left, so the desk sees it and need not call.

use std::time::Duration;

use data_encoding::HEXLOWER;
use domain::notices::{Channel, NoticeKind};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http_body_util::Full;
use hyper::{Request, Uri, body::Bytes};
use sha2::Sha256;

use super::{channel::Carrier, http::HttpClient, mailer::Undelivered, parcel::Parcel};
use crate::{
    Fault, Library,
    storage::{Told, execute, in_write},
};

/// After so many tries, some hours, people call.
const MOST_TRIES: i64 = 8;

/// Where the gateway is.
#[derive(Clone)]
pub struct WebhookSettings {
    /// Its address: https, or http on this machine.
    pub url: Uri,
    /// The secret both sides know.
    pub secret: Vec<u8>,
    /// How long an answer may take.
    pub patience: Duration,
}

impl std::fmt::Debug for WebhookSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without the secret, so that it can't reach a log; and the address may hold one.
        f.debug_struct("WebhookSettings").field("host", &self.url.host()).finish_non_exhaustive()
    }
}

/// Carries notices to the gateway.
#[derive(Clone, Debug)]
pub struct Webhook {
    settings: WebhookSettings,
    http: HttpClient,
}

impl Webhook {
    /// Whoever asks that gateway.
    pub fn new(settings: WebhookSettings) -> Self {
        let http = HttpClient::new(settings.patience);
        Self { settings, http }
    }

    /// What the gateway is told: whom to reach, and what they may be told. No title and no name, which are nobody's business
    /// on the telephone but the patron's.
    fn body(library: &Library, parcel: &Parcel) -> String {
        let place = parcel.abouts.first().and_then(|about| about.place.clone());
        let named = place.as_ref().and_then(|code| library.policy().place(code)).map(|place| place.name.clone());
        let until = parcel.abouts.iter().filter_map(|about| about.date).min();
        serde_json::json!({
            "id": parcel.id.to_string(),
            "kind": NoticeKind::Ready.as_str(),
            "telephone": parcel.recipient,
            "language": parcel.language.code(),
            "library": library.policy().library.name,
            "place": named,
            "until": until,
            "copies": parcel.abouts.len(),
        })
        .to_string()
    }

    /// `t=SECONDS,v1=HMAC-SHA-256 of "SECONDS.BODY"`, so that an old request can't be sent again.
    fn signature(&self, seconds: i64, body: &str) -> Option<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.settings.secret).ok()?;
        mac.update(format!("{seconds}.{body}").as_bytes());
        Some(format!("t={seconds},v1={}", HEXLOWER.encode(&mac.finalize().into_bytes())))
    }
}

impl Carrier for Webhook {
    fn channel(&self) -> Channel {
        Channel::Webhook
    }

    async fn carry(&self, library: &Library, parcel: &Parcel) -> Result<(), Undelivered> {
        let failed = |why| Err(Undelivered::NotNow(Fault::Channel(why)));
        let body = Self::body(library, parcel);
        let Some(signature) = self.signature(library.now().timestamp(), &body) else { return failed("no signature") };
        let request = Request::post(self.settings.url.clone())
            .header("content-type", "application/json")
            .header("idempotency-key", parcel.id.to_string())
            .header("hondana-signature", signature)
            .body(Full::new(Bytes::from(body)));
        let Ok(request) = request else { return failed("no request can be made") };
        match self.http.send(request).await.map(|answer| answer.code) {
            Some(200..=299) => library.leave_word(parcel).await.map_err(Undelivered::NotNow),
            // It will never take this one, or has not for hours: the patron is on the telephone list already.
            Some(400 | 404 | 410 | 422) => Ok(()),
            _ if parcel.tries >= MOST_TRIES => Ok(()),
            Some(_) => failed("the gateway refused"),
            None => failed("the gateway did not answer"),
        }
    }
}

impl Library {
    /// Notes on the telephone list that word was left.
    async fn leave_word(&self, parcel: &Parcel) -> Result<(), Fault> {
        let now = self.now();
        in_write!(self.database(), |tx| {
            tx.tell([Told::Staff]);
            execute!(
                tx,
                "insert into notice_try (event_id, channel, op, reservation_id, at, result)
                 select e.id, 'telephone', o.id, e.reservation_id, $2, 'left-word'
                 from outbox o join event e on e.id = o.event_id where o.sent_as = $1 and e.reservation_id is not null
                 on conflict (event_id, channel, op) do nothing",
                parcel.id.0,
                now
            )
            .map_err(Fault::from)
        })?;
        Ok(())
    }
}
