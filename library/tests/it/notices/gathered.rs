//! What goes together in one mail, and what waits for the morning.

use chrono::TimeDelta;
use domain::{
    circulation::{By, WriteOff},
    policy::{NoticePolicy, Policy},
};
use library::{Clock, Library};

use super::ready_for;
use crate::{
    act::later,
    support::{Shelf, morning, on_both_engines, place, policy, smtp::SmtpServer},
};

on_both_engines!(
    what_becomes_ready_within_a_quarter_of_an_hour_goes_in_one_mail,
    a_family_with_one_address_gets_a_mail_each,
    reminders_of_one_morning_go_in_one_mail,
    what_was_sent_together_is_sent_again_together,
    mails_wait_for_the_morning_where_the_library_wishes,
    what_is_ready_anew_before_it_was_told_is_told_once,
);

fn gathering() -> Policy {
    Policy { notices: NoticePolicy::default(), ..policy() }
}

fn at(shelf: &Shelf, minutes: i64) -> Library {
    shelf.again(Clock::Fixed(morning() + TimeDelta::minutes(minutes)), gathering())
}

/// Makes something ready for a patron at that minute; answers its title.
async fn ready_at(shelf: &Shelf, patron: domain::PatronId, minutes: i64) -> String {
    let (part, barcodes) = shelf.book(&["central"]).await;
    shelf.reserve(patron, &[part], 0, "central").await;
    at(shelf, minutes).check_in(&place("central"), &barcodes[0]).await.unwrap().unwrap().title
}

async fn what_becomes_ready_within_a_quarter_of_an_hour_goes_in_one_mail(shelf: Shelf) {
    let server = SmtpServer::start().await;
    let mailer = server.mailer();
    let (patron, other) = (shelf.patron().await, shelf.patron().await);
    let titles = [ready_at(&shelf, patron, 0).await, ready_at(&shelf, patron, 10).await];
    let of_other = ready_at(&shelf, other, 10).await;
    assert_eq!(at(&shelf, 14).send_due(&mailer).await.unwrap(), 0, "it may be more");
    assert_eq!(at(&shelf, 15).send_due(&mailer).await.unwrap(), 1);
    {
        let taken = server.taken();
        let text = taken[0].text();
        assert!(titles.iter().all(|title| text.contains(title.as_str())), "{text}");
        assert!(!text.contains(&of_other), "somebody else's: {text}");
        assert_eq!(taken[0].html().matches("<table").count(), 2);
    }
    // What becomes ready afterwards is news of its own.
    let late = ready_at(&shelf, patron, 16).await;
    assert_eq!(at(&shelf, 31).send_due(&mailer).await.unwrap(), 2);
    assert_eq!(at(&shelf, 60).send_due(&mailer).await.unwrap(), 0);
    let taken = server.taken();
    let about_late: Vec<_> = taken.iter().filter(|mail| mail.text().contains(&late)).collect();
    assert_eq!((taken.len(), about_late.len()), (3, 1));
    assert!(!about_late[0].text().contains(&titles[0]), "told before");
}

async fn a_family_with_one_address_gets_a_mail_each(shelf: Shelf) {
    let server = SmtpServer::start().await;
    let (mother, child) = (shelf.patron().await, shelf.patron().await);
    shelf.run("update patron set mail1 = 'family@example.jp'").await;
    shelf.run(&format!("update patron set name = '山田 太郎' where id = {}", shelf.uuid(child.0))).await;
    ready_for(&shelf, mother).await;
    ready_for(&shelf, child).await;
    assert_eq!(shelf.library.send_due(&server.mailer()).await.unwrap(), 2);
    let taken = server.taken();
    assert!(taken.iter().all(|mail| mail.to == "family@example.jp"));
    assert_eq!(taken.iter().filter(|mail| mail.text().contains("山田 太郎 様")).count(), 1);
}

