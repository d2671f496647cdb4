//! Reading a mail that a mail system wrote about a mail that did not arrive: a report by RFC 3464, also in broken MIME, or
//! one of the plain texts mail systems write for people.
//!
//! Whatever the bytes are, nothing here panics, and a mail that is no such report is `None`: a person's answer, also
//! with a report quoted in it, an absence note, a read receipt, a complaint of a feedback loop.

use domain::{
    NoticeId,
    notices::{BounceVerdict, MailAction, MailReport, MailStatus, bounce_verdict},
};
use mail_parser::{Message, MessageParser, MimeHeaders, PartType};
use uuid::Uuid;

use super::{
    flat::flattened,
    plain::{self, Said},
    report::{self, Fields},
};

/// Longest mail that is read, in bytes. A report is some kilobytes, more where it returns the mail with its pictures; what
/// stands behind is not looked at.
pub(super) const LONGEST: usize = 256 << 10;

/// Most recipients, and most addresses of a field, that are looked at. Our mails go to one; who writes more would have us
/// compare each with each.
pub(super) const MOST: usize = 100;

/// A report about a mail that came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounce {
    /// The Message-ID of the mail that came back, without its angle brackets, where the report returns its head.
    pub message_id: Option<String>,
    /// The addresses the report itself was sent to.
    pub sent_to: Vec<String>,
    /// What it says of each recipient.
    pub recipients: Vec<Bounced>,
}

/// What a report says of one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounced {
    /// The address that was tried last.
    pub recipient: String,
    /// The address the mail was sent to, where the report tells it apart: it was forwarded from there.
    pub written_to: Option<String>,
    /// The enhanced status code.
    pub status: Option<MailStatus>,
    /// What follows.
    pub verdict: BounceVerdict,
}

impl Bounce {
    /// Which mail of ours came back: its Message-ID begins with the notice's id, and so does the address the report was sent
    /// to, where mails leave with an address of return of their own.
    pub fn notice(&self) -> Option<NoticeId> {
        let of_message = || self.message_id.as_deref()?.split_once('@')?.0.parse::<Uuid>().ok();
        let of_return = |address: &String| address.split_once('@')?.0.rsplit_once('+')?.1.parse::<Uuid>().ok();
        of_message().or_else(|| self.sent_to.iter().find_map(of_return)).map(NoticeId)
    }
}

impl Bounced {
    /// Whether it is about this address.
    pub fn is_about(&self, address: &str) -> bool {
        let same = |other: &str| other.eq_ignore_ascii_case(address);
        same(&self.recipient) || self.written_to.as_deref().is_some_and(same)
    }
}

/// The parts of a mail that say something.
#[derive(Default)]
struct Parts {
    /// What is written for people, and what stands there where the mail's structure is broken.
    text: String,
    /// Parts of the type `message/delivery-status`.
    reports: Vec<String>,
    /// The Message-ID of the returned mail.
    message_id: Option<String>,
    /// `multipart/report` of another type: a receipt or a complaint.
    other_report: bool,
}

/// Reads a mail; `None` when it is no report about a mail that came back.
pub fn read_bounce(raw: &[u8]) -> Option<Bounce> {
    let raw = without_postmark(raw.get(..LONGEST).unwrap_or(raw));
    let flat = flattened(raw);
    let mail = MessageParser::default().parse(&flat)?;
    let parts = parts(&mail, raw);
    if parts.other_report {
        return None;
    }
    let sent_to = header_addresses(&mail, &["To", "Delivered-To", "X-Original-To", "Envelope-To"]);
    let named = header_addresses(&mail, &["X-Failed-Recipients"]);
    let from = header_addresses(&mail, &["From", "Reply-To"]);
    let (before, returned) = plain::split_at_returned(&parts.text);
    let mut fields: Vec<Fields> = parts.reports.iter().flat_map(|text| report::recipients(text)).take(MOST).collect();
    let robot = !named.is_empty() || from.iter().any(|address| plain::is_robot(address));
    if fields.is_empty() && robot {
        // A report whose structure was lost on the way stands among the text.
        fields = report::recipients(before);
    }
    if fields.is_empty() && !robot {
        return None;
    }
    let words = plain::folded(before);
    let mut not_these = sent_to.clone();
    not_these.extend(from);
    let recipients = if !fields.is_empty() {
        by_report(&fields, &plain::recipients(before, &not_these), &words)
    } else if plain::tells_of_failure(&words, mail.subject().unwrap_or_default()) {
        by_text(plain::recipients(before, &not_these), named, &words)
    } else {
        return None;
    };
    if recipients.is_empty() {
        return None;
    }
    let message_id = parts.message_id.or_else(|| plain::message_id(returned));
    Some(Bounce { message_id, sent_to, recipients })
}

