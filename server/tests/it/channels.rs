//! What pages say of mails that came back and of devices that get notices, to browsers without scripts.

use axum::body::to_bytes;
use domain::{
    PlaceCode,
    circulation::{By, ReserveRequest},
    patrons::Contact,
};
use http::{Request, StatusCode};
use library::notices::{BounceAnswer, Mailer};

use crate::access::{Town, Visitor};

async fn page(town: &Town, path: &str, cookie: Option<&str>) -> String {
    let request = Request::get(path).header("accept", "text/html");
    let request = cookie.iter().fold(request, |request, cookie| request.header("cookie", *cookie));
    let response = town.send(request, String::new()).await;
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    let page =
        String::from_utf8(to_bytes(response.into_body(), 1 << 22).await.expect("a page").to_vec()).expect("text");
    // What people read of it, without the texts that lie beside it for the scripts.
    let start = page.find("<main").expect("a main part");
    let end = page.find("</main>").expect("and its end");
    page[start..end].to_owned()
}

/// R13: who is not reached by mail is told on the next visit, and so is the desk.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_patron_is_told_that_mail_does_not_arrive() {
    let town = Town::new("[notices]\ngather_minutes = 0\n").await;
    let cookie = town.cookie(Visitor::Patron).await;
    let before = page(&town, "/account/reservations", cookie.as_deref()).await;
    assert!(!before.contains("お知らせが届きませんでした"));

    let central = PlaceCode("central".to_owned());
    let request = ReserveRequest {
        op: town.library.new_op(),
        parts: vec![town.titles[0].1],
        in_set: 0,
        pickup_place: central.clone(),
        contact: Contact::Mail,
    };
    town.library.reserve(&By::Patron, town.patron, &request).await.expect("written").expect("reserved");
    town.library.check_in(&central, "test-0").await.expect("written").expect("ready");
    let folder = tempfile::tempdir().expect("a folder");
    town.library.send_due(&Mailer::Folder(folder.path().to_owned())).await.expect("sent");
    let address = town.library.account(town.patron).await.expect("read").expect("theirs").ready_mail.expect("one");
    let mails = std::fs::read_dir(folder.path()).expect("mails").map(|mail| mail.expect("a mail").path());
    let mails = mails.map(|path| std::fs::read_to_string(path).expect("text"));
    let sent = mails.into_iter().find(|mail| mail.contains(&format!("To: {address}"))).expect("theirs");
    let id = sent.lines().find(|line| line.starts_with("Message-ID:")).expect("it has one");
    let report = format!(
        "From: MAILER-DAEMON@mx.example.jp\r\nTo: library@example.jp\r\nSubject: Undelivered\r\n\r\n<{address}>: 550 5.1.1 \
         User unknown\r\n\r\n{id}\r\n"
    );
    let answer = town.library.take_bounce(report.as_bytes()).await.expect("written");
    assert_eq!(answer, BounceAnswer::AddressRefused);

    for path in ["/account/reservations", "/account/loans", "/account/data"] {
        let told = page(&town, path, cookie.as_deref()).await;
        assert!(told.contains("お知らせが届きませんでした") && told.contains("href=\"/account/settings\""), "{path}");
    }
    let settings = page(&town, "/account/settings", cookie.as_deref()).await;
    assert!(settings.contains("送るのを止めています"), "{settings}");
    let desk = town.cookie(Visitor::Desk).await;
    let card = page(&town, &format!("/desk/cards/{}", town.patron), desk.as_deref()).await;
    assert!(card.contains("から届かない"), "{card}");
}

/// A device is added by scripts; the page without them lists and removes. At a kiosk none is offered.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn devices_are_listed_and_offered_outside_kiosks() {
    let town = Town::new("").await;
    let cookie = town.cookie(Visitor::Patron).await.expect("signed in");
    let settings = page(&town, "/account/settings", Some(&cookie)).await;
    assert!(settings.contains("この端末で通知を受け取る"));
    let kiosk = format!("{cookie}; __Host-hondana-kiosk=x");
    let at_kiosk = page(&town, "/account/settings", Some(&kiosk)).await;
    assert!(!at_kiosk.contains("この端末で通知を受け取る"));

    let point = [vec![4u8], vec![7; 64]].concat();
    let base64 = |bytes: &[u8]| data_encoding::BASE64URL_NOPAD.encode(bytes);
    let answer = format!(
        r#"{{"endpoint":"https://push.example.net/x","keys":{{"p256dh":"{}","auth":"{}"}}}}"#,
        base64(&point),
        base64(&[1; 16])
    );
    let elsewhere = answer.replace("push.example.net", "internal.example.jp");
    town.post("/api/device-add", Some(&cookie), &format!("answer={elsewhere}")).await;
    assert_eq!(town.library.devices(town.patron).await.expect("read"), [], "no known push service");
    town.post("/api/device-add", Some(&kiosk), &format!("answer={answer}")).await;
    assert_eq!(town.library.devices(town.patron).await.expect("read"), [], "not at a kiosk");
    town.post("/api/device-add", Some(&cookie), &format!("answer={answer}&titles=1")).await;
    let listed = page(&town, "/account/settings", Some(&cookie)).await;
    assert!(listed.contains("資料名も表示します。"), "{listed}");
    let key = town.library.devices(town.patron).await.expect("read")[0].key.clone();
    town.post("/api/device-remove", Some(&cookie), &format!("key={key}")).await;
    assert_eq!(town.library.devices(town.patron).await.expect("read"), []);
}
