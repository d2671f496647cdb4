//! The home page: what the library tells, where it is open today, what came in, what people wait for.

use chrono::{NaiveDate, TimeDelta};
use domain::{
    BulletinId, OpId, SeasonId,
    bookshelf::marathon::MarathonForm,
    bulletin::{BulletinForm, BulletinProblem},
    calendar::{Closure, DayKind},
    catalog::{BibForm, CopyForm, MaterialType},
    circulation::{By, PatronAction},
    home::HomePage,
};
use library::{Clock, Library};
use uuid::Uuid;

use crate::support::{Shelf, bib, morning, on_both_engines, place, policy};

on_both_engines!(
    what_the_library_tells_is_shown_on_its_days,
    what_came_in_lately_stands_first_and_each_title_once,
    a_title_has_come_in_with_its_first_copy_at_the_desk,
    what_most_wait_for_is_counted_and_what_one_waits_for_is_not,
    the_lists_of_titles_are_kept_for_a_minute_and_nothing_else_is,
    it_is_said_where_it_is_open_today_and_what_season_runs,
    a_page_that_is_made_after_the_end_is_told_from_one_that_failed,
);

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn form(title: &str, from: &str, until: &str) -> BulletinForm {
    BulletinForm {
        title: title.into(), text: "くわしくは、窓口へ。".into(), from: from.into(), until: until.into()
    }
}

async fn tell(library: &Library, title: &str, from: &str, until: &str) -> BulletinId {
    let id = BulletinId(Uuid::now_v7());
    library.add_bulletin(id, &form(title, from, until)).await.unwrap().unwrap();
    id
}

/// The home page as another server, which has kept nothing, makes it so many seconds later.
async fn later(shelf: &Shelf, seconds: i64) -> HomePage {
    shelf.again(Clock::Fixed(morning() + TimeDelta::seconds(seconds)), policy()).home().await.unwrap()
}

fn names(titles: &[domain::home::HomeTitle]) -> Vec<(&str, &str, u32)> {
    titles.iter().map(|one| (one.record.title.as_str(), one.label.as_str(), one.waiting)).collect()
}

/// All that is asked here, for those who listen.
pub(crate) async fn live(shelf: &Shelf) {
    let library = &shelf.library;
    let id = tell(library, "蔵書点検", "", "2026-04-30").await;
    library.change_bulletin(id, &form("蔵書点検", "", "2026-05-01")).await.unwrap().unwrap();
    library.bulletins().await.unwrap();
    let (part, _) = shelf.book(&["central"]).await;
    for _ in 0..2 {
        shelf.reserve(shelf.patron().await, &[part], 0, "central").await;
    }
    assert!(!later(shelf, 0).await.wanted.is_empty());
    library.remove_bulletin(id).await.unwrap();
}

async fn what_the_library_tells_is_shown_on_its_days(shelf: Shelf) {
    let library = &shelf.library;
    // The tests live on 1 April 2026.
    let now = tell(library, "春の催し", "2026-04-01", "2026-04-01").await;
    let older = tell(library, "休館のお知らせ", "2026-03-01", "2026-04-02").await;
    tell(library, "夏の催し", "2026-07-01", "2026-07-31").await;
    let shown = |page: HomePage| page.bulletins.into_iter().map(|one| one.title).collect::<Vec<_>>();
    assert_eq!(shown(library.home().await.unwrap()), ["春の催し", "休館のお知らせ"], "the latest first");
    assert_eq!(shown(later(&shelf, 86_400).await), ["休館のお知らせ"], "its last day is over");
    assert_eq!(shown(later(&shelf, 2 * 86_400).await), [""; 0]);
    let all: Vec<_> = library.bulletins().await.unwrap().into_iter().map(|one| one.title).collect();
    assert_eq!(all, ["夏の催し", "休館のお知らせ", "春の催し"]);

    // The same request again tells it once.
    library.add_bulletin(now, &form("別の題", "", "2026-04-01")).await.unwrap().unwrap();
    assert_eq!(library.bulletins().await.unwrap().len(), 3);
    library.change_bulletin(now, &form("春の催し（変更）", "", "2026-04-03")).await.unwrap().unwrap();
    assert_eq!(shown(later(&shelf, 0).await), ["春の催し（変更）", "休館のお知らせ"]);
    assert_eq!(
        library.change_bulletin(now, &form("", "", "2026-03-31")).await.unwrap(),
        Err(vec![BulletinProblem::Title, BulletinProblem::Span])
    );
    library.remove_bulletin(older).await.unwrap();
    assert_eq!(shown(later(&shelf, 0).await), ["春の催し（変更）"]);
    let gone = library.change_bulletin(older, &form("題", "", "2026-04-03")).await.unwrap();
    assert_eq!(gone, Err(vec![BulletinProblem::Gone]));
}

