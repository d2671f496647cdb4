//! What patrons are told by mail.

mod changed;
mod crash;
mod gathered;
mod given_up;
mod outage;
mod server;
mod signed;

use domain::{OpId, PartId, PatronId, circulation::By, patrons::Contact};
use library::{
    Clock, Library,
    notices::{Mailer, mail_files},
};
use uuid::Uuid;

use crate::support::{
    Shelf, morning, on_both_engines, place, policy,
    smtp::{Manners, SmtpServer},
};

on_both_engines!(
    a_ready_copy_is_told_by_mail_once,
    a_mail_server_gets_the_mail,
    a_mail_server_that_refuses_is_asked_again_later,
    who_is_telephoned_gets_no_mail,
    a_copy_that_travels_is_told_of_to_nobody,
    a_mail_is_in_the_patrons_language,
    the_librarys_own_text_is_sent,
    what_was_written_before_there_were_kinds_goes_out,
);

/// A patron for whom something stands ready at a place; with its part and the barcode.
pub(super) async fn ready_for(shelf: &Shelf, patron: PatronId) -> (PartId, String) {
    let (part, barcodes) = shelf.book(&["central"]).await;
    shelf.reserve(patron, &[part], 0, "central").await;
    shelf.library.check_in(&place("central"), &barcodes[0]).await.unwrap().unwrap();
    (part, barcodes[0].clone())
}

async fn one_ready(shelf: &Shelf) {
    let patron = shelf.patron().await;
    ready_for(shelf, patron).await;
}

/// The same library so many minutes later.
pub(super) fn minutes_later(shelf: &Shelf, minutes: i64) -> Library {
    shelf.again(Clock::Fixed(morning() + chrono::TimeDelta::minutes(minutes)), policy())
}

async fn a_ready_copy_is_told_by_mail_once(shelf: Shelf) {
    let folder = shelf.folder.path().join("mail");
    let mailer = Mailer::Folder(folder.clone());
    assert!(mail_files(&folder).await.unwrap().is_empty());
    one_ready(&shelf).await;
    assert_eq!(shelf.library.send_due(&mailer).await.unwrap(), 1);
    assert_eq!(shelf.library.send_due(&mailer).await.unwrap(), 0);
    let mails = mail_files(&folder).await.unwrap();
    let [mail] = mails.as_slice() else { panic!("{} mails", mails.len()) };
    assert_eq!(mail.subject, "予約の資料が用意できました");
    assert!(mail.to.starts_with("hanako"), "{}", mail.to);
    for told in ["山田 花子 様", "題名t", "central館", "2026年4月15日（水）", "/account/reservations"] {
        assert!(mail.body.contains(told), "{told} is not in: {}", mail.body);
    }
}

async fn a_mail_server_gets_the_mail(shelf: Shelf) {
    let server = SmtpServer::start().await;
    one_ready(&shelf).await;
    assert_eq!(shelf.library.send_due(&server.mailer()).await.unwrap(), 1);
    let taken = server.taken();
    let [mail] = taken.as_slice() else { panic!("{} mails", taken.len()) };
    let parsed = mail.parsed();
    let from = parsed.from().unwrap().first().unwrap();
    assert_eq!((from.name(), from.address()), (Some("本棚町立図書館"), Some("library@hondana.example.jp")));
    assert!(mail.message_id().ends_with("@hondana.example.jp"), "{}", mail.raw);
    assert!(mail.raw.contains("\r\nAuto-Submitted: auto-generated\r\n"), "{}", mail.raw);
    assert!(mail.raw.contains("multipart/alternative"), "{}", mail.raw);
    assert_eq!(parsed.date().unwrap().to_timestamp(), morning().timestamp());
    for told in ["山田 花子 様", "題名t"] {
        assert!(mail.text().contains(told) && mail.html().contains(told), "{told}");
    }
    assert!(mail.raw.is_ascii(), "any server takes it");
}

async fn a_mail_server_that_refuses_is_asked_again_later(shelf: Shelf) {
    let server = SmtpServer::start().await;
    server.behave(Manners { recipients: vec![("hanako".to_owned(), "451 later")], ..Manners::default() });
    one_ready(&shelf).await;
    assert_eq!(shelf.library.send_due(&server.mailer()).await.unwrap(), 0);
    assert!(server.taken().is_empty());
    // Not at once, and not never: a minute later another server takes it.
    let folder = Mailer::Folder(shelf.folder.path().join("mail"));
    assert_eq!(shelf.library.send_due(&folder).await.unwrap(), 0);
    assert_eq!(minutes_later(&shelf, 2).send_due(&folder).await.unwrap(), 1);
}

