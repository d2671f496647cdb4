//! What a report about a mail that came back says of the address, and of the mail (R13, R14).
//!
//! A mail server refuses a *mail* for many reasons that are not the address: it holds the library for a sender of spam, the
//! mailbox is full, the mail too large. Then the patron is telephoned and the address stays; otherwise one evening on a
//! blocking list would cost half a town its addresses. Only what says that mail to this address is refused makes it invalid.

/// What a mail system did with a mail, in the words of RFC 3464.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailAction {
    /// It gave up.
    Failed,
    /// It has not succeeded yet, and goes on trying.
    Delayed,
    /// It delivered the mail, or handed it on.
    Delivered,
}

impl MailAction {
    /// Reads the field `Action`; `None` when it says nothing that is known.
    pub fn read(text: &str) -> Option<Self> {
        let word = text.split(|c: char| !c.is_ascii_alphabetic()).find(|word| !word.is_empty())?;
        Some(match word.to_ascii_lowercase().as_str() {
            "failed" | "failure" => Self::Failed,
            "delayed" => Self::Delayed,
            "delivered" | "relayed" | "expanded" => Self::Delivered,
            _ => return None,
        })
    }
}

/// An enhanced status code (RFC 3463), such as 5.1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailStatus {
    /// 2 done, 4 not now, 5 never.
    pub class: u8,
    /// What it is about: 1 the address, 2 the mailbox, 3 the mail system, 4 the network, 5 the protocol, 6 the content, 7 policy.
    pub subject: u16,
    /// More exactly.
    pub detail: u16,
}

impl MailStatus {
    /// Reads a code that stands alone, such as `5.1.1`; `None` when it is none.
    pub fn read(text: &str) -> Option<Self> {
        let mut numbers = text.split('.');
        let (class, subject, detail) = (numbers.next()?, numbers.next()?, numbers.next()?);
        let digits = |text: &str| (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        if numbers.next().is_some() || !matches!(class, "2" | "4" | "5") || !digits(subject) || !digits(detail) {
            return None;
        }
        Some(Self { class: class.parse().ok()?, subject: subject.parse().ok()?, detail: detail.parse().ok()? })
    }

    /// The first code in a text.
    pub fn find(text: &str) -> Option<Self> {
        let words = text.split(|c: char| !c.is_ascii_digit() && c != '.');
        words.map(|word| word.trim_end_matches('.')).find_map(Self::read)
    }

    /// Whether it says no more than its class.
    pub const fn is_vague(self) -> bool {
        self.subject == 0 && self.detail == 0
    }
}

impl std::fmt::Display for MailStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// What is told of a mail to one address.
#[derive(Clone, Copy, Debug, Default)]
pub struct MailReport<'a> {
    /// What was done, where it is said.
    pub action: Option<MailAction>,
    /// The enhanced status code, where there is one.
    pub status: Option<MailStatus>,
    /// The reply of the mail server, such as 550, where there is one.
    pub reply: Option<u16>,
    /// Whether a program on the receiving machine failed, and not a mail server refused.
    pub local_program: bool,
    /// What was said about it, in small letters.
    pub words: &'a str,
}

/// What follows from a report about a mail that came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BounceVerdict {
    /// It went through.
    Delivered,
    /// It is still being tried.
    Delayed,
    /// This mail will not arrive; whether another would is open. Staff telephone (R14).
    Undelivered,
    /// Mail to this address is refused: the address is invalid (R13), and staff telephone (R14).
    AddressRefused,
}

/// Says that nobody is there, or that the mailbox takes nothing from us.
const NOBODY: &[&str] = &[
    "user unknown",
    "unknown user",
    "unknown or illegal user",
    "unknown recipient",
    "unknown local",
    "no such user",
    "no such recipient",
    "no such mailbox",
    "no such account",
    "no mailbox here",
    "no account by that name",
    "not our user",
    "user not local",
    "not our customer",
    "user not found",
    "recipient not found",
    "mailbox not found",
    "mailbox does not exist",
    "account does not exist",
    "user does not exist",
    "user doesn't",
    "doesn't have a",
    "recipient does not exist",
    "no longer on server",
    "no longer available",
    "no longer active",
    "is disabled",
    "account disabled",
    "account inactive",
    "mailbox disabled",
    "mailbox unavailable",
    "account has been",
    "invalid recipient",
    "invalid mailbox",
    "invalid address",
    "recipient address rejected",
    "address rejected",
    "recipient name is not recognized",
    "rejected by a remote mail server",
    "recipientnotfound",
    "host unknown",
    "host not found",
    "host or domain name not found",
    "domain not found",
    "unrouteable address",
    "unroutable address",
    "no such domain",
    "宛先が見つかりません",
    "アドレスが見つかりません",
];

