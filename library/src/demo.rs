//! The demo library: a catalogue written for this project, invented patrons, and a little of their past.
//!
//! It is made by the same use cases a real library uses, at moments in the past, so that loans are overdue and
//! queues are long for the same reasons as in life. Made again after it was interrupted, it goes on where it
//! stopped: every step does nothing when it was done before.

use std::collections::HashSet;

use chrono::{NaiveDate, TimeDelta};
use domain::{
    OpId, PartId, PatronId, PlaceCode,
    catalog::{LimitGroup, MaterialType},
    circulation::{By, ReserveRequest},
    patrons::{Contact, StaffRole},
};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    Fault, Library,
    catalog::import::{Format, Mapping, Reader},
    clock::new_id,
    patrons::hash_password,
    storage::{StorageError, Tx, execute, fetch_all, fetch_one, fetch_optional, in_write},
};

/// The password of every demo patron but the first, who has none yet.
pub const PATRON_PASSWORD: &str = "Hon2dana";
/// The login of the demo's staff.
pub const STAFF_LOGIN: &str = "desk";
/// The password of the demo's staff.
pub const STAFF_PASSWORD: &str = "Desk-2-dana";
/// The login of the demo's manager.
pub const MANAGER_LOGIN: &str = "manager";
/// The password of the demo's manager.
pub const MANAGER_PASSWORD: &str = "Manage-2-dana";
/// The card whose holder has no password yet.
pub const CARD_WITHOUT_PASSWORD: &str = "1000001";
/// The card with overdue loans.
pub const CARD_OVERDUE: &str = "1000002";
/// The card at every limit of loans and reservations.
pub const CARD_AT_LIMITS: &str = "1000003";
/// The first and the last of the cards that have nothing reserved and nothing on loan.
pub const FREE_CARDS: (&str, &str) = ("1000004", "1000015");

/// Cards whose holders have a past that fills queues and hold shelves.
const BUSY_CARDS: [&str; 5] = ["1000016", "1000017", "1000018", "1000019", "1000020"];

const CATALOGUE: &[u8] = include_bytes!("../demo/catalogue.csv");
const MAPPING: &str = include_str!("../mappings/demo.toml");
const PATRONS: &[u8] = include_bytes!("../demo/patrons.csv");
const SOURCE: &str = "demo";
const BATCH: usize = 200;

/// A row of `patrons.csv`.
#[derive(Deserialize)]
struct PatronRow {
    card: String,
    name: String,
    kana: String,
    birth_date: NaiveDate,
    telephone: String,
    mail: String,
}

/// A copy that can be lent now.
struct Copy {
    barcode: String,
    part: PartId,
    branch: PlaceCode,
    material: MaterialType,
}

