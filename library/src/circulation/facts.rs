//! What the rules need to know of patrons and queues.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    BibId, CartId, ItemId, OrderedSetId, PartId, PatronId, ReservationId,
    catalog::{BibRecord, LimitGroup, MaterialType},
    circulation::{QueueEntry, QueueKey, ReservationState, SetMember, SetPlace},
    patrons::CardState,
    policy::SetWaitsFor,
};
use uuid::Uuid;

use super::step::Stand;
use crate::{
    catalog::{Title, bibs_of_parts, parse_record, title_of, titles, with_parts},
    notices::Recipient,
    storage::{StorageError, Tx, execute, fetch_all, fetch_in, fetch_optional},
};

/// A patron as a write finds them under its lock.
pub(super) struct LockedPatron {
    pub(super) card: CardState,
    /// Whether the address for ready notices is confirmed.
    pub(super) has_mail: bool,
}

impl LockedPatron {
    pub(super) fn read((card, has_mail): (String, bool)) -> Result<Self, StorageError> {
        Ok(Self { card: card.parse().map_err(|error| StorageError::corrupt("card state", error))?, has_mail })
    }
}

/// Makes every other write about this patron wait. `None` when there is no such patron.
pub(super) async fn lock_patron(tx: &mut Tx, patron: PatronId) -> Result<Option<LockedPatron>, StorageError> {
    let row = fetch_optional!(
        tx,
        (String, bool),
        "update patron set revision = revision + 1 where id = $1
         returning card_state, case when ready_mail = 2 then mail2 is not null and mail2_confirmed
             else mail1 is not null and mail1_confirmed end",
        patron.0
    )?;
    row.map(LockedPatron::read).transpose()
}

/// What a patron has reserved or on loan: one tie for each title.
#[derive(Default)]
pub(crate) struct Ties(Vec<Tie>);

struct Tie {
    part: PartId,
    group: LimitGroup,
    /// The active reservation and how it stands; `None` when it is a loan.
    reservation: Option<Stand>,
}

impl Ties {
    /// Active reservations by group (R17).
    pub(crate) fn reserved(&self) -> Vec<(LimitGroup, u32)> {
        self.counted(|tie| tie.reservation.is_some())
    }

    /// Open loans by group (R16).
    pub(super) fn lent(&self) -> Vec<(LimitGroup, u32)> {
        self.counted(|tie| tie.reservation.is_none())
    }

    fn counted(&self, of: impl Fn(&Tie) -> bool) -> Vec<(LimitGroup, u32)> {
        let mut groups: Vec<(LimitGroup, u32)> = Vec::new();
        for tie in self.0.iter().filter(|tie| of(tie)) {
            match groups.iter_mut().find(|(group, _)| *group == tie.group) {
                Some((_, count)) => *count += 1,
                None => groups.push((tie.group, 1)),
            }
        }
        groups
    }

    /// Whether the title is on loan to the patron.
    pub(crate) fn has_on_loan(&self, part: PartId) -> bool {
        self.0.iter().any(|tie| tie.part == part && tie.reservation.is_none())
    }

    /// The patron's active reservation of the title.
    pub(super) fn reservation_of(&self, part: PartId) -> Option<Stand> {
        self.0.iter().find(|tie| tie.part == part)?.reservation
    }

    /// Whether the patron has an active reservation of the title.
    pub(crate) fn has_reserved(&self, part: PartId) -> bool {
        self.reservation_of(part).is_some()
    }
}

type TieRow = (
    Uuid,
    Uuid,
    String,
    Option<Uuid>,
    Option<String>,
    Option<DateTime<Utc>>,
    Option<Uuid>,
    Option<NaiveDate>,
    Option<bool>,
);

/// Reads what a patron has reserved or on loan.
pub(crate) async fn ties(tx: &mut Tx, patron: PatronId) -> Result<Ties, StorageError> {
    Ok(ties_of(tx, &[patron]).await?.remove(&patron).unwrap_or_default())
}

