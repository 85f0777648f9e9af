//! What changed between two states of a repository, and which findings that touches.
//! Reads what `git diff` writes; starts no program.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Location};
use crate::record::same_name;

/// The files that changed, by their paths as bytes, relative to the repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    files: BTreeMap<Vec<u8>, FileChange>,
}

/// What changed in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileChange {
    /// All of it: it is new, or no text to Git.
    Whole,
    /// These stretches, in order. None where only its name or mode changed.
    Hunks(Vec<Hunk>),
}

/// A stretch of lines that changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hunk {
    /// The first line that was written, from 1. Where none was, the line behind which
    /// lines were taken away: 0 at the top of the file.
    pub start: usize,
    /// How many lines were written.
    pub lines: usize,
    /// How many lines were taken away.
    pub removed: usize,
    /// What stood before `:` or `=` in lines that were taken away.
    pub removed_keys: Vec<String>,
}

impl Hunk {
    /// Whether it touches lines `first` to `last`. Lines that were taken away touch what
    /// stood around them only where it reaches from before to behind them.
    fn touches(&self, first: usize, last: usize) -> bool {
        if self.lines == 0 {
            first <= self.start && last > self.start
        } else {
            first < self.start + self.lines && last >= self.start
        }
    }

    /// Whether a key that states a fact stood on a line that was taken away.
    fn took_away(&self, reach: &Reach) -> bool {
        self.removed_keys.iter().any(|key| {
            // `probity.account` and `account` are the same fact.
            let last = key.rsplit('.').next().unwrap_or(key);
            reach.keys.iter().any(|known| same_name(known, key) || same_name(known, last))
        })
    }
}

/// What stands on which line of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DocumentLines {
    /// Whether its lines are those that Git counts: not in UTF-16, nor where a lone CR
    /// ends a line.
    pub known: bool,
    /// The last line of its front matter on which a value stands; 0 without any.
    pub head: usize,
    /// First and last lines of values that state facts.
    pub stating: Vec<(usize, usize)>,
    /// For tables, the line on which each record starts.
    pub records: Vec<usize>,
    /// For data files, the line on which each item of their lists starts.
    pub items: Vec<usize>,
}

impl DocumentLines {
    /// The first and last line of the item of a data file that a line is in.
    fn item(&self, line: usize) -> Option<(usize, usize)> {
        let next = self.items.partition_point(|&start| start <= line);
        let first = *self.items.get(next.checked_sub(1)?)?;
        let last = self.items.get(next).map_or(usize::MAX, |&next| next - 1);
        Some((first, last.max(first)))
    }
}

/// What changes of a line reach beyond it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Rules about a text as a whole: what it lacks, and how much of something it has.
    /// Their findings have a place, but every line makes them true.
    pub rules: BTreeSet<String>,
    /// Keys of front matter that state facts, and names of facts.
    pub keys: BTreeSet<String>,
}

/// Where the change of a file may be felt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Felt {
    /// In every finding.
    Everywhere,
    /// Only where lines changed.
    ByLine,
}

impl Changes {
    /// Reads what Git says: `--numstat -z` names all files that changed, and the patch
    /// without context (with quoted names) says where.
    ///
    /// # Errors
    ///
    /// Where it is not the output of these, in one sentence.
    pub fn read(numstat: &[u8], patch: &[u8]) -> Result<Self, String> {
        let mut changes = Self { files: files_of(numstat)? };
        let mut lines = patch.split(|&byte| byte == b'\n');
        let mut name: Option<Vec<u8>> = None;
        while let Some(line) = lines.next() {
            if line.starts_with(b"diff --git ") {
                name = None;
            } else if let Some(written) = line.strip_prefix(b"+++ ") {
                name = (written != b"/dev/null").then(|| name_of(written)).transpose()?;
            } else if line.starts_with(b"@@ ") {
                let hunk = hunk(line, &mut lines)?;
                // A file that is gone has nothing that could be checked.
                let Some(name) = &name else { continue };
                match changes.files.get_mut(name) {
                    Some(FileChange::Hunks(hunks)) => hunks.push(hunk),
                    Some(FileChange::Whole) => {}
                    None => return Err("it shows the change of a file it does not list".into()),
                }
            }
        }
        Ok(changes)
    }

    /// Notes a file that Git does not know.
    pub fn add_new(&mut self, path: Vec<u8>) {
        self.files.insert(path, FileChange::Whole);
    }

    /// Adds what changed in a repository that stands in this one, below `folder`.
    pub fn add_below(&mut self, folder: &[u8], inner: Self) {
        let path = |name: &[u8]| [folder, b"/", name].concat();
        self.files.extend(inner.files.into_iter().map(|(name, change)| (path(&name), change)));
    }

    /// What changed in a file, if anything did.
    pub fn of(&self, path: &[u8]) -> Option<&FileChange> {
        self.files.get(path)
    }
}

