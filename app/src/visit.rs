//! Who is looking, and what has to be said to them once.

use domain::{
    PlaceCode,
    bookshelf::{ShelfDone, ShelfRefusal},
    cart::Arrangement,
    circulation::Refusal,
    patrons::{Account, SecondStep, Wait},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    failure::Failure,
    load::{self, Answer, Json, Loadable, Loaded, load},
};

/// Who is looking, as every page needs it. Loaded with the page, once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Here {
    /// The patron who is signed in.
    pub account: Option<Account>,
    /// The member of staff who is signed in.
    pub staff: Option<StaffHere>,
    /// The titles in the cart.
    pub cart: Arrangement,
    /// Whether the device says it is a kiosk.
    pub kiosk: bool,
    /// What came of the form that led here.
    pub flash: Option<Flash>,
}

/// A member of staff at work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffHere {
    /// Login name.
    pub login: String,
    /// Where they work today, once they have said so.
    pub place: Option<PlaceCode>,
    /// Whether they also close places, see the figures and keep the accounts of staff.
    pub manager: bool,
    /// What stands between them and the desk.
    pub step: SecondStep,
}

/// What came of a form, to be said on the page its answer leads to, once. It brings back what was typed, but never
/// a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Flash {
    /// The number or the password was wrong (R7).
    SignInWrong {
        /// The number, as typed.
        card: String,
    },
    /// The staff login or its password was wrong.
    StaffWrong {
        /// The login, as typed.
        login: String,
    },
    /// A sign-in was not looked at: until then, or because too many came at once.
    SignInHeld {
        /// The number or the login, as typed.
        typed: String,
        /// How long to wait.
        wait: Option<Wait>,
    },
    /// The request was refused.
    Refused(Refusal),
    /// What came of a wish about the lists of My本棚.
    Shelf(Result<ShelfDone, ShelfRefusal>),
    /// No number was chosen for an ordered set.
    NothingChosen,
    /// The patron was signed out in other browsers.
    SignedOutElsewhere,
    /// What came of a form of one of the rooms whose program not everybody loads: see [`Outcome`].
    Room {
        /// Which, see [`Outcome::ROOM`].
        room: String,
        /// The outcome, as it is read in the room.
        text: String,
    },
    /// Our failure.
    Fault,
}

/// What came of a form of one room. In the session, and on the way to the browser, it is a text, so that nobody but the room has
/// to be able to read it.
pub(crate) trait Outcome: Serialize + DeserializeOwned {
    /// Tells the outcomes of one room from those of another.
    const ROOM: &'static str;

    /// Writes it.
    ///
    /// # Errors
    /// As [`load::write`].
    #[cfg(feature = "ssr")]
    fn flash(&self) -> Result<Flash, Failure> {
        let text = load::write(self).map_err(crate::ssr::fault)?;
        Ok(Flash::Room { room: Self::ROOM.to_owned(), text })
    }

    /// Reads it. What another room was to say is nothing here, nor what a server of another version wrote.
    fn of(flash: Option<&Flash>) -> Option<Self> {
        match flash {
            Some(Flash::Room { room, text }) if room == Self::ROOM => load::read(text).ok(),
            _ => None,
        }
    }
}

/// Who is looking. Anybody may ask this about themselves.
#[server(endpoint = "here", input = Json, output = Loadable)]
pub async fn load_here() -> Result<Answer<Here>, Failure> {
    let mut visit = crate::ssr::visit::anyone().await?;
    Answer::of(&visit.here().await?)
}

/// The visit of this page: who is looking, and how many pages were opened since the page was loaded.
#[derive(Clone, Copy)]
pub struct Visit {
    here: Loaded<Here>,
    moves: StoredValue<u32>,
}

impl Visit {
    /// Begins to find out.
    pub(crate) fn new() -> Self {
        Self { here: load(|| (), |()| load_here()), moves: StoredValue::new(0) }
    }

    /// Who is looking. When that can't be found out, nobody in particular.
    pub async fn here(self) -> Here {
        let cart = expect_context::<crate::cart::state::Cart>();
        let here = self.here.get().await.unwrap_or_default();
        cart.learn(&here.cart, here.account.as_ref().map(|account| account.id));
        here
    }

    /// What came of the form that led here; nothing once the reader has moved on.
    pub fn flash(self, here: &Here) -> Option<Flash> {
        here.flash.clone().filter(|_| self.moves.get_value() == 0)
    }

    /// Another page of ours was opened without loading.
    pub(crate) fn moved(self) {
        self.moves.update_value(|moves| *moves += 1);
    }

    /// Whether the reader came to this page from another one of ours without loading.
    pub(crate) fn has_moved(self) -> bool {
        self.moves.get_value() > 0
    }
}

/// The visit of this page.
pub fn use_visit() -> Visit {
    expect_context()
}
