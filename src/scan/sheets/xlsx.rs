//! XLSX, as a stream (ECMA-376 part 1, 18).

use std::collections::HashSet;
use std::io::{Read, Seek};

use quick_xml::events::{BytesStart, Event};

use super::package::{Package, Part, attribute, is, push_text};
use super::values::{self, Format};
use super::xlsx_parts::{Relation, Sheet, Strings, formats, relations, unescaped, workbook};
use super::{Halt, Out, SheetEvent, SheetTrouble, cell_place};
use crate::scan::container::Limits;

/// Columns there can be.
const COLUMNS: u32 = 16_384;

/// What the cells of all sheets refer to.
#[derive(Default)]
struct Shared {
    strings: Strings,
    formats: Vec<Format>,
    since_1904: bool,
}

/// What a workbook says of its parts.
struct Contents {
    sheets: Vec<Sheet>,
    since_1904: bool,
    relations: Vec<Relation>,
}

impl Contents {
    fn read<R: Read + Seek>(package: &mut Package<R>) -> Result<Self, Halt> {
        let path = main_part(package)?;
        if is_bin(&path) {
            let what = "is an XLSB workbook; save it as XLSX: it is of another kind";
            return Err(Halt::Fault(SheetTrouble::NotRead(what.to_owned())));
        }
        let Some(mut part) = package.part(&path)? else {
            return Err(Halt::damaged("it lists no sheets"));
        };
        let (sheets, since_1904) = workbook(&mut part)?;
        drop(part);
        let relations = relations(package, &path)?;
        Ok(Self { sheets, since_1904, relations })
    }

    /// The part of a sheet.
    fn of(&self, sheet: &Sheet) -> Option<&Relation> {
        self.relations.iter().find(|relation| relation.id == sheet.relation)
    }

    fn strings(&self) -> Option<&Relation> {
        self.relations.iter().find(|relation| relation.kind == "sharedStrings")
    }
}

/// Whether the sheets are listed in a part of the binary kind.
pub(super) fn is_binary<R: Read + Seek>(reader: R) -> bool {
    let package = Package::open(reader, &Limits::default());
    let path = package.and_then(|mut package| main_part(&mut package));
    path.is_ok_and(|path| is_bin(&path))
}

fn is_bin(path: &str) -> bool {
    path.to_lowercase().rsplit('.').next() == Some("bin")
}

/// The path of the part that lists the sheets.
fn main_part<R: Read + Seek>(package: &mut Package<R>) -> Result<String, Halt> {
    let document = relations(package, "")?;
    let document = document.into_iter().find(|relation| relation.kind == "officeDocument");
    Ok(document.map_or_else(|| "xl/workbook.xml".to_owned(), |relation| relation.path))
}

/// The paths of the parts of a workbook that hold texts of its cells.
#[derive(Debug, Default)]
pub(in crate::scan) struct TextParts {
    /// The strings that cells share.
    pub strings: Option<String>,
    /// In the order in which [`read`] tells of them.
    pub sheets: Vec<SheetParts>,
}

/// The paths of the parts of a sheet.
#[derive(Debug, Default)]
pub(in crate::scan) struct SheetParts {
    /// Its cells; none where the workbook does not say.
    pub cells: Option<String>,
    /// Its comments of the older kind.
    pub comments: Vec<String>,
    /// Its comments of the newer kind.
    pub threads: Vec<String>,
}

/// Where the texts of a workbook stand.
pub(super) fn text_parts<R: Read + Seek>(reader: R, limits: &Limits) -> Result<TextParts, Halt> {
    let mut package = Package::open(reader, limits)?;
    let contents = Contents::read(&mut package)?;
    let mut parts = TextParts {
        strings: contents.strings().map(|relation| relation.path.clone()),
        ..TextParts::default()
    };
    for sheet in &contents.sheets {
        let mut of_sheet = SheetParts::default();
        if let Some(relation) = contents.of(sheet) {
            of_sheet.cells = Some(relation.path.clone());
            for relation in relations(&mut package, &relation.path)? {
                match relation.kind.as_str() {
                    "comments" => of_sheet.comments.push(relation.path),
                    "threadedComment" => of_sheet.threads.push(relation.path),
                    _ => {}
                }
            }
        }
        parts.sheets.push(of_sheet);
    }
    Ok(parts)
}

