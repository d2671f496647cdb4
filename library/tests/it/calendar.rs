use chrono::{Datelike, NaiveDate};
use domain::calendar::{Closure, DayKind, YearMonth};

use crate::support::{Shelf, on_both_engines, place};

on_both_engines!(r30_a_closure_stands_in_the_calendar_of_its_place, r30_what_nobody_offers_becomes_what_is_nearest);

fn month(text: &str) -> Option<YearMonth> {
    Some(text.parse().unwrap())
}

impl Shelf {
    /// The days of a month on which a place is closed, all of them for `reason`.
    async fn closed(&self, code: &str, text: &str, reason: &str) -> Vec<u32> {
        let page = self.library.calendar_month(Some(&place(code)), month(text)).await.unwrap();
        assert_eq!((page.place, Some(page.month)), (place(code), month(text)));
        let closed = page.days.into_iter().filter(|day| !day.kind.is_open());
        closed
            .map(|day| {
                assert_eq!(day.kind, DayKind::Closure { reason: reason.to_owned() });
                day.day.day()
            })
            .collect()
    }
}

async fn r30_a_closure_stands_in_the_calendar_of_its_place(shelf: Shelf) {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let (from, until) = (day("2026-04-29"), day("2026-05-02"));
    let closure = Closure { place: place("north"), from, until, reason: "停電".to_owned() };
    shelf.library.close_place(&closure).await.unwrap().unwrap();
    let later = Closure { from: day("2026-05-20"), until: day("2026-05-20"), ..closure };
    shelf.library.close_place(&later).await.unwrap().unwrap();
    assert_eq!(shelf.closed("north", "2026-04", "停電").await, [29, 30]);
    assert_eq!(shelf.closed("north", "2026-05", "停電").await, [1, 2, 20], "one that began in the month before, too");
    assert_eq!(shelf.closed("north", "2026-06", "停電").await, [0_u32; 0]);
    assert_eq!(shelf.closed("central", "2026-05", "停電").await, [0_u32; 0], "elsewhere everything is as it was");
}

async fn r30_what_nobody_offers_becomes_what_is_nearest(shelf: Shelf) {
    let page = shelf.library.calendar_month(None, None).await.unwrap();
    assert_eq!((page.place, Some(page.month)), (place("central"), month("2026-04")));
    assert_eq!(page.today, "2026-04-01".parse().unwrap(), "the day it is in Japan");
    let page = shelf.library.calendar_month(Some(&place("nowhere")), month("1999-12")).await.unwrap();
    assert_eq!((page.place, Some(page.month), page.previous), (place("central"), month("2025-04"), None));
    let page = shelf.library.calendar_month(Some(&place("north")), month("2999-12")).await.unwrap();
    assert_eq!((page.place, Some(page.month), page.next), (place("north"), month("2028-04"), None));
}
