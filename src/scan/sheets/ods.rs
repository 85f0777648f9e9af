//! ODS, as a stream (OASIS Open Document Format 1.3 part 3, 9 and 19).

use std::collections::HashSet;
use std::io::{Read, Seek};

use quick_xml::events::{BytesStart, Event};

use super::package::{Package, Part, attribute, is, push_text};
use super::{Halt, Out, SheetEvent, SheetTrouble};
use crate::scan::container::Limits;

/// Rows and columns there can be. Files say `repeated` up to them.
const ROWS: u32 = 1_048_576;
const COLUMNS: u32 = 16_384;
/// Bytes of text to which a repeated cell may grow; beyond, it is told once.
const REPEATED: usize = 1 << 20;
/// What all copies of repeated rows of a table may come to, in bytes, each cell with
/// [`OF_CELL`] more: a column filled down to the last row is far below it.
const COPIES: u64 = 256 << 20;
/// What a cell takes beside its text.
const OF_CELL: u64 = 32;

/// Reads an ODS workbook.
pub(super) fn read<R: Read + Seek>(
    reader: R,
    limits: &Limits,
    out: &mut Out<'_>,
) -> Result<(), Halt> {
    let mut package = Package::open(reader, limits)?;
    if let Some(mut manifest) = package.part("META-INF/manifest.xml")? {
        while let Some(event) = manifest.next()? {
            if matches!(&event, Event::Start(start) if is(start, "encryption-data")) {
                return Err(Halt::Fault(SheetTrouble::Protected));
            }
        }
    }
    let Some(mut part) = package.part("content.xml")? else {
        return Err(Halt::damaged("it holds no content.xml"));
    };
    let (mut style, mut hidden) = (String::new(), HashSet::new());
    while let Some(event) = part.next()? {
        let Event::Start(start) = event else { continue };
        if is(&start, "style") {
            style = attribute(&start, "name").unwrap_or_default();
        } else if is(&start, "table-properties") {
            if attribute(&start, "display").as_deref() == Some("false") {
                hidden.insert(style.clone());
            }
        } else if is(&start, "table") {
            let name = attribute(&start, "name").unwrap_or_default();
            let style = attribute(&start, "style-name").unwrap_or_default();
            out.start(&name, hidden.contains(&style))?;
            table(&mut part, out)?;
        }
    }
    Ok(())
}

/// The rows of a table that has begun. Tables inside cells are no rows of it.
fn table(part: &mut Part<'_>, out: &mut Out<'_>) -> Result<(), Halt> {
    let mut next = 1_u32;
    let mut room = COPIES;
    loop {
        match part.inside()? {
            Event::Start(start) if is(&start, "table-row") => {
                let times = repeated(&start, "number-rows-repeated", ROWS);
                let mut row = Row::default();
                let result = row.read(part);
                if !row.cells.is_empty() {
                    let times = times.min(ROWS.saturating_sub(next).saturating_add(1)).max(1);
                    let copies = u64::from(times - 1).min(room / row.size());
                    room -= copies * row.size();
                    for again in 0..=copies {
                        // No more than `times`, which is one.
                        let again = u32::try_from(again).unwrap_or(u32::MAX);
                        out.row(next.saturating_add(again), &mut row.cells.clone())?;
                    }
                    if copies < u64::from(times - 1) {
                        let what = format!("its row {next} is repeated {times} times, like a bomb");
                        out.fault(SheetTrouble::Damaged(what));
                    }
                }
                for (column, text) in row.comments {
                    out.emit(SheetEvent::Comment { row: next, column, text })?;
                }
                result?;
                next = next.saturating_add(times);
            }
            Event::Start(start) if is(&start, "shapes") => part.skip("shapes")?,
            Event::End(end) if end.local_name().as_ref() == "table" => return Ok(()),
            _ => {}
        }
    }
}

fn repeated(start: &BytesStart<'_>, name: &str, most: u32) -> u32 {
    let said = attribute(start, name).and_then(|times| times.parse().ok());
    said.unwrap_or(1).clamp(1, most)
}

#[derive(Default)]
struct Row {
    cells: Vec<(u32, String)>,
    comments: Vec<(u32, String)>,
}

