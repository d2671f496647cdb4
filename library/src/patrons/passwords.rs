//! Hashing passwords with argon2id.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use domain::policy::AccountPolicy;

use crate::{Fault, Library};

fn hasher(policy: &AccountPolicy) -> Result<Argon2<'static>, Fault> {
    let params = Params::new(policy.hash_memory_kib, policy.hash_passes, 1, None)
        .map_err(|error| Fault::Hashing(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// A new hash of a password, in the PHC format.
pub(crate) fn hash_password(policy: &AccountPolicy, password: &str) -> Result<String, Fault> {
    hasher(policy)?
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| Fault::Hashing(error.to_string()))
}

impl Library {
    /// Whether the password is the one behind the hash. Without a hash the same work is done for nothing, so that
    /// the time an answer takes does not tell whether a card exists or has a password.
    pub(super) async fn verify_password(&self, hash: Option<String>, password: &str) -> Result<bool, Fault> {
        let permit = self.hashing().acquire_owned().await.map_err(|error| Fault::Hashing(error.to_string()))?;
        let password = password.to_owned();
        let policy = self.policy().accounts.clone();
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            match hash {
                Some(hash) => {
                    let parsed = PasswordHash::new(&hash).map_err(|error| Fault::Hashing(error.to_string()))?;
                    Ok(hasher(&policy)?.verify_password(password.as_bytes(), &parsed).is_ok())
                }
                None => hash_password(&policy, &password).map(|_| false),
            }
        })
        .await?
    }
}
