//! Notices to patrons' devices, against a push service of our own: it opens what is sealed, by another implementation than that
//! which sealed it, and checks who asks.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::TimeDelta;
use data_encoding::BASE64URL_NOPAD;
use domain::{
    PatronId,
    circulation::By,
    notices::{DeviceRefusal, MOST_DEVICES},
    patrons::Contact,
};
use library::{
    Clock,
    notices::{PushKey, PushSettings, Pusher},
};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use web_push_native::{
    Auth, decrypt,
    p256::{SecretKey, elliptic_curve::sec1::ToEncodedPoint},
};

use crate::{
    act::later,
    support::{Shelf, morning, on_both_engines, place, policy},
};

on_both_engines!(
    a_device_is_told_of_a_ready_copy_and_of_nothing_else,
    a_title_is_shown_only_where_the_patron_wants_it,
    a_device_that_is_gone_is_forgotten,
    a_push_service_that_fails_is_asked_again_and_not_for_ever,
    a_copy_that_is_not_ready_any_more_is_not_told_of,
    devices_are_their_patrons_own,
    a_new_device_is_told_of_by_mail,
    a_new_password_and_a_new_card_forget_the_devices,
);

/// A push service: answers what it is told to, keeps what it was asked.
pub(crate) struct Service {
    pub(crate) address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    answer: Arc<Mutex<&'static str>>,
}

pub(crate) struct Asked {
    path: String,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> &str {
        let line = |line: &&str| line.split_once(':').is_some_and(|(of, _)| of.eq_ignore_ascii_case(name));
        self.head.lines().find(line).and_then(|line| line.split_once(':')).map_or("", |(_, value)| value.trim())
    }
}

impl Service {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (asked, answer) = (Arc::<Mutex<Vec<Asked>>>::default(), Arc::new(Mutex::new("201 Created")));
        let (kept, said) = (Arc::clone(&asked), Arc::clone(&answer));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (kept, said) = (Arc::clone(&kept), Arc::clone(&said));
                tokio::spawn(async move {
                    let mut got = Vec::new();
                    let mut piece = [0u8; 4096];
                    while let Ok(n) = stream.read(&mut piece).await {
                        if n == 0 {
                            return;
                        }
                        got.extend_from_slice(&piece[..n]);
                        let Some(end) = got.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
                        let head = String::from_utf8(got[..end].to_vec()).unwrap();
                        let asked = Asked { path: head.split(' ').nth(1).unwrap().to_owned(), head, body: Vec::new() };
                        let length: usize = asked.header("content-length").parse().unwrap();
                        if got.len() < end + 4 + length {
                            continue;
                        }
                        let body = got[end + 4..end + 4 + length].to_vec();
                        kept.lock().unwrap().push(Asked { body, ..asked });
                        let said = *said.lock().unwrap();
                        if said == "nothing" {
                            // It stalls: the one who asks loses patience.
                            tokio::time::sleep(Duration::from_secs(3600)).await;
                        }
                        let answer = format!("HTTP/1.1 {said}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                        let _ = stream.write_all(answer.as_bytes()).await;
                        return;
                    }
                });
            }
        });
        Self { address, asked, answer }
    }

    pub(crate) fn answers(&self, answer: &'static str) {
        *self.answer.lock().unwrap() = answer;
    }

    pub(crate) fn take(&self) -> Vec<Asked> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    fn settings(&self) -> PushSettings {
        let key = PushKey::read(&PushKey::generate().unwrap()).unwrap();
        PushSettings { key: Arc::new(key), services: vec![self.address.clone()], patience: Duration::from_millis(500) }
    }
}

/// A device: what its browser answers, and its secrets.
struct Device {
    secret: SecretKey,
    auth: [u8; 16],
    answer: String,
}

impl Device {
    fn at(endpoint: &str) -> Self {
        let secret = loop {
            if let Ok(secret) = SecretKey::from_slice(&rand::random::<[u8; 32]>()) {
                break secret;
            }
        };
        let auth: [u8; 16] = rand::random();
        let public = secret.public_key().to_encoded_point(false);
        let keys = json!({
            "p256dh": BASE64URL_NOPAD.encode(public.as_bytes()),
            "auth": BASE64URL_NOPAD.encode(&auth),
        });
        let answer = json!({ "endpoint": endpoint, "expirationTime": null, "keys": keys }).to_string();
        Self { secret, auth, answer }
    }

    fn open(&self, asked: &Asked) -> Value {
        let auth = Auth::clone_from_slice(&self.auth);
        let text = decrypt(asked.body.clone(), &self.secret, &auth).expect("sealed for this device");
        serde_json::from_slice(&text).unwrap()
    }
}

