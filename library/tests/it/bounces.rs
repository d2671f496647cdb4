//! Mails that come back (R13, R14): what follows from a report, and from which none does.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    PatronId,
    circulation::By,
    notices::{BounceVerdict, CallReason},
    patrons::Slot,
};
use library::{
    Clock, Library, Origin,
    notices::{BounceAnswer, Mailer, read_bounce},
};
use proptest::prelude::*;

use crate::{
    act::{later, op},
    support::{Shelf, morning, on_both_engines, place, policy},
};

on_both_engines!(
    an_address_that_refuses_mail_is_invalid_and_the_patron_is_telephoned,
    what_is_temporary_or_went_through_changes_nothing,
    a_mail_that_was_given_up_is_told_by_telephone_and_the_address_stays,
    only_bounces_of_mails_we_sent_have_an_effect,
    a_report_has_its_effect_once,
    a_report_that_comes_days_later_is_still_believed,
    what_was_sent_before_the_address_was_proven_says_nothing_of_it,
    a_family_shares_an_address_and_its_end,
    nothing_ties_a_sent_mail_to_a_title_longer_than_the_reservation,
    a_maildir_is_read_once_by_however_many_servers,
    the_desk_can_send_it_again,
);

/// A mail by which a mail system says what became of another.
pub(crate) fn report(message_id: &str, recipient: &str, action: &str, status: &str, diagnostic: &str) -> String {
    format!(
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example.jp (Mail Delivery System)\r\nTo: library@hondana.example.jp\r\n\
         Subject: Undelivered Mail Returned to Sender\r\nContent-Type: multipart/report; report-type=delivery-status; \
         boundary=\"b\"\r\nMIME-Version: 1.0\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nI'm sorry.\r\n\r\n--b\r\n\
         Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.jp\r\n\r\nFinal-Recipient: rfc822; \
         {recipient}\r\nAction: {action}\r\nStatus: {status}\r\nDiagnostic-Code: smtp; {diagnostic}\r\n\r\n--b\r\n\
         Content-Type: message/rfc822\r\n\r\nMessage-ID: <{message_id}>\r\nTo: {recipient}\r\nSubject: x\r\n\r\nx\r\n--b--\r\n"
    )
}

pub(crate) fn refused(message_id: &str, recipient: &str) -> String {
    report(message_id, recipient, "failed", "5.1.1", "550 5.1.1 User unknown")
}

/// A patron whose copy stands ready and who was told by mail; their address and the mail's Message-ID.
pub(crate) async fn told(shelf: &Shelf) -> (PatronId, String, String) {
    let patron = shelf.patron().await;
    let (address, id) = tell(shelf, patron).await;
    (patron, address, id)
}

/// The same for a patron who is there.
async fn tell(shelf: &Shelf, patron: PatronId) -> (String, String) {
    let (part, copies) = shelf.book(&["central"]).await;
    shelf.reserve(patron, &[part], 0, "central").await;
    shelf.library.check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    send(shelf, &shelf.library).await;
    let address = address(&shelf.library, patron).await;
    let id = newest_mail(shelf, &address).await;
    (address, id)
}

pub(crate) async fn address(library: &Library, patron: PatronId) -> String {
    library.settings(patron).await.unwrap().mails[0].clone().unwrap().address
}

async fn send(shelf: &Shelf, library: &Library) {
    library.send_due(&Mailer::Folder(shelf.folder.path().join("mail"))).await.unwrap();
}

/// The Message-ID of the newest mail to an address, as it left.
async fn newest_mail(shelf: &Shelf, address: &str) -> String {
    mail_ids(shelf, address).pop().unwrap_or_else(|| panic!("no mail to {address}"))
}

/// The Message-IDs of the mails to an address, by their names: those of one millisecond are in no order.
pub(crate) fn mail_ids(shelf: &Shelf, address: &str) -> Vec<String> {
    let mut mails: Vec<_> =
        std::fs::read_dir(shelf.folder.path().join("mail")).unwrap().map(|entry| entry.unwrap().path()).collect();
    mails.sort();
    let texts = mails.iter().map(|path| std::fs::read_to_string(path).unwrap());
    let to = format!("To: {address}");
    let id = |text: &str| {
        let line = text.lines().find(|line| line.starts_with("Message-ID:")).unwrap();
        line.trim_start_matches("Message-ID: <").trim_end_matches('>').to_owned()
    };
    texts.filter(|text| text.contains(&to)).map(|text| id(&text)).collect()
}

