//! XLS, through calamine.

use std::io::{Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, Reader, SheetVisible, Xls, XlsError, Xlsx, XlsxError};

use super::values;
use super::{Halt, Out, SheetTrouble};

/// Reads an XLS workbook, or says what else the file is.
pub(super) fn read<R: Read + Seek>(mut reader: R, out: &mut Out<'_>) -> Result<(), Halt> {
    let opened = guarded(|| Xls::new(&mut reader))?;
    let mut workbook = match opened {
        Ok(workbook) => workbook,
        Err(XlsError::Password) => return Err(Halt::Fault(SheetTrouble::Protected)),
        Err(XlsError::Io(error)) => return Err(Halt::from(&error)),
        Err(error) => {
            // An XLSX with a password is a file of the same outer kind.
            if reader.rewind().is_ok()
                && let Err(XlsxError::Password) = guarded(|| Xlsx::new(&mut reader).map(drop))?
            {
                return Err(Halt::Fault(SheetTrouble::Protected));
            }
            return Err(Halt::damaged(error.to_string()));
        }
    };
    let sheets = workbook.sheets_metadata().to_vec();
    for sheet in sheets {
        out.start(&sheet.name, sheet.visible != SheetVisible::Visible)?;
        match guarded(|| workbook.worksheet_range(&sheet.name))? {
            Ok(range) => rows(&range, out)?,
            Err(error) => out.fault(SheetTrouble::Damaged(error.to_string())),
        }
    }
    Ok(())
}

fn rows(range: &calamine::Range<Data>, out: &mut Out<'_>) -> Result<(), Halt> {
    let Some((top, left)) = range.start() else { return Ok(()) };
    for (row, cells) in (top + 1..).zip(range.rows()) {
        let texts = (left..).zip(cells).map(|(column, data)| (column, text(data)));
        out.row(row, &mut texts.filter(|(_, text)| !text.is_empty()).collect())?;
    }
    Ok(())
}

fn text(data: &Data) -> String {
    match data {
        Data::DateTime(date) => values::date(date),
        Data::Bool(value) => if *value { "TRUE" } else { "FALSE" }.to_owned(),
        other => other.to_string(),
    }
}

/// Calls calamine, which panics on some damaged files.
fn guarded<T>(call: impl FnOnce() -> T) -> Result<T, Halt> {
    let result = catch_unwind(AssertUnwindSafe(call));
    result.map_err(|_| Halt::damaged("its structure makes no sense"))
}