/// A copy is made ready for the patron; answers its title.
async fn ready(shelf: &Shelf, patron: PatronId) -> String {
    let (part, copies) = shelf.book(&["central"]).await;
    let mut request = shelf.request(&[part], 0, "central");
    request.contact = Contact::Telephone;
    shelf.library.reserve(&By::Patron, patron, &request).await.unwrap().unwrap();
    shelf.library.check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    shelf.library.reservations(patron).await.unwrap().last().unwrap().title.clone()
}

async fn add(shelf: &Shelf, settings: &PushSettings, patron: PatronId, device: &Device, titles: bool) {
    shelf.library.add_device(patron, settings, &device.answer, ("Chrome · Android", titles)).await.unwrap().unwrap();
}

async fn a_device_is_told_of_a_ready_copy_and_of_nothing_else(shelf: Shelf) {
    let service = Service::start().await;
    let settings = service.settings();
    let pusher = Pusher::new(settings.clone());
    let patron = shelf.patron().await;
    let title = ready(&shelf, patron).await;
    assert_eq!(shelf.count("select count(*) from outbox where channel = 'push'").await, 0, "no device, no notice");
    let device = Device::at(&format!("{}/send/abc", service.address));
    add(&shelf, &settings, patron, &device, false).await;
    ready(&shelf, shelf.patron().await).await;
    ready(&shelf, patron).await;
    assert_eq!(shelf.count("select count(*) from outbox where channel = 'push'").await, 1, "theirs, and what is new");
    assert_eq!(shelf.library.send_due(&pusher).await.unwrap(), 1);
    assert_eq!(shelf.library.send_due(&pusher).await.unwrap(), 0);
    assert_eq!(shelf.count("select count(*) from outbox where channel = 'push'").await, 0, "nothing is kept of it");

    let asked = service.take();
    let [asked] = asked.as_slice() else { panic!("{} requests", asked.len()) };
    assert_eq!(asked.path, "/send/abc");
    assert!(asked.head.starts_with("POST "));
    for (name, value) in [("content-encoding", "aes128gcm"), ("ttl", "259200"), ("urgency", "normal")] {
        assert_eq!(asked.header(name), value);
    }
    assert!((1..=32).contains(&asked.header("topic").len()));
    // Who asks is told by a token that the public key in the header has signed.
    let (token, public) = asked.header("authorization").strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
    assert_eq!(public, settings.key.public());
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let bytes = |text: &str| BASE64URL_NOPAD.decode(text.as_bytes()).unwrap();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, bytes(public))
        .verify(signed.as_bytes(), &bytes(signature))
        .unwrap();
    let claims: Value = serde_json::from_slice(&bytes(signed.split_once('.').unwrap().1)).unwrap();
    assert_eq!(claims["aud"], service.address);
    assert_eq!(claims["sub"], "mailto:library@hondana.example.jp");
    assert_eq!(claims["exp"], (morning() + TimeDelta::hours(12)).timestamp());
    // What it says, and what it does not on a locked screen.
    let said = device.open(asked);
    assert_eq!(said["body"], "予約した資料のご用意ができました。");
    assert_eq!(said["url"], "/account/reservations");
    assert!(!said.to_string().contains(&title) && !said.to_string().contains("山田"), "{said}");
}

async fn a_title_is_shown_only_where_the_patron_wants_it(shelf: Shelf) {
    let service = Service::start().await;
    let settings = service.settings();
    let patron = shelf.patron().await;
    let (phone, home) =
        (Device::at(&format!("{}/phone", service.address)), Device::at(&format!("{}/home", service.address)));
    add(&shelf, &settings, patron, &phone, false).await;
    add(&shelf, &settings, patron, &home, true).await;
    let title = ready(&shelf, patron).await;
    shelf.library.send_due(&Pusher::new(settings)).await.unwrap();
    let mut asked = service.take();
    asked.sort_by(|a, b| a.path.cmp(&b.path));
    let [at_home, on_phone] = asked.as_slice() else { panic!("{} requests", asked.len()) };
    assert!(home.open(at_home)["body"].as_str().unwrap().contains(&title));
    assert!(!phone.open(on_phone).to_string().contains(&title));
    assert_eq!(at_home.body.len(), on_phone.body.len(), "the length tells the push service nothing");
    assert!(decrypt(at_home.body.clone(), &phone.secret, &Auth::clone_from_slice(&phone.auth)).is_err());
}

