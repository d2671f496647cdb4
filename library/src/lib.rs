//! The library at work: use cases over a database, a search index and a mailer. No web.
//!
//! [`Library`] is the one way in. Desk, kiosk, patron, command line and tests call the same use cases: each reads
//! what is needed, lets a pure rule of `domain` decide, and writes the outcome, its event and its notices in one
//! transaction. A person's mistake is a [`Refusal`](domain::circulation::Refusal) inside `Ok`; a [`Fault`] is ours.

mod audit;
pub mod backup;
pub mod bookshelf;
mod bulletins;
mod calendar;
mod cart;
pub mod catalog;
pub mod check;
mod circulation;
mod clock;
mod daily;
pub mod demo;
mod events;
mod fault;
mod figures;
pub mod going_live;
mod home;
pub mod live;
pub mod notices;
pub mod patrons;
pub mod sessions;
pub mod storage;

use std::{
    sync::{Arc, OnceLock, atomic::AtomicU32},
    thread::available_parallelism,
};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::{
    OpId, StaffId,
    calendar::{Calendar, Closure},
    policy::Policy,
};
use tokio::{
    sync::{Notify, Semaphore},
    task::spawn_blocking,
};

pub use clock::Clock;
pub use daily::DailyReport;
pub use fault::Fault;
pub use patrons::Origin;

use crate::{
    catalog::{
        Fed,
        search::{SearchError, SearchIndex},
    },
    circulation::Crowds,
    home::HomeTitles,
    live::Live,
    patrons::Hashing,
    storage::Database,
};

/// A library: its database, its policy, its search index, its clock. Cheap to clone.
#[derive(Clone)]
pub struct Library {
    inner: Arc<Inner>,
    /// The member of staff whose deeds are done with it; nobody is a patron, the command line or the day's work.
    acting: Option<StaffId>,
}

struct Inner {
    database: Database,
    policy: Policy,
    zone: Tz,
    search: Arc<SearchIndex>,
    /// Bounds how many search at once: a core can do one search at a time, and more would only make each other wait.
    searching: Arc<Semaphore>,
    fed: Fed,
    clock: Clock,
    /// Bounds how many passwords are hashed at once, so that a flood of sign-ins leaves cores and memory for others.
    hashing: Arc<Hashing>,
    /// The secret with which cards and origins of guesses are hashed, once it was read.
    guess_secret: OnceLock<Vec<u8>>,
    /// Rung after a commit that put something into the outbox.
    outbox: Notify,
    /// Who watches what, on pages that are open.
    live: Live,
    /// The mail at which the last look into the mailbox of reports was cut off; 0 when it came to its end.
    mailbox_at: AtomicU32,
    /// The titles of the home page, as they were a moment ago.
    home: HomeTitles,
    /// Those who wait to reserve.
    crowds: Crowds,
}

impl Library {
    /// Puts a library together.
    ///
    /// # Errors
    /// When the policy breaks a rule or names a zone that does not exist.
    pub fn new(database: Database, policy: Policy, search: SearchIndex, clock: Clock) -> Result<Self, Fault> {
        policy.check()?;
        let zone = policy.library.zone.parse().map_err(|_| Fault::UnknownZone(policy.library.zone.clone()))?;
        let hashing = Arc::new(Hashing::new(&policy.accounts));
        Ok(Self {
            acting: None,
            inner: Arc::new(Inner {
                database,
                policy,
                zone,
                search: Arc::new(search),
                searching: Arc::new(Semaphore::new(available_parallelism().map_or(1, usize::from))),
                fed: Fed::default(),
                clock,
                hashing,
                guess_secret: OnceLock::new(),
                outbox: Notify::new(),
                live: Live::default(),
                mailbox_at: AtomicU32::default(),
                home: HomeTitles::default(),
                crowds: Crowds::default(),
            }),
        })
    }

    /// The same library at another moment, for making the demo's past.
    pub(crate) fn at(&self, moment: DateTime<Utc>) -> Self {
        let inner = &self.inner;
        Self {
            acting: self.acting,
            inner: Arc::new(Inner {
                database: inner.database.clone(),
                policy: inner.policy.clone(),
                zone: inner.zone,
                search: Arc::clone(&inner.search),
                searching: Arc::clone(&inner.searching),
                fed: Fed::default(),
                clock: Clock::Fixed(moment),
                hashing: Arc::clone(&inner.hashing),
                guess_secret: inner.guess_secret.clone(),
                outbox: Notify::new(),
                live: Live::default(),
                mailbox_at: AtomicU32::default(),
                home: HomeTitles::default(),
                crowds: Crowds::default(),
            }),
        }
    }

    /// The same library, for a member of staff at work: what they do to a card is written down with who did it.
    #[must_use]
    pub fn as_staff(&self, staff: StaffId) -> Self {
        Self { inner: Arc::clone(&self.inner), acting: Some(staff) }
    }

