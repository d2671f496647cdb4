//! Queues with their original times: active reservations, known by title and card.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::{
    BibId, PlaceCode, ReservationId,
    catalog::LoanRule,
    circulation::{ItemState, RequestStep, ReservationState, Step, barcode},
    patrons::{Contact, card_number},
};
use uuid::Uuid;

use super::{
    IMPORTED, TakenIn,
    facts::{Copy, Holder, Reserved, Tie, Titles, claims, copies, holder, holders, reservations},
    queues::{SetRow, Sets, part_moments, places},
    row::{Concern, Row, RowReason},
};
use crate::{
    Fault, Library,
    events::{ActorRole, Event, EventKind, record},
    storage::{Tx, execute},
};

/// How near the moments of a row and of a reservation must be for them to be the same one: those of one moment are put
/// one behind the other.
const SAME: TimeDelta = TimeDelta::seconds(1);

/// What is to be written: sets first.
pub(super) struct ReservationsPlan {
    sets: Sets,
    new: Vec<NewReservation>,
    changed: Vec<Changed>,
}

/// Place and contact that differ from a waiting reservation's.
struct Changed {
    id: Uuid,
    bib: Uuid,
    pickup_place: String,
    contact: Contact,
}

/// A reservation that is not there yet.
struct NewReservation {
    id: Uuid,
    bib: Uuid,
    part: Uuid,
    patron: Uuid,
    set: Option<(Uuid, i64)>,
    /// The copy it names, and where that is then.
    copy: Option<Uuid>,
    row: ReservationRow,
}

/// A reservation as a row says.
struct ReservationRow {
    line: u64,
    placed_at: DateTime<Utc>,
    pickup_place: String,
    contact: Contact,
    state: ReservationState,
    since: Option<DateTime<Utc>>,
    hold_until: Option<NaiveDate>,
    hold_extended: bool,
    request_step: Option<RequestStep>,
    set: Option<SetRow>,
}

/// What the library has, changed by each row as it would be by its writing.
struct Facts {
    titles: Titles,
    copies: HashMap<String, Copy>,
    holders: HashMap<String, Holder>,
    claims: HashMap<(Uuid, Uuid), Tie>,
    reserved: HashMap<(Uuid, Uuid), Vec<Reserved>>,
    places: HashMap<Uuid, BTreeMap<i64, Option<Uuid>>>,
    seen: HashMap<(Uuid, Uuid), u64>,
}

impl Library {
    pub(super) async fn plan_reservations(
        &self,
        tx: &mut Tx,
        rows: &[Row],
        report: &mut TakenIn,
    ) -> Result<ReservationsPlan, Fault> {
        let mut facts = Facts {
            titles: Titles::read(tx).await?,
            copies: copies(tx).await?,
            holders: holders(tx).await?,
            claims: claims(tx).await?,
            reserved: HashMap::new(),
            places: places(tx).await?,
            seen: HashMap::with_capacity(rows.len()),
        };
        for known in reservations(tx).await? {
            facts.reserved.entry((known.patron, known.part)).or_default().push(known);
        }
        let mut plan = ReservationsPlan { sets: Sets::default(), new: Vec::new(), changed: Vec::new() };
        for row in rows {
            if let Err(reason) = self.plan_reservation(row, &mut facts, &mut plan, report) {
                let key = row.text("card").map(card_number);
                report.refused.push(row.note(key, reason));
            }
        }
        let mut queues: HashMap<Uuid, Vec<(u64, &mut DateTime<Utc>)>> = HashMap::new();
        for new in &mut plan.new {
            queues.entry(new.part).or_default().push((new.row.line, &mut new.row.placed_at));
        }
        let moved = queues.values_mut().flat_map(|queue| part_moments(queue));
        let concern = |line| super::RowNote { line, key: None, what: Concern::SameMoment };
        report.concerns.extend(moved.map(concern));
        report.concerns.sort_by_key(|note| note.line);
        Ok(plan)
    }