impl Library {
    /// Whether the database is that of a demo.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn is_demo(&self) -> Result<bool, Fault> {
        let mut tx = self.database().begin_read().await?;
        Ok(demo_mark(&mut tx).await?.is_some())
    }

    /// Fills an empty database with the demo library. Does nothing when it is there already.
    ///
    /// # Errors
    /// When the database holds a real library, or can't be written.
    pub async fn make_demo(&self) -> Result<(), Fault> {
        let mut tx = self.database().begin_read().await?;
        let mark = demo_mark(&mut tx).await?;
        let (patrons,) = fetch_one!(&mut tx, (i64,), "select count(*) from patron")?;
        let (bibs,) = fetch_one!(&mut tx, (i64,), "select count(*) from bib")?;
        drop(tx);
        match mark.as_deref() {
            Some("made") => return Ok(()),
            None if patrons + bibs > 0 => {
                return Err(Fault::Demo("the database holds a library of its own; the demo wants an empty one".into()));
            }
            _ => {}
        }
        self.mark_demo("begun").await?;
        self.import_demo_catalogue().await?;
        self.make_people().await?;
        self.live_through_the_past().await?;
        self.mark_demo("made").await
    }

    async fn mark_demo(&self, mark: &str) -> Result<(), Fault> {
        in_write!(self.database(), |tx| execute!(
            tx,
            "insert into meta (key, value) values ('demo', $1) on conflict (key) do update set value = excluded.value",
            mark
        )
        .map(|_| ())
        .map_err(Fault::from))
    }

    async fn import_demo_catalogue(&self) -> Result<(), Fault> {
        let broken = |error: &dyn std::fmt::Display| Fault::Demo(format!("catalogue: {error}"));
        let mapping: Mapping = MAPPING.parse().map_err(|error| broken(&error))?;
        let reader = Reader::with_format(CATALOGUE, Format::Csv, &mapping).map_err(|error| broken(&error))?;
        let bibs = reader.collect::<Result<Vec<_>, _>>().map_err(|error| broken(&error))?;
        // New arrivals of the past month would be odd on the first day, so the stock is taken in earlier.
        let before = self.at(self.now() - TimeDelta::days(60));
        for batch in bibs.chunks(BATCH) {
            let counts = before.import(SOURCE, batch).await?;
            if let Some((key, refusal)) = counts.rejected.first() {
                return Err(Fault::Demo(format!("catalogue: {key}: {refusal}")));
            }
        }
        Ok(())
    }

    async fn make_people(&self) -> Result<(), Fault> {
        let policy = self.policy().accounts.clone();
        let rows = csv::Reader::from_reader(PATRONS)
            .into_deserialize::<PatronRow>()
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| Fault::Demo(format!("patrons: {error}")))?;
        let hashes = tokio::task::spawn_blocking(move || {
            let mut hashed = Vec::with_capacity(rows.len());
            for row in rows {
                let hash = if row.card == CARD_WITHOUT_PASSWORD {
                    None
                } else {
                    Some(hash_password(&policy, PATRON_PASSWORD)?)
                };
                hashed.push((row, hash));
            }
            let staff = [
                (STAFF_LOGIN, hash_password(&policy, STAFF_PASSWORD)?, StaffRole::Desk),
                (MANAGER_LOGIN, hash_password(&policy, MANAGER_PASSWORD)?, StaffRole::Manager),
            ];
            Ok::<_, Fault>((hashed, staff))
        });
        let (patrons, staff) = hashes.await??;
        in_write!(self.database(), |tx| self.write_people(tx, &patrons, &staff).await)
    }

    async fn write_people(
        &self,
        tx: &mut Tx,
        patrons: &[(PatronRow, Option<String>)],
        staff: &[(&str, String, StaffRole)],
    ) -> Result<(), Fault> {
        for (row, hash) in patrons {
            let mail = Some(row.mail.as_str()).filter(|mail| !mail.is_empty());
            execute!(
                &mut *tx,
                "insert into patron (id, card_number, name, name_kana, birth_date, telephone, mail1, mail1_confirmed,
                     mail2_confirmed, ready_mail, password_hash, card_state, revision)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, false, 1, $9, 'active', 0)
                 on conflict (card_number) do nothing",
                new_id(self.now()),
                &row.card,
                &row.name,
                &row.kana,
                row.birth_date,
                &row.telephone,
                mail,
                mail.is_some(),
                hash.as_deref()
            )?;
        }
        for (login, hash, role) in staff {
            execute!(
                &mut *tx,
                "insert into staff (id, login, password_hash, role) values ($1, $2, $3, $4)
                 on conflict (login) do nothing",
                new_id(self.now()),
                *login,
                hash,
                role.as_str()
            )?;
        }
        Ok(())
    }

    async fn live_through_the_past(&self) -> Result<(), Fault> {
        let mut copies = self.lendable_copies().await?;
        let month_ago = self.at(self.now() - TimeDelta::days(30));
        let overdue = take(&mut copies, MaterialType::Book, 3);
        month_ago.lend_all(CARD_OVERDUE, &overdue).await?;

        let last_week = self.at(self.now() - TimeDelta::days(6));
        let limits = self.policy().loans.limits;
        for (material, group) in [
            (MaterialType::Book, LimitGroup::BooksAndMagazines),
            (MaterialType::Kamishibai, LimitGroup::Kamishibai),
            (MaterialType::Cd, LimitGroup::Cds),
            (MaterialType::Dvd, LimitGroup::Videos),
        ] {
            let copies = take(&mut copies, material, limits.of(group));
            last_week.lend_all(CARD_AT_LIMITS, &copies).await?;
        }
        let limits = self.policy().reservations.limits;
        for (material, group) in [
            (MaterialType::Book, LimitGroup::BooksAndMagazines),
            (MaterialType::Kamishibai, LimitGroup::Kamishibai),
            (MaterialType::Cd, LimitGroup::Cds),
        ] {
            let copies = take(&mut copies, material, limits.of(group));
            last_week.reserve_all(CARD_AT_LIMITS, &copies, 0).await?;
        }

        // Titles with a queue, whose copies are out.
        let wanted = take(&mut copies, MaterialType::Book, 4);
        let [borrower, queue @ ..] = BUSY_CARDS;
        last_week.lend_all(borrower, &wanted).await?;
        for card in queue {
            last_week.reserve_all(card, &wanted, 0).await?;
        }
        // An ordered set of three whose first came back to its branch, where it is ready or leaves for the hall.
        let set = take(&mut copies, MaterialType::Book, 3);
        last_week.reserve_all(borrower, &set, set.len()).await?;
        if let Some(first) = set.first() {
            self.at(self.now() - TimeDelta::days(1)).returned(&first.branch, &first.barcode).await?;
        }
        Ok(())
    }

    /// Copies on their shelves that may be lent, a title only once, in a fixed order.
    async fn lendable_copies(&self) -> Result<Vec<Copy>, Fault> {
        let mut tx = self.database().begin_read().await?;
        let rows = fetch_all!(
            &mut tx,
            (String, Uuid, String, String),
            "select i.barcode, i.part_id, i.branch, b.material from item i
             join part p on p.id = i.part_id join bib b on b.id = p.bib_id
             where b.source = $1 and i.loan_rule = 'lendable' and b.material <> 'magazine' order by i.barcode",
            SOURCE
        )?;
        let mut seen = HashSet::new();
        let mut copies = Vec::new();
        for (barcode, part, branch, material) in rows {
            if seen.insert(part) {
                copies.push(Copy {
                    barcode,
                    part: PartId(part),
                    branch: PlaceCode(branch),
                    material: material.parse().map_err(|error| StorageError::corrupt("material type", error))?,
                });
            }
        }
        Ok(copies)
    }

    async fn patron_with_card(&self, card: &str) -> Result<PatronId, Fault> {
        let mut tx = self.database().begin_read().await?;
        let row = fetch_optional!(&mut tx, (Uuid,), "select id from patron where card_number = $1", card)?;
        row.map(|(id,)| PatronId(id)).ok_or_else(|| Fault::Demo("a card of the demo's past is missing".into()))
    }

    /// A refusal means that this was done before the demo was interrupted.
    async fn lend_all(&self, card: &str, copies: &[Copy]) -> Result<(), Fault> {
        let patron = self.patron_with_card(card).await?;
        for copy in copies {
            if let Err(refusal) = self.check_out(&By::Staff, &copy.branch, patron, &copy.barcode).await? {
                tracing::debug!(?refusal, "demo loan");
            }
        }
        Ok(())
    }

    async fn reserve_all(&self, card: &str, copies: &[Copy], in_set: usize) -> Result<(), Fault> {
        let patron = self.patron_with_card(card).await?;
        let account = self.account(patron).await?.ok_or(Fault::AccountGone)?;
        let pickup_place = match self.policy().pickup_places().next() {
            Some(place) => place.code.clone(),
            None => return Ok(()),
        };
        let contact = if account.ready_mail.is_some() { Contact::Mail } else { Contact::Telephone };
        let parts = copies.iter().map(|copy| copy.part).collect();
        let request = ReserveRequest { op: OpId(new_id(self.now())), parts, in_set, pickup_place, contact };
        if let Err(refusal) = self.reserve(&By::Patron, patron, &request).await? {
            tracing::debug!(?refusal, "demo reservation");
        }
        Ok(())
    }

    async fn returned(&self, branch: &PlaceCode, barcode: &str) -> Result<(), Fault> {
        if let Err(refusal) = self.check_in(branch, barcode).await? {
            tracing::debug!(?refusal, "demo return");
        }
        Ok(())
    }
}

/// Takes the next copies of a material out of the list, spread over it, so that neighbours on the shelf stay.
fn take(copies: &mut Vec<Copy>, material: MaterialType, count: u32) -> Vec<Copy> {
    let mut taken = Vec::new();
    for _ in 0..count {
        let Some(at) = copies.iter().position(|copy| copy.material == material) else { break };
        taken.push(copies.remove(at));
        // Past some titles, towards the end of the list.
        let skipped = copies.iter().skip(at).take_while(|copy| copy.material == material).count().min(7);
        copies.get_mut(at..).unwrap_or_default().rotate_left(skipped);
    }
    taken
}

async fn demo_mark(tx: &mut Tx) -> Result<Option<String>, StorageError> {
    let row = fetch_optional!(tx, (String,), "select value from meta where key = 'demo'")?;
    Ok(row.map(|(mark,)| mark))
}
