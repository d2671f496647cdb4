//! A patron's card at the desk: what is typed, what is kept, how it is found.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{CardState, Wait, card_number, read_telephones, telephone::digits, telephones};
use crate::{
    PatronId,
    circulation::{LoanView, ReservationView, barcode},
    dates::read_date,
    text,
    words::words,
};

/// A card as it is typed at the desk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CardForm {
    /// 利用者番号
    pub number: String,
    /// 氏名
    pub name: String,
    /// 氏名カナ
    pub kana: String,
    /// 生年月日, in any way of writing it.
    pub birth_date: String,
    /// 電話番号
    pub telephone: String,
    /// メールアドレス1
    pub mail1: String,
    /// メールアドレス2
    pub mail2: String,
    /// Which of the two gets the ready notice, `1` or `2`; else the one there is.
    pub ready_mail: String,
}

/// A card as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardDetails {
    /// 利用者番号
    pub number: String,
    /// 氏名
    pub name: String,
    /// 氏名カナ, in katakana.
    pub kana: String,
    /// 生年月日
    pub birth_date: NaiveDate,
    /// 電話番号, digits and hyphens; several stand one after the other.
    pub telephone: String,
    /// メールアドレス1
    pub mail1: Option<String>,
    /// メールアドレス2
    pub mail2: Option<String>,
    /// Whether the second address gets the ready notice, and not the first.
    pub second_is_ready_mail: bool,
}

words! {
    /// A field of the form of a card.
    CardField, "field of a card" {
        /// 利用者番号
        Number = "number",
        /// 氏名
        Name = "name",
        /// 氏名カナ
        Kana = "kana",
        /// 生年月日
        BirthDate = "birth_date",
        /// 電話番号
        Telephone = "telephone",
        /// メールアドレス1
        Mail1 = "mail1",
        /// メールアドレス2
        Mail2 = "mail2",
    }
}

words! {
    /// Why a card can't be kept as typed.
    CardProblem, "problem of a card" {
        /// The number is missing, or not of letters and digits.
        Number = "number",
        /// Somebody has this number.
        NumberTaken = "number-taken",
        /// The number was on a card that was replaced.
        NumberReplaced = "number-replaced",
        /// The name is missing.
        Name = "name",
        /// The reading is missing or not in kana.
        Kana = "kana",
        /// The date of birth can't be read.
        BirthDate = "birth-date",
        /// Nobody who lives was born then.
        BirthDateImpossible = "birth-date-impossible",
        /// The telephone number is missing or too short.
        Telephone = "telephone",
        /// The first address is no mail address.
        Mail1 = "mail1",
        /// The second address is no mail address.
        Mail2 = "mail2",
    }
}

impl CardProblem {
    /// The field it stands beside.
    pub const fn field(self) -> CardField {
        match self {
            Self::Number | Self::NumberTaken | Self::NumberReplaced => CardField::Number,
            Self::Name => CardField::Name,
            Self::Kana => CardField::Kana,
            Self::BirthDate | Self::BirthDateImpossible => CardField::BirthDate,
            Self::Telephone => CardField::Telephone,
            Self::Mail1 => CardField::Mail1,
            Self::Mail2 => CardField::Mail2,
        }
    }
}

/// The oldest anybody has been, in years, and some more.
const OLDEST: i32 = 125;
/// Most characters of a name, a reading or a card number.
const LONGEST: usize = 80;

/// Reads a card number that is to be given out.
///
/// # Errors
/// When it is missing or not of letters and digits.
pub fn read_card_number(typed: &str) -> Result<String, CardProblem> {
    let number = card_number(typed);
    let plain = (4..=LONGEST).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if plain { Ok(number) } else { Err(CardProblem::Number) }
}

