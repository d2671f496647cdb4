//! Lists of My本棚 (R27).

use domain::{
    BibId, BookListId, PartId, PatronId,
    bookshelf::{
        BookEntry, CartFate, EntryChange, ImportProblem, ImportReport, ListChoice, ListKind, ListQuery, ListSort,
        MAX_LISTS, ShelfDone, ShelfRefusal,
    },
    catalog::MaterialType,
    circulation::{By, Refusal},
};
use uuid::Uuid;

use crate::support::{Shelf, on_both_engines, place};

on_both_engines!(
    r27_a_title_is_added_once_with_one_press,
    r27_entries_are_changed_moved_and_taken_out,
    r27_lists_are_made_renamed_and_deleted_within_bounds,
    r27_a_list_is_nobody_elses,
    r27_a_whole_list_goes_into_the_cart_title_by_title,
    r27_what_is_exported_comes_back_whole,
    r27_a_file_from_elsewhere_loses_nothing,
    r27_a_shared_list_says_not_whose_it_is,
    r27_entries_follow_a_merged_title,
    r27_lists_are_in_the_patrons_file_and_go_with_the_erasure,
    r27_what_is_on_loan_goes_into_a_list_with_its_volume,
    r27_a_full_list_with_long_notes_goes_out_and_in,
);

const WANTED: ListChoice = ListChoice::Fixed(ListKind::Wanted);

async fn bib_of(shelf: &Shelf, part: PartId) -> BibId {
    let bibs = shelf.rows(&format!("select 'x', bib_id from part where id = {}", shelf.uuid(part.0))).await;
    BibId(bibs[0].1)
}

async fn list(shelf: &Shelf, patron: PatronId, kind: ListKind) -> BookListId {
    shelf.library.book_lists(patron).await.unwrap().into_iter().find(|list| list.kind == kind).unwrap().id
}

async fn entries(shelf: &Shelf, patron: PatronId, list: BookListId) -> Vec<BookEntry> {
    shelf.library.book_list(patron, list, &ListQuery::default()).await.unwrap().unwrap().entries
}

async fn titles(shelf: &Shelf, patron: PatronId, list: BookListId) -> Vec<String> {
    entries(shelf, patron, list).await.into_iter().map(|entry| entry.title).collect()
}

/// So many books, each in the patron's 読みたい本.
async fn wanted(shelf: &Shelf, patron: PatronId, count: usize) -> Vec<PartId> {
    let mut parts = Vec::new();
    for _ in 0..count {
        let part = shelf.book(&["central"]).await.0;
        let bib = bib_of(shelf, part).await;
        shelf.library.add_to_list(patron, WANTED, bib, Some(part)).await.unwrap().unwrap();
        parts.push(part);
    }
    parts
}

/// All that patrons do with lists, for those who listen.
pub(crate) async fn live(shelf: &Shelf) {
    let (library, patron) = (&shelf.library, shelf.patron().await);
    wanted(shelf, patron, 3).await;
    let (from, to) = (list(shelf, patron, ListKind::Wanted).await, list(shelf, patron, ListKind::Favourite).await);
    let entry = entries(shelf, patron, from).await[1].id;
    let write = EntryChange::Write { note: "夏".to_owned(), day: "2026-04-03".to_owned() };
    for change in [write, EntryChange::First, EntryChange::MoveTo(to), EntryChange::Remove] {
        library.change_entry(patron, entry, &change).await.unwrap().unwrap();
    }
    let named = library.make_list(patron, "夏休み").await.unwrap().unwrap();
    library.rename_list(patron, named, "冬休み").await.unwrap().unwrap();
    library.share_list(patron, from, true).await.unwrap().unwrap();
    let key = library.book_lists(patron).await.unwrap().remove(0).share.unwrap().key;
    library.shared_list(&key).await.unwrap().unwrap();
    library.unshare_list(patron, from).await.unwrap().unwrap();
    let file = library.list_as_csv(patron, from).await.unwrap().unwrap();
    for into in [named, from] {
        library.take_in_list(patron, into, file.as_bytes()).await.unwrap().unwrap();
    }
    library.list_for_cart(patron, from).await.unwrap().unwrap();
    library.list_into_cart(patron, from).await.unwrap().unwrap();
    library.delete_list(patron, named).await.unwrap().unwrap();
}

