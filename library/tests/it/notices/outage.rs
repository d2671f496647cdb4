//! The mail server down for an hour, and what staff see of it.

use chrono::TimeDelta;
use domain::circulation::PatronAction;
use library::Clock;

use super::minutes_later;
use crate::{
    act::act,
    support::{Shelf, morning, on_both_engines, place, policy, smtp::SmtpServer},
};

on_both_engines!(after_an_hour_without_a_server_each_notice_goes_once_and_in_order, staff_see_that_no_mail_goes_out);

/// Sixty minutes of work, one reservation ready in each, the mail server away from the fifth on; ten of the patrons cancel
/// before it is back.
async fn after_an_hour_without_a_server_each_notice_goes_once_and_in_order(shelf: Shelf) {
    let mut server = SmtpServer::start().await;
    let mailer = server.mailer();
    let mut titles = Vec::new();
    let mut cancelled = Vec::new();
    for minute in 0..60 {
        if minute == 5 {
            server.down().await;
        }
        let library = minutes_later(&shelf, minute);
        let (part, barcodes) = shelf.book(&["central"]).await;
        let patron = shelf.patron().await;
        shelf.reserve(patron, &[part], 0, "central").await;
        let title = library.check_in(&place("central"), &barcodes[0]).await.unwrap().unwrap().title;
        // The worker looks as often as the clock moves; what fails is the server and no mail.
        let sent = library.send_due(&mailer).await.unwrap();
        assert_eq!(sent, u64::from(minute < 5), "minute {minute}");
        if minute >= 10 && minute % 5 == 0 {
            let id = library.reservations(patron).await.unwrap()[0].id;
            act(&library, patron, PatronAction::Cancel(id)).await.unwrap();
            cancelled.push(title);
        } else {
            titles.push(title);
        }
    }
    assert_eq!(shelf.count("select max(tries) from outbox where sent_at is null").await, 0);
    server.up().await;
    let back = minutes_later(&shelf, 65);
    let sent = back.send_due(&mailer).await.unwrap();
    assert_eq!(back.send_due(&mailer).await.unwrap(), 0);
    assert_eq!(minutes_later(&shelf, 600).send_due(&mailer).await.unwrap(), 0);
    let told: Vec<String> = server.taken().iter().map(|mail| title_of(&mail.text())).collect();
    assert_eq!(told, titles, "each once, in the order they were made, and none that was cancelled: {cancelled:?}");
    assert_eq!((sent, cancelled.len()), (45, 10));
}

fn title_of(text: &str) -> String {
    let line = text.lines().find(|line| line.starts_with("　資料")).unwrap();
    line.rsplit('　').next().unwrap().to_owned()
}

async fn staff_see_that_no_mail_goes_out(shelf: Shelf) {
    let mut server = SmtpServer::start().await;
    let mailer = server.mailer();
    server.down().await;
    let (patron, here) = (shelf.patron().await, place("central"));
    super::ready_for(&shelf, patron).await;
    for (minutes, stuck) in [(0, false), (60, false), (61, true)] {
        let library = minutes_later(&shelf, minutes);
        library.send_due(&mailer).await.unwrap();
        let backlog = library.backlog().await.unwrap();
        assert_eq!((backlog.waiting, i64::from(backlog.oldest_minutes)), (1, minutes));
        let counts = library.desk_counts(&here).await.unwrap().counts;
        assert_eq!(counts.mail_stuck, Some(backlog).filter(|_| stuck), "after {minutes} minutes");
    }
    server.up().await;
    assert_eq!(minutes_later(&shelf, 62).send_due(&mailer).await.unwrap(), 1);
    assert_eq!(minutes_later(&shelf, 62).desk_counts(&here).await.unwrap().counts.mail_stuck, None);
    // What waits for others of its kind, or for the next try, is not stuck.
    let mut gathering = policy();
    gathering.notices.gather_minutes = 240;
    let library = shelf.again(Clock::Fixed(morning() + TimeDelta::hours(2)), gathering);
    let (part, barcodes) = shelf.book(&["central"]).await;
    shelf.reserve(patron, &[part], 0, "central").await;
    library.check_in(&here, &barcodes[0]).await.unwrap().unwrap();
    assert_eq!(minutes_later(&shelf, 240).backlog().await.unwrap().waiting, 0);
}
