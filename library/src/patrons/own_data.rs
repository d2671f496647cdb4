//! What is kept of a patron, for themselves: all of it as a file, and the erasure of what is theirs to erase.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    PatronId,
    bookshelf::{BookEntry, BookList},
    circulation::{CancelledView, LoanView, ReservationView},
};
use serde::Serialize;
use uuid::Uuid;

use super::door::forget_passkeys;
use crate::{
    Fault, Library,
    bookshelf::{
        HistoryCount, OwnMarathon, entries_of, erase_history, erase_lists, erase_marathons, lists_of, own_marathons,
    },
    circulation::forget_answers,
    notices::{OwnDevice, forget_devices, own_devices},
    sessions::{Owner, end_sessions},
    storage::{Tx, execute, fetch_all, fetch_one, fetch_optional, in_write},
};

/// All that is kept of a patron.
#[derive(Serialize)]
pub struct OwnData {
    /// When this was read.
    pub as_of: DateTime<Utc>,
    /// The card.
    pub card: OwnCard,
    /// What is on loan.
    pub loans: Vec<LoanView>,
    /// What is reserved.
    pub reservations: Vec<ReservationView>,
    /// What was cancelled lately.
    pub cancelled: Vec<CancelledView>,
    /// The titles in the cart.
    pub cart: Vec<String>,
    /// Their reading marathons, with what they noted.
    pub marathons: Vec<OwnMarathon>,
    /// The lists of My本棚.
    pub lists: Vec<OwnList>,
    /// Whether there is a history, and how many entries. They are sealed: what is in them is got on the history's own page,
    /// where the patron opens it.
    pub history: Option<HistoryCount>,
    /// Where they are signed in.
    pub sessions: Vec<OwnSession>,
    /// The keys they sign in with. Of each key its public half is kept, which says nothing to anybody.
    pub passkeys: Vec<OwnPasskey>,
    /// The devices they are told on. Each is told in words that are sealed for it alone.
    pub devices: Vec<OwnDevice>,
    /// The days on which staff did something to the card, and what. By whom is between the library and its staff.
    pub staff_deeds: Vec<(NaiveDate, String)>,
    /// Mails to them that are kept until some days after they were delivered; none with a link that opens something.
    pub mails: Vec<OwnMail>,
    /// When mails went to their confirmed addresses, for as long as one may come back.
    pub sent_mails: Vec<OwnSentMail>,
}

/// The card.
#[derive(Serialize)]
pub struct OwnCard {
    /// Its number.
    pub number: String,
    /// Numbers of cards that were lost.
    pub replaced_numbers: Vec<String>,
    /// Name.
    pub name: String,
    /// Its reading.
    pub name_kana: String,
    /// Day of birth.
    pub birth_date: NaiveDate,
    /// Telephone number.
    pub telephone: String,
    /// The language of mails, as it was chosen last; `None` when it never was.
    pub language: Option<String>,
    /// Mail addresses, and whether each is confirmed.
    pub mails: Vec<(String, bool)>,
    /// Whether it may be used.
    pub state: String,
    /// Whether there is a password. It is kept as a hash, which says nothing to anybody.
    pub has_password: bool,
}

/// A list of My本棚.
#[derive(Serialize)]
pub struct OwnList {
    /// It, with its link when it is shared.
    pub list: BookList,
    /// What is in it.
    pub entries: Vec<BookEntry>,
}

/// A browser they are signed in with.
#[derive(Serialize)]
pub struct OwnSession {
    /// In a few words.
    pub browser: String,
    /// The day of the sign-in.
    pub begun: NaiveDate,
    /// The day it was last used.
    pub seen: NaiveDate,
}

/// A passkey.
#[derive(Serialize)]
pub struct OwnPasskey {
    /// What they call it.
    pub name: String,
    /// The day it was registered.
    pub made: NaiveDate,
    /// The day it was last used.
    pub used: Option<NaiveDate>,
}

