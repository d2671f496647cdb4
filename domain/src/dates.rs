//! Dates as people and old systems write them: `1970-3-2`, `１９７０／３／２`, `19700302`, `昭和45年3月2日`, `S45.3.2`.

use chrono::NaiveDate;

use crate::text::one_width;

/// An era (元号): its names, the year before its first, and its last year, which many also write for the days after the
/// change.
struct Era {
    names: [&'static str; 2],
    before: i32,
    years: i32,
}

/// Names in small letters, as [`one_width`] makes them. Reiwa goes on.
const ERAS: [Era; 5] = [
    Era { names: ["明治", "m"], before: 1867, years: 45 },
    Era { names: ["大正", "t"], before: 1911, years: 15 },
    Era { names: ["昭和", "s"], before: 1925, years: 64 },
    Era { names: ["平成", "h"], before: 1988, years: 31 },
    Era { names: ["令和", "r"], before: 2018, years: 99 },
];

/// Reads a date. `None` for what is none: a day the calendar does not have, a year of an era that ended, a year of two
/// digits, which could be of any century.
pub fn read_date(text: &str) -> Option<NaiveDate> {
    // One width also parts ㍼, a single character, into 昭和.
    let text: String = one_width(text).chars().filter(|c| !c.is_whitespace()).collect();
    let (era, rest) = era_of(&text);
    let mut numbers = Vec::with_capacity(3);
    for word in rest.split(['-', '/', '.', '年', '月', '日', '‐', '−', 'ー', '・']).filter(|word| !word.is_empty())
    {
        numbers.push(match word {
            "元" => 1,
            word if word.bytes().all(|b| b.is_ascii_digit()) => word.parse::<i32>().ok()?,
            _ => return None,
        });
    }
    let digits = rest.bytes().filter(u8::is_ascii_digit).count();
    let (year, month, day) = match (numbers.as_slice(), era, digits) {
        ([year, month, day], ..) => (*year, *month, *day),
        // 19700302, and S450302 with an era.
        ([all], None, 8) | ([all], Some(_), 6) => (all / 10_000, all / 100 % 100, all % 100),
        _ => return None,
    };
    let year = match era {
        Some(era) if (1..=era.years).contains(&year) => era.before + year,
        None if (1000..=9999).contains(&year) => year,
        _ => return None,
    };
    NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)
}

fn era_of(text: &str) -> (Option<&'static Era>, &str) {
    ERAS.iter()
        .flat_map(|era| era.names.iter().map(move |name| (era, name)))
        .find_map(|(era, name)| Some((Some(era), text.strip_prefix(name)?)))
        .unwrap_or((None, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_in_any_way_it_is_written() {
        let day = NaiveDate::from_ymd_opt(1970, 3, 2);
        for text in [
            "1970-03-02",
            "1970/3/2",
            "1970.3.2",
            "19700302",
            "1970年3月2日",
            "１９７０／０３／０２",
            " 1970 年 3 月 2 日 ",
            "昭和45年3月2日",
            "昭和４５年３月２日",
            "S45.3.2",
            "s45/03/02",
            "Ｓ４５．３．２",
            "S450302",
            "㍼45.3.2",
        ] {
            assert_eq!(read_date(text), day, "{text:?}");
        }
    }

    #[test]
    fn every_era_is_known_and_its_first_year() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d);
        assert_eq!(read_date("明治45年7月29日"), day(1912, 7, 29));
        assert_eq!(read_date("T1.8.1"), day(1912, 8, 1));
        assert_eq!(read_date("平成元年1月8日"), day(1989, 1, 8));
        assert_eq!(read_date("H31.4.30"), day(2019, 4, 30));
        assert_eq!(read_date("令和8年4月1日"), day(2026, 4, 1));
        // Forms were printed before the change and written on after it.
        assert_eq!(read_date("S64.2.1"), day(1989, 2, 1));
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "0",
            "不明",
            "1970-02-30",
            "1970-13-01",
            "00000000",
            "19700299",
            "昭和70年1月1日",
            "S0.1.1",
            "70/3/2",
            "1970-3",
            "1970-3-2-1",
            "X45.3.2",
            "197003021",
            "S4503021",
            "99999999999999999999",
        ] {
            assert_eq!(read_date(text), None, "{text:?}");
        }
    }
}
