//! Tallies of guesses, kept in the database so that all servers agree. The rule is
//! [`may_try`](domain::patrons::may_try); here is what it is asked about, and by whom.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use domain::{
    PatronId,
    patrons::{Deed, Pace, Tallies, Tally, Wait, card_number, may_try, origin_of},
};
use sha2::{Digest, Sha256};

use crate::{
    Fault, Library,
    storage::{StorageError, Tx, execute, fetch_all, fetch_one, fetch_optional, in_write},
};

/// The key in `meta` of the secret with which cards and origins are hashed.
const SECRET: &str = "guess-secret";

/// Everything, or everywhere.
const ALL: &[u8] = &[];

/// Where a request comes from, as far as guessing is concerned.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin(String);

impl Origin {
    /// The origin of requests from this address.
    pub fn of(address: IpAddr) -> Self {
        Self(origin_of(address))
    }

    /// Where nothing is known of it: all such requests have one origin.
    pub fn unknown() -> Self {
        Self("unknown".to_owned())
    }
}

/// At what somebody guesses. Each has tallies of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// A patron's password.
    SignIn,
    /// Name, date of birth and telephone number of a card.
    Register,
    /// A one-time password.
    Once,
    /// A password of staff.
    Staff,
}

impl Scope {
    const OF_CARDS: [Self; 3] = [Self::SignIn, Self::Register, Self::Once];

    const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Register => "register",
            Self::Once => "once",
            Self::Staff => "staff",
        }
    }
}

/// A try that was tallied before anybody looked at it.
#[must_use]
pub(super) struct Guess {
    subject: Vec<u8>,
    origin: Vec<u8>,
}

/// Subject, origin, first, tries, last, known until.
type TallyRow = (Vec<u8>, Vec<u8>, DateTime<Utc>, i64, DateTime<Utc>, Option<DateTime<Utc>>);

/// First, tries, last, known until.
type OneRow = (DateTime<Utc>, i64, DateTime<Utc>, Option<DateTime<Utc>>);

impl Library {
    /// Tallies a try at a card or a login from somewhere, or says how long to wait with it. It is tallied before it is
    /// looked at: of many that come at once none is overlooked.
    pub(super) async fn begin_guess(
        &self,
        scope: Scope,
        subject: &str,
        origin: &Origin,
    ) -> Result<Result<Guess, Wait>, Fault> {
        let secret = self.guess_secret().await?;
        // Each scope has its origins too: a patron who mistypes on the library's network holds up no staff.
        let hashed = |what: &str, value: &str| keyed(&secret, scope.as_str(), what, value);
        let guess = Guess { subject: hashed("subject", subject), origin: hashed("origin", &origin.0) };
        let now = self.now();
        // Whoever has to wait anyhow costs no write.
        let mut tx = self.database().begin_read().await?;
        let tallies = read_tallies(&mut tx, &guess, now).await?;
        drop(tx);
        if let Err(opens) = may_try(&self.policy().accounts.guesses, &tallies, now) {
            return Ok(Err(self.wait_until(opens)));
        }
        let answer = in_write!(self.database(), |tx| self.tally(tx, &guess, now).await)?;
        Ok(answer.map(|()| guess).map_err(|opens| self.wait_until(opens)))
    }

    async fn tally(&self, tx: &mut Tx, guess: &Guess, now: DateTime<Utc>) -> Result<Result<(), DateTime<Utc>>, Fault> {
        let policy = &self.policy().accounts.guesses;
        // In this order always, so that no two writers hold what the other wants.
        let (here, known) = locked(tx, &guess.subject, &guess.origin, now).await?;
        let (card, _) = locked(tx, &guess.subject, ALL, now).await?;
        let (origin, _) = locked(tx, ALL, &guess.origin, now).await?;
        let known = known.is_some_and(|until| until > now);
        if let Err(opens) = may_try(policy, &Tallies { here, card, origin, known }, now) {
            return Ok(Err(opens));
        }
        let one_more = async |tx: &mut Tx, subject: &[u8], origin: &[u8], pace: Pace, tally: Option<Tally>| {
            let tally = pace.count(tally, now);
            execute!(
                tx,
                "update guess set since = $3, tries = $4, last_at = $5 where subject = $1 and origin = $2",
                subject,
                origin,
                tally.since,
                i64::from(tally.tries),
                tally.last
            )
        };
        one_more(tx, &guess.subject, &guess.origin, policy.here, here).await?;
        one_more(tx, &guess.subject, ALL, policy.card, card).await?;
        one_more(tx, ALL, &guess.origin, policy.origin, origin).await?;
        Ok(Ok(()))
    }

