//! Mail servers that refuse, stall, hang up, encrypt and want a password.

use std::{sync::Arc, time::Duration};

use domain::notices::CallReason;
use library::notices::{Encryption, Mailer, SmtpSettings};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

use super::{minutes_later, ready_for};
use crate::support::{
    Shelf, on_both_engines, place,
    smtp::{Manners, Secure, SmtpServer, Trouble},
};

on_both_engines!(
    mails_share_a_line,
    an_address_that_does_not_exist_is_not_tried_again_and_telephoned,
    what_is_refused_for_another_reason_is_tried_again,
    a_refused_recipient_stops_nobody_elses_mail,
    a_server_that_can_t_be_reached_costs_no_mail_a_try,
    a_server_that_refuses_us_is_asked_once,
    a_server_that_stalls_stops_the_run,
    a_mail_that_broke_off_in_the_middle_comes_later,
    a_mail_whose_answer_was_lost_comes_twice_with_one_message_id,
    a_password_that_is_wrong_costs_no_mail_a_try,
    what_is_said_to_the_server_is_encrypted,
);

async fn so_many_ready(shelf: &Shelf, patrons: usize) {
    for _ in 0..patrons {
        let patron = shelf.patron().await;
        ready_for(shelf, patron).await;
    }
}

const TRIED: &str = "select count(*) from outbox where tries > 0 and sent_at is null";

async fn mails_share_a_line(shelf: Shelf) {
    let server = SmtpServer::start().await;
    so_many_ready(&shelf, 5).await;
    assert_eq!(shelf.library.send_due(&server.mailer()).await.unwrap(), 5);
    assert_eq!(server.connections(), 1);
}

async fn an_address_that_does_not_exist_is_not_tried_again_and_telephoned(shelf: Shelf) {
    let server = SmtpServer::start().await;
    let unknown = vec![("hanako".to_owned(), "550 5.1.1 unknown user")];
    server.behave(Manners { recipients: unknown, ..Manners::default() });
    so_many_ready(&shelf, 1).await;
    assert_eq!(shelf.library.send_due(&server.mailer()).await.unwrap(), 0);
    server.behave(Manners::default());
    for minutes in [2, 60, 24 * 60] {
        assert_eq!(minutes_later(&shelf, minutes).send_due(&server.mailer()).await.unwrap(), 0);
    }
    assert_eq!(server.recipients(), 1);
    let list = shelf.library.telephone_list(&place("central")).await.unwrap().list;
    assert_eq!(list.to_call[0].matters[0].reason, CallReason::NoAddress, "R13, R14: the address is none any more");
    // Staff see which mail it was. Tried again it has nowhere to go.
    let decisions = shelf.library.decisions(&place("central")).await.unwrap().list;
    let [mail] = decisions.refused_mails.as_slice() else { panic!("{decisions:?}") };
    shelf.library.send_again(mail.notice).await.unwrap().unwrap();
    assert_eq!(shelf.library.send_due(&server.mailer()).await.unwrap(), 0);
    assert_eq!(server.recipients(), 1);
}

async fn what_is_refused_for_another_reason_is_tried_again(shelf: Shelf) {
    let server = SmtpServer::start().await;
    so_many_ready(&shelf, 1).await;
    let recipient = |answer| Manners { recipients: vec![("hanako".to_owned(), answer)], ..Manners::default() };
    let refusals = [
        recipient("450 4.2.1 greylisted"),
        recipient("554 5.7.1 relay access denied"),
        recipient("552 5.2.2 mailbox full"),
        Manners { taken: Some("451 4.3.0 try later"), ..Manners::default() },
        Manners { taken: Some("554 5.7.1 looks like spam"), ..Manners::default() },
    ];
    let mut minutes = 0;
    for (tries, manners) in (1..).zip(refusals) {
        server.behave(manners);
        assert_eq!(minutes_later(&shelf, minutes).send_due(&server.mailer()).await.unwrap(), 0);
        assert_eq!(shelf.count(&format!("select count(*) from outbox where tries = {tries}")).await, 1);
        minutes += 1 << (tries - 1);
    }
    server.behave(Manners::default());
    assert_eq!(minutes_later(&shelf, minutes).send_due(&server.mailer()).await.unwrap(), 1);
    assert_eq!(shelf.count("select count(*) from outbox where refused_at is not null").await, 0);
}

async fn a_refused_recipient_stops_nobody_elses_mail(shelf: Shelf) {
    let server = SmtpServer::start().await;
    so_many_ready(&shelf, 4).await;
    let refused = shelf.rows("select recipient, id from outbox order by recipient").await;
    let recipients =
        vec![(refused[0].0.clone(), "550 5.1.1 unknown user"), (refused[2].0.clone(), "451 4.7.1 not now")];
    server.behave(Manners { recipients, ..Manners::default() });
    assert_eq!(shelf.library.send_due(&server.mailer()).await.unwrap(), 2);
    assert_eq!(server.connections(), 1, "the same line goes on");
}

async fn a_server_that_can_t_be_reached_costs_no_mail_a_try(shelf: Shelf) {
    let mut server = SmtpServer::start().await;
    let mailer = server.mailer();
    so_many_ready(&shelf, 3).await;
    server.down().await;
    for minutes in 0..20 {
        assert_eq!(minutes_later(&shelf, minutes).send_due(&mailer).await.unwrap(), 0);
    }
    assert_eq!(shelf.count(TRIED).await, 0);
    server.up().await;
    server.behave(Manners { greeting: Some("421 too busy"), ..Manners::default() });
    assert_eq!(shelf.library.send_due(&mailer).await.unwrap(), 0);
    assert_eq!((shelf.count(TRIED).await, server.connections()), (0, 1), "it was asked once, not for each");
    server.behave(Manners::default());
    assert_eq!(minutes_later(&shelf, 20).send_due(&mailer).await.unwrap(), 3);
}