/// A mail in a mailbox file begins with a line that is not of the mail.
fn without_postmark(raw: &[u8]) -> &[u8] {
    if !raw.starts_with(b"From ") {
        return raw;
    }
    let end = raw.iter().position(|byte| *byte == b'\n').map_or(raw.len(), |at| at + 1);
    raw.get(end..).unwrap_or_default()
}

fn parts(mail: &Message<'_>, raw: &[u8]) -> Parts {
    let mut parts = Parts::default();
    if let Some(kind) = mail.parts.first().and_then(MimeHeaders::content_type) {
        let report = kind.ctype().eq_ignore_ascii_case("multipart")
            && kind.subtype().is_some_and(|subtype| subtype.eq_ignore_ascii_case("report"));
        let of = kind.attribute("report-type");
        parts.other_report = report && of.is_some_and(|of| !of.eq_ignore_ascii_case("delivery-status"));
    }
    for part in &mail.parts {
        let subtype = part.content_type().and_then(|kind| kind.subtype()).unwrap_or_default().to_ascii_lowercase();
        let returned = matches!(subtype.as_str(), "rfc822-headers" | "global-headers");
        match &part.body {
            PartType::Text(text) if returned => {
                parts.message_id = parts.message_id.take().or_else(|| plain::message_id(plain::head_of(text)));
            }
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) if returned => {
                let text = String::from_utf8_lossy(bytes);
                parts.message_id = parts.message_id.take().or_else(|| plain::message_id(plain::head_of(&text)));
            }
            PartType::Text(text) if subtype.ends_with("delivery-status") => parts.reports.push(text.to_string()),
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) if subtype.ends_with("delivery-status") => {
                parts.reports.push(String::from_utf8_lossy(bytes).into_owned());
            }
            PartType::Text(text) => {
                parts.text.push_str(text);
                parts.text.push('\n');
            }
            PartType::Html(_)
            | PartType::Binary(_)
            | PartType::InlineBinary(_)
            | PartType::Multipart(_)
            | PartType::Message(_) => {}
        }
    }
    if parts.text.trim().is_empty() {
        // Only HTML, or no part at all where the structure is broken.
        let html = mail.body_text(0).map(|text| text.into_owned()).filter(|text| !text.trim().is_empty());
        parts.text = html.unwrap_or_else(|| plain::body_of(&String::from_utf8_lossy(raw)).to_owned());
    }
    parts
}

fn header_addresses(mail: &Message<'_>, names: &[&str]) -> Vec<String> {
    let wanted = |name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    let values = mail.headers_raw().filter(|(name, _)| wanted(name));
    values.flat_map(|(_, value)| plain::addresses_in(value)).take(MOST).collect()
}

/// What a report by RFC 3464 says; where a field is missing, what is written for people beside it.
fn by_report(fields: &[Fields], said: &[Said], words: &str) -> Vec<Bounced> {
    let mut recipients = Vec::new();
    for of in fields {
        let only = if let ([only], 1) = (said, fields.len()) { Some(only) } else { None };
        let Some(recipient) = of.recipient.clone().or_else(|| only.map(|said| said.recipient.clone())) else {
            continue;
        };
        let about = said.iter().find(|said| {
            said.recipient.eq_ignore_ascii_case(&recipient)
                || of.written_to.as_ref().is_some_and(|to| to.eq_ignore_ascii_case(&said.recipient))
        });
        let beside = about.map(|said| said.words.as_str()).filter(|words| !words.is_empty()).unwrap_or(words);
        let spoken = if of.diagnostic.is_empty() { beside } else { &of.diagnostic };
        let told = MailStatus::find(&of.diagnostic).filter(|told| of.status.is_none_or(|own| own.class == told.class));
        let status = of.status.filter(|status| !status.is_vague()).or(told).or(of.status);
        let verdict = bounce_verdict(MailReport {
            action: of.action.or_else(|| status.filter(|status| status.class == 5).map(|_| MailAction::Failed)),
            status,
            reply: plain::reply(spoken),
            local_program: of.local_program,
            words: spoken,
        });
        let written_to = of.written_to.clone().or_else(|| about.and_then(|said| said.written_to.clone()));
        recipients.push(Bounced { recipient, written_to, status, verdict });
    }
    recipients
}

/// What a text for people says. Those it names in its head count where none is found below.
fn by_text(said: Vec<Said>, named: Vec<String>, words: &str) -> Vec<Bounced> {
    let action = if plain::tells_of_delay(words) { MailAction::Delayed } else { MailAction::Failed };
    let said = if said.is_empty() { named.into_iter().map(Said::of).collect() } else { said };
    let read = |said: Said| {
        let spoken = if said.words.is_empty() { words } else { &said.words };
        let status = MailStatus::find(spoken);
        let reply = plain::reply(spoken);
        let report = MailReport { action: Some(action), status, reply, local_program: false, words: spoken };
        Bounced { recipient: said.recipient, written_to: said.written_to, status, verdict: bounce_verdict(report) }
    };
    said.into_iter().map(read).collect()
}