/// Reads what patrons have reserved or on loan. Who has nothing is left out.
pub(super) async fn ties_of(tx: &mut Tx, patrons: &[PatronId]) -> Result<HashMap<PatronId, Ties>, StorageError> {
    let rows = fetch_in!(
        tx,
        TieRow,
        [
            "select c.patron_id, c.part_id, b.material, c.reservation_id, r.state, r.since, r.item_id, r.hold_until,
                 r.hold_extended
             from claim c
             join part p on p.id = c.part_id join bib b on b.id = p.bib_id
             left join reservation r on r.id = c.reservation_id where c.patron_id in ",
            ""
        ],
        patrons
    )?;
    let mut ties: HashMap<PatronId, Ties> = HashMap::new();
    for (patron, part, material, reservation, state, since, item, hold_until, hold_extended) in rows {
        let material: MaterialType = material.parse().map_err(|error| StorageError::corrupt("material type", error))?;
        let reservation = match (reservation, state, since) {
            (Some(id), Some(state), Some(since)) => Some(Stand {
                id: ReservationId(id),
                state: parse_state(&state)?,
                since,
                item: item.map(ItemId),
                hold_until,
                hold_extended: hold_extended.unwrap_or_default(),
            }),
            _ => None,
        };
        let tie = Tie { part: PartId(part), group: material.limit_group(), reservation };
        ties.entry(PatronId(patron)).or_default().0.push(tie);
    }
    Ok(ties)
}

/// Makes every other write about these patrons wait, and tells which cart is theirs. Who is no patron is left out.
pub(super) async fn lock_patrons(
    tx: &mut Tx,
    patrons: &[PatronId],
) -> Result<HashMap<PatronId, (LockedPatron, Option<CartId>)>, StorageError> {
    let rows = fetch_in!(
        tx,
        (Uuid, String, bool, Option<Uuid>),
        [
            "update patron set revision = revision + 1 where id in ",
            " returning id, card_state, case when ready_mail = 2 then mail2 is not null and mail2_confirmed
                 else mail1 is not null and mail1_confirmed end, (select c.id from cart c where c.patron_id = patron.id)"
        ],
        patrons
    )?;
    rows.into_iter()
        .map(|(id, card, has_mail, cart)| Ok((PatronId(id), (LockedPatron::read((card, has_mail))?, cart.map(CartId)))))
        .collect()
}

/// Card of a patron. `None` when there is no such patron.
pub(crate) async fn card_of(tx: &mut Tx, patron: PatronId) -> Result<Option<CardState>, StorageError> {
    let card = fetch_optional!(tx, (String,), "select card_state from patron where id = $1", patron.0)?;
    card.map(|(card,)| card.parse().map_err(|error| StorageError::corrupt("card state", error))).transpose()
}

/// Makes every other write about these titles wait. They are taken in the order of their ids, so that two writers
/// never hold one each and want the other's.
pub(super) async fn lock_bibs(tx: &mut Tx, bibs: &[BibId]) -> Result<(), StorageError> {
    debug_assert!(bibs.is_sorted(), "bibs must be locked in the order of their ids");
    for bib in bibs {
        execute!(&mut *tx, "update bib set revision = revision + 1 where id = $1", bib.0)?;
    }
    Ok(())
}

/// Locks the bibs these parts belong to, as [`lock_bibs`], and reads them.
pub(super) async fn lock_titles(tx: &mut Tx, parts: &[PartId]) -> Result<Vec<Title>, StorageError> {
    if let [part] = parts {
        // As nearly everybody reserves: one way there and back less.
        let locked = lock_bib_with(tx, *part).await?.into_iter().collect();
        let title = with_parts(tx, locked).await?;
        let overtaken = !title.is_empty() && title_of(&title, *part).is_none();
        return if overtaken { Err(StorageError::Overtaken) } else { Ok(title) };
    }
    let bibs = bibs_of_parts(tx, parts).await?;
    lock_bibs(tx, &bibs).await?;
    let titles = titles(tx, &bibs).await?;
    // One was merged into another before the lock was ours: its parts are there now.
    if titles.len() == bibs.len() { Ok(titles) } else { Err(StorageError::Overtaken) }
}