/// Says that the sender, the mail or the moment is at fault, and not the address.
const NOT_THE_ADDRESS: &[&str] = &[
    "spam",
    "policy",
    "blocked",
    "blocking list",
    "block list",
    "blocklist",
    "blacklist",
    "black list",
    "(bl)",
    "reputation",
    "relay",
    "sender address",
    "mail from",
    "virus",
    "authentication",
    "spf",
    "dkim",
    "dmarc",
    "rate limit",
    "too many",
    "quota",
    "full",
    "too large",
    "too big",
    "exceeds",
    "header error",
    "content",
    "timed out",
    "timeout",
    "temporarily",
    "一杯",
];

/// Says of a mail that was given up that it was tried for a long time.
const TRIED_LONG: &[&str] =
    &["retry timeout", "for a long time", "timed out", "expired", "for too long", "could not be delivered for"];

fn says(words: &str, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| words.contains(phrase))
}

/// What follows from a report. A code that says what the matter is wins over the words, the words over a code that only
/// says "never"; where nothing but "never" is said, it is the address.
pub fn bounce_verdict(report: MailReport<'_>) -> BounceVerdict {
    use BounceVerdict::{AddressRefused, Delayed, Delivered, Undelivered};
    match report.action {
        Some(MailAction::Delayed) => return Delayed,
        Some(MailAction::Delivered) => return Delivered,
        Some(MailAction::Failed) | None => {}
    }
    let nobody = says(report.words, NOBODY);
    let elsewhere = says(report.words, NOT_THE_ADDRESS);
    let class = report.status.map(|status| status.class).or_else(|| u8::try_from(report.reply? / 100).ok());
    match class {
        Some(2) => return Delivered,
        // "Not now", said until the mail system gave up: not now is believed.
        Some(4) => return if report.action.is_some() { Undelivered } else { Delayed },
        None if says(report.words, TRIED_LONG) => return Undelivered,
        _ => {}
    }
    let (subject, detail) = report.status.map_or((0, 0), |status| (status.subject, status.detail));
    let by_words = |otherwise| if nobody { AddressRefused } else { otherwise };
    match (subject, detail) {
        (1, 7..=9) => Undelivered,
        (1, 0) if elsewhere && !nobody => Undelivered,
        // An ambiguous address, and one that is right.
        (1, 4 | 5) => by_words(Undelivered),
        (1, _) | (2, 1) => AddressRefused,
        // Full, too large for it, a list behind it.
        (2, 2..=4) => Undelivered,
        (2, _) => {
            if elsewhere && !nobody {
                Undelivered
            } else {
                AddressRefused
            }
        }
        (6 | 7, _) => Undelivered,
        (3..=5, _) => by_words(Undelivered),
        _ if nobody => AddressRefused,
        _ if elsewhere || report.local_program => Undelivered,
        _ => match report.reply {
            // A command that was not understood, "exceeded storage" and "transaction failed" are no word on the address.
            Some(500..=504 | 552 | 554) => Undelivered,
            _ => AddressRefused,
        },
    }
}

