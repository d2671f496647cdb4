//! Who is asking, and may they? The first line of every server function asks here.

use axum::http::{header, request::Parts};
use chrono::TimeDelta;
use domain::{
    PatronId, PlaceCode,
    cart::CartView,
    patrons::{Account, SecondStep, SignedInBy, StaffMember, StaffRole, browser_words},
};
use leptos::prelude::{use_context, with_context};
use library::{Library, notices::PushSettings, sessions::session_hash};
use tower_sessions::Session;

use super::{
    PushOffer, display, fault, forms, keep, kiosk, language,
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
    pub(super) session: Session,
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
    Visit::of(library, session).await
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
    let (visit, staff) = entering().await?;
    if staff.step == SecondStep::Done { Ok((visit, staff)) } else { Err(not_theirs(&visit)) }
}

/// Only staff who gave the right password may ask, also when their second factor is still wanted: for what they need to
/// give it or to set it up, and for nothing else.
///
/// # Errors
/// [`Failure::StaffOnly`] when nobody did.
pub async fn entering() -> Result<(Visit, StaffSession), Failure> {
    let mut visit = anyone().await?;
    visit.end_when_removed().await?;
    let staff = visit.data.staff.clone().ok_or_else(|| not_theirs(&visit))?;
    visit.library = visit.library.as_staff(staff.id);
    Ok((visit, staff))
}

/// Only a manager who is signed in may ask.
///
/// # Errors
/// [`Failure::StaffOnly`] when that is not so.
pub async fn manager() -> Result<(Visit, StaffSession), Failure> {
    let (visit, staff) = staff().await?;
    if staff.role == StaffRole::Manager { Ok((visit, staff)) } else { Err(not_theirs(&visit)) }
}

