//! Reports in a mailbox, against a small IMAP server of our own.

use std::sync::{Arc, Mutex};

use library::notices::ImapSettings;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

use crate::{
    bounces::{address, refused, told},
    support::{Shelf, on_both_engines},
};

on_both_engines!(a_mailbox_is_read_and_marked_as_seen, a_mail_that_breaks_the_conversation_holds_up_none_behind_it,);

/// A mail the server does not get out.
const BREAKS: &str = "breaks the conversation";

/// A mailbox: its mails and whether each was seen.
type Mailbox = Arc<Mutex<Vec<(String, bool)>>>;

/// An IMAP server for one user, which understands what is asked here.
async fn server(mailbox: Mailbox) -> ImapSettings {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mailbox = Arc::clone(&mailbox);
            tokio::spawn(async move {
                let (read, mut write) = stream.into_split();
                let mut lines = BufReader::new(read).lines();
                write.write_all(b"* OK ready\r\n").await.unwrap();
                while let Ok(Some(line)) = lines.next_line().await {
                    let (tag, command) = line.split_once(' ').unwrap();
                    if command.starts_with("UID FETCH") && mail_of(&mailbox, command).contains(BREAKS) {
                        return;
                    }
                    let answer = answer(&mailbox, command);
                    let done = if answer.starts_with("NO") { answer } else { format!("{answer}{tag} OK done\r\n") };
                    let done = if done.starts_with("NO") { format!("{tag} {done}\r\n") } else { done };
                    if write.write_all(done.as_bytes()).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    let text = str::to_owned;
    ImapSettings {
        host: text("127.0.0.1"),
        port,
        tls: false,
        user: text("library"),
        password: text("himitsu"),
        mailbox: text("INBOX"),
    }
}

fn uid(command: &str) -> usize {
    command.split(' ').nth(2).unwrap().parse().unwrap()
}

fn mail_of(mailbox: &Mailbox, command: &str) -> String {
    mailbox.lock().unwrap()[uid(command) - 1].0.clone()
}

fn answer(mailbox: &Mailbox, command: &str) -> String {
    let mut mails = mailbox.lock().unwrap();
    if command.starts_with("LOGIN") {
        if command.contains("himitsu") { String::new() } else { "NO who are you".to_owned() }
    } else if command.starts_with("SELECT") {
        format!("* {} EXISTS\r\n* 0 RECENT\r\n* FLAGS (\\Seen)\r\n* OK [UIDVALIDITY 1] x\r\n", mails.len())
    } else if command.starts_with("UID SEARCH UNSEEN") {
        let unseen = (1..=mails.len()).filter(|n| !mails[n - 1].1).map(|n| n.to_string()).collect::<Vec<_>>();
        format!("* SEARCH {}\r\n", unseen.join(" "))
    } else if command.starts_with("UID FETCH") {
        let n = uid(command);
        let text = &mails[n - 1].0;
        format!("* {n} FETCH (UID {n} BODY[]<0> {{{}}}\r\n{text})\r\n", text.len())
    } else if command.starts_with("UID STORE") {
        mails[uid(command) - 1].1 = true;
        String::new()
    } else {
        "* BYE\r\n".to_owned()
    }
}

async fn a_mailbox_is_read_and_marked_as_seen(shelf: Shelf) {
    let (patron, to, id) = told(&shelf).await;
    let mailbox: Mailbox = Arc::new(Mutex::new(vec![
        ("From: a@example.jp\r\n\r\nHello\r\n".to_owned(), false),
        (refused(&id, &to), false),
        ("From: b@example.jp\r\n\r\nread by a person\r\n".to_owned(), true),
    ]));
    let settings = server(Arc::clone(&mailbox)).await;
    let wrong = ImapSettings { password: "guess".to_owned(), ..settings.clone() };
    let error = shelf.library.take_bounces_of_mailbox(&wrong).await.unwrap_err().to_string();
    assert!(!error.contains("guess"), "{error}");
    assert!(!format!("{settings:?}").contains("himitsu"));
    assert_eq!(shelf.library.take_bounces_of_mailbox(&settings).await.unwrap(), 2);
    assert!(mailbox.lock().unwrap().iter().all(|(_, seen)| *seen));
    assert!(shelf.library.account(patron).await.unwrap().unwrap().mail_refused);
    assert_eq!(address(&shelf.library, patron).await, to);
    assert_eq!(shelf.library.take_bounces_of_mailbox(&settings).await.unwrap(), 0);
    let gone = ImapSettings { port: 1, ..settings };
    shelf.library.take_bounces_of_mailbox(&gone).await.unwrap_err();
}

async fn a_mail_that_breaks_the_conversation_holds_up_none_behind_it(shelf: Shelf) {
    let (patron, to, id) = told(&shelf).await;
    let mails = [BREAKS.to_owned(), BREAKS.to_owned(), refused(&id, &to), BREAKS.to_owned()];
    let mailbox: Mailbox = Arc::new(Mutex::new(mails.map(|mail| (mail, false)).into()));
    let settings = server(Arc::clone(&mailbox)).await;
    for _ in 0..5 {
        shelf.library.take_bounces_of_mailbox(&settings).await.unwrap_err();
    }
    let seen: Vec<bool> = mailbox.lock().unwrap().iter().map(|(_, seen)| *seen).collect();
    assert_eq!(seen, [false, false, true, false]);
    assert!(shelf.library.account(patron).await.unwrap().unwrap().mail_refused);
}
