//! Which columns of a CSV file are read, and what they are called.

use super::{InputError, ReadOptions};

/// Columns that hold text for people, without case, spaces, `_` and `-`.
#[rustfmt::skip]
pub const TEXT_COLUMNS: &[&str] = &[
    "notes", "note", "notetext", "notebody", "message", "messagetext", "text", "fulltext", "body",
    "post", "postcopy", "posttext", "caption", "content", "description", "comment", "comments",
    "interests", "summary", "details", "tweet", "tweettext", "alttext", "firstcomment",
];

/// The columns to read: those asked for, else those known to hold text, else
/// all.
pub(super) fn columns(header: &[String], options: &ReadOptions) -> Result<Vec<usize>, InputError> {
    let bare: Vec<String> = header.iter().map(|name| bare_name(name)).collect();
    let mut chosen = Vec::new();
    for wanted in &options.fields {
        let wanted_bare = bare_name(wanted);
        let before = chosen.len();
        chosen.extend((0..bare.len()).filter(|&at| bare[at] == wanted_bare));
        if chosen.len() == before {
            return Err(missing(wanted, &wanted_bare, header, &bare));
        }
    }
    if options.fields.is_empty() {
        chosen.extend((0..bare.len()).filter(|&at| TEXT_COLUMNS.contains(&&*bare[at])));
    }
    if chosen.is_empty() {
        chosen.extend(0..bare.len());
    }
    chosen.sort_unstable();
    chosen.dedup();
    Ok(chosen)
}

/// A name without letter case, spaces, `_` and `-`.
pub fn bare_name(name: &str) -> String {
    let kept = name.chars().filter(|char| !matches!(char, '_' | '-') && !char.is_whitespace());
    kept.flat_map(char::to_lowercase).collect()
}

/// The error for a column that is not among those of a header.
pub fn missing_column(wanted: &str, header: &[String]) -> InputError {
    let bare: Vec<String> = header.iter().map(|name| bare_name(name)).collect();
    missing(wanted, &bare_name(wanted), header, &bare)
}

fn missing(wanted: &str, wanted_bare: &str, header: &[String], bare: &[String]) -> InputError {
    let near = |at: &usize| strsim::jaro_winkler(wanted_bare, &bare[*at]);
    let nearest = (0..bare.len()).max_by(|a, b| near(a).total_cmp(&near(b)));
    InputError::MissingColumn {
        wanted: wanted.to_owned(),
        available: header.to_vec(),
        nearest: nearest.filter(|at| near(at) > 0.75).map(|at| header[at].clone()),
    }
}

/// What the columns are called; one without a name by its number.
pub fn names(header: &[String]) -> Vec<String> {
    let name = |(at, name): (usize, &String)| match name.as_str() {
        "" => format!("column {}", at + 1),
        name => name.to_owned(),
    };
    header.iter().enumerate().map(name).collect()
}
