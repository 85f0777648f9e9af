//! What changed between two states of a repository, and which findings that touches.
//! Reads what `git diff` writes; starts no program.

mod patch;

use std::collections::{BTreeMap, BTreeSet};

use patch::{files_of, hunk, name_of};

use crate::finding::{Finding, Location};
use crate::judge::narrowed;
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
    pub removed_keys: Vec<RemovedKey>,
    /// Whether the header of a table of TOML was taken away.
    pub removed_header: bool,
}

/// A key on a line that was taken away.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RemovedKey {
    /// As it was written.
    pub name: String,
    /// How many bytes of white space stood before it.
    pub indent: usize,
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
        self.took_away_at(reach, &|_| true)
    }

    /// The same for keys at certain places of their lines.
    fn took_away_at(&self, reach: &Reach, counts: &dyn Fn(usize) -> bool) -> bool {
        self.removed_keys.iter().filter(|key| counts(key.indent)).any(|key| {
            // `probity.account` and `account` are the same fact.
            let last = key.name.rsplit('.').next().unwrap_or(&key.name);
            reach.keys.iter().any(|known| same_name(known, &key.name) || same_name(known, last))
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
    /// For data files, the items of their lists, in order.
    pub items: Vec<Item>,
}

/// An item of a list in a data file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// The line on which it starts.
    pub start: usize,
    /// The last line on which one of its values is known to stand.
    pub end: usize,
    /// How many bytes of white space stand before it on its first line: in YAML and JSON
    /// its keys stand farther in. `None` where a header ends it (TOML).
    pub indent: Option<usize>,
}

impl Item {
    /// Whether what was taken away may have stood behind the item, so that it was said of
    /// the whole file.
    fn is_left_by(&self, hunk: &Hunk, reach: &Reach) -> bool {
        match self.indent {
            _ if hunk.start > self.end => true,
            None => hunk.removed_header,
            Some(indent) => hunk.took_away_at(reach, &|of_key| of_key <= indent),
        }
    }
}

impl DocumentLines {
    /// The first and last line of the item of a data file that a line is in.
    fn item(&self, line: usize) -> Option<(usize, usize)> {
        let next = self.items.partition_point(|item| item.start <= line);
        let first = self.items.get(next.checked_sub(1)?)?.start;
        let last = self.items.get(next).map_or(usize::MAX, |next| next.start - 1);
        Some((first, last.max(first)))
    }

    /// Whether a hunk may have taken away what was said of the whole file: front matter
    /// that is gone leaves no line behind it, and a data file goes on behind its lists.
    fn lost_head(&self, hunk: &Hunk, reach: &Reach) -> bool {
        let before = self.items.partition_point(|item| item.start <= hunk.start);
        let in_head = match before.checked_sub(1).and_then(|at| self.items.get(at)) {
            Some(item) => item.is_left_by(hunk, reach),
            None => !self.items.is_empty() || hunk.start <= self.head + 1,
        };
        in_head && hunk.took_away(reach)
    }
}

/// What changes of a line reach beyond it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
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

    /// The files that changed, those that are gone too.
    pub fn paths(&self) -> impl Iterator<Item = &[u8]> {
        self.files.keys().map(Vec::as_slice)
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
        let whole = finding.field.is_empty() || finding.about_whole;
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
        let touched = |place: &Location| stands_on(hunks, place);
        finding.places.iter().chain(&finding.related).any(touched)
    }

    /// Puts the first place of a finding that changed before the others, for code hosts
    /// show a finding at its first place, and only on changed lines. Leaves out of its fix
    /// what it would write on lines that nobody changed. Where all findings depend on what
    /// changed, all stays as it is; so it does in rows of a table, which change as a whole.
    pub fn narrow(&self, finding: &mut Finding, lines: &DocumentLines, reach: &Reach) {
        let Self::Hunks(hunks) = self else { return };
        if finding.record.is_none() && lines.known && felt(hunks, lines, reach) == Felt::ByLine {
            if let Some(at) = finding.places.iter().position(|place| stands_on(hunks, place)) {
                finding.places[..=at].rotate_right(1);
            }
            let fix = finding.fix.take();
            finding.fix = fix.and_then(|fix| narrowed(fix, |edit| stands_on(hunks, &edit.place)));
        }
    }
}

/// Whether a place is on a line that changed.
fn stands_on(hunks: &[Hunk], place: &Location) -> bool {
    hunks.iter().any(|hunk| hunk.touches(place.line, place.end_line.max(place.line)))
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
        hunks.iter().any(|hunk| stated(hunk) || lines.lost_head(hunk, reach))
    };
    if everywhere { Felt::Everywhere } else { Felt::ByLine }
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
        let names: Vec<_> = of_first[0].removed_keys.iter().map(|key| &*key.name).collect();
        assert_eq!(names, ["account"]);
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
            about_whole: false,
            fingerprint: String::new(),
            secret: None,
            suppression: None,
            fix: None,
            fails: false,
            excerpt: Vec::new(),
        }
    }

    fn change(start: usize, lines: usize, removed: usize, keys: &[&str]) -> FileChange {
        let removed_key = |key: &&str| RemovedKey { name: (*key).to_owned(), indent: 0 };
        let removed_keys = keys.iter().map(removed_key).collect();
        FileChange::Hunks(vec![Hunk { start, lines, removed, removed_keys, removed_header: false }])
    }

    fn reach() -> Reach {
        let names = |of: &[&str]| of.iter().map(|&name| name.to_owned()).collect();
        Reach { keys: names(&["account", "probity"]) }
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
        length.about_whole = true;
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
    fn what_was_said_behind_an_item_was_said_of_the_file() {
        let item = |start, indent| Item { start, end: start + 1, indent };
        let yaml = [item(2, Some(2)), item(4, Some(2))];
        let toml = [item(2, None), item(4, None)];
        // Where lines were taken away, how far in, with a header, and of which items.
        for (start, indent, header, items, expected) in [
            (1, 0, false, yaml, true),
            (2, 4, false, yaml, false),
            (5, 4, false, yaml, false),
            (5, 2, false, yaml, true),
            (5, 0, false, yaml, true),
            (6, 4, false, yaml, true),
            (3, 0, false, yaml, true),
            (5, 0, false, toml, false),
            (5, 0, true, toml, true),
        ] {
            let lines = DocumentLines { known: true, items: items.into(), ..Default::default() };
            let hunk = Hunk {
                start,
                removed: 1,
                removed_keys: vec![RemovedKey { name: "account".into(), indent }],
                removed_header: header,
                ..Hunk::default()
            };
            assert_eq!(lines.lost_head(&hunk, &reach()), expected, "{hunk:?}");
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
