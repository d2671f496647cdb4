//! Whether the model and the library say the same: first the answer, then what was written to the log, then how things
//! stand, as lines of text that can be read side by side.

use chrono::{DateTime, NaiveDate, Utc};
use domain::circulation::{CancelReason, Refusal, Status};
use uuid::Uuid;

use super::{
    drive::{Drive, barcode, place_number},
    world::{Answer, Event, GONE, PLACES, State, World},
};
use crate::invariants::{self, rows};

/// Where the two differ.
#[derive(Clone, Debug)]
pub(super) struct Divergence {
    /// What kind of difference; a shorter script must show the same.
    pub(super) kind: String,
    pub(super) detail: String,
}

impl Divergence {
    pub(super) fn new(kind: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { kind: kind.into(), detail: detail.into() }
    }
}

/// Says how two lists of lines differ, if they do.
fn same(kind: &str, mut model: Vec<String>, mut library: Vec<String>) -> Result<(), Divergence> {
    model.sort();
    library.sort();
    if model == library {
        return Ok(());
    }
    let only = |these: &[String], those: &[String]| {
        let lines: Vec<String> =
            these.iter().filter(|line| !those.contains(line)).map(|l| format!("    {l}")).collect();
        lines.join("\n")
    };
    let detail = format!("  the model:\n{}\n  the library:\n{}", only(&model, &library), only(&library, &model));
    Err(Divergence::new(kind, detail))
}

pub(super) fn answers(
    command: &str,
    model: &Result<Answer, Refusal>,
    library: &Result<Answer, Refusal>,
) -> Result<(), Divergence> {
    if model == library {
        return Ok(());
    }
    let word = |answer: &Result<Answer, Refusal>| match answer {
        Ok(_) => "ok".to_owned(),
        Err(refusal) => super::commands::first_word(&format!("{refusal:?}")),
    };
    let kind = format!("answer to {command}: {} or {}", word(model), word(library));
    Err(Divergence::new(kind, format!("  the model:   {model:?}\n  the library: {library:?}")))
}

/// Compares what the last command wrote to the log. Reminders are mail, not circulation.
pub(super) async fn events(world: &World, drive: &Drive) -> Result<Vec<Event>, Divergence> {
    let rows = rows!(
        drive.library.database(),
        (String, Option<Uuid>, Option<Uuid>),
        "select kind, reservation_id, loan_id from event where at = $1 and kind <> 'reminded'",
        world.now
    );
    let number = |id: Option<Uuid>| id.map(|id| drive.number(id).unwrap_or(usize::MAX));
    let mut written: Vec<Event> = rows
        .into_iter()
        .map(|(kind, reservation, loan)| Event { kind, reservation: number(reservation), loan: number(loan) })
        .collect();
    written.sort();
    let lines = |events: &[Event]| events.iter().map(|event| format!("{event:?}")).collect();
    same("events", lines(&world.events), lines(&written))?;
    Ok(written)
}

/// Compares what the last command touched.
pub(super) async fn touched(world: &World, drive: &Drive) -> Result<(), Divergence> {
    let mut touched = world.touched.clone();
    for list in [&mut touched.parts, &mut touched.items, &mut touched.patrons] {
        list.sort_unstable();
        list.dedup();
    }
    for part in touched.parts {
        queues(world, drive, Some(part)).await?;
    }
    for item in touched.items {
        copies(world, drive, Some(item)).await?;
    }
    // The pages show what was compared already, and are many questions each; one patron's are enough until everything
    // is compared.
    let one = usize::try_from(world.now.timestamp()).unwrap() % touched.patrons.len().max(1);
    match touched.patrons.get(one) {
        Some(patron) => views(world, drive, *patron).await,
        None => Ok(()),
    }
}

