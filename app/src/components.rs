//! Parts that several rooms use.

use domain::{
    catalog::{BibRecord, BranchAvailability, MaterialType},
    messages::{self, Key},
};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::components::Redirect;

use crate::{
    address,
    browser::{self, ForTheStore},
    erase::{Erase as _, ErasedView},
    failure::Failure,
    i18n::{I18n, use_i18n},
    layout::{Heading, NotFound},
    site::{UseSite, use_site},
    visit::Flash,
    written::Escaped,
};

/// A form that the browser itself posts to a server function, with scripts and without.
pub fn native_form<F: ServerFn>(class: &'static str, children: ErasedView) -> ErasedView {
    form(F::PATH, class, None, children)
}

/// A form that the browser itself posts to this address. By its id fields that stand elsewhere belong to it.
pub(crate) fn form(action: &'static str, class: &'static str, id: Option<String>, children: ErasedView) -> ErasedView {
    view! { <form method="post" action=action class=class id=id>{children}</form> }.erased()
}

/// A paragraph.
pub(crate) fn p(class: &'static str, text: String) -> ErasedView {
    view! { <p class=class>{use_i18n().shown(text)}</p> }.erased()
}

/// What stands still on a page, which the server alone makes ([`crate::load::Answer`]).
pub(crate) fn standing(html: String) -> ErasedView {
    still(browser::STANDING, html)
}

/// What came of the form that led to a page whose program does not know all that may have come of it: the server says it.
pub(crate) fn said_still(flash: Option<&Flash>) -> Option<ErasedView> {
    const SAID: &str = "said";
    flash?;
    #[cfg(feature = "ssr")]
    let html = crate::bookshelf::said::shelf_said(flash)?.to_html();
    #[cfg(not(feature = "ssr"))]
    let html = browser::standing(SAID)?;
    Some(still(SAID, html))
}

fn still(id: &'static str, html: String) -> ErasedView {
    view! { <div id=id class="standing" inner_html=html></div> }.erased()
}

/// What there is to know, name by name; what is empty is left out.
pub(crate) fn facts(facts: Vec<(Key, String)>) -> ErasedView {
    let i18n = use_i18n();
    let facts = facts
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| view! { <div><dt>{i18n.show(name)}</dt><dd>{value}</dd></div> })
        .collect_view();
    view! { <dl class="facts-list">{facts}</dl> }.erased()
}

/// A message that matters now; read aloud at once.
pub fn alert(text: String) -> ErasedView {
    view! { <div class="alert" role="alert"><p>{use_i18n().shown(text)}</p></div> }.erased()
}

/// Shown while a page waits for its data; the style sheet lets it appear only when it takes long. It is the page's heading for
/// as long, and its title in the browser: on the server nobody waits for it, and the title would be the page's own.
pub fn loading() -> ErasedView {
    let i18n = use_i18n();
    #[cfg(feature = "ssr")]
    let title = ();
    #[cfg(not(feature = "ssr"))]
    let title = view! { <leptos_meta::Title text=i18n.t(Key::Loading) /> };
    view! {
        {title}
        <h1 class="page loading">{i18n.show(Key::Loading)}</h1>
    }
    .erased()
}

/// A page whose data could not be had.
pub fn trouble(failure: Failure, here: &str) -> ErasedView {
    let i18n = use_i18n();
    let text = match failure {
        Failure::SignIn => return to_sign_in(here),
        Failure::StaffOnly => return view! { <Redirect path="/desk?refused" /> }.erased(),
        Failure::NotFound | Failure::BadRequest => return view! { <NotFound /> }.erased(),
        Failure::Offline => {
            browser::load_from_store(here);
            i18n.t(Key::TroubleOffline)
        }
        Failure::Fault => i18n.t(Key::TroubleFault),
    };
    // Without a line the telephone is no quicker way to what stands here; when it is our fault, it is.
    let (kind, title, telephone) = match failure {
        Failure::Offline => ("page narrow trouble offline", Key::TroubleOfflineTitle, None),
        _ => ("page narrow trouble", Key::TroubleTitle, Some(use_site().with(|site| site.telephone.clone()))),
    };
    let telephone = telephone.map(|number| p("hint", i18n.fill(Key::TroubleTelephone, &[("telephone", &number)])));
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(axum::http::StatusCode::INTERNAL_SERVER_ERROR);
    }
    view! {
        <div class=kind>
            <Heading text=i18n.t(title) />
            {alert(text)}
            <p><a class="button" rel="external" href=here.to_owned()>{i18n.show(Key::TryAgain)}</a></p>
            {telephone}
        </div>
    }
    .erased()
}

