//! What came of the forms on which the desk keeps something: cards, titles, copies, accounts.

use domain::{
    bookshelf::marathon::MarathonProblem,
    bulletin::BulletinProblem,
    catalog::KeepProblem,
    circulation::Refusal,
    messages::{self, Key},
    patrons::{CardProblem, CardState, FactorProblem, StaffProblem},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    components::alert,
    erase::{Erase as _, ErasedView},
    i18n::{I18n, use_i18n},
    visit::Outcome,
};
#[cfg(feature = "ssr")]
use crate::{failure::Failure, ssr::visit::Visit};

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Done {
    /// A card was given out.
    CardIssued,
    /// A card was corrected.
    CardEdited,
    /// A lost card was replaced.
    CardReplaced,
    /// A card may be used, or not.
    CardState(CardState),
    /// A title was reserved for a patron.
    Reserved {
        /// Title as shown.
        title: String,
        /// Its place in the queue, from 1.
        position: u32,
    },
    /// A reservation was cancelled for a patron.
    Cancelled {
        /// Title as shown.
        title: String,
    },
    /// Place and contact were changed for a patron.
    Changed {
        /// Title as shown.
        title: String,
    },
    /// A title the library does not own was entered.
    Requested,
    /// It is a step further, or in the queue, or declined.
    RequestMoved,
    /// A copy of another library was taken in.
    BorrowedTaken {
        /// The barcode it has here.
        barcode: String,
    },
    /// A copy of another library was sent back.
    BorrowedSent,
    /// A title was entered.
    BibAdded,
    /// A title was corrected.
    BibEdited,
    /// A copy was taken in.
    CopyAdded {
        /// Its barcode.
        barcode: String,
        /// Whether somebody waits for the title.
        wanted: bool,
    },
    /// A copy was changed.
    CopyChanged {
        /// Its barcode.
        barcode: String,
    },
    /// A copy was set aside as damaged.
    Damaged {
        /// Its barcode.
        barcode: String,
    },
    /// Two titles were merged.
    Merged,
    /// A place was closed.
    Closed {
        /// How many due dates and deadlines were moved.
        moved: u64,
    },
    /// An account of staff was made.
    StaffAdded,
    /// A device is a kiosk no more.
    KioskRemoved,
    /// An account of staff was changed.
    StaffChanged,
    /// A one-time password was given out.
    OneTime {
        /// The password. It stands in the session until it is shown, once, on the page that follows.
        password: String,
    },
    /// Signing in with a card does not wait any more.
    WaitLifted,
    /// The second factor was set up; these are the recovery codes, which are shown once.
    FactorSet {
        /// In groups of four.
        codes: Vec<String>,
    },
    /// A second factor was taken away.
    FactorRemoved,
    /// A member of staff changed their own password.
    OwnPassword,
    /// A member of staff was signed out elsewhere.
    SignedOutElsewhere,
    /// Something was told to everybody.
    BulletinAdded,
    /// What is told was changed.
    BulletinChanged,
    /// It was taken back.
    BulletinRemoved,
    /// A season of the reading marathon was made.
    SeasonAdded,
    /// One was changed.
    SeasonChanged,
    /// One was withdrawn.
    SeasonRemoved,
}

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Problem {
    /// By a rule of circulation.
    Refused(Refusal),
    /// Of a card.
    Card(CardProblem),
    /// Of the catalogue.
    Keep(KeepProblem),
    /// Of an account of staff.
    Staff(StaffProblem),
    /// Of a second factor.
    Factor(FactorProblem),
    /// A kiosk can't be called so, or not stand there.
    KioskName,
    /// Of a season of the reading marathon.
    Marathon(MarathonProblem),
    /// Of what the library tells.
    Bulletin(BulletinProblem),
    /// A day can't be read.
    Day,
    /// Something that must be given was left empty.
    Missing,
    /// It was not said that the person was checked.
    Unchecked,
    /// Too many passwords wait to be worked on.
    Busy,
}

