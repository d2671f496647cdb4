//! 読書マラソン (R29): goals and what is noted towards them, the library's seasons, and what the library learns of them.

use chrono::TimeDelta;
use domain::{
    MarathonId, PatronId, ReadId, SeasonId,
    bookshelf::marathon::{Drawn, FromHistory, MarathonForm, MarathonProblem, ReadForm, Stage, Stands},
    circulation::By,
    figures::Figure,
};
use library::{Clock, Library, bookshelf::OpenKey};
use uuid::Uuid;

use crate::{
    history,
    support::{Shelf, morning, on_both_engines, place, policy},
};

on_both_engines!(
    r29_a_reader_sets_a_goal_and_notes_what_they_read,
    r29_a_goal_is_changed_midway_and_what_lies_outside_stays,
    r29_the_same_request_begins_and_notes_once,
    r29_nobody_touches_anothers_marathon,
    r29_a_season_is_joined_once_and_while_it_lasts,
    r29_the_library_learns_how_many_and_nothing_below_five,
    r29_a_withdrawn_season_leaves_everybody_theirs,
    r29_what_is_on_loan_is_offered_while_it_runs,
    r29_there_are_bounds,
    r29_the_patron_gets_it_all_and_erases_it,
    r29_nothing_ties_a_note_to_the_log_or_the_catalogue,
    r29_the_history_counts_where_its_patron_allows_it_and_while_it_is_open,
    r29_a_book_of_the_history_is_taken_out_and_put_back,
    r29_a_season_counts_who_reached_its_goal_by_their_history,
    r29_a_season_is_changed_and_those_who_joined_go_along,
);

fn form(from: &str, until: &str, books: u32) -> MarathonForm {
    MarathonForm {
        name: "春の読書".to_owned(),
        from: from.to_owned(),
        until: until.to_owned(),
        books: books.to_string(),
        ..MarathonForm::default()
    }
}

fn book(title: &str, day: &str) -> ReadForm {
    ReadForm { title: title.to_owned(), day: day.to_owned(), pages: "120".to_owned() }
}

async fn begin(library: &Library, patron: PatronId, form: &MarathonForm) -> MarathonId {
    let id = MarathonId(Uuid::new_v4());
    library.begin_marathon(patron, id, form).await.unwrap().unwrap();
    id
}

async fn note(library: &Library, patron: PatronId, marathon: MarathonId, form: &ReadForm) -> ReadId {
    let id = ReadId(Uuid::new_v4());
    library.enter_read(patron, marathon, id, form).await.unwrap().unwrap();
    id
}

async fn season(library: &Library, from: &str, until: &str, books: u32) -> SeasonId {
    let id = SeasonId(Uuid::new_v4());
    library.add_season(id, &form(from, until, books)).await.unwrap().unwrap();
    id
}

fn joining(season: SeasonId, books: u32) -> MarathonForm {
    MarathonForm { season: season.to_string(), books: books.to_string(), ..MarathonForm::default() }
}

/// All that patrons and managers do here, for those who listen.
pub(crate) async fn live(library: &Library, patron: PatronId) {
    let of = season(library, "2026-03-01", "2026-05-31", 5).await;
    let id = begin(library, patron, &joining(of, 3)).await;
    library.change_marathon(patron, id, &form("2026-03-01", "2026-05-31", 4)).await.unwrap().unwrap();
    let read = note(library, patron, id, &book("坊っちゃん", "2026-04-01")).await;
    library.marathons(patron, None).await.unwrap();
    library.marathon(patron, id, None).await.unwrap().unwrap();
    library.seasons().await.unwrap();
    library.change_season(of, &form("2026-03-01", "2026-06-30", 6)).await.unwrap().unwrap();
    library.drop_read(patron, read).await.unwrap();
    library.delete_marathon(patron, id).await.unwrap();
    library.remove_season(of).await.unwrap();
}

/// The same with a history that counts.
pub(crate) async fn live_from_history(shelf: &Shelf) {
    let (library, patron) = (&shelf.library, crate::history::reader(shelf).await);
    let (key, _) = crate::history::start(library, patron).await;
    let (_, copies) = shelf.book(&["central"]).await;
    crate::history::lend(library, patron, &copies[0]).await;
    let of = season(library, "2026-03-01", "2026-05-31", 5).await;
    let id = begin(library, patron, &counting(&joining(of, 1))).await;
    note(library, patron, id, &book("坊っちゃん", "2026-04-01")).await;
    library.marathons(patron, Some(&key)).await.unwrap();
    library.marathon(patron, id, Some(&key)).await.unwrap().unwrap();
}