/// That a mail went out.
#[derive(Serialize)]
pub struct OwnSentMail {
    /// To which address.
    pub to: String,
    /// When.
    pub sent: DateTime<Utc>,
    /// When it came back, if it did.
    pub came_back: Option<DateTime<Utc>>,
}

/// A mail.
#[derive(Serialize)]
pub struct OwnMail {
    /// To which address.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// When it was written.
    pub written: DateTime<Utc>,
}

type CardRow = (
    String,
    String,
    String,
    NaiveDate,
    String,
    Option<String>,
    bool,
    Option<String>,
    bool,
    String,
    bool,
    Option<String>,
);

impl Library {
    /// All that is kept of a patron, for themselves. `None` when there is no such patron any more.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn own_data(&self, patron: PatronId) -> Result<Option<OwnData>, Fault> {
        let mut tx = self.database().begin_read().await?;
        let Some(card) = own_card(&mut tx, patron).await? else { return Ok(None) };
        let mails = own_mails(&mut tx, patron).await?;
        // Of an address nobody has confirmed it is not known whose it is.
        let confirmed = card.mails.iter().filter(|(_, confirmed)| *confirmed).map(|(address, _)| address.as_str());
        let sent_mails = own_sent_mails(&mut tx, confirmed).await?;
        let deeds = fetch_all!(
            &mut tx,
            (DateTime<Utc>, String),
            "select at, deed from audit where patron_id = $1 order by at, id",
            patron.0
        )?;
        let marathons = own_marathons(&mut tx, patron).await?;
        let mut lists = Vec::new();
        for list in lists_of(&mut tx, patron).await? {
            let entries = entries_of(&mut tx, list.id).await?;
            lists.push(OwnList { list, entries });
        }
        let passkeys = self.passkeys(&mut tx, patron).await?;
        let devices = own_devices(self, &mut tx, patron).await?;
        drop(tx);
        let sessions = self.sessions_of(Owner::Patron(patron), &[]).await?;
        let cart = self.cart(None, Some(patron)).await?;
        Ok(Some(OwnData {
            as_of: self.now(),
            card,
            loans: self.loans(patron).await?,
            reservations: self.reservations(patron).await?,
            cancelled: self.cancelled_reservations(patron).await?,
            cart: cart.lines.into_iter().map(|line| line.title).collect(),
            marathons,
            lists,
            history: self.history_count(patron).await?,
            sessions: sessions
                .into_iter()
                .map(|session| OwnSession { browser: session.browser, begun: session.begun, seen: session.seen })
                .collect(),
            passkeys: passkeys
                .into_iter()
                .map(|key| OwnPasskey { name: key.name, made: key.made, used: key.used })
                .collect(),
            devices,
            staff_deeds: deeds.into_iter().map(|(at, deed)| (self.day_of(at), deed)).collect(),
            mails,
            sent_mails,
        }))
    }

    /// Erases what a patron may erase themselves: addresses and mails to them, the cart, the bookshelf, cancelled reservations,
    /// the answers that are kept for requests sent twice, the passkeys, and every session. Who is to be told of something by mail is
    /// telephoned from now on. The card, and what is on loan or reserved, is between them and the desk.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn erase_own_data(&self, patron: PatronId) -> Result<(), Fault> {
        in_write!(self.database(), |tx| erase(tx, patron).await)
    }
}

async fn own_card(tx: &mut Tx, patron: PatronId) -> Result<Option<OwnCard>, Fault> {
    let row = fetch_optional!(
        &mut *tx,
        CardRow,
        "select card_number, name, name_kana, birth_date, telephone, mail1, mail1_confirmed, mail2, mail2_confirmed,
             card_state, password_hash is not null, language
         from patron where id = $1",
        patron.0
    )?;
    let Some((
        number,
        name,
        name_kana,
        birth_date,
        telephone,
        mail1,
        confirmed1,
        mail2,
        confirmed2,
        state,
        has_password,
        language,
    )) = row
    else {
        return Ok(None);
    };
    let replaced = fetch_all!(
        tx,
        (String,),
        "select card_number from replaced_card where patron_id = $1 order by replaced_at",
        patron.0
    )?;
    let mails: Vec<(String, bool)> =
        [mail1.zip(Some(confirmed1)), mail2.zip(Some(confirmed2))].into_iter().flatten().collect();
    let replaced_numbers = replaced.into_iter().map(|(number,)| number).collect();
    Ok(Some(OwnCard {
        number,
        replaced_numbers,
        name,
        name_kana,
        birth_date,
        telephone,
        language,
        mails,
        state,
        has_password,
    }))
}

