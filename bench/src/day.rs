//! A town's day, at a multiple of its speed, until the program can't follow.
//!
//! How much is lent more often than the rest, and how many come back for each that goes out, is read from a library's real loans.
//! How many loans a day there are follows from how many are open. What people look up for each loan is an assumption, written
//! here.

use std::{
    collections::HashMap,
    fs::File,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use flate2::read::GzDecoder;
use http::StatusCode;
use rand::{Rng, RngExt as _, SeedableRng as _, rngs::Xoshiro256PlusPlus, seq::IndexedRandom as _};
use serde::Deserialize;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::{
    client::{Answer, Client, FORM, JSON, Post, Took},
    failure::Failure,
    process::Program,
    storm::{Entered, Stage},
};

/// Where the loans lie in the folder of words.
const LOANS: &str = "loans/reed_checkouts.csv.gz";

/// Seconds in which the library is open: from half past nine to seven.
const OPEN: f64 = 9.5 * 3600.0;

/// For how long each speed is tried.
const TRY: Duration = Duration::from_secs(4);

/// The first speed that is tried, in requests a second, and by how much the next is faster.
const FIRST: f64 = 30.0;
const FASTER: f64 = 1.5;

/// The program follows while 99 of 100 wait no longer than this, and all are answered so long after the last came.
const FOLLOWS: Duration = Duration::from_secs(1);

/// A line of the file of loans. A title that is out still has no day of return.
#[derive(Deserialize)]
struct Line {
    #[serde(rename = "Title")]
    title: String,
    #[serde(rename = "Returned")]
    returned: String,
}

/// How a real library's loans are spread.
pub(crate) struct Rhythm {
    /// Loans of each title, the most lent first, each with those of all before it.
    up_to: Vec<u64>,
    /// Returns for each loan.
    returns: f64,
}

/// A request of a kind, and how many there are of it for each loan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Home,
    Search,
    Record,
    Reservations,
    Reserve,
    CheckOut,
    CheckIn,
}

impl Rhythm {
    /// Reads the loans of a folder; `None` where there are none.
    ///
    /// # Errors
    /// When the file is there and can't be read.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>, Failure> {
        let path = folder.join(LOANS);
        if !path.is_file() {
            return Ok(None);
        }
        let file = File::open(&path).map_err(|error| Failure::File { path: path.clone(), error })?;
        let mut loans: HashMap<String, u64> = HashMap::new();
        let (mut out, mut back) = (0_u32, 0_u32);
        for line in csv::Reader::from_reader(GzDecoder::new(file)).into_deserialize::<Line>() {
            let line = line.map_err(|error| Failure::Words { path: path.clone(), why: error.to_string() })?;
            *loans.entry(line.title).or_default() += 1;
            out += 1;
            back += u32::from(!line.returned.is_empty());
        }
        let mut counts: Vec<u64> = loans.into_values().collect();
        counts.sort_unstable_by(|a, b| b.cmp(a));
        let mut all = 0;
        let up_to = counts
            .into_iter()
            .map(|count| {
                all += count;
                all
            })
            .collect();
        Ok(Some(Self { up_to, returns: f64::from(back) / f64::from(out.max(1)) }))
    }

    /// One of a list whose first is wanted the most.
    fn draw<'a, T>(&self, random: &mut impl Rng, list: &'a [T]) -> Option<&'a T> {
        let loan = random.random_range(0..self.up_to.last().copied().unwrap_or(1));
        let rank = self.up_to.partition_point(|up_to| *up_to <= loan);
        // Ranks beyond the list are spread over it.
        list.get(rank % list.len().max(1))
    }

    /// How many requests of each kind there are for each loan.
    fn mix(&self) -> [(Deed, f64); 7] {
        [
            (Deed::Home, 2.0),
            (Deed::Search, 6.0),
            (Deed::Record, 4.0),
            (Deed::Reservations, 1.5),
            (Deed::Reserve, 0.3),
            (Deed::CheckOut, 1.0),
            (Deed::CheckIn, self.returns),
        ]
    }
}

/// What came of it.
#[derive(Clone, Debug)]
pub(crate) struct Day {
    /// Requests a second of a real day.
    pub(crate) real: f64,
    /// The fastest speed at which the program followed, as a multiple of that.
    pub(crate) times: f64,
    /// The requests at it.
    pub(crate) took: Took,
}

/// What requests are made of.
struct Town {
    client: Client,
    entered: Entered,
    patrons: Vec<Uuid>,
    lists: Vec<String>,
    records: Vec<String>,
    parts: Vec<Uuid>,
    on_shelf: Vec<String>,
    on_loan: Vec<String>,
}

/// Plays a day of a town in which so many copies are lent a day.
///
/// # Errors
/// When the line breaks.
pub(crate) async fn day(
    server: &Program,
    rhythm: &Rhythm,
    stage: Stage,
    entered: Entered,
    (lists, records): (Vec<String>, Vec<String>),
    loans_a_day: f64,
) -> Result<Day, Failure> {
    let client = Client::of(server.address);
    let Stage { patrons, parts, on_shelf, on_loan, .. } = stage;
    let town = Arc::new(Town { client, entered, patrons, lists, records, parts, on_shelf, on_loan });
    let each: f64 = rhythm.mix().iter().map(|(_, share)| share).sum();
    let real = loans_a_day * each / OPEN;
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    let (mut rate, mut fastest) = (FIRST, Day { real, times: 0.0, took: Took::default() });
    loop {
        let cpu = server.cpu();
        let (mut took, late) = match play(&town, rhythm, rate, &mut random).await? {
            Some(played) => played,
            None => return Ok(fastest),
        };
        if late > FOLLOWS || took.quantile(0.99) > FOLLOWS.as_secs_f64() * 1000.0 {
            return Ok(fastest);
        }
        took.cpu = server.cpu().saturating_sub(cpu);
        fastest = Day { real, times: rate / real, took };
        rate *= FASTER;
    }
}

