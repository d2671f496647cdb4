use std::sync::{Arc, Mutex};

use library::notices::{Mailer, SmtpSettings, mail_files};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

use crate::support::{Shelf, on_both_engines, place};

on_both_engines!(
    a_ready_copy_is_told_by_mail_once,
    a_mail_server_gets_the_mail,
    a_mail_server_that_refuses_is_asked_again_later,
    who_is_telephoned_gets_no_mail,
);

async fn one_ready(shelf: &Shelf) {
    let (part, barcodes) = shelf.book(&["central"]).await;
    let patron = shelf.patron().await;
    shelf.reserve(patron, &[part], 0, "central").await;
    shelf.library.check_in(&place("central"), &barcodes[0]).await.unwrap().unwrap();
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

/// A mail server for one conversation after another: says what it is told to say to `RCPT`, keeps what it gets.
async fn mail_server(answer_to_rcpt: &'static str) -> (SmtpSettings, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let got = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&got);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (read, mut write) = stream.into_split();
            let mut lines = BufReader::new(read).lines();
            write.write_all(b"220 test\r\n").await.unwrap();
            let mut data: Option<String> = None;
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some(text) = &mut data {
                    if line == "." {
                        kept.lock().unwrap().push(std::mem::take(text));
                        data = None;
                        write.write_all(b"250 kept\r\n").await.unwrap();
                    } else {
                        text.push_str(&line);
                        text.push('\n');
                    }
                    continue;
                }
                let answer = match line.split(' ').next() {
                    Some("RCPT") => answer_to_rcpt,
                    Some("DATA") => {
                        data = Some(String::new());
                        "354 go on\r\n"
                    }
                    Some("QUIT") => "221 bye\r\n",
                    _ => "250 test\r\n",
                };
                write.write_all(answer.as_bytes()).await.unwrap();
            }
        }
    });
    (SmtpSettings { host: "127.0.0.1".to_owned(), port, tls: false, credentials: None }, got)
}

async fn a_mail_server_gets_the_mail(shelf: Shelf) {
    let (settings, got) = mail_server("250 test\r\n").await;
    let mailer = Mailer::smtp(&settings).unwrap();
    one_ready(&shelf).await;
    assert_eq!(shelf.library.send_due(&mailer).await.unwrap(), 1);
    let got = got.lock().unwrap();
    let [mail] = got.as_slice() else { panic!("{} mails", got.len()) };
    assert!(mail.contains("From: library@hondana.example.jp"), "{mail}");
    assert!(mail.contains("Message-ID: <") && mail.contains("@hondana.example.jp>"), "{mail}");
}

async fn a_mail_server_that_refuses_is_asked_again_later(shelf: Shelf) {
    let (settings, got) = mail_server("451 later\r\n").await;
    one_ready(&shelf).await;
    assert_eq!(shelf.library.send_due(&Mailer::smtp(&settings).unwrap()).await.unwrap(), 0);
    assert!(got.lock().unwrap().is_empty());
    // Not at once, and not never: a minute later another server takes it.
    let folder = Mailer::Folder(shelf.folder.path().join("mail"));
    assert_eq!(shelf.library.send_due(&folder).await.unwrap(), 0);
    let later = shelf.again(
        library::Clock::Fixed(crate::support::morning() + chrono::TimeDelta::minutes(2)),
        crate::support::policy(),
    );
    assert_eq!(later.send_due(&folder).await.unwrap(), 1);
}

async fn who_is_telephoned_gets_no_mail(shelf: Shelf) {
    let (part, barcodes) = shelf.book(&["central"]).await;
    let patron = shelf.patron().await;
    let mut request = shelf.request(&[part], 0, "central");
    request.contact = domain::patrons::Contact::Telephone;
    shelf.library.reserve(&domain::circulation::By::Patron, patron, &request).await.unwrap().unwrap();
    shelf.library.check_in(&place("central"), &barcodes[0]).await.unwrap().unwrap();
    assert_eq!(shelf.count("select count(*) from outbox").await, 0);
}
