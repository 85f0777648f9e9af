//! CSV: the cells that hold text, record by record.

use std::sync::Arc;

use crate::record::{Record, RecordValue, same_name};
use crate::text::{Lines, Span};

use super::csv_columns::{columns, names};
use super::csv_dialect::dialect;
use super::csv_rows::{Cell, Rows};
use super::document::{DocumentNotice, Field};
use super::{InputError, ReadOptions};

/// What a CSV file holds.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub fields: Vec<Field>,
    /// One a row, with the values that rules and facts ask for.
    pub records: Vec<Record>,
    pub notices: Vec<DocumentNotice>,
}

/// Reads a CSV file.
pub(super) fn read(source: &str, tabs: bool, options: &ReadOptions) -> Result<Table, InputError> {
    let (start, delimiter) = dialect(source, tabs);
    let mut rows = Rows::new(source, start, delimiter);
    let mut cells = Vec::new();
    if !rows.read(&mut cells) {
        return Ok(Table::default());
    }
    let header: Vec<String> =
        cells.iter().map(|cell| cell.text(source).text.trim().to_owned()).collect();
    let columns = columns(&header, options)?;
    let names = names(&header);
    let asked: Vec<(usize, Arc<str>)> = (0..names.len())
        .filter(|&at| options.record_fields.iter().any(|asked| same_name(asked, &names[at])))
        .map(|at| (at, Arc::from(names[at].as_str())))
        .collect();
    let mut reader =
        Reader { source, names, asked, ragged: None, columns, table: Table::default() };
    reader.unclosed(&cells);
    let mut record = 0;
    while rows.read(&mut cells) {
        record += 1;
        reader.record(record, &cells);
    }
    reader.tell_ragged();
    Ok(reader.table)
}

struct Reader<'s> {
    source: &'s str,
    /// The name of each column.
    names: Vec<String>,
    /// Indexes of the columns to read, rising.
    columns: Vec<usize>,
    /// The columns that rules and facts ask for.
    asked: Vec<(usize, Arc<str>)>,
    ragged: Option<Ragged>,
    table: Table,
}

/// Rows that have not as many cells as the header.
struct Ragged {
    first: Span,
    count: usize,
    /// Whether a column to be read was missing from one.
    unchecked: bool,
}

