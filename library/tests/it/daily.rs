//! The work of each day.

use chrono::TimeDelta;
use domain::{
    calendar::Closure,
    circulation::{By, CancelReason, Instruction, PatronAction, Refusal, Status, WriteOff},
};
use library::DailyReport;

use crate::{
    act::{act, later},
    support::{Shelf, morning, on_both_engines, place},
};

on_both_engines!(
    what_is_not_picked_up_in_time_is_cancelled_and_pauses_the_set,
    a_paused_set_goes_on_or_is_cancelled,
    a_copy_that_does_not_arrive_is_missing_and_the_place_is_kept,
    ties_are_cut_when_they_have_served,
    reminders_are_sent_once,
    a_day_is_done_once_however_many_servers_run,
    a_closure_moves_due_dates_and_deadlines,
    a_hold_is_extended_once,
    the_pull_list_is_there_in_the_morning,
    a_step_that_fails_keeps_no_other_from_being_done,
);

/// A patron with an ordered set of three, the first of which is ready.
async fn a_set_with_one_ready(shelf: &Shelf) -> (domain::PatronId, Vec<String>) {
    let patron = shelf.patron().await;
    let (mut parts, mut copies) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let (part, barcodes) = shelf.book(&["central"]).await;
        parts.push(part);
        copies.extend(barcodes);
    }
    shelf.reserve(patron, &parts, 3, "central").await;
    shelf.library.check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    (patron, copies)
}

async fn what_is_not_picked_up_in_time_is_cancelled_and_pauses_the_set(shelf: Shelf) {
    let (patron, copies) = a_set_with_one_ready(&shelf).await;
    let until = morning().date_naive() + TimeDelta::days(14);
    assert_eq!(shelf.library.reservations(patron).await.unwrap()[0].status, Status::Ready { until });
    assert_eq!(later(&shelf, 14).daily().await.unwrap().expired, 0, "the last day is still in time");
    let mails = shelf.count("select count(*) from outbox").await;
    let library = later(&shelf, 15);
    assert_eq!(library.daily().await.unwrap().expired, 1);
    assert_eq!(library.cancelled_reservations(patron).await.unwrap()[0].reason, CancelReason::Expired);
    let answer_by = morning().date_naive() + TimeDelta::days(29);
    let views = library.reservations(patron).await.unwrap();
    let paused = Status::Paused { position: 1, answer_by };
    assert_eq!(views.iter().map(|view| view.status).collect::<Vec<_>>(), [paused, paused]);
    assert_eq!(
        shelf.count("select count(*) from outbox").await,
        mails + 1,
        "asked how to go on, not told of the expiry"
    );
    // Nobody is captured for while the set is paused; the copy on the hold shelf is free at its next scan.
    for copy in &copies {
        let done = library.check_in(&place("central"), copy).await.unwrap().unwrap();
        assert!(matches!(done.instruction, Instruction::Shelve { .. }), "{done:?}");
    }
    assert_eq!(library.daily().await.unwrap(), DailyReport::default(), "again changes nothing");
}

async fn a_paused_set_goes_on_or_is_cancelled(shelf: Shelf) {
    let (patron, _) = a_set_with_one_ready(&shelf).await;
    let library = later(&shelf, 15);
    library.daily().await.unwrap();
    let set = library.reservations(patron).await.unwrap()[0].in_set.unwrap().set;
    act(&library, patron, PatronAction::GoOn(set)).await.unwrap();
    let states: Vec<_> = library.reservations(patron).await.unwrap().into_iter().map(|view| view.status).collect();
    assert_eq!(states, [Status::Waiting { position: 1 }, Status::Dormant { position: 1 }], "the chain closed");
    assert_eq!(act(&library, patron, PatronAction::GoOn(set)).await, Err(Refusal::NotPaused));

    let (other, _) = a_set_with_one_ready(&shelf).await;
    let library = later(&shelf, 15);
    library.daily().await.unwrap();
    assert_eq!(later(&shelf, 29).daily().await.unwrap().unanswered, 0, "the last day is still in time");
    assert_eq!(later(&shelf, 30).daily().await.unwrap().unanswered, 2);
    let reasons: Vec<_> =
        later(&shelf, 30).cancelled_reservations(other).await.unwrap().iter().map(|view| view.reason).collect();
    assert_eq!(reasons, [CancelReason::Unanswered, CancelReason::Unanswered, CancelReason::Expired]);
}

