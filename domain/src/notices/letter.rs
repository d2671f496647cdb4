//! A notice as the patron reads it: subject, plain text, and the same in HTML that reads well on a phone.
//!
//! The HTML is made of the template's lines and not of the filled text, so what is filled in can't change its shape. It
//! fetches nothing from anywhere. A line that begins with a space, then a word, then a gap is a label and its value; a line
//! that is an address of the service is a link.

use super::template::{Block, Line, Piece, Template};

/// A notice as the patron reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Its subject.
    pub subject: String,
    /// As plain text.
    pub text: String,
    /// As an HTML page.
    pub html: String,
}

/// What is filled in: the name of a placeholder and its value.
pub type Value<'a> = (&'a str, String);

impl Template {
    /// Fills it in: with what concerns the whole letter, and with what concerns each of the notices that go in it. Where the
    /// kind of notice goes alone there is one, and its values may stand everywhere.
    pub fn fill(&self, language: &str, common: &[Value<'_>], each: &[Vec<Value<'_>>]) -> Letter {
        let repeats = self.blocks.iter().any(|block| matches!(block, Block::Each(_)));
        let mut common = common.to_vec();
        if let (false, [only]) = (repeats, each) {
            common.extend_from_slice(only);
        }
        let subject = filled(&self.subject, &common);
        let (mut text, mut html) = (String::new(), Html::default());
        for block in &self.blocks {
            match block {
                Block::Once(lines) => write(&mut text, &mut html, lines, &common),
                Block::Each(lines) => {
                    for values in each {
                        let values: Vec<_> = common.iter().chain(values).cloned().collect();
                        write(&mut text, &mut html, lines, &values);
                        html.end_table();
                    }
                }
            }
        }
        let html = html.page(language, &subject);
        // A mail begins with its first word.
        let text = format!("{}\n", text.trim_start_matches('\n').trim_end());
        Letter { subject, text, html }
    }
}