fn counting(form: &MarathonForm) -> MarathonForm {
    MarathonForm { from_history: "true".into(), ..form.clone() }
}

async fn r29_a_reader_sets_a_goal_and_notes_what_they_read(shelf: Shelf) {
    let (library, patron) = (&shelf.library, shelf.patron().await);
    let aim = MarathonForm { pages: "300".into(), drawn: "stations".into(), ..form("2026-03-01", "2026-04-30", 2) };
    let id = begin(library, patron, &aim).await;
    let first = note(library, patron, id, &book("坊っちゃん", "2026-03-15")).await;
    note(library, patron, id, &book("", "2026-04-01")).await;
    let page = library.marathon(patron, id, None).await.unwrap().unwrap();
    let titles: Vec<_> = page.entries.iter().map(|entry| entry.title.as_str()).collect();
    assert_eq!((titles, page.today), (vec!["", "坊っちゃん"], library.today()), "the latest first");
    assert_eq!((page.marathon.aim.drawn, page.marathon.joined_on), (Drawn::Stations, library.today()));
    let progress = page.marathon.progress(&page.reads(), page.today);
    assert_eq!((progress.books.done, progress.pages.unwrap().done, progress.reached_on), (2, 240, None));

    library.drop_read(patron, first).await.unwrap();
    let id_of_next = begin(library, patron, &form("2026-04-01", "2026-04-01", 1)).await;
    let page = library.marathons(patron, None).await.unwrap();
    let seen: Vec<_> = page.lines.iter().map(|line| (line.marathon.id, line.progress.books.done)).collect();
    assert_eq!(seen, [(id, 1), (id_of_next, 0)], "the one that ends last first, each with its own");
    let later = shelf.again(Clock::Fixed(morning() + TimeDelta::days(40)), policy());
    let stages: Vec<_> =
        later.marathons(patron, None).await.unwrap().lines.iter().map(|line| line.progress.stage).collect();
    assert_eq!(stages, [Stage::Over, Stage::Over], "several over the years");
    library.delete_marathon(patron, id).await.unwrap();
    assert_eq!(library.marathon(patron, id, None).await.unwrap(), None);
    assert_eq!(shelf.count("select count(*) from marathon_read").await, 0);
}

async fn r29_a_goal_is_changed_midway_and_what_lies_outside_stays(shelf: Shelf) {
    let (library, patron) = (&shelf.library, shelf.patron().await);
    let id = begin(library, patron, &form("2026-03-01", "2026-04-30", 2)).await;
    note(library, patron, id, &book("一", "2026-03-02")).await;
    note(library, patron, id, &book("二", "2026-04-01")).await;
    let outside = library.enter_read(patron, id, ReadId(Uuid::new_v4()), &book("三", "2026-02-28")).await.unwrap();
    assert_eq!(outside, Err(vec![MarathonProblem::DayOutside]));
    library.change_marathon(patron, id, &form("2026-03-15", "2026-06-30", 9)).await.unwrap().unwrap();
    let page = library.marathon(patron, id, None).await.unwrap().unwrap();
    let progress = page.marathon.progress(&page.reads(), page.today);
    assert_eq!((page.entries.len(), progress.books.done, progress.outside), (2, 1, 1));
    assert_eq!((progress.books.goal, page.marathon.frame.until.to_string().as_str()), (9, "2026-06-30"));
    let wrong = library.change_marathon(patron, id, &form("2026-03-15", "2026-03-01", 0)).await.unwrap();
    assert_eq!(wrong, Err(vec![MarathonProblem::Span, MarathonProblem::Books]));
    let same = library.marathon(patron, id, None).await.unwrap().unwrap();
    assert_eq!(same, page, "what is refused changes nothing");
}

async fn r29_the_same_request_begins_and_notes_once(shelf: Shelf) {
    let (library, patron) = (&shelf.library, shelf.patron().await);
    let (id, read) = (MarathonId(Uuid::new_v4()), ReadId(Uuid::new_v4()));
    for _ in 0..2 {
        library.begin_marathon(patron, id, &form("2026-04-01", "2026-04-30", 2)).await.unwrap().unwrap();
        library.enter_read(patron, id, read, &book("一", "2026-04-01")).await.unwrap().unwrap();
    }
    let page = library.marathons(patron, None).await.unwrap();
    assert_eq!((page.lines.len(), page.lines[0].progress.books.done), (1, 1));
}

