//! Lists as files and as links (R27): a file changes what it says and no more, computes nothing, and a link shows no more than its
//! page.

use domain::{
    BibId, BookListId, PatronId,
    bookshelf::{BookEntry, EntryChange, ImportReport, ListChoice, ListKind, ListQuery, ListSort, ShelfDone},
};

use crate::support::{Shelf, on_both_engines};

on_both_engines!(
    r27_a_file_changes_only_what_it_says,
    r27_a_file_of_long_cells_is_cut_and_says_so,
    r27_no_cell_of_a_file_is_computed,
    r27_what_was_taken_in_together_keeps_its_order,
    r27_a_shared_list_says_no_more_than_its_page,
);

async fn favourites(shelf: &Shelf, patron: PatronId) -> BookListId {
    let lists = shelf.library.book_lists(patron).await.unwrap();
    lists.into_iter().find(|list| list.kind == ListKind::Favourite).unwrap().id
}

/// A book in the patron's お気に入り.
async fn favourite(shelf: &Shelf, patron: PatronId) -> BibId {
    let part = shelf.book(&["central"]).await.0;
    let bib = shelf.rows(&format!("select 'x', bib_id from part where id = {}", shelf.uuid(part.0))).await;
    let bib = BibId(bib[0].1);
    let to = ListChoice::Fixed(ListKind::Favourite);
    shelf.library.add_to_list(patron, to, bib, None).await.unwrap().unwrap();
    bib
}

async fn entries(shelf: &Shelf, patron: PatronId, list: BookListId, sort: ListSort) -> Vec<BookEntry> {
    let query = ListQuery { sort, ..ListQuery::default() };
    shelf.library.book_list(patron, list, &query).await.unwrap().unwrap().entries
}

async fn taken_in(shelf: &Shelf, patron: PatronId, list: BookListId, file: &str) -> ImportReport {
    let done = shelf.library.take_in_list(patron, list, file.as_bytes()).await.unwrap().unwrap();
    let ShelfDone::Imported(report) = done else { panic!("{done:?}") };
    report
}

async fn r27_a_file_changes_only_what_it_says(shelf: Shelf) {
    let patron = shelf.patron().await;
    let bib = favourite(&shelf, patron).await;
    let list = favourites(&shelf, patron).await;
    let entry = entries(&shelf, patron, list, ListSort::Hand).await.remove(0);
    let write = EntryChange::Write { note: "大事".to_owned(), day: "2025-12-24".to_owned() };
    shelf.library.change_entry(patron, entry.id, &write).await.unwrap().unwrap();
    let now = async || {
        let entry = entries(&shelf, patron, list, ListSort::Hand).await.remove(0);
        (entry.note, entry.day.to_string())
    };
    let kept = |note: &str, day: &str| (note.to_owned(), day.to_owned());
    for (file, expected) in [
        // Columns that are not there, cells that are empty, and a date that can't be read change nothing.
        (format!("bib\n{bib}\n"), kept("大事", "2025-12-24")),
        (format!("bib,note,date\n{bib},,\n"), kept("大事", "2025-12-24")),
        (format!("bib,note,date\n{bib},,あした\n"), kept("大事", "2025-12-24")),
        (format!("bib,note,date\n{bib},また,\n"), kept("また", "2025-12-24")),
        (format!("bib,note,date\n{bib},,2026/1/2\n"), kept("また", "2026-01-02")),
        // Twice in one file: what comes later says more.
        (format!("bib,note,date\n{bib},一,2026/1/3\n{bib},,2026/1/4\n"), kept("一", "2026-01-04")),
    ] {
        let report = taken_in(&shelf, patron, list, &file).await;
        assert_eq!(report.added, 0);
        assert_eq!(now().await, expected, "{file}");
    }
    // The same of a title that is new and stands in the file twice.
    taken_in(&shelf, patron, list, "title,note,date\n新しい本,二,2026/1/5\n新しい本,,\n").await;
    let new = entries(&shelf, patron, list, ListSort::Hand).await.remove(1);
    assert_eq!((new.note.as_str(), new.day.to_string().as_str()), ("二", "2026-01-05"));
}

async fn r27_a_file_of_long_cells_is_cut_and_says_so(shelf: Shelf) {
    let patron = shelf.patron().await;
    let list = favourites(&shelf, patron).await;
    let (long, short) = ("長".repeat(501), "短".repeat(500));
    let report = taken_in(&shelf, patron, list, &format!("title,creators\n{long},{long}\n{short},{short}\n")).await;
    let said = serde_json::to_string(&report.problems).unwrap();
    assert_eq!((said.matches("[2,\"long\"]").count(), said.matches("\"long\"").count()), (1, 1), "{said}");
    let kept = entries(&shelf, patron, list, ListSort::Hand).await;
    for entry in &kept {
        assert_eq!((entry.title.chars().count(), entry.creators.chars().count()), (500, 500));
    }
    assert_eq!(kept[1].title, short);
}

