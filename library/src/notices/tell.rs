//! What is told, and to whom: written into the outbox in the transaction of the change it tells of (R11, R14).

use chrono::{Datelike, NaiveDate};
use domain::{
    EventId, PlaceCode, ReservationId,
    circulation::ReservationState,
    messages::{Key, Language, Messages},
    patrons::Contact,
};

use crate::{
    Library,
    clock::new_id,
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

/// The ready notice (R11).
pub(crate) fn tell_ready(
    library: &Library,
    writes: &mut Writes,
    event: EventId,
    to: &Recipient,
    title: &str,
    until: NaiveDate,
) {
    let Some(mail) = &to.mail else { return };
    let place = library.policy().place(&to.pickup_place).map(|place| place.name.clone()).unwrap_or_default();
    let date = japanese_date(until);
    let about = [("title", title), ("place", place.as_str()), ("date", date.as_str())];
    let letter = Letter { subject: Key::NoticeReadySubject, body: Key::NoticeReadyBody, about: &about };
    put(library, writes, event, mail, &to.name, &letter);
}

/// Tells that a copy that was ready is not there any more, and that the place in the queue is kept.
pub(crate) fn tell_vanished(library: &Library, writes: &mut Writes, event: EventId, to: &Recipient, title: &str) {
    let Some(mail) = &to.mail else { return };
    let about = [("title", title)];
    let letter = Letter { subject: Key::NoticeVanishedSubject, body: Key::NoticeVanishedBody, about: &about };
    put(library, writes, event, mail, &to.name, &letter);
}

/// Asks how an ordered set goes on after a member was not picked up in time.
pub(crate) fn ask_about_set(
    library: &Library,
    writes: &mut Writes,
    event: EventId,
    to: &Recipient,
    answer_by: NaiveDate,
) {
    let Some(mail) = &to.mail else { return };
    let date = japanese_date(answer_by);
    let about = [("date", date.as_str())];
    let letter = Letter { subject: Key::NoticePausedSubject, body: Key::NoticePausedBody, about: &about };
    put(library, writes, event, mail, &to.name, &letter);
}

/// Reminds of a due date that comes, or has passed (R25).
pub(crate) fn remind(
    library: &Library,
    writes: &mut Writes,
    event: EventId,
    (name, mail): (&str, &str),
    title: &str,
    due_on: NaiveDate,
    overdue: bool,
) {
    let date = japanese_date(due_on);
    let about = [("title", title), ("date", date.as_str())];
    let (subject, body) = if overdue {
        (Key::NoticeOverdueSubject, Key::NoticeOverdueBody)
    } else {
        (Key::NoticeDueSubject, Key::NoticeDueBody)
    };
    put(library, writes, event, mail, name, &Letter { subject, body, about: &about });
}

/// A text with what it is about.
pub(super) struct Letter<'a> {
    pub(super) subject: Key,
    pub(super) body: Key,
    pub(super) about: &'a [(&'static str, &'a str)],
}

fn put(library: &Library, writes: &mut Writes, event: EventId, mail: &str, name: &str, letter: &Letter<'_>) {
    put_letter(library, writes, event, (name, mail), letter, false);
}

/// Puts a mail into the outbox; the body of a secret one is forgotten when it has gone.
pub(super) fn put_letter(
    library: &Library,
    writes: &mut Writes,
    event: EventId,
    (name, mail): (&str, &str),
    letter: &Letter<'_>,
    secret: bool,
) {
    let policy = library.policy();
    let messages = Messages::of(Language::Ja);
    let mut values = vec![
        ("name", name),
        ("address", policy.library.web_address.as_str()),
        ("library", policy.library.name.as_str()),
        ("telephone", policy.library.telephone.as_str()),
    ];
    values.extend_from_slice(letter.about);
    let now = library.now();
    writes.add(
        "insert into outbox (id, event_id, channel, recipient, subject, body, made_at, tries, next_try_at, secret)
         values ($1, $2, 'mail', $3, $4, $5, $6, 0, $6, $7)",
        [
            new_id(now).into(),
            event.0.into(),
            mail.into(),
            messages.text(letter.subject).into(),
            messages.fill(letter.body, &values).into(),
            now.into(),
            secret.into(),
        ],
    );
}

/// `2026年4月15日（水）`
fn japanese_date(day: NaiveDate) -> String {
    let weekday = ['月', '火', '水', '木', '金', '土', '日'];
    let index = usize::try_from(day.weekday().num_days_from_monday()).unwrap_or_default();
    format!("{}年{}月{}日（{}）", day.year(), day.month(), day.day(), weekday.get(index).copied().unwrap_or('日'))
}
