//! Data files: YAML, TOML and JSON with texts under some of their keys.

use std::path::Path;

use super::document::Format;
use super::keys::Chosen;
use super::markdown::Parts;
use super::matter::{Matter, keep_asked};
use super::{ReadOptions, front_json, front_toml, front_yaml, scheduler};
use crate::record::Record;
use crate::text::Span;

/// The folder of translations in sites of Hugo.
pub(super) const TRANSLATIONS: &str = "i18n";

/// Reads a data file. The items of its outermost lists are records, each with the values
/// that rules and facts ask for; what stands around them is the first record.
pub(super) fn read(
    name: &str,
    source: &str,
    format: Format,
    options: &ReadOptions,
) -> (Parts, bool) {
    let chosen = if is_translation(name) {
        Chosen::translation(&options.fields)
    } else {
        Chosen::data(&options.fields)
    };
    let mut parts = Parts::default();
    let mut matter = Matter::of_data(source, &chosen, &mut parts);
    match format {
        Format::Toml => front_toml::read(source, &mut matter),
        Format::Json if source.trim().is_empty() => true,
        Format::Json => front_json::read(source, &mut matter),
        _ => front_yaml::read(source, &mut matter),
    };
    // JSON knows no comments.
    if format != Format::Json {
        matter.comments(Span::new(0, source.len()));
    }
    matter.finish();
    let number = (!parts.items.is_empty()).then_some(1);
    let values = std::mem::take(&mut parts.values);
    parts.items.insert(0, Record { number, values, ..Record::default() });
    let is_queue = parts
        .items
        .iter()
        .any(|record| scheduler::is_queue(record.values.iter().map(|value| &*value.name)));
    keep_asked(&mut parts.items, &options.record_fields);
    (parts, is_queue)
}

/// Whether a file holds the words of a site in a language: it stands below `i18n`.
fn is_translation(name: &str) -> bool {
    Path::new(name).ancestors().skip(1).any(|folder| folder.ends_with(TRANSLATIONS))
}