async fn a_device_that_is_gone_is_forgotten(shelf: Shelf) {
    let service = Service::start().await;
    let settings = service.settings();
    let pusher = Pusher::new(settings.clone());
    for answer in ["410 Gone", "404 Not Found"] {
        let patron = shelf.patron().await;
        add(&shelf, &settings, patron, &Device::at(&format!("{}/x", service.address)), false).await;
        ready(&shelf, patron).await;
        service.answers(answer);
        shelf.library.send_due(&pusher).await.unwrap();
        assert_eq!(service.take().len(), 1);
        assert_eq!(shelf.library.devices(patron).await.unwrap(), [], "{answer}");
        assert_eq!(shelf.count("select count(*) from outbox where channel = 'push'").await, 0);
    }
}

async fn a_push_service_that_fails_is_asked_again_and_not_for_ever(shelf: Shelf) {
    let service = Service::start().await;
    let settings = service.settings();
    let pusher = Pusher::new(settings.clone());
    let patron = shelf.patron().await;
    add(&shelf, &settings, patron, &Device::at(&format!("{}/x", service.address)), false).await;
    ready(&shelf, patron).await;
    for (hours, answer) in [(0, "503 Busy"), (1, "429 Slowly"), (2, "nothing"), (3, "500 Broken"), (8, "502 Bad")] {
        service.answers(answer);
        let then = shelf.again(Clock::Fixed(morning() + TimeDelta::hours(hours)), policy());
        assert_eq!(then.send_due(&pusher).await.unwrap(), 0, "{answer}");
        assert_eq!(service.take().len(), 1, "{answer}");
        assert_eq!(then.devices(patron).await.unwrap().len(), 1, "a service that fails is no device that is gone");
    }
    // It comes back: one notice, by the same topic.
    service.answers("201 Created");
    let then = shelf.again(Clock::Fixed(morning() + TimeDelta::hours(24)), policy());
    assert_eq!(then.send_due(&pusher).await.unwrap(), 1);
    assert_eq!(service.take().len(), 1);
    // A service that refuses us is not asked again, and one that never answers is given up.
    ready(&shelf, patron).await;
    service.answers("403 Forbidden");
    assert_eq!(then.send_due(&pusher).await.unwrap(), 1);
    ready(&shelf, patron).await;
    service.answers("503 Busy");
    for hours in [0, 1, 2, 3, 8, 13, 24] {
        let then = shelf.again(Clock::Fixed(morning() + TimeDelta::hours(24 + hours)), policy());
        then.send_due(&pusher).await.unwrap();
    }
    assert_eq!(shelf.count("select count(*) from outbox where channel = 'push'").await, 0);
    assert_eq!(shelf.library.devices(patron).await.unwrap().len(), 1);
}

async fn a_copy_that_is_not_ready_any_more_is_not_told_of(shelf: Shelf) {
    let service = Service::start().await;
    let settings = service.settings();
    let patron = shelf.patron().await;
    add(&shelf, &settings, patron, &Device::at(&format!("{}/x", service.address)), false).await;
    ready(&shelf, patron).await;
    let copy = shelf.rows("select i.barcode, r.id from reservation r join item i on i.id = r.item_id").await;
    shelf.library.check_out(&By::Staff, &place("central"), patron, &copy[0].0).await.unwrap().unwrap();
    assert_eq!(shelf.library.send_due(&Pusher::new(settings)).await.unwrap(), 0);
    assert!(service.take().is_empty());
}

async fn devices_are_their_patrons_own(shelf: Shelf) {
    let service = Service::start().await;
    let settings = service.settings();
    let (one, two) = (shelf.patron().await, shelf.patron().await);
    let device = Device::at(&format!("{}/x", service.address));
    // Only push services that are known are taken, and only what is a subscription.
    let elsewhere = Device::at("https://internal.example.jp/admin").answer;
    let short = device.answer.replace("\"auth\":\"", "\"auth\":\"AA");
    for answer in [elsewhere.as_str(), short.as_str(), "{}", "", "[1]"] {
        let refused = shelf.library.add_device(one, &settings, answer, ("", false)).await.unwrap();
        assert_eq!(refused, Err(DeviceRefusal::Unknown), "{answer}");
    }
    add(&shelf, &settings, one, &device, true).await;
    add(&shelf, &settings, one, &device, false).await;
    let known = shelf.library.devices(one).await.unwrap();
    let [view] = known.as_slice() else { panic!("{known:?}") };
    assert_eq!((view.browser.as_str(), view.titles), ("Chrome · Android", false), "said again, it is changed");
    assert!(!shelf.library.remove_device(two, &view.key).await.unwrap(), "not theirs");
    assert!(!shelf.library.remove_device(one, "x").await.unwrap());
    // Whoever holds the device says last whose it is.
    add(&shelf, &settings, two, &device, false).await;
    assert_eq!(shelf.library.devices(one).await.unwrap(), []);
    for n in 1..MOST_DEVICES {
        add(&shelf, &settings, two, &Device::at(&format!("{}/{n}", service.address)), false).await;
    }
    let more = Device::at(&format!("{}/more", service.address));
    let refused = shelf.library.add_device(two, &settings, &more.answer, ("", false)).await.unwrap();
    assert_eq!(refused, Err(DeviceRefusal::TooMany));
    assert_eq!(shelf.library.own_data(two).await.unwrap().unwrap().devices.len(), MOST_DEVICES);
    ready(&shelf, two).await;
    shelf.library.erase_own_data(two).await.unwrap();
    assert_eq!(shelf.library.devices(two).await.unwrap(), []);
    assert_eq!(shelf.count("select count(*) from outbox where channel = 'push'").await, 0);
    // Where push is switched off nobody carries it, and it is forgotten.
    add(&shelf, &settings, one, &device, false).await;
    ready(&shelf, one).await;
    later(&shelf, 4).daily().await.unwrap();
    assert_eq!(shelf.count("select count(*) from outbox where channel = 'push'").await, 0);
}

