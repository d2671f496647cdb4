//! What the library tells everybody on its home page (図書館からのお知らせ).

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::{BulletinId, dates::read_date, words::words};

/// How many letters a heading has at most.
pub const BULLETIN_TITLE: usize = 80;
/// How many letters a text has at most.
pub const BULLETIN_TEXT: usize = 2000;
/// How many days ahead one may end, so that a slip in the year is noticed.
const DAYS_AHEAD: u64 = 800;

/// Something the library tells everybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bulletin {
    /// Which.
    pub id: BulletinId,
    /// Its heading.
    pub title: String,
    /// Its text; an empty line begins a paragraph. May be empty.
    pub text: String,
    /// The first day it is shown.
    pub from: NaiveDate,
    /// The last one.
    pub until: NaiveDate,
}

impl Bulletin {
    /// The text by paragraphs.
    pub fn paragraphs(&self) -> impl Iterator<Item = &str> {
        self.text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty())
    }
}

/// One as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BulletinForm {
    /// Its heading.
    pub title: String,
    /// Its text.
    pub text: String,
    /// The first day it is shown; empty is today.
    pub from: String,
    /// The last one.
    pub until: String,
}

words! {
    /// Why one can't be kept so.
    BulletinProblem, "problem of a bulletin" {
        /// It has no heading, or one that is too long.
        Title = "title",
        /// Its text is too long.
        Text = "text",
        /// The first day can't be read.
        From = "from",
        /// The last day can't be read.
        Until = "until",
        /// It ends before it begins.
        Span = "span",
        /// It would never be seen: its last day is over.
        Over = "over",
        /// Its last day is too far away to be meant.
        TooFar = "too-far",
        /// It is not there any more.
        Gone = "gone",
    }
}

impl BulletinProblem {
    /// The field it stands beside.
    pub const fn field(self) -> Option<&'static str> {
        match self {
            Self::Title => Some("title"),
            Self::Text => Some("text"),
            Self::From => Some("from"),
            Self::Until | Self::Span | Self::Over | Self::TooFar => Some("until"),
            Self::Gone => None,
        }
    }
}

/// Reads one as typed on `today`.
///
/// # Errors
/// All that is wrong with it.
pub fn read_bulletin(id: BulletinId, form: &BulletinForm, today: NaiveDate) -> Result<Bulletin, Vec<BulletinProblem>> {
    let title = form.title.split_whitespace().collect::<Vec<_>>().join(" ");
    // Browsers send the ends of lines as the network has them.
    let text = form.text.replace("\r\n", "\n").trim().to_owned();
    let mut problems = Vec::new();
    if title.is_empty() || title.chars().count() > BULLETIN_TITLE {
        problems.push(BulletinProblem::Title);
    }
    if text.chars().count() > BULLETIN_TEXT {
        problems.push(BulletinProblem::Text);
    }
    let from = if form.from.trim().is_empty() { Some(today) } else { read_date(&form.from) };
    let until = read_date(&form.until);
    if from.is_none() {
        problems.push(BulletinProblem::From);
    }
    match until {
        None => problems.push(BulletinProblem::Until),
        Some(until) if from.is_some_and(|from| until < from) => problems.push(BulletinProblem::Span),
        Some(until) if until < today => problems.push(BulletinProblem::Over),
        Some(until) if today.checked_add_days(Days::new(DAYS_AHEAD)).is_none_or(|last| until > last) => {
            problems.push(BulletinProblem::TooFar);
        }
        Some(_) => {}
    }
    match (from, until, problems.is_empty()) {
        (Some(from), Some(until), true) => Ok(Bulletin { id, title, text, from, until }),
        _ => Err(problems),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const ID: BulletinId = BulletinId(Uuid::nil());

    fn form(title: &str, text: &str, from: &str, until: &str) -> BulletinForm {
        BulletinForm { title: title.into(), text: text.into(), from: from.into(), until: until.into() }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn read(form: &BulletinForm) -> Result<Bulletin, Vec<BulletinProblem>> {
        read_bulletin(ID, form, day("2026-11-29"))
    }

    #[test]
    fn what_is_typed_in_any_way_is_understood() {
        let told = read(&form(" 蔵書点検の  お知らせ ", "一つ目。\r\n続き。\r\n\r\n二つ目。\n", "", "令和8年12月5日"))
            .expect("sound");
        assert_eq!(told.title, "蔵書点検の お知らせ");
        assert_eq!(told.paragraphs().collect::<Vec<_>>(), ["一つ目。\n続き。", "二つ目。"]);
        assert_eq!((told.from, told.until), (day("2026-11-29"), day("2026-12-05")));
    }

    #[test]
    fn all_that_is_wrong_is_said() {
        use BulletinProblem::{From, Over, Span, Text, Title, TooFar, Until};
        let long = "あ".repeat(BULLETIN_TEXT + 1);
        assert_eq!(read(&form("", &long, "きのう", "")), Err(vec![Title, Text, From, Until]));
        assert_eq!(read(&form(&"あ".repeat(81), "", "", "2026-12-01")), Err(vec![Title]));
        assert_eq!(read(&form("題", "", "2026-12-02", "2026-12-01")), Err(vec![Span]));
        assert_eq!(read(&form("題", "", "2026-11-01", "2026-11-28")), Err(vec![Over]));
        assert_eq!(read(&form("題", "", "", "2062-11-30")), Err(vec![TooFar]));
        assert!(read(&form("題", "", "2026-11-01", "2026-11-29")).is_ok(), "today is the last day");
    }
}
