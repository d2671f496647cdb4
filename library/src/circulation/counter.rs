//! 貸出 and 返却 at the desk: one scan, one answer.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    LoanId, OpId, PatronId, PlaceCode,
    catalog::BibRecord,
    circulation::{
        AtCounter, By, CheckIn, CheckedOut, CounterAnswer, CounterScan, LoanAtCounter, Played, Reading, ReadyAtCounter,
        Refusal, Said, Turn, barcode, reading,
    },
    patrons::{CardState, card_number},
};
use uuid::Uuid;

use super::twice::{Earlier, earlier_at_desk};
use crate::{
    Fault, Library,
    storage::{StorageError, Tx, fetch_all, fetch_one, fetch_optional, in_write},
};

type LoanRow = (Uuid, String, String, String, NaiveDate, DateTime<Utc>);
type ReadyRow = (String, Option<NaiveDate>, String, String, String);

impl Library {
    /// A scan on the page 返却: as [`Library::check_in`], and the same request again, by its `op`, gets the same answer,
    /// so that a scan whose answer was lost on the way can be sent again.
    ///
    /// # Errors
    /// When the database can't be written; the scan has changed nothing then.
    pub async fn scan_in(&self, op: OpId, here: &PlaceCode, scanned: &str) -> Result<Result<CheckIn, Refusal>, Fault> {
        if self.policy().place(here).is_none() {
            return Ok(Err(Refusal::UnknownPlace));
        }
        let code = barcode(scanned);
        let done = in_write!(self.database(), |tx| self.scan_in_in(tx, op, here, &code).await);
        self.outbox_bell().notify_one();
        done
    }

    async fn scan_in_in(
        &self,
        tx: &mut Tx,
        op: OpId,
        here: &PlaceCode,
        code: &str,
    ) -> Result<Result<CheckIn, Refusal>, Fault> {
        match earlier_at_desk(tx, op).await? {
            Earlier::None => {}
            Earlier::Answer(Played::TakenBack(done)) => return Ok(Ok(done)),
            Earlier::Answer(Played::Kept(refusal)) => return Ok(Err(refusal)),
            Earlier::Answer(_) | Earlier::Forgotten => return Ok(Err(Refusal::SettledAlready)),
        }
        let answer = self.check_in_in(tx, here, code, self.now()).await?;
        if let Ok(done) = &answer {
            self.keep_at_desk(tx, op, &Played::TakenBack(done.clone())).await?;
        }
        Ok(answer)
    }

    /// A scan on the page 貸出: a card begins that patron's turn, a copy is lent to whose turn it is. The same request
    /// again, by its `op`, lends nothing again.
    ///
    /// # Errors
    /// When the database can't be read or written; nothing is lent then.
    pub async fn scan_at_counter(
        &self,
        op: OpId,
        here: &PlaceCode,
        turn: Option<Turn>,
        scan: &CounterScan,
    ) -> Result<CounterAnswer, Fault> {
        let (patron, is_copy) = self.look_up(&scan.text).await?;
        let text = scan.text.trim().to_owned();
        let (turn, said) = match (reading(patron.is_some(), is_copy, turn.is_some(), scan.read_as), patron, turn) {
            (Reading::Card, Some(patron), _) => (Some(Turn { patron, since: self.now() }), Said::Begun),
            (Reading::Copy, _, Some(turn)) => (Some(turn), self.lend_at_counter(op, here, turn.patron, scan).await?),
            (Reading::Copy, _, None) => (None, Said::CardFirst { barcode: text }),
            (Reading::Either, ..) => (turn, Said::Either { text }),
            // The desk is told plainly why the card it was shown opens nothing.
            (Reading::Card | Reading::Nothing, ..) if self.was_card_replaced(&text).await? => {
                (turn, Said::Replaced { text })
            }
            (Reading::Card | Reading::Nothing, ..) => (turn, Said::Unknown { text }),
        };
        Ok(CounterAnswer { patron: self.at_counter(here, turn).await?, said })
    }

    /// [`Library::undo_scan`] on the page 貸出, with how the patron's affairs stand after it.
    ///
    /// # Errors
    /// When the database can't be read or written.
    pub async fn undo_at_counter(
        &self,
        op: OpId,
        here: &PlaceCode,
        turn: Option<Turn>,
        scanned: &str,
    ) -> Result<CounterAnswer, Fault> {
        let said = match self.undo_scan(op, scanned).await? {
            Ok(undone) => Said::Undone(undone),
            Err(refusal) => Said::NotUndone(refusal),
        };
        Ok(CounterAnswer { patron: self.at_counter(here, turn).await?, said })
    }

