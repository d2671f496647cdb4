use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn marathon(from: &str, until: &str, joined: &str, books: u32) -> Marathon {
    Marathon {
        id: MarathonId(Uuid::nil()),
        season: None,
        frame: Frame { name: "夏".into(), from: day(from), until: day(until) },
        joined_on: day(joined),
        aim: Aim { books, pages: None, drawn: Drawn::Line, from_history: false },
    }
}

fn reads(days: &[&str]) -> Vec<Read> {
    days.iter().map(|text| Read { day: day(text), pages: 100 }).collect()
}

fn form(from: &str, until: &str, books: &str) -> MarathonForm {
    let of = |text: &str| text.to_owned();
    MarathonForm {
        name: of("夏休み"), from: of(from), until: of(until), books: of(books), ..MarathonForm::default()
    }
}

#[test]
fn r29_the_pace_is_what_is_left_over_the_days_that_are_left() {
    // Thirty days, ten books; on the eleventh day, four are read.
    let marathon = marathon("2026-07-01", "2026-07-30", "2026-07-01", 10);
    let read = reads(&["2026-07-02", "2026-07-02", "2026-07-05", "2026-07-09"]);
    let progress = marathon.progress(&read, day("2026-07-11"));
    let books = progress.books;
    assert_eq!((progress.stage, progress.days_left), (Stage::Running, 20));
    assert_eq!((books.done, books.due, books.left), (4, 3, 6), "eleven thirtieths of ten are three and a bit");
    assert!(progress.is_on_course());
    assert_eq!((books.per_day, books.per_week), (3, 21), "0.3 a day, 2.1 a week");
    // Four in eleven days are ten in twenty-eight.
    assert_eq!(books.finish, Some(day("2026-07-28")));
    assert_eq!(progress.reached_on, None);
}

#[test]
fn r29_before_it_begins_and_after_it_ended() {
    let marathon = marathon("2026-07-01", "2026-07-30", "2026-06-01", 10);
    let before = marathon.progress(&[], day("2026-06-20"));
    assert_eq!((before.stage, before.days_left, before.books.due), (Stage::ToCome, 30, 0));
    assert_eq!((before.books.per_week, before.books.finish), (24, None), "2.33… rounded up");
    let after = marathon.progress(&reads(&["2026-07-30"]), day("2026-08-01"));
    assert_eq!((after.stage, after.days_left, after.books.due), (Stage::Over, 0, 10));
    assert_eq!((after.books.done, after.books.per_day, after.books.finish), (1, 0, None));
    let last = marathon.progress(&[], day("2026-07-30"));
    assert_eq!((last.days_left, last.books.per_day, last.books.per_week), (1, 100, 100), "all of it today");
}

#[test]
fn r29_what_lies_outside_does_not_count_and_is_told() {
    let marathon = marathon("2026-07-01", "2026-07-30", "2026-07-01", 2);
    let read = reads(&["2026-06-30", "2026-07-01", "2026-07-31", "2026-07-30"]);
    let progress = marathon.progress(&read, day("2026-09-01"));
    assert_eq!((progress.books.done, progress.outside), (2, 2));
    assert_eq!(progress.reached_on, Some(day("2026-07-30")));
}

#[test]
fn r29_reading_goes_on_after_the_goal_and_the_day_it_was_reached_stays() {
    let mut marathon = marathon("2026-07-01", "2026-07-30", "2026-07-01", 2);
    let read = reads(&["2026-07-09", "2026-07-03", "2026-07-04"]);
    let progress = marathon.progress(&read, day("2026-07-10"));
    assert_eq!((progress.books.done, progress.books.left, progress.books.per_day), (3, 0, 0));
    assert_eq!((progress.reached_on, progress.books.finish), (Some(day("2026-07-04")), None));
    // A higher goal, set midway, is not reached yet; with pages, both have to be.
    marathon.aim.books = 4;
    assert_eq!(marathon.progress(&read, day("2026-07-10")).reached_on, None);
    marathon.aim = Aim { books: 1, pages: Some(300), drawn: Drawn::Line, from_history: false };
    let progress = marathon.progress(&read, day("2026-07-10"));
    assert_eq!((progress.reached_on, progress.pages.map(|pages| pages.done)), (Some(day("2026-07-09")), Some(300)));
}

