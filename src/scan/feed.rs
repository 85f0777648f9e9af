//! Reads files, cuts them where records start, and passes the parts on.

use std::cell::RefCell;
use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};

use crate::dates::Order;
use crate::error::{Error, plain};
use crate::facts::FactValue;
use crate::finding::Notice;
use crate::input::{Layout, ReadOptions, Rows, dialect, tell_repeated};
use crate::pack::DATE_ORDER;
use crate::text::Encoding;

use super::chunks::{Chunk, Chunks, whole_rows};
use super::columns::{EMPTY, FOR_RULES};
use super::container::{self, Member};
use super::header::{first_row, is_record, short_names};
use super::json_rows;
use super::model::{ColumnRead, FileSummary};
use super::part::{self, FileContext, Records, SharedFile};
use super::pipeline::{Event, Input, Setup, Tickets, Workers};
use super::sample::seed;
use super::sheets;
use super::shown::ShownNames;

/// Rows that decide which columns hold text.
pub(super) const SAMPLE_ROWS: usize = 200;

/// What is said of a table whose first row is a record.
pub(super) const NAMELESS: &str = "the first row looks like a record and not like names of columns, so it was \
                        scanned as a record, and the columns are called by their numbers";

/// Reads the files, one after the other.
pub(super) struct Feeder<'s> {
    pub setup: &'s Setup<'s>,
    sender: mpsc::Sender<(u64, Result<Event, Error>)>,
    tickets: &'s Tickets,
    /// The number of the next event.
    next: u64,
}

impl<'s> Feeder<'s> {
    pub fn new(
        setup: &'s Setup<'s>,
        sender: mpsc::Sender<(u64, Result<Event, Error>)>,
        tickets: &'s Tickets,
    ) -> Self {
        Self { setup, sender, tickets, next: 0 }
    }

    fn number(&mut self) -> u64 {
        self.tickets.take();
        self.next += 1;
        self.next - 1
    }

    pub fn tell(&mut self, event: Event) {
        let number = self.number();
        // Nobody listens any more only where the caller has failed.
        let _ = self.sender.send((number, Ok(event)));
    }

    pub fn notice(&mut self, path: &str, line: Option<u64>, message: String, unchecked: bool) {
        let line = line.and_then(|line| usize::try_from(line).ok());
        self.tell(Event::Notice(Notice { path: path.to_owned(), line, message, unchecked }));
    }

    pub fn stopped(&self) -> bool {
        self.setup.stop.load(Ordering::Relaxed)
    }

    pub fn spawn(&mut self, workers: Workers<'_, 's>, file: &SharedFile, records: Records) {
        let (setup, file, sender) = (self.setup, Arc::clone(file), self.sender.clone());
        let number = self.number();
        workers.spawn(move |_| {
            let part = part::scan(setup, &file, records);
            let _ = sender.send((number, part.map(|part| Event::Part(Box::new(part)))));
        });
    }

    pub fn input(&mut self, workers: Workers<'_, 's>, input: &Input) {
        if self.stopped() {
            self.notice(
                &input.name,
                None,
                "not scanned: the scan was stopped before it".into(),
                true,
            );
            return;
        }
        let limits = self.setup.limits;
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
        let read = (&mut reader).take(4096).read_to_end(&mut first);
        // What came before an error can be scanned, and the error comes again.
        if first.is_empty() {
            read?;
        }
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
        let is_json = json_rows::is_json(&ending, &chunks.peek_within_lines().text);
        let result = if is_json {
            self.json(workers, input, &name, &ending, &mut chunks)
        } else {
            self.table(workers, input, &name, &ending, &mut chunks)
        };
        // Who opened the file says what is wrong with it, once.
        result
    }

