//! 予約状況 and 予約取消一覧: what a patron has reserved, where it stands, and what was cancelled (R19–R22).

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    OrderedSetId, PartId, PatronId, PlaceCode, ReservationId,
    circulation::{
        CancelledView, CopyOutlook, InSet, ItemState, QueueEntry, QueueKey, ReservationState, ReservationView,
        SetMember, SetPlace, Standing, Status, WaitEstimate, days_after, estimate_wait,
    },
    patrons::CardState,
};
use uuid::Uuid;

use super::facts::{parse_state, set_members};
use crate::{
    Fault, Library,
    catalog::{Title, part_facts, title_of},
    storage::{StorageError, Tx, fetch_all, fetch_in},
};

type Row = (
    Uuid,
    Uuid,
    DateTime<Utc>,
    String,
    String,
    String,
    Option<Uuid>,
    Option<i64>,
    Option<NaiveDate>,
    Option<NaiveDate>,
    Option<String>,
    String,
    i64,
);

type CancelledRow = (Uuid, Uuid, DateTime<Utc>, Option<String>, Option<String>);

impl Library {
    /// The active reservations of a patron, in the order they were made, the members of a set in theirs.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn reservations(&self, patron: PatronId) -> Result<Vec<ReservationView>, Fault> {
        let mut tx = self.database().begin_read().await?;
        // The position is counted, never stored: those who stand in the same queue and came before.
        let rows = fetch_all!(
            &mut tx,
            Row,
            "select r.id, r.part_id, r.placed_at, r.pickup_place, r.contact, r.state, r.set_id, r.set_ordinal,
                    r.hold_until, s.paused_on, r.request_step, p.card_state,
                    (select count(*) from reservation b
                        where b.part_id = r.part_id and b.state in ('waiting', 'assigned')
                        and (b.placed_at, b.id) < (r.placed_at, r.id))
             from reservation r join patron p on p.id = r.patron_id left join ordered_set s on s.id = r.set_id
             where r.patron_id = $1 and r.state in ('waiting', 'assigned', 'in-transit', 'ready', 'not-owned')
             order by r.placed_at, coalesce(r.set_ordinal, 0), r.id",
            patron.0
        )?;
        let parts: Vec<PartId> = rows.iter().map(|row| PartId(row.1)).collect();
        let mut sets: Vec<OrderedSetId> = rows.iter().filter_map(|row| row.6.map(OrderedSetId)).collect();
        sets.sort_unstable();
        sets.dedup();
        let members = set_members(&mut tx, &sets).await?;
        let titles = part_facts(&mut tx, &parts).await?;
        let copies = self.outlook(&mut tx, &parts).await?;
        let mut views = Vec::with_capacity(rows.len());
        for row in rows {
            views.extend(self.view(row, &members, &titles, &copies)?);
        }
        Ok(views)
    }

    fn view(
        &self,
        row: Row,
        members: &HashMap<Uuid, Vec<SetMember>>,
        titles: &[Title],
        copies: &HashMap<PartId, Vec<CopyOutlook>>,
    ) -> Result<Option<ReservationView>, StorageError> {
        let (id, part, placed_at, place, contact, state, set, ordinal, hold_until, paused_on, step, card, before) = row;
        let part = PartId(part);
        let Some((title, of)) = title_of(titles, part) else { return Ok(None) };
        let card: CardState = card.parse().map_err(|error| StorageError::corrupt("card state", error))?;
        let state = parse_state(&state)?;
        let members = set.and_then(|set| members.get(&set)).cloned().unwrap_or_default();
        let entry = QueueEntry {
            key: QueueKey { placed_at, id: ReservationId(id) },
            card_active: card == CardState::Active,
            assigned: None,
            set: ordinal.map(|ordinal| SetPlace { ordinal, members, paused: paused_on.is_some() }),
        };
        let position = u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1);
        let waits_for = self.policy().reservations.set_waits_for;
        let Some(standing) = Standing::of(state, entry.is_dormant(waits_for), entry.is_paused()) else {
            return Ok(None);
        };
        let status = match standing {
            Standing::Waiting => Status::Waiting { position },
            Standing::Dormant => Status::Dormant { position },
            Standing::Paused => Status::Paused {
                position,
                answer_by: days_after(paused_on.unwrap_or_default(), self.policy().reservations.pause_days),
            },
            Standing::Assigned => Status::Assigned,
            Standing::InTransit => Status::InTransit,
            Standing::Ready => Status::Ready { until: hold_until.unwrap_or_default() },
            Standing::NotOwned => Status::NotOwned {
                step: step
                    .unwrap_or_default()
                    .parse()
                    .map_err(|error| StorageError::corrupt("step of a request", error))?,
            },
        };
        let wait = self.wait(&entry, status, copies.get(&part).map(Vec::as_slice).unwrap_or_default());
        let in_set = set.zip(entry.set).map(|(set, place)| in_set(OrderedSetId(set), &place, state));
        Ok(Some(ReservationView {
            id: ReservationId(id),
            bib: title.id,
            part,
            title: title.part_title(of),
            creators: title.creators(),
            material: title.record.material,
            placed_on: self.day_of(placed_at),
            pickup_place: PlaceCode(place),
            contact: contact.parse().map_err(|error| StorageError::corrupt("contact method", error))?,
            status,
            in_set,
            wait,
        }))
    }

    /// About how long an awake waiting reservation takes; of the others nothing true could be said.
    fn wait(&self, entry: &QueueEntry, status: Status, copies: &[CopyOutlook]) -> Option<WaitEstimate> {
        match status {
            Status::Waiting { position } if entry.card_active => {
                estimate_wait(self.policy(), position, copies, self.today())
            }
            _ => None,
        }
    }

    /// When the copies of these titles can be counted on.
    async fn outlook(&self, tx: &mut Tx, parts: &[PartId]) -> Result<HashMap<PartId, Vec<CopyOutlook>>, StorageError> {
        let rows = fetch_in!(
            tx,
            (Uuid, String, Option<NaiveDate>, bool),
            [
                "select i.part_id, i.state, l.due_on,
                     exists (select 1 from reservation r where r.item_id = i.id and r.state in ('in-transit', 'ready'))
                 from item i left join loan l on l.item_id = i.id and l.returned_at is null
                 where i.loan_rule = 'lendable' and i.lender is null
                     and i.state in ('on-shelf', 'going-home', 'on-loan', 'in-transit', 'on-hold-shelf')
                     and i.part_id in ",
                ""
            ],
            parts
        )?;
        let mut copies: HashMap<PartId, Vec<CopyOutlook>> = HashMap::new();
        for (part, state, due_on, captured) in rows {
            let state: ItemState = state.parse().map_err(|error| StorageError::corrupt("item state", error))?;
            let outlook = match (state, due_on) {
                (ItemState::OnLoan, Some(day)) => CopyOutlook::DueOn(day),
                (ItemState::OnLoan, None) => continue,
                _ if captured => CopyOutlook::Captured,
                _ => CopyOutlook::Free,
            };
            copies.entry(PartId(part)).or_default().push(outlook);
        }
        Ok(copies)
    }

    /// What was cancelled in the past days the policy names, the latest first, with the reason (R22).
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn cancelled_reservations(&self, patron: PatronId) -> Result<Vec<CancelledView>, Fault> {
        let days = i64::from(self.policy().reservations.keep_cancelled_days);
        let from = self.start_of(self.today() - chrono::TimeDelta::days(days));
        let mut tx = self.database().begin_read().await?;
        let rows = fetch_all!(
            &mut tx,
            CancelledRow,
            "select id, part_id, since, cancelled_for, note from reservation
             where patron_id = $1 and state = 'cancelled' and since >= $2 order by since desc, id desc",
            patron.0,
            from
        )?;
        let parts: Vec<PartId> = rows.iter().map(|row| PartId(row.1)).collect();
        let titles = part_facts(&mut tx, &parts).await?;
        let mut views = Vec::with_capacity(rows.len());
        for (id, part, since, reason, note) in rows {
            let part = PartId(part);
            let Some((title, of)) = title_of(&titles, part) else { continue };
            views.push(CancelledView {
                id: ReservationId(id),
                bib: title.id,
                part,
                title: title.part_title(of),
                creators: title.creators(),
                material: title.record.material,
                cancelled_on: self.day_of(since),
                reason: reason
                    .unwrap_or_default()
                    .parse()
                    .map_err(|error| StorageError::corrupt("reason of cancellation", error))?,
                note,
            });
        }
        Ok(views)
    }
}

/// Its place among the members that are not cancelled.
fn in_set(set: OrderedSetId, place: &SetPlace, state: ReservationState) -> InSet {
    let living = || place.members.iter().filter(|member| member.state != ReservationState::Cancelled);
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    InSet {
        set,
        order: count(living().filter(|member| member.ordinal <= place.ordinal).count()),
        of: count(living().count()),
        movable: state == ReservationState::Waiting && !place.paused,
    }
}