async fn reasons(library: &Library) -> Vec<CallReason> {
    let calls = library.telephone_list(&place("central")).await.unwrap().list.to_call;
    calls.iter().flat_map(|call| &call.matters).map(|matter| matter.reason).collect()
}

/// How the address stands: confirmed, refused.
async fn standing(library: &Library, patron: PatronId) -> (bool, bool) {
    let mail = library.settings(patron).await.unwrap().mails[0].clone().unwrap();
    (mail.confirmed, mail.refused_on.is_some())
}

fn at(time: DateTime<Utc>, shelf: &Shelf) -> Library {
    shelf.again(Clock::Fixed(time), policy())
}

async fn an_address_that_refuses_mail_is_invalid_and_the_patron_is_telephoned(shelf: Shelf) {
    let (patron, address, id) = told(&shelf).await;
    assert!(reasons(&shelf.library).await.is_empty());
    let answer = shelf.library.take_bounce(refused(&id, &address).as_bytes()).await.unwrap();
    assert_eq!(answer, BounceAnswer::AddressRefused);
    assert_eq!(standing(&shelf.library, patron).await, (false, true), "R13");
    assert_eq!(reasons(&shelf.library).await, [CallReason::NoAddress], "R14");
    // The patron is told on the next visit, the desk on the card.
    assert!(shelf.library.account(patron).await.unwrap().unwrap().mail_refused);
    let card = shelf.library.card_page(patron).await.unwrap().unwrap();
    assert_eq!(card.mails[0].as_ref().unwrap().refused_on, Some(shelf.library.today()));
    // Nothing more goes there: the next reservation can't be made by mail, and what is ready is telephoned.
    let (part, copies) = shelf.book(&["central"]).await;
    let request = shelf.request(&[part], 0, "central");
    shelf.library.reserve(&By::Patron, patron, &request).await.unwrap().unwrap_err();
    let mut request = shelf.request(&[part], 0, "central");
    request.contact = domain::patrons::Contact::Telephone;
    shelf.library.reserve(&By::Patron, patron, &request).await.unwrap().unwrap();
    shelf.library.check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    assert_eq!(shelf.count("select count(*) from outbox where tries = 0").await, 0);
    assert!(shelf.library.check().await.unwrap().wrong.is_empty());
}

async fn what_is_temporary_or_went_through_changes_nothing(shelf: Shelf) {
    let (patron, address, id) = told(&shelf).await;
    for (action, status, words) in [
        ("delayed", "4.4.1", "connection timed out"),
        ("delayed", "5.1.1", "user unknown"),
        ("delivered", "2.0.0", "250 ok"),
        ("relayed", "2.0.0", "250 ok"),
    ] {
        let mail = report(&id, &address, action, status, words);
        let answer = shelf.library.take_bounce(mail.as_bytes()).await.unwrap();
        assert_eq!(answer, BounceAnswer::NothingToDo, "{action} {status}");
    }
    assert_eq!(standing(&shelf.library, patron).await, (true, false));
    assert!(reasons(&shelf.library).await.is_empty());
    // And the failure that follows counts.
    let answer = shelf.library.take_bounce(refused(&id, &address).as_bytes()).await.unwrap();
    assert_eq!(answer, BounceAnswer::AddressRefused);
}

async fn a_mail_that_was_given_up_is_told_by_telephone_and_the_address_stays(shelf: Shelf) {
    for (status, words) in
        [("4.4.7", "delivery time expired"), ("5.7.1", "blocked for spam"), ("5.2.2", "mailbox full")]
    {
        let (patron, address, id) = told(&shelf).await;
        let mail = report(&id, &address, "failed", status, words);
        let answer = shelf.library.take_bounce(mail.as_bytes()).await.unwrap();
        assert_eq!(answer, BounceAnswer::Undelivered, "{status}");
        assert_eq!(standing(&shelf.library, patron).await, (true, false), "{status}");
        assert!(!shelf.library.account(patron).await.unwrap().unwrap().mail_refused);
    }
    assert_eq!(reasons(&shelf.library).await, [CallReason::MailRefused; 3]);
    // It is not tried again by itself.
    assert_eq!(later(&shelf, 2).send_due(&Mailer::Folder(shelf.folder.path().join("mail"))).await.unwrap(), 0);
}

