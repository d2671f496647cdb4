//! What is told, and to whom: written into the outbox in the transaction of the change it tells of (R11, R14).

use chrono::NaiveDate;
use domain::{
    EventId, LoanId, OrderedSetId, PatronId, PlaceCode, ReservationId,
    circulation::{CancelReason, ReservationState},
    notices::{About, Channel, NoticeKind, tells_of, written},
    patrons::Contact,
};
use uuid::Uuid;

use crate::{
    Library,
    catalog::shown,
    storage::{StorageError, Tx, Writes, fetch_one},
};

/// Whom a reservation is for and how they are told.
#[derive(Clone)]
pub(crate) struct Recipient {
    pub(crate) state: ReservationState,
    pub(crate) pickup_place: PlaceCode,
    pub(crate) card_number: String,
    pub(crate) name_kana: String,
    name: String,
    /// The confirmed address, when they wish to be told by mail. Others get no mail; the desk telephones them (R14).
    mail: Option<String>,
    /// Whether the desk telephones them.
    telephoned: bool,
    /// Whether they wish to be told by mail and there is no address: who confirms one later was not told by that.
    lacks_address: bool,
}

/// State, pickup place, contact, card number, name, its kana, and the address for ready notices if it is confirmed.
pub(crate) type RecipientRow = (String, String, String, String, String, String, Option<String>);

impl Recipient {
    /// Reads the row of a reservation and its patron.
    pub(crate) fn of(row: RecipientRow) -> Result<Self, StorageError> {
        let (state, place, contact, card_number, name, name_kana, address) = row;
        let contact: Contact = contact.parse().map_err(|error| StorageError::corrupt("contact method", error))?;
        Ok(Self {
            state: state.parse().map_err(|error| StorageError::corrupt("reservation state", error))?,
            pickup_place: PlaceCode(place),
            card_number,
            name_kana,
            name,
            telephoned: contact == Contact::Telephone || (contact == Contact::Mail && address.is_none()),
            lacks_address: contact == Contact::Mail && address.is_none(),
            mail: address.filter(|_| contact == Contact::Mail),
        })
    }
}

/// Whom an active reservation is for.
pub(crate) async fn recipient(tx: &mut Tx, reservation: ReservationId) -> Result<Recipient, StorageError> {
    let row = fetch_one!(
        tx,
        RecipientRow,
        "select r.state, r.pickup_place, r.contact, p.card_number, p.name, p.name_kana,
             case when p.ready_mail = 2 then case when p.mail2_confirmed then p.mail2 end
                 else case when p.mail1_confirmed then p.mail1 end end
         from reservation r join patron p on p.id = r.patron_id where r.id = $1",
        reservation.0
    )?;
    Recipient::of(row)
}

/// The title a reservation is for, as shown.
pub(crate) async fn title_of(tx: &mut Tx, reservation: ReservationId) -> Result<String, StorageError> {
    let (record, label) = fetch_one!(
        tx,
        (String, String),
        "select b.record, p.label from reservation r join part p on p.id = r.part_id join bib b on b.id = p.bib_id
         where r.id = $1",
        reservation.0
    )?;
    Ok(shown(&record, &label)?.title)
}

impl Recipient {
    /// Whether they are told by mail.
    pub(crate) fn has_mail(&self) -> bool {
        self.mail.is_some()
    }
}

/// Tells of a reservation, if its patron wishes to be told by mail. Answers whether they do. Where only the address is
/// lacking, it is noted that the mail was given up, so that the event stays on the telephone list until somebody called
/// (R13, R14).
pub(crate) fn tell(
    library: &Library,
    writes: &mut Writes,
    event: EventId,
    (reservation, to): (ReservationId, &Recipient),
    kind: NoticeKind,
    about: About,
) -> Result<bool, StorageError> {
    let Some(mail) = &to.mail else {
        if to.lacks_address && is_telephoned(kind) {
            let now = library.now();
            writes.add(
                "insert into notice_try (event_id, channel, op, reservation_id, at, result)
                 values ($1, 'mail', $2, $3, $4, 'given-up')",
                [event.0.into(), Uuid::new_v4().into(), reservation.0.into(), now.into()],
            );
        }
        return Ok(false);
    };
    let about = About { name: to.name.clone(), ..about };
    put(library, writes, event, &Notice { kind, whose: Whose::Reservation(reservation), to: mail, about })?;
    Ok(true)
}

/// Whether people telephone about it where no mail goes; of the rest 予約状況 tells.
const fn is_telephoned(kind: NoticeKind) -> bool {
    matches!(kind, NoticeKind::Ready | NoticeKind::Vanished | NoticeKind::Paused | NoticeKind::Cancelled)
}

/// The ready notice (R11).
pub(crate) fn tell_ready(
    library: &Library,
    writes: &mut Writes,
    event: EventId,
    to: (ReservationId, &Recipient),
    title: &str,
    until: NaiveDate,
) -> Result<(), StorageError> {
    let place = Some(to.1.pickup_place.clone());
    let about = About { title: Some(title.to_owned()), place, date: Some(until), ..About::default() };
    tell(library, writes, event, to, NoticeKind::Ready, about.clone())?;
    beside_mail(library, writes, event, to, &about)
}

