//! The parts of a workbook that hold texts, with words of these replaced.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::cell::{Grid, OpenCell};
use super::workbook::{Cells, Texts};
use super::{REMOVED, joined};
use crate::scan::sheets::attribute;

/// Elements that hold one text, and the elements inside them in which its parts stand.
const HOLDERS: &[(&str, &str)] =
    &[("si", "t"), ("is", "t"), ("comment", "t"), ("threadedComment", "text")];

/// What is to be replaced in a part.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'w> {
    /// In strings and comments.
    pub texts: &'w Texts,
    /// In cells, where it is the part of a sheet.
    pub cells: Option<&'w Cells>,
    /// Cells whose comment is a copy of a thread, and is replaced whole.
    pub copies: Option<&'w BTreeSet<String>>,
}

/// What was replaced.
#[derive(Debug, Default)]
pub(super) struct Done {
    /// How often, by the text in which it stood.
    pub texts: HashMap<String, u64>,
    /// Places that could not be replaced.
    pub left: u64,
}

/// Bytes of a part, and what takes their place.
pub(super) type Edit = (Range<usize>, String);

/// A part with words replaced; none where there is nothing to replace in it.
///
/// # Errors
///
/// In words, where the part is not XML.
pub(super) fn rewrite(
    xml: &str,
    wanted: Wanted<'_>,
    done: &mut Done,
) -> Result<Option<String>, String> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_end_names = false;
    let mut edits: Vec<Edit> = Vec::new();
    let mut holder: Option<&(&str, &str)> = None;
    let (mut inside, mut spoken) = (false, false);
    let mut chars: Vec<Char> = Vec::new();
    let mut grid = Grid::default();
    let mut cell: Option<OpenCell> = None;
    // The cell of a comment.
    let mut place = String::new();
    loop {
        let from = at(&reader);
        let event = reader.read_event().map_err(|error| error.to_string())?;
        let raw = from..at(&reader);
        let known = |name: &str| HOLDERS.iter().find(|(known, _)| *known == name);
        if let (Event::Start(start) | Event::Empty(start), Some(cells)) = (&event, wanted.cells)
            && let Some(at) = grid.meet(start)
            && matches!(event, Event::Start(_))
        {
            cell = cells.get(&at).map(|(text, spans)| OpenCell::new(start, &raw, text, spans));
        }
        if let Some(open) = &mut cell
            && !open.of_shared
        {
            // A text in the cell itself goes character by character, below.
            if open.meet(&event, &raw, xml) {
                edits.extend(open.edit(done));
                cell = None;
            }
        }
        match event {
            Event::Eof => break,
            Event::Start(start) => {
                let name = start.local_name();
                let name = name.as_ref();
                match holder {
                    None => {
                        holder = known(name).filter(|(known, _)| {
                            *known != "is" || cell.as_ref().is_some_and(|cell| cell.is_inline)
                        });
                        inside = holder.is_some_and(|(outer, inner)| outer == inner);
                        chars.clear();
                        place = attribute(&start, "ref").unwrap_or_default();
                    }
                    Some((_, inner)) if name == *inner => inside = true,
                    Some(_) => spoken |= name == "rPh",
                }
            }
            Event::End(end) => {
                let name = end.local_name();
                let name = name.as_ref();
                if let Some((outer, inner)) = holder {
                    if name == *outer {
                        let chars = unescaped(&chars);
                        let is_copy = *outer == "comment"
                            && wanted.copies.is_some_and(|copies| copies.contains(&place));
                        replace(&chars, wanted.texts, is_copy, done, &mut edits);
                        (holder, inside, spoken) = (None, false, false);
                    } else if name == *inner {
                        inside = false;
                    } else if name == "rPh" {
                        spoken = false;
                    }
                }
            }
            Event::Text(_) if inside && !spoken => push(xml, raw, &mut chars)?,
            Event::CData(_) if inside && !spoken => {
                let end = raw.end.saturating_sub("]]>".len());
                push(xml, raw.start + "<![CDATA[".len()..end, &mut chars)?;
            }
            Event::GeneralRef(reference) if inside && !spoken => {
                let mut text = String::new();
                crate::scan::sheets::push_text(&Event::GeneralRef(reference), &mut text);
                chars.extend(text.chars().map(|char| Char { char, raw: raw.clone() }));
            }
            _ => {}
        }
    }
    if edits.is_empty() {
        return Ok(None);
    }
    let mut built = String::with_capacity(xml.len());
    let mut copied = 0;
    edits.sort_by_key(|(raw, _)| raw.start);
    for (raw, text) in edits {
        built.push_str(xml.get(copied..raw.start).unwrap_or_default());
        built.push_str(&text);
        copied = raw.end.max(copied);
    }
    built.push_str(xml.get(copied..).unwrap_or_default());
    Ok(Some(built))
}

