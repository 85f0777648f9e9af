//! The packs that come with probity.

use std::borrow::Cow;
use std::sync::Arc;

use super::check::{Raw, read_pack};
use super::model::Pack;
use crate::syntax::{Diagnostic, SourceFile};

macro_rules! embedded {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../rules/", $path)))),*]
    };
}

/// Every file under `rules/`, by its path there. A test holds the table against
/// the folder.
pub const SHIPPED: &[(&str, &str)] = embedded![
    "civil-service-code.toml",
    "crm-notes.toml",
    "dhs-110-01.toml",
    "hatch-act.toml",
    "platforms.toml",
    "public-sector-data.toml",
    "terms/countries.txt",
    "terms/data-asylum-countries.txt",
    "terms/data-given-names-more.txt",
    "terms/data-given-names.txt",
    "terms/data-illness.txt",
    "terms/data-treatment.txt",
    "terms/dhs-asking-weights.tsv",
    "terms/dhs-contact-weights.tsv",
    "terms/ethnicity-names.txt",
    "terms/ethnicity-slurs.txt",
    "terms/ethnicity.txt",
    "terms/faiths.txt",
    "terms/forenames.txt",
    "terms/nationality-people.txt",
    "terms/nationality.txt",
    "terms/notes-ethnicity-weights.tsv",
    "terms/notes-nationality-weights.tsv",
    "terms/notes-practice-weights.tsv",
    "terms/notes-race-weights.tsv",
    "terms/notes-religion-weights.tsv",
    "terms/people-weights.tsv",
    "terms/posts-fault-weights.tsv",
    "terms/race-ambiguous.txt",
    "terms/race-slurs.txt",
    "terms/race.txt",
    "terms/religion.txt",
    "terms/uk-attack-weights.tsv",
    "terms/uk-cases-weights.tsv",
    "terms/uk-election-weights.tsv",
    "terms/uk-gain-weights.tsv",
    "terms/uk-inside-weights.tsv",
    "terms/uk-ministers-weights.tsv",
    "terms/uk-next-government-weights.tsv",
    "terms/uk-opinion-weights.tsv",
    "terms/uk-parliament-weights.tsv",
    "terms/uk-partisan-weights.tsv",
    "terms/uk-press-weights.tsv",
    "terms/uk-tone-weights.tsv",
    "terms/us-campaign-tags.txt",
    "terms/us-duty-weights.tsv",
    "terms/us-endorsement-weights.tsv",
    "terms/us-faiths-and-peoples.txt",
    "terms/us-figures.txt",
    "terms/us-funds-weights.tsv",
    "terms/us-given-names.txt",
    "terms/us-health.txt",
    "terms/us-immigration-status.txt",
    "terms/us-inside-weights.tsv",
    "terms/us-parties.txt",
    "terms/us-partisan-handles.txt",
    "terms/us-partisan-weights.tsv",
    "terms/us-title-weights.tsv",
];

/// The tables of weights among them, as [`super::Numbers`] that were written down.
const NUMBERED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/numbered.rs"));

/// The numbers of a table of weights, by its path under `rules/`.
pub(super) fn numbered(path: &str) -> Option<&'static [u8]> {
    NUMBERED.iter().find(|(name, _)| *name == path).map(|(_, numbers)| *numbers)
}

fn embedded(path: &str) -> Option<&'static str> {
    SHIPPED.iter().find(|(name, _)| *name == path).map(|(_, text)| *text)
}

/// The ids of the shipped packs, in order.
pub fn shipped_names() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().filter_map(|(path, _)| path.strip_suffix(".toml"))
}

/// Reads a shipped pack by its id. `None` where there is no such pack.
pub fn load_shipped(id: &str, faults: &mut Vec<Diagnostic>) -> Option<Pack> {
    let text = embedded(&format!("{id}.toml"))?;
    let file = Arc::new(SourceFile { name: format!("rules/{id}.toml"), text: text.into() });
    let read = |path: &str| {
        embedded(path)
            .map(Cow::Borrowed)
            .ok_or_else(|| "it is not among the shipped files".to_owned())
    };
    read_pack(&Raw { file, origin: "built in".to_owned(), shipped: true, read: &read }, faults)
}

#[cfg(test)]
mod tests {
    use super::super::numbers::{Numbers, features};
    use super::*;
    use crate::syntax::one_a_line;

    #[test]
    fn tables_were_numbered_as_they_are_read() {
        let tables = SHIPPED.iter().filter(|(path, _)| path.ends_with("-weights.tsv"));
        let mut count = 0;
        for (path, text) in tables {
            let lines = one_a_line(text).map(|(line, _)| line);
            assert!(
                numbered(path).and_then(Numbers::read) == Some(Numbers::new(features(lines))),
                "{path}"
            );
            count += 1;
        }
        assert!(count > 0 && count == NUMBERED.len());
    }
}