/// Reads a card as typed: full-width, hiragana for katakana, any way of writing a date are forgiven.
///
/// # Errors
/// All that is wrong, in the order of the fields.
pub fn read_card(form: &CardForm, today: NaiveDate) -> Result<CardDetails, Vec<CardProblem>> {
    let mut problems = Vec::new();
    let number = read_card_number(&form.number).map_err(|problem| problems.push(problem)).unwrap_or_default();
    let name = one_space(&form.name);
    if name.is_empty() || name.chars().count() > LONGEST {
        problems.push(CardProblem::Name);
    }
    let kana = text::katakana(&one_space(&text::one_width(&form.kana)));
    let kana_only = kana.chars().all(|c| text::is_kana(c) || matches!(c, ' ' | '・'));
    if kana.is_empty() || !kana_only || kana.chars().count() > LONGEST {
        problems.push(CardProblem::Kana);
    }
    let born = read_date(&form.birth_date);
    match born {
        None => problems.push(CardProblem::BirthDate),
        Some(day) if day > today || today.year() - day.year() > OLDEST => {
            problems.push(CardProblem::BirthDateImpossible);
        }
        Some(_) => {}
    }
    let telephone = read_telephones(&form.telephone);
    if telephone.is_none() {
        problems.push(CardProblem::Telephone);
    }
    let mut mail = |typed: &str, problem| {
        let address = barcode(typed);
        if !address.is_empty() && !is_mail(&address) {
            problems.push(problem);
        }
        Some(address).filter(|address| !address.is_empty())
    };
    let mail1 = mail(&form.mail1, CardProblem::Mail1);
    let mail2 = mail(&form.mail2, CardProblem::Mail2);
    let second_is_ready_mail = mail2.is_some() && (mail1.is_none() || form.ready_mail == "2");
    match born.zip(telephone) {
        Some((birth_date, telephone)) if problems.is_empty() => {
            Ok(CardDetails { number, name, kana, birth_date, telephone, mail1, mail2, second_is_ready_mail })
        }
        _ => Err(problems),
    }
}

/// The text with one space wherever there is some.
fn one_space(typed: &str) -> String {
    typed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether it could be a mail address; whether it is one, only a mail to it tells.
pub(super) fn is_mail(address: &str) -> bool {
    let Some((local, host)) = address.rsplit_once('@') else { return false };
    let plain = address.bytes().all(|byte| byte.is_ascii_graphic()) && address.len() <= 254;
    plain
        && !local.is_empty()
        && !local.contains('@')
        && host.contains('.')
        && !host.starts_with('.')
        && !host.ends_with('.')
}

/// Fewest digits of a telephone number by which it is found.
const FEWEST_DIGITS: usize = 4;

/// What a card is found by: its number, the name and its reading, each whole and by its later words, and the telephone
/// number, whole and without what people leave out. A search finds the cards one of whose keys begins as
/// [`card_query`] says.
pub fn card_keys(number: &str, name: &str, kana: &str, telephone: &str) -> Vec<String> {
    let mut keys = vec![number.to_lowercase()];
    for words in [name, kana] {
        keys.push(text::key(words));
        keys.extend(words.split_whitespace().skip(1).map(text::key));
    }
    for digits in telephones(telephone).iter().map(|number| digits(number)) {
        for length in [FEWEST_DIGITS, 6, 7, 8] {
            if digits.len() > length {
                keys.push(digits[digits.len() - length..].to_owned());
            }
        }
        keys.push(digits);
    }
    keys.retain(|key| !key.is_empty());
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// What the keys of the cards wanted begin with. `None` when too little was typed to look for.
pub fn card_query(typed: &str) -> Option<String> {
    let number = card_number(typed).to_lowercase();
    // A number of a card or a telephone, in whatever width and with whatever dashes.
    let digits = digits(&text::one_width(typed));
    let only_digits = text::one_width(typed).chars().all(|c| !c.is_alphabetic() || c == 'ー');
    if only_digits && !digits.is_empty() {
        return Some(digits).filter(|digits| digits.len() >= 3);
    }
    if number.is_ascii() && !number.is_empty() && number.bytes().any(|byte| byte.is_ascii_digit()) {
        return Some(number);
    }
    Some(text::key(typed)).filter(|key| !key.is_empty())
}

/// A card in a list of the desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardSummary {
    /// Whose.
    pub id: PatronId,
    /// 利用者番号
    pub number: String,
    /// 氏名
    pub name: String,
    /// 氏名カナ
    pub kana: String,
    /// 生年月日
    pub birth_date: NaiveDate,
    /// 電話番号
    pub telephone: String,
    /// Whether it may be used.
    pub card: CardState,
}

/// What a search for cards found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardsFound {
    /// The cards, by the reading of the name.
    pub cards: Vec<CardSummary>,
    /// Whether there are more.
    pub more: bool,
    /// Whether the number that was typed was on a card that was replaced; then its holder's card is the one found.
    pub replaced: bool,
}

/// A mail address of a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailOfCard {
    /// The address.
    pub address: String,
    /// Whether its holder confirmed it (R6).
    pub confirmed: bool,
    /// Whether it gets the ready notice.
    pub ready: bool,
    /// Since which day mail to it is refused, until it is confirmed anew (R13).
    pub refused_on: Option<NaiveDate>,
}

