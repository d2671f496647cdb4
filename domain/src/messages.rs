//! The message catalogue: every text a person may read, in every language of the service.
//!
//! The texts are `messages/{language}/*.toml`, a file for each room; `build.rs` makes a [`Key`] of each. A browser is sent only the texts of the
//! language in use, as lists in the order of the keys, so that the WASM holds none of them: first those that every page needs
//! (`messages/first.txt`), then the others; the feature `texts`, which the server uses, has them all.

mod bookshelf;
mod door;
mod keeping;
mod live;
mod look;
mod marathon;
mod reading;
mod walls;

use std::borrow::Cow;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::{
    catalog::{LimitGroup, MaterialType},
    circulation::{CancelReason, Refusal},
    patrons::Contact,
};

pub use bookshelf::{cart_fate, import_problem, list_sort, list_title, shelf_refusal};
pub use door::{device_refusal, door_problem, link_gone, passkey_refusal};
pub use keeping::{
    card_problem, card_state, figure_kind, item_state, keep_problem, loan_rule, request_step, staff_problem, staff_role,
};

pub use live::live_changes;
pub use look::{bulletin_problem, text_size, theme};
pub use marathon::{drawn, marathon_problem};
pub use reading::{Piece, pieces};
pub use walls::{deed, factor_problem, second_factor};

include!(concat!(env!("OUT_DIR"), "/messages.rs"));

/// A language of the service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    /// Japanese.
    #[default]
    Ja,
    /// Easy Japanese (やさしい日本語): short sentences, every kanji with its reading.
    Easy,
    /// English.
    En,
    /// Chinese in simplified characters.
    Zh,
    /// Korean.
    Ko,
    /// Portuguese as in Brazil.
    Pt,
    /// Vietnamese.
    Vi,
}

impl Language {
    /// All languages, in the order offered.
    pub const ALL: [Self; 7] = [Self::Ja, Self::Easy, Self::En, Self::Zh, Self::Ko, Self::Pt, Self::Vi];

    /// Its BCP 47 code, as used in `?lang=` and in the page's `lang`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::Easy => "ja-x-easy",
            Self::En => "en",
            Self::Zh => "zh-Hans",
            Self::Ko => "ko",
            Self::Pt => "pt-BR",
            Self::Vi => "vi",
        }
    }

    /// Its name in itself.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::Ja => "日本語",
            Self::Easy => "やさしいにほんご",
            Self::En => "English",
            Self::Zh => "简体中文",
            Self::Ko => "한국어",
            Self::Pt => "Português",
            Self::Vi => "Tiếng Việt",
        }
    }

    /// Whether its readers read Japanese: what has no translation needs no mark for them.
    pub const fn is_japanese(self) -> bool {
        matches!(self, Self::Ja | Self::Easy)
    }

    /// Of a name that a library gives in Japanese and in English, the one its readers are shown.
    pub const fn of<'a>(self, ja: &'a str, en: &'a str) -> &'a str {
        if self.is_japanese() { ja } else { en }
    }

    /// All codes, as they are named to somebody who gave another.
    pub fn codes() -> String {
        Self::ALL.map(Self::code).join(", ")
    }

    /// The language with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }
}

/// The texts of one language.
#[derive(Clone, Debug)]
pub struct Messages {
    language: Language,
    texts: Cow<'static, [Cow<'static, str>]>,
    /// Who is told of a text that is not there.
    missing: fn(Key),
}

impl Messages {
    /// The texts as compiled in.
    #[cfg(feature = "texts")]
    pub fn of(language: Language) -> Self {
        Self { language, texts: Cow::Borrowed(texts(language)), missing: |_| {} }
    }

    /// Texts that came as a file, in the order of [`Key`]. `missing` is told of each that is asked for and is not there.
    pub fn from_list(language: Language, texts: Vec<String>, missing: fn(Key)) -> Self {
        Self { language, texts: texts.into_iter().map(Cow::Owned).collect(), missing }
    }

    /// Adds the texts that came as a second file.
    pub fn add(&mut self, more: Vec<String>) {
        self.texts.to_mut().extend(more.into_iter().map(Cow::Owned));
    }

    /// Whether all texts are there.
    pub fn is_whole(&self) -> bool {
        self.texts.len() >= ALL
    }

