//! What is watched in this process, and by whom.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use domain::{BibId, PatronId, StaffId};
use tokio::sync::watch;

use super::{MOST_OF_A_SESSION, NoRoom, Signed, Topic, Watcher};
use crate::sessions::SignedIn;

/// What is known of a topic.
#[derive(Clone, Debug)]
pub(super) struct Present {
    /// The look that saw it; 0 before the first.
    pub(super) look: u64,
    /// How often it was said that all is as it was.
    pub(super) beat: u64,
    pub(super) version: Arc<str>,
    /// Fields of a JSON object, without its braces.
    pub(super) fields: Arc<str>,
    /// In which sessions those who may watch it are signed in.
    pub(super) sessions: Arc<[SignedIn]>,
    /// Up to when that is known.
    pub(super) at: String,
}

/// What a look saw.
pub(super) struct Seen {
    pub(super) version: String,
    pub(super) fields: String,
    /// Whose events concern it.
    pub(super) bibs: Vec<BibId>,
    pub(super) sessions: Vec<SignedIn>,
    pub(super) at: String,
}

/// Whether a topic is being looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Work {
    Idle,
    Looking,
    /// Something was touched since the look began.
    Again,
}

struct Watched {
    present: watch::Sender<Present>,
    bibs: Vec<BibId>,
    work: Work,
    watchers: Vec<Watcher>,
}

/// All that is watched.
#[derive(Default)]
pub(super) struct Hub {
    /// Most streams there may be; 0 where nothing is watched, or nothing any more.
    room: usize,
    topics: HashMap<Topic, Watched>,
    /// Which patrons' topics hold a title.
    by_bib: HashMap<BibId, HashSet<PatronId>>,
    of_session: HashMap<[u8; 32], usize>,
    streams: usize,
    /// Looks that were begun.
    looks: u64,
}

impl Hub {
    /// Lets so many watch.
    pub(super) fn open(&mut self, room: usize) {
        self.room = room;
    }

    /// Ends all watching.
    pub(super) fn close(&mut self) {
        self.room = 0;
        self.topics.clear();
        self.by_bib.clear();
    }

    pub(super) fn streams(&self) -> usize {
        self.streams
    }

    /// Another watcher: where to read, and the look that was begun last.
    pub(super) fn join(&mut self, topic: &Topic, watcher: &Watcher) -> Result<(watch::Receiver<Present>, u64), NoRoom> {
        let of_session = self.of_session.get(&watcher.session).copied().unwrap_or(0);
        if self.streams >= self.room || of_session >= MOST_OF_A_SESSION {
            return Err(NoRoom);
        }
        self.of_session.insert(watcher.session, of_session + 1);
        self.streams += 1;
        let watched = self.topics.entry(topic.clone()).or_insert_with(Watched::new);
        watched.watchers.push(watcher.clone());
        Ok((watched.present.subscribe(), self.looks))
    }

    /// A watcher less.
    pub(super) fn leave(&mut self, topic: &Topic, watcher: &Watcher) {
        self.streams = self.streams.saturating_sub(1);
        if let Some(of_session) = self.of_session.get_mut(&watcher.session) {
            *of_session = of_session.saturating_sub(1);
            if *of_session == 0 {
                self.of_session.remove(&watcher.session);
            }
        }
        let Some(watched) = self.topics.get_mut(topic) else { return };
        if let Some(at) = watched.watchers.iter().position(|one| one == watcher) {
            watched.watchers.swap_remove(at);
        }
        if watched.watchers.is_empty() {
            let bibs = std::mem::take(&mut watched.bibs);
            self.unlist(topic, &bibs);
            self.topics.remove(topic);
        }
    }

    /// Something was touched. Whether somebody has to begin looking; else who looks already does it once more.
    pub(super) fn stir(&mut self, topic: &Topic) -> bool {
        let Some(watched) = self.topics.get_mut(topic) else { return false };
        let idle = watched.work == Work::Idle;
        watched.work = if idle { Work::Looking } else { Work::Again };
        idle
    }

