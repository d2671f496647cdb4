//! What travels between places.

use chrono::{DateTime, Utc};
use domain::{
    PlaceCode,
    circulation::{DeskList, Instruction, ItemState, Refusal, Transit, TransitLine, WriteOff, has_run_out, slip_label},
};

use super::super::items::{Item, lock_item};
use crate::{
    Fault, Library,
    catalog::shown,
    events::ActorRole,
    storage::{StorageError, Tx, execute, fetch_all, in_write},
};

type TravelRow = (
    String,
    String,
    String,
    Option<String>,
    String,
    Option<DateTime<Utc>>,
    Option<DateTime<Utc>>,
    Option<String>,
    Option<String>,
);

impl Library {
    /// What travels from and to a place.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn transit(&self, here: &PlaceCode) -> Result<DeskList<Transit>, Fault> {
        let mut tx = self.database().begin_read().await?;
        let list = self.travelling(&mut tx, here).await?;
        let counts = self.counts(&mut tx, here).await?;
        Ok(self.desk_list(counts, list))
    }

    /// Notes that a copy on its way did not arrive: it is looked for, and whoever it travels to keeps their place in the
    /// queue. One that was scanned meanwhile has arrived.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn not_arrived(&self, barcode: &str) -> Result<Result<(), Refusal>, Fault> {
        in_write!(self.database(), |tx| async {
            let item = lock_item(tx, barcode, self.today()).await?;
            if !item.is_some_and(|item| is_on_its_way(&item)) {
                return Ok::<_, Fault>(Err(Refusal::ListChanged));
            }
            self.write_off_in(tx, barcode, WriteOff::Missing, ActorRole::Staff).await
        }
        .await)
    }

    pub(super) async fn travelling(&self, tx: &mut Tx, here: &PlaceCode) -> Result<Transit, StorageError> {
        let expected = fetch_all!(
            &mut *tx,
            TravelRow,
            "select i.barcode, b.record, p.label, i.sent_from, coalesce(i.place, i.branch), i.sent_at, r.since,
                    pt.name_kana, pt.card_number
             from item i join part p on p.id = i.part_id join bib b on b.id = p.bib_id
             left join reservation r on r.item_id = i.id left join patron pt on pt.id = r.patron_id
             where i.place = $1 and i.state in ('in-transit', 'going-home')",
            &here.0
        )?;
        let sent = fetch_all!(
            &mut *tx,
            TravelRow,
            "select i.barcode, b.record, p.label, i.sent_from, coalesce(i.place, i.branch), i.sent_at, r.since,
                    pt.name_kana, pt.card_number
             from item i join part p on p.id = i.part_id join bib b on b.id = p.bib_id
             left join reservation r on r.item_id = i.id left join patron pt on pt.id = r.patron_id
             where i.sent_from = $1 and i.place <> $1 and i.state in ('in-transit', 'going-home')",
            &here.0
        )?;
        Ok(Transit { expected: self.lines(expected)?, sent: self.lines(sent)? })
    }

    /// The longest on its way first; what left nobody knows when, before all.
    fn lines(&self, rows: Vec<TravelRow>) -> Result<Vec<TransitLine>, StorageError> {
        let days = self.policy().reservations.transit_days;
        let mut lines = Vec::with_capacity(rows.len());
        for (barcode, record, label, from, to, sent_at, captured_at, name_kana, card_number) in rows {
            let since = sent_at.or(captured_at).map(|at| self.day_of(at));
            lines.push(TransitLine {
                title: shown(&record, &label)?.title,
                barcode,
                from: from.map(PlaceCode),
                to: PlaceCode(to),
                since,
                label: name_kana.zip(card_number).map(|(kana, card)| slip_label(&kana, &card)),
                late: since.is_some_and(|since| has_run_out(since, days, self.today())),
            });
        }
        lines.sort_by(|one, other| (one.since, &one.barcode).cmp(&(other.since, &other.barcode)));
        Ok(lines)
    }
}

fn is_on_its_way(item: &Item) -> bool {
    matches!(item.scanned.state, ItemState::InTransit | ItemState::GoingHome)
}

/// Notes from where a copy leaves, and when. Scanned again at the same place before it left, it did not leave twice.
pub(in super::super) async fn note_departure(
    tx: &mut Tx,
    item: &Item,
    here: &PlaceCode,
    instruction: &Instruction,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    let leaves = matches!(
        instruction,
        Instruction::Transit(_) | Instruction::SendHome { .. } | Instruction::ReturnToLender { .. }
    );
    if leaves {
        let on_its_way = is_on_its_way(item);
        execute!(
            tx,
            "update item set sent_from = $2, sent_at = $3
             where id = $1 and (not $4 or sent_from is null or sent_from <> $2)",
            item.id.0,
            &here.0,
            now,
            on_its_way
        )?;
    }
    Ok(())
}
