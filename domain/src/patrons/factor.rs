//! The second factor of staff: a code of an authenticator app, or one of the recovery codes (S3).

use chrono::{DateTime, TimeDelta, Utc};

use crate::words::words;

words! {
    /// What stands between a member of staff who gave the right password and the desk.
    #[derive(Default)]
    SecondStep, "second step of a sign-in" {
        /// Nothing.
        #[default]
        Done = "done",
        /// A code has to be given.
        Code = "code",
        /// The policy wants a second factor and there is none yet.
        SetUp = "set-up",
    }
}

words! {
    /// Why a code was not accepted.
    FactorProblem, "problem of a second factor" {
        /// It is wrong, too old, or was used before.
        Wrong = "wrong",
        /// Too many were wrong; the next one counts in a while.
        Wait = "wait",
        /// The password beside it is wrong.
        Password = "password",
    }
}

/// How many wrong codes in a row are nobody's ill will.
const SLIPS: i64 = 5;

/// The longest pause after a wrong code.
const LONGEST: TimeDelta = TimeDelta::minutes(30);

/// Until when no code is looked at: after five wrong ones in a row a minute, and twice as long after each further one. Of a
/// million codes three are right at any moment, so guessing them takes a hundred thousand tries, which are years.
pub fn wait_until(wrong: i64, wrong_at: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    let over = u32::try_from(wrong - SLIPS).ok()?;
    let pause = TimeDelta::minutes(1_i64 << over.min(5)).min(LONGEST);
    Some(wrong_at? + pause)
}

/// A code of six digits as people type it, full-width and with spaces too.
pub fn read_code(typed: &str) -> Option<u32> {
    let digits = plain(typed);
    if digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}

/// A recovery code as people type it: capital or not, with or without hyphens. What is no code is `None`.
pub fn read_recovery(typed: &str) -> Option<String> {
    let code = plain(typed);
    let letters = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    (code.len() == 24 && code.bytes().all(letters)).then_some(code)
}

fn plain(typed: &str) -> String {
    super::card_number(typed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_as_people_type_them() {
        assert_eq!(read_code(" ０１２ 345 "), Some(12345));
        for wrong in ["", "12345", "1234567", "12a456", "-12345"] {
            assert_eq!(read_code(wrong), None, "{wrong:?}");
        }
        assert_eq!(read_recovery("abcd-efgh-2345-wxyz-abcd efgh"), Some("ABCDEFGH2345WXYZABCDEFGH".to_owned()));
        assert_eq!(read_recovery("abcd-efgh-2345"), None);
        assert_eq!(read_recovery("abcd-efgh-2345-wxyz-abcd-efg!"), None);
    }

    #[test]
    fn after_five_wrong_codes_each_further_one_costs_twice_the_time() {
        let at: DateTime<Utc> = "2026-04-01T00:00:00Z".parse().expect("sound");
        let pause = |wrong| wait_until(wrong, Some(at)).map(|until| (until - at).num_minutes());
        assert_eq!(
            [0, 4, 5, 6, 7, 9, 10, 1000].map(pause),
            [None, None, Some(1), Some(2), Some(4), Some(16), Some(30), Some(30)]
        );
    }
}
