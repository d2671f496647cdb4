//! Fields of a bib that a source prints in one column.

use domain::catalog::Creator;

use super::text::{clean, year};

/// What a citation of the kind found in lists of Japanese libraries says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Citation {
    pub(super) title: Option<String>,
    pub(super) volume: Option<String>,
    pub(super) series: Option<String>,
    pub(super) creators: Vec<Creator>,
    pub(super) publisher: Option<String>,
    pub(super) year: Option<i32>,
    pub(super) extent: Option<String>,
}

/// Reads `title　volume　（series）　name／role　publisher　2009.5　20cm　554p`, parted by ideographic spaces.
///
/// Everything but the title may be missing. The date is the landmark: the publisher stands before it, size and pages
/// after it. Creators are told by their `／`, the series by its parentheses; what is left beside the title is the
/// volume. Square brackets mean "not printed on the book"; they are dropped where they enclose a whole volume or role
/// and kept inside a series.
pub(super) fn citation(text: &str) -> Citation {
    let mut parts = parts(text);
    let mut citation = Citation::default();
    if let Some(at) = parts.iter().rposition(|part| is_date(part)) {
        let after = parts.split_off(at);
        citation.year = year(&after[0]);
        // Pages come before the size on a catalogue card, and so does our extent.
        let described: Vec<&str> = after[1..].iter().rev().map(String::as_str).collect();
        citation.extent = clean(&described.join(" ; "));
        // A title alone before the date is a title, not a publisher.
        if parts.len() > 1 {
            citation.publisher = parts.pop();
        }
    }
    let mut parts = parts.into_iter();
    citation.title = parts.next();
    let mut volume = Vec::new();
    for part in parts {
        if let Some(series) = part.strip_prefix('（').and_then(|part| part.strip_suffix('）')) {
            citation.series = clean(series);
        } else if let Some((name, role)) = part.rsplit_once('／') {
            citation.creators.extend(clean(name).map(|name| Creator { name, reading: None, role: bare(role) }));
        } else {
            volume.extend(bare(&part));
        }
    }
    citation.volume = clean(&volume.join(" "));
    citation
}

/// The parts between ideographic spaces, with those inside the parentheses of a series left in place.
fn parts(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut in_series = false;
    for part in text.split('　').map(str::trim).filter(|part| !part.is_empty()) {
        match parts.last_mut().filter(|_| in_series) {
            Some(series) => {
                series.push('　');
                series.push_str(part);
            }
            None => {
                in_series = part.starts_with('（');
                parts.push(part.to_owned());
            }
        }
        in_series &= !part.ends_with('）');
    }
    parts
}

/// A part that is a year, alone or with month and day: `1980`, `2009.5`, `[1998]`, `c1987`.
fn is_date(part: &str) -> bool {
    let part = part.trim_start_matches(['[', 'c']).trim_end_matches(']');
    let mut numbers = part.split('.');
    numbers.next().is_some_and(|first| first.len() == 4 && year(first).is_some())
        && numbers.all(|number| matches!(number.len(), 1 | 2) && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A text without square brackets around the whole of it.
fn bare(text: &str) -> Option<String> {
    let text = text.trim();
    let inside =
        text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).filter(|text| !text.contains(['[', ']']));
    clean(inside.unwrap_or(text))
}

/// Splits `新潮文庫、新潮社` into series and publisher.
///
/// The publisher stands last, except where the last name plainly is a series (`岩波書店、岩波文庫`).
pub(super) fn series_and_publisher(text: &str) -> (Option<String>, Option<String>) {
    let is_series = |name: &str| ["文庫", "新書", "叢書", "選書", "全書"].iter().any(|ending| name.ends_with(ending));
    let mut names: Vec<&str> = text.split('、').map(str::trim).filter(|name| !name.is_empty()).collect();
    if let [first, .., last] = names[..]
        && is_series(last)
        && !is_series(first)
    {
        names.rotate_left(1);
    }
    let publisher = names.pop().and_then(clean);
    let series = names.join("、");
    let inside = series.strip_prefix('（').and_then(|series| series.strip_suffix('）'));
    (clean(inside.unwrap_or(&series)), publisher)
}
