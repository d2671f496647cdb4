//! Open loans, known by barcode and card.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::{
    BibId, LoanId, PlaceCode,
    circulation::{ItemState, barcode},
};
use uuid::Uuid;

use super::{
    IMPORTED, TakenIn,
    facts::{Copy, Holder, Lent, Tie, claims, copies, holder, holders, loans},
    row::{Row, RowReason},
};
use crate::{
    Fault, Library,
    events::{ActorRole, Event, EventKind, record},
    storage::{Tx, execute},
};

/// What is to be written of a loan.
pub(super) enum LoanWrite {
    New(Box<NewLoan>),
    /// Renewed in the other system since.
    Changed {
        loan: Lent,
        bib: Uuid,
        due_on: NaiveDate,
        renewals: i64,
    },
}

/// A loan that is not there yet.
pub(super) struct NewLoan {
    id: Uuid,
    item: Uuid,
    part: Uuid,
    bib: Uuid,
    patron: Uuid,
    row: LoanRow,
}

/// A loan as a row says.
struct LoanRow {
    place: String,
    lent_at: DateTime<Utc>,
    due_on: NaiveDate,
    renewals: i64,
    return_said_at: Option<DateTime<Utc>>,
    reminded_on: Option<NaiveDate>,
}

/// What the library has, changed by each row as it would be by its writing.
struct Facts {
    copies: HashMap<String, Copy>,
    holders: HashMap<String, Holder>,
    claims: HashMap<(Uuid, Uuid), Tie>,
    open: HashMap<Uuid, Lent>,
    ended: HashMap<Uuid, Vec<DateTime<Utc>>>,
    seen: HashMap<String, u64>,
}

/// What a row comes to.
enum Fate {
    Write(LoanWrite),
    Unchanged,
}

impl Library {
    pub(super) async fn plan_loans(
        &self,
        tx: &mut Tx,
        rows: &[Row],
        report: &mut TakenIn,
    ) -> Result<Vec<LoanWrite>, Fault> {
        let mut facts = Facts {
            copies: copies(tx).await?,
            holders: holders(tx).await?,
            claims: claims(tx).await?,
            open: HashMap::new(),
            ended: HashMap::new(),
            seen: HashMap::with_capacity(rows.len()),
        };
        for loan in loans(tx).await? {
            if loan.returned {
                facts.ended.entry(loan.item).or_default().push(loan.lent_at);
            } else {
                facts.open.insert(loan.item, loan);
            }
        }
        let mut writes = Vec::new();
        for row in rows {
            match self.plan_loan(row, &mut facts) {
                Ok(Fate::Unchanged) => report.unchanged += 1,
                Ok(Fate::Write(write)) => {
                    match write {
                        LoanWrite::New(_) => report.new += 1,
                        LoanWrite::Changed { .. } => report.changed += 1,
                    }
                    writes.push(write);
                }
                Err(reason) => report.refused.push(row.note(row.text("barcode").map(barcode), reason)),
            }
        }
        Ok(writes)
    }

    fn plan_loan(&self, row: &Row, facts: &mut Facts) -> Result<Fate, RowReason> {
        let code = barcode(row.must("barcode")?);
        if let Some(line) = facts.seen.get(&code) {
            return Err(RowReason::Doubled { what: format!("barcode {code}"), line: *line });
        }
        let holder = holder(&facts.holders, row)?;
        let Some(copy) = facts.copies.get(&code) else { return Err(RowReason::NoCopy(code)) };
        let wanted = self.read_loan(row, copy)?;
        facts.seen.insert(code, row.line);
        if let Some(open) = facts.open.get(&copy.id) {
            return match open.patron {
                Some(patron) if patron == holder.id => Ok(of_known(open, copy.bib, &wanted)),
                _ => Err(RowReason::OnLoanToAnother),
            };
        }
        // Taken in before, and brought back here since.
        if facts.ended.get(&copy.id).is_some_and(|moments| moments.contains(&wanted.lent_at)) {
            return Ok(Fate::Unchanged);
        }
        match copy.state {
            _ if copy.held_for.is_some() => return Err(RowReason::CopyTaken),
            ItemState::OnShelf | ItemState::GoingHome => {}
            state => return Err(RowReason::CopyIs(state.as_str())),
        }
        match facts.claims.get(&(holder.id, copy.part)) {
            Some(Tie::Lent(_)) => return Err(RowReason::OnLoan),
            Some(Tie::Reserved(_)) => return Err(RowReason::Reserved),
            None => {}
        }
        let id = Uuid::new_v4();
        facts.claims.insert((holder.id, copy.part), Tie::Lent(id));
        let (item, part, bib) = (copy.id, copy.part, copy.bib);
        Ok(Fate::Write(LoanWrite::New(Box::new(NewLoan { id, item, part, bib, patron: holder.id, row: wanted }))))
    }

