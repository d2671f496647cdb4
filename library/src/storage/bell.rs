//! What a commit tells whoever watches: which events it wrote, and whose affairs it touched.
//!
//! A transaction notes what it does ([`Tx::tell`](super::Tx::tell)) and rings when it is committed, never before. Within
//! the process that is a channel. To other servers of the same PostgreSQL it goes by `NOTIFY`, after the commit and apart
//! from it, because inside the transaction it would make all commits wait for each other; what is rung while one `NOTIFY`
//! is under way goes with the next. A word that is lost is made up for by whoever reads the event log.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{BibId, EventId, PatronId, ReservationId};
use sqlx::PgPool;
use tokio::sync::broadcast;
use uuid::Uuid;

/// The channel of `NOTIFY`.
pub(super) const CHANNEL: &str = "hondana";

/// How many commits may wait for a listener that is busy; one that misses some is told that it did.
const WAITING: usize = 1024;

/// What PostgreSQL takes in one `NOTIFY`, in bytes; a little less than the 8,000 it allows.
const MOST: usize = 7_900;

/// Of what is rung at once, so many `NOTIFY`s are sent; of more is said that there was something.
const MOST_PAYLOADS: usize = 8;

/// The pause between two `NOTIFY`s: nobody sees it, and a storm of commits becomes a hundred of them a second.
const PAUSE: Duration = Duration::from_millis(10);

/// How long a process that ends waits until what it did is said.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What a commit has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Told {
    /// It wrote this event.
    Event(EventId, Option<BibId>, Option<ReservationId>),
    /// It touched a title whose events bear another's name.
    Bib(BibId),
    /// It touched what is a patron's and no event names: a session, a card, an ordered set.
    Patron(PatronId),
    /// It touched sessions or accounts of staff.
    Staff,
    /// Something that is not known: words were lost.
    Anything,
}

/// Rung after commits.
#[derive(Clone)]
pub(crate) struct Bell(Arc<Inner>);

struct Inner {
    near: broadcast::Sender<Arc<[Told]>>,
    abroad: Option<Abroad>,
}

/// The other servers of a PostgreSQL.
struct Abroad {
    pool: PgPool,
    /// By which a process knows its own words when they come back.
    sender: String,
    outgoing: Mutex<Outgoing>,
}

#[derive(Default)]
struct Outgoing {
    told: Vec<Told>,
    sending: bool,
}

impl fmt::Debug for Bell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bell")
    }
}

impl Bell {
    /// A bell that is heard in this process only, or also by the other servers of a PostgreSQL.
    pub(super) fn new(abroad: Option<PgPool>) -> Self {
        let sender = || Uuid::new_v4().simple().to_string();
        let abroad = abroad.map(|pool| Abroad { pool, sender: sender(), outgoing: Mutex::default() });
        Self(Arc::new(Inner { near: broadcast::Sender::new(WAITING), abroad }))
    }

    /// Tells everybody. It waits for nothing.
    pub(super) fn ring(&self, told: Vec<Told>) {
        if told.is_empty() {
            return;
        }
        if let Some(abroad) = &self.0.abroad {
            let mut outgoing = abroad.outgoing();
            outgoing.told.extend_from_slice(&told);
            if !outgoing.sending {
                outgoing.sending = true;
                tokio::spawn(send(Arc::clone(&self.0)));
            }
        }
        // Nobody listens in a process that serves nobody.
        drop(self.0.near.send(told.into()));
    }

    /// What commits of this process tell from now on.
    pub(crate) fn listen(&self) -> broadcast::Receiver<Arc<[Told]>> {
        self.0.near.subscribe()
    }

    /// Reads what came by `NOTIFY`; nothing when it is this process's own word.
    pub(super) fn read(&self, payload: &str) -> Vec<Told> {
        let Some((sender, words)) = payload.split_once(';') else { return vec![Told::Anything] };
        if self.0.abroad.as_ref().is_some_and(|abroad| abroad.sender == sender) {
            return Vec::new();
        }
        words.split(',').map(|word| read(word).unwrap_or(Told::Anything)).collect()
    }

