//! The figures: how much was lent and reserved, read from the event log, which names nobody.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::{
    PlaceCode,
    catalog::MaterialType,
    figures::{Figure, FigureKind, FigureRow, FiguresPage, Span, veil},
};

use crate::{
    Fault, Library,
    storage::{StorageError, Tx, fetch_all},
};

/// How often each word of the log occurs together with each word of what it is parted by.
type Counted = HashMap<(FigureKind, String), u64>;

impl Library {
    /// The figures of a day, a month or a year. Small numbers are hidden, see [`veil`].
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn figures(&self, span: Span) -> Result<FiguresPage, Fault> {
        let mut tx = self.database().begin_read().await?;
        let edges = self.edges(span);
        let mut series: HashMap<FigureKind, Vec<u64>> = HashMap::new();
        for edge in edges.windows(2) {
            let [from, until] = *edge else { continue };
            let counts = by_kind(&mut tx, from, until).await?;
            for kind in FigureKind::ALL {
                series.entry(*kind).or_default().push(counts.get(&(*kind, String::new())).copied().unwrap_or_default());
            }
        }
        let (from, until) = match (edges.first(), edges.last()) {
            (Some(from), Some(until)) => (*from, *until),
            _ => (self.now(), self.now()),
        };
        let materials = by_material(&mut tx, from, until).await?;
        let places = by_place(&mut tx, from, until).await?;
        let rows = FigureKind::ALL
            .iter()
            .map(|kind| {
                let series = series.remove(kind).unwrap_or_default();
                FigureRow {
                    kind: *kind,
                    total: Figure::alone(series.iter().sum()),
                    series: veil(&series),
                    places: self.by_places(*kind, &places),
                    materials: by_materials(*kind, &materials),
                }
            })
            .collect();
        Ok(FiguresPage { span, today: self.today(), rows })
    }

    /// The moments at which the parts of a span begin, and at which the last of them ends.
    fn edges(&self, span: Span) -> Vec<DateTime<Utc>> {
        let days: Vec<NaiveDate> = span.days();
        match span {
            Span::Day(_) => {
                let begin = self.start_of(span.first());
                let end = days.last().map_or(begin, |day| self.start_of(*day));
                (0..25).map(|hour| begin + TimeDelta::hours(hour)).take_while(|at| *at < end).chain([end]).collect()
            }
            Span::Month(_) | Span::Year(_) => days.into_iter().map(|day| self.start_of(day)).collect(),
        }
    }

    fn by_places(&self, kind: FigureKind, counted: &Counted) -> Vec<(PlaceCode, Figure)> {
        if !matches!(kind, FigureKind::Loans | FigureKind::Reserved | FigureKind::Filled | FigureKind::Cancelled) {
            return Vec::new();
        }
        let places = self.policy().places.iter().map(|place| place.code.clone());
        let known: Vec<(PlaceCode, u64)> =
            places.map(|place| (place.clone(), counted.get(&(kind, place.0)).copied().unwrap_or_default())).collect();
        let shown = veil(&known.iter().map(|(_, count)| *count).collect::<Vec<_>>());
        known.into_iter().zip(shown).map(|((place, _), figure)| (place, figure)).collect()
    }
}

fn by_materials(kind: FigureKind, counted: &Counted) -> Vec<(MaterialType, Figure)> {
    if kind == FigureKind::NewCards {
        return Vec::new();
    }
    let count = |material: &MaterialType| counted.get(&(kind, material.as_str().to_owned())).copied();
    let counts: Vec<u64> = MaterialType::ALL.iter().map(|material| count(material).unwrap_or_default()).collect();
    MaterialType::ALL.iter().copied().zip(veil(&counts)).collect()
}

async fn by_kind(tx: &mut Tx, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<Counted, StorageError> {
    let rows = fetch_all!(
        tx,
        (String, String, i64),
        "select kind, '', count(*) from event where at >= $1 and at < $2
             and kind in ('checked-out', 'checked-in', 'reserved', 'fulfilled', 'cancelled', 'card-issued',
                 'check-out-undone', 'check-in-undone', 'undone')
         group by kind",
        from,
        until
    )?;
    Ok(counted(rows))
}

async fn by_material(tx: &mut Tx, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<Counted, StorageError> {
    let rows = fetch_all!(
        tx,
        (String, String, i64),
        "select e.kind, b.material, count(*) from event e join bib b on b.id = e.bib_id
         where e.at >= $1 and e.at < $2
             and e.kind in ('checked-out', 'checked-in', 'reserved', 'fulfilled', 'cancelled', 'check-out-undone',
                 'check-in-undone', 'undone')
         group by e.kind, b.material",
        from,
        until
    )?;
    Ok(counted(rows))
}

async fn by_place(tx: &mut Tx, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<Counted, StorageError> {
    let mut rows = fetch_all!(
        &mut *tx,
        (String, String, i64),
        "select e.kind, l.place, count(*) from event e join loan l on l.id = e.loan_id
         where e.at >= $1 and e.at < $2 and e.kind = 'checked-out' group by e.kind, l.place",
        from,
        until
    )?;
    rows.extend(fetch_all!(
        tx,
        (String, String, i64),
        "select e.kind, r.pickup_place, count(*) from event e join reservation r on r.id = e.reservation_id
         where e.at >= $1 and e.at < $2 and e.kind in ('reserved', 'fulfilled', 'cancelled', 'undone')
         group by e.kind, r.pickup_place",
        from,
        until
    )?);
    Ok(counted(rows))
}

fn counted(rows: Vec<(String, String, i64)>) -> Counted {
    let mut counted = Counted::new();
    let mut undone = Counted::new();
    for (kind, by, count) in rows {
        // What was undone at the desk did not happen. The loan of an undone check-out is gone, with its place.
        let sum = if kind.ends_with("undone") { &mut undone } else { &mut counted };
        let kind = match kind.as_str() {
            "checked-out" | "check-out-undone" => FigureKind::Loans,
            "checked-in" | "check-in-undone" => FigureKind::Returns,
            "reserved" => FigureKind::Reserved,
            "fulfilled" | "undone" => FigureKind::Filled,
            "cancelled" => FigureKind::Cancelled,
            "card-issued" => FigureKind::NewCards,
            _ => continue,
        };
        *sum.entry((kind, by)).or_default() += u64::try_from(count).unwrap_or_default();
    }
    for (what, count) in undone {
        counted.entry(what).and_modify(|sum| *sum = sum.saturating_sub(count));
    }
    counted
}
