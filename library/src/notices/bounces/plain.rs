//! The texts mail systems write for people: Postfix, Sendmail, Exim, qmail, Exchange, Japanese carriers.

use super::read::MOST;

/// What is said of one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    /// The address.
    pub(super) recipient: String,
    /// The address the mail was sent to, where it was forwarded from there.
    pub(super) written_to: Option<String>,
    /// What is said, in small letters and one line.
    pub(super) words: String,
}

impl Said {
    /// Named, and nothing said.
    pub(super) const fn of(recipient: String) -> Self {
        Self { recipient, written_to: None, words: String::new() }
    }
}

/// With these words the list of recipients begins; addresses before it are those of senders.
const LIST_BEGINS: &[&str] = &["address(es) failed", "addresses had ", "following recipient", "following address"];

/// Lines after which no recipient is spoken of any more.
const LIST_ENDS: &[&str] = &["transcript of session", "below this line", "copy of the message", "copy of your message"];

/// The returned mail begins with one of these fields.
const RETURNED: &[&str] = &["return-path:", "received:", "message-id:", "from:", "dkim-signature:", "mime-version:"];

/// Says that a mail is still being tried.
const DELAY: &[&str] = &[
    "still being retried",
    "warning only",
    "warning message only",
    "not yet been delivered",
    "not been delivered yet",
    "will be retried",
    "will continue trying",
    "will keep trying",
    "transient non-fatal",
    "delivery delayed",
    "is delayed",
    "do not need to resend",
];

/// Says that a mail did not arrive.
const FAILURE: &[&str] = &[
    "undeliver",
    "returned mail",
    "could not be delivered",
    "couldn't be delivered",
    "not able to deliver",
    "unable to deliver",
    "wasn't able to deliver",
    "delivery failed",
    "delivery has failed",
    "delivery failure",
    "failure notice",
    "failed permanently",
    "did not reach",
    "was rejected",
    "delivery status notification",
    "送信できません",
    "配信できません",
    "配信でき",
    "エラー通知",
    "お届けできません",
];

fn says(words: &str, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| words.contains(phrase))
}

pub(super) fn tells_of_delay(words: &str) -> bool {
    says(words, DELAY)
}

/// Whether a text or its subject says that a mail did not arrive.
pub(super) fn tells_of_failure(words: &str, subject: &str) -> bool {
    says(words, FAILURE) || says(&folded(subject), FAILURE) || tells_of_delay(words)
}

/// Whether no person writes from this address.
pub(super) fn is_robot(address: &str) -> bool {
    const ROBOTS: &[&str] =
        &["mailer-daemon", "mailerdaemon", "mail-daemon", "maildaemon", "postmaster", "no-reply", "noreply", "mdaemon"];
    let name = address.split('@').next().unwrap_or_default().to_ascii_lowercase();
    ROBOTS.contains(&name.as_str())
}

/// In small letters, on one line.
pub(super) fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// What stands before the returned mail, and the returned mail itself.
pub(super) fn split_at_returned(text: &str) -> (&str, &str) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let lower: String = line.chars().take(20).collect::<String>().to_ascii_lowercase();
        if RETURNED.iter().any(|field| lower.starts_with(field)) {
            return text.split_at_checked(at).unwrap_or((text, ""));
        }
        at += line.len();
    }
    (text, "")
}

/// What follows the head of a mail.
pub(super) fn body_of(text: &str) -> &str {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        at += line.len();
        if line.trim_end_matches(['\r', '\n']).is_empty() {
            break;
        }
    }
    text.get(at..).unwrap_or_default()
}

/// The head of a mail.
pub(super) fn head_of(text: &str) -> &str {
    let text = text.trim_start();
    text.strip_suffix(body_of(text)).unwrap_or(text)
}

/// The first Message-ID, without its angle brackets.
pub(super) fn message_id(text: &str) -> Option<String> {
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some((name, value)) = line.split_once(':') else { continue };
        if name.eq_ignore_ascii_case("message-id") {
            // The value may stand on a line of its own.
            let value = if value.trim().is_empty() { lines.next().unwrap_or_default() } else { value };
            let id = value.trim().trim_start_matches('<');
            let id = id.split(['>', ' ', '\t']).next().unwrap_or_default();
            return (!id.is_empty()).then(|| id.to_owned());
        }
    }
    None
}

/// The reply of a mail server in a text: three digits that stand alone or before a code.
pub(super) fn reply(words: &str) -> Option<u16> {
    let reads = |word: &str| {
        let word = word.trim_start_matches(['(', '[', '<', '"', '\'']);
        let (digits, rest) = word.split_at_checked(3)?;
        let stands = rest.is_empty() || rest.starts_with(['-', ':', ',', ')']);
        let number: u16 = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())??;
        (stands && matches!(number, 200..=299 | 400..=599)).then_some(number)
    };
    words.split_whitespace().find_map(reads)
}