async fn r29_nobody_touches_anothers_marathon(shelf: Shelf) {
    let (library, patron, other) = (&shelf.library, shelf.patron().await, shelf.patron().await);
    let id = begin(library, patron, &form("2026-04-01", "2026-04-30", 2)).await;
    let read = note(library, patron, id, &book("一", "2026-04-01")).await;
    let before = library.marathon(patron, id, None).await.unwrap();
    assert_eq!(library.marathon(other, id, None).await.unwrap(), None);
    assert_eq!(library.marathons(other, None).await.unwrap().lines, []);
    let gone = Err(vec![MarathonProblem::Gone]);
    assert_eq!(library.change_marathon(other, id, &form("2026-04-01", "2026-04-30", 9)).await.unwrap(), gone);
    assert_eq!(library.enter_read(other, id, ReadId(Uuid::new_v4()), &book("二", "2026-04-01")).await.unwrap(), gone);
    library.drop_read(other, read).await.unwrap();
    library.delete_marathon(other, id).await.unwrap();
    assert_eq!(library.marathon(patron, id, None).await.unwrap(), before);
}

async fn r29_a_season_is_joined_once_and_while_it_lasts(shelf: Shelf) {
    let (library, patron) = (&shelf.library, shelf.patron().await);
    let of = season(library, "2026-03-01", "2026-04-30", 5).await;
    assert_eq!(library.marathons(patron, None).await.unwrap().seasons.len(), 1);
    let id = begin(library, patron, &joining(of, 3)).await;
    let page = library.marathons(patron, None).await.unwrap();
    assert_eq!(page.seasons, [], "joined");
    let marathon = &page.lines[0].marathon;
    assert_eq!((marathon.season, marathon.frame.name.as_str(), marathon.aim.books), (Some(of), "春の読書", 3));
    let again = library.begin_marathon(patron, MarathonId(Uuid::new_v4()), &joining(of, 3)).await.unwrap();
    assert_eq!(again, Err(vec![MarathonProblem::Joined]));
    // Only the goal is the patron's to change.
    library.change_marathon(patron, id, &form("2026-01-01", "2026-12-31", 8)).await.unwrap().unwrap();
    let changed = library.marathon(patron, id, None).await.unwrap().unwrap().marathon;
    assert_eq!((changed.frame, changed.aim.books), (marathon.frame.clone(), 8));

    let late = shelf.patron().await;
    let after = shelf.again(Clock::Fixed(morning() + TimeDelta::days(30)), policy());
    assert_eq!(after.marathons(late, None).await.unwrap().seasons, []);
    for season in [joining(of, 3), MarathonForm { season: "none".into(), ..joining(of, 3) }] {
        let refused = after.begin_marathon(late, MarathonId(Uuid::new_v4()), &season).await.unwrap();
        assert_eq!(refused, Err(vec![MarathonProblem::SeasonGone]));
    }
    let over = library.add_season(SeasonId(Uuid::new_v4()), &form("2026-03-01", "2026-03-31", 5)).await.unwrap();
    assert_eq!(over, Err(vec![MarathonProblem::Over]));
}

async fn r29_the_library_learns_how_many_and_nothing_below_five(shelf: Shelf) {
    let library = &shelf.library;
    let of = season(library, "2026-03-01", "2026-04-30", 5).await;
    let figures = async || {
        let seasons = library.seasons().await.unwrap();
        (seasons[0].joined, seasons[0].finished)
    };
    assert_eq!(figures().await, (Figure::Exact(0), Figure::Exact(0)));
    let mut marathons = Vec::new();
    for n in 0..12 {
        let patron = shelf.patron().await;
        let pages = if n == 0 { "240" } else { "" };
        let id = begin(library, patron, &MarathonForm { pages: pages.into(), ..joining(of, 1) }).await;
        marathons.push((patron, id));
        let expected = if n < 4 { Figure::Few } else { Figure::Exact(n + 1) };
        assert_eq!(figures().await.0, expected);
    }
    for (n, (patron, id)) in marathons.iter().enumerate().take(6) {
        // The first one wants pages too, and has not read them.
        let expected = if n < 2 { Figure::Exact(0) } else { Figure::Few };
        assert_eq!(figures().await.1, expected, "{n}");
        note(library, *patron, *id, &book("一", "2026-04-01")).await;
    }
    assert_eq!(figures().await.1, Figure::Exact(5));
    note(library, marathons[0].0, marathons[0].1, &book("二", "2026-03-31")).await;
    assert_eq!(figures().await, (Figure::Exact(12), Figure::Exact(6)));
    for (patron, id) in &marathons[6..8] {
        note(library, *patron, *id, &book("一", "2026-04-01")).await;
    }
    assert_eq!(figures().await.1, Figure::Few, "four of twelve did not finish, which eight would tell");
}

