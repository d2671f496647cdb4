//! Mails that fail every time, though nobody says that they are refused.

use chrono::TimeDelta;
use library::{Clock, Library};

use super::ready_for;
use crate::support::{
    Shelf, morning, on_both_engines, place, policy,
    smtp::{Manners, SmtpServer},
};

on_both_engines!(what_fails_for_days_is_given_up_and_forgotten);

fn at(shelf: &Shelf, hours: i64) -> Library {
    shelf.again(Clock::Fixed(morning() + TimeDelta::hours(hours)), policy())
}

async fn listed(library: &Library) -> usize {
    library.decisions(&place("central")).await.unwrap().list.refused_mails.len()
}

async fn what_fails_for_days_is_given_up_and_forgotten(shelf: Shelf) {
    let server = SmtpServer::start().await;
    server.behave(Manners { recipients: vec![("hanako".to_owned(), "451 later")], ..Manners::default() });
    let patron = shelf.patron().await;
    ready_for(&shelf, patron).await;
    let tried = async |hours: i64| {
        let before = server.recipients();
        at(&shelf, hours).send_due(&server.mailer()).await.unwrap();
        server.recipients() - before
    };
    for hours in 0..(4 * 24) {
        tried(hours).await;
    }
    assert_eq!(listed(&at(&shelf, 4 * 24)).await, 1, "the desk has it");
    assert_eq!(tried(4 * 24 + 5).await, 1, "and it is still tried");
    assert_eq!(tried(5 * 24 + 1).await, 1, "once more");
    assert_eq!(tried(6 * 24).await, 0, "after five days no more");
    assert_eq!(listed(&at(&shelf, 6 * 24)).await, 1);
    // Whoever tries it again tries it anew.
    let mail = at(&shelf, 6 * 24).decisions(&place("central")).await.unwrap().list.refused_mails[0].notice;
    at(&shelf, 6 * 24).send_again(mail).await.unwrap().unwrap();
    assert_eq!(tried(6 * 24).await, 1);
    for hours in 1..48 {
        tried(6 * 24 + hours).await;
    }
    assert_eq!(tried(9 * 24).await, 0);
    let weeks = at(&shelf, 60 * 24);
    weeks.daily().await.unwrap();
    assert_eq!(shelf.count("select count(*) from outbox where channel = 'mail' and kind = 'ready'").await, 0);
}