async fn only_bounces_of_mails_we_sent_have_an_effect(shelf: Shelf) {
    let (patron, address, id) = told(&shelf).await;
    let (other, others, _) = told(&shelf).await;
    let stranger = uuid::Uuid::now_v7();
    for (mail, answer, why) in [
        (refused(&format!("{stranger}@hondana.example.jp"), &address), BounceAnswer::NotOurs, "no such notice"),
        (refused("E1P1ceB-000FL1-4q@e1.example.org", &address), BounceAnswer::NotOurs, "no id of ours"),
        (refused("", &address), BounceAnswer::NotOurs, "no id at all"),
        // A reply quotes the id elsewhere.
        (
            format!(
                "From: {address}\r\nTo: library@hondana.example.jp\r\nIn-Reply-To: <{id}>\r\nSubject: Re\r\n\r\n\
                Message-ID: <{id}>\r\n<{address}>: 550 user unknown\r\n"
            ),
            BounceAnswer::NoBounce,
            "a person's answer",
        ),
        (
            refused(&id, &address).replace("report-type=delivery-status", "report-type=feedback-report"),
            BounceAnswer::NoBounce,
            "a complaint of a feedback loop",
        ),
        (
            refused(&id, &address).replace("report-type=delivery-status", "report-type=disposition-notification"),
            BounceAnswer::NoBounce,
            "a read receipt",
        ),
        ("nonsense".to_owned(), BounceAnswer::NoBounce, "nonsense"),
    ] {
        assert_eq!(shelf.library.take_bounce(mail.as_bytes()).await.unwrap(), answer, "{why}");
    }
    // The desk's own mail to somebody, or one that was made and never sent, is no mail we sent.
    for patron in [patron, other] {
        assert_eq!(standing(&shelf.library, patron).await, (true, false));
    }
    // Somebody who knows the id of their own mail can't name another's address by it.
    let answer = shelf.library.take_bounce(refused(&id, &others).as_bytes()).await.unwrap();
    assert_eq!(
        answer,
        BounceAnswer::Undelivered,
        "it did not arrive where it was forwarded to, and no more is believed"
    );
    for patron in [patron, other] {
        assert_eq!(standing(&shelf.library, patron).await, (true, false));
    }
    assert_eq!(shelf.count("select count(*) from patron where mail1_refused_at is not null").await, 0);
}

async fn a_report_has_its_effect_once(shelf: Shelf) {
    let (patron, address, id) = told(&shelf).await;
    let mail = refused(&id, &address);
    let (here, there) = (shelf.library.clone(), later(&shelf, 0));
    let (first, second) = tokio::join!(here.take_bounce(mail.as_bytes()), there.take_bounce(mail.as_bytes()));
    let mut answers = [first.unwrap(), second.unwrap()];
    answers.sort_by_key(|answer| *answer == BounceAnswer::AddressRefused);
    assert_eq!(answers, [BounceAnswer::KnownAlready, BounceAnswer::AddressRefused]);
    // Confirmed anew, the address is not made invalid again by the same report.
    shelf.run("update patron set mail1_confirmed = true, mail1_refused_at = null").await;
    assert_eq!(shelf.library.take_bounce(mail.as_bytes()).await.unwrap(), BounceAnswer::KnownAlready);
    assert_eq!(standing(&shelf.library, patron).await, (true, false));
    assert_eq!(shelf.count("select count(*) from event where kind = 'address-refused'").await, 1);
}

async fn a_report_that_comes_days_later_is_still_believed(shelf: Shelf) {
    let (patron, address, id) = told(&shelf).await;
    // The mail itself is forgotten after three days, its text with it.
    later(&shelf, 5).daily().await.unwrap();
    assert_eq!(shelf.count("select count(*) from outbox").await, 0);
    let mail = report(&id, &address, "failed", "4.4.7", "given up after 5 days");
    let answer = later(&shelf, 5).take_bounce(mail.as_bytes()).await.unwrap();
    assert_eq!(answer, BounceAnswer::Undelivered);
    assert_eq!(reasons(&later(&shelf, 5)).await, [CallReason::MailRefused]);
    assert_eq!(standing(&shelf.library, patron).await, (true, false));
    // After a fortnight nothing is known of it any more.
    later(&shelf, 15).daily().await.unwrap();
    assert_eq!(shelf.count("select count(*) from sent_mail").await, 0);
    let answer = later(&shelf, 15).take_bounce(refused(&id, &address).as_bytes()).await.unwrap();
    assert_eq!(answer, BounceAnswer::NotOurs);
}

