//! XLSB, through calamine: its cells. Comments are not read, and that is said.

use std::io::{Read, Seek};

use calamine::{Data, Reader, SheetType, SheetVisible, Xlsb, XlsbError};

use super::package::Package;
use super::xls::{guarded, text};
use super::{Halt, Out, SheetTrouble};
use crate::scan::container::Limits;

/// Reads an XLSB workbook.
pub(super) fn read<R: Read + Seek>(
    mut reader: R,
    limits: &Limits,
    out: &mut Out<'_>,
) -> Result<(), Halt> {
    let mut package = Package::open(&mut reader, limits)?;
    // What is read below has no limits of its own.
    package.measure()?;
    let has_comments = package.paths().any(|path| path.contains("comment"));
    drop(package);
    reader.rewind().map_err(|error| Halt::from(&error))?;
    let mut workbook = guarded(|| Xlsb::new(&mut reader))?.map_err(|error| halt(&error))?;
    for sheet in workbook.sheets_metadata().to_vec() {
        out.start(&sheet.name, sheet.visible != SheetVisible::Visible)?;
        if sheet.typ == SheetType::WorkSheet {
            let result = rows(&mut workbook, &sheet.name, out);
            out.settle(result)?;
        }
    }
    if has_comments {
        out.sheet = None;
        out.fault(SheetTrouble::Comments);
    }
    Ok(())
}

fn rows<R: Read + Seek>(
    workbook: &mut Xlsb<R>,
    sheet: &str,
    out: &mut Out<'_>,
) -> Result<(), Halt> {
    let cells = guarded(|| workbook.worksheet_cells_reader(sheet))?;
    let mut cells = cells.map_err(|error| halt(&error))?;
    let (mut row, mut texts) = (0, Vec::new());
    let result = loop {
        let cell = match guarded(|| cells.next_cell()) {
            Ok(Ok(Some(cell))) => cell,
            Ok(Ok(None)) => break Ok(()),
            Ok(Err(error)) => break Err(halt(&error)),
            Err(halt) => break Err(halt),
        };
        let (of_row, column) = cell.get_position();
        if of_row.saturating_add(1) != row {
            out.row(row, &mut texts)?;
            row = of_row.saturating_add(1);
        }
        let text = text(&Data::from(cell.get_value().clone()));
        if !text.is_empty() {
            texts.push((column, text));
        }
    };
    out.row(row, &mut texts)?;
    result
}

fn halt(error: &XlsbError) -> Halt {
    match error {
        XlsbError::Password => Halt::Fault(SheetTrouble::Protected),
        XlsbError::Io(error) => Halt::from(error),
        error => Halt::damaged(error.to_string()),
    }
}