    fn read_loan(&self, row: &Row, copy: &Copy) -> Result<LoanRow, RowReason> {
        let due_on = row.day("due_on")?.ok_or(RowReason::Missing("due_on"))?;
        let place = row.text("place").unwrap_or(&copy.branch);
        if self.policy().place(&PlaceCode(place.to_owned())).is_none() {
            return Err(RowReason::Place { field: "place", text: place.to_owned() });
        }
        // Where the other system does not say when, it was a loan's days before it is due, and never in the future.
        let days = TimeDelta::days(self.policy().loans.days.into());
        let guessed = || self.start_of(due_on.checked_sub_signed(days).unwrap_or(due_on)).min(self.now());
        Ok(LoanRow {
            place: place.to_owned(),
            lent_at: row.past("lent_at", self)?.unwrap_or_else(guessed),
            due_on,
            renewals: row.number("renewals")?.unwrap_or(0),
            return_said_at: row.past("return_said_at", self)?,
            reminded_on: row.day("reminded_on")?,
        })
    }

    pub(super) async fn write_loans(&self, tx: &mut Tx, writes: &[LoanWrite]) -> Result<(), Fault> {
        for write in writes {
            match write {
                LoanWrite::New(loan) => self.write_loan(tx, loan).await?,
                LoanWrite::Changed { loan, bib, due_on, renewals } => {
                    execute!(
                        &mut *tx,
                        "update loan set due_on = $2, renewals = $3 where id = $1",
                        loan.id,
                        *due_on,
                        *renewals
                    )?;
                    for _ in loan.renewals..*renewals {
                        tell(tx, EventKind::Renewed, self.now(), *bib, loan.id).await?;
                    }
                }
            }
        }
        Ok(())
    }

    async fn write_loan(&self, tx: &mut Tx, loan: &NewLoan) -> Result<(), Fault> {
        let row = &loan.row;
        execute!(
            &mut *tx,
            "insert into loan (id, item_id, part_id, patron_id, place, lent_at, due_on, renewals, return_said_at,
                 reminded_on)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            loan.id,
            loan.item,
            loan.part,
            loan.patron,
            &row.place,
            row.lent_at,
            row.due_on,
            row.renewals,
            row.return_said_at,
            row.reminded_on
        )?;
        execute!(
            &mut *tx,
            "insert into claim (patron_id, part_id, loan_id) values ($1, $2, $3)",
            loan.patron,
            loan.part,
            loan.id
        )?;
        execute!(&mut *tx, "update item set state = 'on-loan', place = $2 where id = $1", loan.item, &row.place)?;
        tell(tx, EventKind::CheckedOut, row.lent_at, loan.bib, loan.id).await?;
        for _ in 0..row.renewals {
            tell(tx, EventKind::Renewed, row.lent_at, loan.bib, loan.id).await?;
        }
        Ok(())
    }
}

/// What a row comes to whose loan is there. Renewed less often than here, the row is older than what was done here.
fn of_known(open: &Lent, bib: Uuid, wanted: &LoanRow) -> Fate {
    let same = (open.due_on, open.renewals) == (wanted.due_on, wanted.renewals);
    if same || wanted.renewals < open.renewals || open.lent_at > wanted.lent_at {
        return Fate::Unchanged;
    }
    Fate::Write(LoanWrite::Changed { loan: *open, bib, due_on: wanted.due_on, renewals: wanted.renewals })
}

async fn tell(tx: &mut Tx, kind: EventKind, at: DateTime<Utc>, bib: Uuid, loan: Uuid) -> Result<(), Fault> {
    let event = Event::of(kind, ActorRole::System, at);
    record(tx, Event { bib: Some(BibId(bib)), loan: Some(LoanId(loan)), note: Some(IMPORTED), ..event }).await?;
    Ok(())
}
