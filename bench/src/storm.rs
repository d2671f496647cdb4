//! The storm: a bestseller comes in, two thousand reserve it at once, while others search and the desk takes back.
//!
//! There are two: in one those who search never pause, which no person does and which fills every core by itself; in the other
//! each looks at a list for a second before asking for the next.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use domain::{
    OpId, PlaceCode,
    catalog::{BibRecord, ImportedBib, ImportedItem, ImportedPart, LoanRule, MaterialType},
    circulation::ItemState,
};
use library::{
    Library,
    demo::{PATRON_PASSWORD, STAFF_LOGIN, STAFF_PASSWORD},
    storage::Tx,
};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::{
    client::{Client, FORM, JSON, Post, Took},
    failure::Failure,
    pages::sign_in,
    process::Program,
    sql::fetch_all,
};

/// Who reserve.
pub(crate) const PATRONS: usize = 2_000;

/// Within what time they come.
const WITHIN: Duration = Duration::from_secs(1);

/// Who reserve before it, one after the other.
const ALONE: usize = 200;

/// Who search meanwhile.
const SEARCHERS: u32 = 32;

/// Who sign in at once beforehand.
const DOORS: usize = 16;

/// The source of the bestsellers.
const SOURCE: &str = "storm";

/// Their titles with the readings, and the barcodes of their copies, which come in when all have reserved.
const BESTSELLERS: [(&str, &str, [&str; 3]); 2] = [
    ("本棚の嵐", "ほんだなのあらし", ["6000000001", "6000000002", "6000000003"]),
    ("本棚の凪", "ほんだなのなぎ", ["6000000004", "6000000005", "6000000006"]),
];

/// How those who search go about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// Each asks as soon as it is answered.
    WithoutPause,
    /// Each looks at a list for a second.
    OneASecond,
}

impl Pace {
    /// For how long a list is looked at.
    const fn pause(self) -> Duration {
        match self {
            Self::WithoutPause => Duration::ZERO,
            Self::OneASecond => Duration::from_secs(1),
        }
    }
}

/// What the storm needs, looked up before the server starts.
pub(crate) struct Stage {
    /// The bestseller of each storm.
    bestsellers: [Uuid; 2],
    place: PlaceCode,
    cards: Vec<String>,
    /// Barcodes of copies that are on loan, for the desk.
    pub(crate) on_loan: Vec<String>,
    /// Barcodes of copies on their shelves, for the day after.
    pub(crate) on_shelf: Vec<String>,
    /// Parts of which copies are on loan.
    pub(crate) parts: Vec<Uuid>,
    /// The holders of the cards.
    pub(crate) patrons: Vec<Uuid>,
}

/// Those who are signed in.
#[derive(Clone)]
pub(crate) struct Entered {
    /// The cookies of the patrons.
    pub(crate) patrons: Vec<String>,
    /// The cookie of a desk.
    pub(crate) desk: String,
    /// Where that desk is.
    pub(crate) place: PlaceCode,
}

impl Stage {
    /// Takes the bestsellers in, and finds those who will want them: the patrons with the least to do.
    ///
    /// # Errors
    /// When the library is too small, or its database can't be written.
    pub(crate) async fn set(library: &Library) -> Result<Self, Failure> {
        let stocked = library.policy().places.iter().find(|place| place.holds_stock && place.pickup);
        let place = stocked.map(|place| place.code.clone()).ok_or(Failure::Lacking("branch that hands out"))?;
        library.import(SOURCE, &BESTSELLERS.map(|of| bestseller(of, &place))).await?;
        library.feed_search().await?;
        let mut tx: Tx = library.database().begin_read().await?;
        let bestsellers = fetch_all!(
            &mut tx,
            (Uuid,),
            "select p.id from part p join bib b on b.id = p.bib_id where b.source = $1 order by b.source_key",
            SOURCE
        )?;
        let bestsellers: Vec<Uuid> = bestsellers.into_iter().map(|(part,)| part).collect();
        let patrons = fetch_all!(
            &mut tx,
            (Uuid, String),
            "select id, card_number from patron order by card_number desc limit $1",
            i64::try_from(PATRONS).unwrap_or(i64::MAX)
        )?;
        let barcodes =
            "select barcode from item where state = $1 and loan_rule = 'lendable' order by barcode limit 5000";
        let on_loan = fetch_all!(&mut tx, (String,), barcodes, ItemState::OnLoan.as_str())?;
        let on_shelf = fetch_all!(&mut tx, (String,), barcodes, ItemState::OnShelf.as_str())?;
        let parts = fetch_all!(
            &mut tx,
            (Uuid,),
            "select distinct part_id from loan where returned_at is null order by part_id limit 5000"
        )?;
        if patrons.len() < PATRONS {
            return Err(Failure::Lacking("two thousand patrons"));
        }
        let (patrons, cards) = patrons.into_iter().unzip();
        Ok(Self {
            bestsellers: bestsellers.try_into().map_err(|_| Failure::Lacking("bestsellers"))?,
            place,
            cards,
            on_loan: on_loan.into_iter().map(|(barcode,)| barcode).collect(),
            on_shelf: on_shelf.into_iter().map(|(barcode,)| barcode).collect(),
            parts: parts.into_iter().map(|(part,)| part).collect(),
            patrons,
        })
    }

