//! How much there is to do at a place, for the head of every list.

use domain::{
    PlaceCode,
    circulation::{DeskCounts, DeskList},
};

use crate::{
    Fault, Library,
    notices::{backlog, telephone_list},
    storage::{Tx, fetch_one},
};

impl Library {
    /// How much there is to do at a place.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn desk_counts(&self, here: &PlaceCode) -> Result<DeskList<()>, Fault> {
        let mut tx = self.database().begin_read().await?;
        let counts = self.counts(&mut tx, here).await?;
        Ok(self.desk_list(counts, ()))
    }

    pub(crate) async fn counts(&self, tx: &mut Tx, here: &PlaceCode) -> Result<DeskCounts, Fault> {
        let (pulls, to_clear) = fetch_one!(
            &mut *tx,
            (i64, i64),
            "select (select count(*) from reservation r join item i on i.id = r.item_id
                 where r.state = 'assigned' and i.state = 'on-shelf' and coalesce(i.place, i.branch) = $1),
                (select count(*) from item i where i.place = $1 and i.state = 'on-hold-shelf'
                 and not exists (select 1 from reservation r where r.item_id = i.id))",
            &here.0
        )?;
        Ok(DeskCounts {
            pulls: small(pulls),
            to_clear: small(to_clear),
            late: small(self.travelling(tx, here).await?.late()),
            to_telephone: small(telephone_list(self, tx, here).await?.to_call.len()),
            decisions: small(self.decisions_in(tx, here).await?.count()),
            mail_stuck: Some(backlog(self, tx).await?).filter(|backlog| backlog.is_stuck()),
        })
    }

    /// A list as a page shows it.
    pub(crate) fn desk_list<T>(&self, counts: DeskCounts, list: T) -> DeskList<T> {
        DeskList { op: self.new_op(), at: self.time_of_day(), counts, list }
    }
}

/// A count; more than four thousand million does not happen.
fn small<N: TryInto<u32>>(count: N) -> u32 {
    count.try_into().unwrap_or(u32::MAX)
}
