//! Copies and issues taken in at the desk, and copies changed.

use chrono::NaiveDate;
use domain::{
    BibId, PartId,
    catalog::{CopyDetails, CopyForm, KeepProblem, LoanRule, MaterialType, read_copy},
};
use uuid::Uuid;

use super::{bibs::note, day_typed};
use crate::{
    Fault, Library,
    catalog::touch_bib,
    clock::new_id,
    events::EventKind,
    storage::{StorageError, Tx, execute, fetch_one, fetch_optional, in_write},
};

impl Library {
    /// Takes in a copy of a part. It stands on its shelf then; scanned at a desk, it is captured for who waits. The same
    /// copy again changes nothing.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn add_copy(&self, part: PartId, form: &CopyForm) -> Result<Result<(), Vec<KeepProblem>>, Fault> {
        let copy = match read_copy(self.policy(), form) {
            Ok(copy) => copy,
            Err(problems) => return Ok(Err(problems)),
        };
        in_write!(self.database(), |tx| async {
            let Some(bib) = lock_bib_of_part(tx, part).await? else {
                return Ok::<_, Fault>(Err(vec![KeepProblem::Gone]));
            };
            match barcode_owner(tx, &copy.barcode).await? {
                Some(owner) if owner == part => Ok(Ok(())),
                Some(_) => Ok(Err(vec![KeepProblem::BarcodeTaken])),
                None => {
                    self.put_copy(tx, bib, part, &copy).await?;
                    Ok(Ok(()))
                }
            }
        }
        .await)
    }

    /// Changes branch, shelf mark and loan rule of a copy.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn change_copy(&self, form: &CopyForm) -> Result<Result<(), Vec<KeepProblem>>, Fault> {
        let copy = match read_copy(self.policy(), form) {
            Ok(copy) => copy,
            Err(problems) => return Ok(Err(problems)),
        };
        in_write!(self.database(), |tx| self.change_copy_in(tx, &copy).await)
    }

    async fn change_copy_in(&self, tx: &mut Tx, copy: &CopyDetails) -> Result<Result<(), Vec<KeepProblem>>, Fault> {
        let Some(part) = barcode_owner(tx, &copy.barcode).await? else {
            return Ok(Err(vec![KeepProblem::BarcodeUnknown]));
        };
        let Some(bib) = lock_bib_of_part(tx, part).await? else { return Ok(Err(vec![KeepProblem::Gone])) };
        if copy.loan_rule == LoanRule::InLibraryOnly {
            let held = fetch_optional!(
                &mut *tx,
                (Uuid,),
                "select r.id from reservation r join item i on i.id = r.item_id where i.barcode = $1",
                &copy.barcode
            )?;
            if held.is_some() {
                return Ok(Err(vec![KeepProblem::CopyHeld]));
            }
        }
        execute!(
            &mut *tx,
            "update item set branch = $2, shelf_mark = $3, loan_rule = $4,
                 place = case when state = 'on-shelf' then $2 else place end where barcode = $1",
            &copy.barcode,
            &copy.branch.0,
            &copy.shelf_mark,
            copy.loan_rule.as_str()
        )?;
        touch_bib(tx, bib, self.now()).await?;
        note(tx, self, bib, EventKind::CopyKept).await?;
        Ok(Ok(()))
    }

    /// Takes in an issue of a magazine with one copy; with its next copy it is the same issue. It is the newest now, so
    /// the one before it can be reserved (R18). An empty day means today.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn receive_issue(
        &self,
        bib: BibId,
        label: &str,
        day: &str,
        form: &CopyForm,
    ) -> Result<Result<(), Vec<KeepProblem>>, Fault> {
        let mut problems = Vec::new();
        let label = label.split_whitespace().collect::<Vec<_>>().join(" ");
        if label.is_empty() {
            problems.push(KeepProblem::Issue);
        }
        let day = day_typed(day, self.today());
        if day.is_none() {
            problems.push(KeepProblem::Day);
        }
        let copy = read_copy(self.policy(), form).map_err(|more| problems.extend(more)).ok();
        let (Some(day), Some(copy), true) = (day, copy, problems.is_empty()) else { return Ok(Err(problems)) };
        in_write!(self.database(), |tx| self.receive_in(tx, bib, &label, day, &copy).await)
    }

    async fn receive_in(
        &self,
        tx: &mut Tx,
        bib: BibId,
        label: &str,
        day: NaiveDate,
        copy: &CopyDetails,
    ) -> Result<Result<(), Vec<KeepProblem>>, Fault> {
        let row = fetch_optional!(
            &mut *tx,
            (String,),
            "update bib set revision = revision + 1 where id = $1 and merged_into is null returning material",
            bib.0
        )?;
        match row {
            Some((material,)) if material == MaterialType::Magazine.as_str() => {}
            _ => return Ok(Err(vec![KeepProblem::Gone])),
        }
        let sql = "select id from part where bib_id = $1 and label = $2";
        let known = fetch_optional!(&mut *tx, (Uuid,), sql, bib.0, label)?.map(|(id,)| PartId(id));
        match barcode_owner(tx, &copy.barcode).await? {
            None => {}
            Some(owner) if known == Some(owner) => return Ok(Ok(())),
            Some(_) => return Ok(Err(vec![KeepProblem::BarcodeTaken])),
        }
        let part = match known {
            Some(part) => part,
            None => self.put_issue(tx, bib, label, day).await?,
        };
        self.put_copy(tx, bib, part, copy).await?;
        Ok(Ok(()))
    }

    /// Makes the part of a new issue. A magazine that was only just entered has one empty part, which becomes it.
    async fn put_issue(&self, tx: &mut Tx, bib: BibId, label: &str, day: NaiveDate) -> Result<PartId, Fault> {
        let unused = fetch_optional!(
            &mut *tx,
            (Uuid,),
            "update part set label = $2, received_on = $3 where bib_id = $1 and label = '' and received_on is null
                 and not exists (select 1 from item i where i.part_id = part.id)
                 and not exists (select 1 from claim c where c.part_id = part.id)
                 and not exists (select 1 from reservation r where r.part_id = part.id) returning id",
            bib.0,
            label,
            day
        )?;
        let part = match unused {
            Some((id,)) => id,
            None => {
                let id = new_id(self.now());
                let (last,) =
                    fetch_one!(&mut *tx, (Option<i64>,), "select max(ordinal) from part where bib_id = $1", bib.0)?;
                execute!(
                    &mut *tx,
                    "insert into part (id, bib_id, label, ordinal, received_on) values ($1, $2, $3, $4, $5)",
                    id,
                    bib.0,
                    label,
                    last.unwrap_or_default() + 1,
                    day
                )?;
                id
            }
        };
        note(tx, self, bib, EventKind::IssueReceived).await?;
        Ok(PartId(part))
    }

    async fn put_copy(&self, tx: &mut Tx, bib: BibId, part: PartId, copy: &CopyDetails) -> Result<(), StorageError> {
        // With its first copy a title has come in. An issue of a magazine comes in on the day staff say.
        execute!(
            &mut *tx,
            "update part set received_on = $2 where id = $1 and received_on is null
                 and not exists (select 1 from item i where i.part_id = part.id)
                 and not exists (select 1 from bib b where b.id = part.bib_id and b.material = 'magazine')",
            part.0,
            self.today()
        )?;
        execute!(
            &mut *tx,
            "insert into item (id, part_id, barcode, branch, place, shelf_mark, loan_rule, state)
             values ($1, $2, $3, $4, $4, $5, $6, 'on-shelf')",
            new_id(self.now()),
            part.0,
            &copy.barcode,
            &copy.branch.0,
            &copy.shelf_mark,
            copy.loan_rule.as_str()
        )?;
        touch_bib(tx, bib, self.now()).await?;
        note(tx, self, bib, EventKind::CopyKept).await
    }
}

/// Makes every other write about the title of a part wait.
async fn lock_bib_of_part(tx: &mut Tx, part: PartId) -> Result<Option<BibId>, StorageError> {
    let row = fetch_optional!(
        tx,
        (Uuid,),
        "update bib set revision = revision + 1 where id = (select bib_id from part where id = $1) returning id",
        part.0
    )?;
    Ok(row.map(|(id,)| BibId(id)))
}

/// The part the copy with this barcode is of.
async fn barcode_owner(tx: &mut Tx, barcode: &str) -> Result<Option<PartId>, StorageError> {
    let row = fetch_optional!(tx, (Uuid,), "select part_id from item where barcode = $1", barcode)?;
    Ok(row.map(|(part,)| PartId(part)))
}