/// How many mails say so.
async fn mails_that_say(shelf: &Shelf, text: &str) -> i64 {
    shelf.count(&format!("select count(*) from outbox where channel = 'mail' and body like '%{text}%'")).await
}

async fn a_new_device_is_told_of_by_mail(shelf: Shelf) {
    let service = Service::start().await;
    let settings = service.settings();
    let (one, two) = (shelf.patron().await, shelf.patron().await);
    let device = Device::at(&format!("{}/x", service.address));
    let said = async || mails_that_say(&shelf, "通知を受け取る端末が、新しく登録されました").await;
    add(&shelf, &settings, one, &device, false).await;
    assert_eq!(said().await, 1);
    add(&shelf, &settings, one, &device, true).await;
    assert_eq!(said().await, 1, "it is none they don't know");
    add(&shelf, &settings, one, &Device::at(&format!("{}/y", service.address)), false).await;
    assert_eq!(said().await, 2);
    add(&shelf, &settings, two, &device, false).await;
    assert_eq!(said().await, 3, "for another it is new");
    let data = shelf.library.own_data(two).await.unwrap().unwrap();
    assert_eq!(data.mails.len(), 1, "each at their own address");
}

async fn a_new_password_and_a_new_card_forget_the_devices(shelf: Shelf) {
    let service = Service::start().await;
    let settings = service.settings();
    let hint = "端末への通知は、いったん止めました";
    let (patron, ..) = crate::door::reader(&shelf, "Hana12").await;
    let other = shelf.patron().await;
    let change = async |old: &str, new: &str| {
        shelf.library.change_password(patron, (old, new, new), &crate::door::origin(1)).await.unwrap().unwrap()
    };
    change("Hana12", "Neko34").await;
    assert_eq!(mails_that_say(&shelf, hint).await, 0, "there were none");
    let at = |path: &str| Device::at(&format!("{}/{path}", service.address));
    add(&shelf, &settings, patron, &at("stolen"), true).await;
    add(&shelf, &settings, other, &at("others"), true).await;
    ready(&shelf, patron).await;
    change("Neko34", "Inu567").await;
    assert_eq!(shelf.library.devices(patron).await.unwrap(), []);
    assert_eq!(shelf.library.send_due(&Pusher::new(settings.clone())).await.unwrap(), 0, "nothing is on its way there");
    assert_eq!(mails_that_say(&shelf, hint).await, 1);

    add(&shelf, &settings, patron, &at("found-with-the-card"), true).await;
    shelf.library.replace_card(patron, "7000001").await.unwrap().unwrap();
    assert_eq!(shelf.library.devices(patron).await.unwrap(), []);
    assert_eq!(shelf.library.devices(other).await.unwrap().len(), 1);
}

/// What a device reads with this other implementation is what RFC 8291 says: its own example, section 5.
#[test]
fn the_reader_reads_the_example_of_the_standard() {
    let bytes = |text: &str| BASE64URL_NOPAD.decode(text.as_bytes()).unwrap();
    let secret = SecretKey::from_slice(&bytes("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")).unwrap();
    let auth = Auth::clone_from_slice(&bytes("BTBZMqHH6r4Tts7J_aSIgg"));
    let message = bytes(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT\
         pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
    );
    assert_eq!(decrypt(message, &secret, &auth).unwrap(), b"When I grow up, I want to be a watermelon");
}
