//! Hearing what was touched: from the commits of this process, from other servers, and from the event log, which makes up
//! for every word that was lost.

use std::{
    collections::HashMap,
    future::{Future, pending},
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{NaiveDate, TimeDelta};
use domain::{BibId, EventId, PatronId, ReservationId};
use tokio::{
    sync::{
        broadcast::{self, error::TryRecvError},
        mpsc,
    },
    time::MissedTickBehavior,
};
use uuid::Uuid;

use super::{Topic, topic::SignedInNow};
use crate::{
    Fault, Library,
    storage::{Changes, Database, Served, StorageError, Told, Written, fetch_all, fetch_in},
};

/// How often watchers hear that all is as it was, and sessions are asked for that have ended. It is also how long one that
/// has run out by itself, or was ended by another program, may go on.
const BEAT: Duration = Duration::from_secs(20);

/// How often the event log is read though nobody rang. On SQLite it is read only when something was written.
const LOG_ON_SQLITE: Duration = Duration::from_secs(1);
const LOG_ON_POSTGRES: Duration = Duration::from_secs(5);

/// The pause between two looks at everything because another program on the same SQLite wrote what no event tells of, a report
/// about a mail for instance.
const ALL: Duration = Duration::from_secs(3);

/// How far back the log is read each time: it has no order of commits, and clocks of servers differ a little.
const WINDOW: TimeDelta = TimeDelta::seconds(60);

/// For how long it is remembered which events are known, which is longer than any is read again.
const REMEMBERED: Duration = Duration::from_secs(180);

/// The pause before a connection to the other servers is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// What was heard and how much of the log is known.
struct Ears {
    near: broadcast::Receiver<Arc<[Told]>>,
    known: HashMap<EventId, Instant>,
    changes: Changes,
    /// Whether all is to be looked at because another program wrote what no event tells of, and when that was done last.
    all_due: bool,
    all_at: Option<Instant>,
    /// The day the watchers know.
    today: NaiveDate,
}

/// What comes next.
enum Turn {
    Told(Vec<Told>),
    Log,
    Beat,
    Nothing,
}

impl Library {
    /// Keeps whatever is watched in this process up to date, `room` streams at most, until `stop` is ready; then all
    /// watching ends.
    pub async fn run_live(&self, room: usize, stop: impl Future<Output = ()>) {
        let mut stop = pin!(stop);
        let mut ears = Ears {
            near: self.database().bell().listen(),
            known: HashMap::new(),
            changes: Changes::default(),
            all_due: false,
            all_at: None,
            today: self.today(),
        };
        let (heard, mut abroad) = mpsc::channel(64);
        let mut listening = pin!(listen(self.database(), heard));
        let (mut beat, mut log) = (every(BEAT), every(self.pause_of_log()));
        self.live().hub().open(room);
        loop {
            // Only the end goes before the rest: under a storm of commits the beat comes, too.
            let turn = async {
                tokio::select! {
                    told = ears.near.recv() => Turn::Told(told.map_or_else(|_| vec![Told::Anything], |told| told.to_vec())),
                    Some(told) = abroad.recv() => Turn::Told(told),
                    () = &mut listening => Turn::Nothing,
                    _ = log.tick() => Turn::Log,
                    _ = beat.tick() => Turn::Beat,
                }
            };
            let turn = tokio::select! {
                biased;
                () = &mut stop => break,
                turn = turn => turn,
            };
            match turn {
                Turn::Told(told) => self.heard(&mut ears, told).await,
                Turn::Log => self.read_log(&mut ears).await,
                Turn::Beat => self.beat(&mut ears).await,
                Turn::Nothing => {}
            }
        }
        self.live().hub().close();
    }

    fn pause_of_log(&self) -> Duration {
        match self.database() {
            Database::Sqlite { .. } => LOG_ON_SQLITE,
            Database::Postgres(_) => LOG_ON_POSTGRES,
        }
    }

    /// Has looked at whatever is concerned by what was told, and by what is told meanwhile.
    async fn heard(&self, ears: &mut Ears, mut told: Vec<Told>) {
        loop {
            match ears.near.try_recv() {
                Ok(more) => told.extend_from_slice(&more),
                Err(TryRecvError::Lagged(_)) => told.push(Told::Anything),
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        if self.live().hub().is_idle() {
            // Whoever comes later sees the state in which all of it is.
            ears.known.clear();
            return;
        }
        let now = Instant::now();
        for event in told.iter().filter_map(event_of) {
            ears.known.insert(event, now);
        }
        let reservations: Vec<ReservationId> = told.iter().filter_map(reservation_of).collect();
        match self.patrons_of(&reservations).await {
            Ok(patrons) => told.extend(patrons.into_iter().map(Told::Patron)),
            Err(error) => {
                tracing::error!(%error, "whose reservations were touched");
                told.push(Told::Anything);
            }
        }
        let concerned = self.live().hub().concerned(&told);
        for topic in concerned {
            self.stir(&topic);
        }
    }

    async fn patrons_of(&self, reservations: &[ReservationId]) -> Result<Vec<PatronId>, StorageError> {
        if reservations.is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = self.database().begin_read().await?;
        let rows = fetch_in!(
            &mut tx,
            (Uuid,),
            ["select patron_id from reservation where patron_id is not null and id in ", ""],
            reservations
        )?;
        Ok(rows.into_iter().map(|(patron,)| PatronId(patron)).collect())
    }

    /// Reads what the log has of late and was not heard of: what other programs did, and words that were lost.
    async fn read_log(&self, ears: &mut Ears) {
        if self.live().hub().is_idle() {
            return;
        }
        match self.late_events(ears).await {
            Ok(told) if told.is_empty() => {}
            Ok(told) => self.heard(ears, told).await,
            Err(error) => {
                tracing::error!(%error, "reading the event log");
                ears.changes = Changes::default();
            }
        }
        ears.known.retain(|_, heard| heard.elapsed() < REMEMBERED);
    }

    async fn late_events(&self, ears: &mut Ears) -> Result<Vec<Told>, Fault> {
        let written = ears.changes.any(self.database()).await?;
        let mut new = match written {
            Written::Not => Vec::new(),
            Written::Perhaps | Written::Elsewhere => self.new_events(&ears.known).await?,
        };
        ears.all_due |= new.is_empty() && written == Written::Elsewhere;
        if ears.all_due && ears.all_at.is_none_or(|at| at.elapsed() >= ALL) {
            (ears.all_due, ears.all_at) = (false, Some(Instant::now()));
            new.push(Told::Anything);
        }
        Ok(new)
    }

    async fn new_events(&self, known: &HashMap<EventId, Instant>) -> Result<Vec<Told>, Fault> {
        let mut tx = self.database().begin_read().await?;
        let rows = fetch_all!(
            &mut tx,
            (Uuid, Option<Uuid>, Option<Uuid>),
            "select id, bib_id, reservation_id from event where at >= $1",
            self.now() - WINDOW
        )?;
        let told = |(id, bib, reservation): (Uuid, Option<Uuid>, Option<Uuid>)| {
            Told::Event(EventId(id), bib.map(BibId), reservation.map(ReservationId))
        };
        let is_new = |told: &Told| event_of(told).is_some_and(|event| !known.contains_key(&event));
        Ok(rows.into_iter().map(told).filter(is_new).collect())
    }

    /// Says that all is as it was, with who is signed in now; on another day everything is looked at anew.
    async fn beat(&self, ears: &mut Ears) {
        if self.live().hub().is_idle() {
            return;
        }
        let today = self.today();
        if std::mem::replace(&mut ears.today, today) != today {
            self.heard(ears, vec![Told::Anything]).await;
        }
        let at = self.time_of_day();
        let known = self.live().hub().looks();
        // Where that can't be read, nothing is said: whoever hears nothing knows that what they see may be old.
        match self.who_is_signed_in().await {
            Ok(mut who) => self.live().hub().beat(&mut who, known, &at),
            Err(error) => tracing::error!(%error, "who is signed in"),
        }
    }

    async fn who_is_signed_in(&self) -> Result<SignedInNow, StorageError> {
        let (topics, staff) = {
            let hub = self.live().hub();
            (hub.topics(), hub.staff())
        };
        let patrons: Vec<PatronId> = topics
            .into_iter()
            .filter_map(|topic| match topic {
                Topic::Patron(patron) => Some(patron),
                Topic::Desk(..) => None,
            })
            .collect();
        let mut who = SignedInNow { staff: self.sessions_of_staff(&staff).await?, ..SignedInNow::default() };
        for (patron, session) in self.sessions_of_patrons(&patrons).await? {
            who.patrons.entry(patron).or_default().push(session);
        }
        Ok(who)
    }
}

/// What other servers tell, for as long as it is listened to. On SQLite there are none.
async fn listen(database: &Database, heard: mpsc::Sender<Vec<Told>>) {
    let Database::Postgres(served) = database else { return pending().await };
    loop {
        let Err(error) = listen_once(served, &heard).await else { return pending().await };
        tracing::warn!(%error, "listening to other servers");
        tokio::time::sleep(RETRY).await;
    }
}

async fn listen_once(served: &Served, heard: &mpsc::Sender<Vec<Told>>) -> Result<(), StorageError> {
    let mut ear = served.ear().await?;
    // What was said before is not known.
    let mut told = vec![Told::Anything];
    while heard.send(told).await.is_ok() {
        told = ear.hear().await?;
    }
    Ok(())
}

fn every(pause: Duration) -> tokio::time::Interval {
    let mut ticks = tokio::time::interval(pause);
    // After a sleep of the machine once is enough.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

fn event_of(told: &Told) -> Option<EventId> {
    match told {
        Told::Event(event, ..) => Some(*event),
        _ => None,
    }
}

fn reservation_of(told: &Told) -> Option<ReservationId> {
    match told {
        Told::Event(_, _, reservation) => *reservation,
        _ => None,
    }
}
