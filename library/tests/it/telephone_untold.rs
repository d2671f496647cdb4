//! What was told by nobody once: everything a patron is told without a mail comes to the telephone list, and nothing is told
//! twice (R13, R14).

use domain::{
    PatronId,
    circulation::{By, CancelReason, PatronAction, WriteOff},
    notices::{Call, CallReason, CallResult, CallStanding, CallTopic, TelephoneList},
    patrons::Contact,
    policy::{NoticePolicy, Policy},
};
use library::{Clock, Library, notices::Mailer};

use crate::{
    act::{act, later, op},
    desk_lists::day,
    support::{Shelf, on_both_engines, place, policy, smtp::SmtpServer},
};

on_both_engines!(
    whose_set_is_paused_is_asked_by_telephone,
    a_set_is_asked_about_by_mail_or_by_telephone,
    what_the_library_cancelled_is_told_by_telephone,
    what_ran_out_is_told_by_telephone_only_where_the_library_wishes,
    who_was_told_by_mail_hears_by_telephone_that_it_is_gone,
    who_was_told_nothing_does_not_hear_that_it_is_gone,
    an_address_that_comes_before_the_call_is_no_call,
    an_address_that_goes_before_the_mail_leaves_the_mail_to_the_desk,
    what_was_undone_is_told_though_the_mail_was_taken_out,
);

async fn list(library: &Library) -> TelephoneList {
    let list = library.telephone_list(&place("central")).await.unwrap();
    assert_eq!(list.counts.to_telephone as usize, list.list.to_call.len(), "the count is that of the list");
    list.list
}

/// What is to be called about, with the reason.
async fn calls(library: &Library) -> Vec<(CallTopic, CallReason)> {
    let calls = list(library).await.to_call;
    calls.iter().flat_map(|call| &call.matters).map(|matter| (matter.topic, matter.reason)).collect()
}

async fn note(library: &Library, call: &Call, result: CallResult) {
    let events: Vec<_> = call.matters.iter().map(|matter| matter.event).collect();
    library.note_call(op(), &events, result).await.unwrap().unwrap();
}

/// An ordered set of two, whose first is ready and was told; its patron.
async fn a_set(shelf: &Shelf, contact: Contact) -> PatronId {
    let patron = shelf.patron().await;
    let (first, copies) = shelf.book(&["central"]).await;
    let (second, _) = shelf.book(&["central"]).await;
    let mut request = shelf.request(&[first, second], 2, "central");
    request.contact = contact;
    shelf.library.reserve(&By::Patron, patron, &request).await.unwrap().unwrap();
    shelf.library.check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    patron
}

async fn ready(shelf: &Shelf, contact: Contact) -> (PatronId, String) {
    let patron = shelf.patron().await;
    let (part, copies) = shelf.book(&["central"]).await;
    let mut request = shelf.request(&[part], 0, "central");
    request.contact = contact;
    shelf.library.reserve(&By::Patron, patron, &request).await.unwrap().unwrap();
    shelf.library.check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    (patron, copies[0].clone())
}

async fn address(shelf: &Shelf, patron: PatronId, confirmed: bool) {
    let id = shelf.uuid(patron.0);
    shelf.run(&format!("update patron set mail1_confirmed = {confirmed} where id = {id}")).await;
}

async fn send(shelf: &Shelf, library: &Library) -> u64 {
    library.send_due(&Mailer::Folder(shelf.folder.path().join("mail"))).await.unwrap()
}

async fn whose_set_is_paused_is_asked_by_telephone(shelf: Shelf) {
    let patron = a_set(&shelf, Contact::Telephone).await;
    let call = list(&shelf.library).await.to_call.remove(0);
    note(&shelf.library, &call, CallResult::Called).await;
    let library = later(&shelf, 15);
    assert_eq!(library.daily().await.unwrap().expired, 1);
    assert_eq!(calls(&library).await, [(CallTopic::Paused(day(4, 30)), CallReason::Wished)]);
    assert!(library.telephone_list(&place("north")).await.unwrap().list.to_call.is_empty());
    let call = list(&library).await.to_call.remove(0);
    note(&library, &call, CallResult::NoAnswer).await;
    assert_eq!(list(&library).await.to_call[0].tries.len(), 1);
    note(&later(&shelf, 16), &call, CallResult::LeftWord).await;
    assert_eq!(list(&later(&shelf, 16)).await.apart[0].standing, CallStanding::WordLeft);
    // They answer: nobody need call any more, and a page that is open late notes nothing.
    let set = library.reservations(patron).await.unwrap()[0].in_set.unwrap().set;
    act(&later(&shelf, 16), patron, PatronAction::GoOn(set)).await.unwrap();
    assert_eq!(list(&later(&shelf, 16)).await, TelephoneList::default());
    let events = [call.matters[0].event];
    assert!(library.note_call(op(), &events, CallResult::Called).await.unwrap().is_err());
}

