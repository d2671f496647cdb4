//! 控えた記録: what was played in and is not as it should be, and what staff do about it.

use chrono::{DateTime, Utc};
use domain::{
    OpId, PlaceCode,
    circulation::{By, LateTrouble, Refusal, Settle},
};
use uuid::Uuid;

use super::{counter::title, late::LateLending};
use crate::{
    Fault, Library,
    events::{ActorRole, Event, EventKind, record},
    storage::{StorageError, Tx, execute, fetch_all, fetch_optional, in_write},
};

type Row = (
    Uuid,
    String,
    Option<String>,
    String,
    bool,
    DateTime<Utc>,
    String,
    Option<Uuid>,
    Option<String>,
    Option<String>,
    Option<String>,
);

impl Library {
    /// The late scans that wait for staff or that they have to know of, in the order they were made.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn late_troubles(&self) -> Result<Vec<LateTrouble>, Fault> {
        let mut tx = self.database().begin_read().await?;
        let rows = fetch_all!(
            &mut tx,
            Row,
            "select s.id, s.place, s.card, s.barcode, s.lent, s.scanned_at, s.why, s.loan_id, o.card_number, b.record,
                    p.label
             from late_scan s left join loan l on l.id = s.loan_id left join patron o on o.id = l.patron_id
             left join item i on i.barcode = s.barcode left join part p on p.id = i.part_id
             left join bib b on b.id = p.bib_id order by s.id"
        )?;
        let mut troubles = Vec::with_capacity(rows.len());
        for (id, place, card, barcode, lent, at, why, loan, holder, record, label) in rows {
            troubles.push(LateTrouble {
                op: OpId(id),
                place: PlaceCode(place),
                scanned_at: self.local(at).naive_local(),
                card: card.or(holder),
                title: record.zip(label).map(|(record, label)| title(&record, &label)).transpose()?,
                barcode,
                why: serde_json::from_str(&why).map_err(|error| StorageError::corrupt("refusal", error))?,
                recorded: loan.is_some(),
                lent,
            });
        }
        Ok(troubles)
    }

    /// Takes a late scan off the list, as staff say. A second press finds it gone.
    ///
    /// # Errors
    /// When the database can't be written; it stays on the list then.
    pub async fn settle_late(&self, scan: OpId, settle: &Settle) -> Result<Result<(), Refusal>, Fault> {
        let (Settle::Lend { reason, .. } | Settle::Dismiss { reason }) = settle;
        if reason.trim().is_empty() {
            return Ok(Err(Refusal::NoReason));
        }
        let done = in_write!(self.database(), |tx| self.settle_in(tx, scan, settle, reason.trim()).await);
        self.outbox_bell().notify_one();
        done
    }

    async fn settle_in(
        &self,
        tx: &mut Tx,
        scan: OpId,
        settle: &Settle,
        reason: &str,
    ) -> Result<Result<(), Refusal>, Fault> {
        let row = fetch_optional!(
            &mut *tx,
            (String, DateTime<Utc>, bool, Option<Uuid>),
            "select place, scanned_at, lent, loan_id from late_scan where id = $1",
            scan.0
        )?;
        let Some((place, at, lent, loan)) = row else { return Ok(Err(Refusal::SettledAlready)) };
        match settle {
            Settle::Lend { card, barcode, .. } => {
                if !lent || loan.is_some() {
                    return Ok(Err(Refusal::SettledAlready));
                }
                let here = PlaceCode(place);
                let lending = LateLending { here: &here, card, barcode, at };
                if let Err(refusal) = self.lend_late(tx, &By::Overrule(reason.to_owned()), &lending).await? {
                    return Ok(Err(refusal));
                }
            }
            Settle::Dismiss { .. } => {
                let event = Event::of(EventKind::LateScanDismissed, ActorRole::Staff, self.now());
                record(tx, Event { note: Some(reason), ..event }).await?;
            }
        }
        // Two at once: the one whose row is gone already begins again and finds it so.
        if execute!(&mut *tx, "delete from late_scan where id = $1", scan.0)? == 0 {
            return Err(StorageError::Overtaken.into());
        }
        Ok(Ok(()))
    }
}
