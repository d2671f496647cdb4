//! The machine's half of a report: fields in groups (RFC 3464).

use domain::notices::{MailAction, MailStatus};

use super::{
    plain::{address_of, folded},
    read::MOST,
};

/// The fields about one recipient.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields {
    /// `Final-Recipient`.
    pub(super) recipient: Option<String>,
    /// `Original-Recipient`, where it is another.
    pub(super) written_to: Option<String>,
    /// `Action`.
    pub(super) action: Option<MailAction>,
    /// `Status`.
    pub(super) status: Option<MailStatus>,
    /// `Diagnostic-Code`, in small letters.
    pub(super) diagnostic: String,
    /// Whether the diagnosis is that of a program and not of a mail server.
    pub(super) local_program: bool,
}

/// The first groups about recipients; the one about the whole mail is left out.
pub(super) fn recipients(text: &str) -> Vec<Fields> {
    let mut found: Vec<Fields> = Vec::new();
    let mut open = false;
    for (name, value) in fields(text) {
        match name.as_str() {
            "" => open = false,
            "final-recipient" => {
                // After `Original-Recipient` it belongs to the same group.
                if !open || found.last().is_none_or(|of| of.recipient.is_some()) {
                    if found.len() == MOST {
                        break;
                    }
                    found.push(Fields::default());
                }
                open = true;
                if let Some(of) = found.last_mut() {
                    of.recipient = typed_address(&value);
                }
            }
            "original-recipient" => {
                if !open {
                    if found.len() == MOST {
                        break;
                    }
                    found.push(Fields::default());
                    open = true;
                }
                if let Some(of) = found.last_mut() {
                    of.written_to = typed_address(&value);
                }
            }
            _ if open => {
                if let Some(of) = found.last_mut() {
                    take(of, &name, &value);
                }
            }
            _ => {}
        }
    }
    for of in &mut found {
        let same = of.recipient.as_ref().zip(of.written_to.as_ref()).is_some_and(|(a, b)| a.eq_ignore_ascii_case(b));
        if same {
            of.written_to = None;
        } else if of.recipient.is_none() {
            of.recipient = of.written_to.take();
        }
    }
    found
}

fn take(of: &mut Fields, name: &str, value: &str) {
    match name {
        "action" => of.action = MailAction::read(value),
        "status" => of.status = value.split_whitespace().next().and_then(MailStatus::read),
        "diagnostic-code" => {
            let (kind, text) = value.split_once(';').unwrap_or(("", value));
            of.local_program = kind.trim().eq_ignore_ascii_case("x-unix");
            of.diagnostic = folded(text);
        }
        _ => {}
    }
}

/// Name in small letters and value of each field, unfolded; a line without a field as an empty name.
fn fields(text: &str) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        if line.starts_with([' ', '\t']) && !line.trim().is_empty() {
            if let Some((name, value)) = fields.last_mut()
                && !name.is_empty()
            {
                value.push(' ');
                value.push_str(line.trim());
            }
            continue;
        }
        match line.split_once(':') {
            Some((name, value)) if !name.is_empty() && !name.contains(char::is_whitespace) => {
                fields.push((name.to_ascii_lowercase(), value.trim().to_owned()));
            }
            _ => fields.push((String::new(), String::new())),
        }
    }
    fields
}

/// `rfc822; somebody@example.jp`
fn typed_address(value: &str) -> Option<String> {
    let text = value.split_once(';').map_or(value, |(_, address)| address);
    address_of(text.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_told_apart() {
        let text = "Reporting-MTA: dns; mx.example.jp\nArrival-Date: today\n\n\
            Original-Recipient: rfc822;A@example.jp\nFinal-Recipient: rfc822; b@example.jp\nAction: failed\n\
            Status: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1\n  User Unknown\n\n\
            Final-Recipient: RFC822; <c@example.jp>\nAction: delayed\nStatus: 4.4.1 (no answer)\n";
        let found = recipients(text);
        let [first, second] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(first.recipient.as_deref(), Some("b@example.jp"));
        assert_eq!(first.written_to.as_deref(), Some("A@example.jp"));
        assert_eq!((first.action, first.diagnostic.as_str()), (Some(MailAction::Failed), "550 5.1.1 user unknown"));
        assert_eq!((second.recipient.as_deref(), second.action), (Some("c@example.jp"), Some(MailAction::Delayed)));
        assert_eq!(second.status, MailStatus::read("4.4.1"));
        assert_eq!(recipients("Final-Recipient: rfc822; @example.jp\n")[0].recipient, None);
        assert!(recipients("Status: 5.1.1\nAction: failed\n").is_empty());
    }
}
