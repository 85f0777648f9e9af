//! XLS, through calamine: its cells. Comments are not read, and that is said.

use std::cell::Cell;
use std::io::{self, Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

use memchr::memmem;

use calamine::{Data, Reader, SheetVisible, Xls, XlsError, Xlsx, XlsxError};

use super::compound::chains_end;
use super::values;
use super::{Halt, Out, SheetTrouble};

/// Reads an XLS workbook, or says what else the file is.
pub(super) fn read<R: Read + Seek>(mut reader: R, out: &mut Out<'_>) -> Result<(), Halt> {
    let has_comments = has_comments(&mut reader).map_err(|error| Halt::from(&error))?;
    if !chains_end(&mut reader).map_err(|error| Halt::from(&error))? {
        return Err(Halt::damaged("its parts lead back to themselves"));
    }
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
    if has_comments {
        out.sheet = None;
        out.fault(SheetTrouble::Comments);
    }
    Ok(())
}

/// Whether there is a text that stands in no cell: each begins with a record of this kind
/// and length (`TxO`, [MS-XLS] 2.4.329). The reader is at its start afterwards.
fn has_comments<R: Read + Seek>(reader: &mut R) -> io::Result<bool> {
    const TEXT_OBJECT: &[u8] = b"\xB6\x01\x12\x00";
    let finder = memmem::Finder::new(TEXT_OBJECT);
    let mut buffer = Vec::new();
    let mut found = false;
    loop {
        let kept = buffer.len().min(TEXT_OBJECT.len() - 1);
        buffer.drain(..buffer.len() - kept);
        if reader.by_ref().take(1 << 16).read_to_end(&mut buffer)? == 0 || found {
            break;
        }
        found = finder.find(&buffer).is_some();
    }
    reader.rewind()?;
    Ok(found)
}

fn rows(range: &calamine::Range<Data>, out: &mut Out<'_>) -> Result<(), Halt> {
    let Some((top, left)) = range.start() else { return Ok(()) };
    for (row, cells) in (top + 1..).zip(range.rows()) {
        let texts = (left..).zip(cells).map(|(column, data)| (column, text(data)));
        out.row(row, &mut texts.filter(|(_, text)| !text.is_empty()).collect())?;
    }
    Ok(())
}

/// What a cell says.
pub(super) fn text(data: &Data) -> String {
    match data {
        Data::DateTime(date) => values::date(date),
        Data::Bool(value) => if *value { "TRUE" } else { "FALSE" }.to_owned(),
        other => other.to_string(),
    }
}

thread_local! {
    /// Whether a panic on this thread is nothing that people should read of.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Calls calamine, which panics on some damaged files.
pub(super) fn guarded<T>(call: impl FnOnce() -> T) -> Result<T, Halt> {
    static HOOK: Once = Once::new();
    // What a panic says would be printed, and can quote the file.
    HOOK.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| {
            if !QUIET.get() {
                before(panic);
            }
        }));
    });
    QUIET.set(true);
    let result = catch_unwind(AssertUnwindSafe(call));
    QUIET.set(false);
    result.map_err(|_| Halt::damaged("its structure makes no sense"))
}
