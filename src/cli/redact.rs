//! `--redact-to`: copies of what was scanned, without the words that were found.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

use serde::Serialize;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::place::Place;
use crate::error::{Error, plain};
use crate::finding::{Notice, PackReport};
use crate::scan::container::{self, Limits};
use crate::scan::model::Summary;
use crate::scan::pipeline::Input;
use crate::scan::redact::{Copied, CopyError, REMOVED, Redaction, copy_text, copy_workbook};

/// The name of the receipt.
pub(super) const RECEIPT: &str = "redaction.json";

/// Where the copies go.
#[derive(Debug)]
pub(super) struct Copies {
    folder: PathBuf,
    /// For each input, the way of its copy below the folder.
    ways: Vec<PathBuf>,
}

/// What was replaced, and what was not.
#[derive(Debug, Serialize)]
struct Receipt<'r> {
    tool: &'static str,
    version: &'static str,
    replacement: &'static str,
    packs: &'r [PackReport],
    files: Vec<Written<'r>>,
    not_written: Vec<NotWritten<'r>>,
}

#[derive(Debug, Serialize)]
struct Written<'r> {
    source: &'r str,
    /// Below the folder.
    copy: String,
    format: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<&'static str>,
    /// Whether the source is packed and the copy is not; the digest before is that of
    /// the unpacked bytes.
    unpacked: bool,
    #[serde(flatten)]
    copied: Copied,
    replaced: &'r BTreeMap<String, u64>,
    left: &'r BTreeMap<String, u64>,
    kept: &'r BTreeMap<String, u64>,
    columns: &'r [String],
    unread: &'r [String],
}

#[derive(Debug, Serialize)]
struct NotWritten<'r> {
    source: &'r str,
    why: String,
}

impl<'r> Written<'r> {
    fn new(file: &'r Redaction, copy: String, unpacked: bool, copied: Copied) -> Self {
        Self {
            source: &file.path,
            copy,
            format: &file.format,
            encoding: file.encoding.map(crate::text::Encoding::name),
            unpacked,
            copied,
            replaced: &file.replaced,
            left: &file.left,
            kept: &file.kept,
            columns: &file.columns,
            unread: &file.unread,
        }
    }
}

impl Copies {
    /// Looks where the copies will go, before anything is scanned. Nothing is written.
    ///
    /// # Errors
    ///
    /// Where a copy would take the place of something, or of an input.
    pub fn plan(folder: &Path, paths: &[PathBuf], inputs: &[Input]) -> Result<Self, Error> {
        let refuse = |message: String| Err(Error::Usage(message));
        if fs::metadata(folder).is_ok_and(|data| !data.is_dir()) {
            return refuse(format!("{} is not a folder; no copies go there", folder.display()));
        }
        let real = real(folder);
        let mut ways: Vec<PathBuf> = Vec::new();
        let mut taken = BTreeSet::from([PathBuf::from(RECEIPT)]);
        for input in inputs {
            if fs::canonicalize(&input.path).is_ok_and(|path| path.starts_with(&real)) {
                return refuse(format!(
                    "{} is below {}; redacted copies need a folder of their own",
                    input.name,
                    folder.display()
                ));
            }
            let way = way(&input.path, paths);
            if !taken.insert(way.clone()) {
                return refuse(format!(
                    "two copies would go to {}; scan the files one folder at a time",
                    folder.join(&way).display()
                ));
            }
            ways.push(way);
        }
        for way in &taken {
            if fs::symlink_metadata(folder.join(way)).is_ok() {
                return refuse(format!(
                    "{} is there already; redacted copies never take the place of a file",
                    folder.join(way).display()
                ));
            }
        }
        Ok(Self { folder: folder.to_owned(), ways })
    }

    /// The files that will be written.
    pub fn files(&self) -> impl Iterator<Item = PathBuf> {
        let receipt = self.folder.join(RECEIPT);
        self.ways.iter().map(|way| self.folder.join(way)).chain([receipt])
    }