impl Problem {
    /// The sentence that says it.
    pub(crate) fn sentence(&self, i18n: I18n) -> String {
        match self {
            Self::Refused(refusal) => i18n.refusal(refusal),
            Self::Card(problem) => i18n.t(messages::card_problem(*problem)),
            Self::Keep(problem) => i18n.t(messages::keep_problem(*problem)),
            Self::Staff(problem) => i18n.t(messages::staff_problem(*problem)),
            Self::Factor(problem) => i18n.t(messages::factor_problem(*problem)),
            Self::KioskName => i18n.t(Key::KioskProblemName),
            Self::Marathon(problem) => i18n.t(messages::marathon_problem(*problem)),
            Self::Bulletin(problem) => i18n.t(messages::bulletin_problem(*problem)),
            Self::Day => i18n.t(Key::KeepProblemDay),
            Self::Missing => i18n.t(Key::ProblemMissing),
            Self::Unchecked => i18n.t(Key::CardOnceUnchecked),
            Self::Busy => i18n.t(Key::DoorBusy),
        }
    }

    /// The field it stands beside, by its name in the form.
    pub(crate) const fn field(&self) -> Option<&'static str> {
        match self {
            Self::Card(problem) => Some(problem.field().as_str()),
            Self::Keep(problem) => match problem {
                KeepProblem::Title => Some("title"),
                KeepProblem::Reading => Some("reading"),
                KeepProblem::Year => Some("year"),
                KeepProblem::Isbn | KeepProblem::IsbnTaken => Some("isbn"),
                KeepProblem::Material | KeepProblem::MaterialInUse => Some("material"),
                KeepProblem::Barcode | KeepProblem::BarcodeTaken | KeepProblem::BarcodeUnknown => Some("barcode"),
                KeepProblem::Branch => Some("branch"),
                KeepProblem::LoanRule | KeepProblem::CopyHeld => Some("loan_rule"),
                KeepProblem::Issue => Some("label"),
                KeepProblem::Day => Some("day"),
                KeepProblem::Gone => None,
            },
            Self::Staff(problem) => match problem {
                StaffProblem::Login | StaffProblem::LoginTaken => Some("login"),
                StaffProblem::Password => Some("password"),
                StaffProblem::Old | StaffProblem::Wait => Some("old"),
                StaffProblem::Again => Some("again"),
                StaffProblem::LastManager | StaffProblem::Unknown => None,
            },
            Self::Factor(FactorProblem::Password) => Some("password"),
            Self::Factor(FactorProblem::Wrong | FactorProblem::Wait) => Some("code"),
            Self::KioskName => Some("name"),
            Self::Marathon(problem) => problem.field(),
            Self::Bulletin(problem) => problem.field(),
            Self::Refused(_) | Self::Day | Self::Missing | Self::Unchecked | Self::Busy => None,
        }
    }
}

/// What came of a form, see [`Outcome`]: what was done, or why not and what was typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Said {
    /// What was done.
    pub(crate) done: Option<Done>,
    /// Why it was not.
    pub(crate) problems: Vec<Problem>,
    /// The fields as typed, by their names.
    pub(crate) typed: Vec<(String, String)>,
}

#[cfg(feature = "ssr")]
impl Said {
    /// It was done.
    pub(crate) const fn done(done: Done) -> Self {
        Self { done: Some(done), problems: Vec::new(), typed: Vec::new() }
    }

    /// It was not done, for these reasons.
    pub(crate) fn not(problems: impl IntoIterator<Item = Problem>, typed: &[(&str, &str)]) -> Self {
        let typed = typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { done: None, problems: problems.into_iter().collect(), typed }
    }

    /// Keeps it for the next page.
    pub(crate) async fn keep(self, visit: &mut Visit) -> Result<(), Failure> {
        visit.tell(self.flash()?).await
    }
}

impl Outcome for Said {
    const ROOM: &'static str = "desk-form";
}

impl Said {
    /// What was typed into a field.
    pub(crate) fn typed(&self, name: &str) -> Option<String> {
        self.typed.iter().find(|(of, _)| of == name).map(|(_, value)| value.clone())
    }

