//! Finding cards at the desk: by number, name, reading and telephone.

use chrono::NaiveDate;
use domain::{
    PatronId,
    patrons::{CardSummary, CardsFound, card_keys, card_number, card_query},
    text::reading_sort_key,
};
use uuid::Uuid;

use crate::{
    Fault, Library,
    storage::{StorageError, Tx, execute, fetch_all, fetch_in, fetch_optional, in_write},
};

/// How many cards a list shows; who is not among them is looked for with one word more.
const SHOWN: usize = 50;

/// How many keys are looked at; a card may have several that begin alike.
const LOOKED_AT: i64 = 300;

/// For how many cards keys are written in one transaction.
const BATCH: i64 = 200;

type CardRow = (Uuid, String, String, String, NaiveDate, String, String);

impl Library {
    /// The cards whose number, name, reading or telephone number begins as typed; a name also by its later words, a
    /// telephone number also without what people leave out.
    ///
    /// # Errors
    /// When the database can't be read, or new cards' keys can't be written.
    pub async fn find_cards(&self, typed: &str) -> Result<CardsFound, Fault> {
        self.key_new_cards().await?;
        let mut tx = self.database().begin_read().await?;
        let replaced = replaced_by(&mut tx, typed).await?;
        let mut ids = match (replaced, card_query(typed)) {
            (Some(holder), _) => vec![holder],
            (None, Some(query)) => keyed(&mut tx, &query).await?,
            (None, None) => Vec::new(),
        };
        ids.sort_unstable();
        ids.dedup();
        let mut cards = summaries(&mut tx, &ids).await?;
        cards.sort_by_cached_key(|card| (reading_sort_key(&card.kana), card.number.clone()));
        let more = cards.len() > SHOWN;
        cards.truncate(SHOWN);
        Ok(CardsFound { cards, more, replaced: replaced.is_some() })
    }

    /// Whether the number was on a card that was replaced. For the desk only: to nobody else is said whether a card
    /// exists.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn was_card_replaced(&self, typed: &str) -> Result<bool, Fault> {
        let mut tx = self.database().begin_read().await?;
        Ok(replaced_by(&mut tx, typed).await?.is_some())
    }

    /// Writes the keys of cards that came in by an import or another way that knows nothing of them.
    async fn key_new_cards(&self) -> Result<(), Fault> {
        loop {
            let mut tx = self.database().begin_read().await?;
            let unkeyed = fetch_all!(&mut tx, (Uuid,), "select id from patron where keyed is null limit $1", BATCH)?;
            drop(tx);
            if unkeyed.is_empty() {
                return Ok(());
            }
            let mut ids: Vec<PatronId> = unkeyed.into_iter().map(|(id,)| PatronId(id)).collect();
            ids.sort_unstable();
            in_write!(self.database(), |tx| async {
                for id in &ids {
                    write_keys(tx, *id).await?;
                }
                Ok::<_, Fault>(())
            }
            .await)?;
        }
    }
}

/// Writes what a card is found by.
pub(super) async fn write_keys(tx: &mut Tx, patron: PatronId) -> Result<(), StorageError> {
    let row = fetch_optional!(
        &mut *tx,
        (String, String, String, String),
        "update patron set keyed = true where id = $1 returning card_number, name, name_kana, telephone",
        patron.0
    )?;
    let Some((number, name, kana, telephone)) = row else { return Ok(()) };
    execute!(&mut *tx, "delete from patron_key where patron_id = $1", patron.0)?;
    for key in card_keys(&number, &name, &kana, &telephone) {
        execute!(&mut *tx, "insert into patron_key (key, patron_id) values ($1, $2)", key.into_bytes(), patron.0)?;
    }
    Ok(())
}

/// Who holds the card that came in place of the one with this number.
pub(super) async fn replaced_by(tx: &mut Tx, typed: &str) -> Result<Option<PatronId>, StorageError> {
    let row =
        fetch_optional!(tx, (Uuid,), "select patron_id from replaced_card where card_number = $1", card_number(typed))?;
    Ok(row.map(|(id,)| PatronId(id)))
}

async fn keyed(tx: &mut Tx, query: &str) -> Result<Vec<PatronId>, StorageError> {
    let from = query.as_bytes().to_vec();
    // No text has this byte, so every key that begins so is smaller.
    let until = [from.as_slice(), &[0xFF]].concat();
    let rows = fetch_all!(
        tx,
        (Uuid,),
        "select patron_id from patron_key where key >= $1 and key < $2 order by key, patron_id limit $3",
        from,
        until,
        LOOKED_AT
    )?;
    Ok(rows.into_iter().map(|(id,)| PatronId(id)).collect())
}

/// These cards, in no order.
pub(super) async fn summaries(tx: &mut Tx, ids: &[PatronId]) -> Result<Vec<CardSummary>, StorageError> {
    let rows = fetch_in!(
        tx,
        CardRow,
        ["select id, card_number, name, name_kana, birth_date, telephone, card_state from patron where id in ", ""],
        ids
    )?;
    rows.into_iter()
        .map(|(id, number, name, kana, birth_date, telephone, card)| {
            let card = card.parse().map_err(|error| StorageError::corrupt("card state", error))?;
            Ok(CardSummary { id: PatronId(id), number, name, kana, birth_date, telephone, card })
        })
        .collect()
}
