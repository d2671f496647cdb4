//! Hashing passwords with argon2id: off the async threads, few at once, and not without end. What comes while the queue is
//! full is turned away at once, so that a flood of sign-ins costs the rest of the library the cores it may have and no more.

use std::sync::{Arc, OnceLock};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use domain::policy::AccountPolicy;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use zeroize::Zeroizing;

use crate::{Fault, Library};

/// Who may hash, and who may wait for it.
pub(crate) struct Hashing {
    /// One permit for each hash at work.
    pub(super) at_once: Arc<Semaphore>,
    /// One permit for each that is at work or waits.
    room: Arc<Semaphore>,
    /// The hash that stands in where a card has none or there is no card.
    stand_in: OnceLock<String>,
}

impl Hashing {
    pub(crate) fn new(policy: &AccountPolicy) -> Self {
        let count = |n: u32| usize::try_from(n).unwrap_or(1);
        let at_once = count(policy.hash_at_once);
        Self {
            at_once: Arc::new(Semaphore::new(at_once)),
            room: Arc::new(Semaphore::new(at_once + count(policy.hash_queue))),
            stand_in: OnceLock::new(),
        }
    }

    /// A turn at hashing, once it comes. `None` when too many wait for theirs.
    async fn turn(&self) -> Result<Option<Turn>, Fault> {
        let Ok(room) = Arc::clone(&self.room).try_acquire_owned() else { return Ok(None) };
        let work = Arc::clone(&self.at_once).acquire_owned().await;
        Ok(Some(Turn { _room: room, _work: work.map_err(|error| Fault::Hashing(error.to_string()))? }))
    }
}

/// A turn at hashing; it ends where it is dropped.
struct Turn {
    _room: OwnedSemaphorePermit,
    _work: OwnedSemaphorePermit,
}

/// What came of checking a password.
pub(super) enum Checked {
    /// It is the right one; here is a new hash of it when the old one was made with other parameters than the policy's.
    Right(Option<String>),
    Wrong,
    /// It was not looked at, as too many waited.
    Busy,
}

fn hasher(policy: &AccountPolicy) -> Result<Argon2<'static>, Fault> {
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params(policy)?))
}

fn params(policy: &AccountPolicy) -> Result<Params, Fault> {
    Params::new(policy.hash_memory_kib, policy.hash_passes, 1, None).map_err(|error| Fault::Hashing(error.to_string()))
}

/// A new hash of a password, in the PHC format.
pub(crate) fn hash_password(policy: &AccountPolicy, password: &str) -> Result<String, Fault> {
    hasher(policy)?
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| Fault::Hashing(error.to_string()))
}

/// A new hash, when this one was made in another way than the policy's.
fn renewed(policy: &AccountPolicy, old: &PasswordHash, password: &str) -> Result<Option<String>, Fault> {
    let wanted = params(policy)?;
    let same = Params::try_from(old)
        .is_ok_and(|is| (is.m_cost(), is.t_cost(), is.p_cost()) == (wanted.m_cost(), wanted.t_cost(), wanted.p_cost()));
    let same = same && old.algorithm == Algorithm::Argon2id.ident();
    if same { Ok(None) } else { hash_password(policy, password).map(Some) }
}

impl Library {
    /// Whether the password is the one behind the hash. Without a hash the same work is done on one that stands in, so
    /// that the time an answer takes does not tell whether a card exists or has a password.
    pub(super) async fn check_password(&self, hash: Option<String>, password: &str) -> Result<Checked, Fault> {
        let Some(turn) = self.hashing().turn().await? else { return Ok(Checked::Busy) };
        let password = password.to_owned();
        let (policy, hashing) = (self.policy().accounts.clone(), self.hashing());
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let (hash, real) = match hash {
                Some(hash) => (hash, true),
                None => (stand_in(&hashing.stand_in, &policy)?, false),
            };
            let parsed = PasswordHash::new(&hash).map_err(|error| Fault::Hashing(error.to_string()))?;
            let right = hasher(&policy)?.verify_password(password.as_bytes(), &parsed).is_ok();
            if right && real { renewed(&policy, &parsed, &password).map(Checked::Right) } else { Ok(Checked::Wrong) }
        })
        .await?
    }

    /// A key derived from a password, with another salt than the hash it is checked by has. `None` when too many wait for
    /// their turn.
    pub(crate) async fn derived_key(
        &self,
        password: &str,
        salt: &[u8],
        (memory_kib, passes): (u32, u32),
    ) -> Result<Option<Zeroizing<[u8; 32]>>, Fault> {
        let Some(turn) = self.hashing().turn().await? else { return Ok(None) };
        let (password, salt) = (Zeroizing::new(password.to_owned()), salt.to_vec());
        let failed = |error: argon2::Error| Fault::Hashing(error.to_string());
        let params = Params::new(memory_kib, passes, 1, Some(32)).map_err(failed)?;
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let mut key = Zeroizing::new([0; 32]);
            let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
            hasher.hash_password_into(password.as_bytes(), &salt, &mut *key).map_err(failed)?;
            Ok(Some(key))
        })
        .await?
    }

    /// A hash of a new password. `None` when too many wait for theirs.
    pub(super) async fn hash_new(&self, password: &str) -> Result<Option<String>, Fault> {
        let Some(turn) = self.hashing().turn().await? else { return Ok(None) };
        let (policy, password) = (self.policy().accounts.clone(), password.to_owned());
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            hash_password(&policy, &password).map(Some)
        })
        .await?
    }
}

/// A hash of a password nobody knows.
fn stand_in(kept: &OnceLock<String>, policy: &AccountPolicy) -> Result<String, Fault> {
    if let Some(hash) = kept.get() {
        return Ok(hash.clone());
    }
    let unknown: [u8; 16] = rand::random();
    let hash = hash_password(policy, &unknown.map(|byte| format!("{byte:02x}")).concat())?;
    Ok(kept.get_or_init(|| hash).clone())
}