/// Reads an XLSX workbook.
pub(super) fn read<R: Read + Seek>(
    reader: R,
    limits: &Limits,
    out: &mut Out<'_>,
) -> Result<(), Halt> {
    let mut package = Package::open(reader, limits)?;
    let contents = Contents::read(&mut package)?;
    let mut shared = Shared { since_1904: contents.since_1904, ..Shared::default() };
    // What was read of either serves the cells that refer to it.
    let read = shared.read_formats(&mut package, &contents);
    out.settle(read)?;
    let read = shared.read_strings(&mut package, &contents);
    out.settle(read)?;
    for sheet in &contents.sheets {
        out.start(&sheet.name, sheet.hidden)?;
        let result = match contents.of(sheet) {
            Some(relation) if relation.kind == "chartsheet" => Ok(()),
            Some(relation) => one_sheet(&mut package, &relation.path, &shared, out),
            None => Err(Halt::damaged("its part is not named")),
        };
        out.settle(result)?;
    }
    Ok(())
}

impl Shared {
    fn read_formats<R: Read + Seek>(
        &mut self,
        package: &mut Package<R>,
        contents: &Contents,
    ) -> Result<(), Halt> {
        let mut relations = contents.relations.iter();
        if let Some(relation) = relations.find(|relation| relation.kind == "styles")
            && let Some(mut part) = package.part(&relation.path)?
        {
            self.formats = formats(&mut part)?;
        }
        Ok(())
    }

    fn read_strings<R: Read + Seek>(
        &mut self,
        package: &mut Package<R>,
        contents: &Contents,
    ) -> Result<(), Halt> {
        if let Some(relation) = contents.strings()
            && let Some(mut part) = package.part(&relation.path)?
        {
            self.strings.read(&mut part)?;
        }
        Ok(())
    }
}

fn one_sheet<R: Read + Seek>(
    package: &mut Package<R>,
    path: &str,
    shared: &Shared,
    out: &mut Out<'_>,
) -> Result<(), Halt> {
    match package.part(path)? {
        Some(part) => rows(part, shared, out)?,
        None => return Err(Halt::damaged("its part is not there")),
    }
    comments(package, path, out)
}

/// Passes on the rows of a sheet, and notes what is in the way.
fn rows(part: Part<'_>, shared: &Shared, out: &mut Out<'_>) -> Result<(), Halt> {
    let mut rows = Rows { part, shared, row: 0, cells: Vec::new(), lost: 0 };
    let result = rows.read(out);
    if !matches!(result, Err(Halt::Asked)) {
        // The last row, or what was read of one that breaks off.
        out.row(rows.row, &mut rows.cells)?;
    }
    if rows.lost > 0 {
        let what = format!("{} cells refer to shared strings that are not there", rows.lost);
        out.fault(SheetTrouble::Damaged(what));
    }
    out.settle(result)
}

/// The rows of a sheet.
struct Rows<'r> {
    part: Part<'r>,
    shared: &'r Shared,
    /// The present row, from 1.
    row: u32,
    cells: Vec<(u32, String)>,
    /// Cells whose text is not there.
    lost: u64,
}

