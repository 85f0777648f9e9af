//! The record of runs: one JSON object a line, each sealed and chained to the one before.
//!
//! A line is a [`Entry`]. Its last key is `hash`: BLAKE3, in small hexadecimal, of the
//! bytes of the line with `,"hash":"…"` taken out (from the `{` to the `}`, without the
//! newline). `previous` holds the hash of the line before, [`GENESIS`] in the first, and
//! `sequence` counts from 1. Anybody can check a line with `sed` and `b3sum`.
//!
//! The chain has no secret: whoever can write the file can write all of it anew, or cut
//! lines off its end. Against that helps the last hash, kept where they cannot reach it.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::model::{FileSummary, Sample, Summary};
use crate::emit::plain;
use crate::finding::PackReport;
use crate::pack::Severity;

#[cfg(test)]
mod append_tests;
mod verify;
#[cfg(test)]
mod verify_tests;

pub use verify::{Break, Damage, Kept, Verified, verify};

/// Rises with every change that could break a reader of the log.
pub const SCHEMA_VERSION: u32 = 1;

/// What stands as the hash of the line before in the first line.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Bytes a line can have. A run over a million files fits.
const LINE_LIMIT: usize = 512 << 20;

/// What stands between the rest of a line and its hash, and behind the hash.
const SEAL: (&str, &str) = (",\"hash\":\"", "\"}");

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// [`SCHEMA_VERSION`] when the line was written.
    pub schema: u32,
    /// The number of the entry, from 1.
    pub sequence: u64,
    /// The run.
    #[serde(flatten)]
    pub run: NewEntry,
    /// The hash of the entry before; [`GENESIS`] in the first.
    pub previous: String,
    /// The hash of this entry.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hash: String,
}

/// What is recorded about a run. Nothing of the texts that were scanned is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewEntry {
    /// When the run began; written as RFC 3339 in UTC.
    #[serde(with = "rfc3339")]
    pub when: Timestamp,
    /// The version of probity.
    pub tool: String,
    /// What was run.
    pub command: Kind,
    /// Who ran it, where they asked for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The packs in use.
    pub packs: Vec<PackUsed>,
    /// What was read, in order.
    pub inputs: Vec<Input>,
    /// Records scanned.
    pub records: u64,
    /// Findings by severity.
    pub findings: BTreeMap<Severity, u64>,
    /// Findings by rule.
    pub by_rule: BTreeMap<String, u64>,
    /// What kept findings from being reported.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suppressions: Vec<Suppression>,
    /// Where only a sample was scanned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<SampleSize>,
    /// Whether something was not scanned.
    pub incomplete: bool,
    /// Whether words of rules marked `redact` were shown.
    pub revealed: bool,
}

/// What was run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Kind {
    /// `probity scan`.
    Scan,
}

/// A pack in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackUsed {
    /// Its id.
    pub id: String,
    /// The author's version.
    pub version: String,
    /// BLAKE3 of the pack and its lists, in hexadecimal.
    pub digest: String,
}

/// Something that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// As shown to people.
    pub path: String,
    /// The sheet, in workbooks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Bytes read, unpacked.
    pub bytes: u64,
    /// BLAKE3 of them, in hexadecimal.
    pub digest: String,
}

/// Something that kept findings from being reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// What it was: a rule that is switched off, a list of accepted findings.
    pub what: String,
    /// How many findings it kept back, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub findings: Option<u64>,
}

/// How much of the whole a sample was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleSize {
    /// Records scanned.
    pub records: u64,
    /// Records there are.
    pub of: u64,
}

impl NewEntry {
    /// What is recorded of a scan by this version of probity. The user and the
    /// suppressions are the caller's to fill in.
    pub fn of_scan(when: Timestamp, summary: &Summary) -> Self {
        Self {
            when,
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            command: Kind::Scan,
            user: None,
            packs: summary.packs.iter().map(PackUsed::from).collect(),
            inputs: summary.files.iter().map(Input::from).collect(),
            records: summary.records,
            findings: summary.findings.clone(),
            by_rule: summary
                .by_rule
                .iter()
                .map(|(rule, count)| (rule.clone(), count.findings))
                .collect(),
            suppressions: Vec::new(),
            sample: summary.sample.map(SampleSize::from),
            incomplete: summary.incomplete(),
            revealed: summary.revealed,
        }
    }
}

impl From<&PackReport> for PackUsed {
    fn from(pack: &PackReport) -> Self {
        Self { id: pack.id.clone(), version: pack.version.clone(), digest: pack.digest.to_string() }
    }
}

impl From<&FileSummary> for Input {
    fn from(file: &FileSummary) -> Self {
        Self {
            path: file.path.clone(),
            sheet: file.sheet.clone(),
            bytes: file.bytes,
            digest: file.digest.clone(),
        }
    }
}

impl From<Sample> for SampleSize {
    fn from(sample: Sample) -> Self {
        Self { records: sample.records, of: sample.of }
    }
}

/// Why a log could not be added to, or not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// The file cannot be opened, created, locked or read.
    #[error("cannot {what} the audit log {}: {cause}", path.display())]
    Io {
        /// What was tried: `open`, `lock`, `read`.
        what: &'static str,
        /// The log.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// The entry could not be written: a full disk, for one.
    #[error(
        "cannot write to the audit log {}: {cause}; {}",
        path.display(),
        if *left { "part of a line may stand at its end" } else { "the log is as it was" }
    )]
    Write {
        /// The log.
        path: PathBuf,
        /// Why.
        cause: io::Error,
        /// Whether a part of the entry could not be taken away again.
        left: bool,
    },
    /// A folder, pipe or device.
    #[error("the audit log {} is not an ordinary file", .0.display())]
    NotAFile(PathBuf),
    /// The last line is not what was written; nothing is chained to it.
    #[error(
        "nothing was added to the audit log {}, because its last line {damage}; \
         `probity audit verify` tells more",
        path.display()
    )]
    Damaged {
        /// The log.
        path: PathBuf,
        /// What is wrong with it.
        damage: Damage,
    },
    /// The entry is longer than any line of a log.
    #[error("the entry for the audit log {} is too long: it names too many files", .0.display())]
    TooLarge(PathBuf),
    /// A hash that no entry can have.
    #[error("`{0}` is not the hash of an entry: a hash has 64 digits from 0 to 9 and a to f")]
    NotAHash(String),
}

