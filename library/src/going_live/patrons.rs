//! Card holders, known by card number.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::{
    patrons::{CardState, card_number},
    text::one_width,
};
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

use super::{
    TakenIn,
    row::{Concern, Row, RowReason},
};
use crate::{
    Fault, Library,
    clock::new_id,
    events::{ActorRole, Event, EventKind, record},
    storage::{StorageError, Tx, execute, fetch_all},
};

/// How the password hashes of this program begin; nothing else is taken for one.
const OUR_HASHES: &str = "$argon2";

/// A card holder as a row or the database says.
#[derive(Clone, PartialEq, Eq)]
struct Patron {
    name: String,
    name_kana: String,
    birth_date: NaiveDate,
    telephone: String,
    card_state: CardState,
    mails: [Option<String>; 2],
    confirmed: [bool; 2],
    ready_mail: i64,
    password_hash: Option<String>,
}

/// What is to be written of one.
pub(super) enum PatronWrite {
    New { card: String, patron: Box<Known> },
    Changed { patron: Box<Known>, card_state_changes: bool },
}

/// A card holder with the id.
pub(super) struct Known {
    id: Uuid,
    patron: Patron,
}

type PatronRow = (
    Uuid,
    String,
    String,
    String,
    NaiveDate,
    String,
    String,
    Option<String>,
    bool,
    Option<String>,
    bool,
    i64,
    Option<String>,
);

impl Library {
    pub(super) async fn plan_patrons(
        &self,
        tx: &mut Tx,
        rows: &[Row],
        report: &mut TakenIn,
    ) -> Result<Vec<PatronWrite>, Fault> {
        let known = known(tx).await?;
        let mut seen: HashMap<String, u64> = HashMap::with_capacity(rows.len());
        let mut writes = Vec::new();
        for row in rows {
            let card = row.text("card").map(card_number).filter(|card| !card.is_empty());
            let mut concerns = Vec::new();
            let read = match &card {
                None => Err(RowReason::Missing("card")),
                Some(card) => match seen.get(card) {
                    Some(line) => Err(RowReason::Doubled { what: format!("card {card}"), line: *line }),
                    None => self.read_patron(row, &mut concerns),
                },
            };
            let (card, patron) = match (card, read) {
                (Some(card), Ok(patron)) => (card, patron),
                (card, Err(reason)) => {
                    report.refused.push(row.note(card, reason));
                    continue;
                }
                (None, Ok(_)) => continue,
            };
            seen.insert(card.clone(), row.line);
            report.concerns.extend(concerns.into_iter().map(|concern| row.note(card.clone(), concern)));
            match known.get(&card) {
                None => {
                    report.new += 1;
                    let patron = Box::new(Known { id: new_id(self.now()), patron });
                    writes.push(PatronWrite::New { card, patron });
                }
                Some(Known { id, patron: old }) => {
                    let merged = merged(old, patron);
                    if merged == *old {
                        report.unchanged += 1;
                        continue;
                    }
                    report.changed += 1;
                    let card_state_changes = merged.card_state != old.card_state;
                    let patron = Box::new(Known { id: *id, patron: merged });
                    writes.push(PatronWrite::Changed { patron, card_state_changes });
                }
            }
        }
        Ok(writes)
    }

    fn read_patron(&self, row: &Row, concerns: &mut Vec<Concern>) -> Result<Patron, RowReason> {
        let birth_date = row.day("birth_date")?.ok_or(RowReason::Missing("birth_date"))?;
        if birth_date > self.today() {
            let text = row.text("birth_date").unwrap_or_default().to_owned();
            return Err(RowReason::Future { field: "birth_date", text });
        }
        let mails = [mail(row.text("mail1"), concerns), mail(row.text("mail2"), concerns)];
        let confirmed =
            [row.flag("mail1_confirmed")? && mails[0].is_some(), row.flag("mail2_confirmed")? && mails[1].is_some()];
        let ready_mail = match row.text("ready_mail") {
            None => 1,
            Some(_) => match row.number("ready_mail")? {
                Some(number @ (1 | 2)) => number,
                _ => {
                    let text = row.text("ready_mail").unwrap_or_default().to_owned();
                    return Err(RowReason::Word { field: "ready_mail", text });
                }
            },
        };
        let telephone = row.text("telephone").map(one_width).unwrap_or_default();
        if telephone.is_empty() {
            concerns.push(Concern::NoTelephone);
        }
        let password_hash = row.text("password_hash").filter(|hash| hash.starts_with(OUR_HASHES)).map(str::to_owned);
        if password_hash.is_none() && row.text("password_hash").is_some() {
            concerns.push(Concern::Password);
        }
        if row.is_garbled() {
            concerns.push(Concern::Characters);
        }
        Ok(Patron {
            name: row.must("name")?.to_owned(),
            // Old systems write readings in half-width kana.
            name_kana: row.must("name_kana")?.nfkc().collect(),
            birth_date,
            telephone,
            card_state: row.word("card_state")?.unwrap_or(CardState::Active),
            mails,
            confirmed,
            ready_mail,
            password_hash,
        })
    }

