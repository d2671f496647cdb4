//! Passkeys: registered by a patron who is signed in and gives the password, used in place of card number and password.
//!
//! A passkey is the holder's and not the card's: like the password it outlives a new password and a new card, and it goes
//! when the patron takes it away or has their data erased. Who signs in by one is asked for no card number, so nothing can
//! be learned of cards here, and nothing can be guessed: a key either signed the question or it did not.

use chrono::{DateTime, Utc};
use data_encoding::BASE64URL_NOPAD;
use domain::{
    PatronId,
    patrons::{
        Account, DoorRefusal, MOST_PASSKEYS, PasskeyRefusal, PasskeyView, RelyingParty, card_number, may_follow,
        passkey_name, relying_party,
    },
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Holder,
    ceremony::{Answer, ES256, NewKey, Purpose, RS256},
    questions::OPEN,
};
use crate::{
    Fault, Library,
    clock::new_id,
    events::{ActorRole, Event, EventKind, record},
    notices::DoorMail,
    patrons::{account, guess::Origin},
    storage::{StorageError, Tx, execute, fetch_all, fetch_one, fetch_optional, in_write},
};

/// Id, patron, algorithm, public key.
type KeyRow = (Uuid, Uuid, i64, Vec<u8>);

impl Library {
    /// Where passkeys of this library are good; `None` when it offers none.
    pub fn relying_party(&self) -> Option<RelyingParty> {
        relying_party(&self.policy().library.web_address)
    }