/// Mails that were written for this patron. One with a secret is left out: what it opens is for whoever reads that mail, and
/// not for whoever is signed in.
async fn own_mails(tx: &mut Tx, patron: PatronId) -> Result<Vec<OwnMail>, Fault> {
    let rows = fetch_all!(
        tx,
        (String, String, String, DateTime<Utc>),
        // Notices that went in one mail hold the same text.
        "select recipient, subject, body, min(made_at) from outbox
         where patron_id = $1 and channel = 'mail' and not secret
         group by recipient, subject, body, coalesce(sent_as, id) order by 4, 3",
        patron.0
    )?;
    Ok(rows.into_iter().map(|(to, subject, text, written)| OwnMail { to, subject, text, written }).collect())
}

/// When mails went to these addresses.
async fn own_sent_mails<'a>(tx: &mut Tx, addresses: impl Iterator<Item = &'a str>) -> Result<Vec<OwnSentMail>, Fault> {
    let mut all = Vec::new();
    for address in addresses {
        let sent = fetch_all!(
            &mut *tx,
            (DateTime<Utc>, Option<DateTime<Utc>>),
            "select sent_at, came_back_at from sent_mail where address = $1 order by sent_at, notice_id",
            address
        )?;
        all.extend(sent.into_iter().map(|(sent, came_back)| OwnSentMail { to: address.to_owned(), sent, came_back }));
    }
    Ok(all)
}

async fn erase(tx: &mut Tx, patron: PatronId) -> Result<(), Fault> {
    let (mail1, mail2) = fetch_one!(
        &mut *tx,
        (Option<String>, Option<String>),
        "update patron set revision = revision + 1 where id = $1 returning mail1, mail2",
        patron.0
    )?;
    for address in [mail1, mail2].into_iter().flatten() {
        // Two of a family may share an address: what is still to be sent may be the other's.
        execute!(&mut *tx, "delete from outbox where recipient = $1 and sent_at is not null", &address)?;
        execute!(&mut *tx, "delete from sent_mail where address = $1", address)?;
    }
    execute!(
        &mut *tx,
        "update patron set mail1 = null, mail1_confirmed = false, mail2 = null, mail2_confirmed = false,
             mail1_refused_at = null, mail2_refused_at = null, ready_mail = 1 where id = $1",
        patron.0
    )?;
    execute!(
        &mut *tx,
        "update reservation set contact = 'telephone' where patron_id = $1 and contact = 'mail' and state <> 'cancelled'",
        patron.0
    )?;
    execute!(
        &mut *tx,
        "update reservation set patron_id = null, set_id = null, set_ordinal = null, note = null
         where patron_id = $1 and state = 'cancelled'",
        patron.0
    )?;
    let cart = fetch_optional!(&mut *tx, (Uuid,), "select id from cart where patron_id = $1", patron.0)?;
    if let Some((cart,)) = cart {
        execute!(&mut *tx, "delete from cart_line where cart_id = $1", cart)?;
        execute!(&mut *tx, "delete from cart where id = $1", cart)?;
    }
    erase_marathons(tx, patron).await?;
    erase_lists(tx, patron).await?;
    erase_history(tx, patron).await?;
    forget_answers(tx, patron).await?;
    forget_passkeys(tx, patron).await?;
    forget_devices(tx, patron).await?;
    end_sessions(tx, patron).await?;
    Ok(())
}