async fn a_copy_that_does_not_arrive_is_missing_and_the_place_is_kept(shelf: Shelf) {
    let (part, copies) = shelf.book(&["central"]).await;
    let (patron, second) = (shelf.patron().await, shelf.patron().await);
    shelf.reserve(patron, &[part], 0, "north").await;
    shelf.reserve(second, &[part], 0, "north").await;
    shelf.library.check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    assert_eq!(later(&shelf, 7).daily().await.unwrap().not_arrived, 0);
    let library = later(&shelf, 8);
    assert_eq!(library.daily().await.unwrap().not_arrived, 1);
    assert_eq!(library.reservations(patron).await.unwrap()[0].status, Status::Waiting { position: 1 });
    // It turns up at last.
    let done = library.check_in(&place("north"), &copies[0]).await.unwrap().unwrap();
    assert!(matches!(done.instruction, Instruction::HoldShelf(_)));
    assert!(matches!(library.reservations(patron).await.unwrap()[0].status, Status::Ready { .. }));
    // And vanishes from the hold shelf: the place is kept, and the patron, who may have had the mail, is told.
    shelf.run("update outbox set tries = 1").await;
    let mails = shelf.count("select count(*) from outbox").await;
    library.write_off(&copies[0], WriteOff::Missing).await.unwrap().unwrap();
    assert_eq!(library.reservations(patron).await.unwrap()[0].status, Status::Waiting { position: 1 });
    assert_eq!(shelf.count("select count(*) from outbox").await, mails + 1);
}

async fn ties_are_cut_when_they_have_served(shelf: Shelf) {
    let (patron, copies) = a_set_with_one_ready(&shelf).await;
    let library = &shelf.library;
    library.check_out(&By::Staff, &place("central"), patron, &copies[0]).await.unwrap().unwrap();
    library.check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    let ended = "select count(*) from loan where patron_id is not null and returned_at is not null";
    let fulfilled =
        "select count(*) from reservation where state = 'lent' and (patron_id is not null or set_id is not null)";
    library.daily().await.unwrap();
    assert_eq!((shelf.count(ended).await, shelf.count(fulfilled).await), (1, 1), "may be undone until the day ends");
    let next_day = later(&shelf, 1);
    assert_eq!(next_day.daily().await.unwrap().ties_cut, 2);
    assert_eq!((shelf.count(ended).await, shelf.count(fulfilled).await), (0, 0));
    // The set still knows that its first title was lent: the second is awake, and picked; the third sleeps.
    let states: Vec<_> = next_day.reservations(patron).await.unwrap().into_iter().map(|view| view.status).collect();
    assert_eq!(states, [Status::Assigned, Status::Dormant { position: 1 }]);

    let id = next_day.reservations(patron).await.unwrap()[1].id;
    act(&next_day, patron, PatronAction::Cancel(id)).await.unwrap();
    let named = "select count(*) from reservation where state = 'cancelled' and patron_id is not null";
    later(&shelf, 31).daily().await.unwrap();
    assert_eq!(shelf.count(named).await, 1, "on 予約取消一覧 for thirty days");
    later(&shelf, 32).daily().await.unwrap();
    assert_eq!(shelf.count(named).await, 0);
}

async fn reminders_are_sent_once(shelf: Shelf) {
    let (_, copies) = shelf.book(&["central"]).await;
    let patron = shelf.patron().await;
    shelf.library.check_out(&By::Staff, &place("central"), patron, &copies[0]).await.unwrap().unwrap();
    let mut told = Vec::new();
    for day in 10..40 {
        for _ in 0..2 {
            told.extend((later(&shelf, day).daily().await.unwrap().reminders > 0).then_some(day));
        }
    }
    assert_eq!(told, [12, 21], "two days before the due date, and when it is a week overdue");
}

async fn a_day_is_done_once_however_many_servers_run(shelf: Shelf) {
    let (patron, _) = a_set_with_one_ready(&shelf).await;
    let mut servers = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let server = later(&shelf, 15);
        servers.spawn(async move { server.daily_once().await.unwrap() });
    }
    let reports: Vec<_> = servers.join_all().await.into_iter().flatten().collect();
    assert_eq!(reports.len(), 1);
    assert_eq!(later(&shelf, 15).cancelled_reservations(patron).await.unwrap().len(), 1);
    assert_eq!(later(&shelf, 15).daily_once().await.unwrap(), None);
    // A stop of some days is caught up by the next.
    assert!(later(&shelf, 40).daily_once().await.unwrap().unwrap().unanswered == 2);
    // A server that died in the middle leaves the day to another after its lease.
    shelf.run("insert into job_run (job, day, owner, lease_until) select 'daily', '2026-06-01', owner, '2026-05-31 00:00:00+00:00' from job_run where day = '2026-05-11'").await;
    assert!(later(&shelf, 61).daily_once().await.unwrap().is_some());
}