    /// Signs everybody in, and puts the bestsellers into the carts of those who will want them.
    ///
    /// # Errors
    /// When somebody can't.
    pub(crate) async fn enter(&self, server: &Program) -> Result<Entered, Failure> {
        let client = Client::of(server.address);
        let patrons = cookies(&client, &self.cards).await?;
        for cookie in &patrons {
            for part in self.bestsellers {
                let (path, body) = ("/api/cart-add", format!("part={part}"));
                let answer = client.post(Post { path, cookie, kind: FORM, body, from: None }).await?;
                if !answer.status.is_redirection() {
                    return Err(Failure::Answer { path: path.to_owned(), status: answer.status });
                }
            }
        }
        Ok(Entered { patrons, desk: desk(&client, &self.place).await?, place: self.place.clone() })
    }
}

/// What came of it.
#[derive(Clone, Debug)]
pub(crate) struct Storm {
    /// The reservations, from the first press to the last answer.
    pub(crate) reservations: Took,
    /// What was not answered by 予約完了.
    pub(crate) errors: usize,
    /// The result lists meanwhile.
    pub(crate) searches: Took,
    /// The desk's scans meanwhile.
    pub(crate) scans: Took,
    /// CPU time of the server for all of it.
    pub(crate) cpu: Duration,
    /// Reservations in the database.
    pub(crate) kept: usize,
    /// Pairs in which somebody stands behind another who pressed only after their answer had come; and copies that came in and
    /// were not for the next in the queue.
    pub(crate) out_of_order: usize,
}

/// Lets both break loose, one after the other.
///
/// # Errors
/// When the line of a searcher or of the desk breaks.
pub(crate) async fn storms(
    server: &Program,
    library: &Library,
    stage: &Stage,
    entered: &Entered,
    lists: Vec<String>,
) -> Result<[Storm; 2], Failure> {
    let lists: Arc<[String]> = lists.into();
    // Each desk has copies of its own to take back.
    let (first, second) = stage.on_loan.split_at(stage.on_loan.len() / 2);
    let all = Scene { server, library, stage, entered, lists: &lists };
    Ok([all.storm(0, Pace::WithoutPause, first).await?, all.storm(1, Pace::OneASecond, second).await?])
}

/// Where and among whom a storm is.
struct Scene<'a> {
    server: &'a Program,
    library: &'a Library,
    stage: &'a Stage,
    entered: &'a Entered,
    lists: &'a Arc<[String]>,
}

impl Scene<'_> {
    async fn storm(&self, which: usize, pace: Pace, on_loan: &[String]) -> Result<Storm, Failure> {
        let Self { server, library, stage, entered, lists } = *self;
        let (Some(part), Some((_, _, copies))) = (stage.bestsellers.get(which).copied(), BESTSELLERS.get(which)) else {
            return Err(Failure::Lacking("bestseller"));
        };
        let client = Client::of(server.address);
        let desk = &entered.desk;
        let cpu = server.cpu();
        let over = Arc::new(AtomicBool::new(false));
        let mut searching = search(&client, lists, pace, &over);
        let scanning = scan(client.clone(), desk.clone(), on_loan.to_vec(), Arc::clone(&over));

        let begun = Instant::now();
        let mut pressing = JoinSet::new();
        for (n, cookie) in (0_u32..).zip(entered.patrons.clone()) {
            let (client, body) = (client.clone(), form(stage, part));
            pressing.spawn(async move {
                tokio::time::sleep_until((begun + WITHIN * n / PATRONS as u32).into()).await;
                let pressed = Instant::now();
                let answer =
                    client.post(Post { path: "/api/reserve", cookie: &cookie, kind: FORM, body, from: None }).await;
                let done = answer.is_ok_and(|answer| answer.location().starts_with("/cart/done"));
                Press { n, pressed, answered: Instant::now(), done }
            });
        }
        let presses: Vec<Press> = pressing.join_all().await;
        let all = begun.elapsed();
        over.store(true, Ordering::Relaxed);
        let mut waits = Vec::new();
        while let Some(done) = searching.join_next().await {
            waits.extend(done.unwrap_or_else(|_| Err(Failure::Lacking("searches")))?);
        }
        let scans = scanning.await.unwrap_or_else(|_| Err(Failure::Lacking("scans")))?;
        let cpu = server.cpu().saturating_sub(cpu);
        let queue = queue(library, part).await?;
        let mut out_of_order = overtaken(&queue, &stage.cards, &presses);
        out_of_order += captured_wrongly(&client, desk, library, (part, copies), &queue).await?;
        Ok(Storm {
            errors: presses.iter().filter(|press| !press.done).count(),
            reservations: Took::of(all, presses.iter().map(|press| press.answered - press.pressed).collect()),
            searches: Took::of(all, waits),
            scans: Took::of(all, scans),
            cpu,
            kept: queue.len(),
            out_of_order,
        })
    }
}

