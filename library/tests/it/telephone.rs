//! The telephone list: one channel of telling patrons, read from the present state (R11, R13, R14).

use chrono::TimeDelta;
use domain::{
    EventId, PatronId,
    circulation::{By, Refusal, ReservationState},
    notices::{Call, CallReason, CallResult, CallStanding, CallTopic, TelephoneList},
    patrons::Contact,
};
use library::{Clock, Library, notices::Mailer};

use crate::{
    act::{later, op},
    desk_lists::{day, only, scan},
    support::{Shelf, morning, on_both_engines, place, policy},
};

on_both_engines!(
    who_wishes_to_be_called_is_called_until_told,
    who_has_no_address_is_telephoned,
    a_mail_that_is_refused_becomes_a_call,
    one_call_tells_of_everything,
    what_was_told_and_is_not_true_any_more_is_told_again,
    a_call_is_noted_once_and_never_about_what_is_over,
);

async fn list(library: &Library) -> TelephoneList {
    let list = library.telephone_list(&place("central")).await.unwrap();
    assert_eq!(list.counts.to_telephone as usize, list.list.to_call.len(), "the count is that of the list");
    list.list
}

/// A copy stands ready for the patron; answers its barcode.
async fn ready(shelf: &Shelf, library: &Library, patron: PatronId, contact: Contact) -> String {
    let (part, copies) = shelf.book(&["central"]).await;
    let mut request = shelf.request(&[part], 0, "central");
    request.contact = contact;
    library.reserve(&By::Patron, patron, &request).await.unwrap().unwrap();
    scan(library, "central", &copies[0]).await;
    copies[0].clone()
}

fn events(call: &Call) -> Vec<EventId> {
    call.matters.iter().map(|matter| matter.event).collect()
}

async fn note(library: &Library, call: &Call, result: CallResult) {
    library.note_call(op(), &events(call), result).await.unwrap().unwrap();
}

async fn who_wishes_to_be_called_is_called_until_told(shelf: Shelf) {
    let patron = shelf.patron().await;
    ready(&shelf, &shelf.library, patron, Contact::Telephone).await;
    ready(&shelf, &shelf.library, shelf.patron().await, Contact::Mail).await;
    let first = list(&shelf.library).await;
    let [call] = first.to_call.as_slice() else { panic!("{first:?}") };
    assert_eq!((call.name_kana.as_str(), call.telephone.as_str()), ("ヤマダ ハナコ", "048-000-0000"));
    assert_eq!((call.matters[0].reason, call.matters[0].topic), (CallReason::Wished, CallTopic::Ready(day(4, 15))));
    assert!(shelf.library.telephone_list(&place("north")).await.unwrap().list.to_call.is_empty());

    let noon = shelf.again(Clock::Fixed(morning() + TimeDelta::hours(3)), policy());
    note(&noon, call, CallResult::NoAnswer).await;
    let after = list(&shelf.library).await;
    assert_eq!(after.to_call[0].tries.len(), 1, "still to be called");
    assert_eq!(after.to_call[0].tries[0].at.to_string(), "2026-04-01 12:30:00", "on the library's clocks");
    note(&later(&shelf, 1), call, CallResult::LeftWord).await;
    let after = list(&shelf.library).await;
    assert!(after.to_call.is_empty());
    assert_eq!((after.apart[0].standing, after.apart[0].tries.len()), (CallStanding::WordLeft, 2));
    note(&later(&shelf, 2), call, CallResult::GivenUp).await;
    assert_eq!(list(&shelf.library).await.apart[0].standing, CallStanding::GivenUp);
    note(&later(&shelf, 3), call, CallResult::Called).await;
    assert_eq!(list(&shelf.library).await, TelephoneList::default());
    assert_eq!(shelf.count("select count(*) from event where kind = 'telephoned'").await, 4);
}

async fn who_has_no_address_is_telephoned(shelf: Shelf) {
    let patron = shelf.patron().await;
    ready(&shelf, &shelf.library, patron, Contact::Mail).await;
    assert!(list(&shelf.library).await.to_call.is_empty());
    // The address refuses mail and becomes invalid (R13).
    shelf.run("update patron set mail1_confirmed = false").await;
    let calls = list(&shelf.library).await.to_call;
    assert_eq!(calls[0].matters[0].reason, CallReason::NoAddress);
}

