//! Rules, from TOML to the model.

use std::sync::Arc;

use super::check::{Reader, fact_value, is_name, owned, placed, values};
use super::check_find::{IN_FINDS, looks_for};
use super::model::{Citation, FactTest, Find, Merge, Rule, Severity, Source, What, When};
use crate::syntax::{Diagnostic, Text, View};

impl Reader<'_, '_> {
    pub(super) fn rule(
        &mut self,
        view: View<'_>,
        sources: &[Source],
        families: &[Text<'_>],
    ) -> Option<Rule> {
        let id = view.text("id")?;
        let family =
            id.value.split_once('/').filter(|(family, name)| is_name(family) && is_name(name));
        match family {
            None => {
                self.fault(
                    id.span,
                    format!("`{}` is not the name of a rule", id.value),
                    "expected `family/name` in small letters",
                );
            }
            Some((family, _)) if !families.iter().any(|known| known.value == family) => {
                let known: Vec<_> = families.iter().map(|text| text.value).collect();
                let diagnostic = Diagnostic::fault(
                    &self.raw.file,
                    id.span,
                    format!("the pack does not declare the family `{family}`"),
                )
                .label("of this rule")
                .help("add it to `families` in `[pack]`")
                .did_you_mean(family, known);
                self.push(diagnostic);
            }
            Some(_) => {}
        }
        let when = Self::when(view, "when");
        let mut finds: Vec<Find> =
            view.tables("find").into_iter().filter_map(|find| self.find(find, id.value)).collect();
        let own = looks_for(view) || (!view.has("find") && view.has("record"));
        if own {
            // These keys of the rule are the rule's; read again for its find, they
            // would overrule `levels` and be checked twice.
            let own = self.find(view, id.value);
            finds.extend(own.map(|find| Find {
                severity: None,
                message: None,
                when: When::new(),
                needs: None,
                ..find
            }));
        } else if finds.is_empty() && !view.has("find") {
            self.fault(
                id.span,
                format!("the rule `{}` finds nothing", id.value),
                "it needs `terms`, `list`, `regex`, `count`, `missing`, `weigh`, `record`, a table `replace` or `[[rule.find]]`",
            );
        } else {
            self.share(view, &mut finds, id.value);
        }
        self.only_records(view);
        for key in ["fields", "name_fields"] {
            self.check_fields(view, key);
        }
        // Those that could not be read count too: they have faults of their own.
        let count = view.tables("find").len() + usize::from(own);
        let severity = view.text("severity").and_then(|text| Severity::by_name(text.value));
        let levels = view
            .tables("levels")
            .into_iter()
            .filter_map(|level| {
                let severity = Severity::by_name(level.text("severity")?.value)?;
                Some((Self::when(level, "when"), severity))
            })
            .collect();
        let bad = self.examples(view, "bad");
        let good = self.examples(view, "good");
        self.check_examples(id, &finds, &bad, &good);
        self.check_fixes(view, id, &finds, &bad, &good);
        Some(Rule {
            id: id.value.to_owned(),
            aliases: values(view.texts("aliases")),
            title: owned(view.text("title")).unwrap_or_default(),
            severity: severity.unwrap_or(Severity::Error),
            levels,
            message: owned(view.text("message")).unwrap_or_default(),
            help: owned(view.text("help")).unwrap_or_default(),
            ask: owned(view.text("ask")),
            cites: self.cites(view, sources),
            when,
            during: owned(view.text("during")),
            days: self.days(view),
            fields: values(view.texts("fields")),
            name_fields: values(view.texts("name_fields")),
            needs: view.table("needs").and_then(|needs| self.needs(needs, Some(count))),
            merge: view
                .text("one_per")
                .and_then(|text| Merge::by_name(text.value))
                .unwrap_or_default(),
            redact: view.flag("redact").unwrap_or(false),
            hashtags: view.flag("hashtags").unwrap_or(true),
            yields_to: placed(view.texts("yields_to")),
            finds,
            bad,
            good,
            off: None,
            file: Arc::clone(&self.raw.file),
            span: id.span,
        })
    }

    /// What a rule says beside its `[[rule.find]]` tables holds for each of them.
    fn share(&mut self, view: View<'_>, finds: &mut [Find], rule: &str) {
        let shields = values(view.texts("shields"));
        let requires = self.conditions(view, "requires", rule);
        let unless = self.conditions(view, "unless", rule);
        let record = self.record_tests(view);
        let weigh = self.weigh(view);
        for key in IN_FINDS {
            if view.has(key) {
                self.fault(
                    view.place(key),
                    format!("`{key}` belongs in the `[[rule.find]]` it is about"),
                    "beside `find` it says nothing",
                );
            }
        }
        for find in finds {
            find.shields.extend(shields.iter().cloned());
            find.requires.extend(requires.iter().cloned());
            find.unless.extend(unless.iter().cloned());
            find.record.extend(record.iter().cloned());
            if matches!(find.what, What::List(_)) {
                find.weigh = find.weigh.take().or_else(|| weigh.clone());
            }
            find.skip_quoted |= view.flag("skip_quoted").unwrap_or(false);
        }
    }

    pub(super) fn cites(&mut self, view: View<'_>, sources: &[Source]) -> Vec<Citation> {
        let mut cites = Vec::new();
        for cite in view.tables("cites") {
            let Some(id) = cite.text("source") else { continue };
            let Some(source) = sources.iter().find(|source| source.id == id.value) else {
                let diagnostic = Diagnostic::fault(
                    &self.raw.file,
                    id.span,
                    format!("the pack declares no source `{}`", id.value),
                )
                .label("cited here")
                .did_you_mean(id.value, sources.iter().map(|source| source.id.as_str()));
                self.push(diagnostic);
                continue;
            };
            cites.push(Citation {
                source: source.id.clone(),
                at: owned(cite.text("at")),
                verified: cite.flag("verified").unwrap_or(source.verified),
            });
        }
        cites
    }

    pub(super) fn when(view: View<'_>, key: &str) -> When {
        let Some(table) = view.table(key) else { return Vec::new() };
        table
            .entries()
            .filter_map(|(name, value)| {
                let (value, negated) = match View::of(value) {
                    Some(not) => (not.value("not")?, true),
                    None => (value, false),
                };
                let values = fact_value(value)?.words();
                Some(FactTest { fact: name.value.to_owned(), values, negated })
            })
            .collect()
    }
}
