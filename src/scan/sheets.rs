//! Workbooks, row by row.
//!
//! XLSX and ODS are read here from their XML, as streams: calamine's reader of ODS keeps
//! every cell of the rectangle, and its reader of XLSX gives up a sheet at the first
//! error value it does not know (`#SPILL!`) and takes a file's word for how much memory
//! it will need. XLS, which has no more than 65,536 rows, and XLSB go through calamine.

mod compound;
mod ods;
mod package;
mod values;
mod xls;
mod xlsb;
mod xlsx;
mod xlsx_parts;

#[cfg(test)]
mod sheet_tests;

use std::fmt;
use std::io::{self, Read, Seek};
use std::ops::ControlFlow;

use super::container::{self, Limits, Trouble};

pub(super) use package::{attribute, push_text};
pub(super) use xlsx::TextParts;

/// The kinds of workbooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workbook {
    /// Excel since 2007.
    Xlsx,
    /// Excel since 2007, binary.
    Xlsb,
    /// Excel before.
    Xls,
    /// `OpenDocument`.
    Ods,
}

impl Workbook {
    /// What the file is called in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Xlsb => "xlsb",
            Self::Xls => "xls",
            Self::Ods => "ods",
        }
    }
}

/// What a workbook holds, in the order of its sheets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SheetEvent {
    /// A sheet begins.
    Start {
        /// Its name.
        name: String,
        /// Whether people do not see it.
        hidden: bool,
    },
    /// A row that holds something, hidden or not.
    Row {
        /// From 1, as people see it.
        row: u32,
        /// The cells that hold something: column from 0, and text. Dates are as in ISO
        /// 8601, numbers as they are without a format.
        cells: Vec<(u32, String)>,
    },
    /// A comment on a cell. In XLSX those of a sheet come behind its rows, in ODS behind
    /// their row; those of XLS and XLSB are not read, which the error at the end says.
    Comment {
        /// From 1.
        row: u32,
        /// From 0.
        column: u32,
        /// What it says.
        text: String,
    },
}

/// What is in the way of reading a workbook.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SheetTrouble {
    /// It asks for a password.
    #[error("is protected by a password; save it without one and scan that")]
    Protected,
    /// It is not as it should be.
    #[error("is damaged: {0}")]
    Damaged(String),
    /// It holds comments of a kind that is not read.
    #[error("holds comments or text boxes that are not read; save it as XLSX and scan that")]
    Comments,
    /// A part of it unpacks to more than workbooks do.
    #[error("was read up to a limit and no further: a part of it unpacks like a bomb")]
    TooLarge,
    /// It is no workbook of a kind that is read.
    #[error("{0} and was not read")]
    NotRead(String),
    /// The system does not let us.
    #[error("cannot be read: {1}")]
    Unreadable(io::ErrorKind, String),
}

/// A workbook or sheet that was not read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetFault {
    /// The sheet; the whole workbook if none.
    pub sheet: Option<String>,
    /// The last row that was read, from 1; 0 where none was.
    pub row: u32,
    /// What is in the way.
    pub trouble: SheetTrouble,
}

impl fmt::Display for SheetFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.sheet {
            Some(sheet) => {
                write!(formatter, "the sheet {sheet:?} {} (behind row {})", self.trouble, self.row)
            }
            None => write!(formatter, "the workbook {}", self.trouble),
        }
    }
}

/// What could not be read of a workbook. What is not named here was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SheetError {
    /// Never empty.
    pub faults: Vec<SheetFault>,
}