    /// The texts in the order of [`Key`], to be sent to a browser: those that every page needs, and the others.
    #[cfg(feature = "texts")]
    pub fn lists(&self) -> [&[Cow<'static, str>]; 2] {
        self.texts.split_at_checked(FIRST).map_or([&self.texts, &[]], |(first, more)| [first, more])
    }

    /// The language they are in.
    pub const fn language(&self) -> Language {
        self.language
    }

    /// A text. Empty when it has not come yet.
    pub fn text(&self, key: Key) -> String {
        self.texts.get(key as usize).map_or_else(
            || {
                (self.missing)(key);
                String::new()
            },
            ToString::to_string,
        )
    }

    /// A text with its placeholders filled: `{name}` becomes the value beside `name`.
    pub fn fill(&self, key: Key, values: &[(&str, &str)]) -> String {
        let text = self.text(key);
        let mut filled = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                rest = after;
                break;
            };
            if let Some((_, value)) = values.iter().find(|(n, _)| *n == name) {
                filled.push_str(value);
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }
}

/// A day as people write it, with its day of the week.
pub fn date(messages: &Messages, day: NaiveDate) -> String {
    let weekdays = messages.text(Key::DateWeekdays);
    let weekday = weekdays.split(' ').nth(day.weekday().num_days_from_monday() as usize).unwrap_or_default();
    let months = messages.text(Key::DateMonths);
    let month = months.split(' ').nth(day.month0() as usize).unwrap_or_default();
    let (year, number) = (day.year().to_string(), day.day().to_string());
    messages.fill(Key::Date, &[("year", &year), ("month", month), ("day", &number), ("weekday", weekday)])
}

/// The name of a kind of material.
pub const fn material(material: MaterialType) -> Key {
    match material {
        MaterialType::Book => Key::MaterialBook,
        MaterialType::Magazine => Key::MaterialMagazine,
        MaterialType::Kamishibai => Key::MaterialKamishibai,
        MaterialType::Cd => Key::MaterialCd,
        MaterialType::Dvd => Key::MaterialDvd,
        MaterialType::Ld => Key::MaterialLd,
    }
}

/// The name of a contact method.
pub const fn contact(contact: Contact) -> Key {
    match contact {
        Contact::Mail => Key::ContactMail,
        Contact::Telephone => Key::ContactTelephone,
        Contact::None => Key::ContactNone,
    }
}

/// Why a reservation was cancelled, as 予約取消一覧 says it (R22).
pub const fn cancel_reason(reason: CancelReason) -> Key {
    match reason {
        CancelReason::Patron => Key::CancelledByPatron,
        CancelReason::Staff => Key::CancelledByStaff,
        CancelReason::Expired => Key::CancelledExpired,
        CancelReason::Unanswered => Key::CancelledUnanswered,
        CancelReason::Declined => Key::CancelledDeclined,
        CancelReason::Withdrawn => Key::CancelledWithdrawn,
        CancelReason::Merged => Key::CancelledMerged,
    }
}

/// A number with its counter: 冊 for books and magazines, 点 for the rest.
fn counted(messages: &Messages, group: LimitGroup, n: u32) -> String {
    let key = match group {
        LimitGroup::BooksAndMagazines => Key::CountVolumes,
        LimitGroup::Kamishibai | LimitGroup::Cds | LimitGroup::Videos => Key::CountPieces,
    };
    messages.fill(key, &[("n", &n.to_string())])
}

/// The name of what is counted together.
const fn group(group: LimitGroup) -> Key {
    match group {
        LimitGroup::BooksAndMagazines => Key::GroupBooksAndMagazines,
        LimitGroup::Kamishibai => Key::GroupKamishibai,
        LimitGroup::Cds => Key::GroupCds,
        LimitGroup::Videos => Key::GroupVideos,
    }
}

/// The sentence that tells a person why something is refused.
pub fn refusal(messages: &Messages, refusal: &Refusal) -> String {
    let limit_text = |key: Key, of: LimitGroup, limit: u32| {
        messages.fill(key, &[("group", &messages.text(group(of))), ("limit", &counted(messages, of, limit))])
    };
    let key = match refusal {
        Refusal::MaterialNotReservable { material: kind } => {
            let name = messages.text(material(*kind));
            return messages.fill(Key::RefusalMaterialNotReservable, &[("material", &name)]);
        }
        Refusal::LimitReached { group, limit } => return limit_text(Key::RefusalLimitReached, *group, *limit),
        Refusal::LoanLimitReached { group, limit } => return limit_text(Key::RefusalLoanLimitReached, *group, *limit),
        Refusal::NewestIssue => Key::RefusalNewestIssue,
        Refusal::InLibraryOnly => Key::RefusalInLibraryOnly,
        Refusal::NoCopy => Key::RefusalNoCopy,
        Refusal::UnknownTitle => Key::RefusalUnknownTitle,
        Refusal::AlreadyReserved => Key::RefusalAlreadyReserved,
        Refusal::OnLoanToYou => Key::RefusalOnLoanToYou,
        Refusal::SetRefused => Key::RefusalSetRefused,
        Refusal::CardSuspended => Key::RefusalCardSuspended,
        Refusal::CardExpired => Key::RefusalCardExpired,
        Refusal::UnknownPlace => Key::RefusalUnknownPlace,
        Refusal::MailNotConfirmed => Key::RefusalMailNotConfirmed,
        Refusal::ContactNotOffered => Key::RefusalContactNotOffered,
        Refusal::EmptyCart => Key::RefusalEmptyCart,
        Refusal::UnknownBarcode => Key::RefusalUnknownBarcode,
        Refusal::ItemWithdrawn => Key::RefusalItemWithdrawn,
        Refusal::CapturedForAnother => Key::RefusalCapturedForAnother,
        Refusal::NotCheckedIn => Key::RefusalNotCheckedIn,
        Refusal::ItemInLibraryOnly => Key::RefusalItemInLibraryOnly,
        Refusal::UnknownReservation => Key::RefusalUnknownReservation,
        Refusal::ReservationOver => Key::RefusalReservationOver,
        Refusal::BeingPrepared => Key::RefusalBeingPrepared,
        Refusal::OnItsWay => Key::RefusalOnItsWay,
        Refusal::ReadyAlready => Key::RefusalReadyAlready,
        Refusal::NotOwnedYet => Key::RefusalNotOwnedYet,
        Refusal::CancelByTelephone => Key::RefusalCancelByTelephone,
        Refusal::LoanOver => Key::RefusalLoanOver,
        Refusal::BorrowedCopy => Key::RefusalBorrowedCopy,
        Refusal::Overdue => Key::RefusalOverdue,
        Refusal::RenewedAlready => Key::RefusalRenewedAlready,
        Refusal::OthersWaiting => Key::RefusalOthersWaiting,
        Refusal::NotLater { .. } => Key::RefusalNotLater,
        Refusal::SetTooShort => Key::RefusalSetTooShort,
        Refusal::SetChanged => Key::RefusalSetChanged,
        Refusal::NotMovable => Key::RefusalNotMovable,
        Refusal::InAnotherSet => Key::RefusalInAnotherSet,
        Refusal::UnknownSet => Key::RefusalUnknownSet,
        Refusal::SetPaused => Key::RefusalSetPaused,
        Refusal::NotPaused => Key::RefusalNotPaused,
        Refusal::NotReady => Key::RefusalNotReady,
        Refusal::ExtendedAlready => Key::RefusalExtendedAlready,
        Refusal::ItemOnLoan => Key::RefusalItemOnLoan,
        Refusal::UnknownBib => Key::RefusalUnknownBib,
        Refusal::SameBib => Key::RefusalSameBib,
        Refusal::MaterialDiffers => Key::RefusalMaterialDiffers,
        Refusal::OnLoanTwice => Key::RefusalOnLoanTwice,
        Refusal::StepNotPossible => Key::RefusalStepNotPossible,
        Refusal::BarcodeTaken => Key::RefusalBarcodeTaken,
        Refusal::NoTitle => Key::RefusalNoTitle,
        Refusal::BadSpan => Key::RefusalBadSpan,
        Refusal::ListChanged => Key::RefusalListChanged,
        Refusal::CardReplaced => Key::RefusalCardReplaced,
        Refusal::NothingToUndo => Key::RefusalNothingToUndo,
        Refusal::ChangedSince => Key::RefusalChangedSince,
        Refusal::UnknownCard => Key::UnknownCard,
        Refusal::ScannedSince => Key::RefusalScannedSince,
        Refusal::SettledAlready => Key::RefusalSettledAlready,
        Refusal::NoReason => Key::RefusalNoReason,
    };
    messages.text(key)
}

#[cfg(all(test, feature = "texts"))]
mod tests {
    use std::sync::atomic::{AtomicU16, Ordering};

