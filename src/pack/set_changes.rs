//! What packs change of those that they extend.

use std::sync::Arc;

use super::model::List;
use super::set::PackSet;
use crate::syntax::Diagnostic;

impl PackSet {
    /// Carries out `[[adjust]]` and `[[add]]`.
    pub(super) fn apply_changes(&mut self, faults: &mut Vec<Diagnostic>) {
        for at in 0..self.packs.len() {
            let scope = self.scopes[at].clone();
            let file = Arc::clone(&self.packs[at].file);
            for change in self.packs[at].adjustments.clone() {
                let known: Vec<String> = scope
                    .iter()
                    .filter(|&&pack| pack != at)
                    .flat_map(|&pack| self.packs[pack].rules.iter().map(|rule| rule.id.clone()))
                    .collect();
                let owner = scope.iter().copied().find(|&pack| {
                    pack != at && self.packs[pack].rules.iter().any(|rule| rule.id == change.rule)
                });
                let Some(owner) = owner else {
                    faults.push(
                        Diagnostic::fault(
                            &file,
                            change.span,
                            format!("no extended pack has a rule `{}`", change.rule),
                        )
                        .label("unknown")
                        .did_you_mean(&change.rule, known.iter().map(String::as_str)),
                    );
                    continue;
                };
                let shields: Vec<String> = change.shields.clone();
                for shield in &shields {
                    if !self.packs[at].lists.iter().any(|list| list.name == *shield) {
                        faults.push(
                            Diagnostic::fault(
                                &file,
                                change.span,
                                format!("this pack has no list `{shield}`"),
                            )
                            .label("for this rule")
                            .did_you_mean(
                                shield,
                                self.packs[at].lists.iter().map(|list| list.name.as_str()),
                            ),
                        );
                    }
                }
                let lists: Vec<List> = self.packs[at]
                    .lists
                    .iter()
                    .filter(|list| shields.contains(&list.name))
                    .cloned()
                    .collect();
                let from = self.packs[at].id.clone();
                // The lists that these shields name are lists of this pack.
                if !lists.is_empty() && !self.scopes[owner].contains(&at) {
                    self.scopes[owner].push(at);
                }
                let base = Arc::make_mut(&mut self.packs[owner]);
                let mut names = Vec::new();
                for mut list in lists {
                    list.name = format!("{from}/{}", list.name);
                    names.push(list.name.clone());
                    if !base.lists.iter().any(|known| known.name == list.name) {
                        base.lists.push(list);
                    }
                }
                let Some(rule) = base.rules.iter_mut().find(|rule| rule.id == change.rule) else {
                    continue;
                };
                if let Some(severity) = change.severity {
                    rule.severity = severity;
                    rule.levels.clear();
                    for find in &mut rule.finds {
                        find.severity = None;
                    }
                }
                if change.off {
                    rule.off = Some(change.reason.clone());
                }
                rule.help = change.help.clone().unwrap_or_else(|| rule.help.clone());
                rule.ask = change.ask.clone().or_else(|| rule.ask.clone());
                for find in &mut rule.finds {
                    find.shields.extend(names.iter().cloned());
                }
            }
            self.apply_additions(at, &scope, faults);
        }
    }

    /// Carries out the `[[add]]` tables of one pack.
    fn apply_additions(&mut self, at: usize, scope: &[usize], faults: &mut Vec<Diagnostic>) {
        let file = Arc::clone(&self.packs[at].file);
        for (name, addition) in self.packs[at].additions.clone() {
            let owner = scope.iter().copied().find(|&pack| {
                pack != at && self.packs[pack].lists.iter().any(|list| list.name == name)
            });
            // What was added may name lists of the pack that adds it.
            if let Some(owner) = owner
                && !self.scopes[owner].contains(&at)
            {
                self.scopes[owner].push(at);
            }
            let list = owner.and_then(|pack| {
                let lists = &mut Arc::make_mut(&mut self.packs[pack]).lists;
                lists.iter_mut().find(|list| list.name == name)
            });
            if let Some(list) = list {
                list.entries.extend(addition.entries);
            } else {
                let span = addition
                    .entries
                    .first()
                    .map_or(crate::text::Span::new(0, 0), |entry| entry.span);
                faults.push(
                    Diagnostic::fault(&file, span, format!("no extended pack has a list `{name}`"))
                        .label("added to it here"),
                );
            }
        }
    }
}
