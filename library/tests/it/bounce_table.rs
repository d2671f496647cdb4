//! Our reading of real mails that came back beside another parser's. They lie beside the project and are no part of it;
//! without them the test says so and ends. `make bounces` prints the table.

use std::path::{Path, PathBuf};

use domain::notices::BounceVerdict;
use library::notices::{Bounced, read_bounce};
use serde_json::Value;

/// Where we read something else than the other parser, and why. It looks for the reason a mail was refused, we for what
/// follows for the address; it calls "soft" what is not the mailbox's non-existence.
const DIFFERENCES: &[(&str, &str)] = &[
    (
        "lhost-exim-06",
        "The mail says that it was given up (\"permanent error … retry timeout exceeded\"): it did not arrive.",
    ),
    ("lhost-exim-08", "The mail says that it was given up (\"could not be delivered … failing for a long time\")."),
    ("lhost-ezweb-01", "The carrier's filter refuses our mail: an address that refuses mail is invalid (R13)."),
    ("lhost-ezweb-02", "\"550 user unknown\", \"account is disabled\": nobody is there."),
    ("lhost-ezweb-03", "\"The user(s) account is disabled\": nobody is there."),
    ("lhost-postfix-01", "Code 5.1.1 and \"user unknown … No such user\"; that procmail said so does not change it."),
    (
        "lhost-postfix-02",
        "The first recipient's field Status says 5.2.1; theirs reads the second's code for both. The same follows.",
    ),
    (
        "lhost-postfix-03",
        "\"550 Unknown user\": we believe it also after the mail's text was sent, when carriers filter.",
    ),
    (
        "lhost-postfix-05",
        "Code 4.1.1, tried until the mail system gave up: who says \"not now\" is believed, so the mail did \
        not arrive and the address stays.",
    ),
    ("lhost-postfix-07", "\"550 … User unknown\": nobody is there."),
    (
        "lhost-postfix-13",
        "Of the two recipients one is unknown (5.2.1), the other's mailbox full (5.2.2); theirs reads the \
        second's code for both.",
    ),
    (
        "lhost-sendmail-02",
        "Of the two recipients one is unknown (5.1.1), the other disabled (5.2.1), both \"User Unknown\"; \
        theirs reads the second's code for both and calls it a filter.",
    ),
    (
        "lhost-sendmail-08",
        "The report's own field Status says 4.4.7; theirs takes 4.7.1 from the diagnosis. The same follows.",
    ),
    (
        "lhost-sendmail-10",
        "The report's own field Status says 4.4.7; theirs takes 4.7.1 from the diagnosis. The same follows.",
    ),
    (
        "lhost-sendmail-14",
        "A person forwarded a report as text. What a person writes is no report, so that nobody's answer \
        can make an address invalid.",
    ),
    (
        "lhost-sendmail-19",
        "\"550 Unknown user\": we believe it also after the mail's text was sent, when carriers filter.",
    ),
    (
        "rfc3464-01",
        "Code 5.1.1 and \"User Unknown\" in the report's fields; theirs goes by \"Not enough disk space\" in its text.",
    ),
    (
        "rhost-nttdocomo-01",
        "\"550 Unknown user\": we believe it also after the mail's text was sent, when carriers filter.",
    ),
];

fn folder() -> Option<PathBuf> {
    let told = std::env::var("BOUNCES").ok().map(PathBuf::from);
    let folder = told.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/bounces"));
    folder.is_dir().then_some(folder)
}

/// What follows from a reading, in two words, and the code.
fn ours(bounced: &Bounced) -> (String, &'static str, String) {
    let word = match bounced.verdict {
        BounceVerdict::AddressRefused => "refused",
        BounceVerdict::Undelivered => "undelivered",
        BounceVerdict::Delayed => "delayed",
        BounceVerdict::Delivered => "delivered",
    };
    (bounced.recipient.clone(), word, bounced.status.map(|status| status.to_string()).unwrap_or_default())
}