    /// The try was right: nothing is held against this origin, which is known from now on, and the try is taken off what
    /// is tallied of the card and of the origin. No more is: with a card of one's own one can't wash an origin clean.
    pub(super) async fn guessed_right(&self, guess: &Guess) -> Result<(), Fault> {
        let known = self.known_until();
        in_write!(self.database(), |tx| async {
            execute!(
                &mut *tx,
                "update guess set tries = 0, known_until = $3 where subject = $1 and origin = $2",
                &guess.subject,
                &guess.origin,
                known
            )?;
            one_less(tx, &guess.subject, ALL).await?;
            one_less(tx, ALL, &guess.origin).await?;
            Ok::<_, Fault>(())
        }
        .await)
    }

    /// The holder came in without a guess, by a passkey: nothing is held against this origin, which is known from now on. What
    /// is tallied of the card and of the origin stays, as no try of theirs is among it.
    pub(super) async fn came_in(
        &self,
        tx: &mut Tx,
        secret: &[u8],
        card: &str,
        origin: &Origin,
    ) -> Result<(), StorageError> {
        let hashed = |what: &str, value: &str| keyed(secret, Scope::SignIn.as_str(), what, value);
        let now = self.now();
        execute!(
            tx,
            "insert into guess (subject, origin, since, tries, last_at, known_until) values ($1, $2, $3, 0, $3, $4)
             on conflict (subject, origin) do update set tries = 0, known_until = excluded.known_until",
            hashed("subject", card),
            hashed("origin", &origin.0),
            now,
            self.known_until()
        )?;
        Ok(())
    }

    /// The try was not looked at after all.
    pub(super) async fn not_guessed(&self, guess: &Guess) -> Result<(), Fault> {
        in_write!(self.database(), |tx| async {
            one_less(tx, &guess.subject, &guess.origin).await?;
            one_less(tx, &guess.subject, ALL).await?;
            one_less(tx, ALL, &guess.origin).await?;
            Ok::<_, Fault>(())
        }
        .await)
    }

    /// How long somebody has to wait to sign in with this card, from where one waits longest. `None` when nobody has to.
    /// For the desk only.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn card_wait(&self, patron: PatronId) -> Result<Option<Wait>, Fault> {
        let secret = self.guess_secret().await?;
        let (now, policy) = (self.now(), self.policy().accounts.guesses);
        let mut tx = self.database().begin_read().await?;
        let mut longest = None;
        for subject in card_subjects(&mut tx, &secret, patron).await? {
            let rows = fetch_all!(
                &mut tx,
                TallyRow,
                "select subject, origin, since, tries, last_at, known_until from guess where subject = $1",
                subject
            )?;
            for (_, origin, since, tries, last, _) in rows {
                let pace = if origin.is_empty() { policy.card } else { policy.here };
                longest = longest.max(pace.opens_at(Some(tally_of(since, tries, last)), now));
            }
        }
        Ok(longest.map(|opens| self.wait_until(opens)))
    }

    /// Lets the holder of a card sign in at once, whatever was guessed. For the desk, after checking the person.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn lift_wait(&self, patron: PatronId) -> Result<(), Fault> {
        let secret = self.guess_secret().await?;
        in_write!(self.database(), |tx| async {
            forget_tries(tx, &secret, patron).await?;
            self.audit(tx, Deed::WaitLifted, Some(patron), None).await.map_err(Fault::from)
        }
        .await)
    }

    /// Until when an origin is known from now on, to the day.
    fn known_until(&self) -> DateTime<Utc> {
        self.start_of(self.today() + TimeDelta::days(self.policy().accounts.guesses.known_days.into()))
    }

    /// Forgets tallies that hold nobody up any more; of an origin that is known, all but that it is.
    pub(crate) async fn forget_guesses(&self) -> Result<u64, Fault> {
        let policy = self.policy().accounts.guesses;
        let windows = [policy.here, policy.card, policy.origin].map(|pace| pace.window_minutes);
        let now = self.now();
        let before = now - TimeDelta::minutes(windows.into_iter().max().unwrap_or_default().into());
        in_write!(self.database(), |tx| async {
            let forgotten = execute!(
                &mut *tx,
                "delete from guess where last_at < $1 and (known_until is null or known_until < $2)",
                before,
                now
            )?;
            execute!(
                tx,
                "update guess set since = $2, tries = 0, last_at = $2 where last_at < $1 and last_at > $2",
                before,
                DateTime::<Utc>::UNIX_EPOCH
            )?;
            Ok::<_, Fault>(forgotten)
        }
        .await)
    }

    /// A moment as somebody is told it who waits for it.
    pub(super) fn wait_until(&self, opens: DateTime<Utc>) -> Wait {
        let seconds = (opens - self.now()).num_seconds().max(0) + 1;
        let minutes = u32::try_from(seconds.div_euclid(60) + i64::from(seconds % 60 > 0)).unwrap_or(u32::MAX);
        // The whole minute after it, which people can read off a clock.
        let local = self.local(opens + TimeDelta::seconds(59)).time();
        Wait { minutes, from: local.with_second(0).and_then(|time| time.with_nanosecond(0)).unwrap_or(local) }
    }

    /// An origin that asks for what is no guess, by which it can be told from others and not read.
    pub(super) async fn hashed_origin(&self, origin: &Origin) -> Result<Vec<u8>, Fault> {
        Ok(keyed(&self.guess_secret().await?, "question", "origin", &origin.0))
    }

    /// The secret of this library with which cards and origins are hashed, made when it is first needed.
    pub(super) async fn guess_secret(&self) -> Result<Vec<u8>, Fault> {
        if let Some(secret) = self.kept_guess_secret().get() {
            return Ok(secret.clone());
        }
        let sql = "select value from meta where key = $1";
        let mut tx = self.database().begin_read().await?;
        let mut row = fetch_optional!(&mut tx, (String,), sql, SECRET)?;
        drop(tx);
        if row.is_none() {
            let fresh: [u8; 32] = rand::random();
            let fresh = fresh.map(|byte| format!("{byte:02x}")).concat();
            row = Some(in_write!(self.database(), |tx| async {
                // Another server may be first.
                execute!(
                    &mut *tx,
                    "insert into meta (key, value) values ($1, $2) on conflict (key) do nothing",
                    SECRET,
                    &fresh
                )?;
                Ok::<_, Fault>(fetch_one!(tx, (String,), sql, SECRET)?)
            }
            .await)?);
        }
        let secret = row.map(|(secret,)| secret.into_bytes()).unwrap_or_default();
        Ok(self.kept_guess_secret().get_or_init(|| secret).clone())
    }
}

