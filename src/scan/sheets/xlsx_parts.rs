//! The parts of an XLSX workbook that its sheets refer to.

use std::collections::HashMap;
use std::io::{Read, Seek};

use quick_xml::events::Event;

use super::Halt;
use super::package::{Package, Part, attribute, is};
use super::values::Format;

/// What a part says of another one.
pub(super) struct Relation {
    pub id: String,
    /// The last word of its kind: `worksheet`, `comments`.
    pub kind: String,
    /// The path in the package.
    pub path: String,
}

/// The parts to which `path` refers; the whole package if it is empty.
pub(super) fn relations<R: Read + Seek>(
    package: &mut Package<R>,
    path: &str,
) -> Result<Vec<Relation>, Halt> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let mut relations = Vec::new();
    let Some(mut part) = package.part(&join(folder, &format!("_rels/{name}.rels")))? else {
        return Ok(relations);
    };
    while let Some(event) = part.next()? {
        if let Event::Start(start) = event
            && is(&start, "Relationship")
            && let Some(target) = attribute(&start, "Target")
        {
            let kind = attribute(&start, "Type").unwrap_or_default();
            let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
            let id = attribute(&start, "Id").unwrap_or_default();
            relations.push(Relation { id, kind, path: join(folder, &target) });
        }
    }
    Ok(relations)
}

/// The path of `target` as seen from `folder`.
fn join(folder: &str, target: &str) -> String {
    let folder = if target.starts_with('/') { "" } else { folder };
    let mut path: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(target.split('/')) {
        match part {
            "" | "." => {}
            ".." => _ = path.pop(),
            part => path.push(part),
        }
    }
    path.join("/")
}

/// A sheet as the workbook lists it.
pub(super) struct Sheet {
    pub name: String,
    pub hidden: bool,
    pub relation: String,
}

/// The sheets, and whether days are counted from 1904.
pub(super) fn workbook(part: &mut Part<'_>) -> Result<(Vec<Sheet>, bool), Halt> {
    let mut sheets = Vec::new();
    let mut since_1904 = false;
    while let Some(event) = part.next()? {
        let Event::Start(start) = event else { continue };
        if is(&start, "sheet") {
            let hidden = attribute(&start, "state").is_some_and(|state| state != "visible");
            let name = attribute(&start, "name").unwrap_or_default();
            let relation = attribute(&start, "id").unwrap_or_default();
            sheets.push(Sheet { name, hidden, relation });
        } else if is(&start, "workbookPr")
            && let Some(value) = attribute(&start, "date1904")
        {
            since_1904 = value == "1" || value == "true";
        }
    }
    Ok((sheets, since_1904))
}

/// The strings that cells share, one behind the other.
#[derive(Default)]
pub(super) struct Strings {
    text: String,
    ends: Vec<usize>,
}

impl Strings {
    /// As far as they can be read.
    pub fn read(&mut self, part: &mut Part<'_>) -> Result<(), Halt> {
        let mut string = String::new();
        while let Some(event) = part.next()? {
            let Event::Start(start) = event else { continue };
            if is(&start, "si") {
                string.clear();
                part.text_within("si", "t", &mut string)?;
                self.text.push_str(&unescaped(&string));
                self.ends.push(self.text.len());
            }
        }
        Ok(())
    }

    pub fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before));
        self.text.get(start.copied().unwrap_or(0)..end)
    }
}

/// What each style makes of a number.
pub(super) fn formats(part: &mut Part<'_>) -> Result<Vec<Format>, Halt> {
    let mut codes: HashMap<String, Format> = HashMap::new();
    let mut formats = Vec::new();
    let mut of_cells = false;
    while let Some(event) = part.next()? {
        match event {
            Event::Start(start) if is(&start, "numFmt") => {
                let code = attribute(&start, "formatCode").unwrap_or_default();
                let id = attribute(&start, "numFmtId").unwrap_or_default();
                codes.insert(id, Format::of_code(&code));
            }
            Event::Start(start) if is(&start, "cellXfs") => of_cells = true,
            Event::End(end) if end.local_name().as_ref() == "cellXfs" => of_cells = false,
            Event::Start(start) if of_cells && is(&start, "xf") => {
                let id = attribute(&start, "numFmtId").unwrap_or_default();
                let built_in = || Format::built_in(id.parse().unwrap_or(0));
                formats.push(codes.get(&id).copied().unwrap_or_else(built_in));
            }
            _ => {}
        }
    }
    Ok(formats)
}

/// Undoes the escapes of characters that XML cannot hold: `_x000D_` (ECMA-376 part 1,
/// 22.9.2.19).
pub(super) fn unescaped(text: &str) -> String {
    let unit = |at: usize| {
        let digits = text.get(at..at + 7)?.strip_prefix("_x")?.strip_suffix('_')?;
        let hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        hexadecimal.then(|| u16::from_str_radix(digits, 16).ok()).flatten()
    };
    let mut built = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(found) = text[at..].find("_x") {
        let mut end = at + found;
        built.push_str(&text[at..end]);
        let mut units = Vec::new();
        while let Some(unit) = unit(end) {
            units.push(unit);
            end += 7;
        }
        if units.is_empty() {
            built.push_str("_x");
            end += 2;
        }
        built.push_str(&String::from_utf16_lossy(&units));
        at = end;
    }
    built.push_str(&text[at..]);
    built
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined() {
        assert_eq!(join("xl/worksheets", "../comments1.xml"), "xl/comments1.xml");
        assert_eq!(join("xl", "/xl/worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(join("", "xl/workbook.xml"), "xl/workbook.xml");
        assert_eq!(join("", "../../x"), "x");
    }

    #[test]
    fn escapes_are_undone() {
        assert_eq!(unescaped("a_x000D_\nb"), "a\r\nb");
        assert_eq!(unescaped("_xD83D__xDE00_"), "😀");
        assert_eq!(unescaped("_x005F_x000D_"), "_x000D_");
        assert_eq!(unescaped("my_xray_xZZZZ_é_x"), "my_xray_xZZZZ_é_x");
    }
}