async fn r29_a_withdrawn_season_leaves_everybody_theirs(shelf: Shelf) {
    let (library, patron) = (&shelf.library, shelf.patron().await);
    let of = season(library, "2026-03-01", "2026-04-30", 5).await;
    let id = begin(library, patron, &joining(of, 3)).await;
    note(library, patron, id, &book("一", "2026-04-01")).await;
    library.remove_season(of).await.unwrap();
    assert_eq!(library.seasons().await.unwrap(), []);
    let page = library.marathon(patron, id, None).await.unwrap().unwrap();
    assert_eq!((page.marathon.season, page.entries.len()), (None, 1));
}

async fn r29_what_is_on_loan_is_offered_while_it_runs(shelf: Shelf) {
    let (library, patron) = (&shelf.library, shelf.patron().await);
    let (_, copies) = shelf.book(&["central"]).await;
    library.check_out(&By::Staff, &place("central"), patron, &copies[0]).await.unwrap().unwrap();
    let id = begin(library, patron, &form("2026-04-01", "2026-04-02", 3)).await;
    let offered = library.marathon(patron, id, None).await.unwrap().unwrap().on_loan;
    assert_eq!(offered.len(), 1);
    let after = shelf.again(Clock::Fixed(morning() + TimeDelta::days(2)), policy());
    assert_eq!(after.marathon(patron, id, None).await.unwrap().unwrap().on_loan, [""; 0], "it is over");
    note(library, patron, id, &book(&offered[0], "2026-04-01")).await;
    assert_eq!(library.marathon(patron, id, None).await.unwrap().unwrap().on_loan, [""; 0], "it was noted");
}

async fn r29_there_are_bounds(shelf: Shelf) {
    let (library, patron) = (&shelf.library, shelf.patron().await);
    let mut last = None;
    for _ in 0..100 {
        last = Some(begin(library, patron, &form("2026-04-01", "2026-04-30", 1)).await);
    }
    let more = library.begin_marathon(patron, MarathonId(Uuid::new_v4()), &form("2026-04-01", "2026-04-30", 1)).await;
    assert_eq!(more.unwrap(), Err(vec![MarathonProblem::TooMany]));
    let id = last.unwrap();
    let of = shelf.uuid(id.0);
    let rows: Vec<_> = (0..2000_u32)
        .map(|n| format!("({}, {of}, '2026-04-01', '', 0)", shelf.uuid(Uuid::from_u128(u128::from(n) + 1))))
        .collect();
    let rows = rows.join(", ");
    shelf.run(&format!("insert into marathon_read (id, marathon_id, read_on, title, pages) values {rows}")).await;
    let more = library.enter_read(patron, id, ReadId(Uuid::new_v4()), &book("一", "2026-04-01")).await.unwrap();
    assert_eq!(more, Err(vec![MarathonProblem::TooManyReads]));
}

async fn r29_the_patron_gets_it_all_and_erases_it(shelf: Shelf) {
    let (library, patron, other) = (&shelf.library, shelf.patron().await, shelf.patron().await);
    for of in [patron, other] {
        let id = begin(library, of, &form("2026-04-01", "2026-04-30", 2)).await;
        note(library, of, id, &book("ひそかな本", "2026-04-01")).await;
    }
    let data = library.own_data(patron).await.unwrap().unwrap();
    let marathon = &data.marathons[0];
    assert_eq!((data.marathons.len(), marathon.name.as_str(), marathon.books), (1, "春の読書", 2));
    let read = &marathon.reads[0];
    assert_eq!((read.title.as_str(), read.pages, read.day), ("ひそかな本", 120, library.today()));
    library.erase_own_data(patron).await.unwrap();
    assert_eq!(library.marathons(patron, None).await.unwrap().lines, []);
    assert_eq!(shelf.count("select count(*) from marathon_read").await, 1, "another's stays");
}