#[test]
fn r29_who_joins_late_is_not_behind_for_it() {
    let mut marathon = marathon("2026-07-01", "2026-07-30", "2026-07-21", 10);
    let progress = marathon.progress(&[], day("2026-07-21"));
    assert_eq!((progress.since, progress.books.due), (day("2026-07-21"), 1), "one of ten days");
    // What was read before counts, and the pace begins with it.
    let progress = marathon.progress(&reads(&["2026-07-11"]), day("2026-07-21"));
    assert_eq!(progress.since, day("2026-07-11"));
    for joined in ["2026-01-01", "2026-12-01"] {
        marathon.joined_on = day(joined);
        let since = marathon.progress(&[], day("2026-07-21")).since;
        assert!((marathon.frame.from..=marathon.frame.until).contains(&since), "{joined}");
    }
}

#[test]
fn r29_a_leap_day_is_a_day() {
    let marathon = marathon("2028-02-28", "2028-03-01", "2028-02-28", 3);
    let progress = marathon.progress(&reads(&["2028-02-29"]), day("2028-02-29"));
    assert_eq!((progress.days_left, progress.books.due, progress.books.done), (2, 2, 1));
    assert!(progress.is_on_course(), "the day is not over");
    let progress = marathon.progress(&reads(&["2028-02-29"]), day("2028-03-01"));
    assert_eq!((progress.days_left, progress.books.behind), (1, 1));
    assert!(!progress.is_on_course());
    assert_eq!(
        read_frame(&form("2028-02-29", "2028年2月29日", "1"), day("2028-01-01"), None).map(|it| it.from),
        Ok(day("2028-02-29"))
    );
    let none = read_frame(&form("2027-02-29", "2027-03-01", "1"), day("2027-01-01"), None);
    assert_eq!(none, Err(vec![MarathonProblem::From]), "a day that year does not have");
}

#[test]
fn r29_a_goal_has_bounds() {
    let today = day("2026-07-10");
    let frame =
        |from: &str, until: &str| read_frame(&form(from, until, "1"), today, None).map_err(|mut all| all.remove(0));
    assert!(frame("2026-07-01", "2026-07-10").is_ok(), "it may have begun, and end today");
    assert!(frame("令和8年7月1日", "Ｒ８．８．３１").is_ok());
    assert_eq!(frame("2026-07-01", "2026-07-09"), Err(MarathonProblem::Over));
    assert_eq!(frame("2026-08-01", "2026-07-31"), Err(MarathonProblem::Span));
    assert_eq!(frame("2026-07-01", ""), Err(MarathonProblem::Until));
    assert!(frame("2026-07-01", "2029-06-30").is_ok());
    assert_eq!(frame("2026-07-01", "2029-07-01"), Err(MarathonProblem::TooLong));
    assert_eq!(frame("2027-07-11", "2027-08-01"), Err(MarathonProblem::TooFar));
    let long = MarathonForm { name: "長".repeat(41), ..form("2026-07-01", "2026-07-31", "1") };
    assert_eq!(read_frame(&long, today, None), Err(vec![MarathonProblem::NameLong]));
    let nameless = MarathonForm { name: "　".into(), ..long };
    assert_eq!(read_frame(&nameless, today, None), Err(vec![MarathonProblem::Name]));

    // One that is over may be given another name, and be moved to where it still runs, but to no other past.
    let was = Frame { name: "春".into(), from: day("2026-04-01"), until: day("2026-04-30") };
    let again = |until: &str| read_frame(&form("2026-04-01", until, "1"), today, Some(&was));
    assert!(again("2026-04-30").is_ok());
    assert!(again("2026-07-10").is_ok());
    assert_eq!(again("2026-05-31"), Err(vec![MarathonProblem::Over]));
}

