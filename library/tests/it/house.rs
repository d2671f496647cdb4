//! What the library keeps of itself: staff, closures, figures, and the lists of titles not owned.

use chrono::TimeDelta;
use domain::{
    calendar::{Closure, ClosureEffect},
    catalog::MaterialType,
    circulation::{BorrowedCopy, By, ItemState, RequestStep, TitleRequest, WriteOff},
    figures::{Figure, FigureKind, Span},
    patrons::{Contact, SignIn, StaffForm, StaffProblem, StaffRole},
};
use library::{Clock, Origin};

use crate::support::{Shelf, morning, on_both_engines, place, policy};

on_both_engines!(
    staff_come_and_go_and_one_manager_stays,
    what_a_closure_moves_is_told_before,
    figures_are_counted_and_small_ones_hidden,
    titles_not_owned_stand_on_a_list_until_they_are_had,
);

fn account(login: &str, role: StaffRole) -> StaffForm {
    StaffForm { login: login.to_owned(), password: "long enough".to_owned(), role }
}

async fn staff_come_and_go_and_one_manager_stays(shelf: Shelf) {
    let library = &shelf.library;
    let boss = library.add_staff(&account("boss", StaffRole::Manager)).await.unwrap().unwrap();
    let desk = library.add_staff(&account(" desk ", StaffRole::Desk)).await.unwrap().unwrap();
    let again = library.add_staff(&account("desk", StaffRole::Desk)).await.unwrap();
    assert_eq!(again, Err(StaffProblem::LoginTaken));
    let SignIn::Done(member) = library.staff_sign_in("desk", "long enough", &Origin::unknown()).await.unwrap() else {
        panic!("just made")
    };
    assert_eq!((member.id, member.role), (desk, StaffRole::Desk));
    assert_eq!(library.staff_member(desk).await.unwrap(), Some(member.clone()));

    assert_eq!(library.set_staff_role(boss, StaffRole::Desk).await.unwrap(), Err(StaffProblem::LastManager));
    assert_eq!(library.enable_staff(boss, false).await.unwrap(), Err(StaffProblem::LastManager));
    library.enable_staff(desk, false).await.unwrap().unwrap();
    assert_eq!(library.staff_member(desk).await.unwrap(), None, "their session is over at once");
    assert_eq!(library.staff_sign_in("desk", "long enough", &Origin::unknown()).await.unwrap(), SignIn::Wrong);
    library.enable_staff(desk, true).await.unwrap().unwrap();
    let back = library.staff_member(desk).await.unwrap().unwrap();
    assert!(back.generation > member.generation, "and is so when they are let in again");
    assert_eq!(library.set_staff_password(desk, "short").await.unwrap(), Err(StaffProblem::Password));
    library.set_staff_password(desk, "another one").await.unwrap().unwrap();
    assert_eq!(library.staff_sign_in("desk", "long enough", &Origin::unknown()).await.unwrap(), SignIn::Wrong);
    let renewed = library.staff_member(desk).await.unwrap().unwrap();
    assert!(renewed.generation > member.generation, "sessions begun with the old password are over");

    library.set_staff_role(desk, StaffRole::Manager).await.unwrap().unwrap();
    library.enable_staff(boss, false).await.unwrap().unwrap();
    let accounts = library.staff_accounts().await.unwrap();
    let seen: Vec<_> = accounts.iter().map(|one| (one.login.as_str(), one.role, one.enabled)).collect();
    assert_eq!(seen, [("boss", StaffRole::Manager, false), ("desk", StaffRole::Manager, true)]);
    assert_eq!(library.enable_staff(desk, false).await.unwrap(), Err(StaffProblem::LastManager));

    // Nobody knows the password any more; whoever runs the program lets them in.
    assert_eq!(library.make_manager("boss", "short").await.unwrap(), Err(StaffProblem::Password));
    library.make_manager("boss", "once again").await.unwrap().unwrap();
    let SignIn::Done(member) = library.staff_sign_in("boss", "once again", &Origin::unknown()).await.unwrap() else {
        panic!("let in")
    };
    assert_eq!((member.id, member.role), (boss, StaffRole::Manager));
}

async fn what_a_closure_moves_is_told_before(shelf: Shelf) {
    let library = &shelf.library;
    let (patron, other) = (shelf.patron().await, shelf.patron().await);
    let (part, copies) = shelf.book(&["central"]).await;
    let (_, lent) = shelf.book(&["central"]).await;
    shelf.reserve(patron, &[part], 0, "central").await;
    library.check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    library.check_out(&By::Staff, &place("central"), other, &lent[0]).await.unwrap().unwrap();
    let day = library.today() + TimeDelta::days(14);
    let closure = Closure { place: place("central"), from: day, until: day, reason: "停電".to_owned() };
    let effect = |loans, holds| ClosureEffect { loans, holds, moved_to: day + TimeDelta::days(1) };
    assert_eq!(library.closure_effect(&closure).await.unwrap(), effect(1, 1));
    let elsewhere = Closure { place: place("north"), ..closure.clone() };
    assert_eq!(library.closure_effect(&elsewhere).await.unwrap(), effect(0, 0));
    assert_eq!(library.close_place(&closure).await.unwrap(), Ok(2));
    assert_eq!(library.closure_effect(&closure).await.unwrap(), effect(0, 0));
}