/// How much was read, in bytes.
fn at(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

/// A character, and the bytes that stand for it.
#[derive(Clone, Debug)]
struct Char {
    char: char,
    raw: Range<usize>,
}

/// Appends the characters of a stretch without references. Every line end is one newline.
fn push(xml: &str, raw: Range<usize>, chars: &mut Vec<Char>) -> Result<(), String> {
    let text = xml.get(raw.clone()).ok_or("it cannot be read to its bytes")?;
    let mut left = text.char_indices().peekable();
    while let Some((at, char)) = left.next() {
        let mut end = at + char.len_utf8();
        if char == '\r' && left.next_if(|(_, next)| *next == '\n').is_some() {
            end += 1;
        }
        let char = if char == '\r' { '\n' } else { char };
        chars.push(Char { char, raw: raw.start + at..raw.start + end });
    }
    Ok(())
}

/// Undoes the escapes of characters that XML cannot hold, `_x000D_`, as far as they stand
/// in one piece. A character keeps all the bytes of its run of escapes.
fn unescaped(chars: &[Char]) -> Vec<Char> {
    let unit = |at: usize| {
        let escape = chars.get(at..at + 7)?;
        let whole = escape
            .windows(2)
            .all(|two| matches!(two, [one, next] if one.raw.end == next.raw.start));
        let text: String = escape.iter().map(|char| char.char).collect();
        let digits = text.strip_prefix("_x")?.strip_suffix('_')?;
        let hexadecimal =
            whole && digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        hexadecimal.then(|| u16::from_str_radix(digits, 16).ok()).flatten()
    };
    let mut built = Vec::with_capacity(chars.len());
    let mut at = 0;
    while let Some(char) = chars.get(at) {
        let start = at;
        let mut units = Vec::new();
        while let Some(unit) = (char.char == '_').then(|| unit(at)).flatten() {
            units.push(unit);
            at += 7;
        }
        if units.is_empty() {
            built.push(char.clone());
            at += 1;
            continue;
        }
        let end = chars.get(at - 1).map_or(char.raw.end, |last| last.raw.end);
        let raw = chars.get(start).map_or(end, |first| first.raw.start)..end;
        let text = String::from_utf16_lossy(&units);
        built.extend(text.chars().map(|char| Char { char, raw: raw.clone() }));
    }
    built
}

/// Notes what is to be replaced in a text: its first bytes by [`REMOVED`], those in later
/// runs by nothing. A copy of a text that changes is replaced whole.
fn replace(chars: &[Char], texts: &Texts, is_copy: bool, done: &mut Done, edits: &mut Vec<Edit>) {
    let text: String = chars.iter().map(|char| char.char).collect();
    let whole = std::iter::once(0..chars.len()).collect();
    let spans = match texts.get(&text) {
        Some(spans) => spans,
        None if is_copy => &whole,
        None => return,
    };
    let mut count = 0;
    for span in spans {
        let end = span.end.min(chars.len());
        let Some(words) = chars.get(span.start..end) else { continue };
        let raw = joined(words.iter().map(|char| char.raw.clone()).collect());
        for (number, raw) in raw.into_iter().enumerate() {
            edits.push((raw, if number == 0 { REMOVED.to_owned() } else { String::new() }));
        }
        count += 1;
    }
    *done.texts.entry(text).or_default() += count;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_words_change() {
        let one = |span: Range<usize>| std::iter::once(span).collect();
        let texts = Texts::from([
            ("is Sikh & kind".to_owned(), one(3..7)),
            ("a\r\nb Sikh".to_owned(), one(5..9)),
            ("plain".to_owned(), one(0..5)),
        ]);
        let mut done = Done::default();
        let wanted = Wanted { texts: &texts, cells: None, copies: None };
        let xml = "<?xml version=\"1.0\"?><sst><si><r><rPr><b/></rPr><t xml:space='preserve'>is Si</t></r>\
            <r><t>kh &amp; kind</t></r><rPh><t>Sikh</t></rPh></si><si><t>a_x000D_\r\nb <![CDATA[Sikh]]></t></si>\
            <si><t>Sikh</t></si></sst>";
        let copy = rewrite(xml, wanted, &mut done).unwrap().unwrap();
        assert_eq!(
            copy,
            "<?xml version=\"1.0\"?><sst><si><r><rPr><b/></rPr><t xml:space='preserve'>is [removed]</t></r>\
            <r><t> &amp; kind</t></r><rPh><t>Sikh</t></rPh></si><si><t>a_x000D_\r\nb <![CDATA[[removed]]]></t></si>\
            <si><t>Sikh</t></si></sst>"
        );
        assert_eq!(done.texts.values().sum::<u64>(), 2);
        assert_eq!(rewrite("<sst><si><t>x</t></si></sst>", wanted, &mut done).unwrap(), None);
    }

    #[test]
    fn cells_change_where_they_are_asked_for() {
        let one = |span: Range<usize>| std::iter::once(span).collect::<Vec<_>>();
        let texts = Texts::from([("plain".to_owned(), one(0..5)), ("1984".to_owned(), one(0..2))]);
        let plain = || ("plain".to_owned(), one(0..5));
        let cells = Cells::from([
            ((1, 0), plain()),
            ((1, 3), plain()),
            ((2, 1), ("1984".into(), one(0..2))),
        ]);
        let wanted = Wanted { texts: &texts, cells: Some(&cells), copies: None };
        let mut done = Done::default();
        let xml = "<x:row><x:c t=\"str\"><x:f>A2</x:f><x:v>plain</x:v></x:c><x:c/><x:c><x:v>1984</x:v></x:c>\
            <x:c t=\"inlineStr\"><x:is><x:r><x:t>pl</x:t></x:r><x:r><x:t>ain</x:t></x:r></x:is></x:c></x:row>\
            <row/><row r='2'><c r='B2' s='1' foo='\"'><v>1984</v></c><c t='str'><v>plain</v></c></row>";
        let copy = rewrite(xml, wanted, &mut done).unwrap().unwrap();
        assert_eq!(
            copy,
            "<x:row><x:c t=\"str\"><x:f>\"[removed]\"</x:f><x:v>[removed]</x:v></x:c><x:c/>\
            <x:c><x:v>1984</x:v></x:c><x:c t=\"inlineStr\"><x:is><x:r><x:t>[removed]</x:t></x:r>\
            <x:r><x:t></x:t></x:r></x:is></x:c></x:row><row/><row r='2'><c r=\"B2\" s=\"1\" foo='\"' \
            t=\"inlineStr\"><is><t xml:space=\"preserve\">[removed]84</t></is></c>\
            <c t='str'><v>plain</v></c></row>"
        );
        assert_eq!((done.texts.values().sum::<u64>(), done.left), (3, 0));
    }
}