async fn r27_no_cell_of_a_file_is_computed(shelf: Shelf) {
    let patron = shelf.patron().await;
    let list = favourites(&shelf, patron).await;
    let formula = "=HYPERLINK(\"\"http://evil.example\"\")";
    let file = format!("title,creators,note\n\"{formula}\",@SUM(A1),＝1\n+81,-,'=1\nふつうの本,'90年代,1-2\n");
    taken_in(&shelf, patron, list, &file).await;
    let before = entries(&shelf, patron, list, ListSort::Hand).await;
    assert_eq!(before[0].title, formula.replace("\"\"", "\""), "what was brought is kept as it is");
    let written = shelf.library.list_as_csv(patron, list).await.unwrap().unwrap();
    let mut reader = csv_cells(&written);
    let header = reader.remove(0);
    assert_eq!(header[0].trim_start_matches('\u{FEFF}'), "書名");
    for cell in reader.iter().flatten() {
        assert!(!cell.starts_with(['=', '+', '-', '@', '＝']), "{cell} in {written}");
    }
    let other = shelf.library.make_list(patron, "写し").await.unwrap().unwrap();
    taken_in(&shelf, patron, other, &written).await;
    let words = |entry: &BookEntry| (entry.title.clone(), entry.creators.clone(), entry.note.clone());
    let after = entries(&shelf, patron, other, ListSort::Hand).await;
    assert_eq!(after.iter().map(words).collect::<Vec<_>>(), before.iter().map(words).collect::<Vec<_>>());
}

/// The cells of a file in which no cell has a line break.
fn csv_cells(file: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| {
        let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
        for letter in line.chars() {
            match letter {
                '"' => quoted = !quoted,
                ',' if !quoted => cells.push(std::mem::take(&mut cell)),
                letter => cell.push(letter),
            }
        }
        cells.push(cell);
        cells
    };
    file.lines().map(cells).collect()
}

async fn r27_what_was_taken_in_together_keeps_its_order(shelf: Shelf) {
    let patron = shelf.patron().await;
    let list = favourites(&shelf, patron).await;
    let names: Vec<String> = (10..40).map(|n| format!("本{n}")).collect();
    taken_in(&shelf, patron, list, &format!("title\n{}\n", names.join("\n"))).await;
    let titles = async |sort| -> Vec<String> {
        entries(&shelf, patron, list, sort).await.into_iter().map(|entry| entry.title).collect()
    };
    assert_eq!(titles(ListSort::Hand).await, names);
    let mut last_first = names;
    last_first.reverse();
    assert_eq!(titles(ListSort::Added).await, last_first, "what came last in the file was added last");
}

async fn r27_a_shared_list_says_no_more_than_its_page(shelf: Shelf) {
    let (library, patron) = (&shelf.library, shelf.patron().await);
    let bib = favourite(&shelf, patron).await;
    let list = favourites(&shelf, patron).await;
    taken_in(&shelf, patron, list, "title,isbn,note\nどこにもない本,9784000000000,ひそか\n").await;
    library.share_list(patron, list, false).await.unwrap().unwrap();
    let lists = library.book_lists(patron).await.unwrap();
    let key = lists.into_iter().find_map(|list| list.share).unwrap().key;
    let told = serde_json::to_string(&library.shared_list(&key).await.unwrap().unwrap()).unwrap();
    let kept = entries(&shelf, patron, list, ListSort::Hand).await;
    let mut hidden = vec![list.to_string(), library.today().to_string(), "9784".to_owned(), "ひそか".to_owned()];
    hidden.extend(kept.iter().map(|entry| entry.id.to_string()));
    for hidden in hidden {
        assert!(!told.contains(&hidden), "{hidden} in {told}");
    }
    for shown in [&kept[0].title, &kept[1].title, &bib.to_string()] {
        assert!(told.contains(shown.as_str()), "{shown} in {told}");
    }
    // A title the library has no copy of any more leads nowhere.
    shelf.run("update item set state = 'withdrawn'").await;
    let told = serde_json::to_string(&library.shared_list(&key).await.unwrap().unwrap()).unwrap();
    assert!(told.contains(&kept[0].title) && !told.contains(&bib.to_string()), "{told}");
}
