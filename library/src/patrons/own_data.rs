//! What is kept of a patron, for themselves: all of it as a file.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    PatronId,
    bookshelf::{BookEntry, BookList},
    circulation::{CancelledView, LoanView, ReservationView},
};
use serde::Serialize;

use crate::{
    Fault, Library,
    bookshelf::{HistoryCount, OwnMarathon, entries_of, lists_of, own_marathons},
    notices::{OwnDevice, own_devices},
    sessions::Owner,
    storage::{Tx, fetch_all, fetch_optional},
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
    /// On which day.
    pub sent: NaiveDate,
    /// The day it came back, if it did.
    pub came_back: Option<NaiveDate>,
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

/// A mail that went: where, when, and when it came back.
type Sent = (String, DateTime<Utc>, Option<DateTime<Utc>>);

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
        let sent = own_sent_mails(&mut tx, patron, confirmed).await?;
        let sent_mails = sent.into_iter().map(|(to, sent, came_back)| OwnSentMail {
            to,
            sent: self.day_of(sent),
            came_back: came_back.map(|at| self.day_of(at)),
        });
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
            sent_mails: sent_mails.collect(),
        }))
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

/// When mails went to a patron, and to these addresses before it was kept whose they are.
async fn own_sent_mails<'a>(
    tx: &mut Tx,
    patron: PatronId,
    addresses: impl Iterator<Item = &'a str>,
) -> Result<Vec<Sent>, Fault> {
    let mut all = fetch_all!(
        &mut *tx,
        Sent,
        "select address, sent_at, came_back_at from sent_mail where patron_id = $1 and address is not null
         order by sent_at, notice_id",
        patron.0
    )?;
    for address in addresses {
        all.extend(fetch_all!(
            &mut *tx,
            Sent,
            "select address, sent_at, came_back_at from sent_mail where address = $1 and patron_id is null
             order by sent_at, notice_id",
            address
        )?);
    }
    Ok(all)
}
