//! The second factor of staff: time-based codes of an authenticator app (RFC 6238) and recovery codes.

use chrono::{DateTime, Utc};
use data_encoding::BASE32_NOPAD;
use domain::{
    StaffId,
    patrons::{Deed, FactorProblem, SignIn, read_code, read_recovery, wait_until},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::Origin;
use crate::{
    Fault, Library,
    storage::{StorageError, Told, Tx, execute, fetch_one, fetch_optional, in_write},
};

/// For how long a code is shown, in seconds, as every app has it.
const STEP: i64 = 30;

/// How many steps the app's clock may be off.
const SLACK: i64 = 1;

/// How many recovery codes there are.
const RECOVERY: usize = 10;

type FactorRow = (Vec<u8>, i64, i64, Option<DateTime<Utc>>);

impl Library {
    /// How many recovery codes a member of staff has left; `None` without a second factor.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn second_factor(&self, staff: StaffId) -> Result<Option<u64>, Fault> {
        let mut tx = self.database().begin_read().await?;
        let confirmed = fetch_optional!(
            &mut tx,
            (i64,),
            "select last_step from staff_factor where staff_id = $1 and confirmed_at is not null",
            staff.0
        )?;
        if confirmed.is_none() {
            return Ok(None);
        }
        let (left,) = fetch_one!(&mut tx, (i64,), "select count(*) from staff_recovery where staff_id = $1", staff.0)?;
        Ok(Some(left.try_into().unwrap_or_default()))
    }

    /// Sets up the second factor: the secret the app was given, its first code, and, so that nobody does it at a desk that was
    /// left open, the password. Answers the recovery codes, which are shown once; other sessions are over. Nothing is kept of
    /// a secret before that.
    ///
    /// # Errors
    /// When the database can't be written or the hash can't be computed.
    pub async fn set_factor(
        &self,
        staff: StaffId,
        secret: &str,
        (password, typed): (&str, &str),
        origin: &Origin,
    ) -> Result<Result<Vec<String>, FactorProblem>, Fault> {
        let Some(member) = self.staff_member(staff).await? else { return Err(Fault::AccountGone) };
        match self.staff_sign_in(&member.login, password, origin).await? {
            SignIn::Done(_) => {}
            SignIn::Wrong => return Ok(Err(FactorProblem::Password)),
            SignIn::Slow(_) | SignIn::Busy => return Ok(Err(FactorProblem::Wait)),
        }
        let Ok(secret) = BASE32_NOPAD.decode(secret.as_bytes()) else { return Ok(Err(FactorProblem::Wrong)) };
        let Some(step) = read_code(typed).and_then(|code| step_of(&secret, code, self.now(), 0)) else {
            return Ok(Err(FactorProblem::Wrong));
        };
        let codes: Vec<String> = std::iter::repeat_with(recovery_code).take(RECOVERY).collect();
        in_write!(self.database(), |tx| async {
            let set = execute!(
                &mut *tx,
                "insert into staff_factor (staff_id, secret, confirmed_at, last_step, wrong) values ($1, $2, $3, $4, 0)
                 on conflict (staff_id) do nothing",
                staff.0,
                &secret,
                self.now(),
                step
            )?;
            if set == 0 {
                // There is one already.
                return Ok::<_, Fault>(Err(FactorProblem::Wrong));
            }
            for code in &codes {
                execute!(
                    &mut *tx,
                    "insert into staff_recovery (staff_id, code_hash) values ($1, $2)",
                    staff.0,
                    hashed(code).as_slice()
                )?;
            }
            execute!(&mut *tx, "update staff set generation = generation + 1 where id = $1", staff.0)?;
            tx.tell([Told::Staff]);
            self.audit(tx, Deed::FactorSet, None, None).await?;
            Ok(Ok(()))
        }
        .await)
        .map(|done| done.map(|()| codes.iter().map(|code| in_groups(code)).collect()))
    }

    /// Looks at the code a member of staff gives after the password: one of the app, which is accepted once, or a recovery
    /// code, which is used up.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn give_code(&self, staff: StaffId, typed: &str) -> Result<Result<(), FactorProblem>, Fault> {
        in_write!(self.database(), |tx| self.give_code_in(tx, staff, typed).await)
    }

    async fn give_code_in(&self, tx: &mut Tx, staff: StaffId, typed: &str) -> Result<Result<(), FactorProblem>, Fault> {
        let now = self.now();
        let Some((secret, last, wrong, wrong_at)) = lock_factor(tx, staff).await? else {
            return Ok(Err(FactorProblem::Wrong));
        };
        if wait_until(wrong, wrong_at).is_some_and(|until| now < until) {
            return Ok(Err(FactorProblem::Wait));
        }
        let step = read_code(typed).and_then(|code| step_of(&secret, code, now, last));
        let right = match (step, read_recovery(typed)) {
            (Some(step), _) => {
                execute!(&mut *tx, "update staff_factor set last_step = $2 where staff_id = $1", staff.0, step)?;
                true
            }
            (None, Some(code)) => self.use_up(tx, staff, &code).await?,
            (None, None) => false,
        };
        if right {
            execute!(&mut *tx, "update staff_factor set wrong = 0, wrong_at = null where staff_id = $1", staff.0)?;
            return Ok(Ok(()));
        }
        execute!(
            &mut *tx,
            "update staff_factor set wrong = wrong + 1, wrong_at = $2 where staff_id = $1",
            staff.0,
            now
        )?;
        Ok(Err(FactorProblem::Wrong))
    }

    async fn use_up(&self, tx: &mut Tx, staff: StaffId, code: &str) -> Result<bool, StorageError> {
        let sql = "delete from staff_recovery where staff_id = $1 and code_hash = $2";
        let used = execute!(&mut *tx, sql, staff.0, hashed(code).as_slice())? > 0;
        if used {
            self.audit(tx, Deed::RecoveryUsed, None, None).await?;
        }
        Ok(used)
    }

    /// Takes away a member of staff's second factor, whose other sessions are over: their own by a code, or another's by a
    /// manager.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn remove_factor(&self, staff: StaffId) -> Result<(), Fault> {
        in_write!(self.database(), |tx| async {
            let (login,) = fetch_one!(
                &mut *tx,
                (String,),
                "update staff set generation = generation + 1 where id = $1 returning login",
                staff.0
            )?;
            drop_factor(tx, staff).await?;
            tx.tell([Told::Staff]);
            self.audit(tx, Deed::FactorRemoved, None, Some(&login)).await?;
            Ok::<_, Fault>(())
        }
        .await)
    }
}