impl fmt::Display for SheetError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.faults.iter().enumerate() {
            let separator = if at == 0 { "" } else { "; " };
            write!(formatter, "{separator}{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for SheetError {}

/// Reads a workbook. A damaged sheet does not cost the others: they are read, and the
/// error at the end says what was not. `visit` stops the reading with
/// [`ControlFlow::Break`], which is no error.
///
/// Holds one row and, of XLSX, the shared strings in memory; of XLS all of it.
pub fn read<R: Read + Seek>(
    reader: R,
    kind: Workbook,
    visit: &mut dyn FnMut(SheetEvent) -> ControlFlow<()>,
) -> Result<(), SheetError> {
    read_within(reader, kind, &Limits::default(), visit)
}

/// As [`read`], with other limits on what a part of the workbook may unpack to.
pub fn read_within<R: Read + Seek>(
    reader: R,
    kind: Workbook,
    limits: &Limits,
    visit: &mut dyn FnMut(SheetEvent) -> ControlFlow<()>,
) -> Result<(), SheetError> {
    let mut out = Out { visit, sheet: None, row: 0, faults: Vec::new() };
    let result = match kind {
        Workbook::Xlsx => xlsx::read(reader, limits, &mut out),
        Workbook::Ods => ods::read(reader, limits, &mut out),
        Workbook::Xlsb => xlsb::read(reader, limits, &mut out),
        Workbook::Xls => xls::read(reader, &mut out),
    };
    if let Err(Halt::Fault(trouble)) = result {
        out.fault(trouble);
    }
    if out.faults.is_empty() { Ok(()) } else { Err(SheetError { faults: out.faults }) }
}

/// Whether a workbook that was taken for XLSX is one of the binary kind. It is read from
/// its start afterwards; what is wrong with it is said then.
pub fn exact_kind<R: Read + Seek>(reader: &mut R, kind: Workbook) -> io::Result<Workbook> {
    let binary = kind == Workbook::Xlsx && xlsx::is_binary(&mut *reader);
    reader.rewind()?;
    Ok(if binary { Workbook::Xlsb } else { kind })
}

/// Where the texts of an XLSX workbook stand.
pub(super) fn text_parts<R: Read + Seek>(reader: R) -> Result<TextParts, SheetTrouble> {
    xlsx::text_parts(reader, &Limits::default()).map_err(|halt| match halt {
        Halt::Fault(trouble) => trouble,
        Halt::Asked => SheetTrouble::Damaged("its reading was stopped".to_owned()),
    })
}

/// The kind of a workbook, by its first bytes (54 are enough) and, where they leave it
/// open, its name. ZIP archives that are no workbooks must have been sorted out before,
/// as [`container::open`] does.
pub fn workbook_kind(head: &[u8], name: &str) -> Option<Workbook> {
    const ODS: &[u8] = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet";
    if head.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        return Some(Workbook::Xls);
    }
    if !head.starts_with(b"PK\x03\x04") {
        return None;
    }
    let ods = head.get(30..).is_some_and(|entry| entry.starts_with(ODS))
        || name.to_lowercase().ends_with(".ods");
    Some(if ods { Workbook::Ods } else { Workbook::Xlsx })
}

/// A cell as spreadsheets call it: `C12` for row 12 (from 1) and column 2 (from 0).
pub fn cell_name(row: u32, column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = u64::from(column) + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    let letters: String = letters.into_iter().rev().collect();
    format!("{letters}{row}")
}

/// Row (from 1) and column (from 0) of a cell's name; none if it is no such.
pub(super) fn cell_place(name: &str) -> Option<(u32, u32)> {
    let letters = name.bytes().take_while(u8::is_ascii_alphabetic).count();
    let mut column = 0_u32;
    for byte in name.get(..letters)?.bytes() {
        let digit = u32::from(byte.to_ascii_uppercase() - b'A') + 1;
        column = column.checked_mul(26)?.checked_add(digit)?;
    }
    let row: u32 = name.get(letters..)?.parse().ok()?;
    Some((row, column.checked_sub(1)?))
}

/// Why the reading ends early.
#[derive(Debug)]
enum Halt {
    /// The visitor asked for it.
    Asked,
    Fault(SheetTrouble),
}

impl Halt {
    fn damaged(what: impl Into<String>) -> Self {
        Self::Fault(SheetTrouble::Damaged(what.into()))
    }
}

impl From<&io::Error> for Halt {
    fn from(error: &io::Error) -> Self {
        if container::is_limit(error) {
            return Self::Fault(SheetTrouble::TooLarge);
        }
        // What a guarded reader says of itself is not said twice.
        if let Some(Trouble::Damaged(what)) = error.get_ref().and_then(|inner| inner.downcast_ref())
        {
            return Self::damaged(what.clone());
        }
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::damaged("it ends too early"),
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other => {
                Self::damaged(error.to_string())
            }
            kind => Self::Fault(SheetTrouble::Unreadable(kind, error.to_string())),
        }
    }
}

/// Where events go.
struct Out<'o> {
    visit: &'o mut dyn FnMut(SheetEvent) -> ControlFlow<()>,
    sheet: Option<String>,
    /// The last row of the sheet that was passed on.
    row: u32,
    faults: Vec<SheetFault>,
}

impl Out<'_> {
    fn emit(&mut self, event: SheetEvent) -> Result<(), Halt> {
        match (self.visit)(event) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Halt::Asked),
        }
    }

    fn start(&mut self, name: &str, hidden: bool) -> Result<(), Halt> {
        (self.sheet, self.row) = (Some(name.to_owned()), 0);
        self.emit(SheetEvent::Start { name: name.to_owned(), hidden })
    }

    /// Passes on a row, unless it is empty, and empties it.
    fn row(&mut self, row: u32, cells: &mut Vec<(u32, String)>) -> Result<(), Halt> {
        self.row = row;
        if cells.is_empty() {
            return Ok(());
        }
        self.emit(SheetEvent::Row { row, cells: std::mem::take(cells) })
    }

    fn fault(&mut self, trouble: SheetTrouble) {
        self.faults.push(SheetFault { sheet: self.sheet.clone(), row: self.row, trouble });
    }

    /// Notes a fault and lets the reading go on; a wish to stop is passed on.
    fn settle(&mut self, result: Result<(), Halt>) -> Result<(), Halt> {
        match result {
            Err(Halt::Fault(trouble)) => {
                self.fault(trouble);
                Ok(())
            }
            other => other,
        }
    }
}
