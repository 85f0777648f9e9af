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
    let mut asked: Vec<Vec<(usize, Arc<str>)>> = Vec::new();
    for (at, name) in names.iter().enumerate() {
        if options.record_fields.iter().any(|asked| same_name(asked, name)) {
            let column = (at, Arc::from(name.as_str()));
            match asked.iter_mut().find(|known| same_name(&known[0].1, name)) {
                Some(known) => known.push(column),
                None => asked.push(vec![column]),
            }
        }
    }
    let mut reader =
        Reader { source, names, asked, ragged: None, columns, table: Table::default() };
    reader.tell_repeated(&cells);
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
    /// The columns that rules and facts ask for; those of one name together.
    asked: Vec<Vec<(usize, Arc<str>)>>,
    ragged: Option<Ragged>,
    table: Table,
}

/// Rows that have not as many cells as the header.
struct Ragged {
    first: Span,
    count: usize,
    /// Whether a column to be read was missing from one.
    missing: bool,
    /// Whether one had too many cells.
    longer: bool,
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
            let first = self.first_text();
            for (column, cell) in cells.iter().enumerate().skip(first) {
                if !self.columns.contains(&column) {
                    let before = self.columns.iter().rfind(|&&known| known < column);
                    self.cell(record, before.copied().unwrap_or(first), cell);
                }
            }
        }
        let missing = self.columns.last().is_some_and(|&last| last >= cells.len());
        let first = cells.first().map_or(Span::default(), |cell| cell.span);
        let new = Ragged { first, count: 0, missing: false, longer: false };
        let ragged = self.ragged.get_or_insert(new);
        ragged.count += 1;
        ragged.missing |= missing;
        ragged.longer |= cells.len() > width;
    }

    /// The first column with text, behind which a row that is too long is not to be
    /// trusted.
    fn first_text(&self) -> usize {
        self.columns.first().copied().unwrap_or(0)
    }

    /// Keeps what rules and facts ask for: of columns with one name, the first in
    /// which something stands. A cell that a short row lacks is blank; where a row is
    /// too long, nobody knows which cell belongs to a column behind the first text.
    fn values(&mut self, record: u64, cells: &[Cell]) {
        let start = cells.first().map_or(0, |cell| cell.span.start);
        let end = cells.last().map_or(start, |cell| cell.span.end);
        let unreliable = cells.len() > self.names.len();
        let trusted = if unreliable { self.first_text() } else { self.names.len() };
        let filled = |column: usize| {
            cells.get(column).is_some_and(|cell| !cell.text(self.source).text.trim().is_empty())
        };
        let values = self
            .asked
            .iter()
            .filter_map(|columns| {
                let known = columns.iter().filter(|(column, _)| *column < trusted);
                let first = match columns.as_slice() {
                    [_] => None,
                    _ => known.clone().find(|(column, _)| filled(*column)),
                };
                let all_known = columns.iter().all(|(column, _)| *column < trusted);
                first.or_else(|| columns.first().filter(|_| all_known))
            })
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
        self.table.records.push(Record { number: Some(record), start, values, unreliable });
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

    /// Two columns of one name that somebody asks for: which is meant is a guess.
    fn tell_repeated(&mut self, header: &[Cell]) {
        for columns in self.asked.iter().filter(|columns| columns.len() > 1) {
            let name = &columns[0].1;
            let times = columns.len();
            self.table.notices.push(DocumentNotice {
                message: format!(
                    "{times} columns are called `{name}` (letter case, spaces, `_`, `-` and `.` \
                     aside); in each row the first that is filled counts"
                ),
                span: header.get(columns[1].0).map(|cell| cell.span),
                unchecked: false,
            });
        }
    }

    fn tell_ragged(&mut self) {
        let Some(Ragged { first, count, missing, longer }) = self.ragged.take() else {
            return;
        };
        let first_text = self.first_text();
        let lost = self.asked.iter().flatten().any(|(column, _)| *column >= first_text);
        let unchecked = missing || (longer && lost);
        let line = Lines::new(self.source).position(first.start).line;
        let rows = match count {
            1 => format!("the row on line {line} does not have"),
            _ => format!("{count} rows, the first on line {line}, do not have"),
        };
        let width = self.names.len();
        let missing = if missing { "; a column to be checked is missing" } else { "" };
        let mut message = format!("{rows} the {width} cells of the header{missing}");
        if longer {
            let from = self.names.get(first_text).map_or("", String::as_str);
            message += &format!(
                "; from column `{from}` on, longer rows were read as text, and their other \
                 columns were not checked"
            );
        }
        self.table.notices.push(DocumentNotice { message, span: Some(first), unchecked });
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
             a column to be checked is missing; from column `notes` on, longer rows were read \
             as text, and their other columns were not checked"
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

    /// The values of each row as `name=text`, whether each is unreliable, and the notices.
    fn values(source: &str, asked: &[&str]) -> (Vec<(String, bool)>, Vec<DocumentNotice>) {
        let asked = asked.iter().map(|&name| name.to_owned()).collect();
        let options = ReadOptions { record_fields: Arc::new(asked), ..ReadOptions::default() };
        let Table { records, notices, .. } = read(source, false, &options).unwrap();
        let one = |value: &RecordValue| format!("{}={}", value.name, value.text);
        let row = |record: &Record| {
            let values: Vec<_> = record.values.iter().map(one).collect();
            (values.join(" "), record.unreliable)
        };
        (records.iter().map(row).collect(), notices)
    }

    #[test]
    fn a_row_that_is_too_long_gives_no_values_from_its_first_text_on() {
        let source = "id,use,notes,shared\n1,a,b, and c,PSO\n2,d,e,CBP\n3\n";
        let (rows, notices) = values(source, &["use", "notes", "shared"]);
        let expected = [
            ("use=a".to_owned(), true),
            ("use=d notes=e shared=CBP".to_owned(), false),
            ("use= notes= shared=".to_owned(), false),
        ];
        assert_eq!(rows, expected);
        assert!(notices[0].unchecked);
        let long = "id,use,notes,shared\n1,a,b, and c,PSO\n";
        assert!(values(long, &["shared"]).1[0].unchecked);
        assert!(!values(long, &["use"]).1[0].unchecked);
    }

    #[test]
    fn of_columns_with_one_name_the_first_that_is_filled_counts() {
        let source = "Opt-out,notes,opt_out,x,X\n,a,yes,1,2\nno,b,yes,1,2\n,c,,1,2\n,d,e,yes,1,2\n";
        let (rows, notices) = values(source, &["opt out"]);
        let rows: Vec<_> = rows.iter().map(|(row, _)| row.as_str()).collect();
        assert_eq!(rows, ["opt_out=yes", "Opt-out=no", "Opt-out=", ""]);
        assert!(!notices[0].unchecked);
        assert!(
            notices[0].message.starts_with("2 columns are called `Opt-out`"),
            "{}",
            notices[0].message
        );
        let span = notices[0].span.unwrap();
        assert_eq!(&source[span.range()], "opt_out");
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