impl Rows<'_> {
    fn read(&mut self, out: &mut Out<'_>) -> Result<(), Halt> {
        // The column behind the last cell, for cells that do not say where they stand.
        let mut column = 0;
        loop {
            let Some(event) = self.part.next()? else { return Ok(()) };
            match event {
                Event::Start(start) if is(&start, "row") => {
                    let said = attribute(&start, "r").and_then(|row| row.parse().ok());
                    out.row(self.row, &mut self.cells)?;
                    self.row = said.unwrap_or_else(|| self.row.saturating_add(1));
                    column = 0;
                }
                Event::Start(start) if is(&start, "c") => {
                    let place = attribute(&start, "r").and_then(|name| cell_place(&name));
                    let place = place.map(|(_, column)| column).filter(|column| *column < COLUMNS);
                    let cell = Cell::new(&start);
                    let at = place.unwrap_or(column);
                    column = at.saturating_add(1);
                    let text = self.cell(&cell)?;
                    if !text.is_empty() {
                        self.cells.push((at, text));
                    }
                }
                Event::End(end) if end.local_name().as_ref() == "sheetData" => return Ok(()),
                _ => {}
            }
        }
    }

    /// The text of a cell that has begun.
    fn cell(&mut self, cell: &Cell) -> Result<String, Halt> {
        let (mut value, mut inline) = (String::new(), None);
        loop {
            match self.part.inside()? {
                Event::Start(start) if is(&start, "v") => {
                    value.clear();
                    self.part.text_within("v", "v", &mut value)?;
                }
                Event::Start(start) if is(&start, "is") => {
                    let mut text = String::new();
                    self.part.text_within("is", "t", &mut text)?;
                    inline = Some(text);
                }
                Event::Start(start) if is(&start, "f") => self.part.skip("f")?,
                Event::End(end) if end.local_name().as_ref() == "c" => break,
                _ => {}
            }
        }
        if let Some(text) = inline {
            return Ok(unescaped(&text));
        }
        Ok(match cell.kind.as_str() {
            _ if value.is_empty() => value,
            "s" => {
                let string = value.trim().parse().ok().and_then(|at| self.shared.strings.get(at));
                self.lost += u64::from(string.is_none());
                string.unwrap_or_default().to_owned()
            }
            "b" => if value.trim() == "0" { "FALSE" } else { "TRUE" }.to_owned(),
            "n" | "" => {
                let format = self.shared.formats.get(cell.style).copied().unwrap_or_default();
                values::number(&value, format, self.shared.since_1904)
            }
            _ => unescaped(&value),
        })
    }
}

/// What is said of a cell before its value.
struct Cell {
    kind: String,
    style: usize,
}

impl Cell {
    fn new(start: &BytesStart<'_>) -> Self {
        let style = attribute(start, "s").and_then(|style| style.parse().ok()).unwrap_or(0);
        Self { kind: attribute(start, "t").unwrap_or_default(), style }
    }
}

/// The comments of a sheet. Those of the newer kind ("threads") have a copy of the older
/// kind, for programs that do not know them; of each thread only the new one is told.
fn comments<R: Read + Seek>(
    package: &mut Package<R>,
    path: &str,
    out: &mut Out<'_>,
) -> Result<(), Halt> {
    let relations = relations(package, path)?;
    let mut threads = HashSet::new();
    for relation in relations.iter().filter(|relation| relation.kind == "threadedComment") {
        if let Some(mut part) = package.part(&relation.path)? {
            each_comment(&mut part, "threadedComment", &mut |name, text| {
                threads.insert(name.to_owned());
                comment(name, text, out)
            })?;
        }
    }
    for relation in relations.iter().filter(|relation| relation.kind == "comments") {
        if let Some(mut part) = package.part(&relation.path)? {
            each_comment(&mut part, "comment", &mut |name, text| {
                if threads.contains(name) { Ok(()) } else { comment(name, text, out) }
            })?;
        }
    }
    Ok(())
}

fn comment(name: &str, text: String, out: &mut Out<'_>) -> Result<(), Halt> {
    let (row, column) = cell_place(name).unwrap_or((1, 0));
    out.emit(SheetEvent::Comment { row, column, text })
}

/// Calls `visit` with the cell and the text of each element `element`.
fn each_comment(
    part: &mut Part<'_>,
    element: &str,
    visit: &mut dyn FnMut(&str, String) -> Result<(), Halt>,
) -> Result<(), Halt> {
    let (mut name, mut text) = (String::new(), String::new());
    // Threads hold their text as it is; in older comments it stands in runs, with white
    // space between that means nothing.
    let (mut inside, threads) = (false, element == "threadedComment");
    let wanted = if threads { "text" } else { "t" };
    while let Some(event) = part.next()? {
        match event {
            Event::Start(start) if is(&start, element) => {
                name = attribute(&start, "ref").unwrap_or_default();
                text.clear();
            }
            Event::Start(start) if is(&start, "rPh") => {
                part.skip("rPh")?;
            }
            Event::Start(start) if is(&start, wanted) => inside = true,
            Event::End(end) if end.local_name().as_ref() == wanted => inside = false,
            Event::End(end) if end.local_name().as_ref() == element => {
                visit(&name, unescaped(&std::mem::take(&mut text)))?;
            }
            event if inside => push_text(&event, &mut text),
            _ => {}
        }
    }
    Ok(())
}