async fn a_set_is_asked_about_by_mail_or_by_telephone(shelf: Shelf) {
    let (mailed, lost) = (a_set(&shelf, Contact::Mail).await, a_set(&shelf, Contact::Mail).await);
    send(&shelf, &shelf.library).await;
    address(&shelf, lost, false).await;
    let library = later(&shelf, 15);
    library.daily().await.unwrap();
    let asked = (CallTopic::Paused(day(4, 30)), CallReason::NoAddress);
    assert_eq!(calls(&library).await, [asked]);
    assert_eq!(send(&shelf, &library).await, 1, "the other is asked by mail");
    // Neither the day on which mails are forgotten nor an address that goes makes it a call.
    library.daily().await.unwrap();
    let later = later(&shelf, 20);
    later.daily().await.unwrap();
    address(&shelf, mailed, false).await;
    assert_eq!(calls(&later).await, [asked]);
}

async fn what_the_library_cancelled_is_told_by_telephone(shelf: Shelf) {
    let (part, copies) = shelf.book(&["central"]).await;
    let (own, _) = shelf.book(&["central"]).await;
    let (caller, mailed) = (shelf.patron().await, shelf.patron().await);
    for (patron, contact) in [(caller, Contact::Telephone), (mailed, Contact::Mail)] {
        let mut request = shelf.request(&[part, own], 0, "central");
        request.contact = contact;
        shelf.library.reserve(&By::Patron, patron, &request).await.unwrap().unwrap();
        let views = shelf.library.reservations(patron).await.unwrap();
        let id = views.iter().find(|view| view.part == own).unwrap().id;
        act(&shelf.library, patron, PatronAction::Cancel(id)).await.unwrap();
    }
    assert!(calls(&shelf.library).await.is_empty(), "what they did themselves they know");
    shelf.library.write_off(&copies[0], WriteOff::Lost).await.unwrap().unwrap();
    assert_eq!(shelf.library.cancel_queue(part).await.unwrap(), Ok(2));
    let told = (CallTopic::Cancelled(CancelReason::Withdrawn), CallReason::Wished);
    assert_eq!(calls(&shelf.library).await, [told]);
    assert_eq!(calls(&later(&shelf, 14)).await, [told]);
    assert!(calls(&later(&shelf, 15)).await.is_empty(), "and not for ever");
    let call = list(&shelf.library).await.to_call.remove(0);
    note(&shelf.library, &call, CallResult::Called).await;
    assert_eq!(list(&shelf.library).await, TelephoneList::default());
    // The mail of the other is refused for good.
    let server = SmtpServer::start().await;
    server.behave(crate::support::smtp::Manners {
        recipients: vec![("hanako".to_owned(), "550 5.1.1 User unknown")],
        ..Default::default()
    });
    shelf.library.send_due(&server.mailer()).await.unwrap();
    let told = (CallTopic::Cancelled(CancelReason::Withdrawn), CallReason::NoAddress);
    assert_eq!(calls(&shelf.library).await, [told], "R14");
    let silent = Policy { notices: NoticePolicy { cancelled: false, ..policy().notices }, ..policy() };
    let silent = shelf.again(Clock::Fixed(shelf.library.now()), silent);
    assert!(calls(&silent).await.is_empty(), "a library that does not tell");
}

async fn what_ran_out_is_told_by_telephone_only_where_the_library_wishes(shelf: Shelf) {
    ready(&shelf, Contact::Telephone).await;
    let library = later(&shelf, 15);
    assert_eq!(library.daily().await.unwrap().expired, 1);
    assert!(calls(&library).await.is_empty(), "R15");
    let telling = Policy { notices: NoticePolicy { expired: true, ..policy().notices }, ..policy() };
    let telling = shelf.again(Clock::Fixed(library.now()), telling);
    assert_eq!(calls(&telling).await, [(CallTopic::Cancelled(CancelReason::Expired), CallReason::Wished)]);
}

async fn who_was_told_by_mail_hears_by_telephone_that_it_is_gone(shelf: Shelf) {
    let (patron, copy) = ready(&shelf, Contact::Mail).await;
    assert_eq!(send(&shelf, &shelf.library).await, 1);
    address(&shelf, patron, false).await;
    later(&shelf, 1).write_off(&copy, WriteOff::Missing).await.unwrap().unwrap();
    assert_eq!(calls(&later(&shelf, 1)).await, [(CallTopic::Vanished, CallReason::Vanished)]);
    // An address that is confirmed meanwhile was told nothing.
    address(&shelf, patron, true).await;
    let call = list(&later(&shelf, 1)).await.to_call.remove(0);
    note(&later(&shelf, 2), &call, CallResult::Called).await;
    assert_eq!(list(&later(&shelf, 2)).await, TelephoneList::default());
    // Who has an address is told there, and nobody calls.
    let (_, copy) = ready(&shelf, Contact::Mail).await;
    assert_eq!(send(&shelf, &shelf.library).await, 1);
    later(&shelf, 1).write_off(&copy, WriteOff::Missing).await.unwrap().unwrap();
    assert!(calls(&later(&shelf, 1)).await.is_empty());
    assert_eq!(send(&shelf, &later(&shelf, 1)).await, 1);
    assert!(calls(&later(&shelf, 1)).await.is_empty());
}

