//! Lending a copy (R16).

use chrono::Days;
use domain::{
    BibId, LoanId, PartId, PatronId, PlaceCode, ReservationId,
    circulation::{CheckOutFacts, HeldBy, ItemState, Refusal, check_out_refusal},
};
use uuid::Uuid;

use super::facts::{claims, loans_by_group, lock_bibs, lock_patron, patron_facts};
use crate::{
    Fault, Library,
    clock::new_id,
    events::{ActorRole, Event, EventKind, record},
    storage::{StorageError, Tx, execute, fetch_optional, in_write},
};

/// Item, part, material, state, loan rule, and the patron it is captured for.
type ItemRow = (Uuid, Uuid, String, String, String, Option<Uuid>);

impl Library {
    /// Lends a copy to a patron. Their own reservation of the title is fulfilled by it.
    ///
    /// # Errors
    /// When the database can't be written; nothing is lent then.
    pub async fn check_out(
        &self,
        here: &PlaceCode,
        patron: PatronId,
        barcode: &str,
    ) -> Result<Result<LoanId, Refusal>, Fault> {
        let barcode = domain::circulation::barcode(barcode);
        in_write!(self.database(), |tx| self.check_out_in(tx, here, patron, &barcode).await)
    }

    async fn check_out_in(
        &self,
        tx: &mut Tx,
        here: &PlaceCode,
        patron: PatronId,
        barcode: &str,
    ) -> Result<Result<LoanId, Refusal>, Fault> {
        if !lock_patron(tx, patron).await? {
            return Err(Fault::AccountGone);
        }
        let bib = fetch_optional!(
            &mut *tx,
            (Uuid,),
            "select p.bib_id from item i join part p on p.id = i.part_id where i.barcode = $1",
            barcode
        )?;
        let Some((bib,)) = bib else { return Ok(Err(Refusal::UnknownBarcode)) };
        lock_bibs(tx, &[BibId(bib)]).await?;
        let row = fetch_optional!(
            &mut *tx,
            ItemRow,
            "select i.id, i.part_id, b.material, i.state, i.loan_rule, r.patron_id
             from item i join part p on p.id = i.part_id join bib b on b.id = p.bib_id
             left join reservation r on r.item_id = i.id and r.state in ('in-transit', 'ready')
             where i.barcode = $1",
            barcode
        )?;
        let Some((item, part, material, state, loan_rule, held_for)) = row else {
            return Ok(Err(Refusal::UnknownBarcode));
        };
        let facts = CheckOutFacts {
            card: patron_facts(tx, patron).await?.ok_or(Fault::AccountGone)?.card,
            material: material.parse().map_err(|error| StorageError::corrupt("material type", error))?,
            item: state.parse().map_err(|error| StorageError::corrupt("item state", error))?,
            loan_rule: loan_rule.parse().map_err(|error| StorageError::corrupt("loan rule", error))?,
            held_for: match held_for {
                None => HeldBy::Nobody,
                Some(holder) if holder == patron.0 => HeldBy::ThisPatron,
                Some(_) => HeldBy::Another,
            },
            others_wait: others_wait(tx, PartId(part), patron).await?,
            has_it_on_loan: claims(tx, patron).await?.get(&PartId(part)) == Some(&true),
            loans: loans_by_group(tx, patron).await?,
        };
        if let Some(refusal) = check_out_refusal(&self.policy().loans, &facts) {
            return Ok(Err(refusal));
        }
        self.lend(tx, here, patron, BibId(bib), PartId(part), item).await.map(Ok)
    }

    async fn lend(
        &self,
        tx: &mut Tx,
        here: &PlaceCode,
        patron: PatronId,
        bib: BibId,
        part: PartId,
        item: Uuid,
    ) -> Result<LoanId, Fault> {
        let now = self.now();
        let loan = LoanId(new_id(now));
        let due_on = self
            .day_of(now)
            .checked_add_days(Days::new(self.policy().loans.days.into()))
            .unwrap_or(chrono::NaiveDate::MAX);
        let fulfilled = self.fulfil(tx, patron, part).await?;
        execute!(
            &mut *tx,
            "insert into loan (id, item_id, part_id, patron_id, place, lent_at, due_on, renewals)
             values ($1, $2, $3, $4, $5, $6, $7, 0)",
            loan.0,
            item,
            part.0,
            patron.0,
            &here.0,
            now,
            due_on
        )?;
        execute!(
            &mut *tx,
            "insert into claim (patron_id, part_id, loan_id) values ($1, $2, $3)",
            patron.0,
            part.0,
            loan.0
        )?;
        execute!(&mut *tx, "update item set state = $2 where id = $1", item, ItemState::OnLoan.as_str())?;
        if let Some(reservation) = fulfilled {
            let kind = EventKind::Fulfilled;
            record(
                tx,
                Event { at: now, kind, actor: ActorRole::Staff, bib, reservation: Some(reservation), loan: Some(loan) },
            )
            .await?;
        }
        let kind = EventKind::CheckedOut;
        record(tx, Event { at: now, kind, actor: ActorRole::Staff, bib, reservation: None, loan: Some(loan) }).await?;
        Ok(loan)
    }

    /// Lending any copy of the title fulfils the patron's reservation of it; a copy captured for them elsewhere is
    /// released at its next scan, because no active reservation names it any more.
    async fn fulfil(&self, tx: &mut Tx, patron: PatronId, part: PartId) -> Result<Option<ReservationId>, StorageError> {
        let row = fetch_optional!(
            &mut *tx,
            (Uuid,),
            "update reservation set state = 'lent', item_id = null, hold_until = null
             where patron_id = $1 and part_id = $2 and state in ('waiting', 'in-transit', 'ready') returning id",
            patron.0,
            part.0
        )?;
        let Some((reservation,)) = row else { return Ok(None) };
        execute!(tx, "delete from claim where patron_id = $1 and part_id = $2", patron.0, part.0)?;
        Ok(Some(ReservationId(reservation)))
    }
}

/// Whether anybody but this patron waits for the title.
async fn others_wait(tx: &mut Tx, part: PartId, patron: PatronId) -> Result<bool, StorageError> {
    let row = fetch_optional!(
        tx,
        (Uuid,),
        "select id from reservation where part_id = $1 and state = 'waiting' and patron_id <> $2 limit 1",
        part.0,
        patron.0
    )?;
    Ok(row.is_some())
}
