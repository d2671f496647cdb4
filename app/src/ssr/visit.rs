//! Who is asking, and may they? The first line of every server function asks here.

use chrono::TimeDelta;
use domain::{
    PatronId, PlaceCode,
    cart::CartView,
    patrons::{Account, StaffRole},
};
use leptos::prelude::use_context;
use library::Library;
use tower_sessions::Session;

use super::{
    fault, forms,
    session::{KEY, PatronSession, SessionData, StaffSession},
};
use crate::{
    failure::Failure,
    visit::{Flash, Here, StaffHere},
};

/// A request: the library it asks, and the session of the browser it comes from.
pub struct Visit {
    /// The library.
    pub library: Library,
    /// What the session holds.
    pub data: SessionData,
    /// The account of the patron who is signed in.
    account: Option<Account>,
    session: Session,
}

/// Anybody may ask.
///
/// # Errors
/// When the session can't be read.
pub async fn anyone() -> Result<Visit, Failure> {
    let library = use_context::<Library>().ok_or_else(|| {
        tracing::error!("no library was provided to the pages");
        Failure::Fault
    })?;
    let session = leptos_axum::extract::<Session>().await.map_err(fault)?;
    let data = session.get(KEY).await.map_err(fault)?.unwrap_or_default();
    let mut visit = Visit { library, data, account: None, session };
    visit.end_when_idle().await?;
    visit.end_when_changed().await?;
    Ok(visit)
}

/// Only a patron who is signed in may ask, about themselves.
///
/// # Errors
/// [`Failure::SignIn`] when nobody is signed in.
pub async fn patron() -> Result<(Visit, PatronId), Failure> {
    let visit = anyone().await?;
    let patron = visit.patron().ok_or(Failure::SignIn)?;
    Ok((visit, patron))
}

/// Only staff who are signed in may ask.
///
/// # Errors
/// [`Failure::StaffOnly`] when nobody is, or has done nothing for too long.
pub async fn staff() -> Result<(Visit, StaffSession), Failure> {
    let mut visit = anyone().await?;
    visit.end_when_removed().await?;
    let staff = visit.data.staff.clone().ok_or(Failure::StaffOnly)?;
    Ok((visit, staff))
}

/// Only a manager who is signed in may ask.
///
/// # Errors
/// [`Failure::StaffOnly`] when that is not so.
pub async fn manager() -> Result<(Visit, StaffSession), Failure> {
    let (visit, staff) = staff().await?;
    if staff.role == StaffRole::Manager { Ok((visit, staff)) } else { Err(Failure::StaffOnly) }
}

/// Only staff who have said where they work may ask.
///
/// # Errors
/// [`Failure::StaffOnly`] when that is not so.
pub async fn desk() -> Result<(Visit, PlaceCode), Failure> {
    let (visit, staff) = staff().await?;
    let place = staff.place.ok_or(Failure::StaffOnly)?;
    Ok((visit, place))
}

impl Visit {
    /// The patron who is signed in.
    pub fn patron(&self) -> Option<PatronId> {
        self.data.patron.map(|patron| patron.id)
    }

    /// Signs out a patron or a member of staff who has done nothing for longer than the policy allows, and else
    /// remembers that they were here: a patron once a day, staff once a minute, so that not every page writes.
    async fn end_when_idle(&mut self) -> Result<(), Failure> {
        let now = self.library.now();
        let accounts = &self.library.policy().accounts;
        let before = self.data.clone();
        if let Some(patron) = &mut self.data.patron {
            let idle = now - patron.seen;
            if idle > TimeDelta::days(accounts.patron_idle_days.into()) {
                self.data.patron = None;
            } else if idle >= TimeDelta::days(1) {
                patron.seen = now;
            }
        }
        if let Some(staff) = &mut self.data.staff {
            let idle = now - staff.seen;
            if idle > TimeDelta::minutes(accounts.staff_idle_minutes.into()) {
                self.data.staff = None;
                // It may hold a slip.
                self.data.flash = None;
            } else if idle >= TimeDelta::minutes(1) {
                staff.seen = now;
            }
        }
        if self.data == before { Ok(()) } else { self.save().await }
    }

