use proptest::prelude::*;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("sound")
}

fn here() -> PlaceCode {
    PlaceCode("central".into())
}

/// A library of one place, in the Japan of 2025 to 2027.
fn policy(closing: Closing) -> Policy {
    let mut policy: Policy = serde_json::from_value(serde_json::json!({
        "library": {
            "name": "本棚町立図書館", "name_en": "Hondana Town Library", "zone": "Asia/Tokyo",
            "mail_from": "library@example.jp", "web_address": "http://localhost", "telephone": "048-000-0000",
        },
        "place": [{ "code": "central", "name": "中央図書館", "name_en": "Central Library" }],
    }))
    .expect("sound");
    assert_eq!(policy.places[0].closing, Closing::default());
    policy.places[0].closing = closing;
    policy.calendar.holidays = parse_holidays(BUILT_IN_HOLIDAYS).expect("sound");
    policy
}

/// The usual rule of a town library: closed on Mondays, open on holidays, and closed for it on the next plain day;
/// closed at year's end.
fn town() -> Closing {
    Closing {
        weekdays: vec![DayOfWeek::Mon],
        on_holidays: HolidayRule::Open,
        substitute: true,
        yearly: vec![YearlySpan {
            from: "12-29".parse().expect("sound"),
            until: "01-03".parse().expect("sound"),
            reason: "年末年始".into(),
            reason_en: Some("New Year".into()),
        }],
        ..Closing::default()
    }
}

fn new_year() -> DayKind {
    DayKind::Special(Label { name: "年末年始".into(), name_en: Some("New Year".into()) })
}

/// What the days are, one after another, from `from` on.
fn kinds(closing: Closing, from: &str, n: usize) -> Vec<DayKind> {
    let policy = policy(closing);
    let calendar = Calendar::new(&policy, &[]);
    day(from).iter_days().take(n).map(|day| calendar.day(&here(), day)).collect()
}

#[test]
fn r30_a_holiday_on_a_closed_monday_is_open_and_made_up_for_on_tuesday() {
    use DayKind::{Open, Substitute, Weekly};
    assert_eq!(kinds(town(), "2026-07-19", 3), [Open, Open, Substitute], "Marine Day");
    assert_eq!(kinds(town(), "2026-07-26", 3), [Open, Weekly, Open], "a plain Monday");
}

#[test]
fn r30_the_day_made_up_for_comes_after_the_last_of_a_run_of_holidays() {
    use DayKind::{Open, Substitute};
    assert_eq!(kinds(town(), "2026-09-20", 6), [Open, Open, Open, Open, Substitute, Open], "silver week");
    assert_eq!(kinds(town(), "2026-05-02", 7), [Open, Open, Open, Open, Open, Substitute, Open], "golden week");
}

#[test]
fn r30_the_day_made_up_for_is_no_regular_closed_day_either() {
    use DayKind::{Open, Substitute, Weekly};
    let monday_and_tuesday = Closing { weekdays: vec![DayOfWeek::Mon, DayOfWeek::Tue], ..town() };
    assert_eq!(kinds(monday_and_tuesday, "2026-07-20", 4), [Open, Weekly, Substitute, Open]);
    // Labour Thanksgiving Day 2026 is the fourth Monday: a monthly closed day is made up for just the same.
    let fourth_monday = Closing {
        weekdays: Vec::new(),
        monthly: vec![Monthly { week: Week::Fourth, weekday: DayOfWeek::Mon }],
        ..town()
    };
    assert_eq!(kinds(fourth_monday, "2026-11-23", 3), [Open, Substitute, Open]);
}

