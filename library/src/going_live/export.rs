//! Everything circulation needs, out again in the form in which it can be taken in: a CSV file and its mapping for each
//! [`Kind`]. Nothing in it depends on the engine or on ids, so the export of what was imported from an export is the same
//! file.
//!
//! Not in it is what is nobody else's: sessions, carts, bookshelves, the event log, what was cancelled, who works at the
//! desk. A backup has all of that.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs::OpenOptions,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use domain::{circulation::ReservationState, patrons::Contact, policy::Policy};
use uuid::Uuid;

use super::{Kind, RowMapping, reservations::names_a_copy};
use crate::{
    Fault, Library,
    storage::{StorageError, Tx, fetch_all},
};

/// How many rows of each kind were written.
pub type ExportCounts = Vec<(Kind, usize)>;

/// A row's cells, in the order of its kind's fields.
type Cells = Vec<String>;

impl Library {
    /// Writes everything into a folder that has none of these files yet, readable by its owner only. With `passwords` the
    /// hashes of patrons' passwords too: without them every patron has to set a new one, with them the files must be
    /// kept like the database itself.
    ///
    /// # Errors
    /// When the database can't be read or a file is there already or can't be written.
    pub async fn export(&self, folder: &Path, passwords: bool) -> Result<ExportCounts, Fault> {
        let mut tx = self.database().begin_read().await?;
        let mut counts = Vec::with_capacity(Kind::ALL.len());
        for kind in Kind::ALL {
            let rows = match kind {
                Kind::Titles => titles(&mut tx).await?,
                Kind::Items => items(&mut tx).await?,
                Kind::Patrons => patrons(&mut tx, passwords).await?,
                Kind::Loans => loans(&mut tx).await?,
                Kind::Reservations => reservations(&mut tx, self.policy()).await?,
            };
            let without = |name: &&str| passwords || *name != "password_hash";
            let fields: Vec<&str> = kind.fields().iter().map(|field| field.name).filter(without).collect();
            write(folder.join(format!("{kind}.toml")), |file| file.write_all(RowMapping::written(&fields).as_bytes()))?;
            write(folder.join(format!("{kind}.csv")), |file| write_rows(file, &fields, &rows))?;
            counts.push((kind, rows.len()));
        }
        Ok(counts)
    }
}

fn write(path: PathBuf, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Fault> {
    let written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).and_then(|file| {
        let mut file = io::BufWriter::new(file);
        fill(&mut file)?;
        file.into_inner()?.sync_all()
    });
    written.map_err(|error| Fault::File { path, error })
}

fn write_rows(file: &mut dyn Write, fields: &[&str], rows: &[Cells]) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(file);
    csv.write_record(fields)?;
    for row in rows {
        csv.write_record(row)?;
    }
    csv.flush()
}

fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn or_empty<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

type TitleRow =
    (Uuid, String, String, String, Option<String>, Option<String>, Option<String>, Option<i64>, Option<NaiveDate>);

async fn titles(tx: &mut Tx) -> Result<Vec<Cells>, StorageError> {
    let rows = fetch_all!(
        tx,
        TitleRow,
        "select b.id, b.source, b.source_key, b.record, o.source, o.source_key, p.label, p.ordinal, p.received_on
         from bib b left join bib o on o.id = b.merged_into
         left join part p on p.bib_id = b.id and b.merged_into is null"
    )?;
    let mut rows: Vec<TitleRow> = rows;
    rows.sort_by(|a, b| (&a.1, &a.2, a.7, &a.6).cmp(&(&b.1, &b.2, b.7, &b.6)));
    let mut last = None;
    let mut cells = Vec::with_capacity(rows.len());
    for (id, source, key, record, into_source, into_key, label, ordinal, received_on) in rows {
        // The description stands in the first row of a title only.
        let record = if last == Some(id) { String::new() } else { record };
        last = Some(id);
        cells.push(vec![
            source,
            key,
            label.unwrap_or_default(),
            or_empty(ordinal),
            or_empty(received_on),
            record,
            into_source.unwrap_or_default(),
            into_key.unwrap_or_default(),
        ]);
    }
    Ok(cells)
}

