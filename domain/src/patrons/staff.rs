//! Who works at the desk, and what they may do there.

use serde::{Deserialize, Serialize};

use crate::{StaffId, words::words};

words! {
    /// What a member of staff may do.
    StaffRole, "role of staff" {
        /// Lends, takes back, keeps cards and the catalogue.
        Desk = "desk",
        /// Also closes places, sees the figures and keeps the accounts of staff.
        Manager = "manager",
    }
}

/// A member of staff at work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffMember {
    /// The member of staff.
    pub id: StaffId,
    /// Login name.
    pub login: String,
    /// What they may do.
    pub role: StaffRole,
    /// Rises with every new password; a session that began with an older one is over.
    pub generation: i64,
}

/// An account on the list of staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffAccount {
    /// The member of staff.
    pub id: StaffId,
    /// Login name.
    pub login: String,
    /// What they may do.
    pub role: StaffRole,
    /// Whether they may sign in.
    pub enabled: bool,
    /// Whether they have a second factor.
    pub factor: bool,
}

/// A new account as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffForm {
    /// Login name.
    pub login: String,
    /// The password.
    pub password: String,
    /// What they may do.
    pub role: StaffRole,
}

words! {
    /// Why an account of staff can't be kept so.
    StaffProblem, "problem of a staff account" {
        /// The login name is missing, or not of letters, digits, `-`, `_` and `.`.
        Login = "login",
        /// Somebody has this login name.
        LoginTaken = "login-taken",
        /// The password is shorter than eight characters, or longer than anybody types.
        Password = "password",
        /// The password in use is another.
        Old = "old",
        /// The new password was not typed twice alike.
        Again = "again",
        /// Too many wrong ones, or too many at once: later again.
        Wait = "wait",
        /// Nobody would be left who can keep the accounts.
        LastManager = "last-manager",
        /// There is no such account.
        Unknown = "unknown",
    }
}

/// Fewest and most characters of a staff password.
const PASSWORD: std::ops::RangeInclusive<usize> = 8..=128;

/// Reads a new account, or the password of one.
///
/// # Errors
/// What is wrong with it.
pub fn read_staff(form: &StaffForm) -> Result<(), StaffProblem> {
    let login = form.login.trim();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if !(2..=40).contains(&login.len()) || !login.bytes().all(plain) {
        return Err(StaffProblem::Login);
    }
    if PASSWORD.contains(&form.password.chars().count()) { Ok(()) } else { Err(StaffProblem::Password) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_are_plain_and_passwords_long() {
        let read = |login: &str, password: &str| {
            read_staff(&StaffForm { login: login.into(), password: password.into(), role: StaffRole::Desk })
        };
        assert_eq!(read(" k.sato ", "long enough"), Ok(()));
        for login in ["", "a", "佐藤", "a b"] {
            assert_eq!(read(login, "long enough"), Err(StaffProblem::Login), "{login}");
        }
        assert_eq!(read("sato", "short"), Err(StaffProblem::Password));
        assert_eq!(read("sato", &"x".repeat(129)), Err(StaffProblem::Password));
    }
}
