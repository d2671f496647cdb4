//! The library's calendar, with the emergency closures that staff entered (R30).

use chrono::NaiveDate;
use domain::{
    PlaceCode,
    calendar::{Calendar, CalendarMonth, Closure, YearMonth},
};

use crate::{
    Fault, Library,
    storage::{StorageError, Tx, fetch_all},
};

impl Library {
    /// A month of the calendar of a branch or pickup place (R30).
    ///
    /// Without a place, or with one nobody knows, it is that of the first place; without a month it is this one; a
    /// month that is not offered becomes the nearest that is.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn calendar_month(
        &self,
        place: Option<&PlaceCode>,
        month: Option<YearMonth>,
    ) -> Result<CalendarMonth, Fault> {
        let policy = self.policy();
        let known = place.and_then(|code| policy.place(code)).or_else(|| policy.places.first());
        let code = known.map_or_else(|| PlaceCode(String::new()), |place| place.code.clone());
        let today = self.today();
        let month = month.unwrap_or_else(|| YearMonth::of(today)).offered(today);
        let mut tx = self.database().begin_read().await?;
        let closures = closures(&mut tx, &code, month.first_day()).await?;
        Ok(Calendar::new(policy, &closures).page(&code, month, today))
    }
}

/// The emergency closures of a place that last until `from` or longer, in the order they begin.
pub(crate) async fn closures(tx: &mut Tx, place: &PlaceCode, from: NaiveDate) -> Result<Vec<Closure>, StorageError> {
    let rows = fetch_all!(
        tx,
        (NaiveDate, NaiveDate, String),
        "select from_on, until_on, reason from closure where place = $1 and until_on >= $2 order by from_on, until_on",
        place.0.as_str(),
        from
    )?;
    let closure = |(from, until, reason)| Closure { place: place.clone(), from, until, reason };
    Ok(rows.into_iter().map(closure).collect())
}