impl Row {
    /// Bytes that a copy takes, about.
    fn size(&self) -> u64 {
        self.cells.iter().map(|(_, text)| text.len() as u64 + OF_CELL).sum::<u64>().max(1)
    }

    fn read(&mut self, part: &mut Part<'_>) -> Result<(), Halt> {
        let mut column = 0_u32;
        loop {
            match part.inside()? {
                Event::Start(start)
                    if is(&start, "table-cell") || is(&start, "covered-table-cell") =>
                {
                    let times = repeated(&start, "number-columns-repeated", COLUMNS);
                    let (date, other) = values(&start);
                    let mut cell = Cell::default();
                    let result = cell.read(part);
                    let shown = Some(cell.text).filter(|text| !text.is_empty());
                    let text = date.or(shown).or(other).unwrap_or_default();
                    if !text.is_empty() && column < COLUMNS {
                        let room = REPEATED / text.len().max(1);
                        let times = (times as usize).min(room).max(1) as u32;
                        let end = column.saturating_add(times).min(COLUMNS);
                        self.cells.extend((column..end).map(|column| (column, text.clone())));
                    }
                    if let Some(comment) = cell.comment {
                        self.comments.push((column, comment));
                    }
                    result?;
                    column = column.saturating_add(times);
                }
                Event::End(end) if end.local_name().as_ref() == "table-row" => return Ok(()),
                _ => {}
            }
        }
    }
}

/// The value of a cell where it is a date, which is told as in ISO 8601 however it is
/// shown; and any value, for cells that show nothing.
fn values(start: &BytesStart<'_>) -> (Option<String>, Option<String>) {
    let kind = attribute(start, "value-type");
    let date = kind.filter(|kind| kind == "date").and_then(|_| attribute(start, "date-value"));
    let names = ["string-value", "value", "time-value", "boolean-value"];
    (date, names.iter().find_map(|name| attribute(start, name)))
}

#[derive(Default)]
struct Cell {
    text: String,
    comment: Option<String>,
}

impl Cell {
    /// Reads what a cell shows, from behind its beginning on.
    fn read(&mut self, part: &mut Part<'_>) -> Result<(), Halt> {
        // Tables may lie in cells, and their cells in them.
        let mut cells = 1_usize;
        let mut comment: Option<Paragraphs> = None;
        let mut shown = Paragraphs::default();
        let result = loop {
            let event = match part.inside() {
                Ok(event) => event,
                Err(halt) => break Err(halt),
            };
            match &event {
                Event::Start(start) => match start.local_name().as_ref() {
                    "annotation" => comment = Some(Paragraphs::default()),
                    "table-cell" | "covered-table-cell" => cells += 1,
                    _ => comment.as_mut().unwrap_or(&mut shown).start(start),
                },
                Event::End(end) => match end.local_name().as_ref() {
                    "annotation" => self.comment = comment.take().map(|text| text.text),
                    "table-cell" | "covered-table-cell" => {
                        cells -= 1;
                        if cells == 0 {
                            break Ok(());
                        }
                    }
                    name => comment.as_mut().unwrap_or(&mut shown).end(name),
                },
                event => comment.as_mut().unwrap_or(&mut shown).text(event),
            }
        };
        self.text = shown.text;
        result
    }
}

/// Paragraphs, one a line.
#[derive(Default)]
struct Paragraphs {
    text: String,
    /// Paragraphs that are open; they may lie in one another through frames.
    open: usize,
    any: bool,
}

impl Paragraphs {
    fn start(&mut self, start: &BytesStart<'_>) {
        match start.local_name().as_ref() {
            "p" | "h" => {
                if self.any {
                    self.text.push('\n');
                }
                (self.any, self.open) = (true, self.open + 1);
            }
            "s" => {
                let spaces = repeated(start, "c", 1_000) as usize;
                self.text.extend(std::iter::repeat_n(' ', spaces));
            }
            "tab" => self.text.push('\t'),
            "line-break" => self.text.push('\n'),
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        if matches!(name, "p" | "h") {
            self.open = self.open.saturating_sub(1);
        }
    }

    fn text(&mut self, event: &Event<'_>) {
        if self.open > 0 {
            push_text(event, &mut self.text);
        }
    }
}
