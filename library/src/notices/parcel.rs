//! What goes out together, taken for sending: looked at once more, and written as things stand now.
//!
//! Whoever moves the time of the next try has a notice for the lease. With it come those that are for the same patron and of
//! the same kind; they are tied to it by `sent_as` from then on, so that a mail that has to be sent again is the same mail.

mod rows;
mod unsent;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    NoticeId, PatronId,
    messages::Language,
    notices::{About, Channel, Letter, NoticeKind, Standing, is_still_true, written},
};
use uuid::Uuid;

use self::{
    rows::{Notice, Reader, kind_of, notices, reader},
    unsent::{drop_notices, give_up, was_called},
};
use crate::{
    Fault, Library,
    patrons::link_is_open,
    storage::{StorageError, Tx, execute, fetch_optional},
};

/// For how long a sender has a parcel to itself. One that was killed in the middle leaves it to another after that.
pub(super) const LEASE: TimeDelta = TimeDelta::minutes(5);

/// A notice that is due.
pub(super) struct Head {
    id: Uuid,
    channel: Channel,
    /// `None` of those written before there were kinds.
    kind: Option<NoticeKind>,
    patron: Option<Uuid>,
    recipient: String,
    sent_as: Option<Uuid>,
    due: DateTime<Utc>,
    tries: i64,
}

/// What goes out together: one notice, or several of one kind to one patron.
pub struct Parcel {
    /// What the other side may know it by, when it comes twice.
    pub id: NoticeId,
    /// To whom, as the channel knows them.
    pub recipient: String,
    /// Whose it is; `None` of notices written before that was kept.
    pub patron: Option<PatronId>,
    /// The patron's language, or the library's.
    pub language: Language,
    /// What it is about, one for each notice.
    pub abouts: Vec<About>,
    /// How often it was tried, this time included.
    pub tries: i64,
    /// What a mail says.
    pub(super) letter: Letter,
    /// Until when it is ours.
    pub(super) lease: DateTime<Utc>,
    /// When it was due.
    pub(super) due: DateTime<Utc>,
}

/// What came of taking what is due.
pub(super) enum Taken {
    /// Another sender has it.
    Elsewhere,
    /// It waits for the end of the quiet hours, or nothing of it is true any more.
    Nothing,
    /// It is ours to send.
    Parcel(Parcel),
}

type HeadRow = (Uuid, String, Option<String>, Option<Uuid>, String, Option<Uuid>, DateTime<Utc>, i64);

impl Library {
    /// The notice of a channel that is due and was made first.
    pub(super) async fn next_due(&self, channel: Channel) -> Result<Option<Head>, Fault> {
        let mut tx = self.database().begin_read().await?;
        let row = fetch_optional!(
            &mut tx,
            HeadRow,
            "select id, channel, kind, patron_id, recipient, sent_as, next_try_at, tries from outbox
             where channel = $2 and sent_at is null and refused_at is null and next_try_at <= $1 order by made_at, id limit 1",
            self.now(),
            channel.as_str()
        )?;
        let Some((id, channel, kind, patron, recipient, sent_as, due, tries)) = row else { return Ok(None) };
        let channel = channel.parse().map_err(|error| StorageError::corrupt("channel", error))?;
        Ok(Some(Head { id, channel, kind: kind_of(kind)?, patron, recipient, sent_as, due, tries }))
    }

    /// Takes what is due, and what goes along with it, for the time of the lease. What is not true any more is taken out.
    pub(super) async fn take(&self, tx: &mut Tx, head: &Head) -> Result<Taken, Fault> {
        let policy = &self.policy().notices;
        let local = self.local(self.now()).naive_local();
        if let Some(until) = head.kind.and_then(|kind| kind.waits_until(head.channel, policy, local)) {
            execute!(
                &mut *tx,
                "update outbox set next_try_at = $3 where id = $1 and next_try_at = $2 and sent_at is null",
                head.id,
                head.due,
                self.moment_of(until)
            )?;
            return Ok(Taken::Nothing);
        }
        let lease = self.now() + LEASE;
        let mine = execute!(
            &mut *tx,
            "update outbox set next_try_at = $3, tries = tries + 1, sent_as = coalesce(sent_as, id)
             where id = $1 and next_try_at = $2 and sent_at is null and refused_at is null",
            head.id,
            head.due,
            lease
        )?;
        if mine == 0 {
            return Ok(Taken::Elsewhere);
        }
        take_along(tx, head, lease).await?;
        let together = head.sent_as.unwrap_or(head.id);
        let (mut of, mut untrue) = (Vec::new(), Vec::new());
        for notice in notices(tx, together, lease).await? {
            let is_news = head.channel != Channel::Webhook || !was_called(tx, notice.id).await?;
            if is_news && self.is_true(tx, &notice).await? { of.push(notice) } else { untrue.push(notice.id) }
        }
        let of = each_once(of, &mut untrue);
        let reader = match head.patron {
            Some(patron) => Some(reader(tx, PatronId(patron)).await?),
            None => None,
        };
        drop_notices(tx, &untrue).await?;
        if of.is_empty() {
            return Ok(Taken::Nothing);
        }
        let recipient = match (&reader, head.kind, head.channel) {
            (Some(reader), Some(kind), Channel::Mail) if !kind.is_of_the_door() => reader.address.clone(),
            // The number may be another since.
            (Some(reader), _, Channel::Webhook) => Some(reader.telephone.clone()),
            _ => Some(head.recipient.clone()),
        };
        // Whoever has no address any more is telephoned (R13, R14).
        let Some(recipient) = recipient else {
            give_up(tx, &of, self.now()).await?;
            return Ok(Taken::Nothing);
        };
        let abouts: Vec<About> = of.iter().map(Notice::about_now).collect();
        let chosen = reader.as_ref().and_then(|reader| reader.language.as_deref()).and_then(Language::from_code);
        let language = chosen.unwrap_or(self.policy().notices.language);
        let letter = self.letter((head.kind, language), reader.as_ref(), &of, &abouts)?;
        Ok(Taken::Parcel(Parcel {
            id: NoticeId(together),
            recipient,
            patron: head.patron.map(PatronId),
            language,
            abouts,
            tries: head.tries + 1,
            letter,
            lease,
            due: head.due,
        }))
    }