async fn r27_a_title_is_added_once_with_one_press(shelf: Shelf) {
    let patron = shelf.patron().await;
    let bib = bib_of(&shelf, shelf.book(&["central"]).await.0).await;
    for already in [false, true] {
        let done = shelf.library.add_to_list(patron, WANTED, bib, None).await.unwrap().unwrap();
        let ShelfDone::Added { already: was, kind: ListKind::Wanted, .. } = done else { panic!("{done:?}") };
        assert_eq!(was, already);
    }
    let lists = shelf.library.book_lists(patron).await.unwrap();
    assert_eq!(
        lists.iter().map(|list| (list.kind, list.entries)).collect::<Vec<_>>(),
        [(ListKind::Wanted, 1), (ListKind::Favourite, 0)]
    );
    let entry = entries(&shelf, patron, lists[0].id).await.remove(0);
    assert_eq!((entry.bib, entry.held, entry.day), (Some(bib), true, shelf.library.today()));
    let unknown = shelf.library.add_to_list(patron, WANTED, BibId(Uuid::from_u128(9)), None).await.unwrap();
    assert_eq!(unknown, Err(ShelfRefusal::UnknownTitle));
}

async fn r27_entries_are_changed_moved_and_taken_out(shelf: Shelf) {
    let patron = shelf.patron().await;
    wanted(&shelf, patron, 3).await;
    let (from, to) = (list(&shelf, patron, ListKind::Wanted).await, list(&shelf, patron, ListKind::Favourite).await);
    let before = entries(&shelf, patron, from).await;
    let change =
        async |n: usize, change: EntryChange| shelf.library.change_entry(patron, before[n].id, &change).await.unwrap();
    let write = |note: &str, day: &str| EntryChange::Write { note: note.to_owned(), day: day.to_owned() };
    change(0, write(" 夏に読む ", "令和8年4月3日")).await.unwrap();
    let entry = entries(&shelf, patron, from).await.remove(0);
    assert_eq!((entry.note.as_str(), entry.day.to_string().as_str()), ("夏に読む", "2026-04-03"));
    assert_eq!(change(0, write("", "いつか")).await, Err(ShelfRefusal::BadDate));
    assert_eq!(change(0, write(&"あ".repeat(501), "")).await, Err(ShelfRefusal::NoteTooLong(500)));

    let order = |of: &[usize]| of.iter().map(|n| before[*n].title.clone()).collect::<Vec<_>>();
    change(2, EntryChange::First).await.unwrap();
    assert_eq!(titles(&shelf, patron, from).await, order(&[2, 0, 1]));
    change(0, EntryChange::Down).await.unwrap();
    assert_eq!(titles(&shelf, patron, from).await, order(&[2, 1, 0]));
    change(2, EntryChange::Up).await.unwrap();
    assert_eq!(titles(&shelf, patron, from).await, order(&[2, 1, 0]), "the first stays the first");
    let latest = ListQuery { sort: ListSort::Added, ..ListQuery::default() };
    let view = shelf.library.book_list(patron, from, &latest).await.unwrap().unwrap();
    assert_eq!(view.entries.len(), 3);

    change(1, EntryChange::MoveTo(to)).await.unwrap();
    shelf.library.add_to_list(patron, WANTED, before[1].bib.unwrap(), None).await.unwrap().unwrap();
    let again = entries(&shelf, patron, from).await.pop().unwrap();
    let moved = shelf.library.change_entry(patron, again.id, &EntryChange::MoveTo(to)).await.unwrap();
    assert_eq!(moved, Err(ShelfRefusal::ThereAlready));
    assert_eq!(titles(&shelf, patron, to).await, order(&[1]));
    change(1, EntryChange::Remove).await.unwrap();
    assert_eq!(change(1, EntryChange::Remove).await, Err(ShelfRefusal::UnknownEntry));
    assert!(titles(&shelf, patron, to).await.is_empty());
}