    /// The library's policy.
    pub fn policy(&self) -> &Policy {
        &self.inner.policy
    }

    /// Its database.
    pub fn database(&self) -> &Database {
        &self.inner.database
    }

    /// Its search index.
    pub(crate) fn search_index(&self) -> Arc<SearchIndex> {
        Arc::clone(&self.inner.search)
    }

    /// Does what takes long in the search index off the threads that serve requests, as many at once as there are cores.
    pub(crate) async fn in_search<T: Send + 'static>(
        &self,
        look: impl FnOnce(&SearchIndex) -> Result<T, SearchError> + Send + 'static,
    ) -> Result<T, Fault> {
        let index = self.search_index();
        // It is never closed.
        let turn = Arc::clone(&self.inner.searching).acquire_owned().await.ok();
        let looked = spawn_blocking(move || {
            let looked = look(&index);
            // Not before, also when whoever asked has gone away meanwhile.
            drop(turn);
            looked
        });
        Ok(looked.await??)
    }

    /// Those who wait to reserve.
    pub(crate) fn crowds(&self) -> &Crowds {
        &self.inner.crowds
    }

    /// What the search index was handed lately.
    pub(crate) fn fed(&self) -> &Fed {
        &self.inner.fed
    }

    /// The present moment, to the microsecond, which is what both engines keep.
    pub fn now(&self) -> DateTime<Utc> {
        self.inner.clock.now()
    }

    /// The day it is in the library now.
    pub fn today(&self) -> NaiveDate {
        self.day_of(self.now())
    }

    /// The moment at which the day began in the library on which that moment lies.
    pub fn beginning_of(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        self.start_of(self.day_of(at))
    }

    /// The moment at which today began in the library.
    pub fn beginning_of_today(&self) -> DateTime<Utc> {
        self.beginning_of(self.now())
    }

    /// An id for a request that is about to be offered to a person. It tells no time, as it is kept for some days with who asked.
    pub fn new_op(&self) -> OpId {
        OpId(uuid::Uuid::new_v4())
    }

    /// Bounds how many passwords are hashed at once.
    pub(crate) fn hashing(&self) -> Arc<Hashing> {
        Arc::clone(&self.inner.hashing)
    }

    /// The secret with which cards and origins of guesses are hashed, once it was read.
    pub(crate) fn kept_guess_secret(&self) -> &OnceLock<Vec<u8>> {
        &self.inner.guess_secret
    }

    /// Rung when something was put into the outbox.
    pub(crate) fn outbox_bell(&self) -> &Notify {
        &self.inner.outbox
    }

    /// Who watches what.
    pub(crate) fn live(&self) -> &Live {
        &self.inner.live
    }

    /// The mail at which the last look into the mailbox of reports was cut off.
    pub(crate) fn mailbox_at(&self) -> &AtomicU32 {
        &self.inner.mailbox_at
    }

    /// The titles of the home page, as they were a moment ago.
    pub(crate) fn kept_home(&self) -> &HomeTitles {
        &self.inner.home
    }

    /// What the library's clocks show now: `12:34`.
    pub fn time_of_day(&self) -> String {
        self.local(self.now()).format("%H:%M").to_string()
    }

    /// Its calendar, with these emergency closures.
    pub(crate) fn calendar<'a>(&'a self, closures: &'a [Closure]) -> Calendar<'a> {
        Calendar::new(self.policy(), closures)
    }

    /// The moment a day begins in the library.
    pub(crate) fn start_of(&self, day: NaiveDate) -> DateTime<Utc> {
        let midnight = day.and_time(chrono::NaiveTime::MIN);
        // Where clocks are put forward at midnight the day begins an hour later.
        let local = (0..=3).find_map(|hour| {
            (midnight + chrono::TimeDelta::hours(hour)).and_local_timezone(self.inner.zone).earliest()
        });
        local.map_or_else(|| midnight.and_utc(), |moment| moment.to_utc())
    }

    /// The moment at which the library's clocks show this. Of an hour that comes twice it is the first, and one that is
    /// left out is taken as the beginning of its day.
    pub(crate) fn moment_of(&self, local: chrono::NaiveDateTime) -> DateTime<Utc> {
        let moment = local.and_local_timezone(self.inner.zone).earliest();
        moment.map_or_else(|| self.start_of(local.date()), |moment| moment.to_utc())
    }

    /// The day it is in the library at that moment.
    pub(crate) fn day_of(&self, at: DateTime<Utc>) -> NaiveDate {
        self.local(at).date_naive()
    }

    /// That moment on the library's clocks.
    pub(crate) fn local(&self, at: DateTime<Utc>) -> DateTime<Tz> {
        at.with_timezone(&self.inner.zone)
    }
}
