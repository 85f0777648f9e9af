//! Files to parts, parts to workers, results in order.
//!
//! One thread reads and cuts; the workers take records apart and scan them; the caller
//! gets what came of each part in the order of the files. So many parts are under way
//! at a time, and no more: what is held does not grow with the files.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Read, Seek};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, mpsc};

use crate::dates::Order;
use crate::error::Error;
use crate::facts::FactValue;
use crate::finding::Notice;
use crate::input::{Layout, ReadOptions, Rows, dialect, tell_repeated};
use crate::pack::DATE_ORDER;
use crate::run::{Run, plain};
use crate::text::Encoding;

use super::chunks::{Chunk, Chunks, whole_rows};
use super::columns::Wanted;
use super::container::{self, Limits, Member};
use super::header::{first_row, is_record, short_names};
use super::json_rows;
use super::model::{ColumnRead, FileSummary};
use super::part::{self, FileContext, Keys, Part, Records, SharedFile};
use super::sheet_rows::{SheetRow, SheetRows};
use super::sheets::{self, SheetEvent};

/// Rows of a sheet that make one part.
const SHEET_ROWS: usize = 2_000;
/// Rows that decide which columns hold text.
const SAMPLE_ROWS: usize = 200;

/// What is said of a table whose first row is a record.
const NAMELESS: &str = "the first row looks like a record and not like names of columns, so it was \
                        scanned as a record, and the columns are called by their numbers";

/// A file to scan.
#[derive(Clone, Debug)]
pub struct Input {
    /// Where it is.
    pub path: PathBuf,
    /// As shown to people.
    pub name: String,
}

/// How files are scanned.
#[derive(Debug)]
pub struct Setup<'s> {
    /// The packs, the facts and what is shown.
    pub run: &'s Run,
    /// Which columns are read.
    pub wanted: Wanted,
    /// Which columns say whose and of when a record is.
    pub keys: Keys,
    /// The encoding of all text files, where the caller knows it.
    pub encoding: Option<Encoding>,
    /// Whether tables have no header.
    pub no_header: bool,
    /// How far archives may be unpacked.
    pub limits: Limits,
    /// How much of a text is scanned at once, in bytes.
    pub chunk: usize,
    /// How many threads scan.
    pub threads: usize,
    /// Set to stop: what is under way is finished, and the rest is said not to be.
    pub stop: &'s AtomicBool,
    /// Bytes read so far, unpacked.
    pub progress: &'s AtomicU64,
}

/// What the caller is told, in the order of the files.
#[derive(Debug)]
pub enum Event {
    /// A file, a member of an archive or a sheet begins.
    Begins(Box<FileSummary>, SharedFile),
    /// Some of its records were scanned.
    Part(Box<Part>),
    /// It ends: the digest of its bytes, and their number.
    Ends(String, u64),
    /// Something people must know.
    Notice(Notice),
}

/// Scans files. `take` gets what came of them, in order; where it fails, nothing more
/// is read.
///
/// # Errors
///
/// Where the packs cannot be compiled, threads cannot be started, or `take` fails.
pub fn scan(
    setup: &Setup<'_>,
    inputs: &[Input],
    take: &mut dyn FnMut(Event) -> Result<(), Error>,
) -> Result<(), Error> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(setup.threads)
        .build()
        .map_err(|error| Error::Usage(format!("cannot start the threads: {error}")))?;
    let tickets = Tickets::new(setup.threads * 4 + 4);
    let (sender, results) = mpsc::channel::<(u64, Result<Event, Error>)>();
    let mut failed = None;
    std::thread::scope(|threads| {
        threads.spawn(|| {
            pool.in_place_scope(|workers| {
                let mut feeder = Feeder { setup, sender, tickets: &tickets, next: 0 };
                for input in inputs {
                    feeder.input(workers, input);
                }
            });
        });
        let mut waiting = BTreeMap::new();
        let mut next = 0;
        for (number, result) in results {
            waiting.insert(number, result);
            while let Some(result) = waiting.remove(&next) {
                next += 1;
                tickets.give_back();
                if failed.is_some() {
                    continue;
                }
                if let Err(error) = result.and_then(&mut *take) {
                    setup.stop.store(true, Ordering::Relaxed);
                    failed = Some(error);
                }
            }
        }
    });
    failed.map_or(Ok(()), Err)
}

