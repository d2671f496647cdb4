//! The order of queues and the ordered sets of a file of reservations.

use std::collections::{BTreeMap, HashMap, hash_map::Entry};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

use super::row::{Row, RowReason};
use crate::{
    Library,
    storage::{StorageError, Tx, execute, fetch_all},
};

/// Gives each reservation of a queue a moment of its own: old systems often know the day only. Those of one moment stand
/// in the order of their rows. Answers which were moved.
pub(super) fn part_moments(queue: &mut [(u64, &mut DateTime<Utc>)]) -> Vec<u64> {
    queue.sort_by_key(|(line, at)| (**at, *line));
    let mut moved = Vec::new();
    let mut last: Option<DateTime<Utc>> = None;
    for (line, at) in queue {
        if let Some(last) = last
            && **at <= last
        {
            **at = last + TimeDelta::microseconds(1);
            moved.push(*line);
        }
        last = Some(**at);
    }
    moved
}

/// A place in an ordered set, as a row says.
#[derive(Clone, Debug)]
pub(super) struct SetRow {
    pub(super) name: String,
    pub(super) ordinal: i64,
    made_at: Option<DateTime<Utc>>,
    paused_on: Option<NaiveDate>,
    /// Places whose titles were lent and came back.
    gaps: Vec<i64>,
}

impl SetRow {
    pub(super) fn read(row: &Row, library: &Library) -> Result<Option<Self>, RowReason> {
        let Some(name) = row.text("set") else { return Ok(None) };
        let number = |text: &str| text.parse::<u32>().ok().filter(|n| *n > 0).map(i64::from);
        let bad =
            |field: &'static str| RowReason::Number { field, text: row.text(field).unwrap_or_default().to_owned() };
        let gaps = row.text("set_gaps").unwrap_or_default().split_whitespace().map(number).collect::<Option<Vec<_>>>();
        let ordinal = row.number("set_ordinal")?.ok_or(RowReason::Missing("set_ordinal"))?;
        if ordinal == 0 {
            return Err(bad("set_ordinal"));
        }
        Ok(Some(Self {
            name: name.to_owned(),
            ordinal,
            // To the day, as those that are made here.
            made_at: row.past("set_made_at", library)?.map(|at| library.beginning_of(at)),
            paused_on: row.day("set_paused_on")?,
            gaps: gaps.ok_or_else(|| bad("set_gaps"))?,
        }))
    }
}

/// The ordered sets of a file, by the names they have there.
#[derive(Default)]
pub(super) struct Sets {
    by_name: HashMap<String, Set>,
}

struct Set {
    id: Uuid,
    patron: Uuid,
    /// Whether the library has it already.
    known: bool,
    made_at: DateTime<Utc>,
    paused_on: Option<NaiveDate>,
    /// Who stands in which place, by the title's part; a gap is nobody's.
    places: BTreeMap<i64, Option<Uuid>>,
}

impl Sets {
    /// Says that a set of the file is one the library has: a row of it was taken in before.
    pub(super) fn recognise(&mut self, name: &str, id: Uuid, patron: Uuid, places: BTreeMap<i64, Option<Uuid>>) {
        self.by_name.entry(name.to_owned()).or_insert(Set {
            id,
            patron,
            known: true,
            made_at: DateTime::UNIX_EPOCH,
            paused_on: None,
            places,
        });
    }

    /// Takes a place for a title. Answers the set's id.
    pub(super) fn take(
        &mut self,
        row: &SetRow,
        patron: Uuid,
        part: Uuid,
        made_on: DateTime<Utc>,
    ) -> Result<Uuid, RowReason> {
        let set = match self.by_name.entry(row.name.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(Set {
                id: Uuid::new_v4(),
                patron,
                known: false,
                made_at: row.made_at.unwrap_or(made_on),
                paused_on: None,
                places: BTreeMap::new(),
            }),
        };
        let taken = set.places.get(&row.ordinal).is_some_and(|holder| *holder != Some(part));
        if set.patron != patron || taken || row.gaps.contains(&row.ordinal) {
            return Err(RowReason::Set(row.name.clone()));
        }
        set.places.insert(row.ordinal, Some(part));
        set.paused_on = set.paused_on.or(row.paused_on);
        for gap in &row.gaps {
            set.places.entry(*gap).or_insert(None);
        }
        Ok(set.id)
    }

    /// Writes the sets that are new.
    pub(super) async fn write(&self, tx: &mut Tx) -> Result<(), StorageError> {
        for set in self.by_name.values().filter(|set| !set.known) {
            execute!(
                &mut *tx,
                "insert into ordered_set (id, patron_id, made_at, paused_on) values ($1, $2, $3, $4)",
                set.id,
                set.patron,
                set.made_at,
                set.paused_on
            )?;
            for (ordinal, _) in set.places.iter().filter(|(_, holder)| holder.is_none()) {
                execute!(&mut *tx, "insert into set_gap (set_id, set_ordinal) values ($1, $2)", set.id, *ordinal)?;
            }
        }
        Ok(())
    }
}

/// The places of all ordered sets that are taken, by set.
pub(super) async fn places(tx: &mut Tx) -> Result<HashMap<Uuid, BTreeMap<i64, Option<Uuid>>>, StorageError> {
    let rows = fetch_all!(
        tx,
        (Uuid, i64, Option<Uuid>),
        "select set_id, set_ordinal, part_id from reservation where set_id is not null
         union all select set_id, set_ordinal, null from set_gap"
    )?;
    let mut sets: HashMap<Uuid, BTreeMap<i64, Option<Uuid>>> = HashMap::new();
    for (set, ordinal, part) in rows {
        sets.entry(set).or_default().insert(ordinal, part);
    }
    Ok(sets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_of_one_moment_stand_in_the_order_of_their_rows() {
        let at = |second| DateTime::UNIX_EPOCH + TimeDelta::seconds(second);
        let mut moments = [at(5), at(1), at(5), at(5)];
        let mut queue: Vec<_> = (1..).zip(moments.iter_mut()).collect();
        assert_eq!(part_moments(&mut queue), [3, 4]);
        let micros = TimeDelta::microseconds;
        assert_eq!(moments, [at(5), at(1), at(5) + micros(1), at(5) + micros(2)]);
    }
}