impl FileChange {
    /// Whether this change touches a finding of the file.
    pub fn touches(&self, finding: &Finding, lines: &DocumentLines, reach: &Reach) -> bool {
        let Self::Hunks(hunks) = self else { return true };
        if hunks.is_empty() {
            return false;
        }
        if !lines.known || felt(hunks, lines, reach) == Felt::Everywhere {
            return true;
        }
        let whole = finding.field.is_empty() || reach.rules.contains(&finding.rule);
        let item = finding.places.first().and_then(|place| lines.item(place.line));
        if let Some(record) = finding.record {
            // What stands in one cell of a row can make a finding of another.
            let at = usize::try_from(record.saturating_sub(1)).unwrap_or(usize::MAX);
            let first = lines.records.get(at).copied();
            let last = lines.records.get(at.saturating_add(1)).map_or(usize::MAX, |&next| next - 1);
            if let Some(first) = first {
                return hunks.iter().any(|hunk| hunk.touches(first, last.max(first)));
            }
        } else if let Some((first, last)) = item {
            return hunks.iter().any(|hunk| {
                hunk.touches(first, last) || (hunk.start == last && hunk.took_away(reach))
            });
        } else if whole {
            return true;
        }
        let touched = |place: &Location| {
            hunks.iter().any(|hunk| hunk.touches(place.line, place.end_line.max(place.line)))
        };
        finding.places.iter().chain(&finding.related).any(touched)
    }
}

/// Whether a change is one of what all findings depend on: the header of a table, or a
/// fact that front matter states.
fn felt(hunks: &[Hunk], lines: &DocumentLines, reach: &Reach) -> Felt {
    let everywhere = if let Some(&first) = lines.records.first() {
        // Behind the header is where the first record starts.
        hunks.iter().any(|hunk| match hunk.lines {
            0 => hunk.start + 1 < first,
            _ => hunk.start < first,
        })
    } else {
        let stated = |hunk: &Hunk| {
            lines.stating.iter().any(|&(first, last)| hunk.lines > 0 && hunk.touches(first, last))
        };
        // Front matter that was taken away leaves no line behind it. A data file goes on
        // behind its list, and nobody sees where that was.
        let in_head = |hunk: &Hunk| {
            hunk.start <= lines.head + 1 || lines.items.last().is_some_and(|&it| hunk.start >= it)
        };
        let was_stated = |hunk: &Hunk| in_head(hunk) && hunk.took_away(reach);
        hunks.iter().any(|hunk| stated(hunk) || was_stated(hunk))
    };
    if everywhere { Felt::Everywhere } else { Felt::ByLine }
}

