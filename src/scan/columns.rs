//! Which columns of an export hold what people wrote.

use crate::input::{InputError, SCHEDULERS, TEXT_COLUMNS, bare_name, base64_cell, missing_column};

use super::model::ColumnRead;

/// A product whose exports are known: its name, and its columns of free text without
/// letter case, spaces, `_` and `-`. From the products' own documentation of their
/// objects and export files.
#[rustfmt::skip]
const PRESETS: &[Preset] = &[
    ("dynamics", &["notetext", "subject", "description", "note", "regarding", "comments"]),
    ("salesforce", &["description", "body", "comments", "commentbody", "textbody", "content", "subject"]),
    ("hubspot", &["hsnotebody", "notebody", "hstaskbody", "taskbody", "hscallbody", "callnotes", "hsemailtext", "emailbody", "hsmeetingbody", "meetingnotes", "meetingdescription", "internalmeetingnotes", "hsinternalmeetingnotes", "tasknotes", "emailsubject", "hsemailsubject", "emailhtml", "hsemailhtml", "bodypreview", "hsbodypreview", "notes"]),
    ("suitecrm", &["description", "notes", "comments", "resolution", "worklog"]),
    ("zendesk", &["description", "comment", "comments", "body", "plainbody", "htmlbody", "subject", "rawsubject", "notes", "details"]),
];

/// A product and its columns of free text.
type Preset = (&'static str, &'static [&'static str]);

/// Why a column is read that holds no text: rules, or the caller, ask for its values.
pub const FOR_RULES: &str = "for its values";

/// The presets, those of schedulers last.
fn all_presets() -> impl Iterator<Item = &'static Preset> {
    PRESETS.iter().chain(SCHEDULERS)
}

/// The names of the presets.
pub fn presets() -> impl Iterator<Item = &'static str> {
    all_presets().map(|(name, _)| *name)
}

/// Which columns are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// These; nothing else if there are any.
    pub fields: Vec<String>,
    /// Not these.
    pub excluded: Vec<String>,
    /// The columns of a product, see [`presets`].
    pub preset: Option<&'static str>,
}

impl Wanted {
    /// The preset of this name.
    pub fn preset(name: &str) -> Option<&'static str> {
        presets().find(|known| *known == name)
    }

    /// Chooses among the columns of a table by what is asked for, else by their names,
    /// else by what stands in the first rows (texts by row and column), else all.
    /// Returns indexes, rising, with the reason for each.
    ///
    /// # Errors
    ///
    /// Where a column is named that is not there.
    pub fn choose(
        &self,
        names: &[String],
        sample: &[Vec<String>],
    ) -> Result<Vec<(usize, ColumnRead)>, InputError> {
        let bare: Vec<(String, String)> =
            names.iter().map(|name| (bare_name(name), bare_name(last_key(name)))).collect();
        let mut excluded = vec![false; names.len()];
        for name in &self.excluded {
            let mut there = false;
            for at in columns_called(&bare, name) {
                excluded[at] = true;
                there = true;
            }
            if !there {
                return Err(missing_column(name, names));
            }
        }
        let mut chosen: Vec<(usize, String)> = Vec::new();
        for name in &self.fields {
            let before = chosen.len();
            chosen.extend(columns_called(&bare, name).map(|at| (at, "asked for".to_owned())));
            if chosen.len() == before {
                return Err(missing_column(name, names));
            }
        }
        let known = all_presets().find(|(name, _)| Some(*name) == self.preset);
        if let Some((name, columns)) = known.filter(|_| self.fields.is_empty()) {
            let of_preset = (0..bare.len()).filter(|&at| columns.contains(&&*bare[at].1));
            chosen.extend(of_preset.map(|at| (at, format!("preset {name}"))));
        }
        if chosen.is_empty() {
            // A long text in a column that no name gives away is read as well.
            let by_name = |at: usize| TEXT_COLUMNS.contains(&&*bare[at].1);
            chosen.extend((0..bare.len()).filter_map(|at| {
                if by_name(at) {
                    return Some((at, "by name".to_owned()));
                }
                holds_text(sample, at).then(|| (at, "by content".to_owned()))
            }));
        }
        if chosen.is_empty() {
            chosen.extend((0..bare.len()).map(|at| (at, "no column looks like text".to_owned())));
        }
        chosen.retain(|(at, _)| !excluded[*at]);
        chosen.sort();
        chosen.dedup_by_key(|(at, _)| *at);
        let read = |(at, why): (usize, String)| {
            let name = names.get(at).cloned().unwrap_or_default();
            (at, ColumnRead { name, why })
        };
        Ok(chosen.into_iter().map(read).collect())
    }
}

