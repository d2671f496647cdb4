//! Why something is refused. The same value comes from the browser before the click and from the server after it.

use chrono::NaiveDate;

use crate::{
    catalog::{LimitGroup, MaterialType},
    tagged::tagged,
};

tagged! {
    "code", "Refusal",
    /// Why something is refused. The sentence a person reads is `messages::refusal`.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub enum Refusal {
        /// DVDs and LDs can't be reserved (R18).
        MaterialNotReservable {
            /// The kind that is refused, to be named to the person.
            material: MaterialType,
        },
        /// The newest issue of a magazine can't be reserved (R18).
        NewestIssue,
        /// No copy of it may leave the library (R18).
        InLibraryOnly,
        /// The library has no living copy.
        NoCopy,
        /// The title is not, or no longer, in the catalogue.
        UnknownTitle,
        /// The patron has it reserved already.
        AlreadyReserved,
        /// The patron has it on loan.
        OnLoanToYou,
        /// The limit of reservations is reached (R17).
        LimitReached {
            /// The group whose limit it is.
            group: LimitGroup,
            /// The limit.
            limit: u32,
        },
        /// Another title of the ordered set was refused, and a set is reserved all or nothing (R12).
        SetRefused,
        /// The card is suspended.
        CardSuspended,
        /// The card has expired.
        CardExpired,
        /// The place can't be chosen.
        UnknownPlace,
        /// Mail needs a confirmed address (R13).
        MailNotConfirmed,
        /// 連絡不要 is not offered by this library.
        ContactNotOffered,
        /// There is nothing in the cart.
        EmptyCart,
        /// No copy has this barcode.
        UnknownBarcode,
        /// The copy was withdrawn from the stock.
        ItemWithdrawn,
        /// The copy is captured for somebody else.
        CapturedForAnother,
        /// The copy is on loan already and has to be checked in first.
        NotCheckedIn,
        /// The limit of loans is reached (R16).
        LoanLimitReached {
            /// The group whose limit it is.
            group: LimitGroup,
            /// The limit.
            limit: u32,
        },
        /// The copy may be read in the library only.
        ItemInLibraryOnly,
        /// No such reservation, or not this patron's.
        UnknownReservation,
        /// The reservation is over: lent or cancelled.
        ReservationOver,
        /// A copy is being fetched; the place can't be changed any more (R19).
        BeingPrepared,
        /// A copy is on its way (R19).
        OnItsWay,
        /// A copy stands ready (R19).
        ReadyAlready,
        /// The library does not own the title yet (R19).
        NotOwnedYet,
        /// To be cancelled by telephone only, since another library may be involved (R19).
        CancelByTelephone,
        /// No such loan, not this patron's, or it has ended.
        LoanOver,
        /// The copy belongs to another library.
        BorrowedCopy,
        /// The loan is overdue (R25).
        Overdue,
        /// The loan was renewed as often as it may be (R24).
        RenewedAlready,
        /// Somebody waits for the title (R24).
        OthersWaiting,
        /// The new due date would be no later than the present one (R24).
        NotLater {
            /// The present due date.
            due_on: NaiveDate,
        },
        /// An ordered set has at least two titles.
        SetTooShort,
        /// The set has changed since the page was shown.
        SetChanged,
        /// The title's place in the order can't be changed any more.
        NotMovable,
        /// The title is in another ordered set.
        InAnotherSet,
        /// No such set, or not this patron's.
        UnknownSet,
        /// The patron has to say first how the set goes on.
        SetPaused,
        /// The set is not waiting for an answer.
        NotPaused,
        /// The reservation is not ready.
        NotReady,
        /// The hold was extended before.
        ExtendedAlready,
        /// The copy is on loan.
        ItemOnLoan,
        /// No such bib, or it was merged into another.
        UnknownBib,
        /// A bib can't be merged into itself.
        SameBib,
        /// The two bibs are of different material.
        MaterialDiffers,
        /// A patron has copies of both bibs on loan.
        OnLoanTwice,
        /// The step does not follow on the present one.
        StepNotPossible,
        /// The barcode belongs to another copy.
        BarcodeTaken,
        /// A title has to be named.
        NoTitle,
        /// The closure has no day, or its last day is before its first.
        BadSpan,
        /// What the desk's list showed has changed since.
        ListChanged,
        /// The card was replaced by another one.
        CardReplaced,
        /// No scan of the copy can be undone any more.
        NothingToUndo,
        /// Something happened after the scan that is to be undone.
        ChangedSince,
        /// Nobody has this card.
        UnknownCard,
        /// The copy was scanned at a desk after this was written down.
        ScannedSince,
        /// What was written down has been settled.
        SettledAlready,
        /// A reason has to be given.
        NoReason,
    }
}

impl Refusal {
    /// Whether staff may act in spite of it, with a reason that is logged.
    pub const fn may_be_overruled(&self) -> bool {
        matches!(
            self,
            Self::LimitReached { .. } | Self::NewestIssue | Self::LoanLimitReached { .. } | Self::CapturedForAnother
        )
    }
}
