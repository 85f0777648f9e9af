//! Reads a whole log and says every place where it is not what was written.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::json_lines::{LineEnd, Lines};
use super::{AuditError, Entry, GENESIS, LINE_LIMIT, SCHEMA_VERSION, SEAL, hash_of, patiently};

/// What a log holds, and where it is broken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Entries whose own hash is right.
    pub entries: u64,
    /// When the first of them was made.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "written")]
    pub first: Option<Timestamp>,
    /// When the last of them was made.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "written")]
    pub last: Option<Timestamp>,
    /// The hash of the last of them: to be kept elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_hash: Option<String>,
    /// Where the entry stands whose hash the caller had kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<Kept>,
    /// Every broken place, in the order of the lines.
    pub breaks: Vec<Break>,
}

impl Verified {
    /// Whether the log is what was written, as far as it can be known.
    pub fn whole(&self) -> bool {
        self.breaks.is_empty()
    }
}

#[expect(clippy::ref_option, reason = "the shape serde asks for")]
fn written<S: serde::Serializer>(when: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
    match when {
        Some(when) => to.collect_str(when),
        None => to.serialize_none(),
    }
}

/// The entry whose hash the caller had kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// Its line, from 1.
    pub line: u64,
    /// Its number.
    pub sequence: u64,
    /// Lines behind it: runs that were recorded since.
    pub since: u64,
}

/// A broken place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Break {
    /// The line, from 1; 0 in an empty file.
    pub line: u64,
    /// What is wrong there.
    #[serde(flatten)]
    pub damage: Damage,
}

/// What is wrong at a line. Displayed, it completes a sentence that begins with the line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "damage", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Damage {
    /// The line is not what its hash was made of.
    Edited,
    /// The line is whole in itself, but is not chained to the line before: one of the
    /// two was written anew.
    Unchained,
    /// The line follows the one before, but has another number.
    Misnumbered {
        /// The number it has.
        sequence: u64,
        /// The number it should have.
        expected: u64,
    },
    /// Entries that should stand before the line are not there.
    Missing {
        /// The number of the first.
        from: u64,
        /// The number of the last.
        to: u64,
        /// How many of these are not there; others stand elsewhere or are damaged.
        count: u64,
    },
    /// The entry stands behind later ones.
    Moved {
        /// Its number.
        sequence: u64,
    },
    /// The entry stands in the log a second time, or another one has its number.
    Repeated {
        /// Its number.
        sequence: u64,
    },
    /// Not JSON.
    NotJson,
    /// JSON, but nothing that this program writes.
    NotEntry,
    /// A version of the format that this program does not know.
    Version {
        /// The version.
        found: u64,
    },
    /// The line does not end with a newline.
    HalfLine,
    /// Longer than any line this program writes.
    TooLong,
    /// No entry has the hash that the caller had kept.
    Cut,
}

impl fmt::Display for Damage {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Edited => to.write_str("was changed after it was written"),
            Self::Unchained => to
                .write_str("does not follow from the line before: one of the two was written anew"),
            Self::Misnumbered { sequence, expected } => {
                write!(to, "has the number {sequence} where {expected} should stand")
            }
            Self::Missing { from, to: last, .. } if from == last => {
                write!(to, "stands where entry {from} should come first, which is missing")
            }
            Self::Missing { from, to: last, count } if *count == last - from + 1 => {
                write!(
                    to,
                    "stands where entries {from} to {last} should come first, which are missing"
                )
            }
            Self::Missing { from, to: last, count } => write!(
                to,
                "stands where entries {from} to {last} should come first, of which {count} {} missing",
                if *count == 1 { "is" } else { "are" }
            ),
            Self::Moved { sequence } => {
                write!(to, "is entry {sequence}, which stands behind later ones")
            }
            Self::Repeated { sequence } => {
                write!(to, "is entry {sequence} a second time")
            }
            Self::NotJson => to.write_str("is not JSON"),
            Self::NotEntry => to.write_str("is not an entry of an audit log"),
            Self::Version { found } => write!(
                to,
                "has version {found} of the format, and this program knows version {SCHEMA_VERSION}"
            ),
            Self::HalfLine => to.write_str("does not end with a newline: it was cut short"),
            Self::TooLong => to.write_str("is longer than any entry"),
            Self::Cut => to.write_str(
                "ends the log, and no entry has the hash you kept: entries were cut off at the \
                 end, or the log was written anew",
            ),
        }
    }
}

/// Reads a log to its end. With `expected`, the hash of some entry that the caller has
/// kept elsewhere, entries cut off behind it or a log written anew are found, too.
///
/// An error means that the log could not be read; what is wrong in it is in
/// [`Verified::breaks`].
pub fn verify(path: &Path, expected: Option<&str>) -> Result<Verified, AuditError> {
    let io = |what| move |cause| AuditError::Io { what, path: path.to_owned(), cause };
    let expected = expected.map(kept_hash).transpose()?;
    let file = File::open(path).map_err(io("open"))?;
    if !file.metadata().map_err(io("open"))?.is_file() {
        return Err(AuditError::NotAFile(path.to_owned()));
    }
    // So that no line is seen half written. Some file systems have no locks; a log on
    // those can be read all the same.
    let _ = patiently(|| file.lock_shared());
    let lines = Lines::new(BufReader::with_capacity(256 << 10, file), LINE_LIMIT);
    walk(lines, expected.as_deref()).map_err(io("read"))
}

/// The hash as it stands in entries.
fn kept_hash(text: &str) -> Result<String, AuditError> {
    let hash = text.trim().to_ascii_lowercase();
    if hash.len() == GENESIS.len() && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(hash)
    } else {
        Err(AuditError::NotAHash(text.to_owned()))
    }
}