async fn r27_lists_are_made_renamed_and_deleted_within_bounds(shelf: Shelf) {
    let (library, patron) = (&shelf.library, shelf.patron().await);
    let summer = library.make_list(patron, " 夏休み ").await.unwrap().unwrap();
    assert_eq!(library.make_list(patron, "夏休み").await.unwrap(), Err(ShelfRefusal::NameTaken));
    library.rename_list(patron, summer, "冬休み").await.unwrap().unwrap();
    let bib = bib_of(&shelf, shelf.book(&["central"]).await.0).await;
    library.add_to_list(patron, ListChoice::Own(summer), bib, None).await.unwrap().unwrap();
    let names: Vec<_> = library.book_lists(patron).await.unwrap().into_iter().map(|list| list.name).collect();
    assert_eq!(names, ["", "", "冬休み"]);
    let fixed = list(&shelf, patron, ListKind::Wanted).await;
    assert_eq!(library.rename_list(patron, fixed, "x").await.unwrap(), Err(ShelfRefusal::FixedList));
    assert_eq!(library.delete_list(patron, fixed).await.unwrap(), Err(ShelfRefusal::FixedList));
    library.delete_list(patron, summer).await.unwrap().unwrap();
    assert_eq!(library.delete_list(patron, summer).await.unwrap(), Err(ShelfRefusal::UnknownList));
    for n in 2..MAX_LISTS {
        library.make_list(patron, &format!("棚{n}")).await.unwrap().unwrap();
    }
    assert_eq!(library.make_list(patron, "もう一つ").await.unwrap(), Err(ShelfRefusal::TooManyLists(MAX_LISTS)));
}

async fn r27_a_list_is_nobody_elses(shelf: Shelf) {
    let (library, patron, other) = (&shelf.library, shelf.patron().await, shelf.patron().await);
    wanted(&shelf, patron, 1).await;
    let own = list(&shelf, patron, ListKind::Wanted).await;
    let entry = entries(&shelf, patron, own).await.remove(0);
    let bib = entry.bib.unwrap();
    assert!(library.book_list(other, own, &ListQuery::default()).await.unwrap().is_none());
    assert!(library.list_as_csv(other, own).await.unwrap().is_none());
    assert!(library.list_for_cart(other, own).await.unwrap().is_none());
    let unknown = Err(ShelfRefusal::UnknownList);
    assert_eq!(library.add_to_list(other, ListChoice::Own(own), bib, None).await.unwrap(), unknown);
    assert_eq!(library.rename_list(other, own, "x").await.unwrap(), unknown);
    assert_eq!(library.delete_list(other, own).await.unwrap(), unknown);
    assert_eq!(library.share_list(other, own, true).await.unwrap(), unknown);
    assert_eq!(library.unshare_list(other, own).await.unwrap(), unknown);
    assert_eq!(library.list_into_cart(other, own).await.unwrap(), unknown);
    assert_eq!(library.take_in_list(other, own, "書名\nx".as_bytes()).await.unwrap(), unknown);
    let theirs = list(&shelf, other, ListKind::Wanted).await;
    for change in [EntryChange::Remove, EntryChange::First, EntryChange::MoveTo(theirs)] {
        let done = library.change_entry(other, entry.id, &change).await.unwrap();
        assert_eq!(done, Err(ShelfRefusal::UnknownEntry));
    }
    let done = library.change_entry(patron, entry.id, &EntryChange::MoveTo(theirs)).await.unwrap();
    assert_eq!(done, Err(ShelfRefusal::UnknownList), "nor given away");
    assert_eq!(entries(&shelf, patron, own).await, [entry]);
}

async fn r27_a_whole_list_goes_into_the_cart_title_by_title(shelf: Shelf) {
    let (library, patron) = (&shelf.library, shelf.patron().await);
    let books = wanted(&shelf, patron, 12).await;
    let own = list(&shelf, patron, ListKind::Wanted).await;
    let dvd = shelf.title(MaterialType::Dvd, &["central"]).await.0;
    let dvd = bib_of(&shelf, dvd).await;
    library.add_to_list(patron, WANTED, dvd, None).await.unwrap().unwrap();
    library.take_in_list(patron, own, "書名\nどこにもない本".as_bytes()).await.unwrap().unwrap();
    library.change_cart(None, Some(patron), &domain::cart::CartChange::Add(books[3])).await.unwrap();

    let plan = library.list_for_cart(patron, own).await.unwrap().unwrap();
    let fates: Vec<_> = plan.lines.into_iter().map(|(_, fate)| fate).collect();
    assert!(fates[..3].iter().all(|fate| *fate == CartFate::Goes), "{fates:?}");
    assert_eq!(fates[3], CartFate::InCart);
    assert!(matches!(fates[11], CartFate::GoesBut(Refusal::LimitReached { limit: 10, .. })), "{fates:?}");
    assert!(matches!(fates[12], CartFate::Refused(Refusal::MaterialNotReservable { .. })), "{fates:?}");
    assert_eq!(fates[13], CartFate::NotHeld);

    assert_eq!(library.list_into_cart(patron, own).await.unwrap(), Ok(ShelfDone::Carted(11)));
    let cart = library.cart(None, Some(patron)).await.unwrap().arrangement().parts;
    assert_eq!(cart[0], books[3], "what was there stays in front");
    assert_eq!(cart[1..4], books[..3]);
    assert_eq!(cart.len(), 12);
    assert_eq!(library.list_into_cart(patron, own).await.unwrap(), Err(ShelfRefusal::NothingToReserve));
}