    /// A look begins: its number, and which members of staff watch. `None` when nobody watches any more.
    pub(super) fn begin_look(&mut self, topic: &Topic) -> Option<(u64, Vec<StaffId>)> {
        let watched = self.topics.get_mut(topic)?;
        watched.work = Work::Looking;
        self.looks += 1;
        Some((self.looks, watched.staff()))
    }

    /// What a look saw. What a later one saw already is not overwritten.
    pub(super) fn end_look(&mut self, topic: &Topic, look: u64, seen: Seen) {
        let Some(watched) = self.topics.get_mut(topic) else { return };
        if watched.present.borrow().look > look {
            return;
        }
        let before = std::mem::replace(&mut watched.bibs, seen.bibs.clone());
        watched.present.send_modify(|present| {
            if *present.version != *seen.version {
                present.version = seen.version.into();
                present.fields = seen.fields.into();
            }
            present.look = look;
            present.sessions = seen.sessions.into();
            present.at = seen.at;
        });
        self.unlist(topic, &before);
        if let Topic::Patron(patron) = topic {
            for bib in seen.bibs {
                self.by_bib.entry(bib).or_default().insert(*patron);
            }
        }
    }

    /// Whether it has to be looked at once more, after which nobody looks.
    pub(super) fn looks_again(&mut self, topic: &Topic) -> bool {
        let Some(watched) = self.topics.get_mut(topic) else { return false };
        let again = watched.work == Work::Again;
        watched.work = if again { Work::Looking } else { Work::Idle };
        again
    }

    fn unlist(&mut self, topic: &Topic, bibs: &[BibId]) {
        let Topic::Patron(patron) = topic else { return };
        for bib in bibs {
            if let Some(patrons) = self.by_bib.get_mut(bib) {
                patrons.remove(patron);
                if patrons.is_empty() {
                    self.by_bib.remove(bib);
                }
            }
        }
    }

    pub(super) fn topics(&self) -> Vec<Topic> {
        self.topics.keys().cloned().collect()
    }

    pub(super) fn is_idle(&self) -> bool {
        self.topics.is_empty()
    }

    pub(super) fn is_watched(&self, patron: PatronId) -> bool {
        self.topics.contains_key(&Topic::Patron(patron))
    }

    /// The patrons who watch a title.
    pub(super) fn who_watch(&self, bib: BibId) -> impl Iterator<Item = PatronId> {
        self.by_bib.get(&bib).into_iter().flatten().copied()
    }

    /// The members of staff who watch.
    pub(super) fn staff(&self) -> Vec<StaffId> {
        let mut staff: Vec<StaffId> = self.topics.values().flat_map(Watched::staff).collect();
        staff.sort_unstable();
        staff.dedup();
        staff
    }

    /// All is as it was, but perhaps for who is signed in.
    pub(super) fn beat(&self, of_patron: &mut HashMap<PatronId, Vec<SignedIn>>, of_staff: &[SignedIn], at: &str) {
        for (topic, watched) in &self.topics {
            let sessions: Arc<[SignedIn]> = match topic {
                Topic::Patron(patron) => of_patron.remove(patron).unwrap_or_default().into(),
                Topic::Desk(..) => of_staff.into(),
            };
            watched.present.send_modify(|present| {
                present.beat += 1;
                present.sessions = sessions;
                present.at = at.to_owned();
            });
        }
    }
}

impl Watched {
    fn new() -> Self {
        let present = Present {
            look: 0,
            beat: 0,
            version: Arc::from(""),
            fields: Arc::from(""),
            sessions: Arc::from([]),
            at: String::new(),
        };
        Self { present: watch::Sender::new(present), bibs: Vec::new(), work: Work::Idle, watchers: Vec::new() }
    }

    fn staff(&self) -> Vec<StaffId> {
        let of = |watcher: &Watcher| match watcher.signed {
            Signed::Staff(staff) => Some(staff),
            Signed::Patron { .. } => None,
        };
        self.watchers.iter().filter_map(of).collect()
    }
}