/// No event is written, and no column of these tables holds a time of day or points into the catalogue.
async fn r29_nothing_ties_a_note_to_the_log_or_the_catalogue(shelf: Shelf) {
    let (library, patron) = (&shelf.library, shelf.patron().await);
    let events = shelf.count("select count(*) from event").await;
    live(library, patron).await;
    assert_eq!(shelf.count("select count(*) from event").await, events);
    assert_eq!(shelf.count("select count(*) from audit").await, 0);
    let schema = include_str!("../../migrations/0009_marathon.sql");
    for word in ["timestamptz", "references bib", "references part", "references item", "references loan"] {
        assert!(!schema.contains(word), "{word}");
    }
}

/// Which books of the history count, and how many books there are in all.
async fn counted(library: &Library, patron: PatronId, id: MarathonId, key: Option<&OpenKey>) -> (Vec<Stands>, u64) {
    let page = library.marathon(patron, id, key).await.unwrap().unwrap();
    let stands = match &page.history {
        FromHistory::Open(books) => books.iter().map(|book| book.stands).collect(),
        _ => Vec::new(),
    };
    let done = page.marathon.progress(&page.reads(), page.today).books.done;
    let line = library.marathons(patron, key).await.unwrap().lines.into_iter().find(|line| line.marathon.id == id);
    assert_eq!(line.unwrap().progress.books.done, done, "the list says the same");
    (stands, done)
}

async fn r29_the_history_counts_where_its_patron_allows_it_and_while_it_is_open(shelf: Shelf) {
    let (library, patron) = (&shelf.library, history::reader(&shelf).await);
    let aim = form("2026-04-01", "2026-04-30", 3);
    let without = begin(library, patron, &aim).await;
    let id = begin(library, patron, &counting(&aim)).await;
    let of = async |id, key| library.marathon(patron, id, key).await.unwrap().unwrap().history;
    assert_eq!(of(id, None).await, FromHistory::NotKept);
    let (key, _) = history::start(library, patron).await;
    let (_, copies) = shelf.book(&["central"]).await;
    history::lend(library, patron, &copies[0]).await;
    assert_eq!(of(without, Some(&key)).await, FromHistory::NotAllowed, "off by default");
    assert_eq!(counted(library, patron, without, Some(&key)).await.1, 0);
    assert_eq!(of(id, None).await, FromHistory::Closed);
    assert!(library.marathons(patron, None).await.unwrap().lines.iter().any(|line| line.closed));
    assert_eq!(counted(library, patron, id, None).await.1, 0, "closed, it can't count");
    assert_eq!(counted(library, patron, id, Some(&key)).await, (vec![Stands::Counts], 1));
    let page = library.marathon(patron, id, Some(&key)).await.unwrap().unwrap();
    assert_eq!(page.on_loan, [""; 0], "what counts is not offered once more");
    let offered = library.marathon(patron, without, Some(&key)).await.unwrap().unwrap().on_loan;
    note(library, patron, id, &book(&offered[0], "2026-04-01")).await;
    assert_eq!(counted(library, patron, id, Some(&key)).await, (vec![Stands::Noted], 1), "not twice");
    // The day's work moves the entry; it counts as before. Another's key opens nothing.
    let later = history::tomorrow(&shelf);
    later.daily().await.unwrap();
    assert_eq!(counted(&later, patron, id, Some(&key)).await, (vec![Stands::Noted], 1));
    let (other, _) = history::start(library, history::reader(&shelf).await).await;
    assert_eq!(counted(&later, patron, id, Some(&other)).await, (vec![], 1));
    later.change_marathon(patron, id, &aim).await.unwrap().unwrap();
    assert_eq!(of(id, Some(&key)).await, FromHistory::NotAllowed, "taken back at any time");
}

async fn r29_a_book_of_the_history_is_taken_out_and_put_back(shelf: Shelf) {
    let (library, patron, other) = (&shelf.library, history::reader(&shelf).await, history::reader(&shelf).await);
    let (key, _) = history::start(library, patron).await;
    let (others, _) = history::start(library, other).await;
    let (_, copies) = shelf.book(&["central"]).await;
    history::lend(library, patron, &copies[0]).await;
    let later = history::tomorrow(&shelf);
    for (library, settled) in [(library, false), (&later, true)] {
        if settled {
            library.daily().await.unwrap();
        }
        let id = begin(library, patron, &counting(&form("2026-04-01", "2026-04-30", 3))).await;
        let (entry, was) = library.opened_history(patron, &key).await.unwrap().remove(0);
        assert!(!library.say_read(other, &others, entry, false).await.unwrap(), "only by whose it is");
        assert!(library.say_read(patron, &key, entry, false).await.unwrap());
        assert_eq!(counted(library, patron, id, Some(&key)).await, (vec![Stands::Unread], 0));
        let table = if settled { "history_entry" } else { "history_today" };
        let lengths = shelf.count(&format!("select count(distinct length(sealed)) from {table}")).await;
        assert_eq!(lengths, 1, "the word is in the box");
        assert!(library.say_read(patron, &key, entry, true).await.unwrap());
        assert_eq!(counted(library, patron, id, Some(&key)).await, (vec![Stands::Counts], 1));
        assert_eq!(library.opened_history(patron, &key).await.unwrap(), [(entry, was)], "nothing else changed");
    }
}

