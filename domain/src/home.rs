//! What the home page shows beside the search.

use chrono::NaiveDate;

use crate::{
    BibId, PlaceCode,
    bookshelf::marathon::Season,
    bulletin::Bulletin,
    calendar::{DayKind, Hours},
    catalog::BibRecord,
};

/// How many titles each list of the home page has at most.
pub const HOME_TITLES: usize = 8;

/// What is not said of a title before so many wait for it: that one person does is nobody's business on a page that
/// everybody sees first.
pub const MANY_WAIT: u32 = 2;

/// The home page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HomePage {
    /// What the library tells everybody, the latest first.
    pub bulletins: Vec<Bulletin>,
    /// Where it is open today.
    pub places: Vec<PlaceToday>,
    /// What came in lately, the latest first.
    pub arrived: Vec<HomeTitle>,
    /// For what the most people wait.
    pub wanted: Vec<HomeTitle>,
    /// The season of the reading marathon that runs.
    pub season: Option<Season>,
}

/// A place today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceToday {
    /// Which.
    pub place: PlaceCode,
    /// Whether it is open, and why not.
    pub kind: DayKind,
    /// From when until when, where it is open and the settings say it.
    pub hours: Option<Hours>,
}

/// A title of the home page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HomeTitle {
    /// The bib.
    pub bib: BibId,
    /// What is known of it.
    pub record: BibRecord,
    /// The volume or issue; may be empty.
    pub label: String,
    /// The day it came in.
    pub received_on: Option<NaiveDate>,
    /// How many wait for it; 0 where that is not what it is shown for.
    pub waiting: u32,
}

#[cfg(test)]
mod tests {
    use crate::{
        calendar::{Calendar, Closure, DayKind},
        policy::tests::sound,
    };

    #[test]
    fn hours_are_told_only_where_it_is_open() {
        let day = "2026-11-27".parse().expect("a day");
        let mut policy = sound();
        for place in &mut policy.places {
            place.hours.usual = "9:30-19:00".parse().ok();
        }
        let hall = policy.places[1].code.clone();
        let closure = Closure { place: hall, from: day, until: day, reason: "停電".into() };
        let today = Calendar::new(&policy, std::slice::from_ref(&closure)).everywhere(day);
        assert_eq!(today.len(), 2);
        assert_eq!((&today[0].kind, today[0].hours), (&DayKind::Open, "9:30-19:00".parse().ok()));
        assert_eq!((&today[1].kind, today[1].hours), (&DayKind::Closure { reason: "停電".into() }, None));
    }
}
