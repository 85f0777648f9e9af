//! What the findings of a part have in common, and their names.

use std::collections::BTreeMap;

use crate::input::Field;
use crate::judge::CellFinding;
use crate::record::Record;

/// What the findings of a part have in common: a cell of megabytes with thousands of
/// findings is counted and hashed once, not once for each.
#[derive(Default)]
pub(super) struct ToldOf<'t> {
    /// How many findings of a name there were.
    counts: BTreeMap<[u8; 32], u32>,
    /// The field of the finding that was told last.
    field: Option<usize>,
    pub chars: Chars<'t>,
    /// By rule, the names of findings in that field as far as they are alike.
    begun: BTreeMap<String, blake3::Hasher>,
}

impl<'t> ToldOf<'t> {
    pub fn turn_to(&mut self, field: usize, text: &'t str) {
        if self.field != Some(field) {
            self.field = Some(field);
            self.chars = Chars { text, byte: 0, before: 0 };
            self.begun.clear();
        }
    }
}

/// Counts characters from where it counted last; places come in order.
#[derive(Default)]
pub(super) struct Chars<'t> {
    pub text: &'t str,
    byte: usize,
    before: usize,
}

impl Chars<'_> {
    pub fn before(&mut self, byte: usize) -> usize {
        if byte < self.byte {
            (self.byte, self.before) = (0, 0);
        }
        self.before += self.text[self.byte..byte].chars().count();
        self.byte = byte;
        self.before
    }
}

/// A name for a finding that stays while a rule finds as much in this column of this
/// record, whatever becomes of the rows around it: a digest of the rule, the column, and
/// the identifier of the record or, without one, the shape of the whole cell. Neither the
/// words nor any letter of the cell are part of it, since few guesses would tell what a
/// short cell says. Equal findings of one record are counted.
pub(super) fn fingerprint(
    finding: &CellFinding,
    field: &Field,
    record: &Record,
    id: Option<&str>,
    told_of: &mut ToldOf<'_>,
) -> String {
    const VERSION: &str = "s2";
    let add = |hasher: &mut blake3::Hasher, part: &str| {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    };
    let begun = told_of.begun.entry(finding.rule.clone()).or_insert_with(|| {
        let mut hasher = blake3::Hasher::new();
        for part in [VERSION, &finding.rule, &field.name] {
            add(&mut hasher, part);
        }
        match id {
            Some(id) => add(&mut hasher, id),
            None => add(&mut hasher, &shape(&field.text)),
        }
        hasher
    });
    let digest = |last: &str| {
        let mut hasher = begun.clone();
        add(&mut hasher, last);
        hasher.finalize()
    };
    let of_record = digest(&record.number.unwrap_or_default().to_string());
    let count = told_of.counts.entry(*of_record.as_bytes()).or_insert(0);
    *count += 1;
    format!("{VERSION}:{}", &digest(&count.to_string()).to_hex()[..24])
}

/// How long the words of a text are, and what stands between them: enough to know a note
/// again, and too little to read it.
fn shape(text: &str) -> String {
    let blank = |c: char| if c.is_ascii_punctuation() || c.is_whitespace() { c } else { 'x' };
    text.chars().map(blank).collect()
}
