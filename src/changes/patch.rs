//! What `git diff` writes, piece by piece.

use std::collections::BTreeMap;

use super::{FileChange, Hunk, RemovedKey};

/// The files in the output of `--numstat -z`. Those that are no text to Git have `-`
/// for their numbers.
pub(super) fn files_of(numstat: &[u8]) -> Result<BTreeMap<Vec<u8>, FileChange>, String> {
    let odd = || "its list of files makes no sense".to_owned();
    let mut files = BTreeMap::new();
    let mut parts = numstat.split(|&byte| byte == 0);
    while let Some(part) = parts.next() {
        if part.is_empty() {
            continue;
        }
        let mut columns = part.splitn(3, |&byte| byte == b'\t');
        let (Some(added), Some(_), Some(name)) = (columns.next(), columns.next(), columns.next())
        else {
            return Err(odd());
        };
        let name = if name.is_empty() {
            // Renamed: the old name and the new one follow.
            let (Some(_), Some(new)) = (parts.next(), parts.next()) else { return Err(odd()) };
            new
        } else {
            name
        };
        let binary = added == b"-";
        let change = if binary { FileChange::Whole } else { FileChange::Hunks(Vec::new()) };
        // A file that becomes a link, or the other way round, is listed twice.
        let known = files.entry(name.to_vec()).or_insert_with(|| change.clone());
        if binary {
            *known = FileChange::Whole;
        }
    }
    Ok(files)
}

/// A hunk from its header; takes its lines. Their first characters could otherwise be
/// taken for headers.
pub(super) fn hunk<'p>(
    header: &[u8],
    lines: &mut impl Iterator<Item = &'p [u8]>,
) -> Result<Hunk, String> {
    let odd = || "one of its hunks makes no sense".to_owned();
    let header = std::str::from_utf8(header.split(|&byte| byte == b'@').nth(2).unwrap_or_default())
        .map_err(|_| odd())?;
    // No text has more lines than that, and sums of such numbers cannot overflow.
    let number = |digits: &str| usize::try_from(digits.parse::<u32>().ok()?).ok();
    let mut ranges = header.split_whitespace();
    let mut range = |sign: char| {
        let (start, count) = {
            let range = ranges.next()?.strip_prefix(sign)?;
            range.split_once(',').unwrap_or((range, "1"))
        };
        Some((number(start)?, number(count)?))
    };
    let (_, removed) = range('-').ok_or_else(odd)?;
    let (start, written) = range('+').ok_or_else(odd)?;
    let mut hunk = Hunk { start, lines: written, removed, ..Hunk::default() };
    let (mut minus, mut plus) = (removed, written);
    while minus + plus > 0 {
        let line = lines.next().ok_or_else(odd)?;
        match line.first() {
            Some(b'-') if minus > 0 => {
                minus -= 1;
                hunk.removed_keys.extend(key_of(&line[1..]));
                hunk.removed_header |= line[1..].trim_ascii_start().starts_with(b"[");
            }
            Some(b'+') if plus > 0 => plus -= 1,
            // `\ No newline at end of file`
            Some(b'\\') => {}
            _ => return Err(odd()),
        }
    }
    hunk.removed_keys.sort();
    hunk.removed_keys.dedup();
    Ok(hunk)
}

/// What a line of front matter has for a key, if it may be one.
fn key_of(line: &[u8]) -> Option<RemovedKey> {
    let end = line.iter().take(80).position(|byte| matches!(byte, b':' | b'='))?;
    let key = std::str::from_utf8(&line[..end]).ok()?;
    let key = key.trim().trim_start_matches("- ").trim_matches(['"', '\'']);
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ');
    let indent = line.len() - line.trim_ascii_start().len();
    (!key.is_empty() && key.chars().all(fits)).then(|| RemovedKey { name: key.to_owned(), indent })
}

/// The name behind `+++ `: without its prefix, and without the quotes that Git puts
/// around names with odd characters.
pub(super) fn name_of(written: &[u8]) -> Result<Vec<u8>, String> {
    let odd = || "one of its names makes no sense".to_owned();
    let name = match written.strip_prefix(b"\"") {
        Some(quoted) => unquoted(quoted).ok_or_else(odd)?,
        // Git puts a tab behind a name with spaces.
        None => written.strip_suffix(b"\t").unwrap_or(written).to_vec(),
    };
    name.strip_prefix(b"b/").map(<[u8]>::to_vec).ok_or_else(odd)
}

/// A name as Git quotes it, from behind the opening quote.
fn unquoted(quoted: &[u8]) -> Option<Vec<u8>> {
    let mut name = Vec::new();
    let mut bytes = quoted.iter().copied();
    loop {
        match bytes.next()? {
            b'"' => return Some(name),
            b'\\' => name.push(match bytes.next()? {
                b'a' => 7,
                b'b' => 8,
                b't' => b'\t',
                b'n' => b'\n',
                b'v' => 11,
                b'f' => 12,
                b'r' => b'\r',
                first @ b'0'..=b'3' => {
                    let mut digit = || bytes.next().filter(|byte| matches!(byte, b'0'..=b'7'));
                    let (second, third) = (digit()?, digit()?);
                    (first - b'0') * 64 + (second - b'0') * 8 + (third - b'0')
                }
                other @ (b'"' | b'\\') => other,
                _ => return None,
            }),
            other => name.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unquoted() {
        for (written, expected) in [
            (&b"b/plain.md"[..], &b"plain.md"[..]),
            (b"b/with space.md\t", b"with space.md"),
            (br#""b/caf\303\251 \"x\"\\\t.md""#, "café \"x\"\\\t.md".as_bytes()),
            (br#""b/\351.md""#, b"\xe9.md"),
        ] {
            assert_eq!(name_of(written).unwrap(), expected);
        }
        for wrong in [&br#""b/\9""#[..], br#""b/open"#, b"a/x", br#""b/\34""#] {
            assert!(name_of(wrong).is_err());
        }
    }
}