/// Leads to the sign-in, and from there back to `next`.
pub fn to_sign_in(next: &str) -> ErasedView {
    browser::tell_store(ForTheStore::WhoseNow);
    let path = format!("/login?next={}", address::encode(next));
    view! { <Redirect path /> }.erased()
}

/// The kind of material.
pub fn material_mark(material: MaterialType) -> ErasedView {
    view! { <span class="mark" inner_html=material_written(use_i18n(), material)></span> }.erased()
}

/// The mark and the name of a kind of material, as HTML.
pub(crate) fn material_written(i18n: I18n, material: MaterialType) -> String {
    format!("{}{}", material_icon(material), Escaped(&i18n.t(messages::material(material))))
}

/// The mark of a kind of material, on a grid of 24, as HTML. It says nothing that does not stand beside it in words.
fn material_icon(material: MaterialType) -> String {
    let lines = match material {
        MaterialType::Book => "M12 6C10 4.5 7 4 3 4v14c4 0 7 .5 9 2 2-1.5 5-2 9-2V4c-4 0-7 .5-9 2zM12 6v14",
        MaterialType::Magazine => "M5 3h14v18H5zM8 7h8M8 11h8M8 15h5",
        MaterialType::Kamishibai => "M3 4h18v13H3zM6 7h12v7H6zM7 21l2-4M17 21l-2-4",
        MaterialType::Cd => "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18zM12 9.5a2.5 2.5 0 1 0 0 5a2.5 2.5 0 0 0 0-5z",
        MaterialType::Dvd => "M3 5h18v14H3zM10 9v6l5-3z",
        MaterialType::Ld => "M12 2a10 10 0 1 0 0 20a10 10 0 0 0 0-20zM12 8a4 4 0 1 0 0 8a4 4 0 0 0 0-8zM12 11.5v1",
    };
    format!(
        "<svg class=\"icon\" viewBox=\"0 0 24 24\" aria-hidden=\"true\" focusable=\"false\"><path d=\"{lines}\"/></svg>"
    )
}

/// Creators with what they did, as printed.
pub fn creators(record: &BibRecord) -> String {
    let name = |creator: &domain::catalog::Creator| match &creator.role {
        Some(role) => format!("{} {role}", creator.name),
        None => creator.name.clone(),
    };
    record.creators.iter().map(name).collect::<Vec<_>>().join("、")
}

/// Which branch has how many copies on the shelf.
pub fn availability(copies: &[BranchAvailability], waiting: u32) -> ErasedView {
    let i18n = use_i18n();
    let copies = copies_written(i18n, use_site(), copies, waiting);
    view! { <ul class="copies" aria-label=i18n.t(Key::CopiesLabel) inner_html=copies></ul> }.erased()
}

/// The lines of [`availability`], as HTML.
pub(crate) fn copies_written(i18n: I18n, site: UseSite, copies: &[BranchAvailability], waiting: u32) -> String {
    let mut lines = String::new();
    for at in copies {
        let text = i18n.fill(
            Key::CopiesAt,
            &[
                ("branch", &site.place(&at.branch)),
                ("available", &at.available.to_string()),
                ("total", &at.total.to_string()),
            ],
        );
        let class = if at.available == 0 { " class=\"none\"" } else { "" };
        lines += &format!("<li{class}>{}</li>", Escaped(&text));
    }
    let waits = match waiting {
        0 => i18n.t(Key::NobodyWaits),
        n => i18n.number(Key::Waiting, n),
    };
    lines += &format!("<li class=\"waiting\">{}</li>", Escaped(&waits));
    lines
}
