//! The erasure of what is a patron's to erase.

use domain::PatronId;
use uuid::Uuid;

use super::door::forget_passkeys;
use crate::{
    Fault, Library,
    bookshelf::{erase_history, erase_lists, erase_marathons},
    circulation::forget_answers,
    notices::forget_devices,
    sessions::end_sessions,
    storage::{Tx, execute, fetch_one, fetch_optional, in_write},
};

impl Library {
    /// Erases what a patron may erase themselves: addresses, also earlier ones, and mails to them, links that were mailed, the cart,
    /// the bookshelf, cancelled reservations, the answers that are kept for requests sent twice, the passkeys, and every
    /// session. Who is to be told of something by mail is telephoned from now on. The card, and what is on loan or reserved, is between them and the desk.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn erase_own_data(&self, patron: PatronId) -> Result<(), Fault> {
        in_write!(self.database(), |tx| self.erase(tx, patron).await)
    }

    async fn erase(&self, tx: &mut Tx, patron: PatronId) -> Result<(), Fault> {
        let (mail1, mail2) = fetch_one!(
            &mut *tx,
            (Option<String>, Option<String>),
            "update patron set revision = revision + 1 where id = $1 returning mail1, mail2",
            patron.0
        )?;
        for address in [mail1, mail2].into_iter().flatten() {
            // Those of which it was not kept whose they are. Two of a family may share an address: what is still to be sent may be
            // the other's.
            execute!(
                &mut *tx,
                "delete from outbox where recipient = $1 and sent_at is not null and patron_id is null",
                &address
            )?;
            execute!(&mut *tx, "delete from sent_mail where address = $1 and patron_id is null", address)?;
        }
        // By whose they are, and so also those to addresses that were theirs before, or refuse mail. What the library's gateway is
        // still to telephone about is no mail.
        for sql in [
            "delete from outbox where patron_id = $1 and sent_at is null and channel <> 'webhook'",
            "delete from outbox where patron_id = $1 and sent_at is not null",
            "delete from sent_mail where patron_id = $1",
        ] {
            execute!(&mut *tx, sql, patron.0)?;
        }
        execute!(&mut *tx, "delete from link where patron_id = $1", patron.0)?;
        execute!(&mut *tx, "delete from one_time_password where patron_id = $1", patron.0)?;
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
        self.cut_cancelled_of(tx, patron.0).await?;
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
}