async fn r27_what_is_exported_comes_back_whole(shelf: Shelf) {
    let (library, patron) = (&shelf.library, shelf.patron().await);
    wanted(&shelf, patron, 3).await;
    let own = list(&shelf, patron, ListKind::Wanted).await;
    library
        .take_in_list(patron, own, "書名,メモ\nどこにもない本,\"二行の\nメモ, と\"\"引用\"\"\"".as_bytes())
        .await
        .unwrap()
        .unwrap();
    let first = entries(&shelf, patron, own).await.remove(0);
    let write = EntryChange::Write { note: "大事".to_owned(), day: "2025-12-24".to_owned() };
    library.change_entry(patron, first.id, &write).await.unwrap().unwrap();
    let file = library.list_as_csv(patron, own).await.unwrap().unwrap();
    assert!(file.starts_with('\u{FEFF}') && file.contains("大事") && file.contains("2025-12-24"), "{file}");
    let other = library.make_list(patron, "写し").await.unwrap().unwrap();
    let done = library.take_in_list(patron, other, file.as_bytes()).await.unwrap().unwrap();
    let ShelfDone::Imported(report) = done else { panic!("{done:?}") };
    assert_eq!((report.added, report.updated), (4, 0));
    assert_eq!(library.list_as_csv(patron, other).await.unwrap().unwrap(), file);
    let done = library.take_in_list(patron, other, file.as_bytes()).await.unwrap().unwrap();
    let ShelfDone::Imported(report) = done else { panic!("{done:?}") };
    assert_eq!((report.added, report.updated), (0, 4), "again, it doubles nothing");
}

async fn r27_a_file_from_elsewhere_loses_nothing(shelf: Shelf) {
    let (library, patron) = (&shelf.library, shelf.patron().await);
    let mut known = crate::support::bib("isbn", MaterialType::Book, &["central"]);
    known.record.isbns = vec!["9784003101018".to_owned()];
    library.import("test", &[known]).await.unwrap();
    let part = shelf.part_of("isbn").await;
    let bib = bib_of(&shelf, part).await;
    let own = list(&shelf, patron, ListKind::Favourite).await;
    let file = format!(
        "title,isbn,note,date,bib\nx,4-00-310101-4,,2024/1/2,\nかも,,{},あした,\n,,だけ,,\nゆめ,9784000000000,,,{}\n",
        "長".repeat(501),
        Uuid::from_u128(4)
    );
    let done = library.take_in_list(patron, own, file.as_bytes()).await.unwrap().unwrap();
    let problems = vec![
        (3, ImportProblem::Note),
        (3, ImportProblem::Date),
        (3, ImportProblem::NotFound),
        (4, ImportProblem::Nothing),
        (5, ImportProblem::NotFound),
    ];
    assert_eq!(done, ShelfDone::Imported(ImportReport { added: 3, updated: 0, problems, more: 0 }));
    let kept = entries(&shelf, patron, own).await;
    assert_eq!((kept[0].bib, kept[0].day.to_string().as_str()), (Some(bib), "2024-01-02"), "found by its ISBN");
    assert_eq!((kept[1].title.as_str(), kept[1].bib, kept[1].held), ("かも", None, false));
    assert_eq!((kept[1].note.chars().count(), kept[2].isbn.as_str()), (500, "9784000000000"));
    let (from_a_spreadsheet, ..) = encoding_rs::SHIFT_JIS.encode("書名\n表計算の本");
    library.take_in_list(patron, own, &from_a_spreadsheet).await.unwrap().unwrap();
    assert_eq!(titles(&shelf, patron, own).await[3], "表計算の本");
    for bad in [&b"\xFF\xFE"[..], b"", "色,形\n赤,丸".as_bytes()] {
        assert_eq!(library.take_in_list(patron, own, bad).await.unwrap(), Err(ShelfRefusal::BadFile));
    }
}

