use domain::{
    catalog::{LoanRule, MaterialType, SearchQuery},
    circulation::{By, Refusal},
};
use library::{
    Clock, Library,
    catalog::{ImportRefusal, search::SearchIndex},
};

use crate::support::{Shelf, bib, on_both_engines, place};

on_both_engines!(
    importing_again_changes_nothing,
    an_import_updates_and_never_doubles,
    what_does_not_fit_is_left_out_and_the_rest_goes_in,
    a_result_tells_copies_waiting_and_why_not,
    the_newest_issue_is_refused_and_the_one_before_is_not,
    a_copy_somebody_has_stays_where_it_is,
    the_index_follows_the_database,
    the_next_process_does_not_index_again,
);

async fn importing_again_changes_nothing(shelf: Shelf) {
    let bibs = [bib("a", MaterialType::Book, &["central", "north"]), bib("b", MaterialType::Cd, &[])];
    let first = shelf.library.import("test", &bibs).await.unwrap();
    assert_eq!((first.added, first.items_added), (2, 2));
    let second = shelf.library.import("test", &bibs).await.unwrap();
    assert_eq!((second.added, second.changed, second.unchanged, second.items_added), (0, 0, 2, 0));
}

async fn an_import_updates_and_never_doubles(shelf: Shelf) {
    let mut one = bib("a", MaterialType::Book, &["central"]);
    shelf.library.import("test", std::slice::from_ref(&one)).await.unwrap();
    one.record.publisher = Some("晶文社".to_owned());
    let counts = shelf.library.import("test", std::slice::from_ref(&one)).await.unwrap();
    assert_eq!((counts.added, counts.changed), (0, 1));
    // A copy that moved counts as a change of its title.
    one.parts[0].items[0].branch = place("north");
    let counts = shelf.library.import("test", std::slice::from_ref(&one)).await.unwrap();
    assert_eq!((counts.changed, counts.items_added), (1, 0));
    // The same key of another source is another title.
    let mut other = bib("a", MaterialType::Book, &[]);
    other.record.title = "別の本".to_owned();
    assert_eq!(shelf.library.import("other", &[other]).await.unwrap().added, 1);
    assert_eq!(shelf.count("select count(*) from bib").await, 2);
    assert_eq!(shelf.count("select count(*) from item").await, 1);
}

async fn what_does_not_fit_is_left_out_and_the_rest_goes_in(shelf: Shelf) {
    let mut twin = bib("twin", MaterialType::Book, &["central"]);
    twin.parts[0].items[0].barcode = "good-1".to_owned();
    let bibs = [
        bib("good", MaterialType::Book, &["central"]),
        bib("nowhere", MaterialType::Book, &["moon"]),
        bib("hall", MaterialType::Book, &["south-hall"]),
        twin,
        bib("fine", MaterialType::Book, &["north"]),
    ];
    let counts = shelf.library.import("test", &bibs).await.unwrap();
    assert_eq!(counts.added, 2);
    assert_eq!(
        counts.rejected,
        [
            ("nowhere".to_owned(), ImportRefusal::UnknownBranch(place("moon"))),
            ("hall".to_owned(), ImportRefusal::UnknownBranch(place("south-hall"))),
            ("twin".to_owned(), ImportRefusal::BarcodeTaken("good-1".to_owned())),
        ]
    );
}

async fn a_result_tells_copies_waiting_and_why_not(shelf: Shelf) {
    let (part, barcodes) = shelf.book(&["central", "central", "north"]).await;
    let (patron, other) = (shelf.patron().await, shelf.patron().await);
    shelf.library.check_out(&By::Staff, &place("central"), other, &barcodes[0]).await.unwrap().unwrap();
    shelf.reserve(patron, &[part], 0, "north").await;

    let page = shelf.library.search(&SearchQuery { q: "題名".to_owned(), ..Default::default() }).await.unwrap();
    let hit = &page.results[0];
    let copies: Vec<_> = hit.availability.iter().map(|at| (at.branch.0.as_str(), at.available, at.total)).collect();
    assert_eq!(copies, [("central", 1, 2), ("north", 1, 1)]);
    assert_eq!((hit.part, hit.waiting, &hit.refusal), (Some(part), 1, &None));

    let mut reference = bib("r", MaterialType::Book, &["central"]);
    reference.parts[0].items[0].loan_rule = LoanRule::InLibraryOnly;
    shelf.library.import("test", &[reference, bib("d", MaterialType::Dvd, &["central"])]).await.unwrap();
    shelf.library.feed_search().await.unwrap();
    for (q, refusal) in
        [("題名r", Refusal::InLibraryOnly), ("題名d", Refusal::MaterialNotReservable { material: MaterialType::Dvd })]
    {
        let page = shelf.library.search(&SearchQuery { q: q.to_owned(), ..Default::default() }).await.unwrap();
        assert_eq!(page.results[0].refusal, Some(refusal), "{q}");
    }
}

