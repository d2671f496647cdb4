//! Addresses of pages, as they stand in links.

use domain::{PlaceCode, calendar::YearMonth, catalog::SearchQuery};

/// A value as part of an address: everything but letters, digits and `-._~` becomes `%XX`.
pub fn encode(value: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push(char::from(HEX[usize::from(byte >> 4)]));
            encoded.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
    encoded
}

/// The address of a month of a place's calendar.
pub fn calendar(place: &PlaceCode, month: YearMonth) -> String {
    format!("/calendar?place={}&month={month}", encode(&place.0))
}

/// The place and the month that an address of the calendar stands for. What can't be read is left out.
#[cfg(feature = "ssr")]
pub(crate) fn read_calendar(query: &str) -> (Option<PlaceCode>, Option<YearMonth>) {
    (value(query, "place").map(PlaceCode), value(query, "month").and_then(|month| month.parse().ok()))
}

/// The address of a page of search results. What has its default value is left out, so that one search has one
/// address.
pub fn search(query: &SearchQuery) -> String {
    let default = SearchQuery::default();
    let mut address = format!("/search?q={}", encode(&query.q));
    let mut add = |name: &str, value: &str| {
        address.push('&');
        address.push_str(name);
        address.push('=');
        address.push_str(&encode(value));
    };
    if let Some(material) = query.material {
        add("material", material.as_str());
    }
    if let Some(branch) = &query.branch {
        add("branch", &branch.0);
    }
    if let Some(decade) = query.decade {
        add("decade", &decade.to_string());
    }
    if let Some(ndc) = query.ndc {
        add("ndc", &ndc.to_string());
    }
    if query.sort != default.sort {
        add("sort", query.sort.as_str());
    }
    if query.page != default.page {
        add("page", &query.page.to_string());
    }
    address
}

/// The search an address stands for, from the part of it behind the question mark. What can't be read is left out
/// rather than refused: such an address was typed or shortened by somebody, and the rest of it still says what they
/// want.
///
/// The router's own map of the query is not used: it decodes `%41` in the words a second time.
pub fn read_search(query: &str) -> SearchQuery {
    let get = |name: &str| value(query, name);
    fn read<T: std::str::FromStr>(value: Option<String>) -> Option<T> {
        value?.parse().ok()
    }
    let default = SearchQuery::default();
    SearchQuery {
        q: words(query),
        page: read(get("page")).filter(|page| *page > 0).unwrap_or(default.page),
        sort: read(get("sort")).unwrap_or(default.sort),
        material: read(get("material")),
        branch: get("branch").filter(|code| !code.is_empty()).map(PlaceCode),
        decade: read(get("decade")),
        ndc: read(get("ndc")).filter(|ndc| *ndc < 10),
    }
}

/// The words of a search, from the same part of its address.
pub fn words(query: &str) -> String {
    value(query, "q").unwrap_or_default().trim().to_owned()
}

fn value(query: &str, name: &str) -> Option<String> {
    let mut pairs = query.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(other, _)| *other == name).map(|(_, value)| decode(value))
}

/// A value as a form wrote it into an address. What is no `%XX` stays as it is; bytes that are no text become U+FFFD.
fn decode(value: &str) -> String {
    let hex = |digit: Option<&u8>| digit.and_then(|digit| char::from(*digit).to_digit(16));
    let bytes = value.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let escaped = hex(bytes.get(at + 1)).zip(hex(bytes.get(at + 2)));
        match (byte, escaped) {
            (b'%', Some((high, low))) => {
                decoded.extend(u8::try_from(high * 16 + low));
                at += 2;
            }
            (b'+', _) => decoded.push(b' '),
            (other, _) => decoded.push(*other),
        }
        at += 1;
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// Where a patron goes on to who has signed in: the page of ours they came for, or their reservations.
pub fn after_sign_in(next: &str) -> String {
    own_page(next).unwrap_or("/account/reservations").to_owned()
}

/// Where to go after signing in, when it is a page of ours: another site's address, or one that a browser would take
/// for one (`//host`, `/\host`), is refused.
pub fn own_page(next: &str) -> Option<&str> {
    let own = next.starts_with('/')
        && !next.starts_with("//")
        && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    own.then_some(next)
}

#[cfg(test)]
mod tests {
    use domain::catalog::{MaterialType, Sort};

    use super::*;

    #[test]
    fn a_search_is_read_back_from_its_address() {
        let query = SearchQuery {
            q: "坊っちゃん &=#+%".into(),
            page: 3,
            sort: Sort::Newest,
            material: Some(MaterialType::Book),
            branch: Some(PlaceCode("central".into())),
            decade: Some(1990),
            ndc: Some(9),
        };
        let address = search(&query);
        assert!(address.is_ascii() && !address.contains(' '));
        assert_eq!(read_search(address.trim_start_matches("/search")), query);
    }

    #[test]
    fn words_are_decoded_once_and_whatever_is_typed_is_read() {
        for (query, words) in [
            ("?q=100%2541", "100%41"),
            ("q=a+b%20c", "a b c"),
            ("q=100%", "100%"),
            ("q=%E7%8C%AB", "猫"),
            ("q=%E7%8C", "\u{FFFD}"),
            ("page=2", ""),
            ("", ""),
        ] {
            assert_eq!(read_search(query).q, words, "{query}");
        }
    }

    #[test]
    fn the_plainest_search_has_the_plainest_address() {
        assert_eq!(search(&SearchQuery::default()), "/search?q=");
    }

    #[test]
    fn only_pages_of_ours_follow_a_sign_in() {
        assert_eq!(own_page("/cart/place?place=north"), Some("/cart/place?place=north"));
        for foreign in ["//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nSet-Cookie: x", "", "cart"]
        {
            assert_eq!(own_page(foreign), None, "{foreign:?}");
        }
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn a_month_is_read_back_from_its_address() {
        let (place, month): (_, YearMonth) = (PlaceCode("a&b".into()), "2026-04".parse().expect("a month"));
        let address = calendar(&place, month);
        assert_eq!(read_calendar(address.trim_start_matches("/calendar")), (Some(place), Some(month)));
        assert_eq!(read_calendar("?month=2026-13"), (None, None));
        assert_eq!(words("?lang=en&q=+%E6%9C%AC+"), "本");
    }
}