/// The files in the output of `--numstat -z`. Those that are no text to Git have `-`
/// for their numbers.
fn files_of(numstat: &[u8]) -> Result<BTreeMap<Vec<u8>, FileChange>, String> {
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
fn hunk<'p>(header: &[u8], lines: &mut impl Iterator<Item = &'p [u8]>) -> Result<Hunk, String> {
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
    let mut hunk = Hunk { start, lines: written, removed, removed_keys: Vec::new() };
    let (mut minus, mut plus) = (removed, written);
    while minus + plus > 0 {
        let line = lines.next().ok_or_else(odd)?;
        match line.first() {
            Some(b'-') if minus > 0 => {
                minus -= 1;
                hunk.removed_keys.extend(key_of(&line[1..]));
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
fn key_of(line: &[u8]) -> Option<String> {
    let end = line.iter().take(80).position(|byte| matches!(byte, b':' | b'='))?;
    let key = std::str::from_utf8(&line[..end]).ok()?;
    let key = key.trim().trim_start_matches("- ").trim_matches(['"', '\'']);
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ');
    (!key.is_empty() && key.chars().all(fits)).then(|| key.to_owned())
}

/// The name behind `+++ `: without its prefix, and without the quotes that Git puts
/// around names with odd characters.
fn name_of(written: &[u8]) -> Result<Vec<u8>, String> {
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
    use proptest::prelude::*;

    use super::*;

    fn hunks(changes: &Changes, name: &[u8]) -> Vec<(usize, usize, usize)> {
        match changes.of(name) {
            Some(FileChange::Hunks(hunks)) => {
                hunks.iter().map(|hunk| (hunk.start, hunk.lines, hunk.removed)).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn patches_are_read() {
        let numstat = b"1\t1\ta b.md\x002\t0\t\0old.md\0new\n.md\0-\t-\tpicture\x000\t3\tgone.md\0";
        let patch = b"diff --git a/a b.md b/a b.md\n--- a/a b.md\t\n+++ b/a b.md\t\n@@ -3 +3 @@ x\n-account: official\n+++ b/picture\ndiff --git a/old.md \"b/new\\n.md\"\n--- a/old.md\n+++ \"b/new\\n.md\"\n@@ -0,0 +1,2 @@\n+@@ -1 +1 @@\n+\xff\n\\ No newline at end of file\n@@ -8,2 +9,0 @@\n-b\n-c\ndiff --git a/gone.md b/gone.md\ndeleted file mode 100644\n--- a/gone.md\n+++ /dev/null\n@@ -1,3 +0,0 @@\n-a\n-b\n-c\n";
        let changes = Changes::read(numstat, patch).unwrap();
        assert_eq!(hunks(&changes, b"a b.md"), [(3, 1, 1)]);
        assert_eq!(hunks(&changes, b"new\n.md"), [(1, 2, 0), (9, 0, 2)]);
        assert_eq!(hunks(&changes, b"gone.md"), []);
        assert_eq!(changes.of(b"picture"), Some(&FileChange::Whole));
        assert_eq!(changes.of(b"old.md"), None);
        let Some(FileChange::Hunks(of_first)) = changes.of(b"a b.md") else { unreachable!() };
        assert_eq!(of_first[0].removed_keys, ["account"]);
    }

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

    fn finding(line: usize, end_line: usize) -> Finding {
        let place = Location {
            bytes: crate::text::Span::new(0, 1),
            line,
            column: 1,
            end_line,
            end_column: 2,
            units: crate::finding::OtherColumns::default(),
            text: String::new(),
            label: String::new(),
        };
        Finding {
            document: 0,
            path: "a.md".into(),
            places: vec![place],
            rule: "words/promise".into(),
            severity: crate::pack::Severity::Error,
            message: String::new(),
            related: Vec::new(),
            field: "body".into(),
            record: None,
            fingerprint: String::new(),
            secret: None,
            suppression: None,
            fix: None,
            fails: false,
            excerpt: Vec::new(),
        }
    }

    fn change(start: usize, lines: usize, removed: usize, keys: &[&str]) -> FileChange {
        let removed_keys = keys.iter().map(|&key| key.to_owned()).collect();
        FileChange::Hunks(vec![Hunk { start, lines, removed, removed_keys }])
    }

    fn reach() -> Reach {
        let names = |of: &[&str]| of.iter().map(|&name| name.to_owned()).collect();
        Reach { rules: names(&["words/length"]), keys: names(&["account", "probity"]) }
    }

    #[test]
    fn lines_touch_what_stands_on_them() {
        let lines = DocumentLines { known: true, ..DocumentLines::default() };
        for (start, count, removed, first, last, expected) in [
            (3, 1, 1, 3, 3, true),
            (3, 2, 0, 4, 4, true),
            (3, 2, 0, 5, 5, false),
            (3, 2, 0, 1, 9, true),
            (3, 1, 0, 2, 2, false),
            // Taken away behind line 3.
            (3, 0, 1, 3, 3, false),
            (3, 0, 1, 4, 4, false),
            (3, 0, 1, 3, 4, true),
        ] {
            let change = change(start, count, removed, &[]);
            let touched = change.touches(&finding(first, last), &lines, &reach());
            assert_eq!(touched, expected, "{start},{count} {first}-{last}");
        }
        assert!(FileChange::Whole.touches(&finding(1, 1), &lines, &reach()));
        // A new name or mode is no change of what it says.
        assert!(!FileChange::Hunks(Vec::new()).touches(&finding(1, 1), &lines, &reach()));
        let unknown = DocumentLines::default();
        assert!(change(3, 1, 1, &[]).touches(&finding(9, 9), &unknown, &reach()));
        let mut length = finding(9, 9);
        length.rule = "words/length".into();
        assert!(change(3, 1, 1, &[]).touches(&length, &lines, &reach()));
    }

    #[test]
    fn facts_touch_everything() {
        let lines = DocumentLines {
            known: true,
            head: 4,
            stating: vec![(3, 3)],
            ..DocumentLines::default()
        };
        for (change, expected) in [
            (change(3, 1, 1, &["account"]), true),
            (change(3, 1, 0, &[]), true),
            (change(2, 1, 1, &["title"]), false),
            (change(2, 1, 2, &["title", "Account"]), true),
            (change(4, 0, 1, &["probity"]), true),
            (change(4, 0, 1, &["title"]), false),
            // In the body a line with a colon is prose.
            (change(6, 0, 1, &["account"]), false),
        ] {
            assert_eq!(change.touches(&finding(9, 9), &lines, &reach()), expected, "{change:?}");
        }
    }

    #[test]
    fn rows_are_touched_whole() {
        let lines =
            DocumentLines { known: true, records: vec![2, 5, 6], ..DocumentLines::default() };
        let mut of_row = finding(4, 4);
        of_row.record = Some(1);
        for (start, count, removed, expected) in
            [(2, 1, 1, true), (5, 1, 1, false), (1, 1, 1, true), (1, 0, 1, false), (3, 0, 1, true)]
        {
            let change = change(start, count, removed, &[]);
            assert_eq!(change.touches(&of_row, &lines, &reach()), expected, "{start},{count}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(numstat: Vec<u8>, patch: Vec<u8>) {
            let _ = Changes::read(&numstat, &patch);
        }

        #[test]
        fn nothing_panics_on_what_looks_like_a_patch(
            lines in prop::collection::vec("(@@ -[0-9,]{1,4} \\+[0-9,]{1,4} @@|\\+\\+\\+ \"?b/[\\\\0-9a\"]{0,6}|[-+a: ]{0,4})", 0..12)
        ) {
            let _ = Changes::read(b"1\t1\ta\0", lines.join("\n").as_bytes());
        }
    }
}
