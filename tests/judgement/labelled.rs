//! Labelled texts, as the tables of this folder hold them.

use std::collections::BTreeSet;

use probity::facts::{FactOrigin, FactValue, Facts};
use probity::pack::PackSet;

/// A labelled text: the rules that must find something (none for an innocent
/// text), and the facts that hold for it.
#[derive(Clone)]
pub struct Labelled {
    pub labels: BTreeSet<String>,
    pub facts: Facts,
    pub text: String,
}

/// The facts of a post on an ordinary day, and what packs say where nobody does.
pub fn ordinary(set: &PackSet) -> Facts {
    let mut facts = Facts::default();
    facts.set("kind", FactValue::Text("post".into()), FactOrigin::Format);
    facts.set("date", FactValue::Text("2026-06-15".into()), FactOrigin::Format);
    for fact in set.facts() {
        if let Some(default) = &fact.default {
            facts.set(&fact.name, default.clone(), FactOrigin::PackDefault);
        }
    }
    facts
}

/// Reads a table: labels, facts (or none, for notes) and text.
pub fn read(table: &str, set: &PackSet) -> Vec<Labelled> {
    table
        .lines()
        .skip(1)
        .filter(|line| !line.is_empty())
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            let (labels, facts, text) = match cells[..] {
                [labels, text] => (labels, "kind=note", text),
                [labels, facts, text] => (labels, facts, text),
                _ => panic!("not two or three cells: {line}"),
            };
            let mut known = ordinary(set);
            for (name, value) in facts.split(';').filter_map(|fact| fact.split_once('=')) {
                let kind = set.fact(name).map(|fact| &fact.kind);
                let value = match kind.map(|kind| kind.read(value)) {
                    Some(Ok(value)) => value,
                    // Nobody asks for it, or not for such a value.
                    _ => FactValue::Text(value.into()),
                };
                known.set(name, value, FactOrigin::CommandLine);
            }
            Labelled {
                labels: labels
                    .split(',')
                    .map(str::trim)
                    .filter(|label| *label != "-")
                    .map(str::to_owned)
                    .collect(),
                facts: known,
                text: text.replace("\\n", "\n"),
            }
        })
        .collect()
}