async fn what_came_in_lately_stands_first_and_each_title_once(shelf: Shelf) {
    let mut magazine = bib("m", MaterialType::Magazine, &["central"]);
    let issue = magazine.parts.remove(0);
    for (n, received) in [(1, "2026-03-01"), (2, "2026-03-31"), (3, "2026-04-02")] {
        let mut issue = issue.clone();
        issue.label = format!("{n}号");
        issue.ordinal = n;
        issue.received_on = Some(day(received));
        issue.items[0].barcode = format!("m-{n}");
        magazine.parts.push(issue);
    }
    let mut books = [("a", Some("2026-03-30")), ("b", Some("2026-04-01")), ("c", None), ("lost", Some("2026-04-01"))]
        .map(|(key, received)| {
            let mut bib = bib(key, MaterialType::Book, &["central"]);
            bib.parts[0].received_on = received.map(day);
            bib
        })
        .to_vec();
    books.push(magazine);
    shelf.library.import("test", &books).await.unwrap();
    shelf.run("update item set state = 'lost' where barcode = 'lost-1'").await;
    let page = shelf.library.home().await.unwrap();
    let expected = [("題名b", "", 0), ("題名m", "2号", 0), ("題名a", "", 0)];
    assert_eq!(names(&page.arrived), expected, "neither what is to come, nor what is lost, nor what nobody dated");
    assert_eq!(page.arrived[1].received_on, Some(day("2026-03-31")));

    let many: Vec<_> = (0..12)
        .map(|n| {
            let mut bib = bib(&format!("n{n}"), MaterialType::Book, &["central"]);
            bib.parts[0].received_on = Some(day("2026-04-01"));
            bib
        })
        .collect();
    shelf.library.import("test", &many).await.unwrap();
    assert_eq!(later(&shelf, 0).await.arrived.len(), 8);
}

async fn a_title_has_come_in_with_its_first_copy_at_the_desk(shelf: Shelf) {
    let library = &shelf.library;
    let form = BibForm { title: "あたらしい本".into(), material: "book".into(), ..BibForm::default() };
    let bib = library.add_bib(OpId(Uuid::now_v7()), &form).await.unwrap().unwrap();
    let part = library.kept_bib(bib).await.unwrap().unwrap().parts[0].id;
    assert_eq!(names(&later(&shelf, 0).await.arrived), []);
    let copy = |barcode: &str| CopyForm {
        barcode: barcode.into(),
        branch: "central".into(),
        shelf_mark: "913.6 ア".into(),
        loan_rule: "lendable".into(),
    };
    library.add_copy(part, &copy("N-1")).await.unwrap().unwrap();
    let page = later(&shelf, 0).await;
    assert_eq!(names(&page.arrived), [("あたらしい本", "", 0)]);
    assert_eq!(page.arrived[0].received_on, Some(day("2026-04-01")));
    // Another copy a week later makes nothing new of it.
    let week = shelf.again(Clock::Fixed(morning() + TimeDelta::days(7)), policy());
    week.add_copy(part, &copy("N-2")).await.unwrap().unwrap();
    assert_eq!(week.home().await.unwrap().arrived[0].received_on, Some(day("2026-04-01")));
}