async fn a_mail_that_is_refused_becomes_a_call(shelf: Shelf) {
    let patron = shelf.patron().await;
    ready(&shelf, &shelf.library, patron, Contact::Mail).await;
    shelf.run("update outbox set tries = 7").await;
    assert!(list(&shelf.library).await.to_call.is_empty(), "it is tried again");
    assert!(shelf.library.decisions(&place("north")).await.unwrap().list.refused_mails.is_empty());
    shelf.run("update outbox set tries = 8").await;
    assert_eq!(list(&shelf.library).await.to_call[0].matters[0].reason, CallReason::MailRefused);
    let mails = shelf.library.decisions(&place("north")).await.unwrap().list.refused_mails;
    let [mail] = mails.as_slice() else { panic!("{mails:?}") };
    assert_eq!((mail.name_kana.as_str(), mail.made_on), ("ヤマダ ハナコ", day(4, 1)));
    assert!(mail.address.starts_with("hanako") && mail.subject == "予約の資料が用意できました");

    // Tried again, it is a mail like any other.
    shelf.run("update outbox set next_try_at = '2027-01-01 00:00:00+00:00'").await;
    shelf.library.send_again(mail.notice).await.unwrap().unwrap();
    assert!(list(&shelf.library).await.to_call.is_empty());
    let folder = Mailer::Folder(shelf.folder.path().join("mail"));
    assert_eq!(shelf.library.send_due(&folder).await.unwrap(), 1);
    assert_eq!(shelf.library.send_again(mail.notice).await.unwrap(), Err(Refusal::ListChanged), "it went out");
    assert_eq!(shelf.library.give_up_mail(mail.notice, op()).await.unwrap(), Err(Refusal::ListChanged));

    // Given up, it is not sent, and the patron is still told.
    ready(&shelf, &shelf.library, shelf.patron().await, Contact::Mail).await;
    shelf.run("update outbox set tries = 8 where sent_at is null").await;
    let mails = shelf.library.decisions(&place("north")).await.unwrap().list.refused_mails;
    shelf.library.give_up_mail(mails[0].notice, op()).await.unwrap().unwrap();
    assert!(shelf.library.decisions(&place("north")).await.unwrap().list.refused_mails.is_empty());
    assert_eq!(later(&shelf, 1).send_due(&folder).await.unwrap(), 0);
    assert_eq!(list(&shelf.library).await.to_call[0].matters[0].reason, CallReason::MailRefused);
}

async fn one_call_tells_of_everything(shelf: Shelf) {
    let patron = shelf.patron().await;
    ready(&shelf, &later(&shelf, 1), patron, Contact::Telephone).await;
    ready(&shelf, &later(&shelf, 2), patron, Contact::Telephone).await;
    ready(&shelf, &shelf.library, shelf.patron().await, Contact::Telephone).await;
    let calls = list(&shelf.library).await.to_call;
    let matters: Vec<usize> = calls.iter().map(|call| call.matters.len()).collect();
    assert_eq!(matters, [1, 2], "whose copy is kept the shortest first, and one call for each");
    note(&later(&shelf, 2), &calls[1], CallResult::Called).await;
    assert_eq!(list(&shelf.library).await.to_call.len(), 1);
    // Something new is there: they are called again, about that alone.
    ready(&shelf, &later(&shelf, 3), patron, Contact::Telephone).await;
    let calls = list(&shelf.library).await.to_call;
    assert_eq!((calls.len(), calls[1].matters.len(), calls[1].tries.len()), (2, 1, 0));
}

async fn what_was_told_and_is_not_true_any_more_is_told_again(shelf: Shelf) {
    let (told, untold) = (shelf.patron().await, shelf.patron().await);
    ready(&shelf, &shelf.library, told, Contact::Telephone).await;
    let calls = list(&shelf.library).await.to_call;
    note(&later(&shelf, 1), &calls[0], CallResult::Called).await;
    ready(&shelf, &shelf.library, untold, Contact::Telephone).await;
    for patron in [told, untold] {
        let (id, _) = only(&shelf.library, patron).await;
        later(&shelf, 2).copy_not_found(id, ReservationState::Ready).await.unwrap().unwrap();
    }
    let calls = list(&shelf.library).await.to_call;
    let [call] = calls.as_slice() else { panic!("who was told nothing is told nothing: {calls:?}") };
    assert_eq!((call.matters[0].reason, call.matters[0].topic), (CallReason::Vanished, CallTopic::Vanished));
    assert!(call.tries.is_empty());
    // Word was left for them: they stand apart until they are told themselves.
    note(&later(&shelf, 3), call, CallResult::LeftWord).await;
    let left = list(&shelf.library).await;
    let ([], [call]) = (left.to_call.as_slice(), left.apart.as_slice()) else { panic!("{left:?}") };
    note(&later(&shelf, 4), call, CallResult::Called).await;
    assert_eq!(list(&shelf.library).await, TelephoneList::default());
}

async fn a_call_is_noted_once_and_never_about_what_is_over(shelf: Shelf) {
    let patron = shelf.patron().await;
    let copy = ready(&shelf, &shelf.library, patron, Contact::Telephone).await;
    let call = list(&shelf.library).await.to_call.remove(0);
    let op = op();
    for _ in 0..2 {
        shelf.library.note_call(op, &events(&call), CallResult::NoAnswer).await.unwrap().unwrap();
    }
    assert_eq!(list(&shelf.library).await.to_call[0].tries.len(), 1, "pressed twice");
    shelf.library.check_out(&By::Staff, &place("central"), patron, &copy).await.unwrap().unwrap();
    assert_eq!(list(&shelf.library).await, TelephoneList::default());
    let late = shelf.library.note_call(crate::act::op(), &events(&call), CallResult::Called).await.unwrap();
    assert_eq!(late, Err(Refusal::ListChanged));
    let unknown = shelf.library.note_call(crate::act::op(), &[], CallResult::Called).await.unwrap();
    assert_eq!(unknown, Err(Refusal::ListChanged));
}