async fn figures_are_counted_and_small_ones_hidden(shelf: Shelf) {
    let library = &shelf.library;
    let patron = shelf.patron().await;
    for n in 0..6 {
        let material = if n < 2 { MaterialType::Cd } else { MaterialType::Book };
        let (_, copies) = shelf.title(material, &["central"]).await;
        let then = shelf.again(Clock::Fixed(morning() + TimeDelta::days(n % 2)), policy());
        then.check_out(&By::Staff, &place("central"), patron, &copies[0]).await.unwrap().unwrap();
    }
    let (part, _) = shelf.book(&["central"]).await;
    shelf.reserve(patron, &[part], 0, "north").await;
    // A slip of the desk that was undone did not happen.
    let (_, copies) = shelf.book(&["central"]).await;
    library.check_out(&By::Staff, &place("central"), patron, &copies[0]).await.unwrap().unwrap();
    library.undo_scan(library.new_op(), &copies[0]).await.unwrap().unwrap();

    let page = library.figures(Span::Month(library.today())).await.unwrap();
    let row = |kind| page.rows.iter().find(|row| row.kind == kind).unwrap();
    let loans = row(FigureKind::Loans);
    assert_eq!((loans.total, loans.series.len()), (Figure::Exact(6), 30));
    assert_eq!(loans.series[..3], [Figure::Few, Figure::Few, Figure::Exact(0)], "three on each of two days");
    let at = |code: &str| loans.places.iter().find(|(of, _)| *of == place(code)).unwrap().1;
    assert_eq!((at("central"), at("north")), (Figure::Exact(6), Figure::Exact(0)));
    let of = |kind| loans.materials.iter().find(|(of, _)| *of == kind).unwrap().1;
    assert_eq!(
        (of(MaterialType::Cd), of(MaterialType::Book), of(MaterialType::Dvd)),
        (Figure::Few, Figure::Few, Figure::Exact(0))
    );
    assert_eq!(row(FigureKind::Reserved).total, Figure::Few);
    assert_eq!(row(FigureKind::Returns).total, Figure::Exact(0));

    let day = library.figures(Span::Day(library.today())).await.unwrap();
    assert_eq!((day.rows[0].total, day.rows[0].series.len()), (Figure::Few, 24));
    let year = library.figures(Span::Year(library.today())).await.unwrap();
    assert_eq!((year.rows[0].series[3], year.rows[0].series.len()), (Figure::Exact(6), 12), "April");
    let before = library.figures(Span::Month(library.today()).moved(-1)).await.unwrap();
    assert_eq!(before.rows[0].total, Figure::Exact(0));
}

async fn titles_not_owned_stand_on_a_list_until_they_are_had(shelf: Shelf) {
    let library = &shelf.library;
    let patron = shelf.patron().await;
    let request = TitleRequest {
        title: "遠い町の郷土史".into(),
        creators: "山本 一郎".into(),
        material: MaterialType::Book,
        pickup_place: place("central"),
        contact: Contact::Mail,
    };
    let id = library.request_title(&By::Staff, patron, &request).await.unwrap().unwrap();
    library.advance_request(id, RequestStep::Searching).await.unwrap().unwrap();
    let list = library.open_requests().await.unwrap();
    assert_eq!((list.len(), list[0].id, list[0].step, list[0].patron), (1, id, RequestStep::Searching, patron));
    assert_eq!((list[0].title.as_str(), list[0].creators.as_str()), ("遠い町の郷土史", "山本 一郎"));

    let due_on = library.today() + TimeDelta::days(20);
    let copy =
        BorrowedCopy { here: place("central"), barcode: "ILL-1".into(), lender: "県立図書館".into(), due_on };
    library.receive_borrowed(id, &copy).await.unwrap().unwrap();
    assert_eq!(library.open_requests().await.unwrap(), []);
    let borrowed = library.borrowed_copies().await.unwrap();
    assert_eq!((borrowed.len(), borrowed[0].lender.as_str(), borrowed[0].due_on), (1, "県立図書館", Some(due_on)));
    library.check_in(&place("central"), "ILL-1").await.unwrap().unwrap();
    library.check_out(&By::Staff, &place("central"), patron, "ILL-1").await.unwrap().unwrap();
    library.check_in(&place("central"), "ILL-1").await.unwrap().unwrap();
    assert_ne!(library.borrowed_copies().await.unwrap()[0].state, ItemState::OnLoan);
    library.write_off("ILL-1", WriteOff::Withdrawn).await.unwrap().unwrap();
    assert_eq!(library.borrowed_copies().await.unwrap(), [], "sent back");
}
