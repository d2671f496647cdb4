//! The desk's lists follow what happens to mails and calls, though no event tells of it.

use domain::{
    circulation::{Decisions, DeskCounts, DeskRoom},
    notices::TelephoneList,
    patrons::Slot,
};
use library::{
    live::{News, Topic, Watching},
    notices::BounceAnswer,
};
use serde::de::DeserializeOwned;

use crate::{
    act::op,
    bounces::{report, told},
    live::{Server, another, at_desk, said, within},
    support::{
        Shelf, on_both_engines, place,
        smtp::{Manners, SmtpServer},
    },
};

on_both_engines!(
    what_becomes_of_a_mail_is_seen_at_the_desk,
    a_mail_that_fails_for_the_last_time_is_seen_at_the_desk,
    an_address_that_is_chosen_is_seen_at_the_desk,
    what_another_program_notes_is_seen_at_the_desk,
);

/// The next list.
async fn list<T: DeserializeOwned>(watching: &mut Watching) -> T {
    match within(said(watching)).await {
        News::State { fields, .. } => {
            let (_, list): (DeskCounts, T) = wire::read(&fields).unwrap();
            list
        }
        other => panic!("{other:?} instead of a list"),
    }
}

/// Waits until so many mails that were refused are listed.
async fn mails(watching: &mut Watching, expected: usize) {
    within(async { while list::<Decisions>(watching).await.refused_mails.len() != expected {} }).await;
}

async fn calls(watching: &mut Watching) -> TelephoneList {
    list(watching).await
}

async fn watch(shelf: &Shelf, server: &Server, login: &str, room: DeskRoom) -> Watching {
    let clerk = at_desk(shelf, login).await;
    server.watch(&Topic::Desk(place("central"), room), &clerk, None).await
}

async fn what_becomes_of_a_mail_is_seen_at_the_desk(shelf: Shelf) {
    let server = Server::of(&shelf);
    let (_, address, id) = told(&shelf).await;
    let mut decisions = watch(&shelf, &server, "clerk", DeskRoom::Decisions).await;
    mails(&mut decisions, 0).await;
    let report = report(&id, &address, "failed", "5.2.2", "mailbox full");
    assert_eq!(shelf.library.take_bounce(report.as_bytes()).await.unwrap(), BounceAnswer::Undelivered);
    mails(&mut decisions, 1).await;
    let mail = shelf.library.decisions(&place("central")).await.unwrap().list.refused_mails[0].notice;
    shelf.library.send_again(mail).await.unwrap().unwrap();
    mails(&mut decisions, 0).await;
    // It is refused as well.
    let smtp = SmtpServer::start().await;
    let recipients = vec![("hanako".to_owned(), "550 5.1.1 User unknown")];
    smtp.behave(Manners { recipients, ..Manners::default() });
    shelf.library.send_due(&smtp.mailer()).await.unwrap();
    mails(&mut decisions, 1).await;
    let mail = shelf.library.decisions(&place("central")).await.unwrap().list.refused_mails[0].notice;
    shelf.library.give_up_mail(mail, op()).await.unwrap().unwrap();
    mails(&mut decisions, 0).await;
}

async fn a_mail_that_fails_for_the_last_time_is_seen_at_the_desk(shelf: Shelf) {
    let server = Server::of(&shelf);
    let smtp = SmtpServer::start().await;
    smtp.behave(Manners { recipients: vec![("hanako".to_owned(), "451 later")], ..Manners::default() });
    let patron = shelf.patron().await;
    crate::notices::ready_for(&shelf, patron).await;
    shelf.run("update outbox set tries = 7").await;
    let mut telephone = watch(&shelf, &server, "clerk", DeskRoom::Telephone).await;
    assert!(calls(&mut telephone).await.to_call.is_empty());
    shelf.library.send_due(&smtp.mailer()).await.unwrap();
    assert_eq!(calls(&mut telephone).await.to_call.len(), 1);
}

async fn an_address_that_is_chosen_is_seen_at_the_desk(shelf: Shelf) {
    let server = Server::of(&shelf);
    let patron = shelf.patron().await;
    let (part, copies) = shelf.book(&["central"]).await;
    shelf.reserve(patron, &[part], 0, "central").await;
    shelf.run("update patron set mail1_confirmed = false, mail2 = 'other@example.jp', mail2_confirmed = true").await;
    shelf.library.check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    let mut telephone = watch(&shelf, &server, "clerk", DeskRoom::Telephone).await;
    let before = calls(&mut telephone).await;
    shelf.library.choose_ready_mail(patron, Slot::Second).await.unwrap().unwrap();
    assert_ne!(calls(&mut telephone).await, before, "the reason is another");
}

async fn what_another_program_notes_is_seen_at_the_desk(shelf: Shelf) {
    let server = Server::of(&shelf);
    let (_, address, id) = told(&shelf).await;
    let mut decisions = watch(&shelf, &server, "clerk", DeskRoom::Decisions).await;
    mails(&mut decisions, 0).await;
    // As `hondana bounce` does, beside the server.
    let there = another(&shelf).await;
    let report = report(&id, &address, "failed", "5.2.2", "mailbox full");
    assert_eq!(there.take_bounce(report.as_bytes()).await.unwrap(), BounceAnswer::Undelivered);
    mails(&mut decisions, 1).await;
    there.database().close().await;
}
