//! What staff did to which card, written in the transaction of the deed, read by managers, erased after the policy's days.

use chrono::{DateTime, NaiveDate, SubsecRound as _, TimeDelta, Utc};
use domain::{
    PatronId, ReservationId, StaffId,
    circulation::By,
    patrons::{AuditPage, AuditQuery, AuditRow, Deed},
};
use uuid::Uuid;

use crate::{
    Fault, Library,
    storage::{StorageError, Tx, execute, fetch_all, fetch_one, in_write},
};

/// How many lines the page shows.
const SHOWN: i64 = 300;

type Row = (DateTime<Utc>, Option<String>, String, Option<Uuid>, Option<String>, Option<String>);

impl Library {
    /// Writes down a deed of whoever acts. See [`Deed::concerns_title`] for what is not kept of the time.
    pub(crate) async fn audit(
        &self,
        tx: &mut Tx,
        deed: Deed,
        patron: Option<PatronId>,
        note: Option<&str>,
    ) -> Result<(), StorageError> {
        let at = if deed.concerns_title() { self.start_of(self.today()) } else { self.now() };
        execute!(
            tx,
            "insert into audit (id, at, staff_id, deed, patron_id, note) values ($1, $2, $3, $4, $5, $6)",
            Uuid::new_v4(),
            at,
            self.acting.map(|staff| staff.0),
            deed.as_str(),
            patron.map(|patron| patron.0),
            note
        )
        .map(|_| ())
    }

    /// Writes down what was done for a patron, when it was not the patron; an overrule with its reason. Without a deed
    /// only an overrule is worth a line: lending is the desk's daily bread.
    pub(crate) async fn audit_by(
        &self,
        tx: &mut Tx,
        by: &By,
        deed: Option<Deed>,
        patron: PatronId,
    ) -> Result<(), StorageError> {
        match (by, deed) {
            (By::Overrule(reason), _) => self.audit(tx, Deed::Overruled, Some(patron), Some(reason)).await,
            (By::Staff, Some(deed)) => self.audit(tx, deed, Some(patron), None).await,
            (By::Staff, None) | (By::Patron, _) => Ok(()),
        }
    }

    /// Writes down what staff did to a reservation, at the card it is for.
    pub(crate) async fn audit_reservation(
        &self,
        tx: &mut Tx,
        deed: Deed,
        reservation: ReservationId,
    ) -> Result<(), StorageError> {
        let (patron,) =
            fetch_one!(&mut *tx, (Option<Uuid>,), "select patron_id from reservation where id = $1", reservation.0)?;
        self.audit(tx, deed, patron.map(PatronId), None).await
    }

    /// What staff did: on a day, or to a card. For managers.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn audit_page(&self, query: &AuditQuery) -> Result<AuditPage, Fault> {
        let typed = query.card.trim();
        let patron = if typed.is_empty() { None } else { self.patron_by_card(typed).await? };
        let day = if typed.is_empty() { Some(query.day.unwrap_or_else(|| self.today())) } else { None };
        let mut tx = self.database().begin_read().await?;
        let rows = match (day, patron) {
            (Some(day), _) => self.audit_of_day(&mut tx, day, query.staff).await?,
            (None, Some(patron)) => audit_of_card(&mut tx, patron, query.staff).await?,
            (None, None) => Vec::new(),
        };
        let staff = fetch_all!(&mut tx, (Uuid, String), "select id, login from staff order by login, id")?;
        let more = rows.len() > shown();
        let rows = rows.into_iter().take(shown()).map(|row| self.audit_row(row)).collect::<Result<_, _>>()?;
        Ok(AuditPage {
            day,
            staff: staff.into_iter().map(|(id, login)| (StaffId(id), login)).collect(),
            rows,
            more,
            unknown_card: day.is_none() && patron.is_none(),
            kept_days: self.policy().daily.keep_audit_days,
        })
    }

    async fn audit_of_day(
        &self,
        tx: &mut Tx,
        day: NaiveDate,
        staff: Option<StaffId>,
    ) -> Result<Vec<Row>, StorageError> {
        let (from, until) = (self.start_of(day), self.start_of(day + TimeDelta::days(1)));
        fetch_all!(
            tx,
            Row,
            "select a.at, s.login, a.deed, a.patron_id, p.card_number, a.note
             from audit a left join staff s on s.id = a.staff_id left join patron p on p.id = a.patron_id
             where a.at >= $1 and a.at < $2 and ($3 = '' or a.staff_id = $4) order by a.at desc, a.id limit $5",
            from,
            until,
            staff.map_or("", |_| "one"),
            staff.map(|staff| staff.0),
            SHOWN + 1
        )
    }

    fn audit_row(&self, row: Row) -> Result<AuditRow, StorageError> {
        let (at, staff, deed, patron, number, note) = row;
        let deed: Deed = deed.parse().map_err(|error| StorageError::corrupt("deed of staff", error))?;
        let local = self.local(at);
        Ok(AuditRow {
            day: local.date_naive(),
            time: (!deed.concerns_title()).then(|| local.time().trunc_subsecs(0)),
            staff,
            deed,
            card: patron.map(PatronId).zip(number),
            note,
        })
    }

    /// Forgets what is older than the policy's days. Answers how many lines.
    pub(crate) async fn forget_audit(&self) -> Result<u64, Fault> {
        let days = TimeDelta::days(self.policy().daily.keep_audit_days.into());
        let before = self.start_of(self.today() - days);
        in_write!(self.database(), |tx| execute!(tx, "delete from audit where at < $1", before).map_err(Fault::from))
    }
}

fn shown() -> usize {
    usize::try_from(SHOWN).unwrap_or_default()
}

async fn audit_of_card(tx: &mut Tx, patron: PatronId, staff: Option<StaffId>) -> Result<Vec<Row>, StorageError> {
    fetch_all!(
        tx,
        Row,
        "select a.at, s.login, a.deed, a.patron_id, p.card_number, a.note
         from audit a left join staff s on s.id = a.staff_id left join patron p on p.id = a.patron_id
         where a.patron_id = $1 and ($2 = '' or a.staff_id = $3) order by a.at desc, a.id limit $4",
        patron.0,
        staff.map_or("", |_| "one"),
        staff.map(|staff| staff.0),
        SHOWN + 1
    )
}
