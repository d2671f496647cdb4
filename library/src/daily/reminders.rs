//! Reminders of due dates, for those who have a confirmed address.

use chrono::{Days, NaiveDate};
use domain::{BibId, LoanId, PartId, circulation::days_after};
use uuid::Uuid;

use crate::{
    Fault, Library,
    catalog::part_facts,
    events::{ActorRole, Event, EventKind, add_event},
    notices::remind,
    storage::{Tx, Writes, execute, fetch_all, fetch_optional, in_write},
};

type DueRow = (Uuid, Uuid, NaiveDate, String, i64, Option<String>, bool, Option<String>, bool);

impl Library {
    /// Reminds of loans that are due in some days, and of those that are overdue for some. Each is told once of each;
    /// a day on which nobody ran this is caught up. Answers how many reminders were put into the outbox.
    pub(super) async fn remind_of_due_dates(&self) -> Result<u64, Fault> {
        let today = self.today();
        let policy = &self.policy().daily;
        let mut told = 0;
        if policy.remind_before_days > 0 {
            let until = days_after(today, policy.remind_before_days);
            told += self.remind_between(today, until, false).await?;
        }
        if policy.remind_after_days > 0
            && let Some(latest) = today.checked_sub_days(Days::new(policy.remind_after_days.into()))
        {
            told += self.remind_between(NaiveDate::MIN, latest, true).await?;
        }
        Ok(told)
    }

    async fn remind_between(&self, from: NaiveDate, until: NaiveDate, overdue: bool) -> Result<u64, Fault> {
        let mut tx = self.database().begin_read().await?;
        // Long before any loan; the engines' own earliest day is later than chrono's.
        let from = from.max(NaiveDate::from_ymd_opt(1900, 1, 1).unwrap_or(until));
        let due = fetch_all!(
            &mut tx,
            (Uuid,),
            "select id from loan where returned_at is null and due_on between $1 and $2
                 and (reminded_on is null or ($3 and reminded_on <= due_on)) order by due_on, id",
            from,
            until,
            overdue
        )?;
        drop(tx);
        let mut told = 0;
        for (loan,) in due {
            told += in_write!(self.database(), |tx| self.remind_in(tx, loan, overdue).await)?;
        }
        Ok(told)
    }

    async fn remind_in(&self, tx: &mut Tx, loan: Uuid, overdue: bool) -> Result<u64, Fault> {
        let mine = execute!(
            &mut *tx,
            "update loan set reminded_on = $2 where id = $1 and returned_at is null
                 and (reminded_on is null or ($3 and reminded_on <= due_on))",
            loan,
            self.today(),
            overdue
        )?;
        if mine == 0 {
            return Ok(0);
        }
        let row = fetch_optional!(
            &mut *tx,
            DueRow,
            "select l.part_id, pt.bib_id, l.due_on, p.name, p.ready_mail, p.mail1, p.mail1_confirmed, p.mail2,
                    p.mail2_confirmed
             from loan l join part pt on pt.id = l.part_id join patron p on p.id = l.patron_id where l.id = $1",
            loan
        )?;
        let Some((part, bib, due_on, name, ready_mail, mail1, confirmed1, mail2, confirmed2)) = row else {
            return Ok(0);
        };
        let (address, confirmed) = if ready_mail == 2 { (mail2, confirmed2) } else { (mail1, confirmed1) };
        let Some(mail) = address.filter(|_| confirmed) else { return Ok(0) };
        let part = PartId(part);
        let titles = part_facts(tx, &[part]).await?;
        let title = titles.iter().find_map(|title| Some(title.part_title(title.parts.iter().find(|p| p.id == part)?)));
        let note = if overdue { "overdue" } else { "due" };
        let event = Event::of(EventKind::Reminded, ActorRole::System, self.now());
        let event = Event { bib: Some(BibId(bib)), loan: Some(LoanId(loan)), note: Some(note), ..event };
        let mut writes = Writes::default();
        let event = add_event(&mut writes, &event);
        let of = (LoanId(loan), name.as_str(), mail.as_str());
        remind(self, &mut writes, event, of, &title.unwrap_or_default(), due_on, overdue)?;
        writes.send(tx).await?;
        Ok(1)
    }
}
