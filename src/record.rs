//! What stands beside a text: the other columns of a row, the keys of front
//! matter. Rules test it, and it states facts.

use std::sync::Arc;

use crate::text::{Span, join};

/// Fields that say when a text is published.
#[rustfmt::skip]
pub const SCHEDULED: &[&str] = &[
    "date", "publish_date", "publish_at", "publish_time", "scheduled", "scheduled_at",
    "scheduled_time", "scheduled_date", "scheduled_for", "schedule", "schedule_time",
    "schedule_date", "posting_time", "posting_date", "post_date", "post_at",
    "post_at_specific_time", "date_time", "date/time", "date & time", "send_date",
];

/// One row of a table, or the front matter of a page. Texts that are checked may
/// be among its values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Counted from 1 behind the header; `None` where the file is one record.
    pub number: Option<u64>,
    /// Where it starts in the decoded text.
    pub start: usize,
    /// Its values, in the order of the file; a name stands once.
    pub values: Vec<RecordValue>,
    /// Whether a row has more cells than the header, so that its cells from the first
    /// text column on may stand under the wrong names and are not among its values.
    /// What is not there says nothing then: no test on it holds, not even that it is
    /// missing.
    pub unreliable: bool,
}

/// A value of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordValue {
    /// The column or key; the keys that lead to a nested one are joined by `.`.
    pub name: Arc<str>,
    /// As a reader sees it, without quotes and escapes.
    pub text: String,
    /// Where it stands in the decoded text, without its quotes.
    pub span: Span,
}

impl Record {
    /// The place of a field among the values.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.values.iter().position(|value| same_name(&value.name, name))
    }

    /// The text of a field, if the record has it.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.position(name).map(|at| self.values[at].text.as_str())
    }
}

/// Whether two names mean one field: letter case, spaces, `_`, `-` and `.` make
/// no difference.
pub fn same_name(one: &str, other: &str) -> bool {
    if one.is_ascii() && other.is_ascii() {
        // Asked for every column of every row.
        return bare_ascii(one).eq(bare_ascii(other));
    }
    bare(one).eq(bare(other))
}

fn bare_ascii(name: &str) -> impl Iterator<Item = u8> + '_ {
    name.bytes()
        .filter(|byte| !matches!(byte, b'_' | b'-' | b'.' | b'\t'..=b'\r' | b' '))
        .map(|byte| byte.to_ascii_lowercase())
}

/// A number of a name; two names mean one field if theirs are equal, but for an accident of
/// 64 bits.
pub fn name_number(name: &str) -> u64 {
    if name.is_ascii() {
        return bare_ascii(name).fold(0, |number, byte| join(number, u64::from(byte)));
    }
    let mut bytes = [0; 4];
    bare(name).fold(0, |number, c| {
        let bytes = c.encode_utf8(&mut bytes).bytes();
        bytes.fold(number, |number, byte| join(number, u64::from(byte)))
    })
}

/// Whether `asked` means the field of this name: by its whole name or, where keys lead to
/// it, by the last of them. Items of lists make no difference: `alt` and `posts.alt` are
/// both `posts[3].alt`.
pub fn means(asked: &str, name: &str) -> bool {
    FieldName::new(name).is_meant_by(&bare_name(asked))
}

/// The name of a field, ready to be compared with many; see [`means`].
#[derive(Debug)]
pub struct FieldName {
    /// Its bare names, the whole one first.
    names: Vec<String>,
}

impl FieldName {
    /// Takes a name apart.
    pub fn new(name: &str) -> Self {
        let mut names = vec![bare_name(name)];
        if name.contains(['.', '[']) {
            let mut keys = String::with_capacity(name.len());
            let mut rest = name;
            while let Some((before, after)) = rest.split_once('[') {
                keys.push_str(before);
                rest = match after.split_once(']') {
                    Some((item, behind)) if item.bytes().all(|byte| byte.is_ascii_digit()) => {
                        behind
                    }
                    _ => after,
                };
            }
            keys.push_str(rest);
            names.push(bare_name(&keys));
            names.extend(keys.rsplit('.').next().map(bare_name));
        }
        Self { names }
    }

    /// Whether a name, bare as [`bare_name`] makes it, means the field.
    pub fn is_meant_by(&self, bare: &str) -> bool {
        self.names.iter().any(|name| name == bare)
    }
}

/// A name without what makes no difference.
pub fn bare_name(name: &str) -> String {
    if name.is_ascii() {
        let mut bare = String::with_capacity(name.len());
        bare.extend(bare_ascii(name).map(char::from));
        return bare;
    }
    bare(name).collect()
}

fn bare(name: &str) -> impl Iterator<Item = char> + '_ {
    name.chars()
        .filter(|c| !matches!(c, '_' | '-' | '.') && !c.is_whitespace())
        .flat_map(char::to_lowercase)
}
