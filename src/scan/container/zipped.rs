//! The members of a ZIP archive.

use std::io::{BufReader, Cursor, Read};

use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

use super::guard::{Guard, Source};
use super::kind::{Kind, kind, seems_workbook};
use super::{Member, Opened, Trouble, Visit, unpack};

type Archive = ZipArchive<BufReader<Source>>;

/// What an archive is as a whole.
enum Whole {
    Workbook,
    /// A document of another kind, in words.
    Document(&'static str),
    Files,
}

/// An entry to be read.
struct Entry {
    index: usize,
    name: String,
    encrypted: bool,
    link: bool,
    size: u64,
}

impl Opened<'_> {
    /// Passes on the members of an archive, or a workbook as a whole.
    pub(super) fn zip(&mut self, source: Source, visit: Visit<'_>) {
        let size = self.watch.size();
        let mut archive = match ZipArchive::new(BufReader::new(source)) {
            Ok(archive) => archive,
            Err(error) => {
                let trouble = self.zip_trouble(&error);
                return self.fault(self.shown.to_owned(), trouble);
            }
        };
        match whole(&mut archive) {
            Whole::Files => {}
            Whole::Document(what) => {
                return self.fault(self.shown.to_owned(), Trouble::foreign(what));
            }
            Whole::Workbook => {
                let mut source = archive.into_inner();
                if let Err(error) = std::io::Seek::rewind(&mut source) {
                    return self.fault(self.shown.to_owned(), Trouble::of(&error));
                }
                let reader = Box::new(Guard::plain(source, self.watch.clone()));
                let member = Member { name: self.shown.to_owned(), reader, size, on_disk: true };
                return self.visit(member, visit);
            }
        }
        self.members(&mut archive, visit);
    }

    fn members(&mut self, archive: &mut Archive, visit: Visit<'_>) {
        if archive.has_duplicate_names() {
            let what = "holds members of the same name; of each name only one was read";
            self.fault(self.shown.to_owned(), Trouble::Damaged(what.to_owned()));
        }
        let mut entries = entries(archive);
        entries.sort_by(|one, other| one.name.cmp(&other.name));
        if entries.len() > self.limits.members {
            let (all, most) = (entries.len(), self.limits.members);
            let members = format!("{most} members ({all}); the first {most} by name were read");
            self.fault(self.shown.to_owned(), Trouble::TooLarge(members));
            entries.truncate(most);
        }
        for entry in entries {
            let name = format!("{}/{}", self.shown, entry.name);
            if entry.link {
                self.fault(name, Trouble::NotRead("is a link to another file".to_owned()));
            } else if entry.encrypted {
                self.fault(name, Trouble::Encrypted);
            } else {
                match archive.by_index(entry.index) {
                    Ok(file) => self.member(name, file, entry.size, &mut *visit),
                    Err(error) => {
                        let trouble = self.zip_trouble(&error);
                        self.fault(name, trouble);
                    }
                }
            }
            if self.error.stopped.is_some() {
                return;
            }
        }
    }

    fn member(
        &mut self,
        name: String,
        file: ZipFile<'_, BufReader<Source>>,
        size: u64,
        visit: Visit<'_>,
    ) {
        let packed = file.compressed_size();
        let (limits, watch) = (self.limits, self.watch.clone());
        let mut reader = Guard::member(file, limits, watch.clone(), packed);
        let Some(head) = self.head(&name, &mut reader) else { return };
        let found = kind(&head);
        let workbook = found == Kind::Zip && seems_workbook(&head, &name);
        let reader = Cursor::new(head).chain(reader);
        match found {
            Kind::Plain => {}
            Kind::Zip if workbook => {}
            Kind::Zip => return self.fault(name, Trouble::nested("a ZIP archive")),
            Kind::Foreign(what) => return self.fault(name, Trouble::foreign(what)),
            Kind::Gzip | Kind::Zstd => {
                let unpacked = unpack::unpack(found, reader);
                let reader = Guard::member(unpacked, limits, watch, packed);
                return self.unpacked(name, Box::new(reader), visit);
            }
        }
        let member = Member { name, reader: Box::new(reader), size: Some(size), on_disk: false };
        self.visit(member, visit);
    }

    fn zip_trouble(&self, error: &ZipError) -> Trouble {
        if let Some(trouble) = self.watch.take() {
            return trouble;
        }
        match error {
            ZipError::Io(error) => Trouble::of(error),
            ZipError::InvalidPassword => Trouble::Encrypted,
            ZipError::UnsupportedArchive(what) if *what == ZipError::PASSWORD_REQUIRED => {
                Trouble::Encrypted
            }
            ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
                Trouble::NotRead("is packed in a way that is not known here".to_owned())
            }
            ZipError::InvalidArchive(what) => Trouble::Damaged(what.to_string()),
            other => Trouble::Damaged(other.to_string()),
        }
    }
}

/// The files of an archive, less those that systems leave in them for themselves.
fn entries(archive: &Archive) -> Vec<Entry> {
    let mut entries = Vec::new();
    for index in 0..archive.len() {
        let Ok(data) = archive.by_index_data(index) else { continue };
        let name = match data.name() {
            Ok(name) => name.into_owned(),
            Err(_) => String::from_utf8_lossy(data.name_raw()).into_owned(),
        };
        let last = name.rsplit('/').next().unwrap_or_default();
        if data.is_dir() || last == ".DS_Store" || name.split('/').any(|part| part == "__MACOSX") {
            continue;
        }
        let (encrypted, link, size) = (data.encrypted(), data.is_symlink(), data.size());
        entries.push(Entry { index, name, encrypted, link, size });
    }
    entries
}

fn whole(archive: &mut Archive) -> Whole {
    let (mut types, mut folders) = (false, [false; 3]);
    for name in archive.file_names().flatten() {
        types |= name.eq_ignore_ascii_case("[Content_Types].xml");
        for (found, folder) in folders.iter_mut().zip(["xl/", "word/", "ppt/"]) {
            *found |=
                name.get(..folder.len()).is_some_and(|start| start.eq_ignore_ascii_case(folder));
        }
    }
    match (types, folders) {
        (true, [true, ..]) => return Whole::Workbook,
        (true, [_, true, _]) => return Whole::Document("a Word document"),
        (true, [_, _, true]) => return Whole::Document("a presentation"),
        _ => {}
    }
    let mut kind = Vec::new();
    if let Ok(file) = archive.by_name("mimetype") {
        // A damaged one only means that we do not know.
        let _ = file.take(64).read_to_end(&mut kind);
    }
    match kind.strip_prefix(b"application/vnd.oasis.opendocument.") {
        Some(rest) if rest.starts_with(b"spreadsheet") => Whole::Workbook,
        Some(_) => Whole::Document("an office document other than a workbook"),
        None => Whole::Files,
    }
}
