//! Facts: who posts, where, when. Whether words are a breach depends on them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// The value of a fact.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(untagged)]
pub enum FactValue {
    /// A word or phrase.
    Text(String),
    /// Several of them. Every document and every row has a copy of its facts, and lists of
    /// names are long.
    List(#[serde(serialize_with = "shared")] Arc<Vec<String>>),
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Integer(i64),
}

fn shared<S: Serializer>(list: &Arc<Vec<String>>, serializer: S) -> Result<S::Ok, S::Error> {
    list.as_ref().serialize(serializer)
}

impl FactValue {
    /// Several words or phrases.
    pub fn list(items: impl IntoIterator<Item = String>) -> Self {
        Self::List(Arc::new(items.into_iter().collect()))
    }

    /// The value as the words that conditions in packs are compared with.
    pub fn words(&self) -> Vec<String> {
        match self {
            Self::Text(text) => vec![text.clone()],
            Self::List(texts) => texts.to_vec(),
            Self::Bool(flag) => vec![if *flag { "yes" } else { "no" }.to_owned()],
            Self::Integer(number) => vec![number.to_string()],
        }
    }

    /// Whether one of the words is one of these, whatever the case of their letters.
    pub fn has_any(&self, wanted: &[String]) -> bool {
        let is = |word: &str| wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(word));
        match self {
            Self::Text(text) => is(text),
            Self::List(texts) => texts.iter().any(|text| is(text)),
            Self::Bool(_) | Self::Integer(_) => self.words().iter().any(|word| is(word)),
        }
    }
}

/// Where the value of a fact came from. Later ones win.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FactOrigin {
    /// The clock of the machine tells the day. Not reported: two runs would differ.
    Clock,
    /// The format of the document tells its `kind`.
    Format,
    /// The pack that declares the fact.
    PackDefault,
    /// `probity.toml`.
    Configuration,
    /// A table of `probity.toml` for some paths.
    PathConfiguration,
    /// The document itself.
    FrontMatter,
    /// A column of a table, for one of its rows.
    Column,
    /// The command line.
    CommandLine,
}

/// The facts that hold for one document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Facts {
    values: BTreeMap<String, (FactValue, FactOrigin)>,
    /// Facts that are stated by something that is no value of theirs.
    unreadable: BTreeSet<String>,
}

impl Facts {
    /// Sets a fact, unless a stronger origin has set it already.
    pub fn set(&mut self, name: &str, value: FactValue, origin: FactOrigin) {
        match self.values.get(name) {
            Some((_, earlier)) if *earlier > origin => {}
            _ => {
                self.values.insert(name.to_owned(), (value, origin));
                self.unreadable.remove(name);
            }
        }
    }

    /// Takes back what weaker origins say of a fact: `origin` states it, and nobody can
    /// tell what it says.
    pub fn set_unreadable(&mut self, name: &str, origin: FactOrigin) {
        if self.values.get(name).is_none_or(|(_, earlier)| *earlier <= origin) {
            self.values.remove(name);
            self.unreadable.insert(name.to_owned());
        }
    }

    /// Whether the fact is stated, and nobody can tell what it says.
    pub fn is_unreadable(&self, name: &str) -> bool {
        self.unreadable.contains(name)
    }

    /// Whether nobody can tell what some fact says.
    pub fn has_unreadable(&self) -> bool {
        !self.unreadable.is_empty()
    }

    /// Forgets all facts but these.
    pub fn keep(&mut self, names: &BTreeSet<&str>) {
        self.values.retain(|name, _| names.contains(name.as_str()));
        self.unreadable.retain(|name| names.contains(name.as_str()));
    }

    /// The value of a fact. An empty text or list is no value.
    pub fn get(&self, name: &str) -> Option<&FactValue> {
        self.values.get(name).map(|(value, _)| value).filter(|value| match value {
            FactValue::Text(text) => !text.trim().is_empty(),
            FactValue::List(items) => !items.is_empty(),
            FactValue::Bool(_) | FactValue::Integer(_) => true,
        })
    }

    /// Every fact with its origin, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &FactValue, FactOrigin)> {
        self.values.iter().map(|(name, (value, origin))| (name.as_str(), value, *origin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_of_facts_share_their_lists() {
        let mut facts = Facts::default();
        facts.set("names", FactValue::list(["Ada".to_owned()]), FactOrigin::Configuration);
        let copy = facts.clone();
        let lists = [&facts, &copy].map(|facts| match facts.get("names") {
            Some(FactValue::List(names)) => Arc::clone(names),
            other => panic!("{other:?}"),
        });
        assert!(Arc::ptr_eq(&lists[0], &lists[1]));
        let shown = serde_json::to_string(copy.get("names").unwrap()).unwrap();
        assert_eq!(shown, r#"["Ada"]"#);
    }
}
