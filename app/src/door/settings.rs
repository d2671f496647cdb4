//! 利用者情報: the two mail addresses (R6), the password (R5) and the passkeys.

use domain::{
    messages::Key,
    patrons::{Settings, Slot},
};
use leptos::{prelude::*, server_fn::ServerFn as _};

use super::{
    DoorFlash,
    api::{self, AskForAddress, ChangePassword, ChooseReadyMail, RemoveAddress, SETTINGS},
    devices,
    parts::{Field, field, new_password, said, sender},
    passkeys,
};
use crate::{
    components::{alert, native_form, p},
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    layout::Heading,
    load::load,
    page::{Own, patron_page},
    visit::{Flash, Outcome as _},
};

/// `/account/settings`
#[component]
pub fn SettingsPage() -> ErasedView {
    patron_page(SETTINGS.to_owned(), load(|| (), |()| api::load_settings()), |own| settings(&own))
}

fn settings(own: &Own<Settings>) -> ErasedView {
    let i18n = use_i18n();
    let flash = DoorFlash::of(own.flash.as_ref());
    let flash = flash.as_ref();
    let fault = matches!(own.flash, Some(Flash::Fault)).then(|| alert(i18n.t(Key::TroubleFault)));
    let slots = Slot::ALL.iter().map(|slot| address(&own.loaded, *slot, flash)).collect_view();
    let password = view! {
        {field(flash, Field::password("old", "password", Key::PasswordOld))}
        {new_password(flash, "password")}
        <button class="primary">{i18n.show(Key::SettingsPasswordChange)}</button>
    };
    view! {
        <div class="page narrow account">
            <Heading text=i18n.t(Key::SettingsTitle) />
            {fault}
            {said(flash)}
            <section>
                <h2>{i18n.show(Key::SettingsMails)}</h2>
                <p>{i18n.show(Key::SettingsMailsLead)}</p>
                {slots}
                {sender()}
            </section>
            <section>
                <h2>{i18n.show(Key::SettingsPassword)}</h2>
                {native_form::<ChangePassword>("stack", password.erased())}
            </section>
            {passkeys::section(&own.loaded.passkeys, flash)}
            {devices::section(&own.loaded.devices)}
            <p><a class="button" href="/account/data">{i18n.show(Key::OwnDataTitle)}</a></p>
        </div>
    }
    .erased()
}

/// One of the two addresses: how it stands, and what can be done with it.
fn address(settings: &Settings, slot: Slot, flash: Option<&DoorFlash>) -> ErasedView {
    let i18n = use_i18n();
    let name = i18n.t(match slot {
        Slot::First => Key::CardMail1,
        Slot::Second => Key::CardMail2,
    });
    let [mail, other] = [slot.index(), 1 - slot.index()].map(|index| settings.mails[index].clone());
    let now = match &mail {
        None => p("hint", i18n.t(Key::SettingsMailNone)),
        Some(mail) => p("address", mail.address.clone()),
    };
    let unconfirmed = mail.as_ref().filter(|mail| !mail.confirmed);
    let note = unconfirmed.map(|mail| {
        let text = mail.refused_on.map_or_else(
            || i18n.t(Key::SettingsMailUnconfirmed),
            |day| i18n.fill(Key::SettingsMailRefused, &[("date", &i18n.date(day))]),
        );
        p("why-not", text)
    });
    let pending = settings.pending[slot.index()].as_ref();
    let pending = pending.map(|address| p("notice", i18n.fill(Key::SettingsMailPending, &[("address", address)])));
    let confirmed = mail.as_ref().is_some_and(|mail| mail.confirmed);
    let ready = match (&mail, other) {
        (Some(mail), _) if mail.ready && confirmed => Some(p("hint", i18n.t(Key::SettingsMailReady))),
        (Some(_), Some(_)) if confirmed => {
            let fields = view! {
                <input type="hidden" name="slot" value=slot.as_str() />
                <button>{i18n.fill(Key::SettingsChooseReady, &[("name", &name)])}</button>
            };
            Some(native_form::<ChooseReadyMail>("", fields.erased()))
        }
        _ => None,
    };
    let open = flash.is_some_and(|flash| flash.form == slot.as_str() && flash.answer.is_err());
    let suggested = unconfirmed.map(|mail| mail.address.clone()).unwrap_or_default();
    let summary = if mail.is_some() { Key::SettingsMailChange } else { Key::SettingsMailAdd };
    view! {
        <section class="slot">
            <h3>{name.clone()}</h3>
            {now}
            {note}
            {pending}
            {ready}
            <details open=open || mail.is_none()>
                <summary>{i18n.fill(summary, &[("name", &name)])}</summary>
                {change(slot, &name, suggested, mail.is_some(), flash)}
            </details>
        </section>
    }
    .erased()
}

/// The form by which an address is replaced, confirmed or taken away.
fn change(slot: Slot, name: &str, suggested: String, removable: bool, flash: Option<&DoorFlash>) -> ErasedView {
    let i18n = use_i18n();
    let form = slot.as_str();
    let new = i18n.fill(Key::SettingsMailNew, &[("name", name)]);
    let remove = removable.then(|| {
        // What stands in the field does not matter for this one.
        view! {
            <button
                formaction=RemoveAddress::PATH
                formnovalidate
                aria-label=i18n.fill(Key::SettingsMailRemoveOf, &[("name", name)])
            >
                {i18n.show(Key::SettingsMailRemove)}
            </button>
        }
    });
    let fields = view! {
        <input type="hidden" name="slot" value=form />
        {field(flash, Field { value: suggested, ..Field::mail("mail", new, form) })}
        {field(
            flash,
            Field::password("old", form, Key::PasswordOld).hint(i18n.t(Key::SettingsMailPasswordHint)),
        )}
        <div class="buttons">
            <button class="primary" aria-label=i18n.fill(Key::SettingsMailSendOf, &[("name", name)])>
                {i18n.show(Key::SettingsMailSend)}
            </button>
            {remove}
        </div>
    };
    native_form::<AskForAddress>("stack", fields.erased())
}
