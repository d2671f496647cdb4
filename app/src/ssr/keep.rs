//! Whose a page is, said to the browser's store of pages (`public/sw.js`), which keeps a few of them for when there is no
//! line to the server. The server alone knows; the store only compares.

use axum::http::{HeaderName, HeaderValue, request::Parts};
use leptos::prelude::{use_context, with_context};
use leptos_axum::ResponseOptions;

use crate::visit::Here;

/// Says whose a page is; in a request, that the store asks and nobody reads.
const HEADER: HeaderName = HeaderName::from_static("hondana-keep");

/// Whether nobody reads the answer yet: what has to be said once is left for who does.
pub(crate) fn is_for_the_store() -> bool {
    with_context(|parts: &Parts| parts.headers.contains_key(HEADER)).unwrap_or_default()
}

/// Says whose the page is that is being rendered.
pub(crate) fn say(here: &Here) {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    if let Ok(value) = HeaderValue::try_from(holder(here)) {
        response.insert_header(HEADER, value);
    }
}

/// `kiosk` or `never` where nothing is kept, at a kiosk and for staff; else the patron's id or `nobody`, and `once` when the page
/// says what will not be true a second time.
fn holder(here: &Here) -> String {
    if here.kiosk {
        return "kiosk".to_owned();
    }
    if here.staff.is_some() {
        return "never".to_owned();
    }
    let holder = here.account.as_ref().map_or_else(|| "nobody".to_owned(), |account| account.id.to_string());
    if here.flash.is_some() { format!("{holder} once") } else { holder }
}

#[cfg(test)]
mod tests {
    use domain::patrons::{Account, CardState, SecondStep};

    use super::*;
    use crate::visit::{Flash, StaffHere};

    #[test]
    fn r33_a_page_is_kept_for_its_patron_and_never_at_a_kiosk_or_the_desk() {
        let id = "0198c7a0-0000-7000-8000-000000000001";
        let account = Account {
            id: id.parse().expect("a uuid"),
            name: "中里 大輔".to_owned(),
            card: CardState::Active,
            ready_mail: None,
            mail_refused: false,
            generation: 1,
        };
        let staff = StaffHere { login: "desk".to_owned(), place: None, manager: false, step: SecondStep::Done };
        let mut here = Here::default();
        assert_eq!(holder(&here), "nobody");
        here.account = Some(account);
        assert_eq!(holder(&here), id);
        here.flash = Some(Flash::NothingChosen);
        assert_eq!(holder(&here), format!("{id} once"));
        assert_eq!(holder(&Here { staff: Some(staff), ..here.clone() }), "never");
        assert_eq!(holder(&Here { kiosk: true, ..here }), "kiosk");
    }
}
