//! Workbooks (XLSX) with words replaced; everything else is copied as it is packed.

use std::collections::{BTreeMap, HashMap};
use std::io::{Cursor, Read, Write};
use std::ops::{ControlFlow, Range};

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::xml::rewrite;
use super::{Cell, Copied, CopyError, Redaction, joined};
use crate::scan::container::{Guard, Limits};
use crate::scan::sheets::{self, SheetEvent, Workbook};

/// Whether a part of the package holds texts of cells or comments, and may be changed.
fn holds_texts(name: &str) -> bool {
    let name = name.replace('\\', "/").to_lowercase();
    let folder = name.trim_start_matches('/').starts_with("xl/");
    let last = name.rsplit('/').next().unwrap_or_default();
    let of_sheet = name.contains("/worksheets/") && !name.contains("/_rels/");
    let known = last.starts_with("sharedstrings")
        || last.starts_with("comments")
        || last.starts_with("threadedcomment")
        || of_sheet;
    folder && known && last.rsplit_once('.').is_some_and(|(_, ending)| ending == "xml")
}

/// Copies a workbook with the places of `file` replaced: in the strings that cells share,
/// in those that stand in cells, and in comments. A string that another cell shares is
/// replaced there too. Numbers are no text, and are not replaced.
///
/// `no_header` says whether the first row of a sheet was scanned as a record. `writer`
/// gets the whole workbook at once.
///
/// # Errors
///
/// Where the workbook is not the one that was scanned or cannot be read, and where
/// writing fails; what was written by then must be thrown away.
pub fn copy(
    file: &Redaction,
    bytes: &[u8],
    no_header: bool,
    mut writer: impl Write,
) -> Result<Copied, CopyError> {
    let before = blake3::hash(bytes).to_hex().to_string();
    if before != file.digest {
        return Err(CopyError::Changed);
    }
    let texts = texts(file, bytes, no_header)?;
    let mut done = HashMap::new();
    let written = rewritten(bytes, &texts, &mut done)?;
    writer.write_all(&written).map_err(CopyError::Write)?;
    writer.flush().map_err(CopyError::Write)?;
    let missed = texts.iter().filter(|(text, _)| !done.contains_key(*text));
    Ok(Copied {
        before,
        after: blake3::hash(&written).to_hex().to_string(),
        bytes_before: bytes.len() as u64,
        bytes_after: written.len() as u64,
        removed: done.values().sum(),
        not_replaced: missed.map(|(_, spans)| spans.len() as u64).sum(),
    })
}

/// The texts in which something is replaced, and where, in characters.
pub(super) type Texts = BTreeMap<String, Vec<Range<usize>>>;

/// Reads the workbook as it was scanned: what stands in the cells that are known by
/// sheet, record and column.
fn texts(file: &Redaction, bytes: &[u8], no_header: bool) -> Result<Texts, CopyError> {
    let mut texts = Texts::new();
    let mut sheet = String::new();
    let mut record = 0;
    let mut note = |sheet: &str, record: u64, column: u32, text: String| {
        let cell = Cell { sheet: sheet.to_owned(), record, column };
        if let Some(spans) = file.words.get(&cell) {
            texts.entry(text).or_default().extend(spans.iter().cloned());
        }
    };
    let before_first = if no_header { Some(0) } else { None };
    let mut last = before_first;
    let read = sheets::read(Cursor::new(bytes), Workbook::Xlsx, &mut |event| {
        let cells = match event {
            SheetEvent::Start { name, .. } => {
                (sheet, last) = (name, before_first);
                return ControlFlow::Continue(());
            }
            SheetEvent::Row { cells, .. } => cells,
            SheetEvent::Comment { column, text, .. } => vec![(column, text)],
        };
        // The first of a sheet is its header, unless it has none.
        let Some(before) = last else {
            last = Some(0);
            return ControlFlow::Continue(());
        };
        record = before + 1;
        last = Some(record);
        for (column, text) in cells {
            note(&sheet, record, column, text);
        }
        ControlFlow::Continue(())
    });
    read.map_err(|error| CopyError::Workbook(error.to_string()))?;
    for spans in texts.values_mut() {
        *spans = joined(std::mem::take(spans));
    }
    Ok(texts)
}

/// The package anew: parts in which nothing is replaced are copied as they are packed.
fn rewritten(
    bytes: &[u8],
    texts: &Texts,
    done: &mut HashMap<String, u64>,
) -> Result<Vec<u8>, CopyError> {
    let damaged = |error: &dyn std::fmt::Display| CopyError::Workbook(error.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    let mut writer = ZipWriter::new(Cursor::new(Vec::with_capacity(bytes.len())));
    for index in 0..archive.len() {
        let mut changed = None;
        let file = archive.by_index(index).map_err(|error| damaged(&error))?;
        let name = file.name().map_err(|error| damaged(&error))?.into_owned();
        if holds_texts(&name) {
            let options = SimpleFileOptions::default()
                .compression_method(file.compression())
                .last_modified_time(file.last_modified().unwrap_or_default())
                .large_file(file.size() > u64::from(u32::MAX) / 2);
            let packed = file.compressed_size();
            let mut text = Vec::new();
            let mut reader = Guard::part(file, Limits::default(), packed);
            reader.read_to_end(&mut text).map_err(CopyError::Read)?;
            let text = String::from_utf8(text)
                .map_err(|_| CopyError::Workbook(format!("{name} is not written in UTF-8")))?;
            changed = rewrite(&text, texts, done)
                .map_err(|error| CopyError::Workbook(format!("{name}: {error}")))?
                .map(|text| (text, options));
        } else {
            drop(file);
        }
        if let Some((text, options)) = changed {
            writer.start_file(name, options).map_err(|error| damaged(&error))?;
            writer.write_all(text.as_bytes()).map_err(CopyError::Write)?;
        } else {
            let file = archive.by_index_raw(index).map_err(|error| damaged(&error))?;
            writer.raw_copy_file(file).map_err(|error| damaged(&error))?;
        }
    }
    Ok(writer.finish().map_err(|error| damaged(&error))?.into_inner())
}