    /// Signs out a patron who is not there any more, or whose password was changed elsewhere.
    async fn end_when_changed(&mut self) -> Result<(), Failure> {
        let Some(patron) = self.data.patron else { return Ok(()) };
        let known = self.library.account(patron.id).await.map_err(fault)?;
        self.account = known.filter(|account| account.generation == patron.generation);
        if self.account.is_some() {
            return Ok(());
        }
        self.data.patron = None;
        self.save().await
    }

    /// Signs out a member of staff whose account was disabled or got another password, and reads what the others may do.
    async fn end_when_removed(&mut self) -> Result<(), Failure> {
        let Some(staff) = &mut self.data.staff else { return Ok(()) };
        let known = self.library.staff_member(staff.id).await.map_err(fault)?;
        match known.filter(|known| known.generation == staff.generation) {
            Some(known) => {
                staff.role = known.role;
                Ok(())
            }
            None => {
                self.data.staff = None;
                // It may hold a slip.
                self.data.flash = None;
                self.save().await
            }
        }
    }

    /// Writes back what the session holds.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn save(&self) -> Result<(), Failure> {
        self.session.insert(KEY, &self.data).await.map_err(fault)
    }

    /// Gives the session a new id, so that an id somebody knew before is worth nothing after signing in.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn renew(&self) -> Result<(), Failure> {
        self.session.cycle_id().await.map_err(fault)
    }

    /// A patron has signed in: from here on it is their session, with the cart they came with.
    ///
    /// # Errors
    /// Our failure.
    pub async fn begin(&mut self, account: &Account) -> Result<(), Failure> {
        self.renew().await?;
        if let Some(cart) = self.data.cart.take() {
            self.library.take_cart_along(cart, account.id).await.map_err(fault)?;
        }
        let seen = self.library.now();
        self.data.patron = Some(PatronSession { id: account.id, generation: account.generation, seen });
        self.save().await
    }

    /// The patron who is signed in has a new password: this session goes on under a new id, all others are over.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn go_on(&mut self, generation: i64) -> Result<(), Failure> {
        self.renew().await?;
        if let Some(patron) = &mut self.data.patron {
            patron.generation = generation;
        }
        self.save().await
    }

    /// Ends the session.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn end(&self) -> Result<(), Failure> {
        self.session.flush().await.map_err(fault)
    }

    /// Keeps what has to be said on the next page.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn tell(&mut self, flash: Flash) -> Result<(), Failure> {
        self.data.flash = Some(flash);
        self.save().await
    }

    /// The cart of whoever is asking.
    ///
    /// # Errors
    /// Our failure.
    pub async fn cart(&self) -> Result<CartView, Failure> {
        if self.data.cart.is_none() && self.data.patron.is_none() {
            return Ok(CartView::default());
        }
        self.library.cart(self.data.cart, self.patron()).await.map_err(fault)
    }

    /// Who is asking, as every page needs it.
    ///
    /// # Errors
    /// Our failure.
    pub(crate) async fn here(&mut self) -> Result<Here, Failure> {
        let account = self.account.clone();
        let cart = self.cart().await?.arrangement();
        self.end_when_removed().await?;
        let staff = self.data.staff.clone().map(|staff| StaffHere {
            login: staff.login,
            place: staff.place,
            manager: staff.role == StaffRole::Manager,
        });
        // Only a page that is being rendered can say it; a call from the browser leaves it for the page.
        let flash = if forms::is_page() { self.data.flash.take() } else { None };
        if flash.is_some() {
            self.save().await?;
        }
        Ok(Here { account, staff, cart, flash })
    }
}