async fn who_is_telephoned_gets_no_mail(shelf: Shelf) {
    let (part, barcodes) = shelf.book(&["central"]).await;
    let patron = shelf.patron().await;
    let mut request = shelf.request(&[part], 0, "central");
    request.contact = Contact::Telephone;
    shelf.library.reserve(&By::Patron, patron, &request).await.unwrap().unwrap();
    shelf.library.check_in(&place("central"), &barcodes[0]).await.unwrap().unwrap();
    assert_eq!(shelf.count("select count(*) from outbox").await, 0);
}

async fn a_copy_that_travels_is_told_of_to_nobody(shelf: Shelf) {
    let (part, barcodes) = shelf.book(&["central"]).await;
    let patron = shelf.patron().await;
    shelf.reserve(patron, &[part], 0, "north").await;
    shelf.library.check_in(&place("central"), &barcodes[0]).await.unwrap().unwrap();
    assert_eq!(shelf.count("select count(*) from reservation where state = 'in-transit'").await, 1);
    assert_eq!(shelf.count("select count(*) from outbox").await, 0);
}

async fn a_mail_is_in_the_patrons_language(shelf: Shelf) {
    let server = SmtpServer::start().await;
    let (english, other) = (shelf.patron().await, shelf.patron().await);
    shelf.library.choose_language(english, domain::messages::Language::En).await.unwrap();
    ready_for(&shelf, english).await;
    ready_for(&shelf, other).await;
    assert_eq!(shelf.library.send_due(&server.mailer()).await.unwrap(), 2);
    let subjects: Vec<String> = server.taken().iter().map(|mail| mail.subject()).collect();
    assert!(subjects.contains(&"Your reservation is ready".to_owned()), "{subjects:?}");
    assert!(subjects.contains(&"予約の資料が用意できました".to_owned()), "{subjects:?}");
    let mails = server.taken();
    let mail = mails.iter().find(|mail| mail.text().starts_with("Dear ")).unwrap();
    for told in ["central", "Wed 15 April 2026", "Hondana Town Library"] {
        assert!(mail.text().contains(told), "{told}: {}", mail.text());
    }
}

async fn the_librarys_own_text_is_sent(shelf: Shelf) {
    use domain::{
        messages::Language,
        notices::{NoticeKind, Template},
    };
    let server = SmtpServer::start().await;
    one_ready(&shelf).await;
    let mut policy = policy();
    let own = "件名：本が届きました\n\n{name} さん\n{each}\n・{title}（{date}まで）\n{end}\n";
    let template = Template::parse(NoticeKind::Ready, own).unwrap();
    policy.notices.templates.put(NoticeKind::Ready, Language::Ja, template);
    let library = shelf.again(Clock::Fixed(morning()), policy);
    assert_eq!(library.send_due(&server.mailer()).await.unwrap(), 1);
    let mail = server.taken()[0].clone();
    assert_eq!(mail.subject(), "本が届きました");
    assert!(mail.text().contains("（2026年4月15日（水）まで）"), "{}", mail.text());
}

async fn what_was_written_before_there_were_kinds_goes_out(shelf: Shelf) {
    let server = SmtpServer::start().await;
    one_ready(&shelf).await;
    shelf.run("update outbox set kind = null, about = '{}', patron_id = null, subject = 'S', body = 'B'").await;
    assert_eq!(shelf.library.send_due(&server.mailer()).await.unwrap(), 1);
    let mail = server.taken()[0].clone();
    assert_eq!((mail.subject().as_str(), mail.text().trim()), ("S", "B"));
}

/// All that can happen to a mail, for whoever overhears the statements.
pub(crate) async fn live(shelf: &Shelf) {
    let mut server = SmtpServer::start().await;
    let mailer = server.mailer();
    let patron = shelf.patron().await;
    ready_for(shelf, patron).await;
    ready_for(shelf, patron).await;
    let refused = |answer| Manners { recipients: vec![("hanako".to_owned(), answer)], ..Manners::default() };
    server.behave(refused("451 later"));
    shelf.library.send_due(&mailer).await.unwrap();
    server.down().await;
    minutes_later(shelf, 2).send_due(&mailer).await.unwrap();
    server.up().await;
    server.behave(refused("550 5.1.1 unknown user"));
    minutes_later(shelf, 3).send_due(&mailer).await.unwrap();
    assert!(server.recipients() > 1);
    shelf.library.backlog().await.unwrap();
}

/// A request's id.
pub(super) fn op() -> OpId {
    OpId(Uuid::now_v7())
}
