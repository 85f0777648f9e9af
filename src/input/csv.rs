//! CSV: the cells that hold text, record by record.

use std::sync::Arc;

use crate::record::{Record, RecordValue, same_name};
use crate::text::{Lines, Span};

use super::csv_columns::{columns, names};
use super::csv_dialect::dialect;
use super::csv_rows::{Cell, Rows};
use super::document::{DocumentNotice, Field};
use super::{InputError, ReadOptions, scheduler};

/// What a CSV file, or some rows of one, hold.
#[derive(Debug, Default)]
pub struct Table {
    /// The texts to check.
    pub fields: Vec<Field>,
    /// One a row, with the values that rules and facts ask for.
    pub records: Vec<Record>,
    /// Rows that have not as many cells as the header.
    pub ragged: Option<Ragged>,
    /// Where a quote opens that is never closed.
    pub unclosed: Option<usize>,
}

/// Rows that have not as many cells as the header.
#[derive(Clone, Copy, Debug)]
pub struct Ragged {
    /// The first cell of the first of them.
    pub first: Span,
    /// How many there are.
    pub count: usize,
    /// Whether a column to be read was missing from one.
    pub missing: bool,
    /// Whether one had too many cells.
    pub longer: bool,
}

/// What the header of a table says, and what is read of its rows.
#[derive(Clone, Debug)]
pub struct Layout {
    /// What parts the cells; ASCII.
    pub delimiter: u8,
    /// The name of each column.
    pub names: Vec<String>,
    /// Indexes of the columns to read, rising.
    pub columns: Vec<usize>,
    /// The columns that rules and facts ask for; those of one name together.
    asked: Vec<Vec<(usize, Arc<str>)>>,
}

impl Layout {
    /// The layout of a table with these columns, of which some are read as texts.
    pub fn new(
        delimiter: u8,
        names: Vec<String>,
        columns: Vec<usize>,
        options: &ReadOptions,
    ) -> Self {
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
        Self { delimiter, names, columns, asked }
    }

    /// The first column with text, behind which a row that is too long is not to be
    /// trusted.
    fn first_text(&self) -> usize {
        self.columns.first().copied().unwrap_or(0)
    }

    /// The columns that rules and facts ask for, the first of each name.
    pub fn asked(&self) -> impl Iterator<Item = (usize, &Arc<str>)> {
        self.asked.iter().filter_map(|columns| columns.first()).map(|(at, name)| (*at, name))
    }

    /// Columns of one name that somebody asks for: how often, and the second of them.
    pub fn repeated(&self) -> impl Iterator<Item = (&str, usize, usize)> {
        let repeated = self.asked.iter().filter(|columns| columns.len() > 1);
        repeated.map(|columns| (&*columns[0].1, columns.len(), columns[1].0))
    }

    /// What to say of ragged rows, the first of which stands on this line; and whether
    /// something was not checked because of them.
    pub fn tell_ragged(&self, ragged: &Ragged, line: usize) -> (String, bool) {
        let Ragged { count, missing, longer, .. } = *ragged;
        let first_text = self.first_text();
        let lost = self.asked.iter().flatten().any(|(column, _)| *column >= first_text);
        let rows = match count {
            1 => format!("the row on line {line} does not have"),
            _ => format!("{count} rows, the first on line {line}, do not have"),
        };
        let width = self.names.len();
        let absent = if missing { "; a column to be checked is missing" } else { "" };
        let mut message = format!("{rows} the {width} cells of the header{absent}");
        if longer {
            let from = self.names.get(first_text).map_or("", String::as_str);
            message += &format!(
                "; from column `{from}` on, longer rows were read as text, and their other \
                 columns were not checked"
            );
        }
        (message, missing || (longer && lost))
    }
}

/// What to say of two columns of one name.
pub fn tell_repeated(name: &str, times: usize) -> String {
    format!(
        "{times} columns are called `{name}` (letter case, spaces, `_`, `-` and `.` aside); in \
         each row the first that is filled counts"
    )
}

/// What to say of a quote that is never closed.
pub fn tell_unclosed(line: usize) -> String {
    format!(
        "a quote opened on line {line} is never closed, so the rest of the file was read as one \
         cell"
    )
}

