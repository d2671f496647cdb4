//! Copies, known by barcode.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use domain::{
    PlaceCode,
    catalog::LoanRule,
    circulation::{ItemState, barcode},
};
use uuid::Uuid;

use super::{
    TakenIn,
    facts::{Copy, Part, Titles, copies},
    row::{Concern, Row, RowReason},
};
use crate::{
    Fault, Library,
    clock::new_id,
    storage::{Tx, execute},
};

/// What is to be written: new parts first, then copies, then the titles whose copies changed.
#[derive(Default)]
pub(super) struct ItemsPlan {
    parts: Vec<Part>,
    new: Vec<(Uuid, Wanted)>,
    changed: Vec<(Uuid, Wanted)>,
    touched: HashSet<Uuid>,
}

/// A copy as a row says.
struct Wanted {
    bib: Uuid,
    part: Uuid,
    barcode: String,
    branch: String,
    shelf_mark: String,
    rule: LoanRule,
    state: ItemState,
    place: String,
    lender: Option<String>,
    lender_due_on: Option<NaiveDate>,
}

impl Library {
    pub(super) async fn plan_items(&self, tx: &mut Tx, rows: &[Row], report: &mut TakenIn) -> Result<ItemsPlan, Fault> {
        let mut titles = Titles::read(tx).await?;
        let known = copies(tx).await?;
        let mut seen: HashMap<String, u64> = HashMap::with_capacity(rows.len());
        let mut plan = ItemsPlan::default();
        for row in rows {
            let key = row.text("barcode").map(barcode);
            let read = match &key {
                None => Err(RowReason::Missing("barcode")),
                Some(code) => match seen.get(code) {
                    Some(line) => Err(RowReason::Doubled { what: format!("barcode {code}"), line: *line }),
                    None => self.read_copy(row, code, &titles),
                },
            };
            let checked = read.and_then(|(wanted, new_part)| {
                let old = known.get(&wanted.barcode);
                old.map_or(Ok(()), |old| may_change(old, &wanted, new_part.is_some()))?;
                Ok((wanted, new_part, old))
            });
            let (mut wanted, new_part, old) = match checked {
                Ok(checked) => checked,
                Err(reason) => {
                    report.refused.push(row.note(key, reason));
                    continue;
                }
            };
            seen.insert(wanted.barcode.clone(), row.line);
            if let Some(label) = new_part {
                let part = titles.add(wanted.bib, new_id(self.now()), &label);
                wanted.part = part.id;
                plan.parts.push(part);
                report.concerns.push(row.note(key.clone(), Concern::NewPart(label)));
            }
            if row.is_garbled() {
                report.concerns.push(row.note(key, Concern::Characters));
            }
            match old {
                Some(old) if is_same(old, &wanted) => report.unchanged += 1,
                Some(old) => {
                    report.changed += 1;
                    plan.touched.insert(wanted.bib);
                    plan.changed.push((old.id, wanted));
                }
                None => {
                    report.new += 1;
                    plan.touched.insert(wanted.bib);
                    plan.new.push((new_id(self.now()), wanted));
                }
            }
        }
        Ok(plan)
    }

    /// The copy a row tells of, and the label of a part its title does not have yet.
    fn read_copy(&self, row: &Row, barcode: &str, titles: &Titles) -> Result<(Wanted, Option<String>), RowReason> {
        let bib = titles.bib(row)?;
        let (part, new_part) = match titles.part(bib, row) {
            Ok(part) => (part.id, None),
            Err(RowReason::NoPart(label)) => (Uuid::nil(), Some(label)),
            Err(reason) => return Err(reason),
        };
        let branch = row.must("branch")?;
        let lender = row.text("lender").map(str::to_owned);
        let lender_due_on = row.day("lender_due_on")?;
        let known = self.policy().place(&PlaceCode(branch.to_owned()));
        // Another library's copy stays where it was taken in, which may be a place without shelves.
        if !known.is_some_and(|place| place.holds_stock || lender.is_some()) {
            return Err(RowReason::Place { field: "branch", text: branch.to_owned() });
        }
        let place = row.text("place").unwrap_or(branch);
        if self.policy().place(&PlaceCode(place.to_owned())).is_none() {
            return Err(RowReason::Place { field: "place", text: place.to_owned() });
        }
        if lender.is_some() && lender_due_on.is_none() {
            return Err(RowReason::Missing("lender_due_on"));
        }
        let state = match row.word("state")?.unwrap_or(ItemState::OnShelf) {
            // The loans' file says who has it; until then it is at its place.
            ItemState::OnLoan => ItemState::OnShelf,
            state => state,
        };
        let wanted = Wanted {
            bib,
            part,
            barcode: barcode.to_owned(),
            branch: branch.to_owned(),
            shelf_mark: row.text("shelf_mark").unwrap_or_default().to_owned(),
            rule: row.word("loan_rule")?.unwrap_or(LoanRule::Lendable),
            state,
            place: place.to_owned(),
            lender_due_on: lender_due_on.filter(|_| lender.is_some()),
            lender,
        };
        Ok((wanted, new_part))
    }

    pub(super) async fn write_items(&self, tx: &mut Tx, plan: &ItemsPlan) -> Result<(), Fault> {
        for part in &plan.parts {
            execute!(
                &mut *tx,
                "insert into part (id, bib_id, label, ordinal) values ($1, $2, $3, $4)",
                part.id,
                part.bib,
                &part.label,
                part.ordinal
            )?;
        }
        for (id, copy) in &plan.new {
            execute!(
                &mut *tx,
                "insert into item (id, part_id, barcode, branch, place, shelf_mark, loan_rule, state, lender,
                     lender_due_on)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                *id,
                copy.part,
                &copy.barcode,
                &copy.branch,
                &copy.place,
                &copy.shelf_mark,
                copy.rule.as_str(),
                copy.state.as_str(),
                &copy.lender,
                copy.lender_due_on
            )?;
        }
        for (id, copy) in &plan.changed {
            execute!(
                &mut *tx,
                "update item set part_id = $2, branch = $3, shelf_mark = $4, loan_rule = $5, lender = $6,
                     lender_due_on = $7, place = case when state = 'on-shelf' then $3 else place end where id = $1",
                *id,
                copy.part,
                &copy.branch,
                &copy.shelf_mark,
                copy.rule.as_str(),
                &copy.lender,
                copy.lender_due_on
            )?;
        }
        for bib in &plan.touched {
            execute!(&mut *tx, "update bib set changed_at = $2 where id = $1", *bib, self.now())?;
        }
        Ok(())
    }
}

/// Whether a known copy may become what the row says. Where it is now, the desk knows better than the file.
fn may_change(old: &Copy, wanted: &Wanted, to_new_part: bool) -> Result<(), RowReason> {
    if old.bib != wanted.bib {
        return Err(RowReason::BarcodeTaken);
    }
    let moves = to_new_part || old.part != wanted.part;
    let in_use = old.state != ItemState::OnShelf || old.held_for.is_some();
    let locked = old.held_for.is_some() && wanted.rule != LoanRule::Lendable;
    if (moves && in_use) || locked { Err(RowReason::InUse) } else { Ok(()) }
}

fn is_same(old: &Copy, wanted: &Wanted) -> bool {
    (old.part, &old.branch, &old.shelf_mark, old.rule, &old.lender, old.lender_due_on)
        == (wanted.part, &wanted.branch, &wanted.shelf_mark, wanted.rule, &wanted.lender, wanted.lender_due_on)
}