/// Compares everything, and what may never be.
pub(super) async fn everything(world: &World, drive: &Drive) -> Result<(), Divergence> {
    let wrong = invariants::check(&drive.library).await;
    if let Some(first) = wrong.first() {
        let kind = first.split(':').next().unwrap_or_default();
        return Err(Divergence::new(format!("what may never be: {kind}"), wrong.join("\n")));
    }
    queues(world, drive, None).await?;
    copies(world, drive, None).await?;
    for patron in 0..world.patrons.len() {
        views(world, drive, patron).await?;
        cancelled(world, drive, patron).await?;
        limits(world, patron)?;
    }
    sets(world, drive).await
}

/// Nobody has more than the limit but by an overrule.
fn limits(world: &World, patron: usize) -> Result<(), Divergence> {
    for part in world.parts.keys() {
        let group = world.group_of(*part);
        let theirs = world.reservations.iter().filter(|r| r.patron == Some(patron) && r.state.is_active());
        let counted = theirs.filter(|r| !r.overruled && world.group_of(r.part) == group).count();
        let limit = world.policy.reservations.limits.of(group);
        if counted > usize::try_from(limit).unwrap() {
            return Err(Divergence::new("limit", format!("patron {patron} has {counted} of {group:?}")));
        }
    }
    Ok(())
}

type Row = (
    Uuid,
    Uuid,
    Option<Uuid>,
    DateTime<Utc>,
    String,
    String,
    String,
    DateTime<Utc>,
    Option<String>,
    Option<Uuid>,
    Option<NaiveDate>,
    bool,
    Option<String>,
);

/// All active reservations of a part, or of all.
async fn queues(world: &World, drive: &Drive, part: Option<usize>) -> Result<(), Divergence> {
    let rows: Vec<Row> = rows!(
        drive.library.database(),
        Row,
        "select r.id, r.part_id, r.patron_id, r.placed_at, r.pickup_place, r.contact, r.state, r.since, i.barcode, r.set_id,
             r.hold_until, r.hold_extended, r.request_step
         from reservation r left join item i on i.id = r.item_id
         where ($1 or r.part_id = $2) and r.state in ('waiting', 'assigned', 'in-transit', 'ready', 'not-owned')",
        part.is_none(),
        part.map_or(Uuid::nil(), |part| drive.parts[&part].0)
    );
    let mut stored = Vec::new();
    for (id, part, patron, placed_at, place, contact, state, since, item, set, until, extended, step) in rows {
        let number = |id: Option<Uuid>| id.map(|id| drive.number(id).unwrap_or(usize::MAX));
        let more = match state.as_str() {
            "ready" => format!("until {} {extended}", until.unwrap()),
            "not-owned" => step.unwrap_or_default(),
            _ => String::new(),
        };
        let (reservation, part) = (number(Some(id)).unwrap(), number(Some(part)).unwrap());
        let (patron, set) = (number(patron), number(set));
        stored.push(format!(
            "#{reservation} of {part} {patron:?} {placed_at} at {place} {contact} {state} {} {more} since {since} set {set:?}",
            item.unwrap_or_default()
        ));
    }
    let mut expected = Vec::new();
    for (r, found) in world.reservations.iter().enumerate() {
        if part.is_some_and(|part| part != found.part) || !found.state.is_active() {
            continue;
        }
        let (state, more) = match found.state {
            State::Waiting => ("waiting", String::new()),
            State::Assigned(_) => ("assigned", String::new()),
            State::InTransit(_) => ("in-transit", String::new()),
            State::Ready { until, extended, .. } => ("ready", format!("until {until} {extended}")),
            State::NotOwned(step) => ("not-owned", step.as_str().to_owned()),
            State::Lent(_) | State::Cancelled(_) => continue,
        };
        let contact = match found.tell {
            super::commands::Tell::Mail => "mail",
            super::commands::Tell::Telephone => "telephone",
            super::commands::Tell::Nobody => "none",
        };
        expected.push(format!(
            "#{r} of {} {:?} {} at {} {contact} {state} {} {more} since {} set {:?}",
            found.part,
            found.patron,
            found.placed_at,
            PLACES[found.at],
            found.state.item().map(barcode).unwrap_or_default(),
            found.since,
            found.set.map(|(set, _)| set)
        ));
    }
    same("reservations of a part", expected, stored)
}

