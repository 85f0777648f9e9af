//! XLSX with some words replaced and all other parts as they are packed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read, Write};
use std::ops::{ControlFlow, Range};

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::xml::{Done, Wanted, rewrite};
use super::{Cell, Copied, CopyError, Redaction, joined};
use crate::scan::container::{Guard, Limits};
use crate::scan::sheets::{self, SheetEvent, TextParts, Workbook, cell_name};

/// Folders whose parts keep copies of what cells say, or data of their own, and are not
/// read.
const UNREAD: &[&str] =
    &["pivotcache/", "slicercaches/", "externallinks/", "charts/", "embeddings/", "model/"];

/// Copies a workbook with the places of `file` replaced: in the strings that cells share,
/// in those that stand in cells, in numbers, dates, formulas and their results, and in
/// comments. A string that another cell shares is replaced there too.
///
/// `writer` gets the whole workbook at once.
///
/// # Errors
///
/// Where the workbook is not the one that was scanned or cannot be read, and where
/// writing fails; what was written by then must be thrown away.
pub fn copy(file: &Redaction, bytes: &[u8], mut writer: impl Write) -> Result<Copied, CopyError> {
    let before = blake3::hash(bytes).to_hex().to_string();
    if before != file.digest {
        return Err(CopyError::Changed);
    }
    let targets = Targets::read(file, bytes)?;
    let mut done = Done::default();
    let mut not_read = Vec::new();
    let written = rewritten(bytes, &targets, &mut done, &mut not_read)?;
    writer.write_all(&written).map_err(CopyError::Write)?;
    writer.flush().map_err(CopyError::Write)?;
    let missed = targets.texts.iter().filter(|(text, _)| !done.texts.contains_key(*text));
    let missed: usize = missed.map(|(_, spans)| spans.len()).sum();
    not_read.sort();
    Ok(Copied {
        before,
        after: blake3::hash(&written).to_hex().to_string(),
        bytes_before: bytes.len() as u64,
        bytes_after: written.len() as u64,
        removed: done.texts.values().sum(),
        not_replaced: missed as u64 + done.left,
        not_read,
    })
}

/// The texts in which something is replaced, and where, in characters.
pub(super) type Texts = BTreeMap<String, Vec<Range<usize>>>;

/// The cells of a sheet in which something is replaced, by row (from 1) and column (from
/// 0): what they say, and where, in characters.
pub(super) type Cells = BTreeMap<(u32, u32), (String, Vec<Range<usize>>)>;

/// What is to be replaced, by the parts of the package.
#[derive(Debug, Default)]
struct Targets {
    /// In strings that cells share and in comments.
    texts: Texts,
    /// By part, in cells.
    cells: BTreeMap<String, Cells>,
    /// By part, the cells whose comment of the older kind is a copy of a thread in which
    /// something is replaced.
    copies: BTreeMap<String, BTreeSet<String>>,
    /// Parts that hold nothing but shared strings or comments.
    strings: BTreeSet<String>,
}