async fn the_newest_issue_is_refused_and_the_one_before_is_not(shelf: Shelf) {
    let mut magazine = bib("m", MaterialType::Magazine, &["central"]);
    let mut newer = magazine.parts[0].clone();
    let day = |d| chrono::NaiveDate::from_ymd_opt(2026, 4, d);
    magazine.parts[0].label = "3月号".to_owned();
    magazine.parts[0].received_on = day(1);
    newer.label = "4月号".to_owned();
    newer.ordinal = 1;
    newer.received_on = day(2);
    newer.items[0].barcode = "m-new".to_owned();
    magazine.parts.push(newer);
    shelf.library.import("test", &[magazine]).await.unwrap();
    shelf.library.feed_search().await.unwrap();

    let page = shelf.library.search(&SearchQuery { q: "題名m".to_owned(), ..Default::default() }).await.unwrap();
    assert_eq!(page.results[0].part, None, "an issue has to be chosen");
    assert_eq!(page.results[0].refusal, None, "one of them can be reserved");
    let record = shelf.library.record_page(page.results[0].id).await.unwrap().unwrap();
    let issues: Vec<_> = record.parts.iter().map(|part| (part.label.as_str(), part.refusal.clone())).collect();
    assert_eq!(issues, [("4月号", Some(Refusal::NewestIssue)), ("3月号", None)]);
    let patron = shelf.patron().await;
    let answer = shelf.reserve(patron, &[record.parts[0].id, record.parts[1].id], 0, "central").await;
    assert_eq!(crate::support::positions(&answer), [Err(Refusal::NewestIssue), Ok(1)]);
}

async fn the_index_follows_the_database(shelf: Shelf) {
    assert!(!shelf.library.feed_search().await.unwrap(), "nothing to feed");
    let mut one = bib("a", MaterialType::Book, &["central"]);
    shelf.library.import("test", std::slice::from_ref(&one)).await.unwrap();
    assert!(shelf.library.feed_search().await.unwrap());
    assert!(!shelf.library.feed_search().await.unwrap(), "fed twice");
    one.record.title = "吾輩は猫である".to_owned();
    // The clock stands still, so the change has the same moment as the import; another server's clock has not.
    let later = shelf.again(
        library::Clock::Fixed(crate::support::morning() + chrono::TimeDelta::seconds(5)),
        crate::support::policy(),
    );
    later.import("test", &[one]).await.unwrap();
    assert!(shelf.library.feed_search().await.unwrap());
    let find = |q: &str| SearchQuery { q: q.to_owned(), ..Default::default() };
    assert_eq!(shelf.library.search(&find("吾輩は猫である")).await.unwrap().total, 1);
    assert_eq!(shelf.library.search(&find("題名a")).await.unwrap().total, 0);
}

async fn the_next_process_does_not_index_again(shelf: Shelf) {
    shelf.library.import("test", &[bib("a", MaterialType::Book, &["central"])]).await.unwrap();
    let process = |minutes| {
        let index = SearchIndex::open(&shelf.folder.path().join("index")).unwrap();
        let clock = Clock::Fixed(crate::support::morning() + chrono::TimeDelta::minutes(minutes));
        Library::new(shelf.library.database().clone(), crate::support::policy(), index, clock).unwrap()
    };
    assert!(process(0).feed_search().await.unwrap());
    // It can't know what was handed on, nor who is still at work.
    let next = process(2);
    assert!(next.feed_search().await.unwrap());
    assert!(!next.feed_search().await.unwrap());
    drop(next);
    let after_that = process(3);
    assert!(!after_that.feed_search().await.unwrap(), "nothing to do twice");
    after_that.import("test", &[bib("b", MaterialType::Book, &["central"])]).await.unwrap();
    assert!(after_that.feed_search().await.unwrap());
    let find = SearchQuery { q: "題名".to_owned(), ..Default::default() };
    assert_eq!(after_that.search(&find).await.unwrap().total, 2);
}

async fn a_copy_somebody_has_stays_where_it_is(shelf: Shelf) {
    let mut one = bib("a", MaterialType::Book, &["central"]);
    shelf.library.import("test", std::slice::from_ref(&one)).await.unwrap();
    let patron = shelf.patron().await;
    shelf.library.check_out(&By::Staff, &place("central"), patron, "a-1").await.unwrap().unwrap();
    one.parts[0].label = "上".to_owned();
    let again = shelf.library.import("test", std::slice::from_ref(&one)).await.unwrap();
    assert_eq!(again.rejected, [("a".to_owned(), ImportRefusal::ItemInUse("a-1".to_owned()))]);
    shelf.library.check_in(&place("central"), "a-1").await.unwrap().unwrap();
    assert_eq!(shelf.library.import("test", std::slice::from_ref(&one)).await.unwrap().changed, 1);
    // Nothing ties the patron to the title any more.
    assert_eq!(shelf.count("select count(*) from claim").await, 0);
}
