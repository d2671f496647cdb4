//! Loans, reservations and the events that tell of them.
//!
//! Written past the use cases, as these would take hours for a million titles, but as they would have left it: `hondana check`
//! finds nothing. What patrons have now is walked through by the titles' popularity; what is over comes after it, with its ties
//! cut.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::{
    PlaceCode,
    catalog::{LimitGroup, LoanRule, MaterialType},
    circulation::{ItemState, ReservationState, Step},
    patrons::Contact,
    policy::{LoanPolicy, Policy, ReservationPolicy},
};
use library::{Library, storage::Tx};
use rand::{RngExt as _, SeedableRng as _, rngs::Xoshiro256PlusPlus, seq::IndexedRandom as _};
use uuid::Uuid;

use super::{
    people::id,
    skew::{early, lent, popularity, waiting, zipf},
};
use crate::{
    failure::Failure,
    sql::{execute, fetch_all, insert_all},
};

/// Events of one transaction.
const BATCH: usize = 20_000;

/// Loans of a patron that are over.
const PAST_LOANS: usize = 4;

/// Most who wait for one title.
const LONGEST_QUEUE: usize = 300;

/// How often another patron is drawn for a copy before it stays where it is.
const DRAWS: usize = 20;

/// How the log calls what is no step of a reservation.
const CHECKED_OUT: &str = "checked-out";
const CHECKED_IN: &str = "checked-in";

/// How much there is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Circulation {
    /// Copies that are out.
    pub(crate) loans: usize,
    /// Loans that are over.
    pub(crate) past_loans: usize,
    /// Reservations of which something is still to come.
    pub(crate) reservations: usize,
    /// Rows of the log.
    pub(crate) events: usize,
}

/// A title and its copies that may be lent.
struct Stock {
    bib: Uuid,
    part: Uuid,
    material: MaterialType,
    copies: Vec<(Uuid, String)>,
}

struct Loan {
    id: Uuid,
    item: Uuid,
    part: Uuid,
    patron: Option<Uuid>,
    place: String,
    lent_at: DateTime<Utc>,
    due_on: NaiveDate,
    returned_at: Option<DateTime<Utc>>,
}

struct Reservation {
    id: Uuid,
    part: Uuid,
    patron: Option<Uuid>,
    placed_at: DateTime<Utc>,
    pickup_place: String,
    state: ReservationState,
    since: DateTime<Utc>,
    item: Option<Uuid>,
    hold_until: Option<NaiveDate>,
    loan: Option<Uuid>,
}

struct Event {
    id: Uuid,
    at: DateTime<Utc>,
    kind: &'static str,
    actor: &'static str,
    bib: Uuid,
    reservation: Option<Uuid>,
    loan: Option<Uuid>,
    exact: bool,
}

/// Where a copy is that is not on its shelf.
struct Away {
    item: Uuid,
    state: ItemState,
    place: String,
    sent: Option<(String, DateTime<Utc>)>,
}

/// What is written together.
#[derive(Default)]
struct Batch {
    loans: Vec<Loan>,
    reservations: Vec<Reservation>,
    events: Vec<Event>,
    away: Vec<Away>,
}

