//! `/account/marathon/:id/certificate`: a sheet to print once the goal is reached. The name on it is typed here and stays
//! in the browser: the field belongs to no form, and the card's name is not asked for.

use domain::messages::Key;
use leptos::prelude::*;

use super::{
    One, address_of,
    borrowed::closed,
    parts::{page as page_of, ways},
};
use crate::{
    components::p,
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    layout::Heading,
    site::use_site,
};

/// The page.
pub(super) fn page(own: &One) -> ErasedView {
    let i18n = use_i18n();
    let shown = &own.loaded.shown;
    let marathon = &shown.marathon;
    let progress = marathon.progress(&shown.reads(), shown.today);
    let back = ways(vec![(address_of(marathon.id), Key::MarathonBack)]);
    let Some(day) = progress.reached_on else {
        let rest = view! { {p("", i18n.t(Key::CertificateNotYet))} {closed(shown)} {back} };
        return page_of(i18n.t(Key::CertificateTitle), own, rest.erased());
    };
    let frame = &marathon.frame;
    let (n, goal) = (progress.books.done.to_string(), progress.books.goal.to_string());
    let pages = progress.pages.map(|pages| pages.done.to_string()).unwrap_or_default();
    let key = if progress.pages.is_some() { Key::CertificateTextPages } else { Key::CertificateText };
    let text = i18n.fill(
        key,
        &[
            ("name", &frame.name),
            ("from", &i18n.date(frame.from)),
            ("until", &i18n.date(frame.until)),
            ("n", &n),
            ("goal", &goal),
            ("pages", &pages),
        ],
    );
    view! {
        <div class="page account marathon">
            <article class="certificate">
                <Heading text=i18n.t(Key::CertificateTitle) />
                <p class="holder">
                    <label class="no-print" for="holder">{i18n.show(Key::CertificateName)}</label>
                    <span>
                        <input id="holder" type="text" autocomplete="off" maxlength="40" />
                        {i18n.show(Key::CertificateSan)}
                    </span>
                </p>
                {p("", text)}
                {p("", i18n.t(Key::CertificatePraise))}
                {p("date", i18n.date(day))}
                {p("date", use_site().name())}
            </article>
            <p class="hint no-print">{i18n.show(Key::CertificatePrint)}</p>
            {back}
        </div>
    }
    .erased()
}