    pub(super) async fn write_patrons(&self, tx: &mut Tx, writes: &[PatronWrite]) -> Result<(), Fault> {
        for write in writes {
            match write {
                PatronWrite::New { card, patron } => insert(tx, card, patron).await?,
                PatronWrite::Changed { patron, card_state_changes } => {
                    update(tx, patron).await?;
                    if *card_state_changes {
                        let event = Event::of(EventKind::CardChanged, ActorRole::Staff, self.now());
                        record(tx, Event { note: Some(patron.patron.card_state.as_str()), ..event }).await?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// What a known patron is afterwards. An address that was confirmed here is the patron's own word and stays, and so does
/// the password.
fn merged(old: &Patron, new: Patron) -> Patron {
    let mut merged = new;
    for n in 0..2 {
        if old.confirmed[n] {
            merged.mails[n].clone_from(&old.mails[n]);
            merged.confirmed[n] = true;
        }
    }
    if old.confirmed.contains(&true) {
        merged.ready_mail = old.ready_mail;
    }
    if old.password_hash.is_some() {
        merged.password_hash.clone_from(&old.password_hash);
    }
    merged
}

/// A mail address, as far as one look can tell: old records hold all kinds of remarks in its place.
fn mail(text: Option<&str>, concerns: &mut Vec<Concern>) -> Option<String> {
    let text = text?;
    let address = if text.is_ascii() { text.to_owned() } else { one_width(text) };
    let sound = address.is_ascii()
        && !address.contains([' ', ',', ';', '<', '>'])
        && address.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && host.contains('.') && !host.contains('@') && !host.ends_with('.')
        });
    if !sound {
        concerns.push(Concern::Mail(text.to_owned()));
    }
    sound.then_some(address)
}

async fn known(tx: &mut Tx) -> Result<HashMap<String, Known>, StorageError> {
    let rows = fetch_all!(
        tx,
        PatronRow,
        "select id, card_number, name, name_kana, birth_date, telephone, card_state, mail1, mail1_confirmed, mail2,
                mail2_confirmed, ready_mail, password_hash from patron"
    )?;
    let mut known = HashMap::with_capacity(rows.len());
    for row in rows {
        let (id, card, name, name_kana, birth_date, telephone, state, mail1, first, mail2, second, ready_mail, hash) =
            row;
        let card_state = state.parse().map_err(|error| StorageError::corrupt("card state", error))?;
        let patron = Patron {
            name,
            name_kana,
            birth_date,
            telephone,
            card_state,
            mails: [mail1, mail2],
            confirmed: [first, second],
            ready_mail,
            password_hash: hash,
        };
        known.insert(card, Known { id, patron });
    }
    Ok(known)
}

async fn insert(tx: &mut Tx, card: &str, known: &Known) -> Result<(), StorageError> {
    let patron = &known.patron;
    execute!(
        tx,
        "insert into patron (id, card_number, name, name_kana, birth_date, telephone, mail1, mail1_confirmed, mail2,
             mail2_confirmed, ready_mail, password_hash, card_state, revision)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0)",
        known.id,
        card,
        &patron.name,
        &patron.name_kana,
        patron.birth_date,
        &patron.telephone,
        &patron.mails[0],
        patron.confirmed[0],
        &patron.mails[1],
        patron.confirmed[1],
        patron.ready_mail,
        &patron.password_hash,
        patron.card_state.as_str()
    )?;
    Ok(())
}

async fn update(tx: &mut Tx, known: &Known) -> Result<(), StorageError> {
    let patron = &known.patron;
    execute!(
        tx,
        "update patron set name = $2, name_kana = $3, birth_date = $4, telephone = $5, mail1 = $6,
             mail1_confirmed = $7 and (mail1_refused_at is null or coalesce(mail1 <> $6, true)),
             mail1_refused_at = case when mail1 = $6 then mail1_refused_at end,
             mail2 = $8, mail2_confirmed = $9 and (mail2_refused_at is null or coalesce(mail2 <> $8, true)),
             mail2_refused_at = case when mail2 = $8 then mail2_refused_at end,
             ready_mail = $10, password_hash = $11, card_state = $12, keyed = null
         where id = $1",
        known.id,
        &patron.name,
        &patron.name_kana,
        patron.birth_date,
        &patron.telephone,
        &patron.mails[0],
        patron.confirmed[0],
        &patron.mails[1],
        patron.confirmed[1],
        patron.ready_mail,
        &patron.password_hash,
        patron.card_state.as_str()
    )?;
    Ok(())
}