    /// Whether it is still to be sent.
    async fn is_true(&self, tx: &mut Tx, notice: &Notice) -> Result<bool, StorageError> {
        let Some(kind) = notice.kind else { return Ok(true) };
        let standing = match (kind, notice.reservation, notice.loan) {
            (NoticeKind::Paused, ..) => match notice.about.set {
                None => Standing::Gone,
                Some(set) => {
                    let paused = fetch_optional!(
                        &mut *tx,
                        (Uuid,),
                        "select id from ordered_set where id = $1 and paused_on is not null",
                        set.0
                    )?;
                    Standing::Set { paused: paused.is_some() }
                }
            },
            (NoticeKind::PasswordLink | NoticeKind::AddressLink, ..) => {
                let token = notice.about.token.as_deref().unwrap_or_default();
                Standing::Link { open: link_is_open(tx, token, self.now()).await? }
            }
            (_, Some((_, state, hold_until)), _) => Standing::Reservation { state, hold_until },
            (_, None, Some((open, due_on))) => Standing::Loan { open, due_on },
            (kind, None, None) => {
                if kind.is_of_the_door() {
                    Standing::Past
                } else {
                    Standing::Gone
                }
            }
        };
        Ok(is_still_true(kind, notice.about.date, standing, self.today()))
    }

    /// What it says, in the patron's language.
    fn letter(
        &self,
        (kind, language): (Option<NoticeKind>, Language),
        reader: Option<&Reader>,
        of: &[Notice],
        abouts: &[About],
    ) -> Result<Letter, Fault> {
        let Some(first) = of.first() else { return Err(StorageError::corrupt("parcel", "it is empty").into()) };
        let Some(kind) = kind else {
            return Ok(Letter { subject: first.subject.clone(), text: first.body.clone(), html: String::new() });
        };
        let name = reader.map_or(first.about.name.as_str(), |reader| reader.name.as_str());
        written(self.policy(), kind, language, name, abouts)
            .map_err(|error| StorageError::corrupt("text of a notice", error).into())
    }
}

/// What became ready, went back and is ready again while nothing was sent is told of once, as it was last; the ids of the
/// earlier ones are added to those that are dropped.
fn each_once(of: Vec<Notice>, dropped: &mut Vec<Uuid>) -> Vec<Notice> {
    let reservation = |notice: &Notice| notice.reservation.map(|(id, ..)| id);
    let mut once: Vec<Notice> = Vec::with_capacity(of.len());
    for notice in of {
        let same = |earlier: &Notice| reservation(earlier).is_some() && reservation(earlier) == reservation(&notice);
        if let Some(earlier) = once.iter().position(same) {
            dropped.push(once.remove(earlier).id);
        }
        once.push(notice);
    }
    once
}

/// Takes what goes along: at the first try all of the same kind for the same patron, later those it went with before.
async fn take_along(tx: &mut Tx, head: &Head, lease: DateTime<Utc>) -> Result<(), StorageError> {
    match (head.sent_as, head.patron, head.kind) {
        (Some(together), ..) => execute!(
            tx,
            "update outbox set next_try_at = $3, tries = tries + 1
             where sent_as = $1 and id <> $2 and sent_at is null and refused_at is null",
            together,
            head.id,
            lease
        )?,
        (None, Some(patron), Some(kind)) if kind.gathers() => execute!(
            tx,
            "update outbox set next_try_at = $5, tries = tries + 1, sent_as = $2
             where patron_id = $1 and id <> $2 and kind = $3 and channel = $4 and sent_as is null and sent_at is null
                 and refused_at is null",
            patron,
            head.id,
            kind.as_str(),
            head.channel.as_str(),
            lease
        )?,
        _ => 0,
    };
    Ok(())
}