    /// Writes the copies and the receipt; what could not be written is added to the
    /// notices. `stopped` says whether somebody wants to go.
    ///
    /// # Errors
    ///
    /// Where the receipt cannot be written.
    pub fn write(
        &self,
        inputs: &[Input],
        redactions: &[Redaction],
        summary: &mut Summary,
        stopped: &dyn Fn() -> bool,
    ) -> Result<(), Error> {
        let mut receipt = Receipt {
            tool: "probity",
            version: env!("CARGO_PKG_VERSION"),
            replacement: REMOVED,
            packs: &summary.packs,
            files: Vec::new(),
            not_written: Vec::new(),
        };
        let mut notices = Vec::new();
        let mut notice = |path: &str, message: String| {
            notices.push(Notice { path: path.to_owned(), line: None, message, unchecked: true });
        };
        for (input, way) in inputs.iter().zip(&self.ways) {
            let written = if stopped() {
                Err("the scan was stopped".to_owned())
            } else {
                self.one(input, way, redactions, &summary.notices)
            };
            match written {
                Ok(written) => {
                    for one in &written {
                        for message in one.copied.lacks() {
                            notice(one.source, message);
                        }
                    }
                    receipt.files.extend(written);
                }
                Err(why) => {
                    notice(&input.name, format!("no redacted copy was written: {why}"));
                    receipt.not_written.push(NotWritten { source: &input.name, why });
                }
            }
        }
        let path = self.folder.join(RECEIPT);
        let write = || {
            let mut place = self.place(Path::new(RECEIPT))?;
            serde_json::to_writer_pretty(&mut place, &receipt)?;
            place.write_all(b"\n")?;
            self.finish(place, Path::new(RECEIPT))
        };
        write().map_err(|error: io::Error| {
            Error::Usage(format!("cannot write {}: {}", path.display(), plain(&error)))
        })?;
        summary.notices.extend(notices);
        Ok(())
    }

    /// Writes one copy, or says why there is none. An archive is one copy of several files.
    fn one<'r>(
        &self,
        input: &'r Input,
        way: &Path,
        redactions: &'r [Redaction],
        notices: &[Notice],
    ) -> Result<Vec<Written<'r>>, String> {
        let members = format!("{}/", input.name);
        let is_of_input = |path: &str| path == input.name || path.starts_with(&members);
        let files: Vec<&Redaction> =
            redactions.iter().filter(|file| is_of_input(&file.path)).collect();
        if files.is_empty() {
            return Err("it was not scanned".to_owned());
        }
        if let Some(file) = files.iter().find(|file| !is_written(file)) {
            return Err(format!(
                "{} is no workbook of a kind that is written; save it as XLSX and scan that",
                file.path
            ));
        }
        // A copy that holds what nobody looked at is not redacted.
        if let Some(notice) = notices.iter().find(|it| it.unchecked && is_of_input(&it.path)) {
            let of = if notice.path == input.name { "it" } else { &notice.path };
            return Err(format!("not all of {of} was scanned: {}", notice.message));
        }
        let mut place = self.place(way).map_err(|error| CopyError::Write(error).to_string())?;
        let written = match files[..] {
            [file] if file.path == input.name => vec![plain_copy(input, way, file, &mut place)?],
            _ => archive_copy(input, way, &files, &mut place)?,
        };
        self.finish(place, way).map_err(|error| CopyError::Write(error).to_string())?;
        Ok(written)
    }

    /// Begins a file below the folder.
    fn place(&self, way: &Path) -> io::Result<Place> {
        let path = self.folder.join(way);
        let parent = path.parent().unwrap_or(&self.folder);
        fs::create_dir_all(parent)?;
        // A link below the folder may lead anywhere.
        if !fs::canonicalize(parent)?.starts_with(fs::canonicalize(&self.folder)?) {
            return Err(io::Error::other("a link leads out of the folder"));
        }
        self.free(way)?;
        Place::create(&path)
    }

    fn finish(&self, place: Place, way: &Path) -> io::Result<()> {
        self.free(way)?;
        place.finish()
    }

    fn free(&self, way: &Path) -> io::Result<()> {
        match fs::symlink_metadata(self.folder.join(way)) {
            Ok(_) => Err(io::Error::new(io::ErrorKind::AlreadyExists, "a file is there already")),
            Err(_) => Ok(()),
        }
    }
}

/// Whether files of its kind are written anew.
fn is_written(file: &Redaction) -> bool {
    !matches!(file.format.as_str(), "xls" | "xlsb" | "ods")
}

/// Copies a file that is no archive; what was packed is written unpacked.
fn plain_copy<'r>(
    input: &Input,
    way: &Path,
    file: &'r Redaction,
    place: &mut Place,
) -> Result<Written<'r>, String> {
    let mut unpacked = false;
    let mut copied = Err(CopyError::Changed);
    let opened = container::open(&input.path, &input.name, &Limits::default(), &mut |member| {
        unpacked = !member.on_disk;
        copied = copy(file, member.reader, &mut *place);
        Ok(())
    });
    opened.map_err(|error| error.to_string())?;
    let copied = copied.map_err(|error| error.to_string())?;
    Ok(Written::new(file, shown(way), unpacked, copied))
}

