//! Mails that went together and came back: one that is sent again takes no other along, and a report that is early or late has
//! its effect on what it is about.

use domain::notices::CallReason;
use library::{
    Library,
    notices::{BounceAnswer, Mailer},
};

use crate::{
    bounces::{address, mail_ids, refused, report, told},
    support::{Shelf, on_both_engines, place},
};

on_both_engines!(
    one_of_two_that_is_sent_again_leaves_the_other_with_the_desk,
    a_report_concerns_what_is_not_known_to_have_come_back,
    a_report_that_is_faster_than_we_are_is_read_again,
);

async fn send(shelf: &Shelf) -> u64 {
    shelf.library.send_due(&Mailer::Folder(shelf.folder.path().join("mail"))).await.unwrap()
}

/// Two copies stand ready for a patron who is told of both in one mail; their address.
async fn two_in_one(shelf: &Shelf) -> String {
    let patron = shelf.patron().await;
    for _ in 0..2 {
        let (part, copies) = shelf.book(&["central"]).await;
        shelf.reserve(patron, &[part], 0, "central").await;
        shelf.library.check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    }
    assert_eq!(send(shelf).await, 1);
    address(&shelf.library, patron).await
}

/// The titles' lines among the mails that were refused.
async fn refused_mails(library: &Library) -> Vec<domain::NoticeId> {
    let listed = library.decisions(&place("central")).await.unwrap().list.refused_mails;
    listed.into_iter().map(|line| line.notice).collect()
}

async fn reasons(library: &Library) -> Vec<CallReason> {
    let calls = library.telephone_list(&place("central")).await.unwrap().list.to_call;
    calls.iter().flat_map(|call| &call.matters).map(|matter| matter.reason).collect()
}

async fn one_of_two_that_is_sent_again_leaves_the_other_with_the_desk(shelf: Shelf) {
    let to = two_in_one(&shelf).await;
    let first = mail_ids(&shelf, &to).remove(0);
    let full = |id: &str| report(id, &to, "failed", "5.2.2", "mailbox full");
    let came_back = async |id: &str| shelf.library.take_bounce(full(id).as_bytes()).await.unwrap();
    assert_eq!(came_back(&first).await, BounceAnswer::Undelivered);
    let listed = refused_mails(&shelf.library).await;
    assert_eq!((listed.len(), reasons(&shelf.library).await.len()), (2, 2));
    shelf.library.send_again(listed[0]).await.unwrap().unwrap();
    assert_eq!(send(&shelf).await, 1);
    assert_eq!(refused_mails(&shelf.library).await, [listed[1]], "the other was not in it");
    assert_eq!(reasons(&shelf.library).await, [CallReason::MailRefused]);
    // It is a mail of its own: the old report comes once more and says nothing of it, its own does.
    let second = mail_ids(&shelf, &to).into_iter().find(|id| *id != first).unwrap();
    assert_eq!(came_back(&first).await, BounceAnswer::KnownAlready);
    assert_eq!(refused_mails(&shelf.library).await.len(), 1);
    assert_eq!(came_back(&second).await, BounceAnswer::Undelivered);
    assert_eq!(refused_mails(&shelf.library).await.len(), 2);
    // And the other one, later.
    shelf.library.send_again(listed[1]).await.unwrap().unwrap();
    assert_eq!(send(&shelf).await, 1);
    assert_eq!(refused_mails(&shelf.library).await, [listed[0]]);
}

async fn a_report_concerns_what_is_not_known_to_have_come_back(shelf: Shelf) {
    let to = two_in_one(&shelf).await;
    let id = mail_ids(&shelf, &to).remove(0);
    // As when one of the two had come back by itself before.
    let notices = shelf.rows("select address, notice_id from sent_mail order by notice_id").await;
    let first = shelf.uuid(notices[0].1);
    shelf.run(&format!("update sent_mail set came_back_at = sent_at where notice_id = {first}")).await;
    let mail = refused(&id, &to);
    assert_eq!(shelf.library.take_bounce(mail.as_bytes()).await.unwrap(), BounceAnswer::AddressRefused);
    assert_eq!(refused_mails(&shelf.library).await.len(), 1);
    assert_eq!(shelf.library.take_bounce(mail.as_bytes()).await.unwrap(), BounceAnswer::KnownAlready);
}

async fn a_report_that_is_faster_than_we_are_is_read_again(shelf: Shelf) {
    let (_, to, id) = told(&shelf).await;
    let (_, other, others) = told(&shelf).await;
    let folder = shelf.folder.path().join("Maildir");
    for sub in ["new", "cur", "tmp"] {
        std::fs::create_dir_all(folder.join(sub)).unwrap();
    }
    std::fs::write(folder.join("new/1.early"), refused(&id, &to)).unwrap();
    std::fs::write(folder.join("new/2.other"), refused(&others, &other)).unwrap();
    // The mail server has the mail, and it is not noted yet that it went.
    let first = format!("where cast(recipient as text) = '{to}'");
    shelf.run(&format!("update outbox set sent_at = null {first}")).await;
    shelf.run(&format!("delete from sent_mail where address = '{to}'")).await;
    assert!(shelf.library.take_bounce(refused(&id, &to).as_bytes()).await.is_err(), "a pipe brings it again");
    assert_eq!(shelf.library.take_bounces_of_maildir(&folder).await.unwrap(), 1, "and holds no other up");
    assert!(folder.join("new/1.early").is_file() && folder.join("cur/2.other:2,S").is_file());
    assert_eq!(reasons(&shelf.library).await, [CallReason::NoAddress]);
    // The worker comes to it, with the same mail.
    shelf.run(&format!("update outbox set next_try_at = made_at {first}")).await;
    assert_eq!(send(&shelf).await, 1);
    assert_eq!(shelf.library.take_bounces_of_maildir(&folder).await.unwrap(), 1);
    assert_eq!(reasons(&shelf.library).await, [CallReason::NoAddress; 2]);
    // Of what was never ours nothing is waited for.
    let stranger = format!("{}@hondana.example.jp", uuid::Uuid::now_v7());
    let answer = shelf.library.take_bounce(refused(&stranger, &to).as_bytes()).await.unwrap();
    assert_eq!(answer, BounceAnswer::NotOurs);
}
