//! Passkeys: a second way in, for patrons who want one (issue 5). Here is what is decided of them; what an authenticator's
//! answer says, and whether it is signed, the server reads.

use std::net::IpAddr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{text::one_width, words::words};

/// Most passkeys of one patron.
pub const MOST_PASSKEYS: usize = 10;

/// Most questions to sign in by a passkey that are open for one origin. Each is asked by a press of a button, and a school
/// shares an origin.
pub const MOST_QUESTIONS: usize = 60;

/// Most characters of the name of a passkey.
const LONGEST_NAME: usize = 40;

words! {
    /// By what a patron signed in.
    #[derive(Default)]
    SignedInBy, "way of signing in" {
        /// The password.
        #[default]
        Password = "password",
        /// A passkey; the password was not asked.
        Passkey = "passkey",
    }
}

words! {
    /// Why it does not go on with a passkey. None of these says whether there is a card.
    PasskeyRefusal, "refusal of a passkey" {
        /// The library offers none at this address, or to this browser.
        NotOffered = "not-offered",
        /// The question that was answered is not open: too old, or answered already.
        Stale = "stale",
        /// No key that is known here gave this answer.
        Unknown = "unknown",
        /// The key is registered already.
        Known = "known",
        /// There are [`MOST_PASSKEYS`] already.
        Full = "full",
        /// There are [`MOST_QUESTIONS`] open already.
        Many = "many",
    }
}

/// A passkey, as its patron sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyView {
    /// What names it in a form; it opens nothing.
    pub key: String,
    /// What the patron calls it; may be empty.
    pub name: String,
    /// The day it was registered.
    pub made: NaiveDate,
    /// The day it was last used.
    pub used: Option<NaiveDate>,
}

/// Where passkeys are good: an authenticator answers nobody else's questions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelyingParty {
    /// The name of the host, to which a passkey belongs for good.
    pub id: String,
    /// Scheme, host and port, as browsers write them.
    pub origin: String,
}

/// Where passkeys are good when people reach the library at this address. `None` where browsers offer none: without HTTPS,
/// but for the machine itself, and where the host is a number and not a name.
pub fn relying_party(web_address: &str) -> Option<RelyingParty> {
    let (secure, host) = match web_address.split_once("://")? {
        ("https", host) => (true, host),
        ("http", host) => (false, host),
        _ => return None,
    };
    let (scheme, usual) = if secure { ("https", ":443") } else { ("http", ":80") };
    let host = host.to_ascii_lowercase();
    let host = host.strip_suffix(usual).unwrap_or(&host);
    let id = host.rsplit_once(':').map_or(host, |(id, _)| id);
    let here = id == "localhost" || id.ends_with(".localhost");
    let named = !id.is_empty() && !id.contains(['[', ']']) && id.parse::<IpAddr>().is_err();
    ((secure || here) && named).then(|| RelyingParty { id: id.to_owned(), origin: format!("{scheme}://{host}") })
}

/// Whether passkeys are offered to a browser: never at a kiosk, which is nobody's own.
pub const fn may_use_passkeys(party: Option<&RelyingParty>, kiosk: bool) -> bool {
    party.is_some() && !kiosk
}

/// Whether a key whose counter stood there may come with this one. A counter that does not rise tells of a copy of the key;
/// keys that are kept on several devices do not count, and say 0 always.
pub const fn may_follow(before: u32, now: u32) -> bool {
    now > before || (before == 0 && now == 0)
}

/// What a passkey is called: as typed, on one line and not without end; `otherwise` where nothing was typed.
pub fn passkey_name(typed: &str, otherwise: &str) -> String {
    let name = one_width(typed).split_whitespace().collect::<Vec<_>>().join(" ");
    let name = name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect::<String>();
    if name.is_empty() { otherwise.to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(address: &str) -> Option<(String, String)> {
        relying_party(address).map(|party| (party.id, party.origin))
    }

    #[test]
    fn passkeys_belong_to_the_name_people_reach_the_library_by() {
        let some = |id: &str, origin: &str| Some((id.to_owned(), origin.to_owned()));
        assert_eq!(party("https://library.example.jp"), some("library.example.jp", "https://library.example.jp"));
        assert_eq!(
            party("https://Library.example.jp:8443"),
            some("library.example.jp", "https://library.example.jp:8443")
        );
        assert_eq!(party("https://library.example.jp:443"), some("library.example.jp", "https://library.example.jp"));
        assert_eq!(party("http://localhost:3000"), some("localhost", "http://localhost:3000"));
    }

    #[test]
    fn no_passkeys_where_browsers_have_none() {
        for address in [
            "http://library.example.jp",
            "http://127.0.0.1:3000",
            "https://192.0.2.1",
            "https://[2001:db8::1]:443",
            "http://localhost.example.jp",
            "ftp://localhost",
            "localhost",
            "https://",
        ] {
            assert_eq!(party(address), None, "{address}");
        }
    }

    #[test]
    fn a_kiosk_is_offered_none() {
        let party = relying_party("https://library.example.jp");
        assert!(may_use_passkeys(party.as_ref(), false));
        assert!(!may_use_passkeys(party.as_ref(), true));
        assert!(!may_use_passkeys(None, false));
    }

    #[test]
    fn a_counter_rises_or_is_none() {
        assert!(may_follow(0, 0), "a key that does not count");
        assert!(may_follow(0, 1) && may_follow(7, 8) && may_follow(7, 900));
        assert!(!may_follow(7, 7) && !may_follow(7, 6) && !may_follow(7, 0));
    }

    #[test]
    fn a_name_is_one_line_and_not_without_end() {
        assert_eq!(passkey_name("  わたしの\n　スマホ ", "Chrome"), "わたしの スマホ");
        assert_eq!(passkey_name(" \u{7} ", "Chrome · Android"), "Chrome · Android");
        assert_eq!(passkey_name(&"長".repeat(100), "").chars().count(), 40);
    }
}