    /// Waits until everything is said, so that a command that ends at once is heard as well.
    pub(super) async fn finish(&self) {
        let Some(abroad) = &self.0.abroad else { return };
        let said = async {
            while abroad.outgoing().sending {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        drop(tokio::time::timeout(LAST_WORDS, said).await);
    }
}

impl Abroad {
    fn outgoing(&self) -> MutexGuard<'_, Outgoing> {
        self.outgoing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends until nothing is left to be said.
async fn send(bell: Arc<Inner>) {
    let Some(abroad) = &bell.abroad else { return };
    loop {
        let told = {
            let mut outgoing = abroad.outgoing();
            if outgoing.told.is_empty() {
                outgoing.sending = false;
                return;
            }
            std::mem::take(&mut outgoing.told)
        };
        for payload in payloads(&abroad.sender, &told) {
            let sent = sqlx::query("select pg_notify($1, $2)").bind(CHANNEL).bind(payload).execute(&abroad.pool).await;
            if let Err(error) = sent {
                // The others find it in the log a little later.
                tracing::debug!(%error, "notify");
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// What is told, in pieces that PostgreSQL takes.
fn payloads(sender: &str, told: &[Told]) -> Vec<String> {
    let mut payloads = Vec::new();
    let mut payload = String::new();
    for word in told.iter().map(|told| written(*told)) {
        if !payload.is_empty() && payload.len() + 1 + word.len() > MOST {
            payloads.push(std::mem::take(&mut payload));
        }
        payload.push_str(if payload.is_empty() { sender } else { "," });
        if payload.len() == sender.len() {
            payload.push(';');
        }
        payload.push_str(&word);
    }
    payloads.push(payload);
    if payloads.len() > MOST_PAYLOADS {
        return vec![format!("{sender};{}", written(Told::Anything))];
    }
    payloads
}

fn written(told: Told) -> String {
    let id = |id: Uuid| id.simple().to_string();
    let maybe = |of: Option<Uuid>| of.map(id).unwrap_or_default();
    match told {
        Told::Event(event, bib, reservation) => {
            format!("e{}:{}:{}", id(event.0), maybe(bib.map(|bib| bib.0)), maybe(reservation.map(|of| of.0)))
        }
        Told::Bib(bib) => format!("b{}", id(bib.0)),
        Told::Patron(patron) => format!("p{}", id(patron.0)),
        Told::Staff => "s".to_owned(),
        Told::Anything => "?".to_owned(),
    }
}

/// `None` for what another version of the program says.
fn read(word: &str) -> Option<Told> {
    let id = |text: &str| Uuid::parse_str(text).ok();
    let maybe = |text: &str| if text.is_empty() { Some(None) } else { id(text).map(Some) };
    let (kind, rest) = word.split_at_checked(1)?;
    match kind {
        "e" => {
            let mut parts = rest.split(':');
            let (event, bib, reservation) = (parts.next()?, parts.next()?, parts.next()?);
            Some(Told::Event(EventId(id(event)?), maybe(bib)?.map(BibId), maybe(reservation)?.map(ReservationId)))
        }
        "b" => id(rest).map(|bib| Told::Bib(BibId(bib))),
        "p" => id(rest).map(|patron| Told::Patron(PatronId(patron))),
        "s" => Some(Told::Staff),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    #[test]
    fn what_is_told_arrives_as_it_was_told() {
        let told = [
            Told::Event(EventId(id(1)), Some(BibId(id(2))), Some(ReservationId(id(3)))),
            Told::Event(EventId(id(4)), None, None),
            Told::Bib(BibId(id(5))),
            Told::Patron(PatronId(id(6))),
            Told::Staff,
            Told::Anything,
        ];
        let bell = Bell::new(None);
        let [payload]: [String; 1] = payloads("x", &told).try_into().expect("one");
        assert_eq!(bell.read(&payload), told);
        assert_eq!(bell.read("words of a later version"), [Told::Anything]);
        assert_eq!(bell.read("x;zebra"), [Told::Anything]);
    }

    #[test]
    fn much_goes_in_pieces_and_too_much_in_one_word() {
        let event = |n| Told::Event(EventId(id(n)), Some(BibId(id(n))), Some(ReservationId(id(n))));
        let some: Vec<Told> = (0..200).map(event).collect();
        let payloads_of_some = payloads("sender", &some);
        assert!(payloads_of_some.iter().all(|payload| payload.len() <= MOST));
        let bell = Bell::new(None);
        let read: Vec<Told> = payloads_of_some.iter().flat_map(|payload| bell.read(payload)).collect();
        assert_eq!(read, some);
        let many: Vec<Told> = (0..5_000).map(event).collect();
        assert_eq!(payloads("sender", &many), ["sender;?"]);
    }
}
