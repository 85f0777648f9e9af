//! Which columns of a CSV file are read, and what they are called.

use super::{InputError, ReadOptions, scheduler};

/// Columns that hold text for people, without case, spaces, `_` and `-`.
#[rustfmt::skip]
pub const TEXT_COLUMNS: &[&str] = &[
    "notes", "note", "notetext", "notebody", "message", "messagetext", "text", "fulltext", "body",
    "post", "postcopy", "posttext", "caption", "content", "description", "comment", "comments",
    "interests", "summary", "details", "tweet", "tweettext", "alttext", "firstcomment",
];

/// The columns to read: those asked for, else those known to hold text, else all. Names
/// that say where a value of a data file stands mean no column, and a list with one of
/// them is not about tables alone: of its other names those without a column come back,
/// for people to be told.
pub(super) fn columns(
    header: &[String],
    is_queue: bool,
    options: &ReadOptions,
) -> Result<(Vec<usize>, Vec<String>), InputError> {
    let bare: Vec<String> = header.iter().map(|name| bare_name(name)).collect();
    let mut chosen = Vec::new();
    let (left_out, wanted): (Vec<_>, Vec<_>) =
        options.fields.iter().partition(|field| field.starts_with('!'));
    let for_data = wanted.iter().any(|name| is_path(name));
    let mut without = Vec::new();
    for &wanted in &wanted {
        let wanted_bare = bare_name(wanted);
        let before = chosen.len();
        chosen.extend((0..bare.len()).filter(|&at| bare[at] == wanted_bare));
        if chosen.len() == before && for_data {
            without.extend(Some(wanted.clone()).filter(|name| !is_path(name)));
        } else if chosen.len() == before {
            return Err(missing(wanted, &wanted_bare, header, &bare));
        }
    }
    if chosen.is_empty() {
        let is_text = |name: &str| is_known(name) || (is_queue && scheduler::is_text(name));
        chosen.extend((0..bare.len()).filter(|&at| is_text(&bare[at])));
    }
    if chosen.is_empty() {
        chosen.extend(0..bare.len());
    }
    let left_out: Vec<String> =
        left_out.iter().map(|name| bare_name(name.trim_start_matches('!'))).collect();
    chosen.retain(|&at| !left_out.contains(&bare[at]));
    chosen.sort_unstable();
    chosen.dedup();
    Ok((chosen, without))
}

/// Whether a name says where a value of a data file stands: `posts[*].text`, `**.alt`,
/// `seo.title`.
fn is_path(name: &str) -> bool {
    name.contains(['[', '*', '.'])
}

/// Whether a column of this name holds text for people. `Image 2 alt text` and
/// `LinkedIn first comment` do.
fn is_known(bare: &str) -> bool {
    TEXT_COLUMNS.contains(&bare) || bare.contains("alttext") || bare.contains("firstcomment")
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