/// As many parts as may be under way.
#[derive(Debug)]
struct Tickets {
    free: Mutex<usize>,
    given_back: Condvar,
}

impl Tickets {
    fn new(free: usize) -> Self {
        Self { free: Mutex::new(free), given_back: Condvar::new() }
    }

    fn take(&self) {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free == 0 {
            free = self.given_back.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= 1;
    }

    fn give_back(&self) {
        *self.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.given_back.notify_one();
    }
}

type Workers<'w, 'scope> = &'w rayon::Scope<'scope>;

/// Reads the files, one after the other.
struct Feeder<'s> {
    setup: &'s Setup<'s>,
    sender: mpsc::Sender<(u64, Result<Event, Error>)>,
    tickets: &'s Tickets,
    /// The number of the next event.
    next: u64,
}

impl<'s> Feeder<'s> {
    fn number(&mut self) -> u64 {
        self.tickets.take();
        self.next += 1;
        self.next - 1
    }

    fn tell(&mut self, event: Event) {
        let number = self.number();
        // Nobody listens any more only where the caller has failed.
        let _ = self.sender.send((number, Ok(event)));
    }

    fn notice(&mut self, path: &str, line: Option<u64>, message: String, unchecked: bool) {
        let line = line.and_then(|line| usize::try_from(line).ok());
        self.tell(Event::Notice(Notice { path: path.to_owned(), line, message, unchecked }));
    }

    fn stopped(&self) -> bool {
        self.setup.stop.load(Ordering::Relaxed)
    }

    fn spawn(&mut self, workers: Workers<'_, 's>, file: &SharedFile, records: Records) {
        let (setup, file, sender) = (self.setup, Arc::clone(file), self.sender.clone());
        let number = self.number();
        workers.spawn(move |_| {
            let part = part::scan(setup.run, &file, &setup.keys, records);
            let _ = sender.send((number, part.map(|part| Event::Part(Box::new(part)))));
        });
    }

    fn input(&mut self, workers: Workers<'_, 's>, input: &Input) {
        if self.stopped() {
            self.notice(
                &input.name,
                None,
                "not scanned: the scan was stopped before it".into(),
                true,
            );
            return;
        }
        let limits = self.setup.limits.clone();
        let opened = container::open(&input.path, &input.name, &limits, &mut |member| {
            self.member(workers, input, member)
        });
        if let Err(error) = opened {
            for fault in error.faults {
                self.notice(&fault.name, None, fault.trouble.to_string(), true);
            }
            if let Some(error) = error.stopped {
                self.notice(&input.name, None, format!("cannot be read: {}", plain(&error)), true);
            }
        }
    }

