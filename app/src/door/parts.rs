//! Fields and sentences of these pages.

use domain::{
    dates::clock,
    messages::{self, Key},
    patrons::{DoorRefusal, Wait},
};
use leptos::prelude::*;

use super::{DoorFlash, DoorSaid};
use crate::{
    components::{alert, p},
    erase::{Erase as _, ErasedView},
    field::TextField,
    i18n::use_i18n,
    site::use_site,
};

/// A field of a form.
pub(super) struct Field {
    /// Its name in the form.
    pub(super) name: &'static str,
    /// What tells it from fields of the same name on the page.
    pub(super) form: &'static str,
    pub(super) label: String,
    pub(super) value: String,
    pub(super) hint: String,
    pub(super) kind: &'static str,
    pub(super) mode: &'static str,
    /// How the browser may fill it in.
    pub(super) auto: &'static str,
    pub(super) required: bool,
}

impl Field {
    /// A field for a text that must be given.
    pub(super) fn text(name: &'static str, label: Key) -> Self {
        Self {
            name,
            form: "",
            label: use_i18n().t(label),
            value: String::new(),
            hint: String::new(),
            kind: "text",
            mode: "text",
            auto: "off",
            required: true,
        }
    }

    /// A field for a mail address. Not of the type `email`: browsers refuse what is typed in full width.
    pub(super) fn mail(name: &'static str, label: String, form: &'static str) -> Self {
        Self { label, form, mode: "email", auto: "email", ..Self::text(name, Key::RegisterMail) }
    }

    /// The password in use.
    pub(super) fn password(name: &'static str, form: &'static str, label: Key) -> Self {
        Self { form, kind: "password", auto: "current-password", ..Self::text(name, label) }
    }

    /// What it is on its page.
    pub(super) fn id(&self) -> String {
        format!("{}{}", self.form, self.name)
    }

    pub(super) fn hint(mut self, hint: String) -> Self {
        self.hint = hint;
        self
    }
}

/// Shows it: as it was typed, with what was wrong with it.
pub(super) fn field(said: Option<&DoorFlash>, field: Field) -> ErasedView {
    let id = field.id();
    let Field { name, form, label, value, hint, kind, mode, auto, required } = field;
    let said = said.filter(|said| said.form == form);
    let i18n = use_i18n();
    let problem = said.and_then(|said| said.problems().iter().find(|problem| problem.field().as_str() == name));
    TextField {
        id,
        value: said.and_then(|said| said.typed(name)).unwrap_or(value),
        kind,
        mode,
        auto,
        required,
        problem: problem.map(|problem| i18n.t(messages::door_problem(*problem))),
        hint: (!hint.is_empty()).then_some(hint),
        ..TextField::text(name, label)
    }
    .view()
}

/// The new password, twice, with its rule.
pub(super) fn new_password(said: Option<&DoorFlash>, form: &'static str) -> ErasedView {
    let i18n = use_i18n();
    let accounts = use_site().with(|site| site.accounts.clone());
    let (min, max) = (accounts.password_min.to_string(), accounts.password_max.to_string());
    let rule = if accounts.passphrases { Key::PasswordRuleAny } else { Key::PasswordRule };
    let rule = i18n.fill(rule, &[("min", &min), ("max", &max)]);
    let new = |name, label| Field { auto: "new-password", ..Field::password(name, form, label) };
    view! {
        {field(said, new("password", Key::PasswordNew).hint(format!("{rule}{}", i18n.t(Key::PasswordAdvice))))}
        {field(said, new("again", Key::PasswordAgain))}
    }
    .erased()
}

/// What came of the form that led here.
pub(crate) fn said(flash: Option<&DoorFlash>) -> Option<ErasedView> {
    let i18n = use_i18n();
    let of_address = |key: Key, address: &str| i18n.fill(key, &[("address", address)]);
    let text = match &flash?.answer {
        Err(refusal) => return Some(alert(refused(refusal))),
        Ok(DoorSaid::PasswordSet) => i18n.t(Key::SaidPasswordSet),
        Ok(DoorSaid::PasswordChanged) => i18n.t(Key::SaidPasswordChanged),
        Ok(DoorSaid::AddressAsked(address)) => of_address(Key::SaidAddressAsked, address),
        Ok(DoorSaid::AddressConfirmed(address)) => of_address(Key::AddressConfirmedLead, address),
        Ok(DoorSaid::AddressRemoved) => i18n.t(Key::SaidAddressRemoved),
        Ok(DoorSaid::ReadyChosen) => i18n.t(Key::SaidReadyChosen),
        Ok(DoorSaid::PasskeyAdded) => i18n.t(Key::SaidPasskeyAdded),
        Ok(DoorSaid::PasskeyRemoved) => i18n.t(Key::SaidPasskeyRemoved),
        Ok(DoorSaid::DeviceAdded) => i18n.t(Key::SaidDeviceAdded),
        Ok(DoorSaid::DeviceRemoved) => i18n.t(Key::SaidDeviceRemoved),
    };
    Some(view! { <p class="notice good" role="status">{text}</p> }.erased())
}

/// Why it does not go on, in words.
pub(crate) fn refused(refusal: &DoorRefusal) -> String {
    let i18n = use_i18n();
    match refusal {
        DoorRefusal::Problems(problems) => {
            let sentences: Vec<_> = problems.iter().map(|problem| i18n.t(messages::door_problem(*problem))).collect();
            sentences.join(" ")
        }
        DoorRefusal::Slow(wait) => held(Some(*wait)),
        DoorRefusal::Busy => held(None),
        DoorRefusal::Link(gone) => i18n.t(messages::link_gone(*gone)),
        DoorRefusal::NoKiosk => i18n.t(Key::DoorNoKiosk),
        DoorRefusal::Passkey(refusal) => i18n.t(messages::passkey_refusal(*refusal)),
        DoorRefusal::Device(refusal) => i18n.t(messages::device_refusal(*refusal)),
    }
}

/// Why a patron's try was not looked at, and whom to ask.
pub(crate) fn held(wait: Option<Wait>) -> String {
    let i18n = use_i18n();
    let telephone = use_site().with(|site| site.telephone.clone());
    let ask = wait.map(|_| i18n.fill(Key::DoorSlowAsk, &[("telephone", &telephone)])).unwrap_or_default();
    format!("{}{ask}", not_now(wait))
}

/// Why a try was not looked at: for so long, or because too many came at once.
pub(crate) fn not_now(wait: Option<Wait>) -> String {
    let i18n = use_i18n();
    let Some(wait) = wait else { return i18n.t(Key::DoorBusy) };
    let time = clock(wait.from);
    i18n.fill(Key::DoorSlow, &[("n", &wait.minutes.to_string()), ("time", &time)])
}

/// Where mails come from, to be let through (R6).
pub(super) fn sender() -> ErasedView {
    let address = use_site().with(|site| site.mail_from.clone());
    p("hint", use_i18n().fill(Key::RegisterMailFrom, &[("address", &address)]))
}
