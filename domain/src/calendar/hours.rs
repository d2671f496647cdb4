//! From when until when a place is open, as its settings say it.

use std::{collections::BTreeMap, fmt, str::FromStr};

use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::DayOfWeek;
use crate::dates::{clock, read_clock};

/// From when until when a place is open, on a day on which it is. What is not said is not shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OpeningHours {
    /// On most days.
    pub usual: Option<Hours>,
    /// On days of the week that differ from it.
    pub weekdays: BTreeMap<DayOfWeek, Hours>,
    /// On national holidays, whatever day of the week they are.
    pub holidays: Option<Hours>,
}

impl OpeningHours {
    /// Those of a day.
    pub fn on(&self, day: NaiveDate, is_holiday: bool) -> Option<Hours> {
        let holiday = self.holidays.filter(|_| is_holiday);
        holiday.or_else(|| self.weekdays.get(&DayOfWeek::of(day)).copied()).or(self.usual)
    }
}

/// From one time of the day until another, written as `9:30-19:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    /// When the door is opened.
    pub from: NaiveTime,
    /// When it is closed.
    pub until: NaiveTime,
}

/// What is not such a text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not hours of a day, such as \"9:30-19:00\": {0}")]
pub struct NotHours(String);

impl FromStr for Hours {
    type Err = NotHours;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let time = |text: &str| read_clock(text.trim());
        let both = text.split_once('-').and_then(|(from, until)| Some((time(from)?, time(until)?)));
        match both {
            Some((from, until)) if from < until => Ok(Self { from, until }),
            _ => Err(NotHours(text.to_owned())),
        }
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, until } = self;
        write!(f, "{}-{}", clock(*from), clock(*until))
    }
}

impl Hours {
    /// When the door is opened and when it is closed, as people write it: `9:30`, `19:00`.
    pub fn written(self) -> [String; 2] {
        [self.from, self.until].map(clock)
    }
}

impl Serialize for Hours {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(text: &str) -> Hours {
        text.parse().expect("hours")
    }

    #[test]
    fn the_nearest_saying_counts() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let place = OpeningHours {
            usual: Some(hours("9:30-19:00")),
            weekdays: BTreeMap::from([(DayOfWeek::Sat, hours("9:30-17:00"))]),
            holidays: Some(hours("10:00-16:00")),
        };
        let (friday, saturday) = (day("2026-11-27"), day("2026-11-28"));
        assert_eq!(place.on(friday, false), Some(hours("9:30-19:00")));
        assert_eq!(place.on(saturday, false), Some(hours("9:30-17:00")));
        assert_eq!(place.on(saturday, true), Some(hours("10:00-16:00")), "a holiday before the day of the week");
        let nothing_of_holidays = OpeningHours { holidays: None, ..place };
        assert_eq!(nothing_of_holidays.on(saturday, true), Some(hours("9:30-17:00")));
        assert_eq!(OpeningHours::default().on(friday, true), None);
    }

    #[test]
    fn hours_are_read_as_they_are_written() {
        assert_eq!(hours("09:00 - 17:05").to_string(), "9:00-17:05");
        assert_eq!(hours("9:30-19:00").written(), ["9:30", "19:00"]);
        for text in ["", "9:30", "19:00-9:30", "9:30-9:30", "9:30-25:00", "9時-17時"] {
            assert_eq!(text.parse::<Hours>(), Err(NotHours(text.to_owned())), "{text:?}");
        }
    }
}
