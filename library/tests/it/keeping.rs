//! The catalogue kept at the desk: titles, copies, issues, damage, and what merging would do.

use domain::{
    BibId, OpId, PartId,
    catalog::{BibForm, CopyForm, FoundBib, KeepProblem, LoanRule, MaterialType, next_issue},
    circulation::{By, Instruction, ItemState, Refusal, WriteOff},
};
use library::Clock;
use uuid::Uuid;

use crate::support::{Shelf, morning, on_both_engines, place, policy, positions};

on_both_engines!(
    a_title_is_entered_once_corrected_and_found,
    copies_are_taken_in_and_changed,
    r18_the_next_issue_makes_the_last_reservable,
    a_damaged_copy_is_missing_until_it_is_scanned,
    a_merger_is_shown_before_it_is_made,
);

fn op() -> OpId {
    OpId(Uuid::now_v7())
}

fn kokoro() -> BibForm {
    BibForm {
        title: "こころ".to_owned(),
        reading: "こころ".to_owned(),
        creators: "夏目 漱石".to_owned(),
        isbn: "978-4-591-04623-4".to_owned(),
        ndc: "913.6".to_owned(),
        material: "book".to_owned(),
        ..BibForm::default()
    }
}

fn copy(barcode: &str, branch: &str) -> CopyForm {
    CopyForm {
        barcode: barcode.to_owned(),
        branch: branch.to_owned(),
        shelf_mark: "913.6 ナ".to_owned(),
        loan_rule: "lendable".to_owned(),
    }
}

/// What is found, once the index has heard of it.
async fn find(shelf: &Shelf, typed: &str) -> Vec<FoundBib> {
    shelf.library.feed_search().await.unwrap();
    shelf.library.find_bibs(typed).await.unwrap()
}

async fn bib_of(shelf: &Shelf, part: PartId) -> BibId {
    let sql = format!("select label, bib_id from part where id = {}", shelf.uuid(part.0));
    BibId(shelf.rows(&sql).await.remove(0).1)
}

async fn a_title_is_entered_once_corrected_and_found(shelf: Shelf) {
    let library = &shelf.library;
    let request = op();
    let bib = library.add_bib(request, &kokoro()).await.unwrap().unwrap();
    assert_eq!(library.add_bib(request, &kokoro()).await.unwrap(), Ok(bib), "pressed twice");
    assert_eq!(shelf.count("select count(*) from bib").await, 1);
    for typed in ["4-591-04623-0", "9784591046234", "こころ 夏目", &bib.to_string()] {
        assert_eq!(find(&shelf, typed).await.iter().map(|hit| hit.id).collect::<Vec<_>>(), [bib], "{typed}");
    }
    let again = library.add_bib(op(), &kokoro()).await.unwrap();
    assert_eq!(again, Err(vec![KeepProblem::IsbnTaken]), "scanned by a colleague");
    let nothing = library.add_bib(op(), &BibForm::default()).await.unwrap();
    assert_eq!(nothing, Err(vec![KeepProblem::Title, KeepProblem::Material]));

    let corrected = BibForm { title: "こゝろ".to_owned(), ..kokoro() };
    library.edit_bib(bib, &corrected).await.unwrap().unwrap();
    assert_eq!(library.kept_bib(bib).await.unwrap().unwrap().record.title, "こゝろ");
    assert_eq!(library.edit_bib(BibId(Uuid::nil()), &corrected).await.unwrap(), Err(vec![KeepProblem::Gone]));
    // Somebody's limit was counted by the kind of material.
    let part = library.kept_bib(bib).await.unwrap().unwrap().parts[0].id;
    library.add_copy(part, &copy("K-1", "central")).await.unwrap().unwrap();
    let patron = shelf.patron().await;
    shelf.reserve(patron, &[part], 0, "central").await;
    let other = BibForm { material: "cd".to_owned(), ..kokoro() };
    assert_eq!(library.edit_bib(bib, &other).await.unwrap(), Err(vec![KeepProblem::MaterialInUse]));
}

