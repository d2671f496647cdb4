//! Cards given out, corrected, and replaced when they are lost.

use chrono::{DateTime, Utc};
use domain::{
    OpId, PatronId,
    patrons::{CardDetails, CardForm, CardPage, CardProblem, Deed, MailOfCard, read_card, read_card_number},
};
use uuid::Uuid;

use super::find::{replaced_by, summaries, write_keys};
use crate::{
    Fault, Library,
    events::{ActorRole, Event, EventKind, record},
    notices::forget_devices,
    sessions::end_sessions,
    storage::{StorageError, Tx, execute, fetch_optional, in_write},
};

type MailRow = (Option<String>, bool, Option<DateTime<Utc>>, Option<String>, bool, Option<DateTime<Utc>>, i64);

impl Library {
    /// A card as the desk sees it: the person, what is on loan and what is reserved. `None` when there is no such.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn card_page(&self, patron: PatronId) -> Result<Option<CardPage>, Fault> {
        let mut tx = self.database().begin_read().await?;
        let Some(card) = summaries(&mut tx, &[patron]).await?.pop() else { return Ok(None) };
        let row = fetch_optional!(
            &mut tx,
            MailRow,
            "select mail1, mail1_confirmed, mail1_refused_at, mail2, mail2_confirmed, mail2_refused_at, ready_mail
             from patron where id = $1",
            patron.0
        )?;
        drop(tx);
        let Some((mail1, confirmed1, refused1, mail2, confirmed2, refused2, ready)) = row else { return Ok(None) };
        let mail = |address: Option<String>, confirmed, refused: Option<DateTime<Utc>>, ready| {
            let refused_on = refused.map(|at| self.day_of(at));
            address.map(|address| MailOfCard { address, confirmed, ready, refused_on })
        };
        Ok(Some(CardPage {
            card,
            mails: [mail(mail1, confirmed1, refused1, ready != 2), mail(mail2, confirmed2, refused2, ready == 2)],
            loans: self.loans(patron).await?,
            reservations: self.reservations(patron).await?,
            held: self.card_wait(patron).await?,
        }))
    }

    /// Gives out a card. The same request again, by its `op`, makes no second one.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn issue_card(&self, op: OpId, form: &CardForm) -> Result<Result<PatronId, Vec<CardProblem>>, Fault> {
        let card = match read_card(form, self.today()) {
            Ok(card) => card,
            Err(problems) => return Ok(Err(problems)),
        };
        // The request's id becomes the patron's, so that the same request finds what it made.
        let patron = PatronId(op.0);
        in_write!(self.database(), |tx| self.issue_in(tx, patron, &card).await)
    }

    async fn issue_in(
        &self,
        tx: &mut Tx,
        patron: PatronId,
        card: &CardDetails,
    ) -> Result<Result<PatronId, Vec<CardProblem>>, Fault> {
        let made = fetch_optional!(&mut *tx, (String,), "select card_number from patron where id = $1", patron.0)?;
        if made.is_some_and(|(number,)| number == card.number) {
            return Ok(Ok(patron));
        }
        if let Some(problem) = taken(tx, &card.number).await? {
            return Ok(Err(vec![problem]));
        }
        execute!(
            &mut *tx,
            "insert into patron (id, card_number, name, name_kana, birth_date, telephone, mail1, mail1_confirmed, mail2,
                 mail2_confirmed, ready_mail, card_state, revision)
             values ($1, $2, $3, $4, $5, $6, $7, false, $8, false, $9, 'active', 0)",
            patron.0,
            &card.number,
            &card.name,
            &card.kana,
            card.birth_date,
            &card.telephone,
            card.mail1.as_deref(),
            card.mail2.as_deref(),
            ready_mail(card)
        )?;
        write_keys(tx, patron).await?;
        record(tx, Event::of(EventKind::CardIssued, ActorRole::Staff, self.now())).await?;
        self.audit(tx, Deed::CardIssued, Some(patron), None).await?;
        Ok(Ok(patron))
    }

    /// Corrects what is kept of a card. An address stays confirmed only if it stays the same; a number is changed by
    /// [`Library::replace_card`] alone.
    ///
    /// # Errors
    /// When the database can't be written, or there is no such patron.
    pub async fn edit_card(&self, patron: PatronId, form: &CardForm) -> Result<Result<(), Vec<CardProblem>>, Fault> {
        let card = match read_card(form, self.today()) {
            Ok(card) => card,
            Err(problems) => return Ok(Err(problems)),
        };
        in_write!(self.database(), |tx| self.edit_in(tx, patron, &card).await).map(Ok)
    }

    async fn edit_in(&self, tx: &mut Tx, patron: PatronId, card: &CardDetails) -> Result<(), Fault> {
        let changed = execute!(
            &mut *tx,
            "update patron set name = $2, name_kana = $3, birth_date = $4, telephone = $5,
                 mail1_confirmed = (mail1_confirmed and coalesce(mail1 = $6, false))
                     or (mail2_confirmed and coalesce(mail2 = $6, false)),
                 mail2_confirmed = (mail2_confirmed and coalesce(mail2 = $7, false))
                     or (mail1_confirmed and coalesce(mail1 = $7, false)),
                 mail1_refused_at = case when mail1 = $6 then mail1_refused_at when mail2 = $6 then mail2_refused_at end,
                 mail2_refused_at = case when mail2 = $7 then mail2_refused_at when mail1 = $7 then mail1_refused_at end,
                 mail1 = $6, mail2 = $7, ready_mail = $8, revision = revision + 1
             where id = $1",
            patron.0,
            &card.name,
            &card.kana,
            card.birth_date,
            &card.telephone,
            card.mail1.as_deref(),
            card.mail2.as_deref(),
            ready_mail(card)
        )?;
        if changed == 0 {
            return Err(Fault::AccountGone);
        }
        write_keys(tx, patron).await?;
        record(tx, Event::of(EventKind::CardEdited, ActorRole::Staff, self.now())).await?;
        self.audit(tx, Deed::CardEdited, Some(patron), None).await?;
        Ok(())
    }

    /// Gives a patron a card with a new number in place of one that was lost. Loans, reservations and the password
    /// follow; the old number opens nothing any more, whoever was signed in has to do it again, and no device is told of anything.
    /// The same number again changes nothing.
    ///
    /// # Errors
    /// When the database can't be written, or there is no such patron.
    pub async fn replace_card(&self, patron: PatronId, typed: &str) -> Result<Result<(), CardProblem>, Fault> {
        let number = match read_card_number(typed) {
            Ok(number) => number,
            Err(problem) => return Ok(Err(problem)),
        };
        in_write!(self.database(), |tx| self.replace_in(tx, patron, &number).await)
    }

    async fn replace_in(&self, tx: &mut Tx, patron: PatronId, number: &str) -> Result<Result<(), CardProblem>, Fault> {
        let now = self.now();
        let row = fetch_optional!(
            &mut *tx,
            (String,),
            "update patron set revision = revision + 1 where id = $1 returning card_number",
            patron.0
        )?;
        let Some((old,)) = row else { return Err(Fault::AccountGone) };
        if old == number {
            return Ok(Ok(()));
        }
        if let Some(problem) = taken(tx, number).await? {
            return Ok(Err(problem));
        }
        retire(tx, &old, patron, now).await?;
        execute!(
            &mut *tx,
            "update patron set card_number = $2, generation = generation + 1 where id = $1",
            patron.0,
            number
        )?;
        write_keys(tx, patron).await?;
        record(tx, Event::of(EventKind::CardReplaced, ActorRole::Staff, now)).await?;
        self.audit(tx, Deed::CardReplaced, Some(patron), None).await?;
        // Whoever has the lost card may have signed in with it, may be about to, and may have added a device.
        end_sessions(tx, patron).await?;
        forget_devices(tx, patron).await?;
        Ok(Ok(()))
    }
}

/// Remembers that a number was on a card that was replaced.
async fn retire(tx: &mut Tx, number: &str, patron: PatronId, now: DateTime<Utc>) -> Result<(), StorageError> {
    execute!(
        tx,
        "insert into replaced_card (card_number, patron_id, replaced_at) values ($1, $2, $3)",
        number,
        patron.0,
        now
    )?;
    Ok(())
}

/// Why nobody else can have this number.
async fn taken(tx: &mut Tx, number: &str) -> Result<Option<CardProblem>, StorageError> {
    let holder = fetch_optional!(&mut *tx, (Uuid,), "select id from patron where card_number = $1", number)?;
    if holder.is_some() {
        return Ok(Some(CardProblem::NumberTaken));
    }
    Ok(replaced_by(tx, number).await?.map(|_| CardProblem::NumberReplaced))
}

fn ready_mail(card: &CardDetails) -> i64 {
    if card.second_is_ready_mail { 2 } else { 1 }
}
