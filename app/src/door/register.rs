//! 新規パスワード登録・再発行 (R3, R4), what is said after it, and the way with a one-time password of the desk.

use domain::messages::Key;
use leptos::prelude::*;

use super::{
    DoorFlash,
    api::{AskForPassword, RegisterHere, UseOneTime},
    parts::{Field, field, new_password, said, sender},
};
use crate::{
    components::{alert, loading, native_form, p},
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    layout::Heading,
    load::awaited,
    site::use_site,
    visit::{Flash, Here, use_visit},
};

/// A page that needs to know nothing but what came of its form.
fn page(title: Key, show: fn(Option<&DoorFlash>, &Here) -> ErasedView) -> ErasedView {
    let visit = use_visit();
    view! {
        <Suspense fallback=loading>
            {awaited(move || async move {
                let here = visit.here().await;
                let flash = DoorFlash::read(visit, &here);
                let i18n = use_i18n();
                let fault = (visit.flash(&here) == Some(Flash::Fault)).then(|| alert(i18n.t(Key::TroubleFault)));
                view! {
                    <div class="page narrow">
                        <Heading text=i18n.t(title) />
                        {fault}
                        {said(flash.as_ref())}
                        {show(flash.as_ref(), &here)}
                    </div>
                }
                    .erased()
            })}
        </Suspense>
    }
    .erased()
}

/// `/register`
#[component]
pub fn RegisterPage() -> ErasedView {
    page(Key::RegisterTitle, register)
}

fn register(flash: Option<&DoorFlash>, here: &Here) -> ErasedView {
    if here.kiosk { register_here(flash) } else { register_by_mail(flash) }
}

fn register_by_mail(flash: Option<&DoorFlash>) -> ErasedView {
    let i18n = use_i18n();
    let accounts = use_site().with(|site| site.accounts.clone());
    let mail = Field { required: false, ..Field::mail("mail", i18n.t(Key::RegisterMail), "") };
    let fields = view! {
        {facts(flash)}
        {field(flash, mail.hint(i18n.t(Key::RegisterMailHint)))}
        <button class="primary">{i18n.show(Key::RegisterSend)}</button>
    };
    view! {
        <p>{i18n.show(Key::RegisterLead)}</p>
        <p>{i18n.number(Key::RegisterNext, accounts.link_minutes)}</p>
        {native_form::<AskForPassword>("stack", fields.erased())}
        {sender()}
        {p("hint", i18n.t(Key::RegisterNoMail))}
        {p("hint", i18n.t(Key::HistoryResetNote))}
        {elsewhere(accounts.own_password_age)}
    }
    .erased()
}

/// At a kiosk the first password is chosen at once (R3), and never another (R4).
fn register_here(flash: Option<&DoorFlash>) -> ErasedView {
    let i18n = use_i18n();
    let accounts = use_site().with(|site| site.accounts.clone());
    let fields = view! {
        {facts(flash)}
        {new_password(flash, "")}
        <button class="primary">{i18n.show(Key::PasswordSet)}</button>
    };
    view! {
        <p>{i18n.show(Key::RegisterKioskLead)}</p>
        {native_form::<RegisterHere>("stack", fields.erased())}
        {p("hint", i18n.t(Key::RegisterKioskForgot))}
        {elsewhere(accounts.own_password_age)}
    }
    .erased()
}

/// What must be as it is on record.
fn facts(flash: Option<&DoorFlash>) -> ErasedView {
    let i18n = use_i18n();
    let hinted = |field: Field, hint: Key| field.hint(i18n.t(hint));
    let card = Field { mode: "numeric", auto: "username", ..Field::text("card", Key::CardNumber) };
    let telephone = Field { mode: "tel", auto: "tel", ..Field::text("telephone", Key::CardTelephone) };
    view! {
        {field(flash, card)}
        {field(flash, hinted(Field::text("kana", Key::CardKana), Key::RegisterKanaHint))}
        {field(flash, hinted(Field::text("birth_date", Key::CardBirthDate), Key::RegisterBirthDateHint))}
        {field(flash, hinted(telephone, Key::RegisterTelephoneHint))}
    }
    .erased()
}

/// Whose way is another one.
fn elsewhere(age: u32) -> ErasedView {
    let i18n = use_i18n();
    view! {
        {(age > 0).then(|| p("hint", i18n.number(Key::RegisterAge, age)))}
        <p class="hint">
            {i18n.show(Key::RegisterDesk)} " " <a href="/register/once">{i18n.show(Key::RegisterDeskLink)}</a>
        </p>
    }
    .erased()
}

/// `/register/sent`: the same for everybody.
#[component]
pub fn SentPage() -> ErasedView {
    page(Key::AskedTitle, sent)
}

fn sent(_: Option<&DoorFlash>, _: &Here) -> ErasedView {
    let i18n = use_i18n();
    let telephone = use_site().with(|site| site.telephone.clone());
    let minutes = use_site().with(|site| site.accounts.link_minutes);
    let help = [Key::AskedHelpTyping, Key::AskedHelpAddress, Key::AskedHelpFolder]
        .map(|key| view! { <li>{i18n.t(key)}</li> })
        .collect_view();
    view! {
        <p>{i18n.show(Key::AskedLead)}</p>
        <p>{i18n.number(Key::RegisterNext, minutes)}</p>
        {sender()}
        <p>{i18n.show(Key::AskedWait)}</p>
        <ul>{help}</ul>
        <p>{i18n.fill(Key::AskedAsk, &[("telephone", &telephone)])}</p>
        <p><a class="button" href="/register">{i18n.show(Key::AskedAgain)}</a></p>
    }
    .erased()
}

/// `/register/once`
#[component]
pub fn OncePage() -> ErasedView {
    page(Key::OnceTitle, once)
}

fn once(flash: Option<&DoorFlash>, _: &Here) -> ErasedView {
    let i18n = use_i18n();
    let card = Field { mode: "numeric", auto: "username", ..Field::text("card", Key::CardNumber) };
    let fields = view! {
        {field(flash, card)}
        {field(flash, Field::text("once", Key::OncePassword).hint(i18n.t(Key::OnceHint)))}
        {field(flash, Field::text("birth_date", Key::CardBirthDate).hint(i18n.t(Key::RegisterBirthDateHint)))}
        {new_password(flash, "")}
        <button class="primary">{i18n.show(Key::PasswordSet)}</button>
    };
    view! {
        <p>{i18n.show(Key::OnceLead)}</p>
        {native_form::<UseOneTime>("stack", fields.erased())}
        {p("hint", i18n.t(Key::HistoryResetNote))}
    }
    .erased()
}