async fn copies_are_taken_in_and_changed(shelf: Shelf) {
    let library = &shelf.library;
    let bib = library.add_bib(op(), &kokoro()).await.unwrap().unwrap();
    let part = library.kept_bib(bib).await.unwrap().unwrap().parts[0].id;
    assert_eq!(library.kept_bib(bib).await.unwrap().unwrap().next_copy(&place("north")).shelf_mark, "913.6 コ");
    library.add_copy(part, &copy(" Ｋ－1 ", "central")).await.unwrap().unwrap();
    library.add_copy(part, &copy("K-1", "central")).await.unwrap().unwrap();
    let (_, others) = shelf.book(&["central"]).await;
    let taken = library.add_copy(part, &copy(&others[0], "central")).await.unwrap();
    assert_eq!(taken, Err(vec![KeepProblem::BarcodeTaken]));
    let hall = library.add_copy(part, &copy("", "south-hall")).await.unwrap();
    assert_eq!(hall, Err(vec![KeepProblem::Barcode, KeepProblem::Branch]), "a hall has no shelves");
    assert_eq!(find(&shelf, "K-1").await[0].id, bib);

    let moved = CopyForm { loan_rule: "in-library-only".to_owned(), ..copy("K-1", "north") };
    library.change_copy(&moved).await.unwrap().unwrap();
    let kept = library.kept_bib(bib).await.unwrap().unwrap();
    let one = &kept.parts[0].copies[0];
    assert_eq!(
        (one.branch.clone(), one.place.clone(), one.loan_rule),
        (place("north"), place("north"), LoanRule::InLibraryOnly)
    );
    assert_eq!(kept.next_copy(&place("east")).loan_rule, "in-library-only", "as its neighbours");
    let gone = library.change_copy(&copy("K-9", "north")).await.unwrap();
    assert_eq!(gone, Err(vec![KeepProblem::BarcodeUnknown]));

    // A copy kept for somebody stays one that can be lent.
    let (wanted, copies) = shelf.book(&["central"]).await;
    shelf.reserve(shelf.patron().await, &[wanted], 0, "central").await;
    library.check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    let barred = CopyForm { loan_rule: "in-library-only".to_owned(), ..copy(&copies[0], "central") };
    assert_eq!(library.change_copy(&barred).await.unwrap(), Err(vec![KeepProblem::CopyHeld]));
}

async fn r18_the_next_issue_makes_the_last_reservable(shelf: Shelf) {
    let library = &shelf.library;
    let form = BibForm { title: "季刊 本棚".to_owned(), material: "magazine".to_owned(), ..BibForm::default() };
    let bib = library.add_bib(op(), &form).await.unwrap().unwrap();
    library.receive_issue(bib, "2026年11月号", "2026-03-01", &copy("M-1", "central")).await.unwrap().unwrap();
    let kept = library.kept_bib(bib).await.unwrap().unwrap();
    assert_eq!(kept.parts.len(), 1, "the empty part became the first issue");
    let november = kept.parts[0].id;
    let patron = shelf.patron().await;
    let refused = shelf.reserve(patron, &[november], 0, "central").await;
    assert_eq!(positions(&refused), [Err(Refusal::NewestIssue)]);

    let next = next_issue(&kept.newest().unwrap().label);
    for barcode in ["M-2", "M-3", "M-3"] {
        library.receive_issue(bib, &next, "", &copy(barcode, "central")).await.unwrap().unwrap();
    }
    let kept = library.kept_bib(bib).await.unwrap().unwrap();
    let december = &kept.parts[0];
    assert_eq!((december.label.as_str(), december.copies.len()), ("2026年12月号", 2));
    assert_eq!(december.received_on, Some("2026-04-01".parse().unwrap()), "today");
    assert_eq!(positions(&shelf.reserve(patron, &[november], 0, "central").await), [Ok(1)]);

    let wrong = library.receive_issue(bib, " ", "2027-01-01", &copy("M-4", "central")).await.unwrap();
    assert_eq!(wrong, Err(vec![KeepProblem::Issue, KeepProblem::Day]));
    let taken = library.receive_issue(bib, "2027年1月号", "", &copy("M-1", "central")).await.unwrap();
    assert_eq!(taken, Err(vec![KeepProblem::BarcodeTaken]));
    assert_eq!(library.kept_bib(bib).await.unwrap().unwrap().parts.len(), 2, "no issue without a copy");
    let book = library.add_bib(op(), &kokoro()).await.unwrap().unwrap();
    let none = library.receive_issue(book, "1", "", &copy("M-5", "central")).await.unwrap();
    assert_eq!(none, Err(vec![KeepProblem::Gone]), "a book has no issues");
}

