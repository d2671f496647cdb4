//! Reminders of what is ready and will not be kept for much longer, where the library wishes them.

use chrono::NaiveDate;
use domain::{
    ReservationId,
    circulation::days_after,
    notices::{About, NoticeKind},
};
use uuid::Uuid;

use crate::{
    Fault, Library,
    events::{ActorRole, Event, EventKind, add_event},
    notices::{recipient, tell, title_of},
    storage::{Tx, Writes, execute, fetch_all, in_write},
};

impl Library {
    /// Reminds of copies that are kept for some days more, each once of each deadline. Answers how many reminders were put
    /// into the outbox.
    pub(super) async fn remind_of_deadlines(&self) -> Result<u64, Fault> {
        let days = self.policy().notices.expiring_days;
        if days == 0 {
            return Ok(0);
        }
        let (today, until) = (self.today(), days_after(self.today(), days));
        let mut tx = self.database().begin_read().await?;
        let due = fetch_all!(
            &mut tx,
            (Uuid, NaiveDate),
            "select id, hold_until from reservation where state = 'ready' and hold_until between $1 and $2
                 and (reminded_of is null or reminded_of <> hold_until) order by hold_until, id",
            today,
            until
        )?;
        drop(tx);
        let mut told = 0;
        for (id, until) in due {
            told += in_write!(self.database(), |tx| self.remind_of_deadline(tx, ReservationId(id), until).await)?;
        }
        Ok(told)
    }

    async fn remind_of_deadline(&self, tx: &mut Tx, id: ReservationId, until: NaiveDate) -> Result<u64, Fault> {
        let mine = execute!(
            &mut *tx,
            "update reservation set reminded_of = hold_until where id = $1 and state = 'ready' and hold_until = $2
                 and (reminded_of is null or reminded_of <> hold_until)",
            id.0,
            until
        )?;
        if mine == 0 {
            return Ok(0);
        }
        let to = recipient(tx, id).await?;
        let mut writes = Writes::default();
        let event = Event::of(EventKind::Reminded, ActorRole::System, self.now());
        let event = add_event(&mut writes, &Event { reservation: Some(id), note: Some("expiring"), ..event });
        let about = About {
            title: Some(title_of(tx, id).await?),
            place: Some(to.pickup_place.clone()),
            date: Some(until),
            ..About::default()
        };
        let told = tell(self, &mut writes, event, (id, &to), NoticeKind::Expiring, about)?;
        writes.send(tx).await?;
        Ok(u64::from(told))
    }
}