fn write(text: &mut String, html: &mut Html, lines: &[Line], values: &[Value<'_>]) {
    for line in lines {
        let plain = filled(line, values);
        // A label whose value is empty this time says nothing.
        if let Some((label, value)) = label(line) {
            let value = filled(&value, values);
            if value.is_empty() {
                continue;
            }
            html.row(&label, &value);
        } else if is_link(line) {
            html.link(plain.trim());
        } else {
            html.line(plain.trim());
        }
        text.push_str(plain.trim_end());
        text.push('\n');
    }
}

/// A line with everything filled in. A value that has line breaks, as no title should, brings none along.
fn filled(line: &[Piece], values: &[Value<'_>]) -> String {
    let mut text = String::new();
    for piece in line {
        match piece {
            Piece::Text(as_it_stands) => text.push_str(as_it_stands),
            Piece::Value(name) => {
                let value = values.iter().find(|(known, _)| known == name);
                text.extend(value.into_iter().flat_map(|(_, value)| value.chars()).map(on_one_line));
            }
        }
    }
    text
}

fn on_one_line(c: char) -> char {
    if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c }
}

/// The label of a line, and what remains as its value: `　資料　　{title}` or `  Title  {title}`.
fn label(line: &[Piece]) -> Option<(String, Line)> {
    let (Piece::Text(first), values) = line.split_first()? else { return None };
    let indented = first.strip_prefix('　').or_else(|| first.strip_prefix("  "))?.trim_start();
    let end = indented.find('　').into_iter().chain(indented.find("  ")).min()?;
    let (label, rest) = indented.split_at(end);
    let rest = rest.trim_start();
    let own = (!rest.is_empty()).then(|| Piece::Text(rest.to_owned()));
    let value: Line = own.into_iter().chain(values.iter().cloned()).collect();
    (!label.is_empty() && !value.is_empty()).then(|| (label.to_owned(), value))
}

/// Whether the line is nothing but an address of the service.
fn is_link(line: &[Piece]) -> bool {
    let mut pieces = line.iter().filter(|piece| !matches!(piece, Piece::Text(text) if text.trim().is_empty()));
    let first = matches!(pieces.next(), Some(Piece::Value(name)) if name == "link" || name == "address");
    first && pieces.all(|piece| matches!(piece, Piece::Text(text) if text.starts_with('/') && !text.contains(' ')))
}

/// Where the HTML is in what it writes.
#[derive(Default)]
struct Html {
    body: String,
    open: Open,
}

#[derive(Default, PartialEq)]
enum Open {
    #[default]
    Nothing,
    Paragraph,
    Table,
}

impl Html {
    fn line(&mut self, text: &str) {
        if text.is_empty() {
            self.close();
        } else if self.begin_line() {
            self.body.push_str(&escaped(text));
        }
    }

    fn link(&mut self, address: &str) {
        if self.begin_line() {
            let address = escaped(address);
            self.body.push_str(&format!("<a href=\"{address}\" style=\"overflow-wrap:anywhere\">{address}</a>"));
        }
    }

    fn row(&mut self, label: &str, value: &str) {
        if self.open != Open::Table {
            self.close();
            self.body.push_str("<table role=\"presentation\" style=\"margin:0 0 1em;border-collapse:collapse\">\n");
            self.open = Open::Table;
        }
        self.body.push_str(&format!(
            "<tr><td style=\"padding:2px 12px 2px 0;vertical-align:top;white-space:nowrap\">{}</td>\
             <td style=\"padding:2px 0;vertical-align:top;font-weight:bold\">{}</td></tr>\n",
            escaped(label),
            escaped(value)
        ));
    }

    /// Begins a line of a paragraph; answers `true`, so that what stands in it follows.
    fn begin_line(&mut self) -> bool {
        if self.open == Open::Paragraph {
            self.body.push_str("<br>\n");
        } else {
            self.close();
            self.body.push_str("<p style=\"margin:0 0 1em\">");
            self.open = Open::Paragraph;
        }
        true
    }

    /// Ends the table of one notice, where the next has one of its own.
    fn end_table(&mut self) {
        if self.open == Open::Table {
            self.close();
        }
    }

    fn close(&mut self) {
        match self.open {
            Open::Nothing => {}
            Open::Paragraph => self.body.push_str("</p>\n"),
            Open::Table => self.body.push_str("</table>\n"),
        }
        self.open = Open::Nothing;
    }

    fn page(mut self, language: &str, subject: &str) -> String {
        self.close();
        format!(
            "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n</head>\n\
             <body style=\"margin:0 auto;padding:16px;max-width:36em;font-family:sans-serif;font-size:16px;\
             line-height:1.6;overflow-wrap:break-word\">\n{}</body>\n</html>\n",
            escaped(subject),
            self.body
        )
    }
}

/// A text as it may stand in HTML, in an attribute too.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notices::NoticeKind;

    const READY: &str = "件名：用意できました\n\n{name} 様\n\n次の資料です。\n{each}\n\n　資料　　　{title}\n　受取場所　{place}\n\
                         {end}\n\n予約状況はこちらです。\n{address}/account/reservations\n";

    fn common() -> Vec<Value<'static>> {
        vec![("name", "山田 花子".to_owned()), ("address", "https://example.jp".to_owned())]
    }

    fn one(title: &str) -> Vec<Value<'_>> {
        vec![("title", title.to_owned()), ("place", "中央図書館".to_owned())]
    }

    fn letter(titles: &[&str]) -> Letter {
        let each: Vec<_> = titles.iter().map(|title| one(title)).collect();
        Template::parse(NoticeKind::Ready, READY).expect("sound").fill("ja", &common(), &each)
    }

    #[test]
    fn several_go_in_one() {
        let Letter { subject, text, .. } = letter(&["こころ", "坊っちゃん"]);
        assert_eq!(subject, "用意できました");
        assert_eq!(
            text,
            [
                "山田 花子 様\n\n次の資料です。\n\n　資料　　　こころ\n　受取場所　中央図書館\n",
                "\n　資料　　　坊っちゃん\n　受取場所　中央図書館\n\n予約状況はこちらです。\n",
                "https://example.jp/account/reservations\n",
            ]
            .concat()
        );
    }

    #[test]
    fn the_html_says_the_same_and_fetches_nothing() {
        let Letter { html, .. } = letter(&["こころ", "坊っちゃん"]);
        assert_eq!(html.matches("<table").count(), 2);
        assert!(html.contains(">資料</td>") && html.contains(">坊っちゃん</td>"), "{html}");
        assert!(
            html.contains("予約状況はこちらです。<br>\n<a href=\"https://example.jp/account/reservations\""),
            "{html}"
        );
        assert!(html.contains("width=device-width") && html.contains("lang=\"ja\""));
        for fetched in ["<img", "<link", "<script", "url(", "src="] {
            assert!(!html.contains(fetched), "{fetched}");
        }
        assert_eq!(html.matches("<p ").count(), html.matches("</p>").count());
    }

    #[test]
    fn what_is_filled_in_stays_what_it_is() {
        let Letter { text, html, .. } = letter(&["<b onclick=\"x\">{name}\r\nSubject: spam & 'more'</b>"]);
        assert!(text.contains("　資料　　　<b onclick=\"x\">{name}  Subject: spam & 'more'</b>\n"), "{text}");
        assert!(html.contains("&lt;b onclick=&quot;x&quot;&gt;{name}  Subject: spam &amp; &#39;more&#39;&lt;/b&gt;"));
        assert!(!html.contains("<b "), "{html}");
        let link = letter(&["https://evil.example/"]);
        assert!(!link.html.contains("href=\"https://evil"), "a title is no link");
    }

    #[test]
    fn a_label_without_a_value_is_left_out() {
        let text = "Subject: a\n\n{each}\n  Title   {title}\n  Note    {note}\n{end}\n";
        let template = Template::parse(NoticeKind::Cancelled, text).expect("sound");
        let each = [vec![("title", "こころ".to_owned()), ("note", String::new())]];
        let letter = template.fill("en", &common(), &each);
        assert_eq!(letter.text, "  Title   こころ\n");
        assert!(!letter.html.contains("Note"));
    }

    #[test]
    fn a_notice_that_goes_alone_fills_the_whole_text() {
        let text = "Subject: {library}\n\n{name}\n\nBy  {date}\n  {address}/account/reservations\n";
        let template = Template::parse(NoticeKind::Paused, text).expect("sound");
        let letter = template.fill("en", &common(), &[vec![("date", "Wed 15 April 2026".to_owned())]]);
        assert!(letter.text.contains("By  Wed 15 April 2026\n"), "{}", letter.text);
        assert!(letter.html.contains("<a href=\"https://example.jp/account/reservations\""), "{}", letter.html);
    }
}
