//! What a scan looked at, so that nothing is called gone that was not looked for.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::model::Summary;

/// The columns that a scan read, and the rules that it judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Whether anything is known of it.
    said: bool,
    /// Columns that were scanned, of all files together.
    columns: BTreeSet<String>,
    /// Columns that were there and were not scanned, of any file.
    unread: BTreeSet<String>,
    /// Packs by id: version and digest.
    packs: BTreeMap<String, (String, String)>,
    /// Rules that could be judged in no file, for want of facts or columns.
    not_judged: BTreeSet<String>,
    /// The rules that are known, and their packs; none where they are switched off.
    rules: BTreeMap<String, Option<String>>,
}

impl Scope {
    /// That of a scan that is through, with the rules of its runs: their packs, their names,
    /// and whether they were switched on.
    pub fn of<'a>(
        summary: &Summary,
        rules: impl IntoIterator<Item = (&'a str, &'a str, bool)>,
    ) -> Self {
        let mut scope = Self::default();
        // The scope of an older list is read from such a value, too.
        scope.read(&serde_json::to_value(summary).unwrap_or_default());
        for (pack, rule, is_on) in rules {
            let known = scope.rules.entry(rule.to_owned()).or_default();
            *known = known.take().or_else(|| is_on.then(|| pack.to_owned()));
        }
        scope
    }

    /// Takes up what the summary of a list says.
    pub(super) fn read(&mut self, summary: &Value) {
        let array = |value: &Value, key: &str| -> Vec<Value> {
            value.get(key).and_then(Value::as_array).cloned().unwrap_or_default()
        };
        let text = |value: &Value, key: &str| {
            value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        self.said = true;
        let files = array(summary, "files");
        for file in &files {
            self.columns.extend(array(file, "columns").iter().map(|column| text(column, "name")));
            let unread = array(file, "unread");
            self.unread.extend(unread.iter().filter_map(Value::as_str).map(str::to_owned));
        }
        for pack in array(summary, "packs") {
            self.packs.insert(text(&pack, "id"), (text(&pack, "version"), text(&pack, "digest")));
        }
        for rule in array(summary, "not_judged") {
            let partly = rule.get("partly").and_then(Value::as_bool).unwrap_or(false);
            let documents = rule.get("documents").and_then(Value::as_u64).unwrap_or(0);
            if !partly && documents >= files.len() as u64 {
                self.not_judged.insert(text(&rule, "rule"));
            }
        }
        for (rule, of) in summary.get("rules").and_then(Value::as_object).into_iter().flatten() {
            self.rules.insert(rule.clone(), Some(text(of, "pack")));
        }
    }

    /// Whether a summary has been read.
    pub(super) fn is_said(&self) -> bool {
        self.said
    }

    /// Whether a scan of this scope would have found what a rule found in a column, as far
    /// as one can tell; `other` is the scope in which that was found.
    pub(super) fn holds(&self, rule: &str, column: &str, other: &Self) -> bool {
        if !self.said {
            return true;
        }
        let left_out = self.unread.contains(column) && !self.columns.contains(column);
        let judged = match (self.rules.get(rule), other.rules.get(rule)) {
            (Some(pack), _) => pack.is_some(),
            (None, Some(Some(pack))) => self.packs.contains_key(pack),
            (None, _) => true,
        };
        !left_out && judged && !self.not_judged.contains(rule)
    }

    /// The packs that both have and that differ, with their versions here and in `now`.
    pub(super) fn changed(&self, now: &Self) -> Vec<(String, String, String)> {
        let both = self.packs.iter().filter_map(|(id, then)| Some((id, then, now.packs.get(id)?)));
        both.filter(|(_, then, now)| then.1 != now.1)
            .map(|(id, then, now)| (id.clone(), then.0.clone(), now.0.clone()))
            .collect()
    }
}
