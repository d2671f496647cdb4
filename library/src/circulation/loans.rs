//! 貸出状況: what a patron has on loan, renewal and 返却申出 (R23–R26).

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    BibId, LoanId, PartId, PatronId, PlaceCode,
    circulation::{By, LoanView, PatronAnswer, Refusal, RenewalFacts, decide_renewal, due_on},
    patrons::CardState,
};
use uuid::Uuid;

use super::facts::lock_bibs;
use crate::{
    Fault, Library,
    calendar::closures,
    catalog::{Title, part_facts},
    events::{ActorRole, Event, EventKind, record},
    storage::{StorageError, Tx, execute, fetch_all, fetch_optional},
};

type LoanRow = (Uuid, Uuid, String, DateTime<Utc>, NaiveDate, i64, Option<DateTime<Utc>>, bool, bool, String);

/// An open loan of a patron, as its row says.
struct Loan {
    id: LoanId,
    part: PartId,
    lent_at: DateTime<Utc>,
    place: PlaceCode,
    return_said: bool,
    facts: RenewalFacts,
}

impl Library {
    /// The open loans of a patron, the first due first.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn loans(&self, patron: PatronId) -> Result<Vec<LoanView>, Fault> {
        let today = self.today();
        let mut tx = self.database().begin_read().await?;
        let rows = fetch_all!(
            &mut tx,
            LoanRow,
            "select l.id, l.part_id, l.place, l.lent_at, l.due_on, l.renewals, l.return_said_at,
                    i.lender is not null,
                    exists (select 1 from reservation r where r.part_id = l.part_id
                        and r.state in ('waiting', 'assigned')),
                    p.card_state
             from loan l join item i on i.id = l.item_id join patron p on p.id = l.patron_id
             where l.patron_id = $1 and l.returned_at is null order by l.due_on, l.lent_at, l.id",
            patron.0
        )?;
        let mut days: HashMap<PlaceCode, NaiveDate> = HashMap::new();
        let mut loans = Vec::with_capacity(rows.len());
        for row in rows {
            let mut loan = read(row, today)?;
            loan.facts.would_be_due_on = match days.get(&loan.place) {
                Some(day) => *day,
                None => {
                    let day = self.renewed_until(&mut tx, &loan.place, today).await?;
                    days.insert(loan.place.clone(), day);
                    day
                }
            };
            loans.push(loan);
        }
        let parts: Vec<PartId> = loans.iter().map(|loan| loan.part).collect();
        let titles = part_facts(&mut tx, &parts).await?;
        Ok(loans.into_iter().filter_map(|loan| self.loan_view(loan, &titles, today)).collect())
    }

    fn loan_view(&self, loan: Loan, titles: &[Title], today: NaiveDate) -> Option<LoanView> {
        let (title, part) =
            titles.iter().find_map(|title| Some((title, title.parts.iter().find(|part| part.id == loan.part)?)))?;
        Some(LoanView {
            id: loan.id,
            bib: title.id,
            part: part.id,
            title: title.part_title(part),
            creators: title.creators(),
            material: title.record.material,
            lent_on: self.day_of(loan.lent_at),
            due_on: loan.facts.due_on,
            overdue: today > loan.facts.due_on,
            others_wait: loan.facts.others_wait,
            renewal: decide_renewal(&self.policy().loans, &loan.facts, today),
            return_said: loan.return_said,
        })
    }

    /// The due date a renewal today would give at this place.
    async fn renewed_until(&self, tx: &mut Tx, place: &PlaceCode, today: NaiveDate) -> Result<NaiveDate, StorageError> {
        let closed = closures(tx, place, today).await?;
        Ok(due_on(self.policy(), &self.calendar(&closed), place, today, self.policy().loans.renewal_days))
    }

    /// Renews a loan (R24).
    pub(super) async fn renew(
        &self,
        tx: &mut Tx,
        by: &By,
        patron: PatronId,
        loan: LoanId,
    ) -> Result<Result<PatronAnswer, Refusal>, Fault> {
        let today = self.today();
        let Some((bib, mut loan, title)) = self.lock_loan(tx, patron, loan, today).await? else {
            return Ok(Err(Refusal::LoanOver));
        };
        loan.facts.would_be_due_on = self.renewed_until(tx, &loan.place, today).await?;
        let due_on = match decide_renewal(&self.policy().loans, &loan.facts, today) {
            Ok(due_on) => due_on,
            Err(refusal) => return Ok(Err(refusal)),
        };
        execute!(
            &mut *tx,
            "update loan set due_on = $2, renewals = renewals + 1, reminded_on = null where id = $1",
            loan.id.0,
            due_on
        )?;
        let event = Event::of(EventKind::Renewed, ActorRole::from(by), self.now());
        record(tx, Event { bib: Some(bib), loan: Some(loan.id), ..event }).await?;
        Ok(Ok(PatronAnswer::Renewed { title, due_on }))
    }

    /// Notes that the patron says a copy was returned; the desk looks for it on the shelves (R26).
    pub(super) async fn say_returned(
        &self,
        tx: &mut Tx,
        by: &By,
        patron: PatronId,
        loan: LoanId,
    ) -> Result<Result<PatronAnswer, Refusal>, Fault> {
        let now = self.now();
        let Some((bib, loan, title)) = self.lock_loan(tx, patron, loan, self.today()).await? else {
            return Ok(Err(Refusal::LoanOver));
        };
        if !loan.return_said {
            execute!(&mut *tx, "update loan set return_said_at = $2 where id = $1", loan.id.0, now)?;
            let event = Event::of(EventKind::ReturnSaid, ActorRole::from(by), now);
            record(tx, Event { bib: Some(bib), loan: Some(loan.id), ..event }).await?;
        }
        Ok(Ok(PatronAnswer::ReturnSaid { title }))
    }

    /// An open loan of this patron under the lock of its bib, with the title as shown.
    async fn lock_loan(
        &self,
        tx: &mut Tx,
        patron: PatronId,
        loan: LoanId,
        today: NaiveDate,
    ) -> Result<Option<(BibId, Loan, String)>, Fault> {
        let bib = fetch_optional!(
            &mut *tx,
            (Uuid,),
            "select p.bib_id from loan l join part p on p.id = l.part_id where l.id = $1",
            loan.0
        )?;
        let Some((bib,)) = bib else { return Ok(None) };
        let bib = BibId(bib);
        lock_bibs(tx, &[bib]).await?;
        let row = fetch_optional!(
            &mut *tx,
            LoanRow,
            "select l.id, l.part_id, l.place, l.lent_at, l.due_on, l.renewals, l.return_said_at,
                    i.lender is not null,
                    exists (select 1 from reservation r where r.part_id = l.part_id
                        and r.state in ('waiting', 'assigned')),
                    p.card_state
             from loan l join item i on i.id = l.item_id join patron p on p.id = l.patron_id
             where l.id = $1 and l.patron_id = $2 and l.returned_at is null",
            loan.0,
            patron.0
        )?;
        let Some(row) = row else { return Ok(None) };
        let loan = read(row, today)?;
        let titles = part_facts(tx, &[loan.part]).await?;
        let found = titles
            .iter()
            .find_map(|title| Some((title.id, title.part_title(title.parts.iter().find(|p| p.id == loan.part)?))));
        match found {
            Some((of, title)) if of == bib => Ok(Some((bib, loan, title))),
            // Merged into another bib before the lock was ours.
            _ => Err(StorageError::Overtaken.into()),
        }
    }
}

fn read(row: LoanRow, today: NaiveDate) -> Result<Loan, StorageError> {
    let (id, part, place, lent_at, due_on, renewals, said, borrowed, others_wait, card) = row;
    let card: CardState = card.parse().map_err(|error| StorageError::corrupt("card state", error))?;
    Ok(Loan {
        id: LoanId(id),
        part: PartId(part),
        lent_at,
        place: PlaceCode(place),
        return_said: said.is_some(),
        facts: RenewalFacts {
            card,
            borrowed,
            due_on,
            renewals: u32::try_from(renewals).unwrap_or(u32::MAX),
            others_wait,
            would_be_due_on: today,
        },
    })
}