/// Locks the bib of a part and reads its record. It may be merged into another until the lock is ours; then the part is
/// not among its parts.
async fn lock_bib_with(tx: &mut Tx, part: PartId) -> Result<Option<(BibId, BibRecord)>, StorageError> {
    let row = fetch_optional!(
        tx,
        (Uuid, String),
        "update bib set revision = revision + 1 where id = (select bib_id from part where id = $1) returning id, record",
        part.0
    )?;
    row.map(|(id, record)| Ok((BibId(id), parse_record(&record)?))).transpose()
}

/// Locks the bib a reservation is for. `None` when there is no such reservation. It may be merged into another bib until
/// the lock is ours, so whoever reads the reservation then compares its bib.
pub(super) async fn lock_bib_of(tx: &mut Tx, reservation: ReservationId) -> Result<Option<BibId>, StorageError> {
    let row = fetch_optional!(
        tx,
        (Uuid,),
        "update bib set revision = revision + 1
         where id = (select p.bib_id from reservation r join part p on p.id = r.part_id where r.id = $1)
         returning id",
        reservation.0
    )?;
    Ok(row.map(|(id,)| BibId(id)))
}

/// How many entries of a queue are read first; the one to be served is nearly always among them.
const HEAD: i64 = 8;

/// How many are read at a time after that.
const STRETCH: i64 = 200;

type QueueRow = (
    Uuid,
    DateTime<Utc>,
    Option<Uuid>,
    String,
    Option<Uuid>,
    Option<i64>,
    Option<bool>,
    String,
    String,
    String,
    String,
    String,
    String,
    Option<String>,
    DateTime<Utc>,
);

/// A queue, and for whom each of its entries is.
#[derive(Default)]
pub(super) struct Queue {
    pub(super) entries: Vec<QueueEntry>,
    /// For whom each is and since when it has stood so, in the same order.
    recipients: Vec<(Recipient, DateTime<Utc>)>,
}

impl Queue {
    /// For whom this reservation is and how it stands; `None` when it is not among those that were read.
    pub(super) fn recipient(&self, reservation: ReservationId) -> Option<(&Recipient, Stand)> {
        let n = self.entries.iter().position(|entry| entry.key.id == reservation)?;
        let (recipient, since) = self.recipients.get(n)?;
        let stand = Stand {
            id: reservation,
            state: recipient.state,
            since: *since,
            item: self.entries.get(n)?.assigned,
            hold_until: None,
            hold_extended: false,
        };
        Some((recipient, stand))
    }
}

/// The queue of a title up to its first awake waiting entry, which is all that
/// [`capture_for`](domain::circulation::capture_for) needs: a queue of thousands costs no more than a short one.
/// When nobody in it can be served, it is read to its end.
pub(super) async fn queue_head(tx: &mut Tx, part: PartId, waits_for: SetWaitsFor) -> Result<Queue, StorageError> {
    let mut queue = Queue::default();
    let mut limit = HEAD;
    loop {
        let last = queue.entries.last().map(|entry| entry.key);
        let stretch = stretch(tx, part, last, limit).await?;
        let ended = stretch.entries.len() < usize::try_from(limit).unwrap_or(usize::MAX);
        let served = stretch.entries.iter().any(|entry| entry.assigned.is_none() && entry.is_awake(waits_for));
        queue.entries.extend(stretch.entries);
        queue.recipients.extend(stretch.recipients);
        if ended || served {
            return Ok(queue);
        }
        limit = STRETCH;
    }
}

/// The whole queue of a title.
pub(super) async fn whole_queue(tx: &mut Tx, part: PartId) -> Result<Queue, StorageError> {
    stretch(tx, part, None, i64::MAX).await
}

