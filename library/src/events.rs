//! The event log: every change writes one row, in the transaction of the change.

use chrono::{DateTime, Utc};
use domain::{BibId, EventId, LoanId, ReservationId, circulation::By};

use uuid::Uuid;

use crate::storage::{StorageError, Told, Tx, Writes};

/// Who made a change, without saying which person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ActorRole {
    Patron,
    Staff,
    System,
}

impl ActorRole {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Patron => "patron",
            Self::Staff => "staff",
            Self::System => "system",
        }
    }
}

impl From<&By> for ActorRole {
    fn from(by: &By) -> Self {
        match by {
            By::Patron => Self::Patron,
            By::Staff | By::Overrule(_) => Self::Staff,
        }
    }
}

/// That staff overruled a refusal. Why stands with the card in the audit log, and not here with the title: by a sentence
/// that stands in both, one could be found from the other.
pub(crate) fn overruled(by: &By) -> Option<&'static str> {
    by.reason().map(|_| "overruled")
}

/// What happened, beside the steps of a reservation, which are events of their own names
/// ([`Step`](domain::circulation::Step)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventKind {
    CheckedOut,
    CheckedIn,
    Renewed,
    ReturnSaid,
    Changed,
    HoldExtended,
    SetArranged,
    SetDissolved,
    SetPaused,
    SetResumed,
    RequestStep,
    ItemMissing,
    ItemLost,
    ItemWithdrawn,
    Merged,
    CardChanged,
    CardIssued,
    CardEdited,
    CardReplaced,
    StaffChanged,
    PasswordSet,
    PasskeyAdded,
    PasskeyRemoved,
    AddressChanged,
    AddressRefused,
    LinkMade,
    PatronTold,
    BibKept,
    CopyKept,
    IssueReceived,
    ItemDamaged,
    PlaceClosed,
    DeadlineMoved,
    Reminded,
    Telephoned,
    Searched,
    CheckOutUndone,
    CheckInUndone,
    LateScanDismissed,
}

impl EventKind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::CheckedOut => "checked-out",
            Self::CheckedIn => "checked-in",
            Self::Renewed => "renewed",
            Self::ReturnSaid => "return-said",
            Self::Changed => "changed",
            Self::HoldExtended => "hold-extended",
            Self::SetArranged => "set-arranged",
            Self::SetDissolved => "set-dissolved",
            Self::SetPaused => "set-paused",
            Self::SetResumed => "set-resumed",
            Self::RequestStep => "request-step",
            Self::ItemMissing => "item-missing",
            Self::ItemLost => "item-lost",
            Self::ItemWithdrawn => "item-withdrawn",
            Self::Merged => "merged",
            Self::CardChanged => "card-changed",
            Self::CardIssued => "card-issued",
            Self::CardEdited => "card-edited",
            Self::CardReplaced => "card-replaced",
            Self::StaffChanged => "staff-changed",
            Self::PasswordSet => "password-set",
            Self::PasskeyAdded => "passkey-added",
            Self::PasskeyRemoved => "passkey-removed",
            Self::AddressChanged => "address-changed",
            Self::AddressRefused => "address-refused",
            Self::LinkMade => "link-made",
            Self::PatronTold => "patron-told",
            Self::BibKept => "bib-kept",
            Self::CopyKept => "copy-kept",
            Self::IssueReceived => "issue-received",
            Self::ItemDamaged => "item-damaged",
            Self::PlaceClosed => "place-closed",
            Self::DeadlineMoved => "deadline-moved",
            Self::Reminded => "reminded",
            Self::Telephoned => "telephoned",
            Self::Searched => "searched",
            Self::CheckOutUndone => "check-out-undone",
            Self::CheckInUndone => "check-in-undone",
            Self::LateScanDismissed => "late-scan-dismissed",
        }
    }
}

/// A row of the log. It names neither patron nor item: that tie lives in the reservation and the loan, where it can
/// be cut.
pub(crate) struct Event<'a> {
    pub(crate) at: DateTime<Utc>,
    /// An [`EventKind`] or a step of a reservation.
    pub(crate) kind: &'static str,
    pub(crate) actor: ActorRole,
    pub(crate) bib: Option<BibId>,
    pub(crate) reservation: Option<ReservationId>,
    pub(crate) loan: Option<LoanId>,
    /// A word or a sentence more: a reason, a code. Never a person.
    pub(crate) note: Option<&'a str>,
}

impl Event<'static> {
    /// An event that concerns neither a title nor a person's business, to be filled up by the caller.
    pub(crate) const fn of(kind: EventKind, actor: ActorRole, at: DateTime<Utc>) -> Self {
        Self { at, kind: kind.as_str(), actor, bib: None, reservation: None, loan: None, note: None }
    }
}

impl Event<'_> {
    /// What stands in `data`.
    pub(crate) fn data(&self) -> String {
        match self.note {
            Some(note) => serde_json::json!({ "note": note }).to_string(),
            None => "{}".to_owned(),
        }
    }
}

/// Adds a row of the log to the writes of what it tells of.
pub(crate) fn add_event(writes: &mut Writes, event: &Event<'_>) -> EventId {
    // At random: one that grows with time would tell the moment when that is forgotten.
    let id = EventId(Uuid::new_v4());
    writes.tell(Told::Event(id, event.bib, event.reservation));
    writes.row(
        "insert into event (id, at, kind, reservation_id, loan_id, bib_id, actor_role, data) values ",
        "",
        [
            id.0.into(),
            event.at.into(),
            event.kind.into(),
            event.reservation.map(|id| id.0).into(),
            event.loan.map(|id| id.0).into(),
            event.bib.map(|id| id.0).into(),
            event.actor.as_str().into(),
            event.data().into(),
        ],
    );
    id
}

/// Writes a row of the log.
pub(crate) async fn record(tx: &mut Tx, event: Event<'_>) -> Result<EventId, StorageError> {
    let mut writes = Writes::default();
    let id = add_event(&mut writes, &event);
    writes.send(tx).await?;
    Ok(id)
}
