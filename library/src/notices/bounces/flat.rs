//! Mails in mails are not opened. Of the mail that came back only the Message-ID is wanted, which stands in its head; and a
//! parser that opens what lies in what it has opened goes as deep as whoever wrote the mail likes, until its stack is used up,
//! which ends the server.

/// The kinds of parts a mail parser opens, as they stand behind the slash of `Content-Type`: `message/rfc822`,
/// `message/global`, and `multipart/digest`, whose parts are mails without saying so.
const OPENED: [&[u8]; 3] = [b"rfc822", b"global", b"digest"];

/// What is put behind such a kind. `message/rfc822-headers` is a part like any other.
const CLOSED: &[u8] = b"-headers";

/// The same mail, in which no part is of a kind that is opened, however it is spelled. Counting them beforehand would not do:
/// behind an encoding they are not seen.
pub(super) fn flattened(raw: &[u8]) -> Vec<u8> {
    let mut flat = Vec::with_capacity(raw.len() + 64);
    let mut copied = 0;
    for at in 0..raw.len() {
        let (before, rest) = raw.split_at(at);
        let opened = |kind: &&&[u8]| rest.get(..kind.len()).is_some_and(|word| word.eq_ignore_ascii_case(kind));
        let Some(kind) = OPENED.iter().find(opened) else { continue };
        let end = at + kind.len();
        if begins_here(before) && ends_here(raw.get(end).copied()) {
            flat.extend_from_slice(raw.get(copied..end).unwrap_or_default());
            flat.extend_from_slice(CLOSED);
            copied = end;
        }
    }
    flat.extend_from_slice(raw.get(copied..).unwrap_or_default());
    flat
}

/// Whether a kind can begin after this: behind the slash or a comment, with what parsers pass over between.
fn begins_here(before: &[u8]) -> bool {
    let passed_over = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r' | b'"' | b'\\');
    matches!(before.iter().rev().find(|byte| !passed_over(byte)), Some(b'/' | b')'))
}

/// Whether a kind can end before this.
fn ends_here(next: Option<u8>) -> bool {
    matches!(next, None | Some(b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\\' | b';' | b'('))
}

#[cfg(test)]
mod tests {
    use mail_parser::{MessageParser, PartType};

    use super::*;

    #[test]
    fn no_spelling_of_a_mail_in_a_mail_is_opened() {
        for kind in [
            "message/rfc822",
            "MESSAGE/Rfc822",
            "message/global",
            "message/ rfc822",
            "message /\trfc822 ",
            "message/\"rfc822\"",
            "message/\\rfc822",
            "message/(a comment)rfc822",
            "message/x (a comment) rfc822 (another)",
            "message/\rrfc822",
            "message/rfc822;\n charset=utf-8",
            "message/rfc822(x)",
        ] {
            for encoding in ["7bit", "base64"] {
                let text = format!(
                    "Content-Type: {kind}\nContent-Transfer-Encoding: {encoding}\n\nSubject: x\n\nU3ViamVjdDogeAoKeAo=\n"
                );
                let opened = |raw: &[u8]| {
                    let mail = MessageParser::default().parse(raw).expect("it has a head");
                    mail.parts.iter().any(|part| matches!(part.body, PartType::Message(_)))
                };
                assert!(!opened(&flattened(text.as_bytes())), "{kind} {encoding}");
                assert!(encoding == "base64" || opened(text.as_bytes()), "{kind}: the parser does not read it so");
            }
        }
        let digest = b"Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\nx\n--b--\n";
        let flat = flattened(digest);
        let mail = MessageParser::default().parse(&flat).expect("it has a head");
        assert!(!mail.parts.iter().any(|part| matches!(part.body, PartType::Message(_))), "{mail:?}");
    }

    #[test]
    fn what_only_looks_like_it_stays() {
        let text = "Final-Recipient: rfc822; neko@global.example.jp\nSubject: digest\n\nhttp://example.jp/global.html \
            message/rfc822-headers, message/global-headers\n";
        assert_eq!(flattened(text.as_bytes()), text.as_bytes());
    }
}