async fn who_was_told_nothing_does_not_hear_that_it_is_gone(shelf: Shelf) {
    // Written, and not sent yet; wished to be called, and not called yet; without an address, and not called yet.
    let (_, unsent) = ready(&shelf, Contact::Mail).await;
    let (_, uncalled) = ready(&shelf, Contact::Telephone).await;
    let part = shelf.book(&["central"]).await;
    let patron = shelf.patron().await;
    shelf.reserve(patron, &[part.0], 0, "central").await;
    address(&shelf, patron, false).await;
    shelf.library.check_in(&place("central"), &part.1[0]).await.unwrap().unwrap();
    for copy in [&unsent, &uncalled, &part.1[0]] {
        later(&shelf, 1).write_off(copy, WriteOff::Missing).await.unwrap().unwrap();
    }
    assert_eq!(list(&later(&shelf, 1)).await, TelephoneList::default());
    assert_eq!(send(&shelf, &later(&shelf, 1)).await, 0, "neither that it is ready nor that it is not");
    assert_eq!(shelf.count("select count(*) from outbox").await, 0);
}

async fn an_address_that_comes_before_the_call_is_no_call(shelf: Shelf) {
    let patron = shelf.patron().await;
    let (part, copies) = shelf.book(&["central"]).await;
    shelf.reserve(patron, &[part], 0, "central").await;
    address(&shelf, patron, false).await;
    shelf.library.check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    let until = CallTopic::Ready(day(4, 15));
    assert_eq!(calls(&shelf.library).await, [(until, CallReason::NoAddress)]);
    address(&shelf, patron, true).await;
    assert_eq!(calls(&shelf.library).await, [(until, CallReason::MailRefused)], "nobody told them yet");
    let call = list(&shelf.library).await.to_call.remove(0);
    note(&shelf.library, &call, CallResult::Called).await;
    assert_eq!(list(&shelf.library).await, TelephoneList::default());
}

async fn an_address_that_goes_before_the_mail_leaves_the_mail_to_the_desk(shelf: Shelf) {
    let patron = shelf.patron().await;
    let (part, _) = shelf.book(&["central"]).await;
    shelf.reserve(patron, &[part], 0, "central").await;
    let id = shelf.library.reservations(patron).await.unwrap()[0].id;
    shelf.library.act(&By::Staff, patron, op(), &PatronAction::Cancel(id)).await.unwrap().unwrap();
    let (other, _) = ready(&shelf, Contact::Mail).await;
    for patron in [patron, other] {
        address(&shelf, patron, false).await;
    }
    assert_eq!(send(&shelf, &shelf.library).await, 0);
    for patron in [patron, other] {
        address(&shelf, patron, true).await;
    }
    let expected = [
        (CallTopic::Ready(day(4, 15)), CallReason::MailRefused),
        (CallTopic::Cancelled(CancelReason::Staff), CallReason::MailRefused),
    ];
    assert_eq!(calls(&shelf.library).await, expected);
    let mails = shelf.library.decisions(&place("central")).await.unwrap().list.refused_mails;
    let subjects: Vec<&str> = mails.iter().map(|mail| mail.subject.as_str()).collect();
    assert_eq!(subjects, ["予約が取り消しになりました"], "and the desk can send it again");
    shelf.library.send_again(mails[0].notice).await.unwrap().unwrap();
    assert_eq!(send(&shelf, &shelf.library).await, 1);
    assert_eq!(calls(&shelf.library).await, expected[..1]);
}

async fn what_was_undone_is_told_though_the_mail_was_taken_out(shelf: Shelf) {
    let server = SmtpServer::start().await;
    for sent_between in [true, false] {
        let (patron, copy) = ready(&shelf, Contact::Mail).await;
        let walk_in = shelf.patron().await;
        let by = By::Overrule("asked for at the desk".to_owned());
        shelf.library.check_out(&by, &place("central"), walk_in, &copy).await.unwrap().unwrap();
        if sent_between {
            assert_eq!(shelf.library.send_due(&server.mailer()).await.unwrap(), 0, "it is not ready");
        }
        let undone = shelf.library.undo_scan(op(), &copy).await.unwrap().unwrap();
        assert!(!undone.told_again, "nothing was told");
        let state = shelf.library.reservations(patron).await.unwrap()[0].status.standing();
        assert_eq!(state, domain::circulation::Standing::Ready);
        assert_eq!(shelf.library.send_due(&server.mailer()).await.unwrap(), 1, "{sent_between}");
    }
    let subjects: Vec<String> = server.taken().iter().map(|mail| mail.subject()).collect();
    assert_eq!(subjects, ["予約の資料が用意できました"; 2]);
}
