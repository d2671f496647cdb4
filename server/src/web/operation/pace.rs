//! How fast the catalogue may be asked.
//!
//! A crawler is welcome: it brings readers. robots.txt asks it for a request a second; one that asks faster than twice that is
//! slowed down. People are told apart from it by what it says of itself, so that a school behind one address is not taken
//! for one; for an address as a whole there is a ceiling as well, far above what its people can do.
//!
//! What is counted lies in memory and is bounded: for each address the moment up to which it has used up its turns. The crate
//! `governor` counts in the same way, but keeps every address until somebody sweeps.

use std::{
    collections::HashMap,
    mem,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use domain::messages::Key;
use http::{HeaderMap, StatusCode, header};
use library::Origin;

use super::{Operation, later};
use crate::config::PaceSettings;

/// Of how many addresses the last turns are known at once, twice over. Some megabytes.
const MOST_KNOWN: usize = 20_000;

/// The pages of the catalogue, and the server functions by which scripts ask for the same.
const CATALOGUE: [&str; 7] = ["/", "/search", "/bibs/{id}", "/api/home", "/api/search", "/api/record", "/api/suggest"];

/// Words by which programs say that they are no people.
const BOTS: [&str; 4] = ["bot", "crawl", "spider", "slurp"];

/// How fast each address may ask.
#[derive(Debug)]
pub(super) struct Pace {
    bots: Turns,
    addresses: Turns,
}

impl Pace {
    pub(super) fn new(settings: &PaceSettings) -> Self {
        Self {
            bots: Turns::new(settings.bot_per_minute.get()),
            addresses: Turns::new(settings.address_per_minute.get()),
        }
    }
}

/// So many turns a minute, half of which may be taken at once.
#[derive(Debug)]
struct Turns {
    /// From one turn to the next.
    every: Duration,
    /// How far ahead of them somebody may be.
    ahead: Duration,
    known: Mutex<Known>,
}

/// The moment up to which each has used up their turns. When there are too many, the older half is forgotten.
#[derive(Debug, Default)]
struct Known {
    lately: HashMap<Origin, Instant>,
    before: HashMap<Origin, Instant>,
}

impl Turns {
    fn new(per_minute: u32) -> Self {
        let every = Duration::from_secs(60) / per_minute;
        // One may always be taken.
        Self { every, ahead: every.max(Duration::from_secs(30)), known: Mutex::default() }
    }

    /// Takes a turn, or says how long to wait for it.
    fn take(&self, of: &Origin, now: Instant) -> Result<(), Duration> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let used_up = known.lately.get(of).or_else(|| known.before.get(of)).copied().unwrap_or(now).max(now);
        let next = used_up + self.every;
        if let Some(wait) = (next - now).checked_sub(self.ahead).filter(|wait| !wait.is_zero()) {
            return Err(wait);
        }
        if known.lately.len() >= MOST_KNOWN {
            known.before = mem::take(&mut known.lately);
        }
        known.lately.insert(of.clone(), next);
        Ok(())
    }
}

/// Slows down who asks for the catalogue too fast.
pub(in crate::web) async fn slow_down(State(operation): State<Operation>, request: Request, next: Next) -> Response {
    let Operation(inner) = &operation;
    let is_catalogue = request.extensions().get::<MatchedPath>().is_some_and(|path| CATALOGUE.contains(&path.as_str()));
    let Some(origin) = request.extensions().get::<Origin>().filter(|_| is_catalogue) else {
        return next.run(request).await;
    };
    let now = Instant::now();
    let pace = &inner.pace;
    let slowed = if is_bot(request.headers()) {
        pace.bots.take(origin, now).map_err(|wait| ("bot", wait))
    } else {
        pace.addresses.take(origin, now).map_err(|wait| ("address", wait))
    };
    match slowed {
        Ok(()) => next.run(request).await,
        Err((who, wait)) => {
            inner.metrics.shed(who);
            let seconds = u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1);
            later(&request, seconds).saying(StatusCode::TOO_MANY_REQUESTS, Key::TooFastTitle, Key::TooFastText)
        }
    }
}

/// Whether a program says of itself that it is one: by a word for it, or by the address of a page about it.
fn is_bot(headers: &HeaderMap) -> bool {
    let Some(agent) = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()) else { return false };
    let agent = agent.to_ascii_lowercase();
    // Telephones of that make have the word in their name.
    let agent = agent.replace("cubot", "");
    BOTS.iter().any(|word| agent.contains(word)) || agent.contains("http://") || agent.contains("https://")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(n: usize) -> Origin {
        let bytes = u32::try_from(n).expect("few").to_be_bytes();
        Origin::of(std::net::IpAddr::from(bytes))
    }

    #[test]
    fn half_a_minute_of_turns_may_be_taken_at_once_and_then_one_after_the_other() {
        let (turns, begun) = (Turns::new(60), Instant::now());
        let taken = |seconds: u64| turns.take(&origin(1), begun + Duration::from_secs(seconds));
        for n in 0..30 {
            assert_eq!(taken(0), Ok(()), "{n}");
        }
        assert_eq!(taken(0), Err(Duration::from_secs(1)));
        assert_eq!(taken(1), Ok(()));
        assert_eq!(taken(1), Err(Duration::from_secs(1)), "being refused costs no turn");
        assert_eq!(turns.take(&origin(2), begun), Ok(()), "another's turns are another's");
        for _ in 0..30 {
            assert_eq!(taken(300), Ok(()));
        }
        assert!(taken(300).is_err(), "who was away has saved up no more than that");
    }

    #[test]
    fn what_is_known_is_bounded_and_whoever_asks_all_the_time_is_not_forgotten() {
        let (turns, now) = (Turns::new(2), Instant::now());
        assert_eq!(turns.take(&origin(0), now), Ok(()));
        for n in 1..=3 * MOST_KNOWN {
            assert_eq!(turns.take(&origin(n), now), Ok(()));
            if n == MOST_KNOWN {
                assert!(turns.take(&origin(0), now).is_err(), "it is known still");
            }
        }
        let known = turns.known.lock().expect("whole");
        assert!(known.lately.len() <= MOST_KNOWN && known.before.len() <= MOST_KNOWN);
    }

    #[test]
    fn people_are_not_taken_for_programs() {
        let is =
            |agent: &'static str| is_bot(&HeaderMap::from_iter([(header::USER_AGENT, agent.parse().expect("one"))]));
        assert!(is("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"));
        assert!(is("Mozilla/5.0 (compatible; YandexBot/3.0)") && is("Baiduspider") && is("Yahoo! Slurp"));
        assert!(is("SomeHarvester/1.0 (+https://example.org/about)"));
        assert!(!is(
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"
        ));
        assert!(!is("Mozilla/5.0 (Linux; Android 13; CUBOT KINGKONG 9) AppleWebKit/537.36"), "a telephone");
        assert!(!is_bot(&HeaderMap::new()));
    }
}