    fn member(
        &mut self,
        workers: Workers<'_, 's>,
        input: &Input,
        member: Member<'_>,
    ) -> io::Result<()> {
        let name = member.name;
        if self.stopped() {
            self.notice(&name, None, "not scanned: the scan was stopped before it".into(), true);
            return Ok(());
        }
        let mut reader = Counted { reader: member.reader, progress: self.setup.progress };
        let mut first = Vec::new();
        (&mut reader).take(4096).read_to_end(&mut first)?;
        if first.is_empty() {
            self.notice(&name, None, "is empty: there is nothing in it to scan".into(), false);
        }
        if let Some(kind) = sheets::workbook_kind(&first, &name) {
            let rest = io::Cursor::new(first).chain(reader);
            if member.on_disk {
                let mut hasher = blake3::Hasher::new();
                io::copy(&mut { rest }, &mut hasher)?;
                let about = (hasher.finalize().to_hex().to_string(), hasher.count());
                let file = std::fs::File::open(&input.path)?;
                self.workbook(workers, input, &name, kind, about, file);
            } else {
                // To be read from several places, a packed workbook is unpacked whole.
                let mut bytes = Vec::new();
                let mut rest = rest;
                rest.read_to_end(&mut bytes)?;
                let about = (blake3::hash(&bytes).to_hex().to_string(), bytes.len() as u64);
                self.workbook(workers, input, &name, kind, about, io::Cursor::new(bytes));
            }
            return Ok(());
        }
        let reader = io::Cursor::new(first).chain(reader);
        let mut chunks = Chunks::new(reader, self.setup.encoding, self.setup.chunk)?;
        let ending = ending(&name);
        let is_json = json_rows::is_json(&ending, &chunks.peek().text);
        let result = if is_json {
            self.json(workers, input, &name, &mut chunks)
        } else {
            self.table(workers, input, &name, &ending, &mut chunks)
        };
        // Who opened the file says what is wrong with it, once.
        result
    }

    /// What all parts of a file share; tells the caller that it begins.
    fn begin(
        &mut self,
        input: &Input,
        name: &str,
        sheet: Option<&str>,
        format: &str,
        encoding: Option<Encoding>,
        delimiter: u8,
        header: Vec<String>,
        sample: &[Vec<String>],
    ) -> Option<SharedFile> {
        let chosen = match self.setup.wanted.choose(&header, sample) {
            Ok(chosen) => chosen,
            Err(error) => {
                self.notice(name, None, error.to_string(), true);
                return None;
            }
        };
        for column in [&self.setup.keys.id, &self.setup.keys.group, &self.setup.keys.date] {
            if let Some(column) = column
                && !header.iter().any(|name| crate::record::same_name(name, column))
            {
                let error = crate::input::missing_column(column, &header);
                self.notice(name, None, error.to_string(), true);
            }
        }
        let (columns, read): (Vec<usize>, Vec<ColumnRead>) = chosen.into_iter().unzip();
        let mut asked = self.setup.run.set.record_fields();
        let keys = [&self.setup.keys.id, &self.setup.keys.group, &self.setup.keys.date];
        asked.extend(keys.into_iter().flatten().cloned());
        let options = ReadOptions { record_fields: Arc::new(asked), ..ReadOptions::default() };
        let unread = (0..header.len())
            .filter(|at| !columns.contains(at))
            .map(|at| header[at].clone())
            .collect();
        let layout = Layout::new(delimiter, header, columns, &options);
        let repeated: Vec<String> =
            layout.repeated().map(|(name, times, _)| tell_repeated(name, times)).collect();
        let (facts, notices) = self.setup.run.facts_of_table(name, &input.path);
        let order = match facts.get(DATE_ORDER) {
            Some(FactValue::Text(name)) => Order::by_name(name),
            _ => None,
        };
        let about = FileSummary {
            path: name.to_owned(),
            sheet: sheet.map(str::to_owned),
            format: format.to_owned(),
            encoding: encoding.map(|encoding| encoding.name().to_owned()),
            columns: read,
            unread,
            ..FileSummary::default()
        };
        let file = Arc::new(FileContext {
            name: name.to_owned(),
            sheet: sheet.map(str::to_owned),
            facts,
            layout,
            all_keys: self.setup.wanted.fields.is_empty(),
            order,
        });
        self.tell(Event::Begins(Box::new(about), Arc::clone(&file)));
        for message in repeated {
            self.notice(name, Some(1), message, false);
        }
        for notice in notices {
            self.tell(Event::Notice(notice));
        }
        Some(file)
    }

    /// The columns that the caller names.
    fn asked(&self) -> impl Iterator<Item = &String> {
        let Setup { wanted, keys, .. } = self.setup;
        let keys = [&keys.id, &keys.group, &keys.date].into_iter().flatten();
        wanted.fields.iter().chain(&wanted.excluded).chain(keys)
    }