/// Copies an archive, file by file. Names that lead out of it are cut short.
fn archive_copy<'r>(
    input: &Input,
    way: &Path,
    files: &[&'r Redaction],
    place: &mut Place,
) -> Result<Vec<Written<'r>>, String> {
    let mut writer = ZipWriter::new_stream(place);
    let (mut written, mut failed) = (Vec::new(), None);
    let mut taken = BTreeSet::new();
    let opened = container::open(&input.path, &input.name, &Limits::default(), &mut |member| {
        let name = member.name.strip_prefix(&input.name).unwrap_or(&member.name);
        // A member that is packed itself says no size.
        let unpacked = member.size.is_none();
        let name = shown(&unpacked_if(unpacked, normal(Path::new(name))));
        let large = member.size.is_none_or(|size| size > u64::from(u32::MAX) / 2);
        let add = || {
            let file = files.iter().find(|file| file.path == member.name);
            let file = file.ok_or_else(|| "it was not scanned".to_owned())?;
            if name.is_empty() || !taken.insert(name.clone()) {
                return Err(format!("there is no name for it that is not taken: {name}"));
            }
            let options = SimpleFileOptions::default().large_file(large);
            writer.start_file(name.as_str(), options).map_err(|error| error.to_string())?;
            let copied = copy(file, member.reader, &mut writer).map_err(|it| it.to_string())?;
            written.push(Written::new(file, format!("{}/{name}", shown(way)), unpacked, copied));
            Ok(())
        };
        if failed.is_none() {
            failed = add().err().map(|why| format!("{}: {why}", member.name));
        }
        Ok(())
    });
    opened.map_err(|error| error.to_string())?;
    if let Some(why) = failed {
        return Err(why);
    }
    if written.len() != files.len() {
        return Err(CopyError::Changed.to_string());
    }
    writer.finish().map_err(|error| CopyError::Write(error.into()).to_string())?;
    Ok(written)
}

fn copy(file: &Redaction, mut reader: impl Read, writer: impl Write) -> Result<Copied, CopyError> {
    if file.format != "xlsx" {
        return copy_text(file, reader, writer);
    }
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).map_err(CopyError::Read)?;
    copy_workbook(file, &bytes, writer)
}

/// A path that need not be there, as it really is.
fn real(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let known = path.ancestors().find_map(|above| {
        let real = fs::canonicalize(above).ok()?;
        Some(real.join(path.strip_prefix(above).ok()?))
    });
    known.unwrap_or(path)
}

/// The way of a copy below the folder: that of the file where it was named by a relative
/// path, else what is below the path that was named. It never leads up.
fn way(path: &Path, named: &[PathBuf]) -> PathBuf {
    let plain = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    let below = named
        .iter()
        .filter(|named| path.starts_with(named))
        .max_by_key(|named| named.components().count())
        .and_then(|named| path.strip_prefix(named.parent()?).ok());
    let way = if path.components().all(plain) { path } else { below.unwrap_or(path) };
    unpacked_if(true, normal(way))
}

/// The parts of a path that lead down.
fn normal(path: &Path) -> PathBuf {
    path.components().filter(|part| matches!(part, Component::Normal(_))).collect()
}

/// The name of a file without the ending of its packing, if that was taken off.
fn unpacked_if(taken_off: bool, path: PathBuf) -> PathBuf {
    let packed = taken_off
        && path.extension().is_some_and(|ending| {
            ending.eq_ignore_ascii_case("gz") || ending.eq_ignore_ascii_case("zst")
        });
    if packed && path.file_stem().is_some() { path.with_extension("") } else { path }
}

/// The way of a copy below the folder, as the receipt has it.
pub(super) fn shown(way: &Path) -> String {
    let parts: Vec<_> = way.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_stay_below_the_folder() {
        let way = |path: &str, named: &str| shown(&way(Path::new(path), &[PathBuf::from(named)]));
        assert_eq!(way("exports/a/b.csv", "exports"), "exports/a/b.csv");
        assert_eq!(way("./b.csv.gz", "./b.csv.gz"), "b.csv");
        assert_eq!(way("/data/x/a/b.csv", "/data/x"), "x/a/b.csv");
        assert_eq!(way("/data/x/b.CSV.ZST", "/data/x/b.CSV.ZST"), "b.CSV");
        assert_eq!(way("../../x/b.csv", "../.."), "x/b.csv");
        assert_eq!(way("../b.csv", "../b.csv"), "b.csv");
        assert_eq!(way("a/../../b.csv", "a/../.."), "b.csv");
    }
}