async fn a_server_that_refuses_us_is_asked_once(shelf: Shelf) {
    let server = SmtpServer::start().await;
    so_many_ready(&shelf, 3).await;
    server.behave(Manners { mail: Some("550 5.7.1 you may not send from there"), ..Manners::default() });
    assert_eq!(shelf.library.send_due(&server.mailer()).await.unwrap(), 0);
    assert_eq!((shelf.count(TRIED).await, server.recipients(), server.connections()), (0, 0, 1));
    assert_eq!(shelf.count("select count(*) from outbox where refused_at is not null").await, 0);
}

async fn a_server_that_stalls_stops_the_run(shelf: Shelf) {
    let server = SmtpServer::start().await;
    so_many_ready(&shelf, 3).await;
    server.behave(Manners { trouble: Trouble::StallsAtRecipient, ..Manners::default() });
    let hasty = SmtpSettings { timeout: Duration::from_secs(2), ..server.settings() };
    let hasty = Mailer::smtp(hasty).unwrap();
    assert_eq!(shelf.library.send_due(&hasty).await.unwrap(), 0);
    assert_eq!(server.recipients(), 1, "the others were not tried at its cost");
    // The one it stalled at comes later, so that one bad address can't hold up everybody.
    assert_eq!(shelf.count(TRIED).await, 1);
    server.behave(Manners::default());
    assert_eq!(shelf.library.send_due(&server.mailer()).await.unwrap(), 2);
    assert_eq!(minutes_later(&shelf, 1).send_due(&server.mailer()).await.unwrap(), 1);
}

async fn a_mail_that_broke_off_in_the_middle_comes_later(shelf: Shelf) {
    let server = SmtpServer::start().await;
    so_many_ready(&shelf, 1).await;
    server.behave(Manners { trouble: Trouble::HangsUpInMail, ..Manners::default() });
    assert_eq!(shelf.library.send_due(&server.mailer()).await.unwrap(), 0);
    assert!(server.taken().is_empty());
    server.behave(Manners::default());
    assert_eq!(minutes_later(&shelf, 1).send_due(&server.mailer()).await.unwrap(), 1);
    assert_eq!(server.taken().len(), 1);
}

async fn a_mail_whose_answer_was_lost_comes_twice_with_one_message_id(shelf: Shelf) {
    let server = SmtpServer::start().await;
    so_many_ready(&shelf, 1).await;
    server.behave(Manners { trouble: Trouble::HangsUpAfterMail, ..Manners::default() });
    assert_eq!(shelf.library.send_due(&server.mailer()).await.unwrap(), 0);
    server.behave(Manners::default());
    assert_eq!(minutes_later(&shelf, 1).send_due(&server.mailer()).await.unwrap(), 1);
    let taken = server.taken();
    assert_eq!(taken.len(), 2, "which is all SMTP allows");
    assert_eq!(taken[0].message_id(), taken[1].message_id());
    assert_eq!(taken[0].text(), taken[1].text());
}

async fn a_password_that_is_wrong_costs_no_mail_a_try(shelf: Shelf) {
    // "\0library\0secret"
    let server = SmtpServer::with(None, Some("AGxpYnJhcnkAc2VjcmV0".to_owned())).await;
    so_many_ready(&shelf, 2).await;
    let with = |password: &str| {
        let credentials = Some(("library".to_owned(), password.to_owned()));
        Mailer::smtp(SmtpSettings { credentials, ..server.settings() }).unwrap()
    };
    assert_eq!(shelf.library.send_due(&with("guess")).await.unwrap(), 0);
    assert_eq!((shelf.count(TRIED).await, server.connections()), (0, 1));
    assert_eq!(shelf.library.send_due(&with("secret")).await.unwrap(), 2);
}

async fn what_is_said_to_the_server_is_encrypted(shelf: Shelf) {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(tokio_rustls::rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let trusted = Some(certified.cert.pem().into_bytes());
    for (implicit, encryption) in [(true, Encryption::Implicit), (false, Encryption::StartTls)] {
        let server = SmtpServer::with(Some(Secure { acceptor: acceptor.clone(), implicit }), None).await;
        so_many_ready(&shelf, 1).await;
        let known =
            SmtpSettings { host: "localhost".to_owned(), encryption, trusted: trusted.clone(), ..server.settings() };
        let unknown = SmtpSettings { trusted: None, ..known.clone() };
        let other_name = SmtpSettings { host: "127.0.0.1".to_owned(), ..known.clone() };
        for stranger in [unknown, other_name] {
            let mailer = Mailer::smtp(stranger).unwrap();
            assert_eq!(shelf.library.send_due(&mailer).await.unwrap(), 0, "whose certificate is it?");
        }
        assert_eq!(shelf.library.send_due(&Mailer::smtp(known.clone()).unwrap()).await.unwrap(), 1);
        assert_eq!(server.taken().len(), 1);
    }
    // A server that takes the offer to encrypt away gets nothing.
    let plain = SmtpServer::start().await;
    so_many_ready(&shelf, 1).await;
    let starttls = SmtpSettings { encryption: Encryption::StartTls, trusted, ..plain.settings() };
    assert_eq!(shelf.library.send_due(&Mailer::smtp(starttls).unwrap()).await.unwrap(), 0);
    assert_eq!((plain.recipients(), shelf.count(TRIED).await), (0, 0));
}
