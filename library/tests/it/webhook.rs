//! A library's own gateway: told by a signed request, in place of a call by people.

use std::time::Duration;

use chrono::TimeDelta;
use domain::{
    PatronId,
    circulation::By,
    notices::{CallResult, CallStanding, TelephoneList},
    patrons::Contact,
    policy::Policy,
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use library::{
    Clock, Library,
    notices::{Webhook, WebhookSettings},
};
use serde_json::Value;
use sha2::Sha256;

use crate::{
    push::Service,
    support::{Shelf, morning, on_both_engines, place, policy},
};

on_both_engines!(
    who_would_be_telephoned_is_told_by_the_gateway,
    a_gateway_that_fails_leaves_it_to_people,
    without_a_gateway_nothing_is_written,
    the_number_is_the_present_one_and_who_was_called_is_not_called_again,
);

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

fn with_gateway() -> Policy {
    let mut policy = policy();
    policy.notices.gateway = true;
    policy
}

fn at(shelf: &Shelf, hours: i64) -> Library {
    shelf.again(Clock::Fixed(morning() + TimeDelta::hours(hours)), with_gateway())
}

fn gateway(service: &Service) -> Webhook {
    let url = format!("{}/hondana", service.address).parse().unwrap();
    Webhook::new(WebhookSettings { url, secret: SECRET.to_vec(), patience: Duration::from_millis(500) })
}

async fn ready(shelf: &Shelf, library: &Library, patron: PatronId, contact: Contact) -> String {
    let (part, copies) = shelf.book(&["central"]).await;
    let mut request = shelf.request(&[part], 0, "central");
    request.contact = contact;
    library.reserve(&By::Patron, patron, &request).await.unwrap().unwrap();
    library.check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    library.reservations(patron).await.unwrap().last().unwrap().title.clone()
}

async fn list(library: &Library) -> TelephoneList {
    library.telephone_list(&place("central")).await.unwrap().list
}

async fn who_would_be_telephoned_is_told_by_the_gateway(shelf: Shelf) {
    let service = Service::start().await;
    let library = at(&shelf, 0);
    let title = ready(&shelf, &library, shelf.patron().await, Contact::Telephone).await;
    ready(&shelf, &library, shelf.patron().await, Contact::Mail).await;
    assert_eq!(list(&library).await.to_call.len(), 1);
    assert_eq!(library.send_due(&gateway(&service)).await.unwrap(), 1, "who is mailed is not told twice");
    let asked = service.take();
    let [asked] = asked.as_slice() else { panic!("{} requests", asked.len()) };
    let body = String::from_utf8(asked.body.clone()).unwrap();
    let told: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((told["kind"].as_str(), told["telephone"].as_str()), (Some("ready"), Some("048-000-0000")));
    assert_eq!((told["place"].as_str(), told["until"].as_str()), (Some("central館"), Some("2026-04-15")));
    assert_eq!(asked.header("idempotency-key"), told["id"].as_str().unwrap());
    assert!(!body.contains(&title) && !body.contains("山田"), "neither title nor name: {body}");
    // Signed over the moment and the body.
    let (seconds, signature) =
        asked.header("hondana-signature").strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET).unwrap();
    mac.update(format!("{seconds}.{body}").as_bytes());
    mac.verify_slice(&data_encoding::HEXLOWER.decode(signature.as_bytes()).unwrap()).unwrap();
    assert_eq!(seconds, morning().timestamp().to_string());
    // On the list it stands as word that was left.
    let after = list(&library).await;
    assert!(after.to_call.is_empty());
    assert_eq!(after.apart[0].standing, CallStanding::WordLeft);
    assert_eq!(library.send_due(&gateway(&service)).await.unwrap(), 0);
}

async fn a_gateway_that_fails_leaves_it_to_people(shelf: Shelf) {
    let service = Service::start().await;
    ready(&shelf, &at(&shelf, 0), shelf.patron().await, Contact::Telephone).await;
    let mut ids = Vec::new();
    for (hours, answer) in [(0, "500 Broken"), (1, "nothing"), (2, "302 Elsewhere"), (3, "401 Who")] {
        service.answers(answer);
        assert_eq!(at(&shelf, hours).send_due(&gateway(&service)).await.unwrap(), 0, "{answer}");
        ids.extend(service.take().iter().map(|asked| asked.header("idempotency-key").to_owned()));
        assert_eq!(list(&at(&shelf, hours)).await.to_call.len(), 1, "{answer}");
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "the gateway can tell that it is the same notice");
    service.answers("422 No telephone");
    at(&shelf, 8).send_due(&gateway(&service)).await.unwrap();
    assert_eq!(shelf.count("select count(*) from outbox where channel = 'webhook'").await, 0, "not asked again");
    assert_eq!(list(&at(&shelf, 8)).await.to_call.len(), 1, "and called by people");
}

async fn without_a_gateway_nothing_is_written(shelf: Shelf) {
    ready(&shelf, &shelf.library, shelf.patron().await, Contact::Telephone).await;
    assert_eq!(shelf.count("select count(*) from outbox where channel = 'webhook'").await, 0);
}

async fn the_number_is_the_present_one_and_who_was_called_is_not_called_again(shelf: Shelf) {
    let service = Service::start().await;
    let library = at(&shelf, 0);
    let (moved, called) = (shelf.patron().await, shelf.patron().await);
    ready(&shelf, &library, called, Contact::Telephone).await;
    let call = list(&library).await.to_call.remove(0);
    library.note_call(library.new_op(), &[call.matters[0].event], CallResult::Called).await.unwrap().unwrap();
    ready(&shelf, &library, moved, Contact::Telephone).await;
    let id = shelf.uuid(moved.0);
    shelf.run(&format!("update patron set telephone = '048-111-1111' where id = {id}")).await;
    assert_eq!(library.send_due(&gateway(&service)).await.unwrap(), 1);
    let asked = service.take();
    let [asked] = asked.as_slice() else { panic!("{} requests", asked.len()) };
    let told: Value = serde_json::from_slice(&asked.body).unwrap();
    assert_eq!(told["telephone"].as_str(), Some("048-111-1111"));
    assert_eq!(shelf.count("select count(*) from outbox").await, 0);
}