    /// What has to be said of it on the page: done, or why not.
    pub(crate) fn view(&self) -> ErasedView {
        let i18n = use_i18n();
        if let Some(done) = &self.done {
            return view! { <p class="notice good" role="status">{sentence(i18n, done)}</p> }.erased();
        }
        let reasons: Vec<String> = self.problems.iter().map(|problem| problem.sentence(i18n)).collect();
        alert(reasons.join(" "))
    }

    /// Whether only what staff may overrule stands in the way.
    pub(crate) fn may_be_overruled(&self) -> bool {
        !self.problems.is_empty()
            && self.problems.iter().all(|problem| matches!(problem, Problem::Refused(why) if why.may_be_overruled()))
    }
}

/// What was done, in words.
fn sentence(i18n: I18n, done: &Done) -> String {
    let of_title = |key: Key, title: &str| i18n.fill(key, &[("title", title)]);
    let of_barcode = |key: Key, barcode: &str| i18n.fill(key, &[("barcode", barcode)]);
    match done {
        Done::CardIssued => i18n.t(Key::DoneCardIssued),
        Done::CardEdited => i18n.t(Key::DoneCardEdited),
        Done::CardReplaced => i18n.t(Key::DoneCardReplaced),
        Done::CardState(state) => i18n.t(match state {
            CardState::Active => Key::DoneCardActive,
            CardState::Suspended => Key::DoneCardSuspended,
            CardState::Expired => Key::DoneCardExpired,
        }),
        Done::Reserved { title, position } => {
            i18n.fill(Key::DoneReserved, &[("title", title), ("n", &position.to_string())])
        }
        Done::Cancelled { title } => of_title(Key::DoneCancelled, title),
        Done::Changed { title } => of_title(Key::SaidChanged, title),
        Done::Requested => i18n.t(Key::DoneRequested),
        Done::RequestMoved => i18n.t(Key::DoneRequestMoved),
        Done::BorrowedTaken { barcode } => of_barcode(Key::DoneBorrowedTaken, barcode),
        Done::BorrowedSent => i18n.t(Key::DoneBorrowedSent),
        Done::BibAdded => i18n.t(Key::DoneBibAdded),
        Done::BibEdited => i18n.t(Key::DoneBibEdited),
        Done::CopyAdded { barcode, wanted: false } => of_barcode(Key::DoneCopyAdded, barcode),
        Done::CopyAdded { barcode, wanted: true } => of_barcode(Key::DoneCopyAddedWanted, barcode),
        Done::CopyChanged { barcode } => of_barcode(Key::DoneCopyChanged, barcode),
        Done::Damaged { barcode } => of_barcode(Key::DoneDamaged, barcode),
        Done::Merged => i18n.t(Key::DoneMerged),
        Done::Closed { moved } => i18n.number(Key::DoneClosed, moved),
        Done::KioskRemoved => i18n.t(Key::DoneKioskRemoved),
        Done::StaffAdded => i18n.t(Key::DoneStaffAdded),
        Done::StaffChanged => i18n.t(Key::DoneStaffChanged),
        Done::OneTime { password } => i18n.fill(Key::DoneOnce, &[("password", password)]),
        Done::WaitLifted => i18n.t(Key::DoneLifted),
        Done::FactorSet { .. } => i18n.t(Key::DoneFactorSet),
        Done::FactorRemoved => i18n.t(Key::DoneFactorRemoved),
        Done::OwnPassword => i18n.t(Key::DoneStaffOwnPassword),
        Done::SignedOutElsewhere => i18n.t(Key::OwnSessionsEnded),
        Done::BulletinAdded => i18n.t(Key::DoneBulletinAdded),
        Done::BulletinChanged => i18n.t(Key::DoneBulletinChanged),
        Done::BulletinRemoved => i18n.t(Key::DoneBulletinRemoved),
        Done::SeasonAdded => i18n.t(Key::DoneSeasonAdded),
        Done::SeasonChanged => i18n.t(Key::DoneSeasonChanged),
        Done::SeasonRemoved => i18n.t(Key::DoneSeasonRemoved),
    }
}
