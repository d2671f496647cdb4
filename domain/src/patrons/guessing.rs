//! Slowing down guesses. Four characters are few, so what protects a password is how seldom it can be tried.
//!
//! Tries are tallied three times over. *Here*: one card from one origin, strictly; somebody who mistypes waits alone. *The
//! card* from everywhere, mildly: it stops a guesser with many addresses, and its cap is low, because whoever guesses at
//! another's card makes its holder wait too. *The origin* for all cards together: it stops one password tried on card after
//! card, and its window is short, because a school or a library shares an address. At an origin from which the card was
//! signed in before, the card's tally from everywhere holds nobody up, so guesses from elsewhere don't reach a reader at
//! home. The origin's own tally holds all of its cards alike: else one password could be tried on all cards of a school
//! without end, and the answers would tell which cards are used there.
//!
//! A try is tallied before the password is looked at, and while one waits nothing is looked at or tallied: the wait does
//! not grow by knocking. A card nobody has is tallied like any other.

use std::net::IpAddr;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::policy::GuessPolicy;

/// How fast something may be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pace {
    /// How many tries cost nothing.
    pub free: u32,
    /// How long the wait after the last free one is, in seconds; it doubles with each further one.
    pub first_wait_seconds: u32,
    /// The longest wait, in seconds.
    pub longest_wait_seconds: u32,
    /// How long after the first of them tries are forgotten, in minutes.
    pub window_minutes: u32,
}

/// Tries so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// When the first was.
    pub since: DateTime<Utc>,
    /// How many.
    pub tries: u32,
    /// When the last was.
    pub last: DateTime<Utc>,
}

impl Pace {
    /// When the next try is allowed; `None` when it is now.
    pub fn opens_at(&self, tally: Option<Tally>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let tally = self.remembered(tally, now)?;
        let beyond = tally.tries.checked_sub(self.free)?;
        let wait = u64::from(self.first_wait_seconds).saturating_mul(1 << beyond.min(30));
        let wait = wait.min(u64::from(self.longest_wait_seconds));
        let opens = tally.last + TimeDelta::seconds(i64::try_from(wait).unwrap_or(i64::MAX / 1000));
        // A wait does not outlast the window.
        let opens = opens.min(tally.since + self.window());
        (opens > now).then_some(opens)
    }

    /// The tally with one try more.
    pub fn count(&self, tally: Option<Tally>, now: DateTime<Utc>) -> Tally {
        match self.remembered(tally, now) {
            Some(tally) => Tally { tries: tally.tries.saturating_add(1), last: now, ..tally },
            None => Tally { since: now, tries: 1, last: now },
        }
    }

    fn remembered(&self, tally: Option<Tally>, now: DateTime<Utc>) -> Option<Tally> {
        tally.filter(|tally| tally.tries > 0 && now - tally.since < self.window())
    }

    fn window(&self) -> TimeDelta {
        TimeDelta::minutes(self.window_minutes.into())
    }
}

/// What was tried before, as far as it concerns a try.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tallies {
    /// This card from this origin.
    pub here: Option<Tally>,
    /// This card from everywhere.
    pub card: Option<Tally>,
    /// All cards from this origin.
    pub origin: Option<Tally>,
    /// Whether this card was signed in from this origin before.
    pub known: bool,
}

/// Whether it may be tried now.
///
/// # Errors
/// When it may be tried next.
pub fn may_try(policy: &GuessPolicy, tallies: &Tallies, now: DateTime<Utc>) -> Result<(), DateTime<Utc>> {
    let here = policy.here.opens_at(tallies.here, now);
    let card = policy.card.opens_at(tallies.card, now).filter(|_| !tallies.known);
    let origin = policy.origin.opens_at(tallies.origin, now);
    match [here, card, origin].into_iter().flatten().max() {
        None => Ok(()),
        Some(opens) => Err(opens),
    }
}

/// A wait as people are told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// So many minutes, rounded up.
    pub minutes: u32,
    /// What the library's clocks show then, to the minute.
    pub from: NaiveTime,
}

/// Where a request comes from, as far as guessing is concerned: an IPv4 address, or the network of an IPv6 one, which a
/// household has to itself and can change addresses in at will.
pub fn origin_of(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace { free: 3, first_wait_seconds: 10, longest_wait_seconds: 60, window_minutes: 10 };

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
    }

    /// The seconds at which somebody gets through who knocks every second until then.
    fn tries(pace: Pace, seconds: i64) -> Vec<i64> {
        let mut tally = None;
        let mut through = Vec::new();
        for second in 0..seconds {
            if pace.opens_at(tally, at(second)).is_none() {
                tally = Some(pace.count(tally, at(second)));
                through.push(second);
            }
        }
        through
    }

    #[test]
    fn the_wait_doubles_up_to_its_cap_and_is_forgotten_after_the_window() {
        assert_eq!(tries(PACE, 605), [0, 1, 2, 12, 32, 72, 132, 192, 252, 312, 372, 432, 492, 552, 600, 601, 602]);
    }

    #[test]
    fn knocking_while_one_waits_makes_no_wait_longer() {
        let tally = Tally { since: at(0), tries: 4, last: at(2) };
        assert_eq!(PACE.opens_at(Some(tally), at(3)), Some(at(22)));
        assert_eq!(PACE.opens_at(Some(tally), at(21)), Some(at(22)));
        assert_eq!(PACE.opens_at(Some(tally), at(22)), None);
        let late = Tally { since: at(0), tries: 14, last: at(570) };
        assert_eq!(PACE.opens_at(Some(late), at(571)), Some(at(600)), "no longer than the window");
    }

    #[test]
    fn a_known_origin_is_held_up_by_its_own_tries_alone_and_by_all_of_them() {
        let policy = GuessPolicy::default();
        let much = Some(Tally { since: at(0), tries: 1000, last: at(0) });
        let known = Tallies { card: much, known: true, ..Tallies::default() };
        assert_eq!(may_try(&policy, &known, at(1)), Ok(()));
        let sprayed = |known| Tallies { origin: much, known, ..Tallies::default() };
        for known in [true, false] {
            let until = at(policy.origin.longest_wait_seconds.into());
            assert_eq!(may_try(&policy, &sprayed(known), at(1)), Err(until), "the answer is the same");
        }
        let strange = Tallies { known: false, ..known };
        assert_eq!(may_try(&policy, &strange, at(1)), Err(at(policy.card.longest_wait_seconds.into())));
        let own = Tallies { here: much, ..known };
        assert_eq!(may_try(&policy, &own, at(1)), Err(at(policy.here.longest_wait_seconds.into())));
    }

    #[test]
    fn ten_thousand_guesses_take_long_with_any_number_of_origins() {
        let policy = GuessPolicy::default();
        let day = 24 * 60 * 60;
        let per_day = |pace: Pace| tries(pace, day).len();
        let (here, card, origin) = (per_day(policy.here), per_day(policy.card), per_day(policy.origin));
        assert!(here < 50, "{here} guesses a day at a card from one origin");
        assert!(card < 150, "{card} guesses a day at a card from everywhere");
        assert!(origin < 1500, "{origin} guesses a day from one origin at all cards");
        // How long the holder of a card waits at most while somebody else guesses, from an origin never used before.
        assert!(policy.card.longest_wait_seconds <= 15 * 60);
    }

    #[test]
    fn an_origin_is_an_address_or_the_network_of_a_household() {
        let of = |text: &str| text.parse().map(origin_of).ok();
        assert_eq!(of("203.0.113.7").as_deref(), Some("203.0.113.7"));
        assert_eq!(of("::ffff:203.0.113.7"), of("203.0.113.7"));
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    }
}