impl Batch {
    async fn write(&mut self, library: &Library, counts: &mut Circulation) -> Result<(), Failure> {
        let mut tx = library.database().begin_write().await?;
        insert_all!(
            &mut tx,
            "insert into loan (id, item_id, part_id, patron_id, place, lent_at, due_on, renewals, returned_at) ",
            self.loans,
            |loan| [
                loan.id,
                loan.item,
                loan.part,
                loan.patron,
                &loan.place,
                loan.lent_at,
                loan.due_on,
                0_i64,
                loan.returned_at
            ]
        );
        insert_all!(
            &mut tx,
            "insert into reservation (id, part_id, patron_id, placed_at, pickup_place, contact, state, since, item_id,
                 hold_until, hold_extended, loan_id) ",
            self.reservations,
            |one| [
                one.id,
                one.part,
                one.patron,
                one.placed_at,
                &one.pickup_place,
                Contact::Telephone.as_str(),
                one.state.as_str(),
                one.since,
                one.item,
                one.hold_until,
                false,
                one.loan
            ]
        );
        let open = self.loans.iter().filter_map(|loan| Some((loan.patron?, loan.part, None, Some(loan.id))));
        let active = self.reservations.iter().filter_map(|one| Some((one.patron?, one.part, Some(one.id), None)));
        let claims: Vec<(Uuid, Uuid, Option<Uuid>, Option<Uuid>)> = open.chain(active).collect();
        insert_all!(&mut tx, "insert into claim (patron_id, part_id, reservation_id, loan_id) ", claims, |claim| [
            claim.0, claim.1, claim.2, claim.3
        ]);
        insert_all!(
            &mut tx,
            "insert into event (id, at, kind, reservation_id, loan_id, bib_id, actor_role, data, exact) ",
            self.events,
            |event| [
                event.id,
                event.at,
                event.kind,
                event.reservation,
                event.loan,
                event.bib,
                event.actor,
                "{}",
                event.exact
            ]
        );
        for away in &self.away {
            let (from, at) = away.sent.clone().unzip();
            execute!(
                &mut tx,
                "update item set state = $2, place = $3, sent_from = $4, sent_at = $5 where id = $1",
                away.item,
                away.state.as_str(),
                &away.place,
                from,
                at
            )?;
        }
        tx.commit().await?;
        let past = self.loans.iter().filter(|loan| loan.returned_at.is_some()).count();
        counts.past_loans += past;
        counts.loans += self.loans.len() - past;
        counts.reservations += self.reservations.iter().filter(|one| one.patron.is_some()).count();
        counts.events += self.events.len();
        *self = Self::default();
        Ok(())
    }
}

/// Patrons, and how much each has of what is limited.
struct Readers<'a> {
    ids: &'a [Uuid],
    lent: Vec<[u32; LimitGroup::ALL.len()]>,
    reserved: Vec<[u32; LimitGroup::ALL.len()]>,
    loans: &'a LoanPolicy,
    reservations: &'a ReservationPolicy,
}

impl Readers<'_> {
    /// Somebody who may have one more, and has nothing to do with the title yet. Some read more than others.
    fn draw(
        &mut self,
        random: &mut Xoshiro256PlusPlus,
        group: LimitGroup,
        lend: bool,
        tied: &mut HashSet<usize>,
    ) -> Option<Uuid> {
        let place = LimitGroup::ALL.iter().position(|known| *known == group)?;
        let (had, limit) = match lend {
            true => (&mut self.lent, self.loans.limits.of(group)),
            false => (&mut self.reserved, self.reservations.limits.of(group)),
        };
        for _ in 0..DRAWS {
            let n = early(random, self.ids.len());
            let count = had.get_mut(n)?.get_mut(place)?;
            if *count < limit && tied.insert(n) {
                *count += 1;
                return self.ids.get(n).copied();
            }
        }
        None
    }
}

/// The days and places of what happened.
struct Times<'a> {
    /// When today began.
    start: DateTime<Utc>,
    today: NaiveDate,
    pickup_places: Vec<&'a PlaceCode>,
    policy: &'a Policy,
}

impl Times<'_> {
    /// The morning of a day so many days ago; all that is not exact lies at it.
    fn day(&self, ago: i64) -> DateTime<Utc> {
        self.start - TimeDelta::days(ago)
    }

    /// A moment of that day at which the library is open, between ten and six.
    fn open(&self, random: &mut Xoshiro256PlusPlus, ago: i64) -> DateTime<Utc> {
        self.day(ago) + TimeDelta::seconds(random.random_range(10 * 3600..18 * 3600))
    }

    fn pickup(&self, random: &mut Xoshiro256PlusPlus) -> String {
        self.pickup_places.choose(random).map_or_else(String::new, |place| place.0.clone())
    }
}