fn walk(mut lines: Lines<impl BufRead>, expected: Option<&str>) -> std::io::Result<Verified> {
    let mut verified = Verified::default();
    let mut chain = Chain::default();
    while let Some(end) = lines.advance()? {
        let line = lines.number();
        let read = match end {
            LineEnd::TooLong => Err(Damage::TooLong),
            LineEnd::Newline => read_line(lines.bytes()),
            LineEnd::File => {
                chain.say(line, Damage::HalfLine);
                // One fault is enough to say of a line that was cut short.
                let Ok(entry) = read_line(lines.bytes()) else { continue };
                Ok(entry)
            }
        };
        match read {
            Ok(entry) => {
                chain.link(line, &entry);
                verified.entries += 1;
                verified.first = verified.first.or(Some(entry.run.when));
                verified.last = Some(entry.run.when);
                if expected == Some(entry.hash.as_str()) && verified.kept.is_none() {
                    verified.kept = Some(Kept { line, sequence: entry.sequence, since: 0 });
                }
                verified.last_hash = Some(entry.hash);
            }
            Err(damage) => {
                chain.say(line, damage);
                chain.doubtful += 1;
            }
        }
    }
    let last = lines.number();
    if let Some(kept) = &mut verified.kept {
        kept.since = last - kept.line;
    } else if expected.is_some() {
        chain.say(last, Damage::Cut);
    }
    verified.breaks = chain.finish();
    Ok(verified)
}

/// The entry of a line, without its newline, whose hash is right.
pub(super) fn read_line(line: &[u8]) -> Result<Entry, Damage> {
    #[derive(Deserialize)]
    struct Head {
        schema: Option<u64>,
    }
    let schema = match serde_json::from_slice::<Head>(line) {
        Ok(head) => head.schema.ok_or(Damage::NotEntry)?,
        Err(error) if error.is_data() => return Err(Damage::NotEntry),
        Err(_) => return Err(Damage::NotJson),
    };
    // How another version is sealed is not known.
    if schema != u64::from(SCHEMA_VERSION) {
        return Err(Damage::Version { found: schema });
    }
    let (stated, computed) = unseal(line).ok_or(Damage::Edited)?;
    if stated != computed.as_bytes() {
        return Err(Damage::Edited);
    }
    serde_json::from_slice(line).map_err(|_| Damage::NotEntry)
}

/// The hash that a line states, and the one that it has.
fn unseal(line: &[u8]) -> Option<(&[u8], String)> {
    let rest = line.strip_suffix(SEAL.1.as_bytes())?;
    let (rest, stated) = rest.split_at_checked(rest.len().checked_sub(GENESIS.len())?)?;
    let mut body = rest.strip_suffix(SEAL.0.as_bytes())?.to_vec();
    body.push(b'}');
    Some((stated, hash_of(&body)))
}

/// Holds each entry against those before it.
struct Chain {
    /// The greatest number so far, and the hash of that entry.
    high: u64,
    high_hash: String,
    /// Damaged lines since then. Each may have been an entry.
    doubtful: u64,
    gaps: Vec<Gap>,
    /// Entries of gaps that were met later.
    met: BTreeSet<u64>,
    breaks: Vec<Break>,
}

/// Numbers that were passed over; they may still come.
struct Gap {
    line: u64,
    from: u64,
    to: u64,
    /// Damaged lines in their place.
    damaged: u64,
}

impl Default for Chain {
    fn default() -> Self {
        Self {
            high: 0,
            high_hash: GENESIS.to_owned(),
            doubtful: 0,
            gaps: Vec::new(),
            met: BTreeSet::new(),
            breaks: Vec::new(),
        }
    }
}

impl Chain {
    fn say(&mut self, line: u64, damage: Damage) {
        self.breaks.push(Break { line, damage });
    }

    fn link(&mut self, line: u64, entry: &Entry) {
        let sequence = entry.sequence;
        let follows = entry.previous == self.high_hash;
        if !follows && sequence <= self.high {
            let late = self.in_gap(sequence) && self.met.insert(sequence);
            self.say(
                line,
                if late { Damage::Moved { sequence } } else { Damage::Repeated { sequence } },
            );
            return;
        }
        let expected = self.high.saturating_add(1);
        let mut now = sequence;
        if follows {
            if sequence != expected {
                self.say(line, Damage::Misnumbered { sequence, expected });
                now = expected;
            }
        } else if sequence == expected {
            self.say(line, Damage::Unchained);
        } else {
            let (from, to) = (expected, sequence - 1);
            if sequence - expected > self.doubtful {
                self.gaps.push(Gap { line, from, to, damaged: self.doubtful });
            }
        }
        self.high = now;
        self.high_hash.clone_from(&entry.hash);
        self.doubtful = 0;
    }

    fn in_gap(&self, sequence: u64) -> bool {
        let behind = self.gaps.partition_point(|gap| gap.from <= sequence);
        behind.checked_sub(1).and_then(|at| self.gaps.get(at)).is_some_and(|gap| sequence <= gap.to)
    }

    fn finish(mut self) -> Vec<Break> {
        for Gap { line, from, to, damaged } in std::mem::take(&mut self.gaps) {
            let met = self.met.range(from..=to).count() as u64;
            let count = (to - from + 1).saturating_sub(damaged).saturating_sub(met);
            if count > 0 {
                self.say(line, Damage::Missing { from, to, count });
            }
        }
        self.breaks.sort_by_key(|fault| fault.line);
        self.breaks
    }
}
