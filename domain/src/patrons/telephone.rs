//! Telephone numbers as people write them.

use crate::text::one_width;

/// The longest number there is, in digits, with the code of a country.
const MOST_DIGITS: usize = 15;
/// The longest number of this country, in digits.
const MOST_AT_HOME: usize = 11;
/// The fewest digits that could be a number.
const FEWEST_DIGITS: usize = 6;

/// The numbers in a text, each as digits and hyphens, whatever dashes and brackets were typed: a card may have several,
/// which old systems write into one field.
pub fn telephones(text: &str) -> Vec<String> {
    let text = one_width(text);
    let pieces = text.split([',', '、', '/', ';', '|', '\n']);
    let pieces = pieces.flat_map(|piece| {
        // Spaces and dots part a number as hyphens do, unless what they part is too long for one.
        let several = digits(piece).len() > MOST_AT_HOME + 2;
        let parts: Vec<&str> =
            if several { piece.split(|c: char| c.is_whitespace() || c == '・').collect() } else { vec![piece] };
        parts
    });
    pieces.map(grouped).filter(|number| !number.is_empty()).collect()
}

/// Reads the numbers of a card as typed at the desk. `None` when there is none, or one can't be a number.
pub fn read_telephones(typed: &str) -> Option<String> {
    let numbers = telephones(typed);
    let sound = numbers.iter().all(|number| (FEWEST_DIGITS..=MOST_DIGITS).contains(&digits(number).len()));
    (sound && !numbers.is_empty()).then(|| numbers.join("、"))
}

/// Whether the number that was typed is one of those that are kept (R3): with the area code or without it where it is
/// the library's own, with +81 in place of the first 0, with any dashes, brackets and spaces.
pub fn is_telephone_of(typed: &str, kept: &str, area_codes: &[String]) -> bool {
    let typed = match telephones(typed).as_slice() {
        [only] => at_home(only),
        _ => return false,
    };
    if typed.len() < 5 {
        return false;
    }
    telephones(kept).iter().map(|number| at_home(number)).any(|kept| {
        let without_code = |whole: &str, rest: &str| area_codes.iter().any(|code| whole == format!("{code}{rest}"));
        typed == kept || without_code(&kept, &typed) || without_code(&typed, &kept)
    })
}

/// The digits of a text.
pub(super) fn digits(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_digit).collect()
}

/// Digits, and a hyphen wherever there was anything between them but spaces at the ends. A plus before the country's code
/// stays.
fn grouped(piece: &str) -> String {
    let groups: Vec<&str> = piece.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    let abroad = piece.trim_start().trim_start_matches(['(', ':']).starts_with('+');
    format!("{}{}", if abroad && !groups.is_empty() { "+" } else { "" }, groups.join("-"))
}

/// The digits as they are dialled within the country.
fn at_home(number: &str) -> String {
    let all = digits(number);
    let rest = match all.strip_prefix("0081").or_else(|| all.strip_prefix("81")) {
        // No number of ours begins without a 0, and none has so many digits.
        Some(rest) if number.starts_with('+') || rest.len() >= MOST_AT_HOME - 2 => rest,
        _ => return all,
    };
    format!("0{}", rest.trim_start_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_field_may_hold_several_numbers() {
        assert_eq!(telephones("048-786-6321"), ["048-786-6321"]);
        assert_eq!(telephones("０４８（７８６）６３２１"), ["048-786-6321"]);
        assert_eq!(telephones("048 786 6321"), ["048-786-6321"]);
        assert_eq!(telephones("048-786-6321 / 090-1234-5678"), ["048-786-6321", "090-1234-5678"]);
        assert_eq!(telephones("048-786-6321 090-1234-5678"), ["048-786-6321", "090-1234-5678"]);
        assert_eq!(telephones("0487866321、09012345678"), ["0487866321", "09012345678"]);
        assert_eq!(telephones("+81 (0)48-786-6321"), ["+81-0-48-786-6321"]);
        assert_eq!(telephones(" - "), [""; 0]);
    }

    #[test]
    fn the_desk_keeps_digits_and_hyphens() {
        assert_eq!(read_telephones("０４８（１２３）４５６７").as_deref(), Some("048-123-4567"));
        assert_eq!(read_telephones("048-123-4567,090ー1234ー5678").as_deref(), Some("048-123-4567、090-1234-5678"));
        for typed in ["", "なし", "12345", "048-123-4567、123"] {
            assert_eq!(read_telephones(typed), None, "{typed}");
        }
    }
}
