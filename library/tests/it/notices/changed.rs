//! What is told of at all, and what is not told of any more because it has changed before its turn came.

use chrono::TimeDelta;
use domain::{
    circulation::{By, PatronAction, WriteOff},
    patrons::Contact,
    policy::{NoticePolicy, Policy},
};
use library::{Clock, Library};

use super::{minutes_later, op, ready_for};
use crate::{
    act::{act, later},
    counter::card_of,
    door::{ask, facts},
    support::{Shelf, morning, on_both_engines, place, policy, smtp::SmtpServer},
};

on_both_engines!(
    what_is_not_true_any_more_is_not_sent,
    a_deadline_that_was_moved_is_told_as_it_is_now,
    a_mail_goes_where_the_patron_reads_mail_now,
    a_link_that_leads_nowhere_any_more_is_not_sent,
    what_the_library_cancelled_is_told_with_the_reason,
    what_ran_out_is_told_only_where_the_library_wishes,
    a_deadline_is_reminded_of_once_where_the_library_wishes,
);

fn with(shelf: &Shelf, days: i64, notices: NoticePolicy) -> Library {
    let policy = Policy { notices: NoticePolicy { gather_minutes: 0, ..notices }, ..policy() };
    shelf.again(Clock::Fixed(morning() + TimeDelta::days(days)), policy)
}

async fn subjects(server: &SmtpServer) -> Vec<String> {
    server.taken().iter().map(|mail| mail.subject()).collect()
}

async fn what_is_not_true_any_more_is_not_sent(shelf: Shelf) {
    let server = SmtpServer::start().await;
    let here = place("central");
    // Cancelled by the patron.
    let patron = shelf.patron().await;
    ready_for(&shelf, patron).await;
    let id = shelf.library.reservations(patron).await.unwrap()[0].id;
    act(&shelf.library, patron, PatronAction::Cancel(id)).await.unwrap();
    // Borrowed already.
    let borrower = shelf.patron().await;
    let (_, copy) = ready_for(&shelf, borrower).await;
    shelf.library.check_out(&By::Staff, &here, borrower, &copy).await.unwrap().unwrap();
    shelf.library.check_in(&here, &copy).await.unwrap().unwrap();
    // Vanished before it was told that it is ready.
    let unlucky = shelf.patron().await;
    let (_, copy) = ready_for(&shelf, unlucky).await;
    minutes_later(&shelf, 1).write_off(&copy, WriteOff::Missing).await.unwrap().unwrap();
    // Vanished when that had been tried: it may have arrived, so of the two notices the second is told.
    let told = shelf.patron().await;
    let (_, copy) = ready_for(&shelf, told).await;
    shelf.run(&format!("update outbox set tries = 1 where patron_id = {}", shelf.uuid(told.0))).await;
    minutes_later(&shelf, 1).write_off(&copy, WriteOff::Missing).await.unwrap().unwrap();
    // Returned, and renewed, after the reminder was written.
    let (reader, renewer) = (shelf.patron().await, shelf.patron().await);
    for who in [reader, renewer] {
        let (_, copies) = shelf.book(&["central"]).await;
        let loan = shelf.library.check_out(&By::Staff, &here, who, &copies[0]).await.unwrap().unwrap().loan;
        let library = later(&shelf, 12);
        assert_eq!(library.daily().await.unwrap().reminders, 1);
        if who == reader {
            library.check_in(&here, &copies[0]).await.unwrap().unwrap();
        } else {
            act(&library, who, PatronAction::Renew(loan)).await.unwrap();
        }
    }
    assert_eq!(shelf.count("select count(*) from outbox where sent_at is null").await, 7);
    assert_eq!(later(&shelf, 12).send_due(&server.mailer()).await.unwrap(), 1);
    assert_eq!(subjects(&server).await, ["用意した資料についてのおわび"]);
    assert_eq!(shelf.count("select count(*) from outbox where sent_at is null").await, 0, "they are taken out");
}

async fn a_deadline_that_was_moved_is_told_as_it_is_now(shelf: Shelf) {
    let server = SmtpServer::start().await;
    let patron = shelf.patron().await;
    ready_for(&shelf, patron).await;
    let id = shelf.library.reservations(patron).await.unwrap()[0].id;
    shelf.library.extend_hold(id).await.unwrap().unwrap();
    assert_eq!(shelf.library.send_due(&server.mailer()).await.unwrap(), 1);
    let text = server.taken()[0].text();
    assert!(text.contains("2026年4月22日（水）") && !text.contains("4月15日"), "{text}");
}

async fn a_mail_goes_where_the_patron_reads_mail_now(shelf: Shelf) {
    let server = SmtpServer::start().await;
    let (moved, gone) = (shelf.patron().await, shelf.patron().await);
    ready_for(&shelf, moved).await;
    ready_for(&shelf, gone).await;
    let id = |patron: domain::PatronId| shelf.uuid(patron.0);
    shelf.run(&format!("update patron set mail1 = 'new@example.jp' where id = {}", id(moved))).await;
    shelf.run(&format!("update patron set mail1 = null, mail1_confirmed = false where id = {}", id(gone))).await;
    assert_eq!(shelf.library.send_due(&server.mailer()).await.unwrap(), 1);
    assert_eq!(server.taken()[0].to, "new@example.jp");
    let calls = shelf.library.telephone_list(&place("central")).await.unwrap().list.to_call;
    assert_eq!(calls.len(), 1, "R14: the other is telephoned");
    assert_eq!(calls[0].matters[0].reason, domain::notices::CallReason::NoAddress);
}

