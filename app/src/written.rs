//! HTML as text, for what stands still in lists: a view is dozens of small pieces for each title, all of them made on the server and
//! woken in the browser. What can be pressed stays a view.

use std::fmt;

/// A text as it stands between tags, or between the quotation marks of an attribute.
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(at) = rest.find(['&', '<', '"']) {
            let (before, special) = rest.split_at(at);
            f.write_str(before)?;
            f.write_str(match special.as_bytes().first() {
                Some(b'&') => "&amp;",
                Some(b'<') => "&lt;",
                _ => "&quot;",
            })?;
            rest = special.get(1..).unwrap_or_default();
        }
        f.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::Escaped;

    #[test]
    fn nothing_in_a_text_ends_what_it_stands_in() {
        let written = Escaped("<b>\"A\" & 本</b>&").to_string();
        assert_eq!(written, "&lt;b>&quot;A&quot; &amp; 本&lt;/b>&amp;");
        assert_eq!(Escaped("芥川").to_string(), "芥川");
    }
}
