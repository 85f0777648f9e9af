//! Reads workbooks, sheet by sheet, and passes their rows on.

use std::io::{Read, Seek};
use std::ops::ControlFlow;

use crate::error::plain;

use super::feed::{Feeder, NAMELESS, Opening, SAMPLE_ROWS};
use super::header::{is_record, short_names};
use super::part::{Records, SharedFile};
use super::pipeline::{Event, Input, Workers};
use super::sheet_rows::{SheetRow, SheetRows};
use super::sheets::{self, SheetEvent};

/// Rows of a sheet that make one part.
const SHEET_ROWS: usize = 2_000;

impl<'s> Feeder<'s> {
    pub(super) fn workbook(
        &mut self,
        workers: Workers<'_, 's>,
        input: &Input,
        name: &str,
        kind: sheets::Workbook,
        (digest, size): (String, u64),
        mut reader: impl Read + Seek,
    ) {
        let kind = match sheets::exact_kind(&mut reader, kind) {
            Ok(kind) => kind,
            Err(error) => {
                self.notice(name, None, format!("cannot be read: {}", plain(&error)), true);
                return;
            }
        };
        let mut sheet = Sheet::default();
        let read = sheets::read(reader, kind, &mut |event| {
            match event {
                SheetEvent::Start { name: of_sheet, hidden } => {
                    if self.end_sheet(workers, input, name, kind, &mut sheet) {
                        self.tell(Event::Ends(digest.clone(), size));
                    }
                    sheet = Sheet { name: of_sheet, hidden, ..Sheet::default() };
                }
                SheetEvent::Row { row, cells } => {
                    sheet.rows.push(SheetRow { row, cells });
                    if sheet.rows.len() >= SHEET_ROWS {
                        self.rows_of_sheet(workers, input, name, kind, &mut sheet);
                    }
                }
                SheetEvent::Comment { row, column, text } => {
                    sheet.only_comments |= sheet.records == 0 && sheet.rows.is_empty();
                    sheet.rows.push(SheetRow { row, cells: vec![(column, text)] });
                }
            }
            if self.stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        let empty = sheet.name.is_empty() && sheet.records == 0 && sheet.rows.is_empty();
        if self.end_sheet(workers, input, name, kind, &mut sheet) {
            self.tell(Event::Ends(digest, size));
        }
        if empty && read.is_ok() && !self.stopped() {
            self.notice(name, None, "no sheet was found in this workbook".into(), true);
        }
        if let Err(error) = read {
            self.notice(name, None, error.to_string(), true);
        }
        if self.stopped() {
            self.notice(name, None, "stopped: not all of this workbook was scanned".into(), true);
        }
    }

    /// Passes on the rows of a sheet that were read so far; the first of all is the
    /// header.
    fn rows_of_sheet(
        &mut self,
        workers: Workers<'_, 's>,
        input: &Input,
        name: &str,
        kind: sheets::Workbook,
        sheet: &mut Sheet,
    ) {
        if sheet.file.is_none() && !sheet.failed && !sheet.rows.is_empty() {
            let mut nameless = false;
            let bare = self.setup.no_header || sheet.only_comments;
            if let (false, [first, below @ ..]) = (bare, &*sheet.rows) {
                let below: Vec<Vec<String>> =
                    below.iter().take(SAMPLE_ROWS).map(|row| dense(&row.cells)).collect();
                nameless = is_record(&dense(&first.cells), &below, self.asked());
            }
            let headed = !bare && !nameless;
            let header = if headed {
                let header = sheet.rows.remove(0);
                sheet_header(&header.cells, &sheet.rows)
            } else {
                sheet_header(&[], &sheet.rows)
            };
            let sample: Vec<Vec<String>> =
                sheet.rows.iter().take(SAMPLE_ROWS).map(|row| dense(&row.cells)).collect();
            let format = kind.name();
            let of_sheet = Some(sheet.name.as_str());
            sheet.file = self.begin(
                input,
                name,
                Opening {
                    sheet: of_sheet,
                    format,
                    encoding: None,
                    delimiter: b',',
                    header,
                    headed,
                    sample: &sample,
                },
            );
            sheet.failed = sheet.file.is_none();
            if nameless {
                self.notice(name, None, format!("sheet `{}`: {NAMELESS}", sheet.name), false);
            }
            if sheet.hidden {
                let message =
                    format!("the sheet `{}` is hidden; it was scanned all the same", sheet.name);
                self.notice(name, None, message, false);
            }
        }
        let rows = std::mem::take(&mut sheet.rows);
        if let Some(file) = sheet.file.clone().filter(|_| !rows.is_empty()) {
            let first = sheet.records + 1;
            sheet.records += rows.len() as u64;
            self.spawn(workers, &file, Records::Sheet(SheetRows { first, rows }));
        }
    }

    /// Passes on the last rows of a sheet; returns whether any of it was scanned.
    fn end_sheet(
        &mut self,
        workers: Workers<'_, 's>,
        input: &Input,
        name: &str,
        kind: sheets::Workbook,
        sheet: &mut Sheet,
    ) -> bool {
        self.rows_of_sheet(workers, input, name, kind, sheet);
        sheet.file.is_some()
    }
}

/// A sheet that is being read.
#[derive(Default)]
struct Sheet {
    name: String,
    hidden: bool,
    /// Known once its header was read.
    file: Option<SharedFile>,
    /// Whether it cannot be scanned.
    failed: bool,
    /// Whether no row came before its comments; the first of these names no columns.
    only_comments: bool,
    /// Records passed on.
    records: u64,
    rows: Vec<SheetRow>,
}

/// The names of the columns of a sheet, at least as many as its first rows have.
fn sheet_header(header: &[(u32, String)], rows: &[SheetRow]) -> Vec<String> {
    /// More columns than anybody has; the format allows 16,384.
    const MOST: usize = 16_384;
    let width = rows.iter().take(SAMPLE_ROWS).map(|row| width(&row.cells)).max().unwrap_or(0);
    let mut names_of: Vec<String> =
        dense(header).iter().map(|name| name.trim().to_owned()).collect();
    names_of.resize(width.max(names_of.len()).min(MOST), String::new());
    short_names(&names_of)
}

fn width(cells: &[(u32, String)]) -> usize {
    cells.iter().map(|(column, _)| *column as usize + 1).max().unwrap_or(0)
}

/// Cells with the gaps between them filled.
fn dense(cells: &[(u32, String)]) -> Vec<String> {
    let mut row = vec![String::new(); width(cells).min(16_384)];
    for (column, text) in cells {
        if let Some(cell) = row.get_mut(*column as usize) {
            cell.clone_from(text);
        }
    }
    row
}
