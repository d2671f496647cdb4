//! The patron's door: 新規パスワード登録・再発行, the links of mails, one-time passwords, 利用者情報 (R3–R6), passkeys. Nothing here says
//! whether a card exists.

pub mod api;
pub mod device_api;
mod devices;
pub mod link;
pub(crate) mod parts;
pub mod passkey_api;
pub(crate) mod passkeys;
pub mod register;
pub mod settings;

use domain::patrons::{DoorProblem, DoorRefusal};
use serde::{Deserialize, Serialize};

use crate::visit::{Here, Outcome, Visit};

/// What came of a form of these pages. It brings back what was typed, but never a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoorFlash {
    /// Which of the forms of its page it was, by the name of its first field or of an address.
    pub form: String,
    /// What came of it.
    pub answer: Result<DoorSaid, DoorRefusal>,
    /// The fields as typed, by their names.
    pub typed: Vec<(String, String)>,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DoorSaid {
    /// A password was chosen; the next step is to sign in with it.
    PasswordSet,
    /// The password was changed by who is signed in.
    PasswordChanged,
    /// A mail went to this address, to confirm it.
    AddressAsked(String),
    /// This address was confirmed.
    AddressConfirmed(String),
    /// An address was taken away.
    AddressRemoved,
    /// Ready notices go to the other address.
    ReadyChosen,
    /// A passkey was registered.
    PasskeyAdded,
    /// A passkey was taken away.
    PasskeyRemoved,
    /// This device gets notices.
    DeviceAdded,
    /// A device gets no more notices.
    DeviceRemoved,
}

impl Outcome for DoorFlash {
    const ROOM: &'static str = "door";
}

impl DoorFlash {
    /// What has to be said on this page of the form that led here.
    pub(crate) fn read(visit: Visit, here: &Here) -> Option<Self> {
        Self::of(visit.flash(here).as_ref())
    }

    /// What was typed into a field.
    fn typed(&self, name: &str) -> Option<String> {
        self.typed.iter().find(|(of, _)| of == name).map(|(_, value)| value.clone())
    }

    /// What is wrong with what was typed.
    fn problems(&self) -> &[DoorProblem] {
        match &self.answer {
            Err(DoorRefusal::Problems(problems)) => problems,
            _ => &[],
        }
    }
}