type ItemRow =
    (String, String, String, String, String, String, String, String, String, Option<String>, Option<NaiveDate>);

async fn items(tx: &mut Tx) -> Result<Vec<Cells>, StorageError> {
    let rows = fetch_all!(
        tx,
        ItemRow,
        "select b.source, b.source_key, p.label, i.barcode, i.branch, i.shelf_mark, i.loan_rule, i.state,
                coalesce(i.place, i.branch), i.lender, i.lender_due_on
         from item i join part p on p.id = i.part_id join bib b on b.id = p.bib_id"
    )?;
    let cells = |row: ItemRow| {
        let (source, key, label, barcode, branch, shelf_mark, rule, state, place, lender, lender_due_on) = row;
        let (lender, lender_due_on) = (lender.unwrap_or_default(), or_empty(lender_due_on));
        vec![source, key, label, barcode, branch, shelf_mark, rule, state, place, lender, lender_due_on]
    };
    let mut rows: Vec<Cells> = rows.into_iter().map(cells).collect();
    rows.sort_by(|a, b| a[3].cmp(&b[3]));
    Ok(rows)
}

type PatronRow = (
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

async fn patrons(tx: &mut Tx, passwords: bool) -> Result<Vec<Cells>, StorageError> {
    let rows = fetch_all!(
        tx,
        PatronRow,
        "select card_number, name, name_kana, birth_date, telephone, card_state, mail1, mail1_confirmed, mail2,
                mail2_confirmed, ready_mail, password_hash from patron"
    )?;
    let cells = |row: PatronRow| {
        let (card, name, kana, birth, telephone, state, mail1, first, mail2, second, ready_mail, hash) = row;
        let mut cells = vec![
            card,
            name,
            kana,
            birth.to_string(),
            telephone,
            state,
            mail1.unwrap_or_default(),
            first.to_string(),
            mail2.unwrap_or_default(),
            second.to_string(),
            ready_mail.to_string(),
        ];
        if passwords {
            cells.push(hash.unwrap_or_default());
        }
        cells
    };
    let mut rows: Vec<Cells> = rows.into_iter().map(cells).collect();
    rows.sort_by(|a, b| a[0].cmp(&b[0]));
    Ok(rows)
}

type LoanRow = (String, String, NaiveDate, DateTime<Utc>, i64, String, Option<DateTime<Utc>>, Option<NaiveDate>);

async fn loans(tx: &mut Tx) -> Result<Vec<Cells>, StorageError> {
    let rows = fetch_all!(
        tx,
        LoanRow,
        "select i.barcode, p.card_number, l.due_on, l.lent_at, l.renewals, l.place, l.return_said_at, l.reminded_on
         from loan l join item i on i.id = l.item_id join patron p on p.id = l.patron_id where l.returned_at is null"
    )?;
    let cells = |(barcode, card, due_on, lent_at, renewals, place, said, reminded): LoanRow| {
        vec![
            barcode,
            card,
            due_on.to_string(),
            moment(lent_at),
            renewals.to_string(),
            place,
            or_empty(said.map(moment)),
            or_empty(reminded),
        ]
    };
    let mut rows: Vec<Cells> = rows.into_iter().map(cells).collect();
    rows.sort_by(|a, b| a[0].cmp(&b[0]));
    Ok(rows)
}

/// An ordered set as it is written beside each of its members.
struct Set {
    /// A number that follows from the order of the rows, as the id would not.
    number: usize,
    made_at: DateTime<Utc>,
    paused_on: Option<NaiveDate>,
}

/// A reservation: its id, what names its title and patron, what is known of it, and its place in a set.
type ReservationRow = (
    Uuid,
    String,
    String,
    String,
    String,
    DateTime<Utc>,
    String,
    String,
    String,
    DateTime<Utc>,
    Option<String>,
    Option<NaiveDate>,
    bool,
    Option<String>,
    Option<Uuid>,
    Option<i64>,
);

/// Words of [`Contact`].
const NOBODY: &str = Contact::None.as_str();
const TELEPHONE: &str = Contact::Telephone.as_str();

/// How somebody is told is written as it will be done: who has no confirmed address any more is telephoned (R14).
async fn reservations(tx: &mut Tx, policy: &Policy) -> Result<Vec<Cells>, StorageError> {
    let mut rows = fetch_all!(
        &mut *tx,
        ReservationRow,
        "select r.id, b.source, b.source_key, p.label, o.card_number, r.placed_at, r.pickup_place,
                case when r.contact <> 'mail' or (o.ready_mail = 1 and o.mail1 is not null and o.mail1_confirmed)
                    or (o.ready_mail = 2 and o.mail2 is not null and o.mail2_confirmed) then r.contact
                    else 'telephone' end,
                r.state, r.since, i.barcode, r.hold_until, r.hold_extended, r.request_step, r.set_id, r.set_ordinal
         from reservation r join part p on p.id = r.part_id join bib b on b.id = p.bib_id
         join patron o on o.id = r.patron_id left join item i on i.id = r.item_id
         where r.state not in ('lent', 'cancelled')"
    )?;
    rows.sort_by(|a, b| (&a.1, &a.2, &a.3, a.5, a.0).cmp(&(&b.1, &b.2, &b.3, b.5, b.0)));
    let gaps = gaps(tx).await?;
    let mut sets = sets(tx).await?;
    let mut numbered = 0;
    let mut cells = Vec::with_capacity(rows.len());
    for row in rows {
        let (_, source, key, label, card, placed_at, place, contact, state, since, barcode, hold_until, ..) = row;
        let (.., extended, step, set, ordinal) = row;
        let state: ReservationState =
            state.parse().map_err(|error| StorageError::corrupt("reservation state", error))?;
        let mut written = vec![
            source,
            key,
            label,
            card,
            moment(placed_at),
            place,
            if contact == NOBODY && !policy.reservations.contact_none { TELEPHONE.to_owned() } else { contact },
            state.to_string(),
            // Since when it waits follows from when it was placed.
            if names_a_copy(state) { moment(since) } else { String::new() },
            barcode.unwrap_or_default(),
            or_empty(hold_until),
            extended.to_string(),
            step.unwrap_or_default(),
        ];
        match set.and_then(|id| Some((id, sets.get_mut(&id)?))) {
            None => written.extend(vec![String::new(); 5]),
            Some((id, set)) => {
                if set.number == 0 {
                    numbered += 1;
                    set.number = numbered;
                }
                let gaps: Vec<String> = gaps.get(&id).into_iter().flatten().map(i64::to_string).collect();
                written.extend([
                    set.number.to_string(),
                    or_empty(ordinal),
                    moment(set.made_at),
                    or_empty(set.paused_on),
                    gaps.join(" "),
                ]);
            }
        }
        cells.push(written);
    }
    Ok(cells)
}

async fn sets(tx: &mut Tx) -> Result<HashMap<Uuid, Set>, StorageError> {
    let rows =
        fetch_all!(tx, (Uuid, DateTime<Utc>, Option<NaiveDate>), "select id, made_at, paused_on from ordered_set")?;
    Ok(rows.into_iter().map(|(id, made_at, paused_on)| (id, Set { number: 0, made_at, paused_on })).collect())
}

/// The places of sets that count as lent: those whose titles came back, and those that are on loan now.
async fn gaps(tx: &mut Tx) -> Result<BTreeMap<Uuid, BTreeSet<i64>>, StorageError> {
    let rows = fetch_all!(
        tx,
        (Uuid, i64),
        "select set_id, set_ordinal from set_gap
         union all select set_id, set_ordinal from reservation where state = 'lent' and set_id is not null"
    )?;
    let mut gaps: BTreeMap<Uuid, BTreeSet<i64>> = BTreeMap::new();
    for (set, ordinal) in rows {
        gaps.entry(set).or_default().insert(ordinal);
    }
    Ok(gaps)
}