/// A copy and its open loan, or all of them.
async fn copies(world: &World, drive: &Drive, item: Option<usize>) -> Result<(), Divergence> {
    let rows = rows!(
        drive.library.database(),
        (String, Uuid, String, String, Option<Uuid>, Option<Uuid>, Option<NaiveDate>, Option<i64>, Option<bool>),
        "select i.barcode, i.part_id, i.state, i.place, l.id, l.patron_id, l.due_on, l.renewals,
             l.return_said_at is not null
         from item i left join loan l on l.item_id = i.id and l.returned_at is null where $1 or i.barcode = $2",
        item.is_none(),
        item.map(barcode).unwrap_or_default()
    );
    let mut stored = Vec::new();
    for (barcode, part, state, place, loan, patron, due, renewals, said) in rows {
        let number = |id: Option<Uuid>| id.map(|id| drive.number(id).unwrap_or(usize::MAX));
        let loan = loan.map(|id| {
            let (loan, patron) = (number(Some(id)), number(patron));
            format!("loan {loan:?} {patron:?} {due:?} {renewals:?} {said:?}")
        });
        stored.push(line_of_copy(&barcode, number(Some(part)), &state, &place, loan));
    }
    let mut expected = Vec::new();
    for (n, found) in world.items.iter().filter(|(n, _)| item.is_none_or(|item| item == **n)) {
        let loan = world.open_loan(*n).map(|l| {
            let loan = &world.loans[l];
            let (due, renewals) = (Some(loan.due), Some(i64::from(loan.renewals)));
            format!("loan {:?} {:?} {due:?} {renewals:?} {:?}", Some(l), loan.patron, Some(loan.return_said))
        });
        expected.push(line_of_copy(&barcode(*n), Some(found.part), found.state.as_str(), PLACES[found.place], loan));
    }
    same("a copy", expected, stored)
}

fn line_of_copy(item: &str, part: Option<usize>, state: &str, place: &str, loan: Option<String>) -> String {
    // Where a copy is that nobody can find says nothing.
    let place = if matches!(state, "on-shelf" | "in-transit" | "on-hold-shelf" | "going-home") { place } else { "" };
    format!("copy {item} of part {part:?} {state} {place} {}", loan.unwrap_or_default())
}

/// What a patron sees on 予約状況 and 貸出状況.
async fn views(world: &World, drive: &Drive, patron: usize) -> Result<(), Divergence> {
    let mut expected = Vec::new();
    for (r, found) in world.reservations.iter().enumerate() {
        if found.patron != Some(patron) || !found.state.is_active() {
            continue;
        }
        let in_set = found.set.map(|(set, ordinal)| {
            let chain = world.chain(set);
            let order = chain.iter().filter(|(other, _)| *other <= ordinal).count();
            (set, order, chain.len(), found.state == State::Waiting && world.paused_on(r).is_none())
        });
        expected.push(format!(
            "#{r} of part {} made {} at {} {:?} {in_set:?}",
            found.part,
            world.day_of(found.placed_at),
            PLACES[found.at],
            status(world, r)
        ));
    }
    let mut shown = Vec::new();
    for view in drive.library.reservations(drive.patrons[patron]).await.unwrap() {
        let number = |id: Uuid| drive.number(id).unwrap_or(usize::MAX);
        let in_set = view.in_set.map(|set| {
            let count = |n: u32| usize::try_from(n).unwrap();
            (number(set.set.0), count(set.order), count(set.of), set.movable)
        });
        shown.push(format!(
            "#{} of part {} made {} at {} {:?} {in_set:?}",
            number(view.id.0),
            number(view.part.0),
            view.placed_on,
            PLACES[place_number(&view.pickup_place.0)],
            view.status
        ));
    }
    same("予約状況", expected, shown)?;

    let mut expected = Vec::new();
    for (l, loan) in world.loans.iter().enumerate() {
        if loan.patron != Some(patron) || loan.returned.is_some() {
            continue;
        }
        let (overdue, others_wait) = (loan.due < world.today(), world.others_wait(loan.part));
        let (bib, lent_on) = (world.parts[&loan.part].bib, world.day_of(loan.lent_at));
        expected.push(format!(
            "loan {l} of bib {bib} {lent_on} due {} {overdue} {others_wait} {:?} {}",
            loan.due,
            world.renewal(l),
            loan.return_said
        ));
    }
    let mut shown = Vec::new();
    for view in drive.library.loans(drive.patrons[patron]).await.unwrap() {
        let number = |id: Uuid| drive.number(id).unwrap_or(usize::MAX);
        shown.push(format!(
            "loan {} of bib {} {} due {} {} {} {:?} {}",
            number(view.id.0),
            number(view.bib.0),
            view.lent_on,
            view.due_on,
            view.overdue,
            view.others_wait,
            view.renewal,
            view.return_said
        ));
    }
    same("貸出状況", expected, shown)
}

