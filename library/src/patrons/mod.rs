//! Card holders and staff: who they are and how they sign in.

mod cards;
mod door;
mod erase_own;
mod factor;
mod find;
mod guess;
mod issue;
mod kiosk;
mod own_data;
mod passwords;
mod sign_in;
mod staff;

use domain::{
    PatronId,
    messages::Language,
    patrons::{Account, CardState, card_number},
};
use uuid::Uuid;

use crate::{
    Fault, Library,
    storage::{StorageError, Tx, execute, fetch_optional, in_write},
};

pub(crate) use door::link_is_open;
pub use factor::{code_of, new_secret};
pub use guess::Origin;
pub use own_data::{OwnCard, OwnData, OwnList, OwnMail, OwnPasskey, OwnSentMail, OwnSession};
pub(crate) use passwords::{Hashing, hash_password};

impl Library {
    /// Remembers the language a patron chose, for what is mailed to them.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn choose_language(&self, patron: PatronId, language: Language) -> Result<(), Fault> {
        in_write!(self.database(), |tx| execute!(
            tx,
            "update patron set language = $2 where id = $1 and (language is null or language <> $2)",
            patron.0,
            language.code()
        )
        .map_err(Fault::from))?;
        Ok(())
    }

    /// The account of a patron. `None` when there is no such patron any more.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn account(&self, patron: PatronId) -> Result<Option<Account>, Fault> {
        let mut tx = self.database().look().await?;
        Ok(account(&mut tx, patron).await?)
    }

    /// The number on a patron's card. `None` when there is no such patron any more.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn own_card_number(&self, patron: PatronId) -> Result<Option<String>, Fault> {
        let mut tx = self.database().look().await?;
        let row = fetch_optional!(&mut tx, (String,), "select card_number from patron where id = $1", patron.0)?;
        Ok(row.map(|(number,)| number))
    }

    /// Whose card this is; the number may be typed as people type it. `None` when nobody has it.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn patron_by_card(&self, typed: &str) -> Result<Option<PatronId>, Fault> {
        let mut tx = self.database().look().await?;
        let card = card_number(typed);
        let row = fetch_optional!(&mut tx, (Uuid,), "select id from patron where card_number = $1", &card)?;
        Ok(row.map(|(id,)| PatronId(id)))
    }
}

type AccountRow = (String, String, i64, Option<String>, bool, Option<String>, bool, i64, bool);

/// The account of a patron.
pub(crate) async fn account(tx: &mut Tx, patron: PatronId) -> Result<Option<Account>, StorageError> {
    let row = fetch_optional!(
        tx,
        AccountRow,
        "select name, card_state, ready_mail, mail1, mail1_confirmed, mail2, mail2_confirmed, generation,
             mail1_refused_at is not null or mail2_refused_at is not null
         from patron where id = $1",
        patron.0
    )?;
    let Some((name, card, ready_mail, mail1, confirmed1, mail2, confirmed2, generation, mail_refused)) = row else {
        return Ok(None);
    };
    let card: CardState = card.parse().map_err(|error| StorageError::corrupt("card state", error))?;
    let (address, confirmed) = if ready_mail == 2 { (mail2, confirmed2) } else { (mail1, confirmed1) };
    let ready_mail = address.filter(|_| confirmed);
    Ok(Some(Account { id: patron, name, card, ready_mail, mail_refused, generation }))
}
