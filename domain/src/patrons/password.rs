//! Passwords as they may be chosen (R5).

use chrono::{Datelike, NaiveDate};
use unicode_normalization::UnicodeNormalization;

use super::{DoorProblem, telephone::digits};
use crate::policy::AccountPolicy;

/// Longer than any password a policy allows, in bytes; what is longer is not worked on.
const LONGEST: usize = 512;

/// What stands on a patron's card or is known to their family, and is tried first by whoever finds the card.
#[derive(Clone, Copy, Debug)]
pub struct OwnFacts<'a> {
    /// 利用者番号
    pub card: &'a str,
    /// 生年月日
    pub birth_date: NaiveDate,
    /// 電話番号
    pub telephone: &'a str,
}

/// A password as it was typed, in one width: a full-width letter is the same letter. `None` when it is longer than any.
pub fn password_as_typed(typed: &str) -> Option<String> {
    (typed.len() <= LONGEST).then(|| typed.nfkc().collect())
}

/// Reads a new password, typed twice.
///
/// # Errors
/// Why it can't be used.
pub fn read_password(
    typed: &str,
    again: &str,
    policy: &AccountPolicy,
    own: Option<OwnFacts<'_>>,
) -> Result<String, DoorProblem> {
    let password = password_as_typed(typed).ok_or(DoorProblem::Length)?;
    let length = password.chars().count();
    let allowed = |c: char| if policy.passphrases { !c.is_control() } else { c.is_ascii_alphanumeric() };
    if !password.chars().all(allowed) {
        return Err(DoorProblem::Characters);
    }
    let within = |length: usize, from: u32, to: u32| u32::try_from(length).is_ok_and(|n| (from..=to).contains(&n));
    if !within(length, policy.password_min, policy.password_max) {
        return Err(DoorProblem::Length);
    }
    if password_as_typed(again).as_ref() != Some(&password) {
        return Err(DoorProblem::Differs);
    }
    if is_run(&password) || own.is_some_and(|own| is_own_fact(&password, own)) {
        return Err(DoorProblem::Easy);
    }
    Ok(password)
}

/// One character again and again, or characters that follow each other: `1111`, `1234`, `4321`, `abcdef`.
fn is_run(password: &str) -> bool {
    let letters: Vec<i64> = password.to_lowercase().chars().map(|c| i64::from(u32::from(c))).collect();
    let mut steps = letters.iter().zip(letters.iter().skip(1)).map(|(one, next)| next - one);
    let first = steps.next().unwrap_or(0);
    (-1..=1).contains(&first) && steps.all(|step| step == first)
}

/// The card number or the telephone number or the end of one, or the date of birth.
fn is_own_fact(password: &str, own: OwnFacts<'_>) -> bool {
    let ends = [own.card.to_lowercase(), digits(own.telephone)];
    if ends.iter().any(|fact| fact.ends_with(&password.to_lowercase())) {
        return true;
    }
    let (year, month, day) = (own.birth_date.year(), own.birth_date.month(), own.birth_date.day());
    [
        format!("{year:04}{month:02}{day:02}"),
        format!("{:02}{month:02}{day:02}", year.rem_euclid(100)),
        format!("{month:02}{day:02}"),
        format!("{year:04}"),
    ]
    .iter()
    .any(|fact| fact == password)
}

/// A one-time password as typed: letters without their case, without the hyphen that makes it legible. Letters and digits
/// that look alike are never in one.
pub fn one_time_letters(typed: &str) -> Option<String> {
    let letters = password_as_typed(typed)?.to_lowercase();
    Some(letters.chars().filter(char::is_ascii_alphanumeric).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> OwnFacts<'static> {
        OwnFacts {
            card: "1000004",
            birth_date: NaiveDate::from_ymd_opt(1985, 4, 3).unwrap_or_default(),
            telephone: "048-786-6321",
        }
    }

    fn read(typed: &str) -> Result<String, DoorProblem> {
        read_password(typed, typed, &AccountPolicy::default(), Some(own()))
    }

    #[test]
    fn four_to_eight_letters_and_digits_case_counts() {
        assert_eq!(read("Abc1"), Ok("Abc1".to_owned()));
        assert_eq!(read("Hon2dana"), Ok("Hon2dana".to_owned()));
        assert_eq!(read("Ｈｏｎ２ｄａｎａ"), Ok("Hon2dana".to_owned()), "typed in full width it is the same");
        for short_or_long in ["", "Ab1", "Hon2dana9"] {
            assert_eq!(read(short_or_long), Err(DoorProblem::Length), "{short_or_long}");
        }
        for strange in ["Abc-1", "Ab 12", "あいうえ", "Abc1\n"] {
            assert_eq!(read(strange), Err(DoorProblem::Characters), "{strange}");
        }
        let policy = AccountPolicy::default();
        assert_eq!(read_password("Abc1", "abc1", &policy, None), Err(DoorProblem::Differs));
    }

    #[test]
    fn what_anybody_tries_first_is_refused() {
        for easy in
            ["1111", "AAAA", "1234", "9876", "abcde", "0004", "000004", "6321", "0403", "850403", "19850403", "1985"]
        {
            assert_eq!(read(easy), Err(DoorProblem::Easy), "{easy}");
        }
        for fair in ["1357", "0404", "7786", "abd1"] {
            assert!(read(fair).is_ok(), "{fair}");
        }
    }

    #[test]
    fn a_library_can_allow_long_passphrases() {
        let policy = AccountPolicy { password_max: 64, passphrases: true, ..AccountPolicy::default() };
        let phrase = "本棚の うしろに 猫が 3匹";
        let read = |typed: &str| read_password(typed, typed, &policy, None);
        assert_eq!(read(phrase).as_deref(), Ok("本棚の うしろに 猫が 3匹"));
        assert_eq!(read(&"あ".repeat(65)), Err(DoorProblem::Length));
        assert_eq!(read(&"a1".repeat(1000)), Err(DoorProblem::Length));
    }

    #[test]
    fn a_one_time_password_is_read_from_a_slip() {
        assert_eq!(one_time_letters("ＫＸ7Ｐ－２m9q ").as_deref(), Some("kx7p2m9q"));
    }
}
