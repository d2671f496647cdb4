//! Kiosks: devices in the library on which people use the service who brought none (館内OPAC, R32).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::RegisterForm;
use crate::{KioskId, PlaceCode};

/// Most characters of a kiosk's name.
const NAME: usize = 40;

/// A kiosk, as those see it who keep them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KioskView {
    /// Which.
    pub id: KioskId,
    /// What staff call it.
    pub name: String,
    /// Where it stands.
    pub place: PlaceCode,
    /// Since when.
    pub registered: NaiveDate,
}

/// The first password, chosen at a kiosk (R3).
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KioskForm {
    /// 利用者番号
    pub card: String,
    /// 氏名カナ
    pub kana: String,
    /// 生年月日, in any way of writing it.
    pub birth_date: String,
    /// 電話番号
    pub telephone: String,
    /// The password.
    pub password: String,
    /// The password again.
    pub again: String,
}

impl std::fmt::Debug for KioskForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // All of it is secret or names a person.
        f.write_str("KioskForm")
    }
}

impl KioskForm {
    /// What the form has in common with the one that is answered by mail.
    pub fn facts(&self) -> RegisterForm {
        RegisterForm {
            card: self.card.clone(),
            kana: self.kana.clone(),
            birth_date: self.birth_date.clone(),
            telephone: self.telephone.clone(),
            mail: String::new(),
        }
    }
}

/// The name of a kiosk as typed. `None` when it is empty, or longer than a list can show.
pub fn read_kiosk_name(typed: &str) -> Option<String> {
    let name = typed.trim();
    (1..=NAME).contains(&name.chars().count()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kiosk_has_a_name_that_a_list_can_show() {
        assert_eq!(read_kiosk_name(" 1階 入口 "), Some("1階 入口".to_owned()));
        assert_eq!(read_kiosk_name(" \u{3000}"), None);
        assert_eq!(read_kiosk_name(&"あ".repeat(41)), None);
    }
}