#[test]
fn r30_nothing_is_made_up_for_without_the_rule_or_where_it_was_closed_all_the_same() {
    use DayKind::{Open, Weekly};
    let holiday = |name: &str, name_en: &str| {
        DayKind::Holiday(Label { name: name.to_owned(), name_en: Some(name_en.to_owned()) })
    };
    assert_eq!(kinds(Closing { substitute: false, ..town() }, "2026-07-20", 2), [Open, Open]);
    let as_usual = Closing { on_holidays: HolidayRule::AsUsual, substitute: false, ..town() };
    assert_eq!(kinds(as_usual, "2026-07-20", 2), [Weekly, Open]);
    let closed = Closing { on_holidays: HolidayRule::Closed, substitute: false, ..town() };
    assert_eq!(kinds(closed, "2026-07-20", 2), [holiday("海の日", "Marine Day"), Open]);
    // Closed on Thursdays: 1 January 2026 is one, but within the days of the new year.
    let thursdays = Closing { weekdays: vec![DayOfWeek::Thu], ..town() };
    assert_eq!(kinds(thursdays, "2026-01-01", 4), [new_year(), new_year(), new_year(), Open]);
    // The same when 2 January would have to make up for it.
    let short = YearlySpan { until: "01-01".parse().expect("sound"), ..town().yearly.remove(0) };
    let thursdays = Closing { weekdays: vec![DayOfWeek::Thu], yearly: vec![short], ..town() };
    assert_eq!(kinds(thursdays, "2026-01-01", 2), [new_year(), Open]);
}

#[test]
fn r30_the_end_of_the_year_goes_over_into_the_next() {
    use DayKind::{Open, Weekly};
    let days = kinds(town(), "2026-12-27", 10);
    assert_eq!(days[..2], [Open, Weekly]);
    assert_eq!(days[2..8], vec![new_year(); 6]);
    assert_eq!(days[8..], [Weekly, Open], "4 January 2027 is a Monday");
}

#[test]
fn r30_days_of_the_month() {
    use DayKind::{Monthly as Shelves, Open};
    let on = |week| Closing { monthly: vec![Monthly { week, weekday: DayOfWeek::Thu }], ..Closing::default() };
    let closed = |closing, month: &str| -> Vec<u32> {
        let days = kinds(closing, &format!("{month}-01"), 28 + usize::from(!month.ends_with("02")) * 2);
        assert!(days.iter().all(|kind| matches!(kind, Open | Shelves)));
        (1..).zip(days).filter(|(_, kind)| *kind == Shelves).map(|(day, _)| day).collect()
    };
    // April 2026 has five Thursdays, the last on its last day.
    assert_eq!(closed(on(Week::First), "2026-04"), [2]);
    assert_eq!(closed(on(Week::Second), "2026-04"), [9]);
    assert_eq!(closed(on(Week::Third), "2026-04"), [16]);
    assert_eq!(closed(on(Week::Fourth), "2026-04"), [23]);
    assert_eq!(closed(on(Week::Last), "2026-04"), [30]);
    assert_eq!(closed(on(Week::Last), "2026-02"), [26]);
    assert_eq!(closed(on(Week::First), "2026-05"), [7], "the first Thursday may be as late as the seventh");
    let month_end = Closing { month_end: true, ..Closing::default() };
    assert_eq!(closed(month_end.clone(), "2026-02"), [28]);
    assert_eq!(closed(month_end, "2026-04"), [30]);
}

#[test]
fn r30_a_closure_wins_over_an_opening_and_an_opening_over_the_plan() {
    let stocktaking =
        Span { from: day("2026-06-08"), until: day("2026-06-14"), reason: "蔵書点検".into(), reason_en: None };
    let closing = Closing { dated: vec![stocktaking], openings: vec![day("2026-06-13"), day("2026-06-15")], ..town() };
    let policy = policy(closing);
    let closure = Closure { place: here(), from: day("2026-06-15"), until: day("2026-06-16"), reason: "停電".into() };
    let (from, until) = (day("2026-06-17"), day("2026-06-18"));
    let elsewhere = Closure { place: PlaceCode("north".into()), from, until, ..closure.clone() };
    let closures = [elsewhere, closure];
    let calendar = Calendar::new(&policy, &closures);
    let kind = |text: &str| calendar.day(&here(), day(text));
    let stocktaking = DayKind::Special(Label { name: "蔵書点検".into(), name_en: None });
    let blackout = DayKind::Closure { reason: "停電".into() };
    assert_eq!(kind("2026-06-07"), DayKind::Open);
    assert_eq!(kind("2026-06-08"), stocktaking);
    assert_eq!(kind("2026-06-13"), DayKind::Open);
    assert_eq!(kind("2026-06-14"), stocktaking);
    assert_eq!(kind("2026-06-15"), blackout);
    assert_eq!(kind("2026-06-16"), blackout);
    assert_eq!(kind("2026-06-17"), DayKind::Open);
    assert_eq!(Calendar::new(&policy, &[]).day(&here(), day("2026-06-15")), DayKind::Open, "a Monday, opened");
}

