//! What is watched in this process, and by whom.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
};

use domain::{BibId, PatronId, StaffId};
use tokio::sync::{Notify, watch};

use super::{MOST_OF_A_SESSION, NoRoom, Signed, Topic, Watcher};
use crate::{sessions::SignedIn, storage::Told};

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

/// Who is signed in, of those who watch.
#[derive(Default)]
pub(super) struct SignedInNow {
    pub(super) patrons: HashMap<PatronId, Vec<SignedIn>>,
    pub(super) staff: Vec<SignedIn>,
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
    /// Whether a look has begun and not ended: which titles it has read is not known yet.
    reading: bool,
    watchers: Vec<Watcher>,
}

/// The place of a watcher.
pub(super) struct Seat {
    pub(super) present: watch::Receiver<Present>,
    /// The look that was begun last.
    pub(super) look: u64,
    /// Its number.
    pub(super) stream: u64,
    /// Rung when newer streams of the same session have taken its place.
    pub(super) displaced: Arc<Notify>,
}

/// All that is watched.
#[derive(Default)]
pub(super) struct Hub {
    /// Most streams there may be; 0 where nothing is watched, or nothing any more.
    room: usize,
    topics: HashMap<Topic, Watched>,
    /// Which patrons' topics hold a title.
    by_bib: HashMap<BibId, HashSet<PatronId>>,
    /// The streams of each session, the oldest first, with the way to end one.
    of_session: HashMap<[u8; 32], VecDeque<(u64, Arc<Notify>)>>,
    streams: usize,
    /// Streams that were begun.
    begun: u64,
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

    /// Another watcher. Where its session has as many as it may have, the oldest goes: it may be one of a phone that is off
    /// by now, of which nobody knows yet that it is dead.
    pub(super) fn join(&mut self, topic: &Topic, watcher: &Watcher) -> Result<Seat, NoRoom> {
        if self.streams >= self.room {
            return Err(NoRoom);
        }
        self.begun += 1;
        self.streams += 1;
        let displaced = Arc::new(Notify::new());
        let of_session = self.of_session.entry(watcher.session).or_default();
        if of_session.len() >= MOST_OF_A_SESSION
            && let Some((_, oldest)) = of_session.pop_front()
        {
            oldest.notify_one();
        }
        of_session.push_back((self.begun, Arc::clone(&displaced)));
        let watched = self.topics.entry(topic.clone()).or_insert_with(Watched::new);
        watched.watchers.push(watcher.clone());
        Ok(Seat { present: watched.present.subscribe(), look: self.looks, stream: self.begun, displaced })
    }

    /// A watcher less.
    pub(super) fn leave(&mut self, topic: &Topic, watcher: &Watcher, stream: u64) {
        self.streams = self.streams.saturating_sub(1);
        if let Some(of_session) = self.of_session.get_mut(&watcher.session) {
            of_session.retain(|(one, _)| *one != stream);
            if of_session.is_empty() {
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
        watched.reading = true;
        self.looks += 1;
        Some((self.looks, watched.staff()))
    }

    /// What a look saw. What a later one saw already is not overwritten.
    pub(super) fn end_look(&mut self, topic: &Topic, look: u64, seen: Seen) {
        let Some(watched) = self.topics.get_mut(topic) else { return };
        watched.reading = false;
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

    /// The topics that what was told concerns.
    pub(super) fn concerned(&self, told: &[Told]) -> Vec<Topic> {
        if told.contains(&Told::Anything) {
            return self.topics();
        }
        let at_desk = told.iter().any(|told| matches!(told, Told::Event(..) | Told::Staff));
        let of_bib = |told: &Told| match told {
            Told::Event(_, bib, _) => *bib,
            Told::Bib(bib) => Some(*bib),
            _ => None,
        };
        let has_bib = told.iter().any(|told| of_bib(told).is_some());
        let mut concerned: Vec<Topic> = self
            .topics
            .iter()
            .filter(|(topic, watched)| match topic {
                Topic::Desk(..) => at_desk,
                // It may hold the title, and may have read what is old by now.
                Topic::Patron(_) => has_bib && watched.reading,
            })
            .map(|(topic, _)| topic.clone())
            .collect();
        let mut patrons: Vec<PatronId> = Vec::new();
        for told in told {
            if let Some(watching) = of_bib(told).and_then(|bib| self.by_bib.get(&bib)) {
                patrons.extend(watching);
            }
            if let Told::Patron(patron) = told
                && self.topics.contains_key(&Topic::Patron(*patron))
            {
                patrons.push(*patron);
            }
        }
        patrons.sort_unstable();
        patrons.dedup();
        concerned.extend(patrons.into_iter().map(Topic::Patron));
        concerned
    }

    /// The look that was begun last.
    pub(super) fn looks(&self) -> u64 {
        self.looks
    }

    /// The members of staff who watch.
    pub(super) fn staff(&self) -> Vec<StaffId> {
        let mut staff: Vec<StaffId> = self.topics.values().flat_map(Watched::staff).collect();
        staff.sort_unstable();
        staff.dedup();
        staff
    }

    /// All is as it was, but perhaps for who is signed in. That was read after the look `known` had begun; a later look knows
    /// better, of one who signed in meanwhile.
    pub(super) fn beat(&self, who: &mut SignedInNow, known: u64, at: &str) {
        for (topic, watched) in &self.topics {
            let sessions: Arc<[SignedIn]> = match topic {
                Topic::Patron(patron) => who.patrons.remove(patron).unwrap_or_default().into(),
                Topic::Desk(..) => who.staff.as_slice().into(),
            };
            watched.present.send_modify(|present| {
                present.beat += 1;
                if present.look <= known {
                    present.sessions = sessions;
                }
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
        Self {
            present: watch::Sender::new(present),
            bibs: Vec::new(),
            work: Work::Idle,
            reading: false,
            watchers: Vec::new(),
        }
    }

    fn staff(&self) -> Vec<StaffId> {
        let of = |watcher: &Watcher| match watcher.signed {
            Signed::Staff(staff) => Some(staff),
            Signed::Patron { .. } => None,
        };
        self.watchers.iter().filter_map(of).collect()
    }
}

#[cfg(test)]
mod tests;