/// Adds an entry to a log and gives it back as it was written; makes the file if it is
/// not there. Others who add at the same time wait for each other.
///
/// The entry is on the disk when this returns. On an error the log is as it was, except
/// where [`AuditError::Write`] says otherwise.
pub fn append(path: &Path, entry: NewEntry) -> Result<Entry, AuditError> {
    let io = |what| move |cause| AuditError::Io { what, path: path.to_owned(), cause };
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(io("open"))?;
    if !file.metadata().map_err(io("open"))?.is_file() {
        return Err(AuditError::NotAFile(path.to_owned()));
    }
    // Closing the file lets go of the lock, on every way out.
    patiently(|| file.lock()).map_err(io("lock"))?;
    add(&mut file, path, entry)
}

/// Tries again where a signal broke in.
fn patiently(mut work: impl FnMut() -> io::Result<()>) -> io::Result<()> {
    loop {
        match work() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// A file, or what tests put in its place.
trait Log: Read + Write + Seek {
    fn cut(&mut self, len: u64) -> io::Result<()>;
    fn sync(&mut self) -> io::Result<()>;
}

impl Log for File {
    fn cut(&mut self, len: u64) -> io::Result<()> {
        self.set_len(len)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}

fn add(log: &mut impl Log, path: &Path, run: NewEntry) -> Result<Entry, AuditError> {
    let io = |cause| AuditError::Io { what: "read", path: path.to_owned(), cause };
    let damaged = |damage| AuditError::Damaged { path: path.to_owned(), damage };
    let end = log.seek(SeekFrom::End(0)).map_err(io)?;
    let (sequence, previous) = match last_line(log, end).map_err(io)? {
        Last::None => (1, GENESIS.to_owned()),
        Last::Open => return Err(damaged(Damage::HalfLine)),
        Last::TooLong => return Err(damaged(Damage::TooLong)),
        Last::Line(line) => {
            let entry = verify::read_line(&line).map_err(damaged)?;
            let Some(sequence) = entry.sequence.checked_add(1) else {
                return Err(damaged(Damage::NotEntry));
            };
            (sequence, entry.hash)
        }
    };
    let (entry, line) =
        seal(Entry { schema: SCHEMA_VERSION, sequence, run, previous, hash: String::new() })
            .map_err(|error| io(error.into()))?;
    if line.len() > LINE_LIMIT {
        return Err(AuditError::TooLarge(path.to_owned()));
    }
    log.seek(SeekFrom::Start(end)).map_err(io)?;
    match log.write_all(line.as_bytes()).and_then(|()| log.sync()) {
        Ok(()) => Ok(entry),
        Err(cause) => {
            let undone = log.cut(end).and_then(|()| log.sync());
            Err(AuditError::Write { path: path.to_owned(), cause, left: undone.is_err() })
        }
    }
}

/// What stands at the end of a log.
enum Last {
    /// Nothing: the log is empty.
    None,
    /// A line without its newline.
    Open,
    /// A line longer than any this program writes.
    TooLong,
    /// A line, without its newline.
    Line(Vec<u8>),
}

/// Reads backwards from the end, so that a log of years costs no more than its last line.
fn last_line(log: &mut impl Log, end: u64) -> io::Result<Last> {
    const STEP: u64 = 64 << 10;
    if end == 0 {
        return Ok(Last::None);
    }
    let mut parts: Vec<Vec<u8>> = Vec::new();
    let mut at = end;
    let mut len = 0;
    while at > 0 && len <= LINE_LIMIT {
        let start = at.saturating_sub(STEP);
        let mut part = Vec::new();
        log.seek(SeekFrom::Start(start))?;
        Read::by_ref(log).take(at - start).read_to_end(&mut part)?;
        if at == end && part.pop() != Some(b'\n') {
            return Ok(Last::Open);
        }
        let newline = memchr::memrchr(b'\n', &part);
        if let Some(newline) = newline {
            part.drain(..=newline);
        }
        len += part.len();
        parts.push(part);
        if newline.is_some() {
            break;
        }
        at = start;
    }
    if len > LINE_LIMIT {
        return Ok(Last::TooLong);
    }
    Ok(Last::Line(parts.into_iter().rev().flatten().collect()))
}

/// Works out the hash of an entry, and its line with the newline.
fn seal(mut entry: Entry) -> serde_json::Result<(Entry, String)> {
    entry.hash = String::new();
    let json = serde_json::to_string(&entry)?;
    // A terminal that the log is sent to must not obey the name of a file.
    let body = plain(&json);
    entry.hash = hash_of(body.as_bytes());
    let inner = body.strip_suffix('}').unwrap_or(&body);
    let line = format!("{inner}{}{}{}\n", SEAL.0, entry.hash, SEAL.1);
    Ok((entry, line))
}

fn hash_of(body: &[u8]) -> String {
    blake3::hash(body).to_hex().to_string()
}

/// Times as they are written.
mod rfc3339 {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(
        when: &Timestamp,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(when)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| D::Error::custom("not a time"))
    }
}