/// The page of loans hands on what it knows of the loan, and the list names that volume.
async fn r27_what_is_on_loan_goes_into_a_list_with_its_volume(shelf: Shelf) {
    let (library, patron) = (&shelf.library, shelf.patron().await);
    let mut volumes = crate::support::bib("volumes", MaterialType::Book, &["central"]);
    let mut second = volumes.parts[0].clone();
    "上".clone_into(&mut volumes.parts[0].label);
    "下".clone_into(&mut second.label);
    second.ordinal = 1;
    "volumes-9".clone_into(&mut second.items[0].barcode);
    volumes.parts.push(second);
    library.import("test", &[volumes]).await.unwrap();
    library.check_out(&By::Staff, &place("central"), patron, "volumes-9").await.unwrap().unwrap();
    let loan = library.loans(patron).await.unwrap().remove(0);
    let done = library.add_to_list(patron, WANTED, loan.bib, Some(loan.part)).await.unwrap().unwrap();
    let ShelfDone::Added { title, already: false, .. } = done else { panic!("{done:?}") };
    assert_eq!(title, loan.title);
    let own = list(&shelf, patron, ListKind::Wanted).await;
    let entry = entries(&shelf, patron, own).await.remove(0);
    assert_eq!((entry.label.as_str(), entry.title.as_str()), ("下", loan.title.as_str()));
}

async fn r27_a_full_list_with_long_notes_goes_out_and_in(shelf: Shelf) {
    let (library, patron) = (&shelf.library, shelf.patron().await);
    wanted(&shelf, patron, 30).await;
    let own = list(&shelf, patron, ListKind::Wanted).await;
    let mut file = library.list_as_csv(patron, own).await.unwrap().unwrap();
    // Letters of four bytes, which is as long as letters get.
    let note = "𠮷".repeat(500);
    for n in 0..970 {
        file.push_str(&format!("どこにもない本{n},,,,{note},2026-04-01,\r\n"));
    }
    assert!(file.len() > 1_000_000 && file.len() < domain::bookshelf::MAX_FILE_MB << 20, "{}", file.len());
    let other = library.make_list(patron, "写し").await.unwrap().unwrap();
    let report = async |file: &str| {
        let done = library.take_in_list(patron, other, file.as_bytes()).await.unwrap().unwrap();
        let ShelfDone::Imported(report) = done else { panic!("{done:?}") };
        report
    };
    let first = report(&file).await;
    assert_eq!((first.added, first.updated, first.problems.len() + first.more), (1000, 0, 970), "as text, each told");
    assert_eq!(library.list_as_csv(patron, other).await.unwrap().unwrap(), file);
    // One more is told and not taken in; the others get what the file says of them.
    let more = format!("{file}もう一冊,,,,,,\r\n");
    let second = report(&more.replace("2026-04-01", "2025-12-24")).await;
    assert_eq!((second.added, second.updated), (0, 1000));
    let last = report("書名\nもう一冊").await;
    assert_eq!(last.problems, [(2, ImportProblem::NotFound), (2, ImportProblem::Full)]);
    let written = library.list_as_csv(patron, other).await.unwrap().unwrap();
    assert_eq!((written.matches("2025-12-24").count(), written.lines().count()), (1000, 1001));
    assert_eq!(written.matches(&note).count(), 970, "what was written about them is there");
    let bib = bib_of(&shelf, shelf.book(&["central"]).await.0).await;
    let one_more = library.add_to_list(patron, ListChoice::Own(other), bib, None).await.unwrap();
    assert_eq!(one_more, Err(ShelfRefusal::ListFull(1000)));
    let moved = entries(&shelf, patron, own).await[0].id;
    library.take_in_list(patron, own, "書名\n別の本".as_bytes()).await.unwrap().unwrap();
    let another = entries(&shelf, patron, own).await[30].id;
    for entry in [moved, another] {
        let full = library.change_entry(patron, entry, &EntryChange::MoveTo(other)).await.unwrap();
        assert_eq!(full, Err(ShelfRefusal::ListFull(1000)));
    }
    let endless = format!("書名\n{}", "もう一冊\n".repeat(3000));
    let endless = report(&endless).await;
    assert_eq!((endless.added, endless.problems.len() + endless.more), (0, 2 * 2000 + 1000), "each line is told");
}

