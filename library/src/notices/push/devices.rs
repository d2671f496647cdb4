//! The devices patrons want to be told on.

use chrono::{DateTime, NaiveDate, Utc};
use data_encoding::{BASE64URL, BASE64URL_NOPAD};
use domain::{
    PatronId,
    notices::{DeviceRefusal, DeviceView, MOST_DEVICES},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Device, PushSettings, seal::POINT};
use crate::{
    Fault, Library,
    clock::new_id,
    notices::DoorMail,
    storage::{StorageError, Tx, execute, fetch_all, fetch_one, fetch_optional, in_write},
};

/// Longest address of a device.
const LONGEST: usize = 1000;

/// What a browser answers: `PushSubscription.toJSON()`.
#[derive(Deserialize)]
struct Subscription {
    endpoint: String,
    keys: Keys,
}

#[derive(Deserialize)]
struct Keys {
    p256dh: String,
    auth: String,
}

/// A device, for whom it belongs to.
#[derive(Serialize)]
pub struct OwnDevice {
    /// Browser and system in a few words.
    pub browser: String,
    /// The address at its push service.
    pub endpoint: String,
    /// Whether titles are shown.
    pub titles: bool,
    /// Since which day.
    pub made: NaiveDate,
}

type DeviceRow = (Uuid, String, Vec<u8>, Vec<u8>, bool);
type OwnRow = (Uuid, String, String, bool, DateTime<Utc>);

impl Library {
    /// Takes a device that shall get the ready notice, and tells its patron by mail that it is a new one: it may have been added
    /// by somebody who found a telephone signed in. One that is known already is told for whoever says so last, who holds it in
    /// their hands.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn add_device(
        &self,
        patron: PatronId,
        settings: &PushSettings,
        answer: &str,
        (browser, titles): (&str, bool),
    ) -> Result<Result<(), DeviceRefusal>, Fault> {
        let Some((endpoint, public_key, auth)) = read(answer).filter(|(endpoint, ..)| settings.allows(endpoint)) else {
            return Ok(Err(DeviceRefusal::Unknown));
        };
        let now = self.now();
        let added = in_write!(self.database(), |tx| {
            async {
            // Two devices of one patron wait here for each other.
            execute!(&mut *tx, "update patron set revision = revision + 1 where id = $1", patron.0)?;
            let (others,) = fetch_one!(
                &mut *tx,
                (i64,),
                "select count(*) from push_device where patron_id = $1 and endpoint <> $2",
                patron.0,
                &endpoint
            )?;
            if usize::try_from(others).unwrap_or(usize::MAX) >= MOST_DEVICES {
                return Ok(Err(DeviceRefusal::TooMany));
            }
            let sql = "select id from push_device where endpoint = $1 and patron_id = $2";
            let is_new = fetch_optional!(&mut *tx, (Uuid,), sql, &endpoint, patron.0)?.is_none();
            execute!(
                &mut *tx,
                "insert into push_device (id, patron_id, endpoint, public_key, auth, browser, titles, made_at)
                 values ($1, $2, $3, $4, $5, $6, $7, $8)
                 on conflict (endpoint) do update set patron_id = excluded.patron_id, public_key = excluded.public_key,
                     auth = excluded.auth, browser = excluded.browser, titles = excluded.titles, made_at = excluded.made_at",
                new_id(now),
                patron.0,
                &endpoint,
                &public_key,
                &auth,
                browser,
                titles,
                now
            )?;
            if is_new {
                self.tell_holder(tx, patron, DoorMail::DeviceAdded).await?;
            }
            Ok::<_, Fault>(Ok(()))
        }
        .await
        })?;
        self.outbox_bell().notify_one();
        Ok(added)
    }

    /// The devices of a patron, the oldest first.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn devices(&self, patron: PatronId) -> Result<Vec<DeviceView>, Fault> {
        let mut tx = self.database().begin_read().await?;
        let rows = rows(&mut tx, patron).await?;
        let view = |(id, _, browser, titles, made): OwnRow| DeviceView {
            key: id.simple().to_string(),
            browser,
            titles,
            made: self.day_of(made),
        };
        Ok(rows.into_iter().map(view).collect())
    }

    /// Takes a device of this patron away. Answers whether there was one.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn remove_device(&self, patron: PatronId, key: &str) -> Result<bool, Fault> {
        let Ok(id) = key.parse::<Uuid>() else { return Ok(false) };
        let gone = in_write!(self.database(), |tx| execute!(
            tx,
            "delete from push_device where id = $1 and patron_id = $2",
            id,
            patron.0
        )
        .map_err(Fault::from))?;
        Ok(gone == 1)
    }

    pub(super) async fn devices_of(&self, patron: PatronId) -> Result<Vec<Device>, Fault> {
        let mut tx = self.database().begin_read().await?;
        let rows = fetch_all!(
            &mut tx,
            DeviceRow,
            "select id, endpoint, public_key, auth, titles from push_device where patron_id = $1 order by made_at, id",
            patron.0
        )?;
        let device = |(id, endpoint, public_key, auth, titles)| Device { id, endpoint, public_key, auth, titles };
        Ok(rows.into_iter().map(device).collect())
    }

    /// Its push service says that there is no such device any more.
    pub(super) async fn forget_device(&self, device: Uuid) -> Result<(), Fault> {
        in_write!(self.database(), |tx| execute!(tx, "delete from push_device where id = $1", device)
            .map_err(Fault::from))?;
        Ok(())
    }
}

/// All that is kept of a patron's devices, for themselves.
pub(crate) async fn own_devices(
    library: &Library,
    tx: &mut Tx,
    patron: PatronId,
) -> Result<Vec<OwnDevice>, StorageError> {
    let own = |(_, endpoint, browser, titles, made): OwnRow| OwnDevice {
        browser,
        endpoint,
        titles,
        made: library.day_of(made),
    };
    Ok(rows(tx, patron).await?.into_iter().map(own).collect())
}

/// Forgets them, and what was to be told there. Answers how many there were.
pub(crate) async fn forget_devices(tx: &mut Tx, patron: PatronId) -> Result<u64, StorageError> {
    let gone = execute!(&mut *tx, "delete from push_device where patron_id = $1", patron.0)?;
    execute!(tx, "delete from outbox where patron_id = $1 and channel = 'push' and sent_at is null", patron.0)?;
    Ok(gone)
}

async fn rows(tx: &mut Tx, patron: PatronId) -> Result<Vec<OwnRow>, StorageError> {
    fetch_all!(
        tx,
        OwnRow,
        "select id, endpoint, browser, titles, made_at from push_device where patron_id = $1 order by made_at, id",
        patron.0
    )
}

/// Address, public key and shared secret of a subscription.
fn read(answer: &str) -> Option<(String, Vec<u8>, Vec<u8>)> {
    let Subscription { endpoint, keys } = serde_json::from_str(answer).ok()?;
    let bytes =
        |text: &str| BASE64URL_NOPAD.decode(text.as_bytes()).or_else(|_| BASE64URL.decode(text.as_bytes())).ok();
    let (public_key, auth) = (bytes(&keys.p256dh)?, bytes(&keys.auth)?);
    // 4 stands before a point that is not compressed.
    let sound =
        endpoint.len() <= LONGEST && public_key.len() == POINT && public_key.first() == Some(&4) && auth.len() == 16;
    sound.then_some((endpoint, public_key, auth))
}