async fn a_damaged_copy_is_missing_until_it_is_scanned(shelf: Shelf) {
    let library = &shelf.library;
    let (part, copies) = shelf.book(&["central"]).await;
    let bib = bib_of(&shelf, part).await;
    let patron = shelf.patron().await;
    shelf.reserve(patron, &[part], 0, "central").await;
    library.check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    library.note_damage(&copies[0], " 背が外れた ").await.unwrap().unwrap();
    let damaged = async || {
        let copy = library.kept_bib(bib).await.unwrap().unwrap().parts[0].copies[0].clone();
        (copy.state, copy.damage)
    };
    assert_eq!(damaged().await, (ItemState::Missing, Some("背が外れた".to_owned())));
    assert_eq!(library.queues_without_copies().await.unwrap().len(), 1, "the patron keeps the place");
    let done = library.check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    assert!(matches!(done.instruction, Instruction::HoldShelf(_)), "repaired: {done:?}");
    assert_eq!(damaged().await, (ItemState::OnHoldShelf, None));
    library.write_off(&copies[0], WriteOff::Missing).await.unwrap().unwrap();
    assert_eq!(damaged().await, (ItemState::Missing, None), "missing, and not damaged any more");
    assert_eq!(library.note_damage("nothing", "x").await.unwrap(), Err(Refusal::UnknownBarcode));
}

async fn a_merger_is_shown_before_it_is_made(shelf: Shelf) {
    let library = &shelf.library;
    let (one, _) = shelf.book(&["central"]).await;
    let (other, _) = shelf.book(&["central", "north"]).await;
    let (first, both) = (shelf.patron().await, shelf.patron().await);
    for (minute, patron, part) in [(0, first, one), (1, both, one), (2, both, other)] {
        let then = shelf.again(Clock::Fixed(morning() + chrono::TimeDelta::minutes(minute)), policy());
        then.reserve(&By::Patron, patron, &shelf.request(&[part], 0, "central")).await.unwrap().unwrap();
    }
    let (from, into) = (bib_of(&shelf, one).await, bib_of(&shelf, other).await);
    let preview = library.merge_preview(from, into).await.unwrap().unwrap();
    let counts = |side: &domain::catalog::MergeSide| (side.copies, side.reservations);
    assert_eq!((counts(&preview.from), counts(&preview.into)), ((1, 2), (2, 1)));
    assert_eq!(preview.after.as_ref().map(counts), Ok((3, 2)), "one patron was there twice");
    // Nothing has happened.
    assert_eq!(library.merge_preview(from, into).await.unwrap().unwrap(), preview);
    let same = library.merge_preview(from, from).await.unwrap().unwrap();
    assert_eq!(same.after, Err(Refusal::SameBib));
    assert_eq!(library.merge_preview(from, BibId(Uuid::nil())).await.unwrap(), None);
    library.merge_bibs(from, into).await.unwrap().unwrap();
    let (cd, _) = shelf.title(MaterialType::Cd, &["central"]).await;
    let cd = bib_of(&shelf, cd).await;
    assert_eq!(library.merge_preview(cd, into).await.unwrap().unwrap().after, Err(Refusal::MaterialDiffers));
}