#[test]
fn r29_a_goal_is_at_least_one_book() {
    let aim = |books: &str, pages: &str| {
        read_aim(&MarathonForm { pages: pages.into(), drawn: "stations".into(), ..form("", "", books) })
    };
    assert_eq!(aim("１０", ""), Ok(Aim { books: 10, pages: None, drawn: Drawn::Stations, from_history: false }));
    assert_eq!(aim(" 10 ", "3000").map(|aim| aim.pages), Ok(Some(3000)));
    for books in ["0", "", "-1", "十", "1.5", "10000", "99999999999"] {
        assert_eq!(aim(books, ""), Err(vec![MarathonProblem::Books]), "{books}");
    }
    assert_eq!(aim("0", "0"), Err(vec![MarathonProblem::Books, MarathonProblem::Pages]));
    assert_eq!(
        read_season(&form("2026-07-01", "2026-06-01", "0"), day("2026-01-01"), None),
        Err(vec![MarathonProblem::Span, MarathonProblem::Books])
    );
}

#[test]
fn r29_a_season_is_changed_as_far_as_nobody_counts_from_it_yet() {
    let frame = Frame { name: "夏".into(), from: day("2026-07-20"), until: day("2026-08-31") };
    let season = Season { id: SeasonId(Uuid::nil()), frame, books: 10 };
    let changed = |from, until, books, today| read_season(&form(from, until, books), day(today), Some(&season));
    let (frame, books) = changed("2026-07-15", "2026-08-25", "8", "2026-07-19").expect("all of it, before it begins");
    assert_eq!((frame.from, frame.until, books), (day("2026-07-15"), day("2026-08-25"), 8));
    assert_eq!(changed("2026-07-15", "2026-08-31", "8", "2026-07-20"), Err(vec![MarathonProblem::SeasonBegun]));
    let (frame, _) = changed("2026-07-20", "2026-09-05", "8", "2026-08-31").expect("it goes on for longer");
    assert_eq!(frame.until, day("2026-09-05"));
    assert_eq!(changed("2026-07-20", "2026-08-30", "8", "2026-08-31"), Err(vec![MarathonProblem::Over]));
    assert_eq!(changed("2026-07-20", "2026-09-05", "8", "2026-09-01"), Err(vec![MarathonProblem::SeasonOver]));
}

#[test]
fn r29_an_entry_lies_within_and_has_come() {
    let frame = Frame { name: String::new(), from: day("2026-07-01"), until: day("2026-07-30") };
    let entry = |day_of: &str, today: &str| {
        let form = ReadForm { title: " 坊っちゃん ".into(), day: day_of.into(), pages: "".into() };
        read_read(&form, day(today), &frame)
    };
    let read = Read { day: day("2026-07-01"), pages: 0 };
    assert_eq!(entry("2026/7/1", "2026-07-01"), Ok(NewRead { read, title: "坊っちゃん".into() }));
    assert!(entry("2026-07-30", "2026-08-09").is_ok(), "also after the end");
    assert_eq!(entry("2026-07-02", "2026-07-01"), Err(vec![MarathonProblem::DayToCome]));
    assert_eq!(entry("2026-06-30", "2026-07-01"), Err(vec![MarathonProblem::DayOutside]));
    assert_eq!(entry("2026-07-31", "2026-08-09"), Err(vec![MarathonProblem::DayOutside]));
    assert_eq!(entry("今日", "2026-07-01"), Err(vec![MarathonProblem::Day]));
    let wrong = ReadForm { title: "長".repeat(201), day: "2026-07-01".into(), pages: "多".into() };
    let problems = read_read(&wrong, day("2026-07-01"), &frame);
    assert_eq!(problems, Err(vec![MarathonProblem::Title, MarathonProblem::BookPages]));
}