/// Whether a mail server that does not take a recipient refuses the address for good (R13): its answer has a code of 400 to
/// 599, and a text that may begin with an enhanced status code. An address must not become invalid because of us, so
/// anything else is no word on it. A report is of one mail; a mail server that dislikes us says no to every recipient of an
/// evening, so here it has to say that it is the address: by a code, or in words that speak of nothing else.
pub fn refuses_address(code: u16, text: &str) -> bool {
    let status = text.split_whitespace().next().and_then(MailStatus::read);
    let words = text.to_lowercase();
    let report = MailReport { status, reply: Some(code), words: &words, ..MailReport::default() };
    let by_code = status.is_some_and(|status| match (status.subject, status.detail) {
        (1, detail) => !(7..=9).contains(&detail),
        (2, 1) => true,
        _ => false,
    });
    let by_words = says(&words, NOBODY) && !says(&words, NOT_THE_ADDRESS);
    (500..600).contains(&code) && (by_code || by_words) && bounce_verdict(report) == BounceVerdict::AddressRefused
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(action: MailAction, status: &str, words: &str) -> BounceVerdict {
        let status = MailStatus::read(status);
        bounce_verdict(MailReport { action: Some(action), status, words, ..MailReport::default() })
    }

    #[test]
    fn codes_are_read_and_nothing_else_is() {
        assert_eq!(MailStatus::read("5.1.10").map(|status| status.to_string()).as_deref(), Some("5.1.10"));
        for none in ["", "5", "5.1", "3.1.1", "5.1.1.1", "5.1111.1", "5..1", "5.a.1", "15.1.1", "５.1.1"] {
            assert_eq!(MailStatus::read(none), None, "{none}");
        }
        let found = |text: &str| MailStatus::find(text).map(|status| status.to_string());
        assert_eq!(found("550-5.7.1 [192.0.2.222] not accepted"), Some("5.7.1".to_owned()));
        assert_eq!(found("host mx[192.0.2.22] said: 550 5.2.2."), Some("5.2.2".to_owned()));
        assert_eq!(found("host mx[192.0.2.22] said: no"), None);
        assert_eq!(MailAction::read(" Delayed (still trying)"), Some(MailAction::Delayed));
        assert_eq!(MailAction::read("vacation"), None);
    }

    #[test]
    fn r13_an_address_that_refuses_mail_is_invalid() {
        for (status, words) in [
            ("5.1.1", ""),
            ("5.1.1", "550 mailbox full of unknown users"),
            ("5.2.1", "mailbox disabled"),
            ("5.1.6", "recipient no longer on server"),
            ("5.4.4", "host or domain name not found"),
            ("5.0.0", ""),
            ("", "550 unknown user"),
            ("5.2.0", "550 unknown user neko@example.jp"),
            ("5.4.1", "recipient address rejected: access denied"),
        ] {
            assert_eq!(verdict(MailAction::Failed, status, words), BounceVerdict::AddressRefused, "{status} {words}");
        }
    }

    #[test]
    fn r14_a_mail_that_was_refused_for_another_reason_leaves_the_address_alone() {
        for (status, words) in [
            ("5.7.1", "blocked for spam, user unknown to us"),
            ("5.1.8", "domain of sender address does not exist"),
            ("5.2.2", "mailbox full"),
            ("5.2.3", "too large"),
            ("5.4.4", "malformed name server reply"),
            ("5.5.0", "554 service unavailable"),
            ("5.0.0", "554 rejected for policy reasons"),
            ("4.4.7", "could not be delivered for 5 days"),
            ("4.1.1", "user unknown in virtual alias table"),
            ("", "retry timeout exceeded"),
        ] {
            assert_eq!(verdict(MailAction::Failed, status, words), BounceVerdict::Undelivered, "{status} {words}");
        }
        let program = MailReport { status: MailStatus::read("5.0.0"), local_program: true, ..MailReport::default() };
        assert_eq!(bounce_verdict(program), BounceVerdict::Undelivered);
    }

    #[test]
    fn what_is_still_tried_or_went_through_is_nothing_to_act_on() {
        assert_eq!(verdict(MailAction::Delayed, "5.1.1", "user unknown"), BounceVerdict::Delayed);
        assert_eq!(verdict(MailAction::Delivered, "2.0.0", ""), BounceVerdict::Delivered);
        let said = MailReport { reply: Some(450), ..MailReport::default() };
        assert_eq!(bounce_verdict(said), BounceVerdict::Delayed, "nobody says that it was given up");
    }

    #[test]
    fn r13_only_a_refusal_that_speaks_of_the_address_makes_it_invalid() {
        for (code, text) in [
            (550, "5.1.1 <a@example.jp>: Recipient address rejected: User unknown"),
            (550, "5.1.10 RESOLVER.ADR.RecipientNotFound"),
            (550, "5.2.1 The email account that you tried to reach is disabled"),
            (550, "Unknown user"),
            (553, "sorry, no mailbox here by that name"),
            (551, "User not local"),
        ] {
            assert!(refuses_address(code, text), "{code} {text}");
        }
        for (code, text) in [
            (450, "4.1.1 unverified address"),
            (451, "5.1.1 never mind"),
            (550, "5.7.1 Message rejected due to policy"),
            (554, "5.7.1 <a@example.jp>: Relay access denied"),
            (550, "relay not permitted"),
            (552, "5.2.2 Mailbox full"),
            (550, "5.1.8 Sender address rejected: Domain not found"),
            (554, "Service unavailable; client host blocked"),
            (500, "command not recognised"),
            // Said to everybody by a server that dislikes us, or has an evening of its own.
            (550, "Access denied"),
            (550, "Recipient address rejected: your host is on a blocking list"),
            (550, "5.2.0 Requested action not taken"),
            (550, "5.0.0"),
            (553, "not accepted here"),
            (550, "5.4.6 Routing loop detected"),
        ] {
            assert!(!refuses_address(code, text), "{code} {text}");
        }
    }
}
