//! The QR code by which an authenticator app is given its secret.

use std::fmt::Write as _;

use fast_qr::qr::{QRBuilder, QRCodeError};

use crate::address::encode;

/// The picture of a secret: how many fields it has on each side, and its dark fields as the path of an SVG.
pub(crate) fn of_secret(library: &str, login: &str, secret: &str) -> Result<(usize, String), QRCodeError> {
    // The library stands in it once only: the shorter the text, the larger the fields.
    let text = format!("otpauth://totp/{}?secret={secret}&issuer={}", encode(login), encode(library));
    let code = QRBuilder::new(text).build()?;
    let mut path = String::new();
    for y in 0..code.size {
        for x in (0..code.size).filter(|x| code[y][*x].value()) {
            // Writing into a text does not fail.
            let _ = write!(path, "M{x} {y}h1v1h-1z");
        }
    }
    Ok((code.size, path))
}

/// A secret as people can copy it.
pub(crate) fn in_groups(secret: &str) -> String {
    let mut grouped = String::new();
    for (n, letter) in secret.chars().enumerate() {
        if n > 0 && n % 4 == 0 {
            grouped.push(' ');
        }
        grouped.push(letter);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_a_picture_and_groups_of_four() {
        let (size, path) = of_secret("本棚町立図書館", "manager", "JBSWY3DPEHPK3PXP").expect("short enough");
        // Its upper left corner is the dark frame of a finder.
        assert!(size > 20 && path.starts_with("M0 0h1v1h-1z"), "{size}");
        assert_eq!(in_groups("JBSWY3DPEH"), "JBSW Y3DP EH");
    }
}