async fn r27_a_shared_list_says_not_whose_it_is(shelf: Shelf) {
    let (library, patron) = (&shelf.library, shelf.patron().await);
    wanted(&shelf, patron, 2).await;
    let own = list(&shelf, patron, ListKind::Wanted).await;
    let first = entries(&shelf, patron, own).await.remove(0);
    let write = EntryChange::Write { note: "ひそかなメモ".to_owned(), day: String::new() };
    library.change_entry(patron, first.id, &write).await.unwrap().unwrap();
    let key = async || library.book_lists(patron).await.unwrap().remove(0).share.map(|share| share.key);
    assert_eq!(key().await, None);
    library.share_list(patron, own, false).await.unwrap().unwrap();
    let link = key().await.unwrap();
    assert_eq!(link.len(), 32);
    let seen = library.shared_list(&link).await.unwrap().unwrap();
    assert_eq!(seen.entries.len(), 2);
    let told = serde_json::to_string(&seen).unwrap();
    for hidden in ["ひそか", "山田", "ヤマダ", "200000", &patron.to_string()] {
        assert!(!told.contains(hidden), "{hidden} in {told}");
    }
    library.share_list(patron, own, true).await.unwrap().unwrap();
    assert_eq!(key().await.unwrap(), link, "the link stays");
    assert_eq!(library.shared_list(&link).await.unwrap().unwrap().entries[0].note, "ひそかなメモ");
    library.unshare_list(patron, own).await.unwrap().unwrap();
    assert_eq!(library.shared_list(&link).await.unwrap(), None);
    assert_eq!(library.shared_list("").await.unwrap(), None);
    library.share_list(patron, own, false).await.unwrap().unwrap();
    assert_ne!(key().await.unwrap(), link, "revoked for good");
}

async fn r27_entries_follow_a_merged_title(shelf: Shelf) {
    let (library, patron) = (&shelf.library, shelf.patron().await);
    let parts = wanted(&shelf, patron, 2).await;
    let own = list(&shelf, patron, ListKind::Wanted).await;
    let (from, into) = (bib_of(&shelf, parts[0]).await, bib_of(&shelf, parts[1]).await);
    library.add_to_list(patron, ListChoice::Fixed(ListKind::Favourite), from, None).await.unwrap().unwrap();
    library.merge_bibs(from, into).await.unwrap().unwrap();
    let left: Vec<_> = entries(&shelf, patron, own).await.into_iter().map(|entry| entry.bib).collect();
    assert_eq!(left, [Some(into)], "once");
    let favourites = list(&shelf, patron, ListKind::Favourite).await;
    assert_eq!(entries(&shelf, patron, favourites).await[0].bib, Some(into));
    let done = library.add_to_list(patron, WANTED, from, None).await.unwrap().unwrap();
    assert!(matches!(done, ShelfDone::Added { already: true, .. }), "{done:?}");
    // The last copy is withdrawn: the title stays in the list and says so.
    shelf.run("update item set state = 'withdrawn'").await;
    let entry = entries(&shelf, patron, own).await.remove(0);
    assert!(!entry.held && !entry.title.is_empty());
}

async fn r27_lists_are_in_the_patrons_file_and_go_with_the_erasure(shelf: Shelf) {
    let (library, patron, other) = (&shelf.library, shelf.patron().await, shelf.patron().await);
    wanted(&shelf, patron, 2).await;
    wanted(&shelf, other, 1).await;
    let data = library.own_data(patron).await.unwrap().unwrap();
    assert_eq!(data.lists.iter().map(|list| list.entries.len()).sum::<usize>(), 2);
    library.erase_own_data(patron).await.unwrap();
    assert!(library.own_data(patron).await.unwrap().unwrap().lists.is_empty());
    assert_eq!(shelf.count("select count(*) from book_entry").await, 1, "another's stays");
}