async fn what_was_sent_before_the_address_was_proven_says_nothing_of_it(shelf: Shelf) {
    let (patron, ..) = crate::door::reader(&shelf, "Hana12").await;
    let (address, first) = tell(&shelf, patron).await;
    assert_eq!(
        shelf.library.take_bounce(refused(&first, &address).as_bytes()).await.unwrap(),
        BounceAnswer::AddressRefused
    );
    // A second mail was under way; meanwhile the patron proves the address by the link that was mailed there.
    let second = uuid::Uuid::now_v7();
    shelf
        .run(&format!(
            "insert into sent_mail (notice_id, mail_id, event_id, address, sent_at)
             select {id}, {id}, event_id, '{address}', sent_at from sent_mail limit 1",
            id = shelf.uuid(second)
        ))
        .await;
    let origin = Origin::unknown();
    shelf.library.ask_for_address(patron, Slot::First, (&address, "Hana12"), &origin).await.unwrap().unwrap();
    let token = crate::door::token(&shelf, &shelf.library, &address).await;
    shelf.library.confirm_address(&token).await.unwrap().unwrap();
    assert_eq!(standing(&shelf.library, patron).await, (true, false), "good again");
    let late = refused(&format!("{second}@hondana.example.jp"), &address);
    assert_eq!(shelf.library.take_bounce(late.as_bytes()).await.unwrap(), BounceAnswer::Undelivered);
    assert_eq!(standing(&shelf.library, patron).await, (true, false), "and stays so");
}

async fn a_family_shares_an_address_and_its_end(shelf: Shelf) {
    let (mother, address, id) = told(&shelf).await;
    let child = shelf.patron().await;
    let own = crate::bounces::address(&shelf.library, child).await;
    shelf
        .run(&format!(
            "update patron set mail2 = '{address}', mail2_confirmed = true, ready_mail = 2 where id = {}",
            shelf.uuid(child.0)
        ))
        .await;
    shelf.library.take_bounce(refused(&id, &address.to_uppercase()).as_bytes()).await.unwrap();
    assert_eq!(standing(&shelf.library, mother).await, (false, true));
    let mails = shelf.library.settings(child).await.unwrap().mails;
    let [first, second] = mails.map(Option::unwrap);
    assert!(first.address == own && first.confirmed && first.refused_on.is_none(), "the other address stays");
    assert!(!second.confirmed && second.refused_on.is_some());
}

async fn nothing_ties_a_sent_mail_to_a_title_longer_than_the_reservation(shelf: Shelf) {
    let (patron, ..) = told(&shelf).await;
    let tied = "select count(*) from sent_mail where event_id is not null";
    assert_eq!(shelf.count(tied).await, 1);
    let held = shelf.library.reservations(patron).await.unwrap();
    let copy: Vec<(String, uuid::Uuid)> = shelf
        .rows("select i.barcode, r.id from reservation r join item i on i.id = r.item_id where r.state = 'ready'")
        .await;
    assert_eq!(held.len(), 1);
    shelf.library.check_out(&By::Staff, &place("central"), patron, &copy[0].0).await.unwrap().unwrap();
    shelf.library.check_in(&place("central"), &copy[0].0).await.unwrap().unwrap();
    later(&shelf, 1).daily().await.unwrap();
    assert_eq!((shelf.count(tied).await, shelf.count("select count(*) from sent_mail").await), (0, 1));
    // What is theirs to see and to erase.
    let data = shelf.library.own_data(patron).await.unwrap().unwrap();
    assert_eq!(data.sent_mails.len(), 1);
    shelf.library.erase_own_data(patron).await.unwrap();
    assert_eq!(shelf.count("select count(*) from sent_mail").await, 0);
}

