//! Pages that follow what happens (R34).
//!
//! What is watched is a *topic*: the reservations of a patron, a list of the desk at a place. A watcher is given the
//! present state with its version, and again whenever it has changed; so nothing can be missed and nothing comes twice,
//! whatever connection, server or sleep lies between. The version is made of the state itself, so every server gives the
//! same one.
//!
//! One task per process ([`Library::run_live`]) hears from commits and from other servers what was touched, and has the
//! topics concerned looked at anew ([`look`]): those of the patrons of a reservation, of everybody who watches a queue, and
//! the desk's lists. What nobody watches is never looked at.

mod hear;
mod look;
mod topic;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{OpId, PatronId, PlaceCode, StaffId, circulation::DeskRoom};
use tokio::sync::{Notify, Semaphore, watch};

use self::topic::{Hub, Present, Seat};
use crate::{Library, sessions::SignedIn};

/// Most streams of one session; a newer one takes the place of the oldest. A browser shares one among its tabs, and has six
/// connections to a host over HTTP/1.1, of which pages need some; the rest is for lists of the desk side by side.
const MOST_OF_A_SESSION: usize = 4;

/// How many topics are looked at at once: the readers are for people, too.
const LOOKS_AT_ONCE: usize = 4;

/// What can be watched.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// The reservations of a patron.
    Patron(PatronId),
    /// A list of the desk at a place.
    Desk(PlaceCode, DeskRoom),
}

/// Whose session a watcher belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    /// A patron's.
    Patron {
        /// Whether they signed in at a kiosk.
        kiosk: bool,
    },
    /// A member of staff's.
    Staff(StaffId),
}

/// The session for which something is watched. When it ends, the watching does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watcher {
    /// The hash of the session's id.
    pub session: [u8; 32],
    /// The generation of the password it began with.
    pub generation: i64,
    /// Whose it is.
    pub signed: Signed,
}

/// What a watcher is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// The present state.
    State {
        /// Its version: alike where states are.
        version: String,
        /// Fields of a JSON object, without its braces.
        fields: Arc<str>,
        /// When it was read, on the library's clocks: `12:34`.
        at: String,
    },
    /// Nothing has changed; the line is alive.
    Beat {
        /// Up to when that is known.
        at: String,
    },
    /// The session is over, and so is the watching.
    Over,
    /// Newer streams of the same session have taken its place.
    Displaced,
}

/// There is no room for another watcher, or the process is about to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no room for another stream")]
pub struct NoRoom;

/// Who watches what in this process.
#[derive(Clone)]
pub(crate) struct Live {
    hub: Arc<Mutex<Hub>>,
    looks: Arc<Semaphore>,
}

impl Default for Live {
    fn default() -> Self {
        Self { hub: Arc::default(), looks: Arc::new(Semaphore::new(LOOKS_AT_ONCE)) }
    }
}

impl Live {
    fn hub(&self) -> MutexGuard<'_, Hub> {
        self.hub.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A topic that is watched, until it is dropped.
pub struct Watching {
    library: Library,
    topic: Topic,
    watcher: Watcher,
    present: watch::Receiver<Present>,
    /// Looks up to this one had begun before the watching, and may not know what happened just before it.
    begun: u64,
    /// The version that was told last.
    told: Option<String>,
    stream: u64,
    displaced: Arc<Notify>,
    /// The beat that was told last. Whoever has the present state is told so at once.
    beat: Option<u64>,
    over: bool,
}

impl Library {
    /// Watches a topic. Whoever has its state already names the version.
    ///
    /// # Errors
    /// When there are too many watchers, or nothing is watched in this process.
    pub fn watch(&self, topic: Topic, watcher: Watcher, version: Option<String>) -> Result<Watching, NoRoom> {
        let Seat { present, look, stream, displaced } = self.live().hub().join(&topic, &watcher)?;
        self.stir(&topic);
        let library = self.clone();
        let (told, begun) = (version, look);
        Ok(Watching { library, topic, watcher, present, begun, told, stream, displaced, beat: None, over: false })
    }

    /// Whether somebody watches.
    pub fn streams(&self) -> usize {
        self.live().hub().streams()
    }

    /// Whether the session of a watcher still is one in which somebody is signed in.
    fn is_signed_in(&self, watcher: &Watcher, sessions: &[SignedIn]) -> bool {
        let accounts = &self.policy().accounts;
        let now = self.now();
        let session = sessions.iter().find(|session| session.hash == watcher.session);
        session.is_some_and(|SignedIn { begun, seen, generation, .. }| {
            let over = match watcher.signed {
                Signed::Patron { kiosk: true } => accounts.kiosk_is_over(*begun, *seen, now),
                Signed::Patron { kiosk: false } => accounts.patron_is_over(*begun, *seen, now),
                Signed::Staff(_) => accounts.staff_is_over(*begun, *seen, now),
            };
            *generation == watcher.generation && !over
        })
    }
}

impl Watching {
    /// An id for what may be done on a page that shows this state.
    pub fn op(&self) -> OpId {
        self.library.new_op()
    }

    /// What there is to tell next; `None` when nothing more will come.
    pub async fn next(&mut self) -> Option<News> {
        while !self.over {
            if let Some(news) = self.news() {
                self.over = news == News::Over;
                return Some(news);
            }
            tokio::select! {
                // The process ends.
                changed = self.present.changed() => changed.ok()?,
                () = self.displaced.notified() => {
                    self.over = true;
                    return Some(News::Displaced);
                }
            }
        }
        None
    }

    fn news(&mut self) -> Option<News> {
        let present = self.present.borrow_and_update();
        if present.look <= self.begun {
            return None;
        }
        if !self.library.is_signed_in(&self.watcher, &present.sessions) {
            return Some(News::Over);
        }
        let beat = self.beat.replace(present.beat);
        if self.told.as_deref() != Some(&*present.version) {
            let version = present.version.to_string();
            self.told = Some(version.clone());
            return Some(News::State { version, fields: Arc::clone(&present.fields), at: present.at.clone() });
        }
        (beat != self.beat).then(|| News::Beat { at: present.at.clone() })
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.library.live().hub().leave(&self.topic, &self.watcher, self.stream);
    }
}
