//! International Standard Book Numbers (ISO 2108), as sources print them and as the catalogue keeps them.

use std::{fmt, str::FromStr};

/// An ISBN in its thirteen-digit form, check digit verified: `9784591046234`.
///
/// It is parsed from either form, with or without the letters `ISBN`, hyphens, spaces and full-width digits. A
/// ten-digit number gets the prefix 978, so that a book is the same book whichever form its source had.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Isbn13(String);

/// Why a text is not an ISBN.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidIsbn {
    /// Neither ten nor thirteen digits.
    #[error("an ISBN has 10 or 13 digits, not {0}")]
    Length(usize),
    /// Something that is neither a digit, an `X` in the last of ten places, a hyphen nor a space.
    #[error("unexpected character {0:?} in an ISBN")]
    Character(char),
    /// Thirteen digits that are an article number of something else, such as 979-0 for printed music.
    #[error("an ISBN of 13 digits begins with 978 or 979-1 to 979-9")]
    Prefix,
    /// A digit was misread or two were swapped.
    #[error("wrong check digit in an ISBN")]
    CheckDigit,
}

impl Isbn13 {
    /// The thirteen digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Isbn13 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Isbn13> for String {
    fn from(isbn: Isbn13) -> Self {
        isbn.0
    }
}

impl FromStr for Isbn13 {
    type Err = InvalidIsbn;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let values = values(text)?;
        match values.len() {
            10 => {
                let sum: u32 = values.iter().zip((1..=10).rev()).map(|(value, weight)| value * weight).sum();
                if !sum.is_multiple_of(11) {
                    return Err(InvalidIsbn::CheckDigit);
                }
                let mut thirteen = vec![9, 7, 8];
                thirteen.extend_from_slice(&values[..9]);
                thirteen.push((10 - weighted_sum(&thirteen) % 10) % 10);
                Ok(Self::from_values(&thirteen))
            }
            13 => {
                let bookland = matches!(values[..4], [9, 7, 8, _] | [9, 7, 9, 1..=9]);
                if !bookland {
                    return Err(InvalidIsbn::Prefix);
                }
                if !weighted_sum(&values).is_multiple_of(10) {
                    return Err(InvalidIsbn::CheckDigit);
                }
                Ok(Self::from_values(&values))
            }
            other => Err(InvalidIsbn::Length(other)),
        }
    }
}

impl Isbn13 {
    fn from_values(values: &[u32]) -> Self {
        Self(values.iter().filter_map(|value| char::from_digit(*value, 10)).collect())
    }
}

/// The digits of a text as numbers, an `X` in the last of ten places as 10.
fn values(text: &str) -> Result<Vec<u32>, InvalidIsbn> {
    let text = text.trim();
    let digits =
        text.get(..4).filter(|head| head.eq_ignore_ascii_case("isbn")).map_or(text, |head| &text[head.len()..]);
    let mut values = Vec::with_capacity(13);
    for character in digits.trim_start_matches([':', '：']).chars() {
        // Full-width forms lie at a fixed distance from ASCII.
        let ascii = match character {
            '！'..='～' => char::from_u32(u32::from(character) - 0xFEE0).unwrap_or(character),
            other => other,
        };
        match ascii {
            digit if digit.is_ascii_digit() => values.extend(digit.to_digit(10)),
            'X' | 'x' if values.len() == 9 => values.push(10),
            // Hyphens, dashes and the minus sign are mixed up by typists; the long vowel mark by Japanese keyboards.
            '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | 'ー' => {}
            space if space.is_whitespace() => {}
            _ => return Err(InvalidIsbn::Character(character)),
        }
    }
    if values.len() != 10 && values.contains(&10) {
        return Err(InvalidIsbn::Length(values.len()));
    }
    Ok(values)
}

/// The sum whose last digit is zero in a valid ISBN-13: weights 1 and 3 by turns.
fn weighted_sum(values: &[u32]) -> u32 {
    values.iter().zip([1, 3].into_iter().cycle()).map(|(value, weight)| value * weight).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<String, InvalidIsbn> {
        text.parse::<Isbn13>().map(String::from)
    }

    #[test]
    fn ten_digits_become_thirteen() {
        assert_eq!(parse("4-591-04623-0"), Ok("9784591046234".to_owned()));
        assert_eq!(parse("459104623０"), Ok("9784591046234".to_owned()));
        assert_eq!(parse("4-591-07045-X"), Ok("9784591070451".to_owned()));
        assert_eq!(parse("isbn 459107045x"), Ok("9784591070451".to_owned()));
    }

    #[test]
    fn thirteen_digits_stay() {
        for text in
            ["978-4-7949-7075-6", "ISBN: 9784794970756", "９７８－４－７９４９－７０７５－６", " 978 4 7949 7075 6 "]
        {
            assert_eq!(parse(text), Ok("9784794970756".to_owned()), "{text}");
        }
        assert_eq!(parse("979-10-90636-07-1"), Ok("9791090636071".to_owned()));
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(parse("4-591-04623-1"), Err(InvalidIsbn::CheckDigit));
        assert_eq!(parse("978-4-7949-7075-7"), Err(InvalidIsbn::CheckDigit));
        assert_eq!(parse("979-0-2600-0043-8"), Err(InvalidIsbn::Prefix));
        assert_eq!(parse("4901234567894"), Err(InvalidIsbn::Prefix));
        assert_eq!(parse(""), Err(InvalidIsbn::Length(0)));
        assert_eq!(parse("459104623X0"), Err(InvalidIsbn::Length(11)));
        assert_eq!(parse("4X91046230"), Err(InvalidIsbn::Character('X')));
        assert_eq!(parse("48000円"), Err(InvalidIsbn::Character('円')));
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "\\PC{0,20}") {
            if let Ok(isbn) = text.parse::<Isbn13>() {
                prop_assert_eq!(isbn.as_str().parse(), Ok(isbn.clone()));
            }
        }

        #[test]
        fn one_wrong_digit_is_always_found(body in proptest::collection::vec(0_u32..10, 9), place in 0_usize..13, by in 1_u32..10) {
            let mut values = vec![9, 7, 8];
            values.extend(body);
            values.push((10 - weighted_sum(&values) % 10) % 10);
            let text = |values: &[u32]| values.iter().map(u32::to_string).collect::<String>();
            prop_assert!(parse(&text(&values)).is_ok());
            values[place] = (values[place] + by) % 10;
            prop_assert!(parse(&text(&values)).is_err());
        }
    }
}