impl Reader<'_> {
    fn record(&mut self, record: u64, cells: &[Cell]) {
        self.unclosed(cells);
        self.values(record, cells);
        for at in 0..self.columns.len() {
            let column = self.columns[at];
            if let Some(cell) = cells.get(column) {
                self.cell(record, column, cell);
            }
        }
        let width = self.names.len();
        if cells.len() == width {
            return;
        }
        // A delimiter without quotes in a note pushes the rest of it to the
        // right, so a row that is too long is read from its first text on.
        if cells.len() > width {
            let first = self.columns.first().copied().unwrap_or(0);
            for (column, cell) in cells.iter().enumerate().skip(first) {
                if !self.columns.contains(&column) {
                    let before = self.columns.iter().rfind(|&&known| known < column);
                    self.cell(record, before.copied().unwrap_or(first), cell);
                }
            }
        }
        let missing = self.columns.last().is_some_and(|&last| last >= cells.len());
        let first = cells.first().map_or(Span::default(), |cell| cell.span);
        let ragged = self.ragged.get_or_insert(Ragged { first, count: 0, unchecked: false });
        ragged.count += 1;
        ragged.unchecked |= missing;
    }

    /// Keeps what rules and facts ask for. A cell that a short row lacks is blank.
    fn values(&mut self, record: u64, cells: &[Cell]) {
        let start = cells.first().map_or(0, |cell| cell.span.start);
        let end = cells.last().map_or(start, |cell| cell.span.end);
        let values = self
            .asked
            .iter()
            .map(|(column, name)| {
                let name = Arc::clone(name);
                let Some(cell) = cells.get(*column) else {
                    return RecordValue { name, text: String::new(), span: Span::new(end, end) };
                };
                let built = cell.text(self.source);
                let span = if built.text.is_empty() {
                    let quoted = usize::from(!cell.span.is_empty());
                    Span::new(cell.span.start + quoted, cell.span.start + quoted)
                } else {
                    built.map.to_source(Span::new(0, built.text.len()))
                };
                RecordValue { name, text: built.text, span }
            })
            .collect();
        self.table.records.push(Record { number: Some(record), start, values });
    }

    fn cell(&mut self, record: u64, column: usize, cell: &Cell) {
        let built = cell.text(self.source);
        if built.text.trim().is_empty() {
            return;
        }
        let name = self.names.get(column).cloned().unwrap_or_default();
        let (text, map) = (built.text, built.map);
        self.table.fields.push(Field { name, text, map, wrapped: false, record: Some(record) });
    }

    /// Only the last cell of a file can be without its closing quote.
    fn unclosed(&mut self, cells: &[Cell]) {
        let Some(cell) = cells.last().filter(|cell| cell.unclosed) else {
            return;
        };
        let line = Lines::new(self.source).position(cell.span.start).line;
        self.table.notices.push(DocumentNotice {
            message: format!(
                "a quote opened on line {line} is never closed, so the rest of the file was read \
                 as one cell"
            ),
            span: Some(Span::new(cell.span.start, cell.span.start + 1)),
            unchecked: true,
        });
    }

    fn tell_ragged(&mut self) {
        let Some(Ragged { first, count, unchecked }) = self.ragged.take() else {
            return;
        };
        let line = Lines::new(self.source).position(first.start).line;
        let rows = match count {
            1 => format!("the row on line {line} does not have"),
            _ => format!("{count} rows, the first on line {line}, do not have"),
        };
        let width = self.names.len();
        let missing = if unchecked { "; a column to be checked is missing" } else { "" };
        self.table.notices.push(DocumentNotice {
            message: format!("{rows} the {width} cells of the header{missing}"),
            span: Some(first),
            unchecked,
        });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Fields as `record name: text`, notices by their message.
    fn shown(source: &str, fields: &[&str]) -> (Vec<String>, Vec<DocumentNotice>) {
        let fields = fields.iter().map(|&name| name.to_owned()).collect();
        let options = ReadOptions { fields, ..ReadOptions::default() };
        let Table { fields, notices, .. } = read(source, false, &options).unwrap();
        let one = |f: &Field| format!("{} {}: {}", f.record.unwrap(), f.name, f.text);
        (fields.iter().map(one).collect(), notices)
    }

    fn check(source: &str, expected: &[&str]) {
        for source in [source.to_owned(), source.replace('\n', "\r\n")] {
            let (fields, notices) = shown(&source, &[]);
            let fields: Vec<_> = fields.iter().map(|field| field.replace("\r\n", "\n")).collect();
            assert_eq!(fields, expected, "{source:?}");
            assert_eq!(notices, [], "{source:?}");
        }
    }

    #[test]
    fn text_columns_are_chosen_by_name() {
        check(
            "id,Note_Text,First comment\n1,\"a, \"\"b\"\"\nc\",d\n\n2, ,e\n",
            &["1 Note_Text: a, \"b\"\nc", "1 First comment: d", "2 First comment: e"],
        );
        check("id,\nx,y", &["1 id: x", "1 column 2: y"]);
        check("", &[]);
        check("notes\nHello\n", &["1 notes: Hello"]);
        assert_eq!(shown("a,b,c\n1,2,3", &["C", "a"]).0, ["1 a: 1", "1 c: 3"]);
    }

    #[test]
    fn delimiters_are_recognised() {
        for delimiter in [",", ";", "\t", "|"] {
            let source = "id,notes,x\n1,\"a; b, c\",2\n3,d,4\n".replace("a; b, c", "é");
            check(&source.replace(',', delimiter), &["1 notes: é", "2 notes: d"]);
        }
        check("id;notes\n1;a, b\n2;c, d, e\n", &["1 notes: a, b", "2 notes: c, d, e"]);
        check("sep=|\nid|notes\n1|a,b\n", &["1 notes: a,b"]);
        check("\"sep=;\"\nnotes;x\na;b\n", &["1 notes: a"]);
    }

    #[test]
    fn ragged_rows_are_told_and_lose_nothing() {
        let (fields, notices) = shown("id,notes,x\n1,a, and b,c\n2\n3,d,e\n", &[]);
        assert_eq!(fields, ["1 notes: a", "1 notes:  and b", "1 notes: c", "3 notes: d"]);
        assert_eq!(notices.len(), 1);
        assert!(notices[0].unchecked);
        assert_eq!(
            notices[0].message,
            "2 rows, the first on line 2, do not have the 3 cells of the header; \
             a column to be checked is missing"
        );
        let (fields, notices) = shown("notes\nHello, world\nok\n", &[]);
        assert_eq!(fields, ["1 notes: Hello", "1 notes:  world", "2 notes: ok"]);
        assert!(!notices[0].unchecked);
    }

    #[test]
    fn values_that_rules_ask_for_are_kept_with_their_places() {
        let asked = ["shared_with", "opt out", "nobody"].map(str::to_owned);
        let options = ReadOptions {
            record_fields: Arc::new(asked.into_iter().collect()),
            ..ReadOptions::default()
        };
        let source = "notes,Shared With,opt-out\na,\"x \"\"é\"\"\",\"\"\nb,,\nc\n";
        let table = read(source, false, &options).unwrap();
        let shown: Vec<Vec<_>> = table
            .records
            .iter()
            .map(|record| {
                let values = record.values.iter();
                values.map(|v| (&*v.name, v.text.as_str(), &source[v.span.range()])).collect()
            })
            .collect();
        assert_eq!(
            shown,
            [
                [("Shared With", "x \"é\"", "x \"\"é\""), ("opt-out", "", "")],
                [("Shared With", "", ""), ("opt-out", "", "")],
                [("Shared With", "", ""), ("opt-out", "", "")],
            ]
        );
        let place = |record: usize, value: usize| table.records[record].values[value].span.start;
        assert_eq!(&source[place(0, 1) - 1..=place(0, 1)], "\"\"");
        assert_eq!(&source[place(1, 0) - 2..=place(1, 0)], "b,,");
        assert_eq!(&source[place(2, 1) - 1..], "c\n");
        assert_eq!(table.records[2].start, source.len() - 2);
    }

    #[test]
    fn an_unclosed_quote_is_told() {
        let (fields, notices) = shown("id,notes\r\n1,\"a\r\n2,b\r\n", &[]);
        assert_eq!(fields, ["1 notes: a\r\n2,b\r\n"]);
        assert!(notices[0].unchecked);
        assert!(notices[0].message.contains("line 2"), "{}", notices[0].message);
    }

    #[test]
    fn a_missing_column_names_the_others() {
        let options = ReadOptions { fields: vec!["ntoes".to_owned()], ..ReadOptions::default() };
        let error = read("id,notes\n", false, &options).unwrap_err().to_string();
        assert_eq!(
            error,
            "there is no column `ntoes`; did you mean `notes`? The columns are `id`, `notes`"
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read(source in "(sep=;\n)?[a,;\"\r\n\té😀|]{0,40}", tabs: bool) {
            let fields = read(&source, tabs, &ReadOptions::default()).unwrap().fields;
            for field in fields {
                for (start, char) in field.text.char_indices() {
                    let place = field.map.to_source(Span::new(start, start + char.len_utf8()));
                    prop_assert!(source[place.range()].starts_with(char));
                    prop_assert_eq!(place.len(), char.len_utf8());
                }
            }
        }
    }
}
