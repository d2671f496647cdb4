//! Notices to patrons' devices by web push (RFC 8030), for a copy that is ready.
//!
//! It comes beside the mail or the telephone and in place of neither: whether a device shows it, nobody knows. On the locked
//! screen stands no title unless the patron wants it.

mod devices;
mod seal;
mod vapid;

use std::{sync::Arc, time::Duration};

use domain::{
    messages::{Key, Messages},
    notices::Channel,
};
use http_body_util::Full;
use hyper::{Request, Uri, body::Bytes};
use uuid::Uuid;

pub(crate) use self::devices::{forget_devices, own_devices};
pub use self::{devices::OwnDevice, vapid::PushKey};
use super::{channel::Carrier, http::HttpClient, mailer::Undelivered, parcel::Parcel};
use crate::{Fault, Library};

/// How often a device is tried that can't be reached now. Later the notice is no news any more.
const MOST_TRIES: i64 = 6;

/// For how long a push service keeps a notice for a device that is off, in seconds: three days.
const KEPT: &str = "259200";

/// Where devices are told: by which key, and by which push services.
#[derive(Clone, Debug)]
pub struct PushSettings {
    /// The key.
    pub key: Arc<PushKey>,
    /// The hosts of push services, `*.` before a name standing for whatever comes before it. The address of a device comes from a
    /// browser, and this server must not be sent wherever somebody likes. One written as `http://HOST:PORT` is asked without TLS.
    pub services: Vec<String>,
    /// How long an answer may take.
    pub patience: Duration,
}

impl PushSettings {
    /// Whether devices at this address are told.
    pub(super) fn allows(&self, endpoint: &str) -> bool {
        let Ok(uri) = endpoint.parse::<Uri>() else { return false };
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return false };
        if authority.as_str().contains('@') {
            return false;
        }
        let host = authority.host().to_ascii_lowercase();
        let default_port = authority.port_u16().is_none_or(|port| port == 443);
        self.services.iter().any(|service| match service.strip_prefix("http://") {
            Some(clear) => scheme == "http" && authority.as_str() == clear,
            None if scheme != "https" || !default_port => false,
            None => match service.strip_prefix("*.") {
                Some(domain) => host.strip_suffix(domain).is_some_and(|before| before.ends_with('.')),
                None => host == *service,
            },
        })
    }
}

/// Carries notices to push services.
#[derive(Clone, Debug)]
pub struct Pusher {
    settings: PushSettings,
    http: HttpClient,
}

/// A device a notice is for.
struct Device {
    id: Uuid,
    endpoint: String,
    public_key: Vec<u8>,
    auth: Vec<u8>,
    titles: bool,
}

/// What came of telling a device.
enum Told {
    /// The push service has it.
    Yes,
    /// There is no such device any more.
    Gone,
    /// It will not be told, whatever is tried.
    Never,
    /// It may be told another time.
    NotNow,
}

impl Pusher {
    /// Whoever tells devices.
    pub fn new(settings: PushSettings) -> Self {
        let http = HttpClient::new(settings.patience);
        Self { settings, http }
    }

    async fn tell(&self, library: &Library, device: &Device, id: &str, text: &[u8]) -> Result<Told, Fault> {
        // The list may be shorter than it was when the device was taken.
        if !self.settings.allows(&device.endpoint) {
            return Ok(Told::Never);
        }
        let Ok(uri) = device.endpoint.parse::<Uri>() else { return Ok(Told::Never) };
        let origin =
            format!("{}://{}", uri.scheme_str().unwrap_or("https"), uri.authority().map_or("", |of| of.as_str()));
        let contact = format!("mailto:{}", library.policy().library.mail_from);
        let authorization = self.settings.key.authorization(&origin, &contact, library.now())?;
        let Ok(message) = seal::seal(text, &device.public_key, &device.auth) else { return Ok(Told::Never) };
        let request = Request::post(uri)
            .header("authorization", authorization)
            .header("ttl", KEPT)
            .header("urgency", "normal")
            // One that comes twice takes the place of the first.
            .header("topic", id)
            .header("content-encoding", "aes128gcm")
            .header("content-type", "application/octet-stream")
            .body(Full::new(Bytes::from(message)))
            .map_err(|_| Fault::Sealing("a request to a push service"))?;
        let Some(answer) = self.http.send(request).await else { return Ok(Told::NotNow) };
        Ok(match answer.code {
            200..=299 => Told::Yes,
            404 | 410 => Told::Gone,
            408 | 429 | 500..=599 => Told::NotNow,
            code => {
                tracing::warn!(device = %device.id, code, "refused by a push service");
                Told::Never
            }
        })
    }
}

impl Carrier for Pusher {
    fn channel(&self) -> Channel {
        Channel::Push
    }

    /// One device that was reached is enough; one that is gone is forgotten.
    async fn carry(&self, library: &Library, parcel: &Parcel) -> Result<(), Undelivered> {
        let Some(patron) = parcel.patron else { return Ok(()) };
        let id = parcel.id.0.simple().to_string();
        let (mut reached, mut later) = (false, false);
        for device in library.devices_of(patron).await.map_err(Undelivered::NotNow)? {
            let text = text_of(parcel, device.titles, &id);
            match self.tell(library, &device, &id, text.as_bytes()).await.map_err(Undelivered::NotNow)? {
                Told::Yes => reached = true,
                Told::Gone => library.forget_device(device.id).await.map_err(Undelivered::NotNow)?,
                Told::Never => {}
                Told::NotNow => later = true,
            }
        }
        if reached || !later || parcel.tries >= MOST_TRIES {
            Ok(())
        } else {
            Err(Undelivered::NotNow(Fault::Channel("no device could be told")))
        }
    }
}

/// What the service worker is told, as JSON.
fn text_of(parcel: &Parcel, titles: bool, id: &str) -> String {
    let messages = Messages::of(parcel.language);
    let named: Vec<&str> = parcel.abouts.iter().filter_map(|about| about.title.as_deref()).collect();
    let body = if titles && !named.is_empty() {
        let between = parcel.language.of("、", ", ");
        let names: String = named.join(between).chars().take(200).collect();
        messages.fill(Key::PushReadyTitles, &[("titles", &names)])
    } else {
        messages.text(Key::PushReady)
    };
    serde_json::json!({ "title": messages.text(Key::PushTitle), "body": body, "tag": id, "url": "/account/reservations" }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_push_services_that_are_known_are_asked() {
        let key = PushKey::read(&PushKey::generate().expect("random numbers")).expect("a key");
        let services =
            ["fcm.googleapis.com", "*.push.example.net", "http://127.0.0.1:4000"].map(str::to_owned).to_vec();
        let settings = PushSettings { key: Arc::new(key), services, patience: Duration::from_secs(1) };
        for good in [
            "https://fcm.googleapis.com/fcm/send/x",
            "https://FCM.googleapis.com:443/x",
            "https://a.b.push.example.net/x",
            "http://127.0.0.1:4000/x",
        ] {
            assert!(settings.allows(good), "{good}");
        }
        for bad in [
            "http://fcm.googleapis.com/x",
            "https://fcm.googleapis.com:22/x",
            "https://fcm.googleapis.com.evil.example/x",
            "https://fcm.googleapis.com@evil.example/x",
            "https://push.example.net/x",
            "https://evilpush.example.net/x",
            "http://127.0.0.1:4001/x",
            "https://127.0.0.1:4000/x",
            "https://169.254.169.254/x",
            "file:///etc/passwd",
            "",
            "/x",
        ] {
            assert!(!settings.allows(bad), "{bad}");
        }
    }
}
