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

/// Why a column is read whose name says that rules are about what it holds.
pub const SORTING: &str = "for its name";

/// Why a column is read in whose first rows nothing stands: what comes later is not known.
pub const EMPTY: &str = "empty at first";

/// Words of a name that say that people write there; the name may end in one of five
/// letters or more without a gap (`casenotes`).
#[rustfmt::skip]
const TEXT_WORDS: &[&str] = &[
    "note", "notes", "remark", "remarks", "comment", "comments", "description", "descriptions",
    "narrative", "summary", "freetext", "outcome", "outcomes", "background", "details", "body",
    "message", "messages",
];

/// Words of a name that say something about a text, and that the text stands elsewhere.
#[rustfmt::skip]
const ABOUT_WORDS: &[&str] = &[
    "id", "ids", "count", "counts", "number", "no", "date", "dates", "time", "by", "author",
    "owner", "type", "code", "status", "length", "created", "modified", "updated",
];

/// Words of a name that say that people are sorted by what notes must not tell of them.
/// Below stand single words, which no rule of content would take for text.
#[rustfmt::skip]
const SORTING_WORDS: &[&str] = &[
    "race", "racial", "ethnic", "ethnicity", "religion", "religious", "faith", "denomination",
    "belief", "beliefs", "creed", "caste", "tribe",
];

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
            let by_words =
                |at: usize| says(last_key(&names[at]), is_text) && !holds_codes(sample, at);
            chosen.extend((0..bare.len()).filter_map(|at| {
                if by_name(at) || by_words(at) {
                    return Some((at, "by name".to_owned()));
                }
                holds_text(sample, at).then(|| (at, "by content".to_owned()))
            }));
        }
        if chosen.is_empty() {
            chosen.extend((0..bare.len()).map(|at| (at, "no column looks like text".to_owned())));
        } else if self.fields.is_empty() && known.is_none() {
            // Nobody knows yet what these hold, and where they stay empty it costs nothing.
            let empty = (0..bare.len()).filter(|&at| !sample.is_empty() && is_empty(sample, at));
            chosen.extend(empty.map(|at| (at, EMPTY.to_owned())));
        }
        if self.fields.is_empty() {
            let sorts = |at: &usize| says(last_key(&names[*at]), is_sorting);
            let sorting = (0..bare.len()).filter(sorts);
            chosen.extend(sorting.map(|at| (at, SORTING.to_owned())));
        }
        chosen.retain(|(at, _)| !excluded[*at]);
        // The sort is stable: of several reasons the first stays.
        chosen.sort_by_key(|(at, _)| *at);
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

/// Whether the words of a name say something of the column, and not of when or by whom it was
/// filled. Words end at spaces, signs, digits, and before a capital behind a small letter.
fn says(name: &str, what: fn(&[&str]) -> bool) -> bool {
    let mut spaced = String::with_capacity(name.len());
    let mut small = false;
    for letter in name.chars() {
        if (small && letter.is_uppercase()) || !letter.is_alphabetic() {
            spaced.push(' ');
        }
        if letter.is_alphabetic() {
            spaced.extend(letter.to_lowercase());
        }
        small = letter.is_lowercase();
    }
    let words: Vec<&str> = spaced.split_whitespace().collect();
    what(&words) && !words.iter().any(|word| ABOUT_WORDS.contains(word))
}

/// Whether people write there.
fn is_text(words: &[&str]) -> bool {
    let is_text = |word: &&str| {
        TEXT_WORDS.iter().any(|text| word == text || text.len() >= 5 && word.ends_with(text))
    };
    words.iter().any(is_text) || words.windows(2).any(|two| two == ["free", "text"])
}

/// Whether people are sorted there by what notes must not tell.
fn is_sorting(words: &[&str]) -> bool {
    words.iter().any(|word| SORTING_WORDS.contains(word))
}

/// The cells of a column in which something stands.
fn filled(sample: &[Vec<String>], column: usize) -> impl Iterator<Item = &str> {
    let cells = sample.iter().filter_map(move |row| row.get(column)).map(|cell| cell.trim());
    cells.filter(|cell| !cell.is_empty())
}

fn is_empty(sample: &[Vec<String>], column: usize) -> bool {
    filled(sample, column).next().is_none()
}