async fn a_link_that_leads_nowhere_any_more_is_not_sent(shelf: Shelf) {
    let server = SmtpServer::start().await;
    let patron = shelf.patron().await;
    let form = facts(&card_of(&shelf, patron).await);
    ask(&shelf.library, &form).await;
    // An earlier link ends when another is asked for.
    let later = minutes_later(&shelf, 1);
    ask(&later, &form).await;
    assert_eq!(later.send_due(&server.mailer()).await.unwrap(), 1);
    ask(&minutes_later(&shelf, 2), &form).await;
    assert_eq!(minutes_later(&shelf, 120).send_due(&server.mailer()).await.unwrap(), 0, "its hour is over");
    // Of the one that went, the link is forgotten.
    let link = server.taken()[0].text().split("key=").nth(1).unwrap().trim()[..32].to_owned();
    let kept = format!("select count(*) from outbox where about like '%{link}%' or body like '%{link}%'");
    assert_eq!(shelf.count(&kept).await, 0);
}

async fn what_the_library_cancelled_is_told_with_the_reason(shelf: Shelf) {
    let server = SmtpServer::start().await;
    let mailer = server.mailer();
    let (patron, by_phone) = (shelf.patron().await, shelf.patron().await);
    let (part, copies) = shelf.book(&["central"]).await;
    shelf.reserve(patron, &[part], 0, "central").await;
    let mut request = shelf.request(&[part], 0, "central");
    request.contact = Contact::Telephone;
    shelf.library.reserve(&By::Patron, by_phone, &request).await.unwrap().unwrap();
    // The patron's own doing is no news to them.
    let (other, _) = shelf.book(&["central"]).await;
    shelf.reserve(patron, &[other], 0, "central").await;
    let views = shelf.library.reservations(patron).await.unwrap();
    let own = views.iter().find(|view| view.part == other).unwrap().id;
    act(&shelf.library, patron, PatronAction::Cancel(own)).await.unwrap();
    assert_eq!(shelf.count("select count(*) from outbox").await, 0);
    // The last copy is lost, and staff decide.
    shelf.library.write_off(&copies[0], WriteOff::Lost).await.unwrap().unwrap();
    assert_eq!(shelf.library.cancel_queue(part).await.unwrap(), Ok(2));
    assert_eq!(shelf.library.send_due(&mailer).await.unwrap(), 1);
    let mail = server.taken()[0].clone();
    assert_eq!(mail.subject(), "予約が取り消しになりました");
    assert!(mail.text().contains("理由　貸出できる資料がなくなりました"), "{}", mail.text());
    assert!(!mail.text().contains("説明"), "nothing was said: {}", mail.text());
    // Cancelled at the desk, for a library that does not wish to tell.
    let (part, _) = shelf.book(&["central"]).await;
    shelf.reserve(patron, &[part], 0, "central").await;
    let id = shelf.library.reservations(patron).await.unwrap()[0].id;
    let silent = with(&shelf, 0, NoticePolicy { cancelled: false, ..NoticePolicy::default() });
    silent.act(&By::Staff, patron, op(), &PatronAction::Cancel(id)).await.unwrap().unwrap();
    assert_eq!(silent.send_due(&mailer).await.unwrap(), 0);
    shelf.reserve(patron, &[part], 0, "central").await;
    let id = shelf.library.reservations(patron).await.unwrap()[0].id;
    shelf.library.act(&By::Staff, patron, op(), &PatronAction::Cancel(id)).await.unwrap().unwrap();
    assert_eq!(shelf.library.send_due(&mailer).await.unwrap(), 1);
    assert!(server.taken()[1].text().contains("理由　図書館で取り消し"));
}

async fn what_ran_out_is_told_only_where_the_library_wishes(shelf: Shelf) {
    let server = SmtpServer::start().await;
    let mailer = server.mailer();
    for (expired, mails) in [(false, 0), (true, 1)] {
        let patron = shelf.patron().await;
        ready_for(&shelf, patron).await;
        shelf.library.send_due(&mailer).await.unwrap();
        server.taken().clear();
        let library = with(&shelf, 15, NoticePolicy { expired, ..NoticePolicy::default() });
        assert_eq!(library.daily().await.unwrap().expired, 1);
        assert_eq!(library.send_due(&mailer).await.unwrap(), mails, "R15: {expired}");
    }
    assert!(server.taken()[0].text().contains("理由　取置期限切れ"));
}

async fn a_deadline_is_reminded_of_once_where_the_library_wishes(shelf: Shelf) {
    let server = SmtpServer::start().await;
    let mailer = server.mailer();
    let patron = shelf.patron().await;
    ready_for(&shelf, patron).await;
    shelf.library.send_due(&mailer).await.unwrap();
    assert_eq!(later(&shelf, 12).daily().await.unwrap().reminders, 0, "off");
    let on = |day| with(&shelf, day, NoticePolicy { expiring_days: 3, ..NoticePolicy::default() });
    assert_eq!(on(10).daily().await.unwrap().reminders, 0);
    assert_eq!(on(11).daily().await.unwrap().reminders, 1);
    assert_eq!(on(12).daily().await.unwrap().reminders, 0, "once");
    assert_eq!(on(12).send_due(&mailer).await.unwrap(), 1);
    assert!(server.taken()[1].text().contains("2026年4月15日（水）"));
    // Another deadline is another matter.
    let id = shelf.library.reservations(patron).await.unwrap()[0].id;
    on(12).extend_hold(id).await.unwrap().unwrap();
    assert_eq!(on(19).daily().await.unwrap().reminders, 1);
    let mine = PatronAction::Cancel(id);
    act(&on(19), patron, mine).await.unwrap();
    assert_eq!(on(19).send_due(&mailer).await.unwrap(), 0, "cancelled meanwhile");
}