#[test]
fn r29_the_library_sees_no_figure_below_five_nor_what_would_tell_it() {
    let season = Season {
        id: SeasonId(Uuid::nil()),
        frame: marathon("2026-07-01", "2026-07-30", "2026-07-01", 1).frame,
        books: 5,
    };
    let shown = |joined, finished| {
        let figures = SeasonFigures::of(season.clone(), joined, finished);
        (figures.joined, figures.finished)
    };
    let exact = Figure::Exact;
    assert_eq!(shown(0, 0), (exact(0), exact(0)));
    assert_eq!(shown(4, 0), (Figure::Few, exact(0)), "nought points at nobody");
    assert_eq!(shown(12, 3), (exact(12), Figure::Few));
    assert_eq!(shown(12, 9), (exact(12), Figure::Few), "three of twelve did not");
    assert_eq!(shown(12, 6), (exact(12), exact(6)));
    assert_eq!(shown(12, 0), (exact(12), exact(0)));
}

#[test]
fn r36_the_chart_ends_where_the_day_and_the_books_are() {
    let marathon = marathon("2026-07-01", "2026-07-10", "2026-07-01", 10);
    let today = day("2026-07-05");
    let read = reads(&["2026-07-01", "2026-07-04", "2026-07-04"]);
    let chart = Chart::new(&marathon, &marathon.days(&read, today), (day("2026-07-01"), today), 10, |day| day.books);
    let [left, right, top, lower] = chart.frame;
    assert_eq!(chart.heights.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [0, 2, 4, 6, 8, 10]);
    assert_eq!(chart.heights.first().zip(chart.heights.last()), Some((&(lower, 0), &(top, 10))));
    assert_eq!(chart.even, [Point { x: left, y: lower }, Point { x: right, y: top }]);
    assert_eq!(chart.today, Some(left + (right - left) / 2));
    let last = chart.own.last().expect("something to draw");
    assert_eq!((Some(last.x), last.y), (chart.today, lower - (lower - top) * 3 / 10));
}

#[test]
fn r36_stations_lie_on_the_way_to_the_goal() {
    let books = |goal, done| {
        marathon("2026-07-01", "2026-07-30", "2026-07-01", goal)
            .progress(&vec![Read { day: day("2026-07-02"), pages: 0 }; done], day("2026-07-03"))
            .books
    };
    let route = Route::new(&books(25, 6));
    assert_eq!(
        route.stations.iter().map(|station| station.at).collect::<Vec<_>>(),
        [0, 3, 5, 8, 10, 13, 15, 18, 20, 23, 25]
    );
    assert_eq!(route.stations.iter().filter(|station| station.reached).count(), 3);
    assert_eq!(route.to_next, Some(2));
    let (two, three) = (route.stations[2].place, route.stations[3].place);
    assert_eq!(route.here, Point { x: two.x + (three.x - two.x) / 3, y: two.y });
    let done = Route::new(&books(3, 5));
    assert_eq!(
        (done.stations.len(), done.to_next, Some(done.here)),
        (4, None, done.stations.last().map(|last| last.place))
    );
}

fn any_marathon() -> impl Strategy<Value = (Marathon, Vec<Read>, NaiveDate)> {
    let begin = day("2027-12-01");
    let on = move |n: u64| begin + Days::new(n);
    (0_u64..400, 0_u64..1000, 0_u64..1500, 1_u32..10_000, prop::option::of(1_u32..100_000), 0_u64..1500).prop_flat_map(
        move |(from, length, joined, books, pages, today)| {
            let read = (0_u64..1500, 0_u32..2000).prop_map(move |(n, pages)| Read { day: on(n), pages });
            let marathon = Marathon {
                frame: Frame { name: String::new(), from: on(from), until: on(from + length) },
                joined_on: on(joined),
                aim: Aim { books, pages, drawn: Drawn::Line, from_history: false },
                ..marathon("2026-07-01", "2026-07-30", "2026-07-01", 1)
            };
            (Just(marathon), prop::collection::vec(read, 0..60), Just(on(today)))
        },
    )
}