    use super::*;

    #[test]
    fn placeholders_are_filled_once_and_values_are_left_alone() {
        let ja = Messages::of(Language::Ja);
        assert_eq!(ja.fill(Key::StatusWaiting, &[("position", "{position}")]), "予約中（{position}番目）");
    }

    #[test]
    fn every_language_has_every_text() {
        for language in Language::ALL {
            let messages = Messages::of(language);
            assert!(messages.lists().concat().iter().all(|text| !text.trim().is_empty()), "{language:?}");
        }
    }

    #[test]
    fn a_refusal_names_the_material_and_counts_as_people_count() {
        let ja = Messages::of(Language::Ja);
        let limit = Refusal::LimitReached { group: LimitGroup::BooksAndMagazines, limit: 10 };
        assert_eq!(refusal(&ja, &limit), "本・雑誌の予約は10冊までです。");
        let dvd = Refusal::MaterialNotReservable { material: MaterialType::Dvd };
        assert_eq!(refusal(&ja, &dvd), "DVDは予約できません。");
    }

    #[test]
    fn lists_that_are_sent_one_after_the_other_read_the_same() {
        static MISSED: AtomicU16 = AtomicU16::new(0);
        let en = Messages::of(Language::En);
        let [first, more] = en.lists().map(|list| list.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert!(first.len() * 4 < more.len(), "{} of {}", first.len(), more.len());
        let mut sent = Messages::from_list(Language::En, first, |_| _ = MISSED.fetch_add(1, Ordering::Relaxed));
        let (every, other) = (Key::NavSearch, Key::DateMonths);
        assert_eq!((sent.text(every), sent.text(other)), (en.text(every), String::new()));
        assert!(!sent.is_whole());
        sent.add(more);
        assert!(sent.is_whole());
        assert_eq!((sent.text(every), sent.text(other)), (en.text(every), en.text(other)));
        assert_eq!(MISSED.load(Ordering::Relaxed), 1);
    }
}