/// An address that stands alone, in angle brackets or not.
pub(super) fn address_of(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches('<').trim_end_matches(['>', ':', ',', ';', '.']).trim_end_matches('>');
    let (name, host) = text.rsplit_once('@')?;
    let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '(' | ')' | ',' | ';' | '"');
    let sound = !name.is_empty() && !host.is_empty() && text.len() <= 254 && !text.contains(odd) && !name.contains('@');
    sound.then(|| text.to_owned())
}

/// All addresses in a field.
pub(super) fn addresses_in(text: &str) -> Vec<String> {
    text.split([',', ' ', '\t', '\r', '\n', '<', '>', '"', '(', ')']).filter_map(address_of).collect()
}

/// Whom a text speaks of, and what it says of each. `not_these` are the addresses of those who wrote to each other.
pub(super) fn recipients(text: &str, not_these: &[String]) -> Vec<Said> {
    let lines: Vec<&str> = text.lines().collect();
    let begins = lines.iter().position(|line| says(&folded(line), LIST_BEGINS)).map_or(0, |at| at + 1);
    let found = listed(lines.get(begins..).unwrap_or_default(), not_these);
    // Some say what it is about after the list.
    if found.is_empty() { listed(&lines, not_these) } else { found }
}

fn listed(lines: &[&str], not_these: &[String]) -> Vec<Said> {
    let mut found: Vec<Said> = Vec::new();
    let mut current: Option<usize> = None;
    for line in lines {
        if says(&folded(line), LIST_ENDS) {
            current = None;
            continue;
        }
        let named = recipient(line).filter(|(of, _)| !not_these.iter().any(|not| not.eq_ignore_ascii_case(of)));
        match named {
            Some((of, rest)) => {
                let known = found.iter().position(|said| said.recipient.eq_ignore_ascii_case(&of));
                if known.is_none() && found.len() == MOST {
                    break;
                }
                let at = known.unwrap_or(found.len());
                if known.is_none() {
                    found.push(Said::of(of));
                }
                current = Some(at);
                say(&mut found, at, rest);
            }
            None => {
                if let Some(at) = current {
                    say(&mut found, at, line);
                }
            }
        }
    }
    for said in &mut found {
        said.written_to = forwarded_from(&said.words);
        said.words = folded(&said.words);
    }
    found
}

fn say(found: &mut [Said], at: usize, text: &str) {
    if let Some(said) = found.get_mut(at) {
        said.words.push(' ');
        said.words.push_str(text.trim());
    }
}

/// A line that begins with a recipient, and what it says after that.
fn recipient(line: &str) -> Option<(String, &str)> {
    let line = line.trim();
    if let Some(inner) = line.strip_prefix('<') {
        let (address, rest) = inner.split_once('>')?;
        return Some((address_of(address)?, rest.trim_start_matches([':', '.', ' '])));
    }
    if let Some((before, after)) = line.split_once("to: <") {
        // Could not be delivered to: <somebody@example.jp>
        return if folded(before).ends_with("delivered") {
            Some((address_of(after.split('>').next()?)?, ""))
        } else {
            None
        };
    }
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let alone = rest.is_empty() || word.ends_with(':') || rest.starts_with('(') || rest.starts_with("on ");
    if !alone || word.starts_with('"') || word.contains(['[', '=']) {
        return None;
    }
    Some((address_of(word)?, rest))
}

/// `(expanded from: <somebody@example.jp>)`
fn forwarded_from(words: &str) -> Option<String> {
    let after = ["expanded from", "ultimately generated from"]
        .iter()
        .find_map(|phrase| words.split_once(phrase).map(|(_, after)| after))?;
    address_of(after.trim_start_matches(':').trim().split([')', ' ']).find(|word| !word.is_empty())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_told_from_other_numbers() {
        for (text, number) in [
            ("550 5.1.1 no", Some(550)),
            ("host mx[192.0.2.22] said: 452 4.3.2 later", Some(452)),
            ("(reason: 550-5.7.1 no)", Some(550)),
            ("gave up after 300 seconds; 2014 was the year", None),
            ("192.0.2.1 5501 55 550x", None),
        ] {
            assert_eq!(reply(text), number, "{text}");
        }
    }

    #[test]
    fn an_address_is_told_from_what_looks_like_one() {
        for text in ["<neko@example.jp>", "neko@example.jp:", " neko@example.jp.", "\u{732b}@example.jp"] {
            assert!(address_of(text).is_some(), "{text}");
        }
        for text in ["@example.jp", "neko@", "neko", "a b@example.jp", "a@b@example.jp", "<>", ""] {
            assert_eq!(address_of(text), None, "{text}");
        }
    }

    #[test]
    fn the_sender_is_not_taken_for_a_recipient() {
        let text = "A message sent by\n\n  <me@example.jp>\n\ncould not be delivered. The following\naddress(es) failed:\n\n  \
            you@example.org\n    (ultimately generated from they@example.org)\n    no such user\n";
        let found = recipients(text, &[]);
        let [said] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(
            (said.recipient.as_str(), said.written_to.as_deref()),
            ("you@example.org", Some("they@example.org"))
        );
        assert!(said.words.ends_with("no such user"), "{said:?}");
    }
}