/// Writes down that somebody asked for what they may not, and says so.
fn not_theirs(visit: &Visit) -> Failure {
    let path = with_context(|parts: &Parts| parts.uri.path().to_owned()).unwrap_or_default();
    let staff = visit.data.staff.as_ref().map(|staff| staff.id);
    tracing::info!(path, ?staff, "refused: only for staff who may");
    Failure::StaffOnly
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
    /// A request of the browser with this session.
    ///
    /// # Errors
    /// When the session can't be read.
    pub async fn of(library: Library, session: Session) -> Result<Self, Failure> {
        let data = session.get(KEY).await.map_err(fault)?.unwrap_or_default();
        let mut visit = Self { library, data, account: None, session };
        visit.end_when_over().await?;
        visit.end_when_changed().await?;
        Ok(visit)
    }

    /// The hash by which the database knows this session.
    pub fn hash(&self) -> Option<[u8; 32]> {
        self.session.id().map(|id| session_hash(id.0))
    }

    /// The patron who is signed in.
    pub fn patron(&self) -> Option<PatronId> {
        self.data.patron.map(|patron| patron.id)
    }

    /// Signs out a patron or a member of staff who has done nothing for longer than the policy allows, or signed in too long
    /// ago, and else remembers that they were here: a patron once a day, staff
    /// once a minute, at a kiosk more often, so that not every page writes.
    async fn end_when_over(&mut self) -> Result<(), Failure> {
        let now = self.library.now();
        let accounts = &self.library.policy().accounts;
        let before = self.data.clone();
        if let Some(patron) = &mut self.data.patron {
            if patron.kiosk && accounts.kiosk_is_over(patron.begun, patron.seen, now) {
                // Nothing is left for whoever comes next.
                self.data = SessionData::default();
                return self.end().await;
            }
            // Elsewhere than at a kiosk, whose limits are minutes, the day is enough, and a moment would tell who did what then.
            let (here, often) = if patron.kiosk {
                (now, TimeDelta::seconds(20))
            } else {
                (self.library.beginning_of_today(), TimeDelta::days(1))
            };
            if !patron.kiosk && accounts.patron_is_over(patron.begun, patron.seen, here) {
                self.data.patron = None;
                self.data.history = None;
            } else if here - patron.seen >= often {
                patron.seen = here;
            }
        }
        if self.data.patron.is_none()
            && self.data.staff.is_none()
            && self.data.cart.is_some()
            && kiosk::token(&self.library).is_some()
        {
            let seen = *self.data.kiosk_seen.get_or_insert(now);
            if now - seen > TimeDelta::minutes(accounts.kiosk_idle_minutes.into()) {
                self.data = SessionData::default();
                return self.end().await;
            }
            if now - seen >= TimeDelta::seconds(20) {
                self.data.kiosk_seen = Some(now);
            }
        }
        if let Some(staff) = &mut self.data.staff {
            if accounts.staff_is_over(staff.begun, staff.seen, now) {
                self.data.staff = None;
                // It may hold a slip.
                self.data.flash = None;
            } else if now - staff.seen >= TimeDelta::minutes(1) {
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
        self.data.history = None;
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

    /// A patron has signed in, by whatever it was: from here on it is their session, with the cart they came with.
    ///
    /// # Errors
    /// Our failure.
    pub async fn begin(&mut self, account: &Account, by: SignedInBy) -> Result<(), Failure> {
        self.renew().await?;
        if let Some(cart) = self.data.cart.take() {
            self.library.take_cart_along(cart, account.id).await.map_err(fault)?;
        }
        let (id, generation) = (account.id, account.generation);
        let kiosk = kiosk::of_request(&self.library).await?;
        // A kiosk's language is whoever's stood there before.
        if let (None, Some(language)) = (&kiosk, language::chosen()) {
            self.library.choose_language(id, language).await.map_err(fault)?;
        }
        let now = if kiosk.is_some() { self.library.now() } else { self.library.beginning_of_today() };
        self.data.patron = Some(PatronSession { id, generation, by, begun: now, kiosk: kiosk.is_some(), seen: now });
        self.data.browser = kiosk.unwrap_or_else(browser);
        self.data.history = None;
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

    /// A member of staff has given the right password. Whether they are at the desk with it, their second factor and the
    /// policy say.
    ///
    /// # Errors
    /// Our failure.
    pub async fn begin_staff(&mut self, member: StaffMember) -> Result<(), Failure> {
        self.renew().await?;
        self.library = self.library.as_staff(member.id);
        let step = match self.library.second_factor(member.id).await.map_err(fault)? {
            Some(_) => SecondStep::Code,
            None if self.library.policy().accounts.second_factor.is_due_from(member.role) => SecondStep::SetUp,
            None => SecondStep::Done,
        };
        let now = self.library.now();
        let StaffMember { id, login, role, generation } = member;
        self.data.staff = Some(StaffSession { id, login, place: None, role, generation, step, begun: now, seen: now });
        self.data.browser = browser();
        self.save().await?;
        if step == SecondStep::Done { self.library.note_staff_sign_in().await.map_err(fault) } else { Ok(()) }
    }

    /// A member of staff has given their second factor, or set it up or taken it away themselves: the session goes on under
    /// a new id with the generation their account has now.
    ///
    /// # Errors
    /// Our failure.
    pub async fn pass_second_step(&mut self, mut staff: StaffSession) -> Result<(), Failure> {
        if staff.step != SecondStep::Done {
            self.library.note_staff_sign_in().await.map_err(fault)?;
        }
        staff.step = SecondStep::Done;
        self.go_on_as_staff(staff).await
    }

    /// A member of staff has changed by what they sign in: this session goes on under a new id with the generation their
    /// account has now, all others are over.
    ///
    /// # Errors
    /// Our failure.
    pub async fn go_on_as_staff(&mut self, mut staff: StaffSession) -> Result<(), Failure> {
        let member = self.library.staff_member(staff.id).await.map_err(fault)?.ok_or(Failure::StaffOnly)?;
        staff.generation = member.generation;
        self.data.staff = Some(staff);
        self.renew().await?;
        self.save().await
    }

    /// Ends the session.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn end(&self) -> Result<(), Failure> {
        self.drop_history_cookie();
        // The next who stands there may read another language.
        if kiosk::token(&self.library).is_some() {
            language::forget();
            display::forget();
        }
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
            step: staff.step,
        });
        // Only a page that is being rendered can say it; a call from the browser leaves it for the page.
        let is_read = forms::is_page() && !keep::is_for_the_store();
        let flash = if is_read { self.data.flash.take() } else { None };
        if flash.is_some() {
            self.save().await?;
        }
        let kiosk = kiosk::token(&self.library).is_some();
        let here = Here { account, staff, cart, kiosk, flash };
        if forms::is_page() {
            keep::say(&here);
        }
        Ok(here)
    }
}

/// Whether the browser that asks is offered passkeys. No browser is known as a kiosk yet; one that is, is told apart here.
pub(crate) fn may_use_passkeys(library: &Library) -> bool {
    let kiosk = kiosk::token(library).is_some();
    domain::patrons::may_use_passkeys(library.relying_party().as_ref(), kiosk)
}

/// By what the browser that asks is offered notices; `None` at a kiosk, which is nobody's own device.
pub(crate) fn offered_push(library: &Library) -> Option<PushSettings> {
    if kiosk::token(library).is_some() {
        return None;
    }
    use_context::<PushOffer>()?.0
}

/// The browser that asks, in a few words.
pub(crate) fn browser() -> String {
    let words = |parts: &Parts| Some(browser_words(parts.headers.get(header::USER_AGENT)?.to_str().ok()?));
    with_context(words).flatten().unwrap_or_default()
}