/// Tells of a ready copy by the other channels: on the patron's devices, if there are any; by the library's gateway, if it has one
/// and would have to telephone.
fn beside_mail(
    library: &Library,
    writes: &mut Writes,
    event: EventId,
    (reservation, to): (ReservationId, &Recipient),
    about: &About,
) -> Result<(), StorageError> {
    let json = serde_json::to_string(about).map_err(|error| StorageError::corrupt("notice", error))?;
    let now = library.now();
    let ready = NoticeKind::Ready.as_str();
    let mut put = |sql| {
        let values = [
            Uuid::new_v4().into(),
            event.0.into(),
            now.into(),
            ready.into(),
            json.clone().into(),
            reservation.0.into(),
        ];
        writes.add(sql, values);
    };
    put("insert into outbox (id, event_id, channel, recipient, subject, body, made_at, tries, next_try_at, secret, kind, about,
             patron_id)
         select $1, $2, 'push', '', '', '', $3, 0, $3, false, $4, $5, r.patron_id from reservation r
         where r.id = $6 and exists (select 1 from push_device d where d.patron_id = r.patron_id)");
    if library.policy().notices.gateway && to.telephoned {
        put("insert into outbox (id, event_id, channel, recipient, subject, body, made_at, tries, next_try_at, secret, kind, about,
                 patron_id)
             select $1, $2, 'webhook', p.telephone, '', '', $3, 0, $3, false, $4, $5, p.id
             from reservation r join patron p on p.id = r.patron_id where r.id = $6");
    }
    Ok(())
}

/// Tells that a copy that was ready is not there any more, and that the place in the queue is kept.
pub(crate) fn tell_vanished(
    library: &Library,
    writes: &mut Writes,
    event: EventId,
    to: (ReservationId, &Recipient),
    title: &str,
) -> Result<(), StorageError> {
    let about = About { title: Some(title.to_owned()), ..About::default() };
    tell(library, writes, event, to, NoticeKind::Vanished, about).map(drop)
}

/// Asks how an ordered set goes on after a member was not picked up in time.
pub(crate) fn ask_about_set(
    library: &Library,
    writes: &mut Writes,
    event: EventId,
    to: (ReservationId, &Recipient),
    set: OrderedSetId,
    answer_by: NaiveDate,
) -> Result<(), StorageError> {
    let about = About { set: Some(set), date: Some(answer_by), ..About::default() };
    tell(library, writes, event, to, NoticeKind::Paused, about).map(drop)
}

/// Tells that a reservation was cancelled, where the library wishes that for this reason.
pub(crate) async fn tell_cancelled(
    library: &Library,
    tx: &mut Tx,
    writes: &mut Writes,
    event: EventId,
    reservation: ReservationId,
    (reason, note): (CancelReason, Option<&str>),
) -> Result<(), StorageError> {
    if !tells_of(&library.policy().notices, reason) {
        return Ok(());
    }
    let to = recipient(tx, reservation).await?;
    let title = Some(title_of(tx, reservation).await?);
    let about = About { title, reason: Some(reason), note: note.map(str::to_owned), ..About::default() };
    tell(library, writes, event, (reservation, &to), NoticeKind::Cancelled, about).map(drop)
}

/// Reminds of a due date that comes, or has passed (R25).
pub(crate) fn remind(
    library: &Library,
    writes: &mut Writes,
    event: EventId,
    (loan, name, mail): (LoanId, &str, &str),
    title: &str,
    due_on: NaiveDate,
    overdue: bool,
) -> Result<(), StorageError> {
    let about = About { name: name.to_owned(), title: Some(title.to_owned()), date: Some(due_on), ..About::default() };
    let kind = if overdue { NoticeKind::Overdue } else { NoticeKind::Due };
    put(library, writes, event, &Notice { kind, whose: Whose::Loan(loan), to: mail, about })
}

/// Whose a notice is.
#[derive(Clone, Copy)]
pub(super) enum Whose {
    /// Of whoever reserved it.
    Reservation(ReservationId),
    /// Of whoever has it on loan.
    Loan(LoanId),
    /// Of this patron.
    Patron(PatronId),
}

/// A notice about to be put into the outbox.
pub(super) struct Notice<'a> {
    pub(super) kind: NoticeKind,
    pub(super) whose: Whose,
    pub(super) to: &'a str,
    pub(super) about: About,
}

/// Puts a notice into the outbox. Subject and text are written as they would be now, for whoever looks into the outbox, and
/// again when it is sent; what is about a secret link is forgotten when it has gone.
pub(super) fn put(
    library: &Library,
    writes: &mut Writes,
    event: EventId,
    notice: &Notice<'_>,
) -> Result<(), StorageError> {
    let Notice { kind, whose, to, about } = notice;
    let policy = library.policy();
    let letter = written(policy, *kind, policy.notices.language, &about.name, std::slice::from_ref(about))
        .map_err(|error| StorageError::corrupt("text of a notice", error))?;
    let secret = about.token.is_some();
    let json = serde_json::to_string(about).map_err(|error| StorageError::corrupt("notice", error))?;
    let (patron, reservation, loan) = match *whose {
        Whose::Patron(patron) => (Some(patron.0), None, None),
        Whose::Reservation(reservation) => (None, Some(reservation.0), None),
        Whose::Loan(loan) => (None, None, Some(loan.0)),
    };
    let now = library.now();
    let first_try = library.moment_of(kind.first_try(&policy.notices, library.local(now).naive_local()));
    writes.add(
        "insert into outbox (id, event_id, channel, recipient, subject, body, made_at, tries, next_try_at, secret, kind,
             about, patron_id)
         values ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10, $11, coalesce($12,
             (select patron_id from reservation where id = $13), (select patron_id from loan where id = $14)))",
        [
            // At random: that a mail went is kept for longer than what it told of.
            Uuid::new_v4().into(),
            event.0.into(),
            Channel::Mail.as_str().into(),
            (*to).into(),
            letter.subject.into(),
            letter.text.into(),
            now.into(),
            // The local clock may stand still or be set back for an hour; nothing is sent before it was made.
            first_try.max(now).into(),
            secret.into(),
            kind.as_str().into(),
            json.into(),
            patron.into(),
            reservation.into(),
            loan.into(),
        ],
    );
    Ok(())
}
