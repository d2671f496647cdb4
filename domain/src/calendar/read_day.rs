//! A day as people write it.

use chrono::NaiveDate;

use crate::text::one_width;

/// The eras of Japan since there are card holders, by their names and initials, and the year before their first.
const ERAS: [(&str, char, i32); 5] =
    [("明治", 'm', 1867), ("大正", 't', 1911), ("昭和", 's', 1925), ("平成", 'h', 1988), ("令和", 'r', 2018)];

/// Reads a day in any way of writing it: `2000-01-02`, `2000/1/2`, `20000102`, `2000年1月2日`, `平成12年1月2日`,
/// `H12.1.2`, `S550304`, `令和元年5月1日`, full-width and with spaces. `None` when it is no day or could be several.
pub fn read_day(typed: &str) -> Option<NaiveDate> {
    let plain = one_width(typed.trim()).replace('元', "1");
    let (before_first, rest) = match ERAS.iter().find_map(|(name, initial, before)| {
        let rest = plain.strip_prefix(name).or_else(|| plain.strip_prefix(*initial))?;
        Some((*before, rest))
    }) {
        Some((before, rest)) => (Some(before), rest),
        None => (None, plain.as_str()),
    };
    let parts =
        |c: char| c.is_whitespace() || matches!(c, '-' | '/' | '.' | '年' | '月' | '日' | 'ー' | '−' | '‐' | '・');
    if !rest.chars().all(|c| c.is_ascii_digit() || parts(c)) {
        return None;
    }
    let groups: Vec<&str> = rest.split(parts).filter(|group| !group.is_empty()).collect();
    let (year, month, day) = match (groups.as_slice(), before_first) {
        ([year, month, day], _) => (*year, *month, *day),
        // All digits are ASCII, so they can be parted anywhere.
        ([all], None) if all.len() == 8 => (&all[..4], &all[4..6], &all[6..]),
        ([all], Some(_)) if all.len() == 6 => (&all[..2], &all[2..4], &all[4..]),
        _ => return None,
    };
    // Two digits without an era could be of either century.
    if before_first.is_none() && year.len() != 4 || year.len() > 4 {
        return None;
    }
    let year: i32 = year.parse().ok()?;
    let year = match before_first {
        Some(before) if (1..=99).contains(&year) => before + year,
        Some(_) => return None,
        None => year,
    };
    NaiveDate::from_ymd_opt(year, month.parse().ok()?, day.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_way_of_writing_a_day() {
        let day = |text: &str| text.parse::<NaiveDate>().ok();
        for typed in
            ["2000-01-02", "2000/1/2", "20000102", "２０００年１月２日", " 平成12年1月2日", "H12.1.2", "ｈ12・1・2"]
        {
            assert_eq!(read_day(typed), day("2000-01-02"), "{typed}");
        }
        assert_eq!(read_day("S550304"), day("1980-03-04"));
        assert_eq!(read_day("令和元年5月1日"), day("2019-05-01"));
        assert_eq!(read_day("大正15年12月1日"), day("1926-12-01"));
    }

    #[test]
    fn what_is_no_day_or_could_be_two_is_not_guessed_at() {
        for typed in
            ["", "00/1/2", "2000-13-01", "2000-02-30", "12年1月2日", "平成", "200012", "2000-1", "生年 2000-1-2"]
        {
            assert_eq!(read_day(typed), None, "{typed}");
        }
    }
}
