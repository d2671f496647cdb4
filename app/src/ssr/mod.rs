//! The server's side of the pages: what the host provides, who is asking, and how forms are answered.

mod cookie;
pub(crate) mod display;
mod factor;
pub mod forms;
pub mod history_key;
pub(crate) mod keep;
pub(crate) mod kiosk;
pub mod language;
pub(crate) mod picture;
pub mod session;
pub mod shell;
pub mod texts;
pub mod visit;
pub mod watching;

use std::{collections::HashMap, error::Error, path::PathBuf};

use axum::http::request::Parts;
use domain::messages::Language;
use leptos::prelude::{use_context, with_context};
use library::{Fault, Library, Origin, notices::PushSettings};

use crate::{
    failure::Failure,
    site::{Site, SiteAccounts, SitePlace},
};

/// The folder of the mails that the desk may read; `None` outside the demo. Provided by the host as a context.
#[derive(Clone, Debug)]
pub struct MailFolder(pub Option<PathBuf>);

/// By what devices are offered notices; `None` where the library offers none. Provided by the host as a context.
#[derive(Clone, Debug)]
pub struct PushOffer(pub Option<PushSettings>);

/// Where the browser's program is found. Provided by the host as a context, in an [`Arc`].
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// Address of its folder, without a slash at its end.
    pub folder: String,
    /// Address of the style sheet.
    pub style: String,
    /// The script that begins it, a name in the folder.
    pub script: String,
    /// Its code, a name in the folder.
    pub wasm: String,
    /// The pieces that come later, where there are any.
    pub pieces: Option<Pieces>,
}

/// The pieces of a program.
#[derive(Clone, Debug, Default)]
pub struct Pieces {
    /// The script that fetches them, a name in the folder.
    pub script: String,
    /// What each is made of: names in the folder, without their ending `.wasm`.
    pub files: HashMap<String, Vec<String>>,
}

impl Pieces {
    /// What a piece is made of. The tool that makes them adds to the name it has in the sources.
    pub(crate) fn named(&self, name: &str) -> &[String] {
        self.files.iter().find(|(piece, _)| piece.contains(name)).map_or(&[], |(_, files)| files)
    }
}

/// Where the request comes from: an [`Origin`] that the host put into the request's extensions.
pub(crate) fn origin() -> Origin {
    let known = with_context(|parts: &Parts| parts.extensions.get::<Origin>().cloned()).flatten();
    known.unwrap_or_else(Origin::unknown)
}

/// Writes the cause of our failure to the log, and gives the code that people get.
pub fn fault(cause: impl Error + 'static) -> Failure {
    let any: &(dyn Error + 'static) = &cause;
    if any.downcast_ref::<Fault>().is_some_and(Fault::is_of_the_end) {
        tracing::debug!("a page that nobody waits for ends with the program");
        return Failure::Fault;
    }
    let mut causes = cause.to_string();
    let mut source = cause.source();
    while let Some(deeper) = source {
        causes.push_str(": ");
        causes.push_str(&deeper.to_string());
        source = deeper.source();
    }
    tracing::error!(cause = causes, "a page could not be answered");
    Failure::Fault
}

/// What every page knows of the library.
pub(crate) fn site(language: Language) -> Site {
    // There is no library while the routes are listed.
    let Some(library) = use_context::<Library>() else { return Site::unknown() };
    let policy = library.policy();
    Site {
        name: policy.library.name.clone(),
        name_en: policy.library.name_en.clone(),
        telephone: policy.library.telephone.clone(),
        mail_from: policy.library.mail_from.clone(),
        places: policy.places.iter().map(SitePlace::from).collect(),
        loans: policy.loans.clone(),
        reservations: policy.reservations.clone(),
        accounts: SiteAccounts::from(&policy.accounts),
        kiosk: kiosk::token(&library).is_some(),
        passkeys: visit::may_use_passkeys(&library),
        today: library.today(),
        display: display::wanted(),
        demo: use_context::<MailFolder>().is_some_and(|folder| folder.0.is_some()),
        language,
    }
}
