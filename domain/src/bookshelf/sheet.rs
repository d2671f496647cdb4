//! Cells of files for spreadsheets.

use std::borrow::Cow;

/// The longest cell that is taken in, in characters; of a longer one the beginning is.
pub const MAX_CELL: usize = 500;

/// What spreadsheets take for the beginning of a formula, in either width: a title that begins so is a title, and one from a
/// record or a file somebody handed on could be made to do something on the reader's computer.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

fn begins_formula(text: &str) -> bool {
    text.starts_with(FORMULA)
}

/// A cell as it is written: what a spreadsheet would compute gets an apostrophe in front, which to spreadsheets says that text
/// follows. One that begins so by itself gets one more, so that [`unguarded`] gives back what there was.
pub fn guarded(cell: &str) -> Cow<'_, str> {
    if begins_formula(cell.trim_start_matches('\'')) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// A cell as it was before [`guarded`].
pub fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if begins_formula(rest.trim_start_matches('\'')) => rest,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn r27_no_cell_begins_a_formula() {
        for (cell, written) in [
            ("=1+1", "'=1+1"),
            ("+81", "'+81"),
            ("-", "'-"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("＝HYPERLINK", "'＝HYPERLINK"),
            ("'=1", "''=1"),
            ("'90年代", "'90年代"),
            ("1-2", "1-2"),
            ("こころ", "こころ"),
            ("", ""),
        ] {
            assert_eq!(guarded(cell), written);
        }
    }

    proptest! {
        #[test]
        fn what_is_guarded_comes_back(cell in "['=+@＝a-]{0,4}\\PC{0,4}") {
            let written = guarded(&cell);
            prop_assert!(!begins_formula(&written));
            prop_assert_eq!(unguarded(&written), cell.as_str());
        }
    }
}
