//! Patrons and a member of staff.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, phc::PasswordHash},
};
use chrono::{NaiveDate, TimeDelta};
use domain::policy::AccountPolicy;
use library::{
    Library,
    demo::{PATRON_PASSWORD, STAFF_LOGIN, STAFF_PASSWORD},
};
use rand::{Rng as _, RngExt as _, SeedableRng as _, rngs::Xoshiro256PlusPlus, seq::IndexedRandom as _};
use uuid::{Builder, Uuid};

use crate::{
    failure::Failure,
    sql::{execute, insert_all},
    words::{Word, Words},
};

/// The first card number.
const FIRST_CARD: usize = 3_000_000;

/// Patrons of one transaction.
const BATCH: usize = 10_000;

struct Patron {
    id: Uuid,
    card: String,
    name: String,
    kana: String,
    birth_date: NaiveDate,
    telephone: String,
    mail: Option<String>,
}

/// An id at random, as the library gives to what must not tell a moment.
pub(super) fn id(random: &mut Xoshiro256PlusPlus) -> Uuid {
    let mut bytes = [0; 16];
    random.fill_bytes(&mut bytes);
    Builder::from_random_bytes(bytes).into_uuid()
}

/// Writes so many patrons, each with the demo's password, and one member of staff; answers the patrons' ids in the order of
/// their cards.
pub(super) async fn people(library: &Library, words: &Words, seed: u64, count: usize) -> Result<Vec<Uuid>, Failure> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed ^ 0x9e0b_1e00);
    let accounts = &library.policy().accounts;
    let (hash, staff_hash) =
        (hash(accounts, PATRON_PASSWORD, &mut random)?, hash(accounts, STAFF_PASSWORD, &mut random)?);
    let mut tx = library.database().begin_write().await?;
    let staff = id(&mut random);
    execute!(
        &mut tx,
        "insert into staff (id, login, password_hash, role) values ($1, $2, $3, 'desk')",
        staff,
        STAFF_LOGIN,
        &staff_hash
    )?;
    tx.commit().await?;
    let today = library.today();
    let mut ids = Vec::with_capacity(count);
    for begin in (0..count).step_by(BATCH) {
        let patrons: Vec<Patron> =
            (begin..count.min(begin + BATCH)).map(|n| patron(n, words, today, &mut random)).collect();
        let mut tx = library.database().begin_write().await?;
        insert_all!(
            &mut tx,
            "insert into patron (id, card_number, name, name_kana, birth_date, telephone, mail1, mail1_confirmed,
                 mail2_confirmed, ready_mail, password_hash, card_state, revision) ",
            patrons,
            |patron| [
                patron.id,
                &patron.card,
                &patron.name,
                &patron.kana,
                patron.birth_date,
                &patron.telephone,
                &patron.mail,
                patron.mail.is_some(),
                false,
                1_i64,
                &hash,
                "active",
                0_i64
            ]
        );
        tx.commit().await?;
        ids.extend(patrons.iter().map(|patron| patron.id));
    }
    Ok(ids)
}

fn patron(n: usize, words: &Words, today: NaiveDate, random: &mut Xoshiro256PlusPlus) -> Patron {
    let empty = Word { written: String::new(), read: String::new() };
    let family = words.family_names.choose(random).unwrap_or(&empty);
    let given = words.given_names.choose(random).unwrap_or(&empty);
    let card = (FIRST_CARD + n).to_string();
    Patron {
        id: id(random),
        name: format!("{} {}", family.written, given.written),
        kana: format!("{} {}", family.read, given.read),
        birth_date: today - TimeDelta::days(random.random_range(6 * 365..90 * 365)),
        telephone: format!("048-{:03}-{:04}", random.random_range(0..1000), random.random_range(0..10_000)),
        mail: (random.random_range(0..10) < 7).then(|| format!("p{card}@example.jp")),
        card,
    }
}

/// A hash as the policy wants it. One for all: a hash for each of 200,000 patrons would take hours.
fn hash(accounts: &AccountPolicy, password: &str, random: &mut Xoshiro256PlusPlus) -> Result<String, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::Hash(error.to_string());
    let params =
        Params::new(accounts.hash_memory_kib, accounts.hash_passes, 1, None).map_err(|error| failed(&error))?;
    let mut salt = [0; 16];
    random.fill_bytes(&mut salt);
    let hash: PasswordHash = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map_err(|error| failed(&error))?;
    Ok(hash.to_string())
}
