//! The ready notice (R11).

use chrono::{Datelike, NaiveDate};
use domain::{
    BibId, EventId, PartId, PlaceCode, ReservationId,
    messages::{Key, Language, Messages},
    patrons::Contact,
};
use uuid::Uuid;

use crate::{
    Fault, Library,
    catalog::part_title,
    clock::new_id,
    patrons::account,
    storage::{StorageError, Tx, execute, fetch_one},
};

/// Puts the ready notice into the outbox, in the transaction that makes the copy ready. Patrons who are telephoned,
/// or whose address is no longer confirmed, get no mail; the desk has to telephone them (R14).
pub(crate) async fn tell_ready(
    library: &Library,
    tx: &mut Tx,
    event: EventId,
    reservation: ReservationId,
    until: NaiveDate,
) -> Result<(), Fault> {
    let (patron, part, bib, place, contact) = fetch_one!(
        &mut *tx,
        (Uuid, Uuid, Uuid, String, String),
        "select r.patron_id, r.part_id, p.bib_id, r.pickup_place, r.contact
         from reservation r join part p on p.id = r.part_id where r.id = $1",
        reservation.0
    )?;
    let contact: Contact = contact.parse().map_err(|error| StorageError::corrupt("contact method", error))?;
    if contact != Contact::Mail {
        return Ok(());
    }
    let Some(account) = account(tx, domain::PatronId(patron)).await? else { return Ok(()) };
    let Some(address) = account.ready_mail else { return Ok(()) };

    let policy = library.policy();
    let messages = Messages::of(Language::Ja);
    let title = part_title(tx, BibId(bib), PartId(part)).await?;
    let place_name = policy.place(&PlaceCode(place)).map(|place| place.name.clone()).unwrap_or_default();
    let body = messages.fill(
        Key::NoticeReadyBody,
        &[
            ("name", &account.name),
            ("title", &title),
            ("place", &place_name),
            ("date", &japanese_date(until)),
            ("address", &policy.library.web_address),
            ("library", &policy.library.name),
            ("telephone", &policy.library.telephone),
        ],
    );
    let now = library.now();
    execute!(
        tx,
        "insert into outbox (id, event_id, channel, recipient, subject, body, made_at, tries, next_try_at)
         values ($1, $2, 'mail', $3, $4, $5, $6, 0, $6)",
        new_id(now),
        event.0,
        address,
        messages.text(Key::NoticeReadySubject),
        body,
        now
    )?;
    Ok(())
}

/// `2026年4月15日（水）`
fn japanese_date(day: NaiveDate) -> String {
    let weekday = ['月', '火', '水', '木', '金', '土', '日'];
    let index = usize::try_from(day.weekday().num_days_from_monday()).unwrap_or_default();
    format!("{}年{}月{}日（{}）", day.year(), day.month(), day.day(), weekday.get(index).copied().unwrap_or('日'))
}
