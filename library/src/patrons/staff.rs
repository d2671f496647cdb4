//! Accounts of staff: who works here, and what they may do.

use std::sync::Arc;

use domain::{
    StaffId,
    patrons::{Deed, SignIn, StaffAccount, StaffForm, StaffMember, StaffProblem, StaffRole, read_staff},
};
use uuid::Uuid;

use super::{Origin, factor::drop_factor, hash_password};
use crate::{
    Fault, Library,
    clock::new_id,
    events::{ActorRole, Event, EventKind, record},
    storage::{StorageError, Told, Tx, execute, fetch_all, fetch_one, fetch_optional, in_write},
};

impl Library {
    /// A member of staff who may work now. `None` when the account was disabled, so that their sessions end at once.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn staff_member(&self, id: StaffId) -> Result<Option<StaffMember>, Fault> {
        let mut tx = self.database().look().await?;
        let row = fetch_optional!(
            &mut tx,
            (String, String, i64),
            "select login, role, generation from staff where id = $1 and disabled_at is null",
            id.0
        )?;
        let Some((login, role, generation)) = row else { return Ok(None) };
        Ok(Some(StaffMember { id, login, role: parse_role(&role)?, generation }))
    }

    /// The accounts of staff, by their login names.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn staff_accounts(&self) -> Result<Vec<StaffAccount>, Fault> {
        let mut tx = self.database().begin_read().await?;
        let rows = fetch_all!(
            &mut tx,
            (Uuid, String, String, bool, bool),
            "select s.id, s.login, s.role, s.disabled_at is null, f.confirmed_at is not null
             from staff s left join staff_factor f on f.staff_id = s.id"
        )?;
        let mut accounts = Vec::with_capacity(rows.len());
        for (id, login, role, enabled, factor) in rows {
            accounts.push(StaffAccount { id: StaffId(id), login, role: parse_role(&role)?, enabled, factor });
        }
        accounts.sort_by(|one, other| one.login.cmp(&other.login));
        Ok(accounts)
    }

    /// Makes an account.
    ///
    /// # Errors
    /// When the database can't be written or the hash can't be computed.
    pub async fn add_staff(&self, form: &StaffForm) -> Result<Result<StaffId, StaffProblem>, Fault> {
        if let Err(problem) = read_staff(form) {
            return Ok(Err(problem));
        }
        let hash = self.staff_hash(&form.password).await?;
        let login = form.login.trim();
        in_write!(self.database(), |tx| async {
            if fetch_optional!(&mut *tx, (Uuid,), "select id from staff where login = $1", login)?.is_some() {
                return Ok::<_, Fault>(Err(StaffProblem::LoginTaken));
            }
            let id = new_id(self.now());
            execute!(
                &mut *tx,
                "insert into staff (id, login, password_hash, role) values ($1, $2, $3, $4)",
                id,
                login,
                &hash,
                form.role.as_str()
            )?;
            self.note_staff(tx, "added", Deed::StaffAdded, StaffId(id)).await?;
            Ok(Ok(StaffId(id)))
        }
        .await)
    }

    /// Makes a manager, or makes one of whoever has this login, with this password and no second factor: for the first day of a library, and
    /// for the day on which nobody can sign in any more. Only the command line offers it.
    ///
    /// # Errors
    /// When the database can't be written or the hash can't be computed.
    pub async fn make_manager(&self, login: &str, password: &str) -> Result<Result<(), StaffProblem>, Fault> {
        let form = StaffForm { login: login.to_owned(), password: password.to_owned(), role: StaffRole::Manager };
        if let Err(problem) = read_staff(&form) {
            return Ok(Err(problem));
        }
        let hash = self.staff_hash(password).await?;
        in_write!(self.database(), |tx| async {
            execute!(
                &mut *tx,
                "insert into staff (id, login, password_hash, role) values ($1, $2, $3, 'manager')
                 on conflict (login) do update set password_hash = excluded.password_hash, role = 'manager',
                     disabled_at = null, generation = staff.generation + 1",
                new_id(self.now()),
                login.trim(),
                &hash
            )?;
            let (id,) = fetch_one!(&mut *tx, (Uuid,), "select id from staff where login = $1", login.trim())?;
            // Whoever lost their authenticator app can't sign in either.
            drop_factor(tx, StaffId(id)).await?;
            tx.tell([Told::Staff]);
            let event = Event::of(EventKind::StaffChanged, ActorRole::System, self.now());
            record(tx, Event { note: Some("manager"), ..event }).await?;
            self.audit(tx, Deed::StaffRole, None, Some(login.trim())).await?;
            Ok::<_, Fault>(Ok(()))
        }
        .await)
    }

    /// Gives a member of staff another role. The last manager stays one.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn set_staff_role(&self, id: StaffId, role: StaffRole) -> Result<Result<(), StaffProblem>, Fault> {
        let sql = "update staff set role = $2 where id = $1";
        in_write!(self.database(), |tx| async {
            if role != StaffRole::Manager && is_last_manager(tx, id).await? {
                return Ok::<_, Fault>(Err(StaffProblem::LastManager));
            }
            if execute!(&mut *tx, sql, id.0, role.as_str())? == 0 {
                return Ok(Err(StaffProblem::Unknown));
            }
            self.note_staff(tx, role.as_str(), Deed::StaffRole, id).await?;
            Ok(Ok(()))
        }
        .await)
    }

    /// Lets a member of staff sign in or not. The last manager always may. Sessions of one who may not are over, and stay so
    /// when they may again.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn enable_staff(&self, id: StaffId, enabled: bool) -> Result<Result<(), StaffProblem>, Fault> {
        let disabled_at = (!enabled).then(|| self.now());
        in_write!(self.database(), |tx| async {
            if !enabled && is_last_manager(tx, id).await? {
                return Ok::<_, Fault>(Err(StaffProblem::LastManager));
            }
            let sql = "update staff set disabled_at = $2, generation = generation + $3 where id = $1";
            if execute!(&mut *tx, sql, id.0, disabled_at, i64::from(!enabled))? == 0 {
                return Ok(Err(StaffProblem::Unknown));
            }
            let (what, deed) =
                if enabled { ("enabled", Deed::StaffEnabled) } else { ("disabled", Deed::StaffDisabled) };
            self.note_staff(tx, what, deed, id).await?;
            Ok(Ok(()))
        }
        .await)
    }

    /// Gives a member of staff a new password; sessions begun with the old one are over.
    ///
    /// # Errors
    /// When the database can't be written or the hash can't be computed.
    pub async fn set_staff_password(&self, id: StaffId, password: &str) -> Result<Result<(), StaffProblem>, Fault> {
        let form = StaffForm { login: "known".to_owned(), password: password.to_owned(), role: StaffRole::Desk };
        if let Err(problem) = read_staff(&form) {
            return Ok(Err(problem));
        }
        let hash = self.staff_hash(password).await?;
        let sql = "update staff set password_hash = $2, generation = generation + 1 where id = $1";
        in_write!(self.database(), |tx| async {
            if execute!(&mut *tx, sql, id.0, &hash)? == 0 {
                return Ok::<_, Fault>(Err(StaffProblem::Unknown));
            }
            self.note_staff(tx, "password", Deed::StaffPassword, id).await?;
            Ok(Ok(()))
        }
        .await)
    }

    /// Changes the password of a member of staff who gives the one in use; their other sessions are over.
    ///
    /// # Errors
    /// When the database can't be written or a hash can't be computed.
    pub async fn change_staff_password(
        &self,
        id: StaffId,
        (old, new, again): (&str, &str, &str),
        origin: &Origin,
    ) -> Result<Result<(), StaffProblem>, Fault> {
        let Some(member) = self.staff_member(id).await? else { return Err(Fault::AccountGone) };
        let form = StaffForm { login: member.login, password: new.to_owned(), role: member.role };
        if let Err(problem) = read_staff(&form) {
            return Ok(Err(problem));
        }
        if new != again {
            return Ok(Err(StaffProblem::Again));
        }
        match self.staff_sign_in(&form.login, old, origin).await? {
            SignIn::Done(_) => self.set_staff_password(id, new).await,
            SignIn::Wrong => Ok(Err(StaffProblem::Old)),
            SignIn::Slow(_) | SignIn::Busy => Ok(Err(StaffProblem::Wait)),
        }
    }

    async fn staff_hash(&self, password: &str) -> Result<String, Fault> {
        let permit = Arc::clone(&self.hashing().at_once)
            .acquire_owned()
            .await
            .map_err(|error| Fault::Hashing(error.to_string()))?;
        let (policy, password) = (self.policy().accounts.clone(), password.to_owned());
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            hash_password(&policy, &password)
        })
        .await?
    }

    /// Writes down that a member of staff who acts has signed in.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn note_staff_sign_in(&self) -> Result<(), Fault> {
        in_write!(self.database(), |tx| self.audit(tx, Deed::SignedIn, None, None).await.map_err(Fault::from))
    }

    async fn note_staff(&self, tx: &mut Tx, what: &str, deed: Deed, whose: StaffId) -> Result<(), StorageError> {
        tx.tell([Told::Staff]);
        let event = Event::of(EventKind::StaffChanged, ActorRole::Staff, self.now());
        record(tx, Event { note: Some(what), ..event }).await?;
        let (login,) = fetch_one!(&mut *tx, (String,), "select login from staff where id = $1", whose.0)?;
        self.audit(tx, deed, None, Some(&login)).await
    }
}

/// Whether nobody else could keep the accounts. It locks the managers, so that two can't remove each other at once.
async fn is_last_manager(tx: &mut Tx, id: StaffId) -> Result<bool, StorageError> {
    let managers = fetch_all!(
        tx,
        (Uuid,),
        "update staff set role = role where role = 'manager' and disabled_at is null returning id"
    )?;
    Ok(managers == [(id.0,)])
}

/// Reads a stored role.
pub(super) fn parse_role(word: &str) -> Result<StaffRole, StorageError> {
    word.parse().map_err(|error| StorageError::corrupt("role of staff", error))
}