    fn plan_reservation(
        &self,
        row: &Row,
        facts: &mut Facts,
        plan: &mut ReservationsPlan,
        report: &mut TakenIn,
    ) -> Result<(), RowReason> {
        let holder = holder(&facts.holders, row)?;
        let bib = facts.titles.bib(row)?;
        let part = facts.titles.part(bib, row)?.id;
        let of = (holder.id, part);
        if let Some(line) = facts.seen.get(&of) {
            return Err(RowReason::Doubled { what: "this title for this card".to_owned(), line: *line });
        }
        let mut concerns = Vec::new();
        let wanted = self.read_reservation(row, holder, &mut concerns)?;
        let earlier = facts.reserved.get(&of).map(Vec::as_slice).unwrap_or_default();
        let same = |known: &&Reserved| (known.placed_at - wanted.placed_at).abs() < SAME;
        if let Some(known) = earlier.iter().find(same) {
            if let (Some(set), Some((id, _))) = (&wanted.set, known.set) {
                plan.sets.recognise(&set.name, id, known.patron, facts.places.remove(&id).unwrap_or_default());
            }
            facts.seen.insert(of, row.line);
            let differs = known.pickup_place != wanted.pickup_place || known.contact != wanted.contact.as_str();
            // What is being fetched or stands ready is in the desk's hands, and what is over is over.
            if known.state == ReservationState::Waiting && differs {
                report.changed += 1;
                let (pickup_place, contact) = (wanted.pickup_place, wanted.contact);
                plan.changed.push(Changed { id: known.id, bib, pickup_place, contact });
            } else {
                report.unchanged += 1;
            }
            return Ok(());
        }
        match facts.claims.get(&of) {
            Some(Tie::Lent(_)) => return Err(RowReason::OnLoan),
            Some(Tie::Reserved(_)) => return Err(RowReason::Reserved),
            None => {}
        }
        let code = if names_a_copy(wanted.state) { Some(barcode(row.must("barcode")?)) } else { None };
        let copy = code.as_ref().map(|code| held_copy(&facts.copies, code, part, wanted.state)).transpose()?;
        let set = match &wanted.set {
            Some(place) => {
                let made_on = self.beginning_of(wanted.placed_at);
                Some((plan.sets.take(place, holder.id, part, made_on)?, place.ordinal))
            }
            None => None,
        };
        let id = Uuid::new_v4();
        if let Some(copy) = code.and_then(|code| facts.copies.get_mut(&code)) {
            copy.held_for = Some(id);
        }
        facts.claims.insert(of, Tie::Reserved(id));
        facts.seen.insert(of, row.line);
        report.new += 1;
        let key = row.text("card").map(card_number);
        report.concerns.extend(concerns.into_iter().map(|concern| row.note(key.clone(), concern)));
        plan.new.push(NewReservation { id, bib, part, patron: holder.id, set, copy, row: wanted });
        Ok(())
    }

    fn read_reservation(
        &self,
        row: &Row,
        holder: Holder,
        concerns: &mut Vec<Concern>,
    ) -> Result<ReservationRow, RowReason> {
        let pickup_place = row.must("pickup_place")?;
        if !self.policy().place(&PlaceCode(pickup_place.to_owned())).is_some_and(|place| place.pickup) {
            return Err(RowReason::Place { field: "pickup_place", text: pickup_place.to_owned() });
        }
        let state = row.word("state")?.unwrap_or(ReservationState::Waiting);
        if !state.is_active() {
            return Err(RowReason::Word { field: "state", text: state.to_string() });
        }
        let hold_until = row.day("hold_until")?;
        if state == ReservationState::Ready && hold_until.is_none() {
            return Err(RowReason::Missing("hold_until"));
        }
        let contact = match row.word("contact")? {
            None if holder.has_mail => Contact::Mail,
            None => Contact::Telephone,
            Some(Contact::Mail) if !holder.has_mail => {
                concerns.push(Concern::MailNotConfirmed);
                Contact::Telephone
            }
            Some(Contact::None) if !self.policy().reservations.contact_none => {
                concerns.push(Concern::ContactNotOffered);
                Contact::Telephone
            }
            Some(contact) => contact,
        };
        let ready = state == ReservationState::Ready;
        let not_owned = state == ReservationState::NotOwned;
        Ok(ReservationRow {
            line: row.line,
            placed_at: row.past("placed_at", self)?.ok_or(RowReason::Missing("placed_at"))?,
            pickup_place: pickup_place.to_owned(),
            contact,
            state,
            since: row.past("since", self)?.filter(|_| names_a_copy(state)),
            hold_until: hold_until.filter(|_| ready),
            hold_extended: row.flag("hold_extended")? && ready,
            request_step: not_owned.then_some(row.word("request_step")?.unwrap_or(RequestStep::Received)),
            set: SetRow::read(row, self)?.filter(|_| !not_owned),
        })
    }

