//! Opening what people hand over: plain files, packed ones, and archives.
//!
//! What a file is, is told by its first bytes, never by its name. Everything is passed
//! on as a stream; nothing is unpacked to disk or kept in memory.

mod guard;
mod kind;
mod trouble;
mod unpack;
mod zipped;

#[cfg(test)]
mod open_tests;

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

pub use trouble::{ContainerError, Fault, Trouble, is_limit};

pub(super) use guard::Guard;
use guard::{Source, Watch};
use kind::{HEAD, Kind, kind, seems_workbook};

/// How far packed files are unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes that one file on disk may unpack to, all its members together.
    pub expanded: u64,
    /// Unpacked bytes for each packed byte; asked for once more than 64 MiB are
    /// unpacked, since a small file of blanks is no bomb.
    pub ratio: u64,
    /// Members of an archive that are read.
    pub members: usize,
}

impl Default for Limits {
    /// Any size, 200 to 1, 10,000 members. Exports pack 5 to 30 to 1; the most that
    /// DEFLATE can do is 1,032 to 1, and bombs come close to it.
    fn default() -> Self {
        Self { expanded: u64::MAX, ratio: 200, members: 10_000 }
    }
}

/// A stream to be scanned.
pub struct Member<'a> {
    /// As it is shown to people: `notes.csv`, `export.zip/notes.csv`.
    pub name: String,
    /// The (unpacked) bytes. Fails with a [`Trouble`] inside the [`io::Error`]; kind
    /// [`io::ErrorKind::FileTooLarge`] where a limit was passed ([`is_limit`]).
    pub reader: Box<dyn Read + Send + 'a>,
    /// How many bytes it should give, where that is said.
    pub size: Option<u64>,
    /// Whether these are the bytes of the file on disk, so that it can be opened again
    /// to seek in it.
    pub on_disk: bool,
}

/// Opens `path` and passes on every stream in it that can be scanned, an archive's in
/// the order of their names. `shown` is the name of the file in messages.
///
/// What cannot be read never ends the run: it is put into the error that is returned at
/// the end, and the other members are read all the same. That holds for a failing
/// `reader` too, whatever `visit` makes of the failure. An error of `visit` that does not
/// come from its `reader` stops at once and is handed back as [`ContainerError::stopped`].
pub fn open(
    path: &Path,
    shown: &str,
    limits: &Limits,
    visit: &mut dyn FnMut(Member<'_>) -> io::Result<()>,
) -> Result<(), ContainerError> {
    let mut opened = Opened {
        shown,
        limits: *limits,
        watch: Watch::default(),
        error: ContainerError::default(),
    };
    match opened.start(path) {
        Ok(source) => opened.read(source, visit),
        Err(trouble) => opened.fault(shown.to_owned(), trouble),
    }
    if opened.error.is_empty() { Ok(()) } else { Err(opened.error) }
}

/// A file that is being read.
struct Opened<'o> {
    shown: &'o str,
    limits: Limits,
    watch: Watch,
    error: ContainerError,
}

/// A callback that takes members.
type Visit<'v> = &'v mut dyn FnMut(Member<'_>) -> io::Result<()>;

impl Opened<'_> {
    fn start(&mut self, path: &Path) -> Result<Source, Trouble> {
        let file = File::open(path).map_err(|error| Trouble::of(&error))?;
        let metadata = file.metadata().map_err(|error| Trouble::of(&error))?;
        if metadata.is_dir() {
            return Err(Trouble::NotRead("is a folder".to_owned()));
        }
        self.watch = Watch::new(metadata.is_file().then_some(metadata.len()));
        Ok(Source::new(file, self.watch.clone()))
    }

    fn read(&mut self, mut source: Source, visit: Visit<'_>) {
        let (head, failure) = peek(&mut source);
        if let Some(error) = failure {
            let trouble = self.watch.take().unwrap_or_else(|| Trouble::of(&error));
            return self.fault(self.shown.to_owned(), trouble);
        }
        let size = self.watch.size();
        match kind(&head) {
            Kind::Zip => match source.seek(SeekFrom::Start(0)) {
                Ok(_) => self.zip(source, visit),
                Err(error) => self.fault(self.shown.to_owned(), Trouble::of(&error)),
            },
            Kind::Foreign(what) => self.fault(self.shown.to_owned(), Trouble::foreign(what)),
            Kind::Plain => {
                let reader = Guard::plain(Cursor::new(head).chain(source), self.watch.clone());
                let name = self.shown.to_owned();
                let member = Member { name, reader: Box::new(reader), size, on_disk: true };
                self.visit(member, visit);
            }
            packed @ (Kind::Gzip | Kind::Zstd) => {
                let source = Cursor::new(head).chain(source);
                let unpacked = unpack::unpack(packed, source);
                let reader = Guard::counted(unpacked, self.limits, self.watch.clone());
                self.unpacked(self.shown.to_owned(), Box::new(reader), visit);
            }
        }
    }

    /// Passes on what came out of one level of packing, unless it is packed again.
    fn unpacked(&mut self, name: String, mut reader: Box<dyn Read + Send + '_>, visit: Visit<'_>) {
        let Some(head) = self.head(&name, &mut reader) else { return };
        match kind(&head) {
            Kind::Plain => {}
            Kind::Zip if seems_workbook(&head, &name) => {}
            Kind::Zip => return self.fault(name, Trouble::nested("a ZIP archive")),
            Kind::Gzip => return self.fault(name, Trouble::nested("a gzip file")),
            Kind::Zstd => return self.fault(name, Trouble::nested("a Zstandard file")),
            Kind::Foreign(what) => return self.fault(name, Trouble::foreign(what)),
        }
        let reader = Box::new(Cursor::new(head).chain(reader));
        self.visit(Member { name, reader, size: None, on_disk: false }, visit);
    }

    /// The first bytes of a guarded stream, or none where there are none because it
    /// fails. Where it fails behind some, it will fail again when it is read on.
    fn head(&mut self, name: &str, reader: &mut dyn Read) -> Option<Vec<u8>> {
        let (head, failure) = peek(reader);
        match failure {
            Some(error) if head.is_empty() => {
                let trouble = self.watch.take().unwrap_or_else(|| Trouble::of(&error));
                self.fault(name.to_owned(), trouble);
                None
            }
            _ => Some(head),
        }
    }

    fn visit(&mut self, member: Member<'_>, visit: Visit<'_>) {
        let name = member.name.clone();
        let result = visit(member);
        match (self.watch.take(), result) {
            (Some(trouble), _) => self.fault(name, trouble),
            (None, Err(error)) => self.error.stopped = Some(error),
            (None, Ok(())) => {}
        }
    }

    fn fault(&mut self, name: String, trouble: Trouble) {
        self.error.faults.push(Fault { name, trouble });
    }
}

/// The first bytes of a stream; fewer only where it ends or fails.
fn peek(reader: &mut dyn Read) -> (Vec<u8>, Option<io::Error>) {
    let mut head = Vec::new();
    let result = reader.take(HEAD as u64).read_to_end(&mut head);
    (head, result.err())
}