/// Reads a CSV file, and says whether it is a scheduler's table of posts.
pub(super) fn read(
    source: &str,
    tabs: bool,
    options: &ReadOptions,
) -> Result<(Table, bool, Vec<DocumentNotice>), InputError> {
    let (start, delimiter) = dialect(source, tabs);
    let mut rows = Rows::new(source, start, delimiter);
    let mut cells = Vec::new();
    if !rows.read(&mut cells) {
        return Ok(Default::default());
    }
    let header: Vec<String> =
        cells.iter().map(|cell| cell.text(source).text.trim().to_owned()).collect();
    let (header, rows_from, headless) = match scheduler::names_without_header(&header) {
        Some(names) => (names, start, true),
        None => (header, rows.at(), false),
    };
    let is_queue = headless || scheduler::is_queue(header.iter().map(String::as_str));
    let (columns, without) = columns(&header, is_queue, options)?;
    let layout = Layout::new(delimiter, names(&header), columns, options);
    let mut table = read_rows(source, rows_from, &layout);
    if let Some(cell) = cells.last().filter(|cell| cell.unclosed) {
        table.unclosed = Some(cell.span.start);
    }
    let mut notices = Vec::new();
    for name in without {
        let message = format!("`fields` names `{name}`, and this table has no such column");
        notices.push(DocumentNotice { message, span: None, unchecked: false });
    }
    for (name, times, second) in layout.repeated() {
        let span = cells.get(second).map(|cell| cell.span);
        notices.push(DocumentNotice {
            message: tell_repeated(name, times),
            span,
            unchecked: false,
        });
    }
    if let Some(at) = table.unclosed {
        notices.push(DocumentNotice {
            message: tell_unclosed(Lines::new(source).position(at).line),
            span: Some(Span::new(at, at + 1)),
            unchecked: true,
        });
    }
    if let Some(ragged) = &table.ragged {
        let line = Lines::new(source).position(ragged.first.start).line;
        let (message, unchecked) = layout.tell_ragged(ragged, line);
        notices.push(DocumentNotice { message, span: Some(ragged.first), unchecked });
    }
    Ok((table, is_queue, notices))
}

/// Reads the rows of `source` from byte `start` on. Records are numbered from 1.
pub fn read_rows(source: &str, start: usize, layout: &Layout) -> Table {
    let mut rows = Rows::new(source, start, layout.delimiter);
    let mut cells = Vec::new();
    let mut reader = Reader { source, layout, table: Table::default() };
    let mut record = 0;
    while rows.read(&mut cells) {
        record += 1;
        reader.record(record, &cells);
    }
    reader.table
}

struct Reader<'s> {
    source: &'s str,
    layout: &'s Layout,
    table: Table,
}

impl Reader<'_> {
    fn record(&mut self, record: u64, cells: &[Cell]) {
        // Only the last cell of a file can be without its closing quote.
        if let Some(cell) = cells.last().filter(|cell| cell.unclosed) {
            self.table.unclosed = Some(cell.span.start);
        }
        self.values(record, cells);
        for at in 0..self.layout.columns.len() {
            let column = self.layout.columns[at];
            if let Some(cell) = cells.get(column) {
                self.cell(record, column, cell);
            }
        }
        let width = self.layout.names.len();
        if cells.len() == width {
            return;
        }
        // A delimiter without quotes in a note pushes the rest of it to the
        // right, so a row that is too long is read from its first text on.
        if cells.len() > width {
            let first = self.layout.first_text();
            for (column, cell) in cells.iter().enumerate().skip(first) {
                if !self.layout.columns.contains(&column) {
                    let before = self.layout.columns.iter().rfind(|&&known| known < column);
                    self.cell(record, before.copied().unwrap_or(first), cell);
                }
            }
        }
        let missing = self.layout.columns.last().is_some_and(|&last| last >= cells.len());
        let first = cells.first().map_or(Span::default(), |cell| cell.span);
        let new = Ragged { first, count: 0, missing: false, longer: false };
        let ragged = self.table.ragged.get_or_insert(new);
        ragged.count += 1;
        ragged.missing |= missing;
        ragged.longer |= cells.len() > width;
    }

    /// Keeps what rules and facts ask for: of columns with one name, the first in
    /// which something stands. A cell that a short row lacks is blank; where a row is
    /// too long, nobody knows which cell belongs to a column behind the first text.
    fn values(&mut self, record: u64, cells: &[Cell]) {
        let start = cells.first().map_or(0, |cell| cell.span.start);
        let end = cells.last().map_or(start, |cell| cell.span.end);
        let unreliable = cells.len() > self.layout.names.len();
        let trusted = if unreliable { self.layout.first_text() } else { self.layout.names.len() };
        let filled = |column: usize| {
            cells.get(column).is_some_and(|cell| !cell.text(self.source).text.trim().is_empty())
        };
        let values = self
            .layout
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
                if let Some(text) = cell.plain(self.source) {
                    return RecordValue { name, text: text.to_owned(), span: cell.span };
                }
                let built = cell.text(self.source);
                let span = if built.text.is_empty() {
                    let quoted = usize::from(!cell.span.is_empty());
                    Span::new(cell.span.start + quoted, cell.span.start + quoted)
                } else {
                    built.map.to_source(Span::new(0, built.text.len()))
                };
                RecordValue { name, text: built.text, span }
            });
        let mut kept = Vec::with_capacity(self.layout.asked.len());
        kept.extend(values);
        self.table.records.push(Record { number: Some(record), start, values: kept, unreliable });
    }

    fn cell(&mut self, record: u64, column: usize, cell: &Cell) {
        let built = cell.text(self.source);
        if built.text.trim().is_empty() {
            return;
        }
        let name = self.layout.names.get(column).cloned().unwrap_or_default();
        let (text, map) = (built.text, built.map);
        self.table.fields.push(Field { name, text, map, wrapped: false, record: Some(record) });
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
        let (Table { fields, .. }, _, notices) = read(source, false, &options).unwrap();
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
        let (table, ..) = read(source, false, &options).unwrap();
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
        let (Table { records, .. }, _, notices) = read(source, false, &options).unwrap();
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
            let fields = read(&source, tabs, &ReadOptions::default()).unwrap().0.fields;
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
