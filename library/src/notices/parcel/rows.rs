//! Notices and their readers as they stand now.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    PatronId,
    circulation::ReservationState,
    notices::{About, NoticeKind},
};
use uuid::Uuid;

use crate::storage::{StorageError, Tx, fetch_all, fetch_optional};

type NoticeRow = (
    Uuid,
    Option<String>,
    String,
    String,
    String,
    Option<Uuid>,
    Option<String>,
    Option<NaiveDate>,
    Option<Uuid>,
    Option<DateTime<Utc>>,
    Option<NaiveDate>,
);

/// A patron as the notice finds them now.
pub(super) struct Reader {
    pub(super) name: String,
    pub(super) language: Option<String>,
    /// The confirmed address they chose.
    pub(super) address: Option<String>,
    pub(super) telephone: String,
}

/// A notice with what it tells of.
pub(super) struct Notice {
    pub(super) id: Uuid,
    pub(super) kind: Option<NoticeKind>,
    pub(super) about: About,
    /// As it was written at first.
    pub(super) subject: String,
    pub(super) body: String,
    pub(super) reservation: Option<(Uuid, ReservationState, Option<NaiveDate>)>,
    pub(super) loan: Option<(bool, NaiveDate)>,
}

impl Notice {
    /// What it is about as things stand: a deadline that was moved since is told as it is now.
    pub(super) fn about_now(&self) -> About {
        match self.reservation {
            Some((_, _, Some(until))) => About { date: Some(until), ..self.about.clone() },
            _ => self.about.clone(),
        }
    }
}

/// The notices of a parcel, in the order they were made.
pub(super) async fn notices(tx: &mut Tx, together: Uuid, lease: DateTime<Utc>) -> Result<Vec<Notice>, StorageError> {
    let rows = fetch_all!(
        tx,
        NoticeRow,
        "select o.id, o.kind, o.about, o.subject, o.body, r.id, r.state, r.hold_until, l.id, l.returned_at, l.due_on
         from outbox o join event e on e.id = o.event_id left join reservation r on r.id = e.reservation_id
         left join loan l on l.id = e.loan_id
         where o.sent_as = $1 and o.next_try_at = $2 and o.sent_at is null order by o.made_at, o.id",
        together,
        lease
    )?;
    let mut notices = Vec::with_capacity(rows.len());
    for (id, kind, about, subject, body, reservation, state, hold_until, loan, returned_at, due_on) in rows {
        let about = serde_json::from_str(&about).map_err(|error| StorageError::corrupt("notice", error))?;
        let state = state
            .map(|state| state.parse().map_err(|error| StorageError::corrupt("reservation state", error)))
            .transpose()?;
        let reservation = reservation.zip(state).map(|(id, state)| (id, state, hold_until));
        let loan = loan.and(due_on).map(|due_on| (returned_at.is_none(), due_on));
        notices.push(Notice { id, kind: kind_of(kind)?, about, subject, body, reservation, loan });
    }
    Ok(notices)
}

pub(super) fn kind_of(kind: Option<String>) -> Result<Option<NoticeKind>, StorageError> {
    kind.map(|kind| kind.parse().map_err(|error| StorageError::corrupt("kind of notice", error))).transpose()
}

pub(super) async fn reader(tx: &mut Tx, patron: PatronId) -> Result<Reader, StorageError> {
    let row = fetch_optional!(
        tx,
        (String, Option<String>, Option<String>, String),
        "select name, language, case when ready_mail = 2 then case when mail2_confirmed then mail2 end
             else case when mail1_confirmed then mail1 end end, telephone
         from patron where id = $1",
        patron.0
    )?;
    let row = row.ok_or_else(|| StorageError::corrupt("notice", "its patron is not there"))?;
    let (name, language, address, telephone) = row;
    Ok(Reader { name, language, address, telephone })
}