impl Targets {
    /// Reads the workbook as it was scanned: what stands in the cells that are known by
    /// sheet, record and column.
    fn read(file: &Redaction, bytes: &[u8]) -> Result<Self, CopyError> {
        let damaged = |error: &dyn std::fmt::Display| CopyError::Workbook(error.to_string());
        let TextParts { strings, sheets: parts } =
            sheets::text_parts(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
        let mut targets = Self::default();
        targets.strings.extend(strings.iter().map(|path| small(path)));
        for part in &parts {
            let comments = part.comments.iter().chain(&part.threads);
            targets.strings.extend(comments.map(|path| small(path)));
        }
        let mut parts = parts.iter();
        let mut part = None;
        let mut sheet = String::new();
        // How many records there were, or that the header is still to come.
        let mut last = None;
        let read = sheets::read(Cursor::new(bytes), Workbook::Xlsx, &mut |event| {
            let is_comment = matches!(event, SheetEvent::Comment { .. });
            let (row, cells) = match event {
                SheetEvent::Start { name, .. } => {
                    last = file.headless.contains(&name).then_some(0);
                    (sheet, part) = (name, parts.next());
                    return ControlFlow::Continue(());
                }
                SheetEvent::Row { row, cells } => (row, cells),
                SheetEvent::Comment { row, column, text } => (row, vec![(column, text)]),
            };
            // The first of a sheet is its header, unless it has none.
            let Some(before) = last else {
                last = Some(0);
                return ControlFlow::Continue(());
            };
            let record = before + 1;
            last = Some(record);
            for (column, text) in cells {
                let cell = Cell { sheet: sheet.clone(), record, column };
                let Some(spans) = file.words.get(&cell) else { continue };
                targets.texts.entry(text.clone()).or_default().extend(spans.iter().cloned());
                let Some(part) = part else { continue };
                if !is_comment {
                    if let Some(path) = &part.cells {
                        let cells = targets.cells.entry(small(path)).or_default();
                        cells.insert((row, column), (text, joined(spans.clone())));
                    }
                } else if !part.threads.is_empty() {
                    for path in &part.comments {
                        let copies = targets.copies.entry(small(path)).or_default();
                        copies.insert(cell_name(row, column));
                    }
                }
            }
            ControlFlow::Continue(())
        });
        read.map_err(|error| damaged(&error))?;
        for spans in targets.texts.values_mut() {
            *spans = joined(std::mem::take(spans));
        }
        Ok(targets)
    }

    /// The words that are taken out, in small letters; short ones stand in too much else.
    fn words(&self) -> BTreeSet<String> {
        let of = |text: &str, span: &Range<usize>| {
            text.chars().skip(span.start).take(span.len()).collect::<String>().to_lowercase()
        };
        let words = self.texts.iter();
        let words = words.flat_map(|(text, spans)| spans.iter().map(move |span| of(text, span)));
        words.filter(|word| word.chars().count() > 2).collect()
    }

    /// What is to be replaced in a part, if it is one that may be changed.
    fn of(&self, path: &str) -> Option<Wanted<'_>> {
        let (cells, strings) = (self.cells.get(path), self.strings.contains(path));
        (strings || cells.is_some()).then(|| Wanted {
            texts: &self.texts,
            cells,
            copies: self.copies.get(path),
        })
    }
}

/// The path of a part as paths are compared: programs do not agree on capitals.
fn small(path: &str) -> String {
    path.replace('\\', "/").trim_start_matches('/').to_lowercase()
}

/// What a part says beside the cells that were scanned: filters, conditional formats,
/// prompts, headings.
fn beside_cells<'x>(path: &str, xml: &'x str) -> Option<&'x str> {
    if path.contains("/tables/") {
        return Some(xml);
    }
    let (_, behind) = xml.rsplit_once("sheetData>")?;
    path.contains("/worksheets/").then_some(behind)
}

/// The package anew: parts in which nothing is replaced are copied as they are packed.
/// Those that nobody looked into are added to `not_read`.
fn rewritten(
    bytes: &[u8],
    targets: &Targets,
    done: &mut Done,
    not_read: &mut Vec<String>,
) -> Result<Vec<u8>, CopyError> {
    let damaged = |error: &dyn std::fmt::Display| CopyError::Workbook(error.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    let mut writer = ZipWriter::new(Cursor::new(Vec::with_capacity(bytes.len())));
    let words = targets.words();
    for index in 0..archive.len() {
        let mut changed = None;
        let file = archive.by_index(index).map_err(|error| damaged(&error))?;
        let name = file.name().map_err(|error| damaged(&error))?.into_owned();
        let path = small(&name);
        let is_unread = |folder: &str| path.contains(folder) && !path.contains("/_rels/");
        if !file.is_dir() && UNREAD.iter().any(|folder| is_unread(folder)) {
            not_read.push(name.clone());
        }
        let wanted = targets.of(&path);
        if wanted.is_some() || path.contains("/worksheets/") || path.contains("/tables/") {
            let options = SimpleFileOptions::default()
                .compression_method(file.compression())
                .last_modified_time(file.last_modified().unwrap_or_default())
                .large_file(file.size() > u64::from(u32::MAX) / 2);
            let packed = file.compressed_size();
            let mut text = Vec::new();
            let mut reader = Guard::part(file, Limits::default(), packed);
            reader.read_to_end(&mut text).map_err(CopyError::Read)?;
            let text = String::from_utf8(text).ok();
            let beside =
                text.as_deref().map(|text| beside_cells(&path, text).map(str::to_lowercase));
            let says = |beside: String| words.iter().any(|word| beside.contains(&**word));
            if beside.is_none_or(|beside| beside.is_some_and(says)) {
                not_read.push(name.clone());
            }
            if let Some(wanted) = wanted {
                let text = text.ok_or_else(|| {
                    CopyError::Workbook(format!("{name} is not written in UTF-8"))
                })?;
                changed = rewrite(&text, wanted, done)
                    .map_err(|error| CopyError::Workbook(format!("{name}: {error}")))?
                    .map(|text| (text, options));
            }
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
