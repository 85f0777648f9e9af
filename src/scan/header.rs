//! The first row of a table: names of columns, or the first record.

use crate::input::{Rows, TEXT_COLUMNS, bare_name, names};
use crate::record::same_name;

/// Characters of a column's name; what is longer is no name, and every finding and cell
/// would carry it.
const LONGEST: usize = 200;

/// The first row of a table.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct FirstRow {
    /// Its cells.
    pub cells: Vec<String>,
    /// The byte of the text behind it.
    pub end: usize,
    /// Whether a quote opens in it that is never closed; it was then read up to the end
    /// of its first line.
    pub unclosed: bool,
}

/// Reads the first row of a text, from byte `from` on.
pub fn first_row(text: &str, from: usize, delimiter: u8) -> FirstRow {
    let mut cells = Vec::new();
    let mut rows = Rows::new(text, from, delimiter);
    rows.read(&mut cells);
    let unclosed = cells.last().is_some_and(|cell| cell.unclosed);
    let (mut row, mut end) = (text, rows.at());
    if unclosed {
        // Without an end, the quote would make a name of all the records.
        let start = cells.first().map_or(from, |cell| cell.span.start);
        let line = text.as_bytes().get(start..).unwrap_or_default();
        end = memchr::memchr2(b'\r', b'\n', line).map_or(text.len(), |at| start + at);
        row = text.get(..end).unwrap_or(text);
        Rows::new(row, start, delimiter).read(&mut cells);
    }
    let cells = cells.iter().map(|cell| cell.text(row).text.trim().to_owned()).collect();
    FirstRow { cells, end, unclosed }
}

/// What the columns are called, in no more than 200 characters each; one without a name
/// by its number.
pub fn short_names(header: &[String]) -> Vec<String> {
    let mut names = names(header);
    for name in &mut names {
        if let Some((end, _)) = name.char_indices().nth(LONGEST) {
            name.truncate(end);
            name.push('…');
        }
    }
    names
}

/// Whether the first row of a table holds a record, and no names of columns: no cell is a
/// name that is known or `asked` for, and one is a sentence above other sentences, or a
/// number, date or address above others of its kind.
pub fn is_record<'a>(
    first: &[String],
    sample: &[Vec<String>],
    mut asked: impl Iterator<Item = &'a String>,
) -> bool {
    let known = |name: &String| TEXT_COLUMNS.contains(&&*bare_name(name));
    if first.iter().any(known) || asked.any(|asked| first.iter().any(|name| same_name(name, asked)))
    {
        return false;
    }
    first.iter().enumerate().any(|(at, cell)| {
        let Some(shape) = Shape::of(cell) else { return false };
        let below = sample.iter().filter_map(|row| row.get(at)).map(|cell| cell.trim());
        let filled: Vec<&str> = below.filter(|cell| !cell.is_empty()).collect();
        let alike = filled.iter().filter(|cell| Shape::of(cell) == Some(shape)).count();
        match shape {
            Shape::Sentence => alike * 5 >= filled.len(),
            Shape::Digits | Shape::Address => alike > 0 && alike * 5 >= filled.len() * 4,
        }
    })
}

/// What a name of a column seldom looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Sentence,
    /// Digits, with what stands between them in dates and telephone numbers.
    Digits,
    /// Of e-mail.
    Address,
}

impl Shape {
    fn of(cell: &str) -> Option<Self> {
        let cell = cell.trim();
        let digits = cell.chars().filter(char::is_ascii_digit).count();
        let between = |c: char| c.is_ascii_digit() || " -/.:+()TZ".contains(c);
        // A year is a name in tables of figures.
        if digits > 0 && cell.chars().all(between) {
            let year = cell.len() == 4 && (cell.starts_with("19") || cell.starts_with("20"));
            return (!year).then_some(Self::Digits);
        }
        let words = || cell.split_whitespace();
        if cell.contains('@') && words().count() == 1 {
            return Some(Self::Address);
        }
        let many = words().filter(|word| word.chars().any(char::is_alphabetic)).count() >= 5;
        // Questionnaires have their questions for names.
        (many && !cell.ends_with(['?', ':', ')'])).then_some(Self::Sentence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[&str]) -> Vec<String> {
        cells.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_quote_that_never_ends_costs_no_more_than_the_line() {
        let text = "\nid,\"office,note\n1,Leeds,Bins\n";
        let first = first_row(text, 0, b',');
        assert_eq!(first.cells, ["id", "office,note"]);
        assert_eq!(&text[first.end..], "\n1,Leeds,Bins\n");
        assert!(first.unclosed);
        let closed = first_row("id,\"a\nb\"\n1,2\n", 0, b',');
        assert_eq!((closed.cells, closed.end, closed.unclosed), (row(&["id", "a\nb"]), 8, false));
        assert_eq!(first_row("", 0, b','), FirstRow::default());
        assert_eq!(first_row("\"", 0, b',').cells, [""]);
    }

    #[test]
    fn names_are_short() {
        let names = short_names(&row(&["", &"é".repeat(300), "note"]));
        assert_eq!((&*names[0], names[1].chars().count(), &*names[2]), ("column 1", 201, "note"));
    }

    #[test]
    fn records_are_told_from_names() {
        let below = [row(&["2", "Leeds", "He rang about the bins again", "a@example.org"])];
        let none = || [].iter();
        let sentence = row(&["Ref", "Leeds", "She asked for a call back.", "x"]);
        assert!(is_record(&row(&["1", "Leeds", "", ""]), &below, none()));
        assert!(is_record(&sentence, &below, none()));
        assert!(is_record(&sentence, &[], none()));
        assert!(is_record(&row(&["Ref", "York", "", "b@example.org"]), &below, none()));
        assert!(!is_record(&row(&["Ref", "Office", "Remarks", "Email"]), &below, none()));
        assert!(!is_record(&row(&["1", "Office", "Notes", ""]), &below, none()));
        assert!(!is_record(&sentence, &below, ["ref".to_owned()].iter()));
        assert!(!is_record(&row(&["2024", "2025"]), &[row(&["12", "14"])], none()));
        let question = row(&["Ref", "", "What should we do about bins?", ""]);
        assert!(!is_record(&question, &below, none()));
    }
}