async fn a_closure_moves_due_dates_and_deadlines(shelf: Shelf) {
    let (patron, copies) = a_set_with_one_ready(&shelf).await;
    let (_, other) = shelf.book(&["central"]).await;
    let reader = shelf.patron().await;
    shelf.library.check_out(&By::Staff, &place("central"), reader, &other[0]).await.unwrap().unwrap();
    let day = |n| morning().date_naive() + TimeDelta::days(n);
    let closure = Closure { place: place("central"), from: day(12), until: day(16), reason: "台風".into() };
    assert_eq!(shelf.library.close_place(&closure).await.unwrap(), Ok(2));
    assert_eq!(shelf.library.close_place(&closure).await.unwrap(), Ok(0), "once");
    assert_eq!(shelf.library.loans(reader).await.unwrap()[0].due_on, day(17));
    assert_eq!(shelf.library.reservations(patron).await.unwrap()[0].status, Status::Ready { until: day(17) });
    // What is lent or becomes ready from now on knows of it.
    shelf.library.check_in(&place("central"), &copies[1]).await.unwrap().unwrap();
    assert_eq!(shelf.library.reservations(patron).await.unwrap()[1].status, Status::Ready { until: day(17) });
    let backwards = Closure { from: day(9), until: day(8), ..closure };
    assert_eq!(shelf.library.close_place(&backwards).await.unwrap(), Err(Refusal::BadSpan));
}

async fn a_hold_is_extended_once(shelf: Shelf) {
    let (patron, _) = a_set_with_one_ready(&shelf).await;
    let id = shelf.library.reservations(patron).await.unwrap()[0].id;
    let until = morning().date_naive() + TimeDelta::days(21);
    assert_eq!(shelf.library.extend_hold(id).await.unwrap(), Ok(until));
    assert_eq!(shelf.library.extend_hold(id).await.unwrap(), Err(Refusal::ExtendedAlready));
    assert_eq!(later(&shelf, 21).daily().await.unwrap().expired, 0);
    assert_eq!(later(&shelf, 22).daily().await.unwrap().expired, 1);
}

async fn the_pull_list_is_there_in_the_morning(shelf: Shelf) {
    let patron = shelf.patron().await;
    let (part, _) = shelf.book(&["central"]).await;
    shelf.reserve(patron, &[part], 0, "north").await;
    let library = later(&shelf, 1);
    assert_eq!(library.daily().await.unwrap().picked, 1);
    assert_eq!(library.reservations(patron).await.unwrap()[0].status, Status::Assigned);
    let by_itself = "select count(*) from event where kind = 'assigned' and actor_role = 'system'";
    assert_eq!(shelf.count(by_itself).await, 1);
    assert_eq!(library.daily().await.unwrap(), DailyReport::default(), "again changes nothing");
}

async fn a_step_that_fails_keeps_no_other_from_being_done(shelf: Shelf) {
    let here = place("central");
    let patron = shelf.patron().await;
    let (ended, copies) = shelf.book(&["central"]).await;
    let (broken, loans) = shelf.book(&["central"]).await;
    shelf.library.check_out(&By::Staff, &here, patron, &copies[0]).await.unwrap().unwrap();
    shelf.library.check_in(&here, &copies[0]).await.unwrap().unwrap();
    shelf.library.check_out(&By::Staff, &here, patron, &loans[0]).await.unwrap().unwrap();
    assert_ne!(ended, broken);
    // What it would be reminded of can't be read.
    let bib = format!("select bib_id from part where id = {}", shelf.uuid(broken.0));
    shelf.run(&format!("update bib set record = 'no record' where id = ({bib})")).await;
    let library = later(&shelf, 14);
    library.daily().await.unwrap_err();
    let tied = "select count(*) from loan where patron_id is not null";
    assert_eq!(shelf.count(tied).await, 1, "the tie of the loan that ended is cut");
    assert!(library.daily_once().await.is_err(), "and the day is not taken for done");
    assert!(library.daily_once().await.unwrap().is_none(), "but is tried again when the lease is over");
}