    /// Whose card this is, and whether a copy has this barcode.
    async fn look_up(&self, scanned: &str) -> Result<(Option<PatronId>, bool), Fault> {
        let mut tx = self.database().begin_read().await?;
        let (patron, is_copy) = fetch_one!(
            &mut tx,
            (Option<Uuid>, bool),
            "select (select id from patron where card_number = $1), exists (select 1 from item where barcode = $2)",
            card_number(scanned),
            barcode(scanned)
        )?;
        Ok((patron.map(PatronId), is_copy))
    }

    async fn lend_at_counter(
        &self,
        op: OpId,
        here: &PlaceCode,
        patron: PatronId,
        scan: &CounterScan,
    ) -> Result<Said, Fault> {
        let by = match scan.reason.as_deref().map(str::trim) {
            None | Some("") => By::Staff,
            Some(reason) => By::Overrule(reason.to_owned()),
        };
        let code = barcode(&scan.text);
        let lent = if self.policy().place(here).is_none() {
            Err(Refusal::UnknownPlace)
        } else {
            let done = in_write!(self.database(), |tx| self.lend_once(tx, op, &by, here, patron, &code).await)?;
            self.outbox_bell().notify_one();
            done
        };
        Ok(match lent {
            Ok(lent) => Said::Lent(lent),
            Err(refusal) => Said::NotLent { barcode: code, refusal },
        })
    }

    async fn lend_once(
        &self,
        tx: &mut Tx,
        op: OpId,
        by: &By,
        here: &PlaceCode,
        patron: PatronId,
        code: &str,
    ) -> Result<Result<CheckedOut, Refusal>, Fault> {
        match earlier_at_desk(tx, op).await? {
            Earlier::None => {}
            Earlier::Answer(Played::Lent { lent, .. }) => return Ok(Ok(lent)),
            Earlier::Answer(Played::Kept(refusal)) => return Ok(Err(refusal)),
            Earlier::Answer(_) | Earlier::Forgotten => return Ok(Err(Refusal::SettledAlready)),
        }
        let answer = self.check_out_in(tx, by, here, patron, code).await?;
        if let Ok(lent) = &answer {
            self.keep_at_desk(tx, op, &Played::Lent { lent: lent.clone(), remark: None }).await?;
        }
        Ok(answer)
    }

    /// The patron before the desk, as staff need to see them now: what they have, and what stands ready for them.
    async fn at_counter(&self, here: &PlaceCode, turn: Option<Turn>) -> Result<Option<AtCounter>, Fault> {
        let Some(turn) = turn else { return Ok(None) };
        let today = self.today();
        let mut tx = self.database().begin_read().await?;
        let patron = fetch_optional!(
            &mut tx,
            (String, String, String),
            "select card_number, name, card_state from patron where id = $1",
            turn.patron.0
        )?;
        let Some((card_number, name, card)) = patron else { return Ok(None) };
        let card: CardState = card.parse().map_err(|error| StorageError::corrupt("card state", error))?;
        let rows = fetch_all!(
            &mut tx,
            LoanRow,
            "select l.id, i.barcode, b.record, p.label, l.due_on, l.lent_at
             from loan l join item i on i.id = l.item_id join part p on p.id = l.part_id join bib b on b.id = p.bib_id
             where l.patron_id = $1 and l.returned_at is null order by l.lent_at desc, l.id desc",
            turn.patron.0
        )?;
        let mut loans = Vec::with_capacity(rows.len());
        for (id, barcode, record, label, due_on, lent_at) in rows {
            loans.push(LoanAtCounter {
                id: LoanId(id),
                title: title(&record, &label)?,
                barcode,
                due_on,
                overdue: today > due_on,
                now: lent_at >= turn.since,
            });
        }
        let rows = fetch_all!(
            &mut tx,
            ReadyRow,
            "select r.pickup_place, r.hold_until, i.barcode, b.record, p.label
             from reservation r join item i on i.id = r.item_id join part p on p.id = r.part_id
             join bib b on b.id = p.bib_id
             where r.patron_id = $1 and r.state = 'ready' order by r.hold_until, r.id",
            turn.patron.0
        )?;
        let (mut ready_here, mut ready_elsewhere) = (Vec::new(), 0);
        for (place, until, barcode, record, label) in rows {
            match until {
                Some(until) if place == here.0 => {
                    ready_here.push(ReadyAtCounter { title: title(&record, &label)?, barcode, until });
                }
                _ => ready_elsewhere += 1,
            }
        }
        Ok(Some(AtCounter { turn, card_number, name, card, loans, ready_here, ready_elsewhere }))
    }
}

/// The title of a copy as shown, with volume and issue.
pub(super) fn title(record: &str, label: &str) -> Result<String, StorageError> {
    let record: BibRecord = serde_json::from_str(record).map_err(|error| StorageError::corrupt("bib record", error))?;
    let title = record.display_title();
    Ok(if label.is_empty() { title } else { format!("{title} {label}") })
}