async fn a_maildir_is_read_once_by_however_many_servers(shelf: Shelf) {
    let (patron, address, id) = told(&shelf).await;
    let folder = shelf.folder.path().join("Maildir");
    assert!(shelf.library.take_bounces_of_maildir(&folder).await.is_err(), "a folder that is not there is said");
    for sub in ["new", "cur", "tmp"] {
        std::fs::create_dir_all(folder.join(sub)).unwrap();
    }
    let put = |name: &str, text: String| std::fs::write(folder.join("new").join(name), text).unwrap();
    put("1.a.host", refused(&id, &address));
    put("2.b.host", "From: a@example.jp\n\nHello\n".to_owned());
    put(".hidden", "x".to_owned());
    std::fs::write(folder.join("tmp").join("3.c.host"), "half a mail").unwrap();
    let other = later(&shelf, 0);
    let (here, there) =
        tokio::join!(shelf.library.take_bounces_of_maildir(&folder), other.take_bounces_of_maildir(&folder));
    assert!(here.unwrap() + there.unwrap() >= 2);
    assert_eq!(standing(&shelf.library, patron).await, (false, true));
    assert!(folder.join("cur/1.a.host:2,S").is_file() && folder.join("cur/2.b.host:2,S").is_file());
    assert!(folder.join("tmp/3.c.host").is_file());
    assert_eq!(shelf.library.take_bounces_of_maildir(&folder).await.unwrap(), 0);
    assert_eq!(shelf.count("select count(*) from event where kind = 'address-refused'").await, 1);
}

async fn the_desk_can_send_it_again(shelf: Shelf) {
    let (_, address, id) = told(&shelf).await;
    let mail = report(&id, &address, "failed", "5.2.2", "mailbox full");
    shelf.library.take_bounce(mail.as_bytes()).await.unwrap();
    let listed = shelf.library.decisions(&place("central")).await.unwrap().list.refused_mails;
    let [line] = listed.as_slice() else { panic!("{listed:?}") };
    assert_eq!(line.address, address);
    shelf.library.send_again(line.notice).await.unwrap().unwrap();
    assert!(reasons(&shelf.library).await.is_empty());
    let noon = at(morning() + TimeDelta::hours(2), &shelf);
    send(&shelf, &noon).await;
    assert!(noon.decisions(&place("central")).await.unwrap().list.refused_mails.is_empty());
    // It is another mail, which may come back once more.
    assert_eq!(noon.take_bounce(mail.as_bytes()).await.unwrap(), BounceAnswer::NotOurs);
    let mails = mail_ids(&shelf, &address);
    let again = mails.into_iter().find(|other| *other != id).unwrap();
    let mail = report(&again, &address, "failed", "5.2.2", "mailbox full");
    assert_eq!(noon.take_bounce(mail.as_bytes()).await.unwrap(), BounceAnswer::Undelivered);
    let listed = noon.decisions(&place("central")).await.unwrap().list.refused_mails;
    noon.give_up_mail(listed[0].notice, op()).await.unwrap().unwrap();
    assert_eq!(reasons(&noon).await, [CallReason::MailRefused]);
}

/// Forms of mail systems of which no real mail lies at hand, in their makers' words.
#[test]
fn plain_texts_are_read() {
    let head = "From: MAILER-DAEMON@mx.example.jp\nTo: library@hondana.example.jp\nSubject: failure notice\n\n";
    for (text, recipient, verdict) in [
        (
            "Hi. This is the qmail-send program at mx.example.jp.\nI'm afraid I wasn't able to deliver your message to the \
             following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n\
             <neko@example.jp>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 No such user\nGiving up.\n\n\
             --- Below this line is a copy of the message.\n\nReturn-Path: <library@hondana.example.jp>\nMessage-ID: <a@b>\n",
            "neko@example.jp",
            BounceVerdict::AddressRefused,
        ),
        (
            "Your message\n\n  To:      neko@example.jp\n  Subject: x\n\ndid not reach the following recipient(s):\n\n\
             neko@example.jp on Mon, 6 Apr 2026 10:00:00 +0900\n    The recipient name is not recognized\n\n",
            "neko@example.jp",
            BounceVerdict::AddressRefused,
        ),
        (
            "This message was created automatically by mail delivery software.\nA message that you sent has not yet been \
             delivered to one or more of its recipients after more than 24 hours on the queue.\n\nThe following address(es) \
             have not yet been delivered:\n\n  neko@example.jp\n    Delay reason: connection refused\n",
            "neko@example.jp",
            BounceVerdict::Delayed,
        ),
        (
            "Delivery to the following recipient failed permanently:\n\n     neko@example.jp\n\nTechnical details of permanent \
             failure: 552 5.2.2 The email account that you tried to reach is over quota\n",
            "neko@example.jp",
            BounceVerdict::Undelivered,
        ),
    ] {
        let bounce = read_bounce(format!("{head}{text}").as_bytes()).unwrap_or_else(|| panic!("{text}"));
        let read: Vec<_> = bounce.recipients.iter().map(|of| (of.recipient.as_str(), of.verdict)).collect();
        assert_eq!(read, [(recipient, verdict)], "{text}");
    }
}