/// The columns of this name, whole or behind the last dot; letter case, spaces, `_` and
/// `-` make no difference.
fn columns_called<'b>(
    bare: &'b [(String, String)],
    name: &str,
) -> impl Iterator<Item = usize> + use<'b> {
    let wanted = bare_name(name);
    let whole = bare.iter().any(|(name, _)| *name == wanted);
    (0..bare.len()).filter(
        move |&at| {
            if whole { bare[at].0 == wanted } else { bare[at].1 == wanted }
        },
    )
}

/// The last of the keys that lead to a value: `text` of `posts[*].text`.
pub fn last_key(path: &str) -> &str {
    let path = path.trim_end_matches("[*]");
    path.rsplit_once('.').map_or(path, |(_, key)| key)
}

/// Whether a column holds sentences: of its filled cells, a fifth have six words or
/// more with small letters in them, as notes do and names, addresses and codes do not.
fn holds_text(sample: &[Vec<String>], column: usize) -> bool {
    let cells = sample.iter().filter_map(|row| row.get(column)).map(|cell| cell.trim());
    let filled: Vec<&str> = cells.filter(|cell| !cell.is_empty()).collect();
    let is_text = |cell: &&&str| {
        let decoded = base64_cell(cell);
        let text = decoded.as_deref().unwrap_or(cell);
        let words = text.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic));
        words.count() >= 6
    };
    let texts = filled.iter().filter(is_text).count();
    texts > 0 && texts * 5 >= filled.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(wanted: &Wanted, names: &[&str], sample: &[&[&str]]) -> Vec<String> {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let sample: Vec<Vec<String>> =
            sample.iter().map(|row| row.iter().map(ToString::to_string).collect()).collect();
        let chosen = wanted.choose(&names, &sample).unwrap();
        chosen.into_iter().map(|(_, read)| format!("{}: {}", read.name, read.why)).collect()
    }

    #[test]
    fn columns_are_chosen_by_request_product_name_and_content() {
        let rows: &[&[&str]] = &[
            &["1", "Ann Lee", "Rang about the bins, please call back", "12 High St"],
            &["2", "Bo Ek", "", "3 Mill Lane, Leeds"],
        ];
        let names = ["Id", "Name", "Remarks", "Address"];
        let any = Wanted::default();
        assert_eq!(chosen(&any, &names, rows), ["Remarks: by content"]);
        assert_eq!(chosen(&any, &["Id", "Note Text"], &[]), ["Note Text: by name"]);
        assert_eq!(chosen(&any, &["A", "B"], &[])[0], "A: no column looks like text");
        let asked = Wanted { fields: vec!["name".into()], ..Wanted::default() };
        assert_eq!(chosen(&asked, &names, rows), ["Name: asked for"]);
        let preset = Wanted { preset: Wanted::preset("hubspot"), ..Wanted::default() };
        assert_eq!(chosen(&preset, &["hs_note_body", "x"], &[]), ["hs_note_body: preset hubspot"]);
        let without = Wanted { excluded: vec!["NAME".into()], ..asked };
        assert_eq!(chosen(&without, &names, rows), [""; 0]);
    }

    #[test]
    fn a_column_that_is_not_there_is_told() {
        let names = ["Notes".to_owned()];
        let asked = Wanted { fields: vec!["Note".into()], ..Wanted::default() };
        let error = asked.choose(&names, &[]).unwrap_err().to_string();
        assert!(error.contains("did you mean `Notes`"), "{error}");
        let without = Wanted { excluded: vec!["x".into()], ..Wanted::default() };
        assert!(without.choose(&names, &[]).is_err());
    }
}