/// A card as the desk sees it: the person, and what they have now. What they had, keep or read is theirs alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardPage {
    /// The card.
    pub card: CardSummary,
    /// メールアドレス1, 2
    pub mails: [Option<MailOfCard>; 2],
    /// What is on loan.
    pub loans: Vec<LoanView>,
    /// What is reserved.
    pub reservations: Vec<ReservationView>,
    /// For how long its holder can't sign in somewhere, as wrong passwords were tried.
    pub held: Option<Wait>,
}

impl CardPage {
    /// The confirmed address ready notices go to, if there is one.
    pub fn ready_mail(&self) -> Option<String> {
        self.mails.iter().flatten().find(|mail| mail.ready && mail.confirmed).map(|mail| mail.address.clone())
    }

    /// The form that would keep the card as it is.
    pub fn form(&self) -> CardForm {
        let [mail1, mail2] =
            self.mails.each_ref().map(|mail| mail.clone().map_or_else(String::new, |mail| mail.address));
        let second = self.mails[1].as_ref().is_some_and(|mail| mail.ready);
        CardForm {
            number: self.card.number.clone(),
            name: self.card.name.clone(),
            kana: self.card.kana.clone(),
            birth_date: self.card.birth_date.to_string(),
            telephone: self.card.telephone.clone(),
            mail1,
            mail2,
            ready_mail: if second { "2" } else { "1" }.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> CardForm {
        CardForm {
            number: "１００－０９９９".into(),
            name: "山田　花子".into(),
            kana: "やまだ　ﾊﾅｺ".into(),
            birth_date: "平成12年1月2日".into(),
            telephone: "０４８（１２３）４５６７".into(),
            mail1: "hanako＠example.jp".into(),
            mail2: String::new(),
            ready_mail: "2".into(),
        }
    }

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 4, 1).unwrap_or_default()
    }

    #[test]
    fn a_card_is_read_as_people_type_it() {
        let card = read_card(&form(), today()).map_err(|problems| format!("{problems:?}"));
        let expected = CardDetails {
            number: "1000999".into(),
            name: "山田 花子".into(),
            kana: "ヤマダ ハナコ".into(),
            birth_date: NaiveDate::from_ymd_opt(2000, 1, 2).unwrap_or_default(),
            telephone: "048-123-4567".into(),
            mail1: Some("hanako@example.jp".into()),
            mail2: None,
            // The address that is not there gets no notices.
            second_is_ready_mail: false,
        };
        assert_eq!(card, Ok(expected));
    }

    #[test]
    fn each_field_says_what_is_wrong_with_it() {
        let empty = read_card(&CardForm::default(), today()).err().unwrap_or_default();
        let wanted =
            [CardProblem::Number, CardProblem::Name, CardProblem::Kana, CardProblem::BirthDate, CardProblem::Telephone];
        assert_eq!(empty, wanted);
        let one = |change: fn(&mut CardForm)| {
            let mut form = form();
            change(&mut form);
            read_card(&form, today()).err()
        };
        assert_eq!(one(|form| form.number = "12".into()), Some(vec![CardProblem::Number]));
        assert_eq!(one(|form| form.kana = "山田".into()), Some(vec![CardProblem::Kana]));
        assert_eq!(one(|form| form.birth_date = "2026-04-02".into()), Some(vec![CardProblem::BirthDateImpossible]));
        assert_eq!(one(|form| form.birth_date = "1890-04-02".into()), Some(vec![CardProblem::BirthDateImpossible]));
        assert_eq!(one(|form| form.telephone = "12345".into()), Some(vec![CardProblem::Telephone]));
        for address in ["a", "@example.jp", "a@example", "a@@example.jp", "a b@example.jp", "あ@example.jp"] {
            let form = CardForm { mail2: address.into(), ..form() };
            assert_eq!(read_card(&form, today()).err(), Some(vec![CardProblem::Mail2]), "{address}");
        }
    }

    #[test]
    fn a_card_is_found_by_what_people_say() {
        let keys = card_keys("A100999", "山田 花子", "ヤマダ ハナコ", "048-123-4567");
        let found = |typed: &str| card_query(typed).is_some_and(|query| keys.iter().any(|key| key.starts_with(&query)));
        for typed in [
            "a100",
            "Ａ１００９９９",
            "山田",
            "山田花子",
            "花子",
            "やまだ",
            "ヤマダ　ハナ",
            "ﾔﾏﾀﾞ",
            "はなこ",
            "048-123",
            "０４８１２３４５６７",
            "123-4567",
            "4567",
        ] {
            assert!(found(typed), "{typed}");
        }
        for typed in ["", " ", "48", "やまだ たろう", "100999", "5678"] {
            assert!(!found(typed), "{typed}");
        }
    }
}