    /// What all parts of a file share; tells the caller that it begins.
    pub fn begin(&mut self, input: &Input, name: &str, opening: Opening<'_>) -> Option<SharedFile> {
        let Opening { sheet, format, encoding, delimiter, header, headed, sample } = opening;
        let (facts, notices) = self.setup.run.facts_of_table(name, &input.path);
        let shown = match ShownNames::of(self.setup.run, &facts, &header) {
            Ok(shown) => shown,
            Err(error) => {
                self.notice(name, None, error.to_string(), true);
                return None;
            }
        };
        let chosen = match self.setup.wanted.choose(&header, sample) {
            Ok(chosen) => chosen,
            Err(error) => {
                self.notice(name, None, shown.message(error.to_string()), true);
                return None;
            }
        };
        for column in self.setup.keys.named() {
            if !header.iter().any(|name| crate::record::same_name(name, column)) {
                let error = crate::input::missing_column(column, &header).to_string();
                self.notice(name, None, shown.message(error), true);
            }
        }
        let mut asked = self.setup.run.set.record_fields();
        asked.extend(self.setup.keys.named().cloned());
        // What rules or the caller ask for as a value is no text because it comes late.
        let late_value = |read: &ColumnRead| {
            read.why == EMPTY && asked.iter().any(|name| crate::record::same_name(&read.name, name))
        };
        let chosen = chosen.into_iter().filter(|(_, read)| !late_value(read));
        let (columns, mut read): (Vec<usize>, Vec<ColumnRead>) = chosen.unzip();
        let options = ReadOptions { record_fields: Arc::new(asked), ..ReadOptions::default() };
        let layout = Layout::new(delimiter, header, columns, &options);
        let mut unread = vec![true; layout.names.len()];
        for &at in &layout.columns {
            unread[at] = false;
        }
        for (at, name) in layout.asked() {
            if std::mem::take(&mut unread[at]) {
                read.push(ColumnRead { name: name.to_string(), why: FOR_RULES.to_owned() });
            }
        }
        for column in &mut read {
            column.name = shown.name(&column.name).to_owned();
        }
        let unread = layout.names.iter().zip(unread).filter(|(_, unread)| *unread);
        let unread = unread.map(|(name, _)| shown.name(name).to_owned()).collect();
        let repeated: Vec<String> = layout
            .repeated()
            .map(|(name, times, _)| shown.message(tell_repeated(name, times)))
            .collect();
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
        let masked = shown.masked();
        let file = Arc::new(FileContext {
            name: name.to_owned(),
            sheet: sheet.map(str::to_owned),
            facts,
            layout,
            headed,
            shown,
            all_keys: self.setup.wanted.fields.is_empty(),
            order,
            seed: seed(name, sheet),
        });
        self.tell(Event::Begins(Box::new(about), Arc::clone(&file)));
        if headed && masked > 0 {
            let names = if masked == 1 { "the name" } else { "names" };
            let message = format!(
                "rules find words in {names} of {masked} column{}, which are not scanned and stay \
                 in copies; if the first row is a record, scan again with --no-header",
                if masked == 1 { "" } else { "s" }
            );
            self.notice(name, Some(1), message, false);
        }
        for message in repeated {
            self.notice(name, Some(1), message, false);
        }
        for notice in notices {
            self.tell(Event::Notice(notice));
        }
        Some(file)
    }

    /// The columns that the caller names.
    pub fn asked(&self) -> impl Iterator<Item = &String> {
        let Setup { wanted, keys, .. } = self.setup;
        wanted.fields.iter().chain(&wanted.excluded).chain(keys.named())
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
        let headed = header.is_some();
        let header = header.unwrap_or_else(|| {
            let width = sample.iter().map(Vec::len).max().unwrap_or_default();
            vec![String::new(); width]
        });
        let format = if delimiter == b'\t' { "tsv" } else { "csv" };
        let header = short_names(&header);
        let encoding = Some(chunks.encoding());
        let Some(file) = self.begin(
            input,
            name,
            Opening { sheet: None, format, encoding, delimiter, header, headed, sample: &sample },
        ) else {
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
                let start = if first { start } else { 0 };
                if start > text.len() && goes_on {
                    return (0, 0);
                }
                let rows = whole_rows(text, start.min(text.len()), &file.layout, goes_on);
                first &= rows.0 == 0;
                rows
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
        ending: &str,
        chunks: &mut Chunks<R>,
    ) -> io::Result<()> {
        let mut peeked = chunks.peek_within_lines().text;
        let mut splitter = json_rows::Splitter::of(&peeked, ending);
        if splitter.by_line() {
            peeked = chunks.peek().text;
        } else {
            chunks.end_within_lines();
        }
        let (header, sample) = json_rows::sample(&peeked, &splitter, SAMPLE_ROWS);
        let encoding = Some(chunks.encoding());
        let format = splitter.format();
        let Some(file) = self.begin(
            input,
            name,
            Opening {
                sheet: None,
                format,
                encoding,
                delimiter: b',',
                header,
                headed: false,
                sample: &sample,
            },
        ) else {
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
}

/// What the first bytes of a file tell.
pub(super) struct Opening<'o> {
    pub sheet: Option<&'o str>,
    pub format: &'o str,
    pub encoding: Option<Encoding>,
    pub delimiter: u8,
    pub header: Vec<String>,
    /// Whether the names of the columns are those of the first row.
    pub headed: bool,
    pub sample: &'o [Vec<String>],
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