/// Forgets the secret and the recovery codes.
pub(super) async fn drop_factor(tx: &mut Tx, staff: StaffId) -> Result<(), StorageError> {
    execute!(&mut *tx, "delete from staff_recovery where staff_id = $1", staff.0)?;
    execute!(tx, "delete from staff_factor where staff_id = $1", staff.0)?;
    Ok(())
}

/// Reads the secret, and keeps others from giving a code meanwhile.
async fn lock_factor(tx: &mut Tx, staff: StaffId) -> Result<Option<FactorRow>, StorageError> {
    fetch_optional!(
        tx,
        FactorRow,
        "update staff_factor set wrong = wrong where staff_id = $1 and confirmed_at is not null
         returning secret, last_step, wrong, wrong_at",
        staff.0
    )
}

/// The step of time whose code this is: later than the last one used, and near enough to now.
fn step_of(secret: &[u8], code: u32, now: DateTime<Utc>, last: i64) -> Option<i64> {
    let present = now.timestamp().div_euclid(STEP);
    (present - SLACK..=present + SLACK).find(|step| *step > last && code_at(secret, *step) == Some(code))
}

/// The code of six digits of a step of time.
fn code_at(secret: &[u8], step: i64) -> Option<u32> {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).ok()?;
    mac.update(&step.to_be_bytes());
    let hash: [u8; 20] = mac.finalize().into_bytes().into();
    let at = usize::from(hash[19] & 15);
    let four = [hash[at] & 0x7F, hash[at + 1], hash[at + 2], hash[at + 3]];
    Some(u32::from_be_bytes(four) % 1_000_000)
}

/// A new secret for an authenticator app, in Base32.
#[must_use]
pub fn new_secret() -> String {
    BASE32_NOPAD.encode(&rand::random::<[u8; 20]>())
}

/// The code an app with this secret shows at that moment, for tests and for whoever has lost the app but not the secret.
#[must_use]
pub fn code_of(secret: &str, at: DateTime<Utc>) -> Option<String> {
    let secret = BASE32_NOPAD.decode(secret.as_bytes()).ok()?;
    Some(format!("{:06}", code_at(&secret, at.timestamp().div_euclid(STEP))?))
}

/// A hundred and twenty random bits: nobody guesses them, so a plain hash keeps them well.
fn recovery_code() -> String {
    BASE32_NOPAD.encode(&rand::random::<[u8; 15]>())
}

fn in_groups(code: &str) -> String {
    code.as_bytes().chunks(4).map(|four| String::from_utf8_lossy(four)).collect::<Vec<_>>().join("-")
}

fn hashed(code: &str) -> [u8; 32] {
    Sha256::digest(code.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Appendix B of RFC 6238, the last six of its eight digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = b"12345678901234567890";
        for (seconds, code) in [(59, 287_082), (1_111_111_109, 81_804), (2_000_000_000, 279_037)] {
            assert_eq!(code_at(secret, seconds / STEP), Some(code), "{seconds}");
        }
    }

    #[test]
    fn a_code_is_right_for_a_while_and_once() {
        let secret = b"12345678901234567890";
        let at = |seconds| DateTime::from_timestamp(seconds, 0).expect("a moment");
        assert_eq!(step_of(secret, 287_082, at(59), 0), Some(1));
        assert_eq!(step_of(secret, 287_082, at(89), 0), Some(1), "the clock of the app may be late");
        assert_eq!(step_of(secret, 287_082, at(0), 0), Some(1), "or early");
        assert_eq!(step_of(secret, 287_082, at(90), 0), None, "but not by more");
        assert_eq!(step_of(secret, 287_082, at(59), 1), None, "used");
    }
}
