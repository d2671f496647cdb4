//! Tables, as they are read in a terminal and in a Markdown file alike.

use std::fmt;

/// A table of words and figures.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns, of which the first has words and the others figures.
    pub(crate) fn new(columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { rows: vec![columns.into_iter().map(Into::into).collect()] }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = impl Into<String>>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let cell = |row: &[String], n: usize| row.get(n).cloned().unwrap_or_default();
        let widths: Vec<usize> =
            (0..columns).map(|n| self.rows.iter().map(|row| width(&cell(row, n))).max().unwrap_or(0).max(2)).collect();
        for (line, row) in self.rows.iter().enumerate() {
            for (n, wide) in widths.iter().enumerate() {
                let text = cell(row, n);
                let space = " ".repeat(wide - width(&text));
                if n == 0 { write!(f, "| {text}{space} ")? } else { write!(f, "| {space}{text} ")? }
            }
            writeln!(f, "|")?;
            if line == 0 {
                for (n, wide) in widths.iter().enumerate() {
                    let dashes = "-".repeat(wide - 1);
                    if n == 0 { write!(f, "| :{dashes} ")? } else { write!(f, "| {dashes}: ")? }
                }
                writeln!(f, "|")?;
            }
        }
        Ok(())
    }
}

/// Columns a text takes in a terminal, where kanji and kana are twice as wide.
fn width(text: &str) -> usize {
    text.chars().map(|c| if c >= '\u{2e80}' { 2 } else { 1 }).sum()
}

/// A number with its thousands set apart.
pub(crate) fn thousands(number: impl TryInto<u64>) -> String {
    let digits = number.try_into().unwrap_or(0).to_string();
    let parts: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|part| str::from_utf8(part).unwrap_or_default()).collect();
    parts.join(",")
}

/// A figure with as many digits as mean something.
pub(crate) fn figure(value: f64) -> String {
    match value {
        value if !value.is_finite() => "–".to_owned(),
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other() {
        let mut table = Table::new(["page", "p50"]);
        table.row(["予約状況".to_owned(), figure(12.345)]);
        table.row(["home".to_owned(), thousands(1_234_567_u64)]);
        let expected =
            "| page     |       p50 |\n| :------- | --------: |\n| 予約状況 |      12.3 |\n| home     | 1,234,567 |\n";
        assert_eq!(table.to_string(), expected);
        assert_eq!([0.0, 999.6, f64::NAN].map(figure), ["0.00", "1000", "–"]);
    }
}