/// Writes what happened in the library lately.
pub(super) async fn circulation(library: &Library, seed: u64, patrons: &[Uuid]) -> Result<Circulation, Failure> {
    let stock = stock(library).await?;
    let policy = library.policy();
    let times = Times {
        start: library.beginning_of_today(),
        today: library.today(),
        pickup_places: policy.pickup_places().map(|place| &place.code).collect(),
        policy,
    };
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed ^ 0xc14c);
    let mut readers = Readers {
        ids: patrons,
        lent: vec![Default::default(); patrons.len()],
        reserved: vec![Default::default(); patrons.len()],
        loans: &policy.loans,
        reservations: &policy.reservations,
    };
    // Titles in the order of their popularity.
    let mut by_rank = vec![0; stock.len()];
    for (n, rank) in popularity(seed, stock.len()).into_iter().enumerate() {
        if let Some(place) = by_rank.get_mut(rank as usize) {
            *place = n;
        }
    }
    let (mut batch, mut counts) = (Batch::default(), Circulation::default());
    for (rank, n) in by_rank.iter().enumerate() {
        let Some(title) = stock.get(*n) else { continue };
        present(title, (rank, stock.len()), &times, &mut readers, &mut random, &mut batch);
        if batch.events.len() >= BATCH {
            batch.write(library, &mut counts).await?;
        }
    }
    for _ in 0..patrons.len() * PAST_LOANS {
        let title = by_rank.get(zipf(&mut random, by_rank.len())).and_then(|n| stock.get(*n));
        if let Some(title) = title {
            past(title, &times, &mut random, &mut batch);
        }
        if batch.events.len() >= BATCH {
            batch.write(library, &mut counts).await?;
        }
    }
    batch.write(library, &mut counts).await?;
    Ok(counts)
}

/// Who has the title now and who waits for it.
fn present(
    title: &Stock,
    (rank, titles): (usize, usize),
    times: &Times<'_>,
    readers: &mut Readers<'_>,
    random: &mut Xoshiro256PlusPlus,
    batch: &mut Batch,
) {
    // The newest issue of a magazine is not lent; magazines are left out of it.
    if title.material == MaterialType::Magazine || title.copies.is_empty() {
        return;
    }
    let group = title.material.limit_group();
    let reservable = group != LimitGroup::Videos && rank < titles.div_ceil(100);
    let queue = if reservable { waiting(rank, LONGEST_QUEUE.min(readers.ids.len() / 10)) } else { 0 };
    let mut tied = HashSet::new();
    // One of ten copies of what people wait for stands ready, one of twenty travels; the rest is lent.
    let mut held = Vec::new();
    for (item, branch) in &title.copies {
        let drawn = random.random::<f64>();
        if queue > 0 && drawn < 0.15 {
            held.push((*item, branch, drawn < 0.1));
        } else if queue > 0 || drawn < lent(rank, titles) {
            let Some(patron) = readers.draw(random, group, true, &mut tied) else { continue };
            let ago =
                if random.random_range(0..25) == 0 { random.random_range(15..40) } else { random.random_range(1..14) };
            let lent_at = times.open(random, ago);
            let loan = Loan {
                id: id(random),
                item: *item,
                part: title.part,
                patron: Some(patron),
                place: branch.clone(),
                lent_at,
                due_on: times.today - TimeDelta::days(ago) + TimeDelta::days(times.policy.loans.days.into()),
                returned_at: None,
            };
            batch.events.push(Event {
                id: id(random),
                at: lent_at,
                kind: CHECKED_OUT,
                actor: "staff",
                bib: title.bib,
                reservation: None,
                loan: Some(loan.id),
                exact: true,
            });
            batch.away.push(Away { item: *item, state: ItemState::OnLoan, place: branch.clone(), sent: None });
            batch.loans.push(loan);
        }
    }
    // The longest waiting first, each a while after the one before.
    let mut placed_at = times.day(60);
    let apart = 50 * 24 * 3600 / i64::try_from(queue + held.len() + 1).unwrap_or(i64::MAX);
    let mut held = held.into_iter();
    for _ in 0..queue + held.len() {
        placed_at += TimeDelta::milliseconds(random.random_range(1_000..=apart.max(2) * 1_000));
        let Some(patron) = readers.draw(random, group, false, &mut tied) else { continue };
        let pickup_place = times.pickup(random);
        let mut one = Reservation {
            id: id(random),
            part: title.part,
            patron: Some(patron),
            placed_at,
            pickup_place,
            state: ReservationState::Waiting,
            since: placed_at,
            item: None,
            hold_until: None,
            loan: None,
        };
        let event = |random: &mut Xoshiro256PlusPlus, at, step: Step, actor| Event {
            id: id(random),
            at,
            kind: step.as_str(),
            actor,
            bib: title.bib,
            reservation: Some(one.id),
            loan: None,
            exact: true,
        };
        batch.events.push(event(random, placed_at, Step::Reserved, "patron"));
        if let Some((item, branch, ready)) = held.next() {
            let ago = random.random_range(1..6);
            let since = times.open(random, ago);
            let step = if ready { Step::Ready } else { Step::InTransit };
            batch.events.push(event(random, since, step, "staff"));
            (one.state, one.since, one.item) = (step.leads_to(), since, Some(item));
            one.hold_until = ready.then(|| times.today + TimeDelta::days(14 - ago));
            batch.away.push(Away {
                item,
                state: if ready { ItemState::OnHoldShelf } else { ItemState::InTransit },
                place: one.pickup_place.clone(),
                sent: (!ready).then(|| (branch.clone(), since)),
            });
        }
        batch.reservations.push(one);
    }
}

