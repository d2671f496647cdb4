//! What it means that a mail server does not take a recipient.

/// What a mail server says of a recipient it does not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecipientRefusal {
    /// The address does not exist or takes no mail: it never will (R13).
    BadAddress,
    /// It may be taken another time, or the reason is not the address: who sends, from where, how much.
    NotNow,
}

/// Reads the answer to a recipient: its code, 400 to 599, and its text, which may begin with an extended code (RFC 3463).
///
/// An address must not become invalid because of us, so a refusal counts only where it speaks of the address: by an extended
/// code of the groups for that, or by a bare 550, 551 or 553 that does not speak of relaying, which means that the server
/// does not carry mail for us at all.
pub fn recipient_refusal(code: u16, text: &str) -> RecipientRefusal {
    if !(500..600).contains(&code) {
        return RecipientRefusal::NotNow;
    }
    let bad = match extended_code(text) {
        // 5.1.7 and 5.1.8 are about who sends; 5.2.2 is a full mailbox.
        Some((1, detail)) => matches!(detail, 0..=3 | 6 | 9 | 10),
        Some((2, detail)) => matches!(detail, 0 | 1),
        Some(_) => false,
        None => matches!(code, 550 | 551 | 553) && !text.to_ascii_lowercase().contains("relay"),
    };
    if bad { RecipientRefusal::BadAddress } else { RecipientRefusal::NotNow }
}

/// Subject and detail of an extended code of a permanent failure at the beginning of a text: `5.1.1 unknown`.
fn extended_code(text: &str) -> Option<(u16, u16)> {
    let mut numbers = text.split_whitespace().next()?.split('.').map(|number| number.parse::<u16>().ok());
    let (class, subject, detail) = (numbers.next()??, numbers.next()??, numbers.next()??);
    (class == 5 && numbers.next().is_none()).then_some((subject, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r13_only_what_speaks_of_the_address_makes_it_invalid() {
        let bad = |code, text| recipient_refusal(code, text) == RecipientRefusal::BadAddress;
        for (code, text) in [
            (550, "5.1.1 <a@example.jp>: Recipient address rejected: User unknown"),
            (550, "5.1.10 RESOLVER.ADR.RecipientNotFound"),
            (550, "5.2.1 The email account that you tried to reach is disabled"),
            (550, "Unknown user"),
            (553, "sorry, no mailbox here by that name"),
            (551, "User not local"),
        ] {
            assert!(bad(code, text), "{code} {text}");
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
        ] {
            assert!(!bad(code, text), "{code} {text}");
        }
    }
}