/// Somebody's press of 予約する.
struct Press {
    /// The place of their card.
    n: u32,
    pressed: Instant,
    answered: Instant,
    done: bool,
}

fn bestseller((title, reading, copies): (&str, &str, [&str; 3]), place: &PlaceCode) -> ImportedBib {
    let [key, ..] = copies;
    let item = |barcode: &str| ImportedItem {
        barcode: barcode.to_owned(),
        branch: place.clone(),
        shelf_mark: "913.6 ホ".to_owned(),
        loan_rule: LoanRule::Lendable,
    };
    ImportedBib {
        source_key: key.to_owned(),
        record: BibRecord {
            title: title.to_owned(),
            title_reading: Some(reading.to_owned()),
            subtitle: None,
            volume: None,
            creators: Vec::new(),
            publisher: None,
            year: None,
            isbns: Vec::new(),
            ndc: vec!["913.6".to_owned()],
            series: None,
            subjects: Vec::new(),
            extent: None,
            material: MaterialType::Book,
        },
        parts: vec![ImportedPart {
            label: String::new(),
            ordinal: 0,
            received_on: None,
            items: copies.map(item).to_vec(),
        }],
    }
}

/// Has some of the patrons reserve one after the other, each a title of its own, while nobody else does anything.
///
/// # Errors
/// When somebody can't reserve.
pub(crate) async fn alone(server: &Program, stage: &Stage, entered: &Entered) -> Result<Took, Failure> {
    let client = Client::of(server.address);
    let (begun, cpu) = (Instant::now(), server.cpu());
    let mut each = Vec::with_capacity(ALONE);
    for (cookie, part) in entered.patrons.iter().zip(&stage.parts).take(ALONE) {
        let (path, body, pressed) = ("/api/reserve", form(stage, *part), Instant::now());
        let answer = client.post(Post { path, cookie, kind: FORM, body, from: None }).await?;
        each.push(pressed.elapsed());
        if !answer.location().starts_with("/cart/done") {
            return Err(Failure::Answer { path: path.to_owned(), status: answer.status });
        }
    }
    let mut took = Took::of(begun.elapsed(), each);
    took.cpu = server.cpu().saturating_sub(cpu);
    Ok(took)
}

fn form(stage: &Stage, part: Uuid) -> String {
    let (op, place) = (Uuid::new_v4(), &stage.place.0);
    format!("op={op}&place={place}&contact=telephone&in_set=0&parts[0]={part}")
}

async fn cookies(client: &Client, cards: &[String]) -> Result<Vec<String>, Failure> {
    let mut cookies = Vec::with_capacity(cards.len());
    for (door, cards) in cards.chunks(DOORS).enumerate() {
        let mut entering = JoinSet::new();
        for (n, card) in cards.iter().enumerate() {
            let (client, card) = (client.clone(), card.clone());
            entering.spawn(async move {
                Ok::<_, Failure>((n, sign_in(&client, &card, PATRON_PASSWORD, door * DOORS + n + 1).await?))
            });
        }
        let mut entered = entering.join_all().await.into_iter().collect::<Result<Vec<_>, _>>()?;
        entered.sort_unstable();
        cookies.extend(entered.into_iter().map(|(_, cookie)| cookie));
    }
    Ok(cookies)
}

/// The cookie of a desk.
async fn desk(client: &Client, place: &PlaceCode) -> Result<String, Failure> {
    let form = |path, cookie, body| Post { path, cookie, kind: FORM, body, from: None };
    let path = "/api/staff-sign-in";
    let entered = client.post(form(path, "", format!("login={STAFF_LOGIN}&password={STAFF_PASSWORD}"))).await?;
    let cookie = entered.cookie().ok_or(Failure::Answer { path: path.to_owned(), status: entered.status })?;
    client.post(form("/api/desk-place", &cookie, format!("place={}", place.0))).await?;
    Ok(cookie)
}

