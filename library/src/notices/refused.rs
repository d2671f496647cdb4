//! Mails no mail server takes, and what staff do with them.

use chrono::{DateTime, Utc};
use domain::{
    NoticeId, OpId,
    circulation::{Refusal, RefusedMail},
};
use uuid::Uuid;

use crate::{
    Fault, Library,
    clock::new_id,
    storage::{StorageError, Told, Tx, execute, fetch_all, in_write},
};

type RefusedRow = (Uuid, String, String, DateTime<Utc>, Option<String>, Option<String>, Option<String>);

/// The mails that were refused for good, or failed so often that they count as refused, the oldest first.
pub(crate) async fn refused_mails(library: &Library, tx: &mut Tx) -> Result<Vec<RefusedMail>, StorageError> {
    let rows = fetch_all!(
        tx,
        RefusedRow,
        "select o.id, o.recipient, o.subject, o.made_at, pt.name_kana, pt.card_number, pt.telephone
         from outbox o join event e on e.id = o.event_id left join reservation r on r.id = e.reservation_id
         left join loan l on l.id = e.loan_id left join patron pt on pt.id = coalesce(o.patron_id, r.patron_id, l.patron_id)
         where o.channel = 'mail' and o.sent_at is null and (o.refused_at is not null or o.tries >= $1) order by o.made_at, o.id",
        i64::from(library.policy().daily.mail_tries)
    )?;
    let line = |(id, address, subject, made_at, name_kana, card_number, telephone): RefusedRow| RefusedMail {
        notice: NoticeId(id),
        name_kana: name_kana.unwrap_or_default(),
        card_number: card_number.unwrap_or_default(),
        telephone: telephone.unwrap_or_default(),
        address,
        subject,
        made_on: library.day_of(made_at),
    };
    Ok(rows.into_iter().map(line).collect())
}

impl Library {
    /// Tries a mail that was refused again, at once and as if for the first time. It goes by itself and is another mail:
    /// neither what went along with it before nor a late report about that mail has a say in it.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn send_again(&self, notice: NoticeId) -> Result<Result<(), Refusal>, Fault> {
        let now = self.now();
        let found = in_write!(self.database(), |tx| {
            tx.tell([Told::Staff]);
            execute!(
                tx,
                "update outbox set tries = 0, next_try_at = $2, refused_at = null, sent_as = $3
                 where id = $1 and sent_at is null",
                notice.0,
                now,
                new_id(now)
            )
            .map_err(Fault::from)
        })?;
        self.outbox_bell().notify_one();
        Ok(if found == 1 { Ok(()) } else { Err(Refusal::ListChanged) })
    }

    /// Gives a mail up. That it was given up is noted with its event, so that a ready copy is still told of by telephone.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn give_up_mail(&self, notice: NoticeId, op: OpId) -> Result<Result<(), Refusal>, Fault> {
        let now = self.now();
        let found = in_write!(self.database(), |tx| {
            async {
            tx.tell([Told::Staff]);
            execute!(
                &mut *tx,
                "insert into notice_try (event_id, channel, op, reservation_id, at, result)
                 select e.id, 'mail', $2, e.reservation_id, $3, 'given-up' from outbox o join event e on e.id = o.event_id
                 where o.id = $1 and o.sent_at is null and e.reservation_id is not null",
                notice.0,
                op.0,
                now
            )?;
            Ok::<_, Fault>(execute!(tx, "delete from outbox where id = $1 and sent_at is null", notice.0)?)
        }
        .await
        })?;
        Ok(if found == 1 { Ok(()) } else { Err(Refusal::ListChanged) })
    }
}