/// Plays at so many requests a second; answers what each took, and how long after the last came all were answered. `None` when
/// somebody was turned away, as the program does with what it can't follow.
async fn play(
    town: &Arc<Town>,
    rhythm: &Rhythm,
    rate: f64,
    random: &mut Xoshiro256PlusPlus,
) -> Result<Option<(Took, Duration)>, Failure> {
    let mut asking = JoinSet::new();
    let (begun, mut next) = (Instant::now(), Duration::ZERO);
    while next < TRY {
        tokio::time::sleep_until((begun + next).into()).await;
        let due = begun + next;
        let (town, request) = (Arc::clone(town), Request::draw(town, rhythm, random));
        asking.spawn(async move {
            match request.send(&town).await {
                // From when it was due: what the clients were late by is the program's, which had the processors.
                Ok(_) => Ok(Some(due.elapsed())),
                Err(Failure::Answer { status: StatusCode::SERVICE_UNAVAILABLE, .. }) => Ok(None),
                Err(failure) => Err(failure),
            }
        });
        // People come as they please, not one after the other.
        next += Duration::from_secs_f64(-(1.0 - random.random::<f64>()).ln() / rate);
    }
    let last = Instant::now();
    let each = asking.join_all().await.into_iter().collect::<Result<Option<Vec<_>>, _>>()?;
    Ok(each.map(|each| (Took::of(begun.elapsed(), each), last.elapsed())))
}

/// A request that is about to be sent.
enum Request {
    Page { path: String, cookie: String },
    Write { path: &'static str, cookie: String, kind: &'static str, body: String },
}

impl Request {
    fn draw(town: &Town, rhythm: &Rhythm, random: &mut Xoshiro256PlusPlus) -> Self {
        let mix = rhythm.mix();
        let deed = mix.choose_weighted(random, |(_, share)| *share).map_or(Deed::Home, |(deed, _)| *deed);
        let page = |path: String| Self::Page { path, cookie: String::new() };
        let patron = random.random_range(0..town.patrons.len().max(1));
        let cookie = town.entered.patrons.get(patron).cloned().unwrap_or_default();
        let desk = |path, body: serde_json::Value| Self::Write {
            path,
            cookie: town.entered.desk.clone(),
            kind: JSON,
            body: body.to_string(),
        };
        let op = Uuid::new_v4();
        match deed {
            Deed::Home => page("/".to_owned()),
            Deed::Search => page(town.lists.choose(random).cloned().unwrap_or_default()),
            Deed::Record => page(rhythm.draw(random, &town.records).cloned().unwrap_or_default()),
            Deed::Reservations => Self::Page { path: "/account/reservations".to_owned(), cookie },
            Deed::Reserve => {
                let part = rhythm.draw(random, &town.parts).copied().unwrap_or_default();
                let place = &town.entered.place.0;
                let body = format!("op={op}&place={place}&contact=telephone&in_set=0&parts[0]={part}");
                Self::Write { path: "/api/reserve", cookie, kind: FORM, body }
            }
            Deed::CheckOut => {
                let turn = town
                    .patrons
                    .get(patron)
                    .map(|patron| serde_json::json!({ "patron": patron, "since": chrono::Utc::now() }));
                let text = town.on_shelf.choose(random);
                let scan = serde_json::json!({ "text": text, "read_as": "copy", "reason": null });
                desk("/api/counter", serde_json::json!({ "op": op, "turn": turn, "scan": scan }))
            }
            Deed::CheckIn => {
                desk("/api/check-in", serde_json::json!({ "op": op, "barcode": town.on_loan.choose(random) }))
            }
        }
    }

    async fn send(self, town: &Town) -> Result<Answer, Failure> {
        match self {
            Self::Page { path, cookie } => town.client.page(&path, &cookie, true).await,
            Self::Write { path, cookie, kind, body } => {
                let answer = town.client.post(Post { path, cookie: &cookie, kind, body, from: None }).await?;
                if answer.status.is_success() || answer.status.is_redirection() {
                    Ok(answer)
                } else {
                    Err(Failure::Answer { path: path.to_owned(), status: answer.status })
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lent_the_most_is_wanted_the_most() {
        // Six loans of the first title, three of the second, one of the third.
        let rhythm = Rhythm { up_to: vec![6, 9, 10], returns: 1.0 };
        let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
        let drawn: Vec<&str> = (0..1000).filter_map(|_| rhythm.draw(&mut random, &["a", "b", "c"]).copied()).collect();
        let of = |title| drawn.iter().filter(|drawn| **drawn == title).count();
        assert!((550..650).contains(&of("a")) && (250..350).contains(&of("b")), "{} {}", of("a"), of("b"));
        assert_eq!(of("a") + of("b") + of("c"), 1000);
    }
}
