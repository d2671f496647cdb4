//! The HTML document around the pages.

use std::sync::Arc;

use axum::http::request::Parts;
use domain::{
    display::{Display, TextSize, Theme},
    messages::{Key, Messages},
};
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::MetaTags;

use super::{
    Program, display, kiosk, language,
    texts::{self, Addresses},
};
use crate::{
    App, load, phone, pieces,
    site::{SITE_DATA, TEXTS_LINK},
};

/// The HTML document around the pages, with what is known of the library in its head, and the texts of its language as a
/// file of their own, so that the WASM holds none of them and no page sends them again.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let wanted = language::wanted();
    language::remember();
    let site = super::site(wanted);
    let kiosk = site.kiosk.then_some("kiosk");
    // A little after the server has ended the visit (kiosk/bar.rs has a clock once the program is there).
    let leave = site.kiosk.then(|| site.accounts.kiosk_idle_minutes * 60 + 5);
    // What search engines say of the library.
    let about = format!("{} {}", wanted.of(&site.name, &site.name_en), Messages::of(wanted).text(Key::HomeLead));
    // Without it the page stays as it comes.
    let written = load::write(&site).map_err(super::fault).unwrap_or_default();
    // For the page within.
    provide_context(site);
    // What the device is to decide is not said, so that the style sheet asks it.
    let Display { theme, size } = display::wanted();
    let said = (theme != Theme::Auto).then(|| theme.as_str());
    let size = (size != TextSize::Usual).then(|| size.as_str());
    let schemes = match theme {
        Theme::Light => "light",
        Theme::Dark => "dark",
        Theme::Auto | Theme::HighContrast => "light dark",
    };
    let path = with_context(|parts: &Parts| parts.uri.path().to_owned()).unwrap_or_default();
    let files = use_context::<Arc<Program>>().unwrap_or_default();
    let program = (!phone::is_plain(&path)).then(|| begin(&files, &texts::addresses(wanted)));
    let manifest = format!("/manifest.webmanifest?lang={}", wanted.code());
    let works_offline = works_offline(&path).then_some("");
    // Known once the program's links are made. The desk has another way, and a kiosk fetches everything.
    let soon = works_offline.filter(|_| program.is_some()).and_then(|_| pieces::soon());
    view! {
        <!DOCTYPE html>
        <html lang=wanted.code() data-theme=said data-size=size>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="description" content=about />
                <meta name="color-scheme" content=schemes />
                // The ground of the page, in the light and in the dark (style/main.css).
                <meta name="theme-color" content="#ffffff" media="(prefers-color-scheme: light)" />
                <meta name="theme-color" content="#1a1a1a" media="(prefers-color-scheme: dark)" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="apple-touch-icon" href="/icons/maskable-192.png" />
                <link rel="manifest" href=manifest />
                <link rel="stylesheet" href=files.style.clone() />
                <AutoReload options />
                {program}
                <script src="/shell.js" defer data-works-offline=works_offline data-leave=leave data-soon=soon></script>
                <MetaTags />
                <meta id=SITE_DATA name="site" content=written />
            </head>
            <body class=kiosk>
                <App />
            </body>
        </html>
    }
}

/// Fetches the program and the texts of the page's language, and begins.
///
/// Leptos' `HydrationScripts` reads the names of the files from the disk for each page.
fn begin(files: &Program, texts: &Addresses) -> impl IntoView + use<> {
    let nonce = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
    let [script, wasm] = [&files.script, &files.wasm].map(|name| format!("{}/{name}", files.folder));
    let run = format!(
        "import({script:?}).then((program) => program.default({{ module_or_path: {wasm:?} }}).then(() => program.hydrate()));"
    );
    view! {
        // As the program asks for it, or it would be fetched twice.
        <link id=TEXTS_LINK rel="preload" r#as="fetch" crossorigin="anonymous" href=texts.first data-more=texts.more />
        <link rel="modulepreload" href=script crossorigin=nonce.clone() />
        <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin=nonce.clone() />
        <script type="module" nonce=nonce>{run}</script>
    }
}

/// Whether a page may be kept for when there is no line: not at the desk, which has a journal of its own, nor at a kiosk,
/// which is nobody's device.
fn works_offline(path: &str) -> bool {
    let at_desk = path == "/desk" || path.starts_with("/desk/");
    !at_desk && use_context::<library::Library>().is_some_and(|library| kiosk::token(&library).is_none())
}