/// The same of the other's, whose `softbounce` is 0 where the address is bad; and its reason.
fn theirs(result: &Value) -> (String, &'static str, String, String) {
    let text = |key: &str| result[key].as_str().unwrap_or_default().to_owned();
    let word = match (text("action").as_str(), result["softbounce"].as_i64()) {
        ("delayed", _) => "delayed",
        (_, Some(0)) => "refused",
        _ => "undelivered",
    };
    (text("recipient"), word, text("deliverystatus"), text("reason"))
}

/// Codes that end in three digits from 900 on are the other parser's own, for mails without one.
fn is_made_up(code: &str) -> bool {
    code.rsplit('.').next().is_some_and(|last| last.len() == 3 && last.starts_with('9'))
}

#[test]
#[expect(clippy::print_stdout, reason = "the table is what it is run for")]
fn real_bounces_are_read_as_they_mean_it() {
    let Some(folder) = folder() else {
        println!("not run: the real mails are absent");
        return;
    };
    let expected = std::fs::read_to_string(folder.join("expected.jsonl")).unwrap();
    let mut mails: Vec<PathBuf> =
        std::fs::read_dir(folder.join("mails")).unwrap().map(|entry| entry.unwrap().path()).collect();
    mails.sort();
    let (mut same, mut explained, mut wrong) = (0, Vec::new(), Vec::new());
    println!("{:<20} {:<52} {:<12}{:<8} {:<12}{:<9} reason", "mail", "recipient", "ours", "", "theirs", "");
    for path in &mails {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let read = read_bounce(&std::fs::read(path).unwrap());
        let other: Vec<Value> = expected
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .find(|line| line["file"] == format!("bsd/{name}.eml"))
            .map(|line| line["results"].as_array().unwrap().clone())
            .unwrap_or_default();
        let own: Vec<_> = read.iter().flat_map(|bounce| &bounce.recipients).map(ours).collect();
        let other: Vec<_> = other.iter().map(theirs).collect();
        let mut differs = own.len() != other.len();
        for at in 0..own.len().max(other.len()).max(1) {
            let (mine, their) = (own.get(at).cloned(), other.get(at).cloned());
            if let (Some(mine), Some(their)) = (&mine, &their) {
                let code = mine.2 == their.2 || (is_made_up(&their.2) && mine.2.is_empty());
                differs |= mine.0 != their.0 || mine.1 != their.1 || !code;
            }
            let (recipient, word, code) = mine.unwrap_or((String::new(), "none", String::new()));
            let (_, their_word, their_code, reason) =
                their.unwrap_or((String::new(), "none", String::new(), String::new()));
            println!("{name:<20} {recipient:<52} {word:<12}{code:<8} {their_word:<12}{their_code:<9} {reason}");
        }
        let why = DIFFERENCES.iter().find(|(of, _)| *of == name).map(|(_, why)| *why);
        let none = own.is_empty();
        assert_eq!(
            none,
            matches!(name.as_str(), "is-not-bounce-01" | "lhost-sendmail-14"),
            "{name}: whether it is a report"
        );
        match (differs, why) {
            (false, None) => same += 1,
            (true, Some(why)) => {
                println!("    * {why}");
                explained.push(name);
            }
            (true, None) => wrong.push(format!("{name}: differs, and nobody says why")),
            (false, Some(_)) => wrong.push(format!("{name}: is said to differ and does not")),
        }
    }
    println!("\n{} mails: {same} read alike, {} otherwise, each explained", mails.len(), explained.len());
    assert_eq!(mails.len(), 59);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Cut off anywhere, and with a byte changed anywhere, a real mail is read without a panic.
#[test]
fn damaged_real_bounces_are_read_too() {
    let Some(folder) = folder() else { return };
    for entry in std::fs::read_dir(folder.join("mails")).unwrap() {
        let raw = std::fs::read(entry.unwrap().path()).unwrap();
        for end in (0..raw.len()).step_by(7) {
            let _ = read_bounce(&raw[..end]);
            let mut damaged = raw.clone();
            damaged[end] = damaged[end].wrapping_mul(31).wrapping_add(7);
            let _ = read_bounce(&damaged);
        }
    }
}