/// A loan of the title that is over and nobody's any more; one in three was reserved before.
fn past(title: &Stock, times: &Times<'_>, random: &mut Xoshiro256PlusPlus, batch: &mut Batch) {
    let Some((item, branch)) = title.copies.choose(random) else { return };
    let lent_ago = random.random_range(20..700);
    let (lent_at, returned_at) = (times.day(lent_ago), times.day(lent_ago - random.random_range(1..15)));
    let reserved = (random.random_range(0..3) == 0).then(|| id(random));
    let loan = Loan {
        id: id(random),
        item: *item,
        part: title.part,
        patron: None,
        place: branch.clone(),
        lent_at,
        due_on: times.today - TimeDelta::days(lent_ago) + TimeDelta::days(times.policy.loans.days.into()),
        returned_at: Some(returned_at),
    };
    // Of what is cut the log keeps the hour.
    let mut event = |day: DateTime<Utc>, kind, actor, reservation, loan| {
        let event = Event {
            id: id(random),
            at: day + TimeDelta::hours(random.random_range(10..18)),
            kind,
            actor,
            bib: title.bib,
            reservation,
            loan,
            exact: false,
        };
        batch.events.push(event);
    };
    event(lent_at, CHECKED_OUT, "staff", None, Some(loan.id));
    event(returned_at, CHECKED_IN, "staff", None, Some(loan.id));
    if let Some(id) = reserved {
        let one = Reservation {
            id,
            part: title.part,
            patron: None,
            placed_at: times.day(lent_ago + 12),
            pickup_place: branch.clone(),
            state: ReservationState::Lent,
            since: lent_at,
            item: None,
            hold_until: None,
            loan: Some(loan.id),
        };
        event(one.placed_at, Step::Reserved.as_str(), "patron", Some(one.id), None);
        event(lent_at, Step::Fulfilled.as_str(), "staff", Some(one.id), Some(loan.id));
        batch.reservations.push(one);
    }
    batch.loans.push(loan);
}

/// All titles in the order they came in, with the first part of each and its copies that may be lent.
async fn stock(library: &Library) -> Result<Vec<Stock>, Failure> {
    let mut tx: Tx = library.database().begin_read().await?;
    let rows = fetch_all!(
        &mut tx,
        (Uuid, Uuid, String, Uuid, String, String),
        "select b.id, p.id, b.material, i.id, i.branch, i.loan_rule from item i
         join part p on p.id = i.part_id join bib b on b.id = p.bib_id order by i.barcode"
    )?;
    let mut stock: Vec<Stock> = Vec::new();
    for (bib, part, material, item, branch, loan_rule) in rows {
        let material = material.parse().unwrap_or(MaterialType::Book);
        if stock.last().is_none_or(|last| last.bib != bib) {
            stock.push(Stock { bib, part, material, copies: Vec::new() });
        }
        if loan_rule == LoanRule::Lendable.as_str()
            && let Some(last) = stock.last_mut().filter(|last| last.part == part)
        {
            last.copies.push((item, branch));
        }
    }
    Ok(stock)
}