proptest! {
    /// Who keeps the pace that is told reaches the goal, and nobody is told to do a tenth more than that.
    #[test]
    fn r29_the_pace_that_is_told_is_enough_and_no_more((marathon, reads, today) in any_marathon()) {
        let progress = marathon.progress(&reads, today);
        for measure in [Some(progress.books), progress.pages].into_iter().flatten() {
            prop_assert_eq!(measure.left, measure.goal.saturating_sub(measure.done));
            if progress.days_left == 0 {
                prop_assert_eq!((measure.per_day, measure.per_week), (0, 0));
                continue;
            }
            prop_assert!(measure.per_day * progress.days_left >= measure.left * 10);
            prop_assert!(measure.left == 0 || (measure.per_day - 1) * progress.days_left < measure.left * 10);
            prop_assert!(measure.per_week <= measure.per_day * 7);
            prop_assert!(measure.per_week >= measure.per_day || measure.left == 0);
        }
    }

    /// The end that is foretold is the first day on which the pace so far has done it all.
    #[test]
    fn r29_the_end_that_is_foretold_is_the_first_on_which_all_is_done((marathon, reads, today) in any_marathon()) {
        let progress = marathon.progress(&reads, today);
        let books = progress.books;
        if let Some(finish) = books.finish {
            let days = |until: NaiveDate| u64::try_from((until - progress.since).num_days()).expect("later") + 1;
            prop_assert!(finish > today);
            prop_assert!(books.done * days(finish) >= books.goal * days(today));
            prop_assert!(books.done * (days(finish) - 1) < books.goal * days(today));
        }
    }

    /// The even pace never goes back, begins with nothing and ends with the goal.
    #[test]
    fn r29_the_even_pace_leads_from_nothing_to_the_goal((marathon, _, today) in any_marathon()) {
        let (from, until, goal) = (marathon.frame.from, marathon.frame.until, u64::from(marathon.aim.books));
        let at = |day| even(goal, from, until, day);
        prop_assert_eq!(at(until), goal);
        prop_assert_eq!(at(from - Days::new(1)), 0);
        prop_assert!(at(today) <= at(today + Days::new(1)) && at(today) <= goal);
    }

    /// What counts is what lies within, wherever the entries came from and in whatever order.
    #[test]
    fn r29_nothing_is_counted_twice_or_forgotten((marathon, mut reads, today) in any_marathon()) {
        let progress = marathon.progress(&reads, today);
        let later = reads.iter().filter(|read| read.day <= marathon.frame.until && read.day >= marathon.frame.from && read.day > today).count();
        let within = u64::try_from(reads.len() - progress.outside - later).expect("small");
        prop_assert_eq!(progress.books.done, within);
        prop_assert_eq!(progress.reached_on.is_some(),
            progress.books.left == 0 && progress.pages.is_none_or(|pages| pages.left == 0));
        reads.reverse();
        prop_assert_eq!(marathon.progress(&reads, today), progress);
    }

    /// Nothing is drawn beside the sheet, and the own line never goes back.
    #[test]
    fn r36_all_lies_on_the_sheet((marathon, reads, today) in any_marathon()) {
        let progress = marathon.progress(&reads, today);
        let days = marathon.days(&reads, today);
        let chart = Chart::new(&marathon, &days, (progress.since, today), progress.books.goal, |day| day.books);
        let [left, right, top, lower] = chart.frame;
        for point in chart.own.iter().chain(&chart.even) {
            prop_assert!((left..=right).contains(&point.x) && (top..=lower).contains(&point.y), "{:?}", point);
        }
        prop_assert!(chart.own.windows(2).all(|two| two[0].x <= two[1].x && two[0].y >= two[1].y));
        prop_assert!(chart.heights.len() <= 6);
        let route = Route::new(&progress.books);
        let places = route.stations.iter().map(|station| station.place).chain([route.here]);
        for place in places {
            prop_assert!(place.x < ROUTE_WIDTH && place.y < route.height, "{:?}", place);
        }
        prop_assert!(route.stations.windows(2).all(|two| two[0].at < two[1].at));
    }
}