    /// Asks a browser by which passkey somebody signs in: the options of `navigator.credentials.get`, as JSON. Anybody may ask,
    /// and each question is kept, so there are only so many for one origin.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn passkey_question(&self, origin: &Origin) -> Result<Result<String, PasskeyRefusal>, Fault> {
        let Some(party) = self.relying_party() else { return Ok(Err(PasskeyRefusal::NotOffered)) };
        let Some(challenge) = self.ask_anybody(origin).await? else { return Ok(Err(PasskeyRefusal::Many)) };
        let options = json!({
            "challenge": challenge,
            "timeout": OPEN.num_milliseconds(),
            "rpId": party.id,
            "allowCredentials": [],
            "userVerification": "required",
        });
        Ok(Ok(options.to_string()))
    }

    /// Signs a patron in by the answer of a passkey, the JSON of a `PublicKeyCredential`. Whether the card may be used is
    /// as little asked as with the password: who is barred may look.
    ///
    /// # Errors
    /// When the database can't be read or written.
    pub async fn passkey_sign_in(
        &self,
        answer: &str,
        origin: &Origin,
    ) -> Result<Result<Account, PasskeyRefusal>, Fault> {
        let Some(party) = self.relying_party() else { return Ok(Err(PasskeyRefusal::NotOffered)) };
        let answer = match Answer::read(answer, &party) {
            Ok(answer) => answer,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let mut tx = self.database().begin_read().await?;
        let row = fetch_optional!(
            &mut tx,
            KeyRow,
            "select id, patron_id, algorithm, public_key from passkey where credential_id = $1",
            &answer.credential
        )?;
        // Nothing is written for an answer that no key of ours has signed.
        drop(tx);
        let signed = row.filter(|(_, patron, algorithm, key)| {
            answer.handle == patron.as_bytes() && answer.is_signed(*algorithm, key)
        });
        let Some((key, patron, ..)) = signed else { return Ok(Err(PasskeyRefusal::Unknown)) };
        let secret = self.guess_secret().await?;
        in_write!(self.database(), |tx| self
            .passkey_sign_in_by(tx, (key, PatronId(patron)), &answer, (&secret, origin))
            .await)
    }

    async fn passkey_sign_in_by(
        &self,
        tx: &mut Tx,
        (key, patron): (Uuid, PatronId),
        answer: &Answer,
        (secret, origin): (&[u8], &Origin),
    ) -> Result<Result<Account, PasskeyRefusal>, Fault> {
        if !self.close_question(tx, Purpose::SignIn, None, &answer.challenge).await? {
            return Ok(Err(PasskeyRefusal::Stale));
        }
        // Two answers of one key wait here for each other.
        let row = fetch_optional!(
            &mut *tx,
            (i64,),
            "update passkey set sign_count = sign_count where id = $1 returning sign_count",
            key
        )?;
        let before = row.and_then(|(count,)| u32::try_from(count).ok());
        if !before.is_some_and(|before| may_follow(before, answer.counter)) {
            // A counter that does not rise is a copy of the key at work: its owner has the password.
            return Ok(Err(PasskeyRefusal::Unknown));
        }
        execute!(
            &mut *tx,
            "update passkey set sign_count = $2, used_at = $3 where id = $1",
            key,
            i64::from(answer.counter),
            // The day is all that is shown, and who came at which moment is nobody's business.
            self.beginning_of_today()
        )?;
        let Some(holder) = Holder::of(tx, patron).await? else { return Ok(Err(PasskeyRefusal::Unknown)) };
        self.came_in(tx, secret, &card_number(&holder.card), origin).await?;
        Ok(account(tx, patron).await?.ok_or(PasskeyRefusal::Unknown))
    }

    /// Asks the browser of a patron, who gives the password in use, to make a passkey: the options of
    /// `navigator.credentials.create`, as JSON.
    ///
    /// # Errors
    /// When the database can't be read or written, or the hash can't be computed.
    pub async fn offer_passkey(
        &self,
        patron: PatronId,
        password: &str,
        origin: &Origin,
    ) -> Result<Result<String, DoorRefusal>, Fault> {
        let refused = |refusal| Ok(Err(DoorRefusal::Passkey(refusal)));
        let Some(party) = self.relying_party() else { return refused(PasskeyRefusal::NotOffered) };
        let holder = self.holder(patron).await?;
        if let Err(refusal) = self.prove(&holder, password, origin).await? {
            return Ok(Err(refusal));
        }
        let mut tx = self.database().begin_read().await?;
        let known = fetch_all!(
            &mut tx,
            (Vec<u8>,),
            "select credential_id from passkey where patron_id = $1 order by made_at",
            patron.0
        )?;
        drop(tx);
        if known.len() >= MOST_PASSKEYS {
            return refused(PasskeyRefusal::Full);
        }
        let challenge = self.open_question(Purpose::Register, Some(patron), None).await?;
        let key = |id: &[u8]| json!({ "type": "public-key", "id": BASE64URL_NOPAD.encode(id) });
        let algorithm = |number: i64| json!({ "type": "public-key", "alg": number });
        let options = json!({
            "rp": { "id": party.id, "name": self.policy().library.name },
            // The names are for the device, which may hold keys of several of a family.
            "user": {
                "id": BASE64URL_NOPAD.encode(patron.0.as_bytes()),
                "name": holder.card,
                "displayName": holder.name,
            },
            "challenge": challenge,
            "pubKeyCredParams": [algorithm(ES256), algorithm(RS256)],
            "timeout": OPEN.num_milliseconds(),
            // A device that has one makes no second one.
            "excludeCredentials": known.iter().map(|(id,)| key(id)).collect::<Vec<Value>>(),
            "authenticatorSelection": {
                "residentKey": "required",
                "requireResidentKey": true,
                "userVerification": "required",
            },
            "attestation": "none",
        });
        Ok(Ok(options.to_string()))
    }

    /// Registers the passkey a patron's browser has made, and tells them by mail. `otherwise` is its name when none is typed.
    ///
    /// # Errors
    /// When the database can't be read or written.
    pub async fn add_passkey(
        &self,
        patron: PatronId,
        answer: &str,
        (name, otherwise): (&str, &str),
    ) -> Result<Result<(), PasskeyRefusal>, Fault> {
        let Some(party) = self.relying_party() else { return Ok(Err(PasskeyRefusal::NotOffered)) };
        let key = match NewKey::read(answer, &party) {
            Ok(key) => key,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let name = passkey_name(name, otherwise);
        let done = in_write!(self.database(), |tx| self.add_passkey_in(tx, patron, &key, &name).await)?;
        self.outbox_bell().notify_one();
        Ok(done)
    }

    async fn add_passkey_in(
        &self,
        tx: &mut Tx,
        patron: PatronId,
        key: &NewKey,
        name: &str,
    ) -> Result<Result<(), PasskeyRefusal>, Fault> {
        let now = self.now();
        // Whoever registers another one at the same time waits here.
        execute!(&mut *tx, "update patron set revision = revision + 1 where id = $1", patron.0)?;
        if !self.close_question(tx, Purpose::Register, Some(patron), &key.challenge).await? {
            return Ok(Err(PasskeyRefusal::Stale));
        }
        let sql = "select id from passkey where credential_id = $1";
        if fetch_optional!(&mut *tx, (Uuid,), sql, &key.credential)?.is_some() {
            return Ok(Err(PasskeyRefusal::Known));
        }
        if count(tx, patron).await? >= MOST_PASSKEYS {
            return Ok(Err(PasskeyRefusal::Full));
        }
        execute!(
            &mut *tx,
            "insert into passkey (id, patron_id, credential_id, algorithm, public_key, sign_count, name, made_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            new_id(now),
            patron.0,
            &key.credential,
            key.algorithm,
            &key.public_key,
            i64::from(key.counter),
            name,
            now
        )?;
        record(tx, Event::of(EventKind::PasskeyAdded, ActorRole::Patron, now)).await?;
        self.tell_holder(tx, patron, DoorMail::PasskeyAdded).await?;
        Ok(Ok(()))
    }

    /// Takes a patron's passkey away, named by its key. Answers whether there was one.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn remove_passkey(&self, patron: PatronId, key: &str) -> Result<bool, Fault> {
        let Ok(key) = key.parse::<Uuid>() else { return Ok(false) };
        in_write!(self.database(), |tx| async {
            let sql = "delete from passkey where id = $1 and patron_id = $2";
            let removed = execute!(&mut *tx, sql, key, patron.0)? > 0;
            if removed {
                record(tx, Event::of(EventKind::PasskeyRemoved, ActorRole::Patron, self.now())).await?;
            }
            Ok::<_, Fault>(removed)
        }
        .await)
    }

    /// A patron's passkeys, the oldest first.
    pub(in crate::patrons) async fn passkeys(
        &self,
        tx: &mut Tx,
        patron: PatronId,
    ) -> Result<Vec<PasskeyView>, StorageError> {
        let rows = fetch_all!(
            tx,
            (Uuid, String, DateTime<Utc>, Option<DateTime<Utc>>),
            "select id, name, made_at, used_at from passkey where patron_id = $1 order by made_at, id",
            patron.0
        )?;
        let view = |(id, name, made, used): (Uuid, String, DateTime<Utc>, Option<DateTime<Utc>>)| PasskeyView {
            key: id.to_string(),
            name,
            made: self.day_of(made),
            used: used.map(|used| self.day_of(used)),
        };
        Ok(rows.into_iter().map(view).collect())
    }
}

/// How many passkeys a patron has.
pub(super) async fn count(tx: &mut Tx, patron: PatronId) -> Result<usize, StorageError> {
    let (count,) = fetch_one!(tx, (i64,), "select count(*) from passkey where patron_id = $1", patron.0)?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// Forgets a patron's passkeys and what they were asked to make one.
pub(in crate::patrons) async fn forget_passkeys(tx: &mut Tx, patron: PatronId) -> Result<(), StorageError> {
    execute!(&mut *tx, "delete from passkey_challenge where patron_id = $1", patron.0)?;
    execute!(tx, "delete from passkey where patron_id = $1", patron.0)?;
    Ok(())
}
