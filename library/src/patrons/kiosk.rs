//! Kiosks: which devices are some, and that they stay so until staff take it back.

use chrono::{DateTime, Utc};
use domain::{
    KioskId, PlaceCode,
    patrons::{Deed, KioskView, read_kiosk_name},
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    Fault, Library,
    clock::new_id,
    storage::{execute, fetch_all, fetch_optional, in_write},
};

impl Library {
    /// Makes a kiosk of the device that keeps the token which is answered; it stands nowhere else. `None` when it can't
    /// be called so, or the place is none of the library's.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn register_kiosk(&self, name: &str, place: &PlaceCode) -> Result<Option<String>, Fault> {
        let Some(name) = read_kiosk_name(name).filter(|_| self.policy().place(place).is_some()) else {
            return Ok(None);
        };
        let bits: [u8; 16] = rand::random();
        let token = bits.map(|byte| format!("{byte:02x}")).concat();
        in_write!(self.database(), |tx| async {
            execute!(
                &mut *tx,
                "insert into kiosk (id, name, place, token_hash, registered_at) values ($1, $2, $3, $4, $5)",
                new_id(self.now()),
                &name,
                &place.0,
                hashed(&token),
                self.now()
            )?;
            self.audit(tx, Deed::KioskRegistered, None, Some(&name)).await?;
            Ok::<_, Fault>(())
        }
        .await)?;
        Ok(Some(token))
    }

    /// The kiosks, by place and name.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn kiosks(&self) -> Result<Vec<KioskView>, Fault> {
        let mut tx = self.database().begin_read().await?;
        let rows = fetch_all!(
            &mut tx,
            (Uuid, String, String, DateTime<Utc>),
            "select id, name, place, registered_at from kiosk"
        )?;
        let view = |(id, name, place, registered)| KioskView {
            id: KioskId(id),
            name,
            place: PlaceCode(place),
            registered: self.day_of(registered),
        };
        let mut kiosks: Vec<_> = rows.into_iter().map(view).collect();
        kiosks.sort_by(|one, other| (&one.place, &one.name).cmp(&(&other.place, &other.name)));
        Ok(kiosks)
    }

    /// The device is a kiosk no more. Answers whether it was one.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn remove_kiosk(&self, id: KioskId) -> Result<bool, Fault> {
        in_write!(self.database(), |tx| async {
            let row = fetch_optional!(&mut *tx, (String,), "delete from kiosk where id = $1 returning name", id.0)?;
            let Some((name,)) = row else { return Ok::<_, Fault>(false) };
            self.audit(tx, Deed::KioskRemoved, None, Some(&name)).await?;
            Ok(true)
        }
        .await)
    }

    /// The name of the kiosk whose device keeps this token. `None` when it is none.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn kiosk(&self, token: &str) -> Result<Option<String>, Fault> {
        let mut tx = self.database().look().await?;
        let row = fetch_optional!(&mut tx, (String,), "select name from kiosk where token_hash = $1", hashed(token))?;
        Ok(row.map(|(name,)| name))
    }
}

fn hashed(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}