/// A value that can be compared and not read: a card number, which could be tried out if it were hashed without a secret.
fn keyed(secret: &[u8], scope: &str, what: &str, value: &str) -> Vec<u8> {
    let mut hasher = Sha256::new();
    // Neither the secret, whose length is fixed, nor the two words hold the byte that parts them.
    for part in [secret, scope.as_bytes(), what.as_bytes()] {
        hasher.update(part);
        hasher.update([0]);
    }
    hasher.update(value.as_bytes());
    hasher.finalize().to_vec()
}

fn tally_of(since: DateTime<Utc>, tries: i64, last: DateTime<Utc>) -> Tally {
    Tally { since, tries: u32::try_from(tries).unwrap_or(u32::MAX), last }
}

async fn read_tallies(tx: &mut Tx, guess: &Guess, now: DateTime<Utc>) -> Result<Tallies, StorageError> {
    let rows = fetch_all!(
        tx,
        TallyRow,
        "select subject, origin, since, tries, last_at, known_until from guess
         where (subject = $1 and origin = $2) or (subject = $1 and origin = $3) or (subject = $3 and origin = $2)",
        &guess.subject,
        &guess.origin,
        ALL
    )?;
    let mut tallies = Tallies::default();
    for (subject, origin, since, tries, last, known_until) in rows {
        let tally = Some(tally_of(since, tries, last));
        match (subject.is_empty(), origin.is_empty()) {
            (true, _) => tallies.origin = tally,
            (_, true) => tallies.card = tally,
            _ => {
                tallies.here = tally;
                tallies.known = known_until.is_some_and(|until| until > now);
            }
        }
    }
    Ok(tallies)
}

/// A tally, which is this writer's until the end of the transaction.
async fn locked(
    tx: &mut Tx,
    subject: &[u8],
    origin: &[u8],
    now: DateTime<Utc>,
) -> Result<(Option<Tally>, Option<DateTime<Utc>>), StorageError> {
    let (since, tries, last, known_until) = fetch_one!(
        tx,
        OneRow,
        "insert into guess (subject, origin, since, tries, last_at) values ($1, $2, $3, 0, $3)
         on conflict (subject, origin) do update set tries = guess.tries
         returning since, tries, last_at, known_until",
        subject,
        origin,
        now
    )?;
    Ok((Some(tally_of(since, tries, last)), known_until))
}

async fn one_less(tx: &mut Tx, subject: &[u8], origin: &[u8]) -> Result<(), StorageError> {
    execute!(
        tx,
        "update guess set tries = tries - 1 where subject = $1 and origin = $2 and tries > 0",
        subject,
        origin
    )?;
    Ok(())
}

/// What is guessed at when a card is.
async fn card_subjects(tx: &mut Tx, secret: &[u8], patron: PatronId) -> Result<Vec<Vec<u8>>, StorageError> {
    let row = fetch_optional!(tx, (String,), "select card_number from patron where id = $1", patron.0)?;
    let Some((card,)) = row else { return Ok(Vec::new()) };
    let card = card_number(&card);
    Ok(Scope::OF_CARDS.map(|scope| keyed(secret, scope.as_str(), "subject", &card)).to_vec())
}

/// Forgets what was tried at a card.
pub(super) async fn forget_tries(tx: &mut Tx, secret: &[u8], patron: PatronId) -> Result<(), StorageError> {
    for subject in card_subjects(tx, secret, patron).await? {
        execute!(&mut *tx, "update guess set tries = 0 where subject = $1", subject)?;
    }
    Ok(())
}