/// Searchers. What fails is a fault of the whole.
fn search(
    client: &Client,
    lists: &Arc<[String]>,
    pace: Pace,
    over: &Arc<AtomicBool>,
) -> JoinSet<Result<Vec<Duration>, Failure>> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut searching = JoinSet::new();
    for n in 0..SEARCHERS {
        let (client, lists) = (client.clone(), Arc::clone(lists));
        let (over, next) = (Arc::clone(over), Arc::clone(&next));
        searching.spawn(async move {
            let mut waits = Vec::new();
            // Not all at once, and with a pause after each.
            tokio::time::sleep(pace.pause() * n / SEARCHERS).await;
            while !over.load(Ordering::Relaxed) {
                let n = next.fetch_add(1, Ordering::Relaxed);
                let asked = Instant::now();
                client.page(lists.get(n % lists.len().max(1)).map_or("/", String::as_str), "", true).await?;
                waits.push(asked.elapsed());
                tokio::time::sleep(pace.pause()).await;
            }
            Ok(waits)
        });
    }
    searching
}

/// A scan at the desk.
async fn check_in(client: &Client, desk: &str, barcode: &str) -> Result<(), Failure> {
    let path = "/api/check-in";
    let body = serde_json::json!({ "op": OpId(Uuid::new_v4()), "barcode": barcode }).to_string();
    let answer = client.post(Post { path, cookie: desk, kind: JSON, body, from: None }).await?;
    if answer.status.is_success() {
        Ok(())
    } else {
        Err(Failure::Answer { path: path.to_owned(), status: answer.status })
    }
}

/// A desk that takes one copy back after the other until it is over.
fn scan(
    client: Client,
    desk: String,
    barcodes: Vec<String>,
    over: Arc<AtomicBool>,
) -> tokio::task::JoinHandle<Result<Vec<Duration>, Failure>> {
    tokio::spawn(async move {
        let mut waits = Vec::new();
        for barcode in barcodes {
            if over.load(Ordering::Relaxed) {
                break;
            }
            let asked = Instant::now();
            check_in(&client, &desk, &barcode).await?;
            waits.push(asked.elapsed());
        }
        Ok(waits)
    })
}

/// The cards of those who wait for the part or have a copy kept, the first in the queue first, with the state.
async fn queue(library: &Library, part: Uuid) -> Result<Vec<(String, String)>, Failure> {
    let mut tx: Tx = library.database().begin_read().await?;
    Ok(fetch_all!(
        &mut tx,
        (String, String),
        "select p.card_number, r.state from reservation r join patron p on p.id = r.patron_id
         where r.part_id = $1 order by r.placed_at, r.id",
        part
    )?)
}

/// How many stand behind somebody who pressed only after their own answer had come.
fn overtaken(queue: &[(String, String)], cards: &[String], presses: &[Press]) -> usize {
    let of_place: HashMap<u32, &Press> = presses.iter().map(|press| (press.n, press)).collect();
    let of_card: HashMap<&str, &Press> =
        (0..).zip(cards).filter_map(|(n, card)| Some((card.as_str(), *of_place.get(&n)?))).collect();
    let mut last_pressed: Option<Instant> = None;
    let mut overtaken = 0;
    for press in queue.iter().filter_map(|(card, _)| of_card.get(card.as_str())) {
        overtaken += usize::from(last_pressed.is_some_and(|before| before > press.answered));
        last_pressed = last_pressed.max(Some(press.pressed));
    }
    overtaken
}

/// Scans the copies of the bestseller in; answers how many were not for the next in the queue.
async fn captured_wrongly(
    client: &Client,
    desk: &str,
    library: &Library,
    (part, copies): (Uuid, &[&str]),
    before: &[(String, String)],
) -> Result<usize, Failure> {
    for barcode in copies {
        check_in(client, desk, barcode).await?;
    }
    let after = queue(library, part).await?;
    let captured: Vec<&String> = after.iter().filter(|(_, state)| state != "waiting").map(|(card, _)| card).collect();
    let first = before.iter().take(copies.len()).map(|(card, _)| card);
    Ok(first.filter(|card| !captured.contains(card)).count() + captured.len().abs_diff(copies.len().min(before.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_pressed_after_anothers_answer_stands_behind_them() {
        let begun = Instant::now();
        let at = |seconds| begun + Duration::from_secs(seconds);
        let press = |n, pressed, answered| Press { n, pressed: at(pressed), answered: at(answered), done: true };
        let cards = ["a", "b", "c"].map(str::to_owned);
        let queue = |order: [&str; 3]| order.map(|card| (card.to_owned(), "waiting".to_owned())).to_vec();
        // a and b were under way together; c pressed when both were answered.
        let presses = [press(0, 0, 3), press(1, 1, 2), press(2, 5, 6)];
        assert_eq!(overtaken(&queue(["a", "b", "c"]), &cards, &presses), 0);
        assert_eq!(overtaken(&queue(["b", "a", "c"]), &cards, &presses), 0);
        assert_eq!(overtaken(&queue(["a", "c", "b"]), &cards, &presses), 1);
        assert_eq!(overtaken(&queue(["c", "b", "a"]), &cards, &presses), 2);
    }
}
