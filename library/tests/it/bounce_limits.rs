//! Mails that came back as nobody's mail system writes them: made to use up the server's stack, its memory or its time.

use std::process::Command;

use data_encoding::BASE64;
use library::notices::read_bounce;

use crate::{
    bounces::{refused, report, told},
    support::{Shelf, on_both_engines},
};

on_both_engines!(of_a_mail_without_end_the_beginning_is_read);

/// Where the process that opens a mail finds which.
const WHICH: &str = "HONDANA_TEST_MAIL";

/// Mails in mails, in different spellings.
fn bombs() -> Vec<(&'static str, String)> {
    let deep = |opening: &str, bytes: usize| opening.repeat(bytes / opening.len());
    let hidden = BASE64.encode(deep("Content-Type: message/rfc822\n\n", 60_000).as_bytes());
    vec![
        ("plain", deep("Content-Type: message/rfc822\n\n", 250_000)),
        ("shouted", deep("CONTENT-TYPE: MESSAGE/RFC822\n\n", 250_000)),
        ("global", deep("Content-Type:message/global\n\n", 250_000)),
        ("spaced", deep("Con tent-Type: message / rfc822\n\n", 250_000)),
        ("commented", deep("Content-Type: message/()rfc822\n\n", 250_000)),
        ("digest", deep("Content-Type:multipart/digest;boundary=b\n\n--b\n\n", 250_000)),
        ("encoded", format!("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{hidden}\n")),
    ]
}

/// A stack that is used up ends the whole process, so each is opened in one of its own.
#[test]
fn a_mail_in_a_mail_in_a_mail_ends_no_server() {
    let mut dead = Vec::new();
    for (which, _) in bombs() {
        let done = Command::new(std::env::current_exe().unwrap())
            .args(["bounce_limits::opened_alone", "--exact", "--ignored"])
            .env(WHICH, which)
            .output()
            .unwrap();
        if !done.status.success() {
            dead.push((which, done.status));
        }
    }
    assert!(dead.is_empty(), "{dead:?}");
}

#[test]
#[ignore = "started by another test, in a process of its own"]
fn opened_alone() {
    let asked = std::env::var(WHICH).unwrap();
    let (_, mail) = bombs().into_iter().find(|(which, _)| *which == asked).unwrap();
    // Less than the server's threads have, so that it is used up well before theirs would be.
    let small = std::thread::Builder::new().stack_size(256 << 10);
    small.spawn(move || assert_eq!(read_bounce(mail.as_bytes()), None)).unwrap().join().unwrap();
}

#[test]
fn a_mail_that_returns_a_mail_in_a_mail_is_read() {
    let returned = "Content-Type: message/rfc822\r\n\r\nMessage-ID: <";
    for wrapped in [
        "Content-Type: message/global\r\n\r\nMessage-ID: <",
        "Content-Type: MESSAGE/RFC822\r\nContent-Disposition: inline\r\n\r\nReceived: by mx\r\n\tfor you\r\nMessage-ID:\r\n <",
        "Content-Type: message/rfc822\r\n\r\nContent-Type: message/rfc822\r\nMessage-ID: <",
    ] {
        let mail = refused("a@hondana.example.jp", "neko@example.jp").replace(returned, wrapped);
        let bounce = read_bounce(mail.as_bytes()).unwrap();
        assert_eq!(bounce.message_id.as_deref(), Some("a@hondana.example.jp"), "{wrapped}");
    }
    // What somebody quotes in the text of the returned mail is none of its head.
    let quoted = refused("a@hondana.example.jp", "neko@example.jp")
        .replace(returned, "Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nMessage-ID: <");
    assert_eq!(read_bounce(quoted.as_bytes()).unwrap().message_id, None);
}

/// Each would be compared with each.
#[test]
fn of_recipients_without_end_the_first_hundred_are_read() {
    let group =
        |n: usize| format!("Final-Recipient: rfc822; neko{n}@example.jp\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n");
    let one = "Final-Recipient: rfc822; neko0@example.jp\r\nAction: failed\r\nStatus: 5.1.1\r\n";
    let mail = report("a@b", "neko0@example.jp", "failed", "5.1.1", "550 no");
    let many = mail.replace(one, &(0..3000).map(group).collect::<String>());
    assert_ne!(mail, many);
    assert_eq!(read_bounce(many.as_bytes()).unwrap().recipients.len(), 100);
    let originals = many.replace("Final-Recipient", "Original-Recipient");
    assert_eq!(read_bounce(originals.as_bytes()).unwrap().recipients.len(), 100);

    let lines: String = (0..3000).map(|n| format!("<neko{n}@example.jp>: 550 user unknown\n")).collect();
    let text = format!("From: MAILER-DAEMON@mx.example.jp\nSubject: failure notice\n\nUndeliverable:\n\n{lines}");
    assert_eq!(read_bounce(text.as_bytes()).unwrap().recipients.len(), 100);
    let named: String = (0..3000).map(|n| format!("neko{n}@example.jp, ")).collect();
    let text = format!(
        "From: MAILER-DAEMON@mx.example.jp\nX-Failed-Recipients: {named}\nSubject: failure notice\n\nUndeliverable\n"
    );
    assert_eq!(read_bounce(text.as_bytes()).unwrap().recipients.len(), 100);
}

async fn of_a_mail_without_end_the_beginning_is_read(shelf: Shelf) {
    let (_, address, id) = told(&shelf).await;
    let maildir = shelf.folder.path().join("bounces");
    for folder in ["new", "cur", "tmp"] {
        std::fs::create_dir_all(maildir.join(folder)).unwrap();
    }
    let path = maildir.join("new").join("1");
    std::fs::write(&path, refused(&id, &address)).unwrap();
    // A file with a hole of a tebibyte, which no memory holds.
    std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(1 << 40).unwrap();
    assert_eq!(shelf.library.take_bounces_of_maildir(&maildir).await.unwrap(), 1);
    assert_eq!(shelf.count("select count(*) from event where kind = 'address-refused'").await, 1);
}