    fn table<R: Read>(
        &mut self,
        workers: Workers<'_, 's>,
        input: &Input,
        name: &str,
        ending: &str,
        chunks: &mut Chunks<R>,
    ) -> io::Result<()> {
        let peeked = chunks.peek().text;
        let tabs = matches!(ending, "tsv" | "tab");
        let (from, delimiter) = dialect(&peeked, tabs);
        let mut rows = Rows::new(&peeked, from, delimiter);
        let mut cells = Vec::new();
        let mut row = |rows: &mut Rows<'_>| {
            rows.read(&mut cells)
                .then(|| cells.iter().map(|cell| cell.text(&peeked).text).collect::<Vec<String>>())
        };
        let mut start = from;
        let mut unclosed = false;
        let mut header: Option<Vec<String>> = None;
        if !self.setup.no_header {
            let first = first_row(&peeked, from, delimiter);
            (start, unclosed) = (first.end, first.unclosed);
            rows = Rows::new(&peeked, start, delimiter);
            header = Some(first.cells);
        }
        let mut sample = Vec::new();
        while sample.len() < SAMPLE_ROWS
            && let Some(cells) = row(&mut rows)
        {
            sample.push(cells);
        }
        let mut nameless = false;
        if let Some(first) = header.take_if(|first| is_record(first, &sample, self.asked())) {
            nameless = true;
            start = from;
            sample.insert(0, first);
        }
        let header = header.unwrap_or_else(|| {
            let width = sample.iter().map(Vec::len).max().unwrap_or_default();
            vec![String::new(); width]
        });
        let format = if delimiter == b'\t' { "tsv" } else { "csv" };
        let header = short_names(&header);
        let encoding = Some(chunks.encoding());
        let Some(file) =
            self.begin(input, name, None, format, encoding, delimiter, header, &sample)
        else {
            return Ok(());
        };
        if nameless {
            self.notice(name, Some(1), NAMELESS.into(), false);
        }
        if unclosed {
            let message = "a quote opened in the header is never closed; it was read as if it \
                           were closed at the end of the line, and the names of the columns \
                           may be wrong";
            self.notice(name, Some(1), message.into(), true);
        }
        let mut first = true;
        let result = self.chunks(
            workers,
            &file,
            chunks,
            |text, goes_on| {
                let start = if std::mem::take(&mut first) { start } else { 0 };
                whole_rows(text, start.min(text.len()), &file.layout, goes_on)
            },
            |mut chunk| {
                if chunk.records == 0 && chunk.lines == 0 {
                    chunk.start = start.min(chunk.source.text.len());
                }
                Records::Rows(chunk)
            },
        );
        self.tell(Event::Ends(chunks.digest(), chunks.read_bytes() as u64));
        result
    }

    fn json<R: Read>(
        &mut self,
        workers: Workers<'_, 's>,
        input: &Input,
        name: &str,
        chunks: &mut Chunks<R>,
    ) -> io::Result<()> {
        let peeked = chunks.peek().text;
        let (header, sample) = json_rows::sample(&peeked, SAMPLE_ROWS);
        let mut splitter = json_rows::Splitter::of(&peeked);
        let encoding = Some(chunks.encoding());
        let format = splitter.format();
        let Some(file) = self.begin(input, name, None, format, encoding, b',', header, &sample)
        else {
            return Ok(());
        };
        let before = RefCell::new(splitter.clone());
        let result = self.chunks(
            workers,
            &file,
            chunks,
            |text, goes_on| {
                // Each part is taken apart from where the one before it ended.
                before.replace(splitter.clone());
                splitter.ends(text, goes_on)
            },
            |chunk| Records::Json(chunk, before.borrow().clone()),
        );
        self.tell(Event::Ends(chunks.digest(), chunks.read_bytes() as u64));
        result
    }

    /// Passes a file on, part by part.
    fn chunks<R: Read>(
        &mut self,
        workers: Workers<'_, 's>,
        file: &SharedFile,
        chunks: &mut Chunks<R>,
        mut ends: impl FnMut(&str, bool) -> (usize, u64),
        records: impl Fn(Chunk) -> Records,
    ) -> io::Result<()> {
        while let Some(chunk) = chunks.next(&mut ends)? {
            if self.stopped() {
                let message = format!(
                    "stopped: the records behind number {} were not scanned",
                    chunk.records
                );
                self.notice(&file.name, Some(chunk.lines + 1), message, true);
                return Ok(());
            }
            self.spawn(workers, file, records(chunk));
        }
        Ok(())
    }

    fn workbook(
        &mut self,
        workers: Workers<'_, 's>,
        input: &Input,
        name: &str,
        kind: sheets::Workbook,
        (digest, size): (String, u64),
        reader: impl Read + Seek,
    ) {
        let mut sheet = Sheet::default();
        let read = sheets::read(reader, kind, &mut |event| {
            match event {
                SheetEvent::Start { name: of_sheet, hidden } => {
                    self.end_sheet(workers, input, name, kind, &mut sheet, &digest, size);
                    sheet = Sheet { name: of_sheet, hidden, ..Sheet::default() };
                }
                SheetEvent::Row { row, cells } => {
                    sheet.rows.push(SheetRow { row, cells });
                    if sheet.rows.len() >= SHEET_ROWS {
                        self.rows_of_sheet(workers, input, name, kind, &mut sheet);
                    }
                }
                SheetEvent::Comment { row, column, text } => {
                    sheet.rows.push(SheetRow { row, cells: vec![(column, text)] });
                }
            }
            if self.stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        let empty = sheet.name.is_empty() && sheet.records == 0 && sheet.rows.is_empty();
        self.end_sheet(workers, input, name, kind, &mut sheet, &digest, size);
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
            if let (false, [first, below @ ..]) = (self.setup.no_header, &*sheet.rows) {
                let below: Vec<Vec<String>> =
                    below.iter().take(SAMPLE_ROWS).map(|row| dense(&row.cells)).collect();
                nameless = is_record(&dense(&first.cells), &below, self.asked());
            }
            let header = if self.setup.no_header || nameless {
                sheet_header(&[], &sheet.rows)
            } else {
                sheet_header(&sheet.rows.remove(0).cells, &sheet.rows)
            };
            let sample: Vec<Vec<String>> =
                sheet.rows.iter().take(SAMPLE_ROWS).map(|row| dense(&row.cells)).collect();
            let format = match kind {
                sheets::Workbook::Xlsx => "xlsx",
                sheets::Workbook::Xls => "xls",
                sheets::Workbook::Ods => "ods",
            };
            let of_sheet = Some(sheet.name.as_str());
            sheet.file = self.begin(input, name, of_sheet, format, None, b',', header, &sample);
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

    fn end_sheet(
        &mut self,
        workers: Workers<'_, 's>,
        input: &Input,
        name: &str,
        kind: sheets::Workbook,
        sheet: &mut Sheet,
        digest: &str,
        size: u64,
    ) {
        self.rows_of_sheet(workers, input, name, kind, sheet);
        if sheet.file.is_some() {
            self.tell(Event::Ends(digest.to_owned(), size));
        }
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

/// The ending of a file name in small letters, without that of its compression.
fn ending(name: &str) -> String {
    let lower = name.to_lowercase();
    let bare = lower.strip_suffix(".gz").or_else(|| lower.strip_suffix(".zst")).unwrap_or(&lower);
    bare.rsplit_once('.').map(|(_, ending)| ending.to_owned()).unwrap_or_default()
}

/// Counts what is read, for those who watch.
struct Counted<'s, R> {
    reader: R,
    progress: &'s AtomicU64,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.progress.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