fn status(world: &World, r: usize) -> Status {
    let queued = world.reservations[r].state.is_queued();
    if queued && let Some(paused) = world.paused_on(r) {
        let answer_by = paused + chrono::Days::new(world.policy.reservations.pause_days.into());
        return Status::Paused { position: world.position(r), answer_by };
    }
    if queued && world.is_dormant(r) {
        return Status::Dormant { position: world.position(r) };
    }
    match world.reservations[r].state {
        State::Waiting => Status::Waiting { position: world.position(r) },
        State::Assigned(_) => Status::Assigned,
        State::InTransit(_) => Status::InTransit,
        State::Ready { until, .. } => Status::Ready { until },
        State::NotOwned(step) => Status::NotOwned { step },
        State::Lent(_) | State::Cancelled(_) => unreachable!("not shown"),
    }
}

/// What a patron sees on 予約取消一覧.
async fn cancelled(world: &World, drive: &Drive, patron: usize) -> Result<(), Divergence> {
    let kept = chrono::Days::new(world.policy.reservations.keep_cancelled_days.into());
    let line = |r: usize, part: usize, day: NaiveDate, reason: CancelReason| format!("#{r} of {part} {day} {reason:?}");
    let mut expected = Vec::new();
    for (r, found) in world.reservations.iter().enumerate() {
        let State::Cancelled(reason) = found.state else { continue };
        let day = world.day_of(found.since);
        if found.patron == Some(patron) && world.today() <= day + kept {
            expected.push(line(r, found.part, day, reason));
        }
    }
    let mut shown = Vec::new();
    for view in drive.library.cancelled_reservations(drive.patrons[patron]).await.unwrap() {
        let number = |id: Uuid| drive.number(id).unwrap_or(usize::MAX);
        shown.push(line(number(view.id.0), number(view.part.0), view.cancelled_on, view.reason));
    }
    same("予約取消一覧", expected, shown)
}

/// Ties that are cut, as the database has them, and sets that are paused.
async fn sets(world: &World, drive: &Drive) -> Result<(), Divergence> {
    let expected = world.reservations.iter().enumerate().filter(|(_, r)| r.patron.is_none());
    let expected = expected.map(|(r, _)| format!("reservation {r}"));
    let loans = world.loans.iter().enumerate().filter(|(_, loan)| loan.patron.is_none() && loan.item != GONE);
    let expected: Vec<String> = expected.chain(loans.map(|(l, _)| format!("loan {l}"))).collect();
    let database = drive.library.database();
    let number = |id: Uuid| drive.number(id).unwrap_or(usize::MAX);
    let mut stored = Vec::new();
    for (id,) in rows!(database, (Uuid,), "select id from reservation where patron_id is null") {
        stored.push(format!("reservation {}", number(id)));
    }
    for (id,) in rows!(database, (Uuid,), "select id from loan where patron_id is null") {
        stored.push(format!("loan {}", number(id)));
    }
    same("ties that are cut", expected, stored)
}