#[test]
fn a_deadline_on_a_closed_day_moves_on_or_stays() {
    let policy = policy(town());
    let calendar = Calendar::new(&policy, &[]);
    let settle = |text: &str, rule| calendar.settle(&here(), day(text), rule);
    assert_eq!(settle("2026-12-29", ClosedDayRule::NextOpenDay), day("2027-01-05"));
    assert_eq!(settle("2026-12-29", ClosedDayRule::Keep), day("2026-12-29"));
    assert_eq!(settle("2026-09-24", ClosedDayRule::NextOpenDay), day("2026-09-25"));
    assert_eq!(settle("2026-07-20", ClosedDayRule::NextOpenDay), day("2026-07-20"), "open already");
    assert_eq!(ClosedDayRule::default(), ClosedDayRule::NextOpenDay);
}

#[test]
fn a_place_nobody_knows_is_open_and_one_that_never_opens_has_no_next_open_day() {
    let mut closed = town();
    closed.weekdays = DayOfWeek::ALL.to_vec();
    closed.substitute = false;
    closed.on_holidays = HolidayRule::AsUsual;
    let policy = policy(closed);
    let calendar = Calendar::new(&policy, &[]);
    assert!(calendar.is_open(&PlaceCode("nowhere".into()), day("2026-12-31")));
    assert_eq!(calendar.next_open(&here(), day("2026-04-01")), day("2026-04-01"));
}

#[test]
fn the_built_in_holidays_are_those_of_three_years() {
    let holidays = parse_holidays(BUILT_IN_HOLIDAYS).expect("sound");
    let of = |year| holidays.iter().filter(|holiday| holiday.day.year() == year).count();
    assert_eq!([2025, 2026, 2027].map(of), [19, 18, 17]);
    assert!(holidays.is_sorted_by(|a, b| a.day < b.day));
    assert!(holidays.iter().all(|holiday| holiday.name_en.is_some()), "English is complete");
    for holiday in &holidays {
        let sunday = holiday.day.weekday() == chrono::Weekday::Sun;
        let next = holidays.iter().any(|other| Some(other.day) == holiday.day.succ_opt());
        assert!(!sunday || next, "{}: a holiday on a Sunday is followed by another", holiday.day);
    }
}

#[test]
fn months_are_written_with_four_and_two_digits() {
    let month: YearMonth = "2026-04".parse().expect("sound");
    assert_eq!((month.year(), month.month(), month.to_string().as_str()), (2026, 4, "2026-04"));
    assert_eq!(month.before().to_string(), "2026-03");
    assert_eq!("2026-12".parse::<YearMonth>().expect("sound").after().to_string(), "2027-01");
    assert_eq!(YearMonth::of(day("2026-04-30")), month);
    for wrong in ["", "2026", "2026-4", "2026-13", "2026-00", "26-04", "2026-04-01", "+026-04", "二〇-四"] {
        assert!(wrong.parse::<YearMonth>().is_err(), "{wrong}");
    }
    assert_eq!(serde_json::to_string(&month).expect("sound"), "\"2026-04\"");
}

#[test]
fn r30_the_page_has_a_month_by_weeks_and_the_way_to_its_neighbours() {
    let policy = policy(town());
    let calendar = Calendar::new(&policy, &[]);
    let page = |month: &str| calendar.page(&here(), month.parse().expect("sound"), day("2026-04-15"));
    let may = page("2026-05");
    assert_eq!(may.days.len(), 31);
    let weeks = may.weeks();
    assert_eq!(weeks.len(), 6, "31 days from a Friday on");
    let days = |week: &[Option<&CalendarDay>; 7]| week.map(|day| day.map(|day| day.day.day()));
    assert_eq!(days(&weeks[0]), [None, None, None, None, None, Some(1), Some(2)]);
    assert_eq!(days(&weeks[5]), [Some(31), None, None, None, None, None, None]);
    assert_eq!(may.days[3].holiday.as_ref().map(|label| label.name.as_str()), Some("みどりの日"));
    assert_eq!(may.days[3].kind, DayKind::Open);
    assert_eq!(may.days[6].kind, DayKind::Substitute);
    assert_eq!((may.previous, may.next), ("2026-04".parse().ok(), "2026-06".parse().ok()));

    let (first, last) = (page("2000-01"), page("2100-01"));
    assert_eq!((first.month.to_string().as_str(), first.previous), ("2025-04", None));
    assert_eq!((last.month.to_string().as_str(), last.next), ("2028-04", None));
    assert!(first.holidays_known && !last.holidays_known, "2028 is not in the list");
    let december = calendar.page(&here(), "2027-12".parse().expect("sound"), day("2027-06-01"));
    assert!(december.holidays_known, "the list is of whole years");
}

