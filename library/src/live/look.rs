//! Looking at what is watched.

use std::time::Duration;

use domain::{
    PlaceCode, StaffId,
    circulation::{DeskList, DeskRoom},
};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Topic, topic::Seen};
use crate::{Fault, Library, storage::StorageError};

/// The pause after a look, in which what is touched waits for the next: nobody sees it, and one title everybody waits for
/// does not keep the database busy. Lists of the desk are longer.
const PAUSE: Duration = Duration::from_millis(100);
const PAUSE_AT_DESK: Duration = Duration::from_millis(300);

/// The pause after a look that failed.
const AFTER_FAULT: Duration = Duration::from_secs(1);

impl Library {
    /// A topic was touched: it is looked at as soon as may be. Each is looked at by one task at a time.
    pub(super) fn stir(&self, topic: &Topic) {
        if self.live().hub().stir(topic) {
            tokio::spawn(look_until_quiet(self.clone(), topic.clone()));
        }
    }

    /// The present state of a topic, and then, so that no session that ended before it is told of it, who is signed in.
    async fn see(&self, topic: &Topic, staff: &[StaffId]) -> Result<Seen, Fault> {
        let at = self.time_of_day();
        match topic {
            Topic::Patron(patron) => {
                let views = self.reservations(*patron).await?;
                let shown = written(&views)?;
                let sessions = self.sessions_of_patrons(&[*patron]).await?.into_iter().map(|(_, one)| one).collect();
                Ok(Seen {
                    version: version(&shown),
                    fields: shown,
                    bibs: views.iter().map(|view| view.bib).collect(),
                    sessions,
                    at,
                })
            }
            Topic::Desk(place, room) => {
                let fields = self.desk_fields(place, *room).await?;
                let sessions = self.sessions_of_staff(staff).await?;
                Ok(Seen { version: version(&fields), fields, bibs: Vec::new(), sessions, at })
            }
        }
    }

    async fn desk_fields(&self, place: &PlaceCode, room: DeskRoom) -> Result<String, Fault> {
        match room {
            DeskRoom::Today => fields(self.desk_counts(place).await?),
            DeskRoom::Pulls => fields(self.pull_list(place).await?),
            DeskRoom::Holds => fields(self.hold_shelf(place).await?),
            DeskRoom::Transit => fields(self.transit(place).await?),
            DeskRoom::Telephone => fields(self.telephone_list(place).await?),
            DeskRoom::Decisions => fields(self.decisions(place).await?),
            DeskRoom::Letters => fields(self.overdue_letters(place).await?),
        }
    }
}

/// Looks, and again as long as something was touched meanwhile.
async fn look_until_quiet(library: Library, topic: Topic) {
    let live = library.live();
    let pause = if matches!(topic, Topic::Desk(..)) { PAUSE_AT_DESK } else { PAUSE };
    loop {
        // It is never closed.
        let permit = live.looks.acquire().await;
        let Some((look, staff)) = live.hub().begin_look(&topic) else { return };
        let seen = library.see(&topic, &staff).await;
        drop(permit);
        match seen {
            Ok(seen) => {
                live.hub().end_look(&topic, look, seen);
                tokio::time::sleep(pause).await;
            }
            // Whoever watched is gone.
            Err(error) if error.is_of_the_end() => return,
            Err(error) => {
                tracing::error!(%error, "looking at what is watched");
                tokio::time::sleep(AFTER_FAULT).await;
                live.hub().stir(&topic);
            }
        }
        if !live.hub().looks_again(&topic) {
            return;
        }
    }
}

/// What a list and its counts are, without the id and the time that stand before them.
fn fields<T: Serialize>(of: DeskList<T>) -> Result<String, Fault> {
    let DeskList { counts, list, .. } = of;
    Ok(written(&(counts, list))?)
}

fn written<T: Serialize>(value: &T) -> Result<String, StorageError> {
    wire::write(value).map_err(|error| StorageError::corrupt("state", error))
}

/// Alike where states are alike: half a hash is more than enough to tell those of one topic apart.
fn version(state: &str) -> String {
    Sha256::digest(state).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
