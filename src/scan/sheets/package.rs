//! The parts of a package: a ZIP archive of XML.

use std::collections::HashMap;
use std::io::{self, BufReader, Read, Seek};

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;
use zip::result::ZipError;

use super::{Halt, SheetTrouble};
use crate::scan::container::{Guard, Limits};

/// An open package.
pub(super) struct Package<R> {
    archive: ZipArchive<R>,
    /// Small names to entries: programs do not agree on capitals.
    entries: HashMap<String, usize>,
    limits: Limits,
}

impl<R: Read + Seek> Package<R> {
    pub fn open(reader: R, limits: &Limits) -> Result<Self, Halt> {
        let archive = ZipArchive::new(reader).map_err(|error| fault(&error))?;
        let mut entries = HashMap::new();
        for index in 0..archive.len() {
            if let Some(Ok(name)) = archive.name_for_index(index) {
                entries.insert(name.replace('\\', "/").to_lowercase(), index);
            }
        }
        Ok(Self { archive, entries, limits: *limits })
    }

    /// The paths of the parts, in small letters.
    pub fn paths(&self) -> impl Iterator<Item = &String> {
        self.entries.keys()
    }

    /// Unpacks every part and throws it away, to see that none is too large.
    pub fn measure(&mut self) -> Result<(), Halt> {
        for index in 0..self.archive.len() {
            let file = self.archive.by_index(index).map_err(|error| fault(&error))?;
            let packed = file.compressed_size();
            let mut guard = Guard::part(file, self.limits, packed);
            io::copy(&mut guard, &mut io::sink()).map_err(|error| Halt::from(&error))?;
        }
        Ok(())
    }

    /// A part by its path; none if there is no such.
    pub fn part(&mut self, path: &str) -> Result<Option<Part<'_>>, Halt> {
        let path = path.trim_start_matches('/').to_lowercase();
        let Some(index) = self.entries.get(&path) else { return Ok(None) };
        let file = self.archive.by_index(*index).map_err(|error| fault(&error))?;
        let packed = file.compressed_size();
        let guard: Box<dyn Read + '_> = Box::new(Guard::part(file, self.limits, packed));
        let mut reader = quick_xml::Reader::from_reader(BufReader::with_capacity(64 << 10, guard));
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.check_end_names = false;
        Ok(Some(Part { reader, buffer: Vec::new(), open: 0 }))
    }
}

fn fault(error: &ZipError) -> Halt {
    match error {
        ZipError::Io(error) => Halt::from(error),
        ZipError::InvalidPassword => Halt::Fault(SheetTrouble::Protected),
        ZipError::UnsupportedArchive(what) if *what == ZipError::PASSWORD_REQUIRED => {
            Halt::Fault(SheetTrouble::Protected)
        }
        other => Halt::damaged(other.to_string()),
    }
}

/// A part that is being read.
pub(super) struct Part<'p> {
    reader: quick_xml::Reader<BufReader<Box<dyn Read + 'p>>>,
    buffer: Vec<u8>,
    open: usize,
}

impl Part<'_> {
    /// The next event; none at the end of the part.
    pub fn next(&mut self) -> Result<Option<Event<'_>>, Halt> {
        self.buffer.clear();
        let event = self.reader.read_event_into(&mut self.buffer).map_err(|error| match error {
            quick_xml::Error::Io(error) => Halt::from(&*error),
            error => Halt::damaged(error.to_string()),
        })?;
        match &event {
            Event::Eof if self.open > 0 => return Err(Halt::damaged("it ends too early")),
            Event::Eof => return Ok(None),
            Event::Start(_) => self.open += 1,
            Event::End(_) => self.open = self.open.saturating_sub(1),
            _ => {}
        }
        Ok(Some(event))
    }

    /// The next event inside an element.
    pub fn inside(&mut self) -> Result<Event<'_>, Halt> {
        match self.next()? {
            Some(event) => Ok(event),
            None => Err(Halt::damaged("it ends too early")),
        }
    }

    /// Skips the rest of the element `name`, which has begun.
    pub fn skip(&mut self, name: &str) -> Result<(), Halt> {
        let mut depth = 1_usize;
        while depth > 0 {
            match self.inside()? {
                Event::Start(start) if is(&start, name) => depth += 1,
                Event::End(end) if end.local_name().as_ref() == name => depth -= 1,
                _ => {}
            }
        }
        Ok(())
    }

    /// The text that stands in elements `inner` of the element `outer`, which has begun;
    /// what is said of how to pronounce it is left out.
    pub fn text_within(&mut self, outer: &str, inner: &str, into: &mut String) -> Result<(), Halt> {
        let mut wanted = outer == inner;
        let mut spoken = false;
        loop {
            match self.inside()? {
                Event::Start(start) if is(&start, inner) => wanted = true,
                Event::Start(start) if is(&start, "rPh") => spoken = true,
                Event::End(end) => match end.local_name().as_ref() {
                    "rPh" => spoken = false,
                    name if name == outer => return Ok(()),
                    name if name == inner => wanted = false,
                    _ => {}
                },
                event if wanted && !spoken => push_text(&event, into),
                _ => {}
            }
        }
    }
}

/// Whether an element has this name, whatever its namespace is called.
pub(super) fn is(start: &BytesStart<'_>, name: &str) -> bool {
    start.local_name().as_ref() == name
}

/// Appends the characters an event stands for.
pub(in crate::scan) fn push_text(event: &Event<'_>, into: &mut String) {
    match event {
        Event::Text(text) => into.push_str(&text.xml10_content()),
        Event::CData(text) => into.push_str(&text.xml10_content()),
        Event::GeneralRef(reference) => match reference.resolve_char_ref() {
            Ok(Some(char)) => into.push(char),
            _ => match &*reference.xml10_content() {
                "amp" => into.push('&'),
                "lt" => into.push('<'),
                "gt" => into.push('>'),
                "quot" => into.push('"'),
                "apos" => into.push('\''),
                other => into.push_str(&format!("&{other};")),
            },
        },
        _ => {}
    }
}

/// The value of an attribute, whatever its namespace is called.
pub(in crate::scan) fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = start.attributes();
    let attributes = attributes.with_checks(false).flatten();
    let mut found = attributes.filter(|attribute| attribute.key.local_name().as_ref() == name);
    let attribute = found.next()?;
    Some(match attribute.normalized_value(XmlVersion::Implicit1_0) {
        Ok(value) => value.into_owned(),
        Err(_) => attribute.value.into_owned(),
    })
}
