//! What the desk sees of titles the library does not own, and of copies other libraries lent.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    BibId, PartId, PatronId, PlaceCode, ReservationId,
    circulation::{BorrowedView, RequestView},
};
use uuid::Uuid;

use crate::{
    Fault, Library,
    catalog::{Title, part_facts},
    storage::{StorageError, fetch_all},
};

type RequestRow = (Uuid, Uuid, DateTime<Utc>, String, Option<String>, Uuid, String);
type BorrowedRow = (String, Uuid, Option<String>, Option<NaiveDate>, String, Option<String>, String);

impl Library {
    /// The titles that were entered for patrons and are not had yet, the oldest first.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn open_requests(&self) -> Result<Vec<RequestView>, Fault> {
        let mut tx = self.database().begin_read().await?;
        let rows = fetch_all!(
            &mut tx,
            RequestRow,
            "select r.id, r.part_id, r.placed_at, r.pickup_place, r.request_step, p.id, p.name
             from reservation r join patron p on p.id = r.patron_id
             where r.state = 'not-owned' order by r.placed_at, r.id"
        )?;
        let parts: Vec<PartId> = rows.iter().map(|row| PartId(row.1)).collect();
        let titles = part_facts(&mut tx, &parts).await?;
        let mut views = Vec::with_capacity(rows.len());
        for (id, part, placed_at, place, step, patron, name) in rows {
            let (bib, title, creators) = named(&titles, PartId(part));
            views.push(RequestView {
                id: ReservationId(id),
                bib,
                title,
                creators,
                step: step
                    .unwrap_or_default()
                    .parse()
                    .map_err(|error| StorageError::corrupt("step of a request", error))?,
                placed_on: self.day_of(placed_at),
                pickup_place: PlaceCode(place),
                patron: PatronId(patron),
                name,
            });
        }
        Ok(views)
    }

    /// The copies other libraries lent us that are not back there yet, the first due first. Once such a copy was sent
    /// off, it is taken out of the stock as any other ([`Library::write_off`]).
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn borrowed_copies(&self) -> Result<Vec<BorrowedView>, Fault> {
        let mut tx = self.database().begin_read().await?;
        let rows = fetch_all!(
            &mut tx,
            BorrowedRow,
            "select barcode, part_id, lender, lender_due_on, branch, place, state from item
             where lender is not null and state <> 'withdrawn' order by lender_due_on, barcode"
        )?;
        let parts: Vec<PartId> = rows.iter().map(|row| PartId(row.1)).collect();
        let titles = part_facts(&mut tx, &parts).await?;
        let mut views = Vec::with_capacity(rows.len());
        for (barcode, part, lender, due_on, branch, place, state) in rows {
            views.push(BorrowedView {
                barcode,
                title: named(&titles, PartId(part)).1,
                lender: lender.unwrap_or_default(),
                due_on,
                place: PlaceCode(place.unwrap_or(branch)),
                state: state.parse().map_err(|error| StorageError::corrupt("item state", error))?,
            });
        }
        Ok(views)
    }
}

/// Bib, title and creators of a part.
fn named(titles: &[Title], part: PartId) -> (Option<BibId>, String, String) {
    let found = titles.iter().find_map(|title| Some((title, title.parts.iter().find(|of| of.id == part)?)));
    found.map_or_else(Default::default, |(title, part)| (Some(title.id), title.part_title(part), title.creators()))
}