async fn reminders_of_one_morning_go_in_one_mail(shelf: Shelf) {
    let server = SmtpServer::start().await;
    let patron = shelf.patron().await;
    for _ in 0..3 {
        let (_, copies) = shelf.book(&["central"]).await;
        shelf.library.check_out(&By::Staff, &place("central"), patron, &copies[0]).await.unwrap().unwrap();
    }
    let library = later(&shelf, 12);
    assert_eq!(library.daily().await.unwrap().reminders, 3);
    assert_eq!(library.send_due(&server.mailer()).await.unwrap(), 1);
    let text = server.taken()[0].text();
    assert_eq!(text.matches("題名").count(), 3, "{text}");
    // Whoever asks what is kept of them reads that mail once.
    let own = library.own_data(patron).await.unwrap().unwrap();
    assert_eq!(own.mails.len(), 1);
    assert_eq!(own.mails[0].text.matches("題名").count(), 3);
}

async fn what_was_sent_together_is_sent_again_together(shelf: Shelf) {
    use crate::support::smtp::{Manners, Trouble};
    let server = SmtpServer::start().await;
    let mailer = server.mailer();
    let patron = shelf.patron().await;
    let first = [ready_at(&shelf, patron, 0).await, ready_at(&shelf, patron, 1).await];
    server.behave(Manners { trouble: Trouble::HangsUpAfterMail, ..Manners::default() });
    assert_eq!(at(&shelf, 15).send_due(&mailer).await.unwrap(), 0, "nobody knows whether it was taken");
    server.behave(Manners::default());
    // What comes in between has a mail of its own, or whoever knows the first by its Message-ID would never read of it.
    let between = ready_at(&shelf, patron, 15).await;
    assert_eq!(at(&shelf, 40).send_due(&mailer).await.unwrap(), 2);
    let taken = server.taken();
    assert_eq!(taken.len(), 3);
    let same: Vec<_> = taken.iter().filter(|mail| mail.message_id() == taken[0].message_id()).collect();
    assert_eq!(same.len(), 2);
    for mail in same {
        assert!(first.iter().all(|title| mail.text().contains(title)) && !mail.text().contains(&between));
    }
}

async fn mails_wait_for_the_morning_where_the_library_wishes(shelf: Shelf) {
    let server = SmtpServer::start().await;
    let mailer = server.mailer();
    let patron = shelf.patron().await;
    ready_for(&shelf, patron).await;
    let mut quiet = policy();
    quiet.notices.quiet_mail = true;
    // The clock stands at half past nine in the morning; twelve hours later it is night, and eight o'clock in 22.5 hours.
    let at =
        |half_hours: i64| shelf.again(Clock::Fixed(morning() + TimeDelta::minutes(30 * half_hours)), quiet.clone());
    assert_eq!(at(24).send_due(&mailer).await.unwrap(), 0);
    assert_eq!(at(44).send_due(&mailer).await.unwrap(), 0);
    assert_eq!(at(45).send_due(&mailer).await.unwrap(), 1);
    ready_for(&shelf, patron).await;
    let as_usual = shelf.again(Clock::Fixed(morning() + TimeDelta::hours(12)), policy());
    assert_eq!(as_usual.send_due(&mailer).await.unwrap(), 1, "off for mail, if nobody says otherwise");
}

async fn what_is_ready_anew_before_it_was_told_is_told_once(shelf: Shelf) {
    let server = SmtpServer::start().await;
    let here = place("central");
    let (patron, other) = (shelf.patron().await, shelf.patron().await);
    // It vanished from the hold shelf and was found again.
    let (_, copy) = ready_for(&shelf, patron).await;
    at(&shelf, 1).write_off(&copy, WriteOff::Missing).await.unwrap().unwrap();
    at(&shelf, 2).check_in(&here, &copy).await.unwrap().unwrap();
    // It was lent to another by a slip, and that was undone: the first notice is true again.
    let (_, copy) = ready_for(&shelf, other).await;
    let overrule = By::Overrule("まちがい".to_owned());
    let walk_in = shelf.patron().await;
    at(&shelf, 1).check_out(&overrule, &here, walk_in, &copy).await.unwrap().unwrap();
    at(&shelf, 2).undo_scan(super::op(), &copy).await.unwrap().unwrap();
    assert_eq!(at(&shelf, 20).send_due(&server.mailer()).await.unwrap(), 2);
    for mail in server.taken().iter() {
        assert_eq!((mail.subject().as_str(), mail.text().matches("題名").count()), ("予約の資料が用意できました", 1));
    }
}