    pub(super) async fn write_reservations(&self, tx: &mut Tx, plan: &ReservationsPlan) -> Result<(), Fault> {
        plan.sets.write(tx).await?;
        for new in &plan.new {
            self.write_reservation(tx, new).await?;
        }
        for changed in &plan.changed {
            execute!(
                &mut *tx,
                "update reservation set pickup_place = $2, contact = $3 where id = $1",
                changed.id,
                &changed.pickup_place,
                changed.contact.as_str()
            )?;
            let event = Event::of(EventKind::Changed, ActorRole::System, self.now());
            let reservation = Some(ReservationId(changed.id));
            record(tx, Event { bib: Some(BibId(changed.bib)), reservation, note: Some(IMPORTED), ..event }).await?;
        }
        Ok(())
    }

    async fn write_reservation(&self, tx: &mut Tx, new: &NewReservation) -> Result<(), Fault> {
        let row = &new.row;
        let since = row.since.unwrap_or(row.placed_at).max(row.placed_at);
        execute!(
            &mut *tx,
            "insert into reservation (id, part_id, patron_id, placed_at, pickup_place, contact, state, since, item_id,
                 set_id, set_ordinal, hold_until, hold_extended, request_step)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
            new.id,
            new.part,
            new.patron,
            row.placed_at,
            &row.pickup_place,
            row.contact.as_str(),
            row.state.as_str(),
            since,
            new.copy,
            new.set.map(|(set, _)| set),
            new.set.map(|(_, ordinal)| ordinal),
            row.hold_until,
            row.hold_extended,
            row.request_step.map(RequestStep::as_str)
        )?;
        execute!(
            &mut *tx,
            "insert into claim (patron_id, part_id, reservation_id) values ($1, $2, $3)",
            new.patron,
            new.part,
            new.id
        )?;
        let at = match row.state {
            ReservationState::InTransit => Some(ItemState::InTransit),
            ReservationState::Ready => Some(ItemState::OnHoldShelf),
            _ => None,
        };
        if let (Some(copy), Some(state)) = (new.copy, at) {
            execute!(
                &mut *tx,
                "update item set state = $2, place = $3 where id = $1",
                copy,
                state.as_str(),
                &row.pickup_place
            )?;
        }
        let (first, then) = match row.state {
            ReservationState::NotOwned => (Step::Requested, None),
            ReservationState::Assigned => (Step::Reserved, Some(Step::Assigned)),
            ReservationState::InTransit => (Step::Reserved, Some(Step::InTransit)),
            ReservationState::Ready => (Step::Reserved, Some(Step::Ready)),
            _ => (Step::Reserved, None),
        };
        for (step, at) in [(Some(first), row.placed_at), (then, since)] {
            let Some(step) = step else { continue };
            let event = Event {
                at,
                kind: step.as_str(),
                actor: ActorRole::System,
                bib: Some(BibId(new.bib)),
                reservation: Some(ReservationId(new.id)),
                loan: None,
                note: Some(IMPORTED),
            };
            record(tx, event).await?;
        }
        Ok(())
    }
}

/// Whether a reservation in this state has a copy.
pub(super) fn names_a_copy(state: ReservationState) -> bool {
    state == ReservationState::Assigned || state.is_captured()
}

/// The copy a reservation names, if it can be kept for it.
fn held_copy(
    copies: &HashMap<String, Copy>,
    code: &str,
    part: Uuid,
    state: ReservationState,
) -> Result<Uuid, RowReason> {
    let copy = copies.get(code).ok_or_else(|| RowReason::NoCopy(code.to_owned()))?;
    if copy.part != part {
        return Err(RowReason::CopyOfAnother);
    }
    if copy.held_for.is_some() {
        return Err(RowReason::CopyTaken);
    }
    if copy.rule != LoanRule::Lendable {
        return Err(RowReason::NotLendable);
    }
    match copy.state {
        ItemState::OnShelf => Ok(copy.id),
        ItemState::InTransit | ItemState::OnHoldShelf | ItemState::GoingHome if state.is_captured() => Ok(copy.id),
        other => Err(RowReason::CopyIs(other.as_str())),
    }
}