#[test]
fn what_is_no_report_is_none() {
    for text in [
        "From: neko@example.jp\nTo: library@hondana.example.jp\nSubject: Re: ready\n\nThank you!\n",
        "From: neko@example.jp\nAuto-Submitted: auto-replied\nSubject: Out of office\nReturn-Path: <>\n\nI am away. Write to\n\
         boss@example.jp\n",
        "From: no-reply@shop.example.jp\nTo: library@hondana.example.jp\nSubject: News\n\nWrite to us:\nshop@example.jp\n",
        "From: MAILER-DAEMON@mx.example.jp\nSubject: Undelivered\n\nCould not be delivered, to whom is not said.\n",
        "",
        "From ",
    ] {
        assert_eq!(read_bounce(text.as_bytes()), None, "{text}");
    }
}

/// Which notice it is: by the Message-ID of the returned mail, else by the address of return.
#[test]
fn the_notice_is_found_by_the_address_of_return_too() {
    let id = uuid::Uuid::now_v7();
    let text = format!(
        "From: Postmaster@carrier.example.jp\nTo: library+{}@hondana.example.jp\nSubject: Mail System Error - Returned \
         Mail\n\nThe user(s) account is disabled.\n\n<neko@carrier.example.jp>\n",
        id.simple()
    );
    let bounce = read_bounce(text.as_bytes()).unwrap();
    assert_eq!(bounce.notice().map(|notice| notice.0), Some(id));
    assert_eq!(bounce.recipients[0].verdict, BounceVerdict::AddressRefused);
    let plain = read_bounce(text.replace(&format!("+{}", id.simple()), "").as_bytes()).unwrap();
    assert_eq!(plain.notice(), None);
}

proptest! {
    #[test]
    fn whatever_comes_is_read_without_a_panic(raw in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = read_bounce(&raw);
    }

    /// Lines mail systems write, in any order, cut off anywhere.
    #[test]
    fn lines_in_any_order_are_read_without_a_panic(
        lines in prop::collection::vec(prop::sample::select(LINES.to_vec()), 0..40),
        end in 0usize..2000,
    ) {
        let text = lines.join("\n");
        let text: String = text.chars().take(end).collect();
        let _ = read_bounce(text.as_bytes());
    }
}

const LINES: &[&str] = &[
    "From: MAILER-DAEMON@mx.example.jp",
    "Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"",
    "--b",
    "--b--",
    "",
    "Content-Type: message/delivery-status",
    "Content-Type: message/rfc822",
    "Content-Type: text/rfc822-headers",
    "Final-Recipient: rfc822; neko@example.jp",
    "Final-Recipient:",
    "Original-Recipient: rfc822;@",
    "Action: failed",
    "Action:",
    "Status: 5.1.1",
    "Status: 5.",
    "Diagnostic-Code: smtp; 550 ねこ",
    "Diagnostic-Code: ;",
    " folded",
    "\t",
    "Message-ID: <",
    "Message-ID:",
    "<neko@example.jp>: host mx said: 550 (in",
    "<",
    "<>",
    "@",
    "  neko@example.jp",
    "(expanded from: <",
    "X-Failed-Recipients: ,,@,neko@example.jp",
    "The following address(es) failed:",
    "   ----- Transcript of session follows",
    "\u{feff}",
    "送信できませんでした",
    "Could not be delivered to: <",
    "Content-Transfer-Encoding: base64",
    "////",
    "=?UTF-8?B?",
];