async fn r29_a_season_counts_who_reached_its_goal_by_their_history(shelf: Shelf) {
    let library = &shelf.library;
    let of = season(library, "2026-03-01", "2026-05-31", 1).await;
    let finished = async || library.seasons().await.unwrap()[0].finished;
    let mut readers = Vec::new();
    for n in 0..6 {
        let patron = history::reader(&shelf).await;
        let (key, _) = history::start(library, patron).await;
        let (_, copies) = shelf.book(&["central"]).await;
        history::lend(library, patron, &copies[0]).await;
        let id = begin(library, patron, &counting(&joining(of, 1))).await;
        // Five of six say of one that they did not, so that is hidden too.
        let expected = if n == 0 { Figure::Exact(0) } else { Figure::Few };
        assert_eq!(finished().await, expected, "nobody can tell before it was opened");
        if n % 2 == 0 {
            library.marathon(patron, id, Some(&key)).await.unwrap().unwrap();
        } else {
            library.marathons(patron, Some(&key)).await.unwrap();
        }
        readers.push((patron, id, key));
    }
    assert_eq!(finished().await, Figure::Exact(6));
    // Another goal is another matter, and what is opened again is counted again.
    let (patron, id, key) = &readers[0];
    library.change_marathon(*patron, *id, &counting(&joining(of, 2))).await.unwrap().unwrap();
    library.marathon(*patron, *id, Some(key)).await.unwrap().unwrap();
    assert_eq!(shelf.count("select count(*) from marathon where reached").await, 5);
    library.marathon(*patron, *id, None).await.unwrap().unwrap();
    let (patron, id, key) = &readers[1];
    library.marathon(*patron, *id, None).await.unwrap().unwrap();
    assert_eq!(shelf.count("select count(*) from marathon where reached").await, 5, "closed, it says nothing new");
    let (entry, _) = library.opened_history(*patron, key).await.unwrap().remove(0);
    library.say_read(*patron, key, entry, false).await.unwrap();
    library.marathon(*patron, *id, Some(key)).await.unwrap().unwrap();
    assert_eq!(shelf.count("select count(*) from marathon where reached").await, 4);
}

async fn r29_a_season_is_changed_and_those_who_joined_go_along(shelf: Shelf) {
    let (library, patron) = (&shelf.library, shelf.patron().await);
    let of = season(library, "2026-03-01", "2026-04-30", 5).await;
    let joined = begin(library, patron, &joining(of, 3)).await;
    let own = begin(library, patron, &form("2026-03-01", "2026-04-30", 3)).await;
    let longer = MarathonForm { name: "春の長い読書".into(), ..form("2026-03-01", "2026-05-10", 7) };
    library.change_season(of, &longer).await.unwrap().unwrap();
    let season = &library.seasons().await.unwrap()[0].season;
    assert_eq!((season.frame.name.as_str(), season.books), ("春の長い読書", 7));
    let marathon = library.marathon(patron, joined, None).await.unwrap().unwrap().marathon;
    assert_eq!((&marathon.frame, marathon.aim.books), (&season.frame, 3), "the goal is the patron's");
    let marathon = library.marathon(patron, own, None).await.unwrap().unwrap().marathon;
    assert_eq!(marathon.frame.until.to_string(), "2026-04-30", "another's own stays");
    let earlier = library.change_season(of, &form("2026-02-01", "2026-05-10", 7)).await.unwrap();
    assert_eq!(earlier, Err(vec![MarathonProblem::SeasonBegun]));
    let gone = library.change_season(SeasonId(Uuid::new_v4()), &longer).await.unwrap();
    assert_eq!(gone, Err(vec![MarathonProblem::Gone]));
}