fn closing() -> impl Strategy<Value = Closing> {
    let weekdays = proptest::sample::subsequence(DayOfWeek::ALL.to_vec(), 0..=7);
    let spans = proptest::collection::vec((0_u64..700, 0_u64..40), 0..4);
    let openings = proptest::collection::vec(0_u64..700, 0..3);
    (weekdays, 0_usize..3, any::<bool>(), any::<bool>(), spans, openings).prop_map(
        |(weekdays, rule, substitute, month_end, spans, openings)| {
            let at = |offset: u64| day("2025-06-01") + Days::new(offset);
            let dated = spans.into_iter().map(|(from, days)| Span {
                from: at(from),
                until: at(from + days),
                reason: "点検".into(),
                reason_en: None,
            });
            Closing {
                weekdays,
                month_end,
                on_holidays: HolidayRule::ALL[rule],
                substitute,
                dated: dated.collect(),
                openings: openings.into_iter().map(at).collect(),
                ..town()
            }
        },
    )
}

proptest! {
    #[test]
    fn the_next_open_day_is_the_first_that_is_open(closing in closing(), offset in 0_u64..700) {
        let policy = policy(closing);
        let calendar = Calendar::new(&policy, &[]);
        let from = day("2025-06-01") + Days::new(offset);
        let next = calendar.next_open(&here(), from);
        prop_assert!(next >= from);
        if calendar.is_open(&here(), next) {
            prop_assert!(from.iter_days().take_while(|day| *day < next).all(|day| !calendar.is_open(&here(), day)));
        } else {
            prop_assert_eq!(next, from, "given up");
            prop_assert!(from.iter_days().take(400).all(|day| !calendar.is_open(&here(), day)));
        }
        prop_assert_eq!(calendar.settle(&here(), from, ClosedDayRule::NextOpenDay), next);
        prop_assert_eq!(calendar.settle(&here(), from, ClosedDayRule::Keep), from);
    }

    #[test]
    fn a_holiday_given_up_is_made_up_for_once(weekday in 0_usize..7, offset in 0_u64..900) {
        // Without anything planned, as many regular days are closed in a run as there would be without holidays,
        // but for closed days that fall together.
        let with = |substitute| policy(Closing {
            weekdays: vec![DayOfWeek::ALL[weekday]],
            on_holidays: HolidayRule::Open,
            substitute,
            ..Closing::default()
        });
        let (made_up, plain) = (with(true), with(false));
        let (made_up, plain) = (Calendar::new(&made_up, &[]), Calendar::new(&plain, &[]));
        let from = day("2025-01-01") + Days::new(offset);
        let closed = |calendar: &Calendar<'_>| from.iter_days().take(90).filter(|day| !calendar.is_open(&here(), *day)).count();
        let open_regular = from.iter_days().take(90).filter(|day| {
            DayOfWeek::of(*day) == DayOfWeek::ALL[weekday] && plain.is_open(&here(), *day)
        }).count();
        // At either end one may belong to a holiday outside.
        prop_assert!(closed(&made_up).abs_diff(closed(&plain) + open_regular) <= 1);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC*") {
        let _ = parse_holidays(&text);
        let _ = text.parse::<YearMonth>();
        let _ = text.parse::<MonthDay>();
    }

    #[test]
    fn a_day_of_the_year_reads_back(offset in 0_u64..1500) {
        let date = MonthDay::of(day("2025-01-01") + Days::new(offset));
        prop_assert_eq!(date.to_string().parse::<MonthDay>(), Ok(date));
    }
}

#[test]
fn days_that_no_year_has_are_refused() {
    for wrong in ["02-30", "13-01", "1-1", "12/29", "", "12-29 ", "+1-+1"] {
        assert_eq!(wrong.parse::<MonthDay>(), Err(NotAMonthDay(wrong.to_owned())));
    }
    assert_eq!("02-29".parse::<MonthDay>().map(|day| day.to_string()), Ok("02-29".to_owned()));
}
