//! What patrons are told, and when.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::{messages::Language, notices::Templates};

/// Notices (R11, R13, R15).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NoticePolicy {
    /// The language of notices to patrons who never chose one.
    #[serde(serialize_with = "write_language", deserialize_with = "read_language")]
    pub language: Language,
    /// For how long a notice waits for others of its kind to the same patron, in minutes; 0 is not at all.
    pub gather_minutes: u32,
    /// The hour from which people are left alone, from 0 to 23, in the library's zone.
    pub quiet_from: u32,
    /// The hour until which they are; the same as `quiet_from` is never.
    pub quiet_until: u32,
    /// Whether mails wait for the end of the quiet hours too.
    pub quiet_mail: bool,
    /// How many days before the last day a ready copy is kept its patron is reminded; 0 is never.
    pub expiring_days: u32,
    /// Whether patrons are told that the library cancelled their reservation.
    pub cancelled: bool,
    /// Whether patrons are told that their reservation was cancelled because it ran out (R15).
    pub expired: bool,
    /// Whether a gateway of the library takes over what people would telephone for; follows from the server's settings.
    #[serde(skip)]
    pub gateway: bool,
    /// The library's own texts.
    #[serde(skip)]
    pub templates: Templates,
}

impl Default for NoticePolicy {
    fn default() -> Self {
        Self {
            language: Language::Ja,
            gather_minutes: 15,
            quiet_from: 21,
            quiet_until: 8,
            quiet_mail: false,
            expiring_days: 0,
            cancelled: true,
            expired: false,
            gateway: false,
            templates: Templates::default(),
        }
    }
}

/// Writes a language as its code.
fn write_language<S: Serializer>(language: &Language, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(language.code())
}

/// Reads a language by its code.
fn read_language<'de, D: Deserializer<'de>>(from: D) -> Result<Language, D::Error> {
    let code = String::deserialize(from)?;
    Language::from_code(&code)
        .ok_or_else(|| D::Error::custom(format!("there is no language `{code}` here, only {}", Language::codes())))
}
