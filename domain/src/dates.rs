//! Dates as people and old systems write them: `1970-3-2`, `１９７０／３／２`, `19700302`, `昭和45年3月2日`, `S45.3.2`,
//! `昭和四十五年三月二日`. The one reader of dates: at the desk, in imports, and where a patron says who they are (R3).

use chrono::{NaiveDate, NaiveTime, Timelike as _};

use crate::text::one_width;

/// An era (元号): its names, the year before its first, and its last year, which many also write for the days after the
/// change.
struct Era {
    names: [&'static str; 3],
    before: i32,
    years: i32,
}

/// Names in small letters, as [`one_width`] makes them, the longest first. Reiwa goes on.
const ERAS: [Era; 5] = [
    Era { names: ["明治", "明", "m"], before: 1867, years: 45 },
    Era { names: ["大正", "大", "t"], before: 1911, years: 15 },
    Era { names: ["昭和", "昭", "s"], before: 1925, years: 64 },
    Era { names: ["平成", "平", "h"], before: 1988, years: 31 },
    Era { names: ["令和", "令", "r"], before: 2018, years: 99 },
];

/// Reads a date. `None` for what is none: a day the calendar does not have, a year of an era that ended, a year of two
/// digits, which could be of any century.
pub fn read_date(text: &str) -> Option<NaiveDate> {
    // One width also parts ㍼, a single character, into 昭和.
    let text = one_width(text);
    let text = text.trim();
    let text = text.strip_suffix("生まれ").or_else(|| text.strip_suffix('生')).unwrap_or(text);
    let (era, rest) = era_of(text.strip_prefix("西暦").unwrap_or(text));
    let words: Vec<&str> = rest.split(parts).filter(|word| !word.is_empty()).collect();
    let numbers = words.iter().map(|word| numeral(word)).collect::<Option<Vec<i32>>>()?;
    let (year, month, day) = match (numbers.as_slice(), era, words.first().map_or(0, |word| word.len())) {
        ([year, month, day], ..) => (*year, *month, *day),
        // 19700302, and S450302 with an era.
        ([all], None, 8) | ([all], Some(_), 6) if words.iter().all(|word| word.is_ascii()) => {
            (all / 10_000, all / 100 % 100, all % 100)
        }
        _ => return None,
    };
    let year = match era {
        Some(era) if (1..=era.years).contains(&year) => era.before + year,
        None if (1000..=9999).contains(&year) => year,
        _ => return None,
    };
    NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)
}

/// A time as it is said in a sentence: `9:05`.
pub fn clock(time: NaiveTime) -> String {
    format!("{}:{:02}", time.hour(), time.minute())
}

/// Reads a time as [`clock`] writes it, or with two digits of the hour: `09:05`.
///
/// Chrono's own, and its writer, can read and write every format there is, which is more than the browser's program should hold.
pub fn read_clock(text: &str) -> Option<NaiveTime> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str| {
        let digits = matches!(text.len(), 1 | 2) && text.bytes().all(|digit| digit.is_ascii_digit());
        text.parse().ok().filter(|_| digits)
    };
    NaiveTime::from_hms_opt(number(hour)?, number(minute)?, 0)
}

/// What parts year, month and day, whatever dash or dot was typed.
fn parts(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '-' | '/' | '.' | ',' | '年' | '月' | '日' | 'ー' | '−' | '・' | '、' | '。' | '\u{2010}'..='\u{2015}'
        )
}

fn era_of(text: &str) -> (Option<&'static Era>, &str) {
    ERAS.iter()
        .flat_map(|era| era.names.iter().map(move |name| (era, name)))
        .find_map(|(era, name)| Some((Some(era), text.strip_prefix(name)?)))
        .unwrap_or((None, text))
}