/// Whether nothing but codes, figures, dates or names stands in a column: no cell has three
/// words with letters.
fn holds_codes(sample: &[Vec<String>], column: usize) -> bool {
    let words = |cell: &str| {
        let with_letters = |word: &&str| word.chars().any(char::is_alphabetic);
        cell.split_whitespace().filter(with_letters).count()
    };
    let is_code = |cell: &str| base64_cell(cell).is_none() && words(cell) < 3;
    !is_empty(sample, column) && filled(sample, column).all(is_code)
}

/// Whether a column holds sentences: of its filled cells, a fifth have six words or
/// more with small letters in them, as notes do and names, addresses and codes do not.
fn holds_text(sample: &[Vec<String>], column: usize) -> bool {
    let filled: Vec<&str> = filled(sample, column).collect();
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
        assert_eq!(chosen(&any, &names, rows), ["Remarks: by name"]);
        let names_said_nothing = ["Id", "Name", "Said", "Address"];
        assert_eq!(chosen(&any, &names_said_nothing, rows), ["Said: by content"]);
        assert_eq!(chosen(&any, &["Id", "Note Text"], &[]), ["Note Text: by name"]);
        let sorted: &[&[&str]] = &[&["1", "Catholic", "C", "White British", "Rang"]];
        let sorting = ["Id", "ReligionOrBelief", "religion_code", "ETHNIC GROUP", "Notes"];
        let expected =
            ["ReligionOrBelief: for its name", "ETHNIC GROUP: for its name", "Notes: by name"];
        assert_eq!(chosen(&any, &sorting, sorted)[..2], expected[..2]);
        let preset = Wanted { preset: Wanted::preset("suitecrm"), ..Wanted::default() };
        assert_eq!(chosen(&preset, &sorting, sorted)[..2], expected[..2]);
        let asked = Wanted { fields: vec!["Notes".to_owned()], ..Wanted::default() };
        assert_eq!(chosen(&asked, &sorting, sorted), ["Notes: asked for"]);
        assert_eq!(chosen(&any, &["A", "B"], &[])[0], "A: no column looks like text");
        let asked = Wanted { fields: vec!["name".into()], ..Wanted::default() };
        assert_eq!(chosen(&asked, &names, rows), ["Name: asked for"]);
        let preset = Wanted { preset: Wanted::preset("hubspot"), ..Wanted::default() };
        assert_eq!(chosen(&preset, &["hs_note_body", "x"], &[]), ["hs_note_body: preset hubspot"]);
        let without = Wanted { excluded: vec!["NAME".into()], ..asked };
        assert_eq!(chosen(&without, &names, rows), [""; 0]);
    }

    #[test]
    fn words_of_a_name_say_that_people_write_there() {
        let texts = [
            "Remarks",
            "Case notes",
            "Free text",
            "Background",
            "Meeting outcome",
            "notes2",
            "caseNotes",
            "CASE_NOTES",
            "casenotes",
            "hs_note_body",
            "Any other comments?",
        ];
        for name in texts {
            assert!(says(name, is_text), "{name}");
            let read = format!("{name}: by name");
            assert_eq!(
                chosen(&Wanted::default(), &[name, "x"], &[&["Rang him back", "1"]]),
                [read]
            );
        }
        for name in ["Notes count", "note_id", "Comment date", "noteId", "Denoted", "Textile"] {
            assert!(!says(name, is_text), "{name}");
        }
        let codes: &[&[&str]] = &[&["Resolved", "a b c"], &["No answer", "d"], &["", "e"]];
        assert_eq!(chosen(&Wanted::default(), &["Outcome", "Notes"], codes), ["Notes: by name"]);
    }

    #[test]
    fn a_column_without_a_cell_in_the_first_rows_is_read() {
        let rows: &[&[&str]] = &[&["1", "Rang about the bins", " "], &["2", "", ""]];
        let any = Wanted::default();
        let names = ["Id", "Notes", "Extra"];
        assert_eq!(chosen(&any, &names, rows), ["Notes: by name", "Extra: empty at first"]);
        // Where nothing looks like text, all are read all the same.
        let codes: &[&[&str]] = &[&["1", ""]];
        assert_eq!(chosen(&any, &["Id", "Extra"], codes)[0], "Id: no column looks like text");
        let asked = Wanted { fields: vec!["Notes".into()], ..any };
        assert_eq!(chosen(&asked, &names, rows), ["Notes: asked for"]);
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