async fn what_most_wait_for_is_counted_and_what_one_waits_for_is_not(shelf: Shelf) {
    let (first, second, third) =
        (shelf.book(&["central"]).await.0, shelf.book(&["central"]).await.0, shelf.book(&["central"]).await.0);
    let patrons = [shelf.patron().await, shelf.patron().await, shelf.patron().await];
    for patron in patrons {
        shelf.reserve(patron, &[second], 0, "central").await;
    }
    for patron in &patrons[..2] {
        shelf.reserve(*patron, &[first], 0, "central").await;
    }
    shelf.reserve(patrons[0], &[third], 0, "central").await;
    let counts = |page: &HomePage| page.wanted.iter().map(|one| one.waiting).collect::<Vec<_>>();
    assert_eq!(counts(&later(&shelf, 0).await), [3, 2], "one person's wish is not told");
    // Both were placed in the same moment, so their order says nothing.
    let views = shelf.library.reservations(patrons[1]).await.unwrap();
    let view = views.iter().find(|view| view.part == first).unwrap();
    let cancel = PatronAction::Cancel(view.id);
    shelf.library.act(&By::Patron, patrons[1], OpId(Uuid::now_v7()), &cancel).await.unwrap().unwrap();
    assert_eq!(counts(&later(&shelf, 0).await), [3]);
}

async fn the_lists_of_titles_are_kept_for_a_minute_and_nothing_else_is(shelf: Shelf) {
    let (first, _) = shelf.book(&["central"]).await;
    let library = &shelf.library;
    assert_eq!(library.home().await.unwrap().wanted.len(), 0);
    for _ in 0..2 {
        shelf.reserve(shelf.patron().await, &[first], 0, "central").await;
    }
    tell(library, "お知らせ", "", "2026-04-30").await;
    let page = library.home().await.unwrap();
    assert_eq!(page.wanted.len(), 0, "as it was a moment ago");
    assert_eq!(page.bulletins.len(), 1, "what is told is told at once");
    assert_eq!(later(&shelf, 61).await.wanted.len(), 1);
}

async fn it_is_said_where_it_is_open_today_and_what_season_runs(shelf: Shelf) {
    let mut own = policy();
    own.places[0].hours.usual = "9:30-19:00".parse().ok();
    own.places[1].hours.usual = "9:30-17:00".parse().ok();
    let library = shelf.again(Clock::Fixed(morning()), own);
    let closure =
        Closure { place: place("north"), from: day("2026-03-30"), until: day("2026-04-01"), reason: "停電".into() };
    library.close_place(&closure).await.unwrap().unwrap();
    let season = |name: &str, from: &str, until: &str| MarathonForm {
        name: name.into(),
        from: from.into(),
        until: until.into(),
        books: "5".into(),
        ..MarathonForm::default()
    };
    for form in [season("初夏", "2026-04-02", "2026-06-30"), season("春", "2026-03-01", "2026-05-31")] {
        library.add_season(SeasonId(Uuid::now_v7()), &form).await.unwrap().unwrap();
    }
    let page = library.home().await.unwrap();
    let [central, north, ..] = page.places.as_slice() else { panic!("five places") };
    assert_eq!(
        (&central.kind, central.hours.map(|hours| hours.to_string())),
        (&DayKind::Open, Some("9:30-19:00".into()))
    );
    assert_eq!((&north.kind, north.hours), (&DayKind::Closure { reason: "停電".into() }, None));
    assert_eq!(page.places.len(), 5);
    assert_eq!(page.season.map(|season| season.frame.name), Some("春".to_owned()), "the other has not begun");
}

async fn a_page_that_is_made_after_the_end_is_told_from_one_that_failed(shelf: Shelf) {
    shelf.library.database().close().await;
    assert!(shelf.library.home().await.unwrap_err().is_of_the_end());
    assert!(!library::Fault::Sheet("full".to_owned()).is_of_the_end());
}