/// A number in digits or in kanji, `六十` and `六〇` alike; 元 is the first year.
fn numeral(word: &str) -> Option<i32> {
    if word == "元" {
        return Some(1);
    }
    if word.len() <= 8 && word.bytes().all(|byte| byte.is_ascii_digit()) {
        return word.parse().ok();
    }
    let (mut whole, mut last, mut digits) = (0, None, 0);
    for c in word.chars() {
        let unit = match c {
            '十' => 10,
            '百' => 100,
            '千' => 1000,
            c => {
                let digit = kanji_digit(c)?;
                digits += 1;
                // A place for each digit, as in 一九八五.
                last = Some(last.unwrap_or(0) * 10 + digit);
                if digits > 4 {
                    return None;
                }
                continue;
            }
        };
        whole += last.take().unwrap_or(1) * unit;
    }
    Some(whole + last.unwrap_or(0))
}

fn kanji_digit(c: char) -> Option<i32> {
    let index = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'].iter().position(|digit| *digit == c);
    index.and_then(|index| i32::try_from(index).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_it_is_said() {
        for (text, said) in [("9:05", "9:05"), ("09:05", "9:05"), ("0:00", "0:00"), ("23:59", "23:59")] {
            assert_eq!(read_clock(text).map(clock).as_deref(), Some(said), "{text}");
        }
        for text in ["", ":", "9", "9:", ":30", "24:00", "9:60", "+9:30", "9:3 ", "009:30", "9:30:00", "９:30"] {
            assert_eq!(read_clock(text), None, "{text}");
        }
    }

    #[test]
    fn a_date_is_read_in_any_way_it_is_written() {
        let day = NaiveDate::from_ymd_opt(1970, 3, 2);
        for text in [
            "1970-03-02",
            "1970/3/2",
            "1970.3.2",
            "1970 3 2",
            "1970,3,2",
            "19700302",
            "1970年3月2日",
            "西暦1970年3月2日生まれ",
            "１９７０／０３／０２",
            "１９７０・３・２",
            "1970ー3ー2",
            " 1970 年 3 月 2 日 ",
            "昭和45年3月2日",
            "昭和 45 年 3 月 2 日",
            "昭和４５年３月２日",
            "昭45.3.2",
            "S45.3.2",
            "s45/03/02",
            "Ｓ４５．３．２",
            "S 45 3 2",
            "S450302",
            "㍼45.3.2",
            "昭和四十五年三月二日",
            "昭和四五年三月二日",
            "一九七〇年三月二日",
            "千九百七十年三月二日",
        ] {
            assert_eq!(read_date(text), day, "{text:?}");
        }
        assert_eq!(read_date("昭和六十年十二月二十一日"), NaiveDate::from_ymd_opt(1985, 12, 21));
    }

    #[test]
    fn every_era_is_known_and_its_first_year() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d);
        assert_eq!(read_date("明治45年7月29日"), day(1912, 7, 29));
        assert_eq!(read_date("T1.8.1"), day(1912, 8, 1));
        assert_eq!(read_date("大正15年12月1日"), day(1926, 12, 1));
        assert_eq!(read_date("平成元年1月8日"), day(1989, 1, 8));
        assert_eq!(read_date("H31.4.30"), day(2019, 4, 30));
        assert_eq!(read_date("令和元年五月一日"), day(2019, 5, 1));
        assert_eq!(read_date("令和8年4月1日"), day(2026, 4, 1));
        // Forms were printed before the change and written on after it.
        assert_eq!(read_date("S64.2.1"), day(1989, 2, 1));
    }

    #[test]
    fn what_is_no_date_or_could_be_two_is_not_guessed_at() {
        for text in [
            "",
            "0",
            "元",
            "平成",
            "不明",
            "1970-02-30",
            "1970-13-01",
            "00000000",
            "19700299",
            "昭和70年1月1日",
            "S0.1.1",
            "70/3/2",
            "12年1月2日",
            "1970-3",
            "1970-3-2-1",
            "200012",
            "X45.3.2",
            "生年 2000-1-2",
            "197003021",
            "S4503021",
            "一九七〇〇三〇二",
            "99999999999999999999",
        ] {
            assert_eq!(read_date(text), None, "{text:?}");
        }
    }
}