async fn stretch(tx: &mut Tx, part: PartId, after: Option<QueueKey>, limit: i64) -> Result<Queue, StorageError> {
    let (after_at, after_id) =
        after.map_or((DateTime::<Utc>::UNIX_EPOCH, Uuid::nil()), |key| (key.placed_at, key.id.0));
    let rows = fetch_all!(
        &mut *tx,
        QueueRow,
        "select r.id, r.placed_at, r.item_id, p.card_state, r.set_id, r.set_ordinal, s.paused_on is not null, r.state,
             r.pickup_place, r.contact, p.card_number, p.name, p.name_kana,
             case when p.ready_mail = 2 then case when p.mail2_confirmed then p.mail2 end
                 else case when p.mail1_confirmed then p.mail1 end end, r.since
         from reservation r join patron p on p.id = r.patron_id left join ordered_set s on s.id = r.set_id
         where r.part_id = $1 and r.state in ('waiting', 'assigned') and (r.placed_at, r.id) > ($2, $3)
         order by r.placed_at, r.id limit $4",
        part.0,
        after_at,
        after_id,
        limit
    )?;
    let mut set_ids: Vec<OrderedSetId> = rows.iter().filter_map(|row| row.4.map(OrderedSetId)).collect();
    set_ids.sort_unstable();
    set_ids.dedup();
    let sets = set_members(tx, &set_ids).await?;
    let mut queue = Queue::default();
    for row in rows {
        let (
            id,
            placed_at,
            assigned,
            card,
            set,
            ordinal,
            paused,
            state,
            place,
            contact,
            number,
            name,
            kana,
            mail,
            since,
        ) = row;
        let id = ReservationId(id);
        let card: CardState = card.parse().map_err(|error| StorageError::corrupt("card state", error))?;
        let set = set.zip(ordinal).map(|(set, ordinal)| SetPlace {
            ordinal,
            members: sets.get(&set).cloned().unwrap_or_default(),
            paused: paused.unwrap_or(false),
        });
        queue.entries.push(QueueEntry {
            key: QueueKey { placed_at, id },
            card_active: card == CardState::Active,
            assigned: assigned.map(ItemId),
            set,
        });
        queue.recipients.push((Recipient::of((state, place, contact, number, name, kana, mail))?, since));
    }
    Ok(queue)
}

/// Members of ordered sets, by set. Places whose tie was cut count as lent.
pub(super) async fn set_members(
    tx: &mut Tx,
    sets: &[OrderedSetId],
) -> Result<HashMap<Uuid, Vec<SetMember>>, StorageError> {
    if sets.is_empty() {
        return Ok(HashMap::new());
    }
    // One statement, so that a place is seen either as a member or as a gap.
    let rows = fetch_in!(
        tx,
        (Uuid, i64, String),
        [
            "select set_id, set_ordinal, state from reservation where set_id in ",
            " union all select set_id, set_ordinal, 'lent' from set_gap where set_id in ",
            ""
        ],
        sets
    )?;
    let mut members: HashMap<Uuid, Vec<SetMember>> = HashMap::new();
    for (set, ordinal, state) in rows {
        let state = parse_state(&state)?;
        members.entry(set).or_default().push(SetMember { ordinal, state });
    }
    Ok(members)
}

/// A reservation's place in its set, with the other members.
pub(super) async fn set_of(
    tx: &mut Tx,
    set: Option<Uuid>,
    ordinal: Option<i64>,
    paused: Option<bool>,
) -> Result<Option<SetPlace>, StorageError> {
    let Some((set, ordinal)) = set.zip(ordinal) else { return Ok(None) };
    let members = set_members(tx, &[OrderedSetId(set)]).await?.remove(&set).unwrap_or_default();
    Ok(Some(SetPlace { ordinal, members, paused: paused.unwrap_or(false) }))
}

/// Reads a stored state.
pub(super) fn parse_state(word: &str) -> Result<ReservationState, StorageError> {
    word.parse().map_err(|error| StorageError::corrupt("reservation state", error))
}
