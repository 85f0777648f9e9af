//! From TOML to a pack: every fault at once, each at its place.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::Spanned;
use toml::de::DeValue;

use super::gate::gate;
use super::model::{
    Adjustment, Case, ChecklistItem, Citation, Condition, Entry, Example, FactDeclaration,
    FactKind, FactTest, Find, List, Merge, Pack, Place, Rule, Severity, Side, Source, What, When,
    Within,
};
use super::phrase;
use super::spec::PACK_FILE;
use crate::facts::FactValue;
use crate::syntax::{self, Diagnostic, SourceFile, Text, View};
use crate::text::Span;

/// A pack as it came, with the files it may name.
pub struct Raw<'r> {
    /// The TOML file.
    pub file: Arc<SourceFile>,
    /// Where it was loaded from, for people.
    pub origin: String,
    /// Whether it comes with probity.
    pub shipped: bool,
    /// Reads a term list by its path relative to the pack; says why it cannot.
    pub read: &'r dyn Fn(&str) -> Result<String, String>,
}

/// Reads a pack and adds every fault. `None` where it is no TOML. A pack with
/// faults is returned so that what it shares with other packs (`extends`, list
/// names) can be checked with them; it must not be used.
pub fn read_pack(raw: &Raw<'_>, faults: &mut Vec<Diagnostic>) -> Option<Pack> {
    let before = faults.len();
    let parsed = syntax::parse(&raw.file, faults);
    let is_toml = faults.len() == before;
    let root = View::root(&parsed);
    syntax::check(&raw.file, root, &PACK_FILE, faults);
    let mut reader = Reader { raw, faults, digest: blake3::Hasher::new(), anonymous: Vec::new() };
    reader.digest.update(raw.file.text.as_bytes());
    let pack = reader.pack(root);
    is_toml.then_some(pack)
}

struct Reader<'r, 'f> {
    raw: &'r Raw<'r>,
    faults: &'f mut Vec<Diagnostic>,
    digest: blake3::Hasher,
    /// Lists made of terms written inside a rule.
    anonymous: Vec<List>,
}

fn owned(text: Option<Text<'_>>) -> Option<String> {
    text.map(|text| text.value.to_owned())
}

fn values(texts: Vec<Text<'_>>) -> Vec<String> {
    texts.into_iter().map(|text| text.value.to_owned()).collect()
}

fn placed(texts: Vec<Text<'_>>) -> Vec<(String, Span)> {
    texts.into_iter().map(|text| (text.value.to_owned(), text.span)).collect()
}

/// The value of a fact as TOML gives it.
pub fn fact_value(value: &Spanned<DeValue<'_>>) -> Option<FactValue> {
    Some(match value.get_ref() {
        DeValue::String(text) => FactValue::Text(text.to_string()),
        DeValue::Boolean(flag) => FactValue::Bool(*flag),
        DeValue::Integer(number) => {
            FactValue::Integer(i64::from_str_radix(number.as_str(), number.radix()).ok()?)
        }
        DeValue::Array(items) => FactValue::List(
            items
                .iter()
                .filter_map(|item| match item.get_ref() {
                    DeValue::String(text) => Some(text.to_string()),
                    _ => None,
                })
                .collect(),
        ),
        _ => return None,
    })
}

impl Reader<'_, '_> {
    fn fault(&mut self, span: Span, message: impl Into<String>, label: &str) -> &mut Diagnostic {
        self.push(Diagnostic::fault(&self.raw.file, span, message).label(label))
    }

    fn push(&mut self, diagnostic: Diagnostic) -> &mut Diagnostic {
        self.faults.push(diagnostic);
        let last = self.faults.len() - 1;
        &mut self.faults[last]
    }

    fn pack(&mut self, root: View<'_>) -> Pack {
        let head = root.table("pack");
        let text = |key: &str| head.and_then(|head| owned(head.text(key)));
        let families = head.map(|head| head.texts("families")).unwrap_or_default();
        if let Some(id) = head.and_then(|head| head.text("id")).filter(|id| !is_name(id.value)) {
            self.fault(
                id.span,
                format!("`{}` cannot be the id of a pack", id.value),
                "small letters, digits and `-`",
            );
        }
        let sources = root.tables("source").into_iter().map(source).collect::<Vec<_>>();
        self.unique(root, "source", "id");
        self.unique(root, "fact", "name");
        self.unique(root, "rule", "id");
        let facts = root.tables("fact").into_iter().filter_map(|fact| self.fact(fact)).collect();
        let mut lists = Vec::new();
        if let Some(named) = root.table("lists") {
            for (name, value) in named.entries() {
                if !is_name(name.value) {
                    self.fault(
                        name.span,
                        format!("`{}` cannot be the name of a list", name.value),
                        "small letters, digits and `-`",
                    );
                }
                if let Some(view) = View::of(value) {
                    lists.push(self.list(name.value, view));
                }
            }
        }
        let rules: Vec<Rule> = root
            .tables("rule")
            .into_iter()
            .filter_map(|rule| self.rule(rule, &sources, &families))
            .collect();
        let checklist = root
            .tables("checklist")
            .into_iter()
            .filter_map(|item| {
                Some(ChecklistItem {
                    text: owned(item.text("text"))?,
                    cites: self.cites(item, &sources),
                })
            })
            .collect();
        let adjustments = root
            .tables("adjust")
            .into_iter()
            .filter_map(|adjust| self.adjustment(adjust))
            .collect();
        let additions = root
            .tables("add")
            .into_iter()
            .filter_map(|add| {
                let name = owned(add.text("list"))?;
                let list = self.list(&name, add);
                Some((name, list))
            })
            .collect();
        lists.append(&mut self.anonymous);
        Pack {
            id: text("id").unwrap_or_default(),
            title: text("title").unwrap_or_default(),
            version: text("version").unwrap_or_default(),
            description: text("description").unwrap_or_default(),
            families: values(families),
            ask: text("ask"),
            review_by: head.and_then(|head| head.date("review_by")),
            extends: head.map(|head| placed(head.texts("extends"))).unwrap_or_default(),
            origin: self.raw.origin.clone(),
            shipped: self.raw.shipped,
            digest: self.digest.finalize().to_hex().to_string(),
            file: Arc::clone(&self.raw.file),
            sources,
            facts,
            lists,
            rules,
            checklist,
            adjustments,
            additions,
        }
    }

    fn unique(&mut self, root: View<'_>, tables: &str, key: &str) {
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        for table in root.tables(tables) {
            let Some(text) = table.text(key) else { continue };
            if seen.insert(text.value, text.span).is_some() {
                self.fault(
                    text.span,
                    format!("there is a {tables} `{}` already", text.value),
                    "used twice",
                );
            }
        }
    }

    fn fact(&mut self, view: View<'_>) -> Option<FactDeclaration> {
        let name = view.text("name")?;
        let values = values(view.texts("values"));
        let kind = match view.text("type")?.value {
            "text" => FactKind::Text,
            "list" => FactKind::List,
            "yes-no" => FactKind::Flag,
            "number" => FactKind::Whole,
            _ => FactKind::OneOf(values.clone()),
        };
        if matches!(kind, FactKind::OneOf(_)) && values.is_empty() {
            self.fault(
                name.span,
                format!("the fact `{}` needs `values`", name.value),
                "a `one-of` without values",
            );
        }
        let default = view.value("default").and_then(fact_value);
        if let Some(message) = default.as_ref().and_then(|value| kind.refuses(value)) {
            self.fault(
                view.place("default"),
                format!("the default of `{}` {message}", name.value),
                "not a value of this fact",
            );
        }
        Some(FactDeclaration {
            name: name.value.to_owned(),
            kind,
            default,
            about: owned(view.text("about")).unwrap_or_default(),
        })
    }

    fn list(&mut self, name: &str, view: View<'_>) -> List {
        let case = view.text("case").and_then(|case| Case::by_name(case.value)).unwrap_or_default();
        let mut entries = self.entries(view.texts("terms"));
        for file in view.texts("files") {
            match (self.raw.read)(file.value) {
                Ok(text) => {
                    self.digest.update(text.as_bytes());
                    let source = Arc::new(SourceFile {
                        name: sibling(&self.raw.file.name, file.value),
                        text,
                    });
                    self.file_entries(&source, &mut entries);
                }
                Err(why) => {
                    self.fault(
                        file.span,
                        format!("cannot read the list `{}`: {why}", file.value),
                        "named here",
                    );
                }
            }
        }
        let list = List {
            name: name.to_owned(),
            entries,
            include: placed(view.texts("include")),
            fact: owned(view.text("fact")),
            about: owned(view.text("about")).unwrap_or_default(),
            case,
        };
        if list.entries.is_empty() && list.include.is_empty() && list.fact.is_none() {
            self.fault(
                view.span,
                format!("the list `{name}` is empty"),
                "give it `terms`, `files`, `include` or `fact`",
            );
        }
        list
    }

    /// Phrases written in the pack itself.
    fn entries(&mut self, terms: Vec<Text<'_>>) -> Vec<Entry> {
        let file = Arc::clone(&self.raw.file);
        terms.into_iter().filter_map(|term| self.entry(term.value, &file, term.span)).collect()
    }

    /// Phrases of a list file: one a line; two spaces and `#` start a note.
    fn file_entries(&mut self, file: &Arc<SourceFile>, entries: &mut Vec<Entry>) {
        let mut start = 0;
        for line in file.text.split_inclusive('\n') {
            let content = line.trim_end_matches(['\n', '\r']);
            let content = content.split_once("  #").map_or(content, |(term, _)| term);
            let term = content.trim();
            if !term.is_empty() && !term.starts_with("# ") && term != "#" {
                let at = start + (content.len() - content.trim_start().len());
                entries.extend(self.entry(term, file, Span::new(at, at + term.len())));
            }
            start += line.len();
        }
    }

    fn entry(&mut self, written: &str, file: &Arc<SourceFile>, span: Span) -> Option<Entry> {
        match phrase::parse(written) {
            Ok(phrases) => {
                Some(Entry { written: written.to_owned(), phrases, file: Arc::clone(file), span })
            }
            Err(fault) => {
                // Point into the phrase where it stands in the file as it was parsed.
                let raw = &file.text[span.range()];
                let inner = raw.find(written).map_or(span, |at| {
                    let start = span.start + at;
                    Span::new(start + fault.span.start, start + fault.span.end)
                });
                let inner = if inner.is_empty() { span } else { inner };
                self.push(Diagnostic::fault(file, inner, fault.message).label("in this phrase"));
                None
            }
        }
    }

    fn rule(&mut self, view: View<'_>, sources: &[Source], families: &[Text<'_>]) -> Option<Rule> {
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
        let own = ["terms", "list", "regex", "count", "missing"].iter().any(|key| view.has(key));
        if own {
            // These keys of the rule are the rule's; read again for its find, they
            // would overrule `levels` and be checked twice.
            let own = self.find(view, id.value);
            finds.extend(own.map(|find| Find {
                severity: None,
                message: None,
                when: When::new(),
                ..find
            }));
        } else if finds.is_empty() && !view.has("find") {
            self.fault(
                id.span,
                format!("the rule `{}` finds nothing", id.value),
                "it needs `terms`, `list`, `regex`, `count`, `missing` or `[[rule.find]]`",
            );
        } else {
            self.share(view, &mut finds, id.value);
        }
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
            fields: values(view.texts("fields")),
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

    /// Examples say what must be found, and there are some.
    fn check_examples(&mut self, id: Text<'_>, finds: &[Find], bad: &[Example], good: &[Example]) {
        for example in bad.iter().filter(|example| {
            example.marks.is_empty()
                && finds
                    .iter()
                    .all(|find| !matches!(find.what, What::Missing { .. } | What::Count { .. }))
        }) {
            let diagnostic = Diagnostic::fault(
                &self.raw.file,
                example.span,
                "this example does not say what must be found",
            )
            .label("no «marks»")
            .help("put « and » around the words the rule must find");
            self.push(diagnostic);
        }
        for example in good.iter().filter(|example| !example.marks.is_empty()) {
            self.fault(
                example.span,
                "a good example has no «marks»: nothing is found in it",
                "remove the marks",
            );
        }
        if bad.is_empty() || good.is_empty() {
            let message = format!(
                "the rule `{}` has no {} example",
                id.value,
                if bad.is_empty() { "bad" } else { "good" }
            );
            let help = "`bad` shows what is found, `good` what looks alike and is not";
            let diagnostic = if self.raw.shipped {
                Diagnostic::fault(&self.raw.file, id.span, message)
            } else {
                Diagnostic::warning(&self.raw.file, id.span, message)
            };
            self.push(diagnostic.label("nobody can see what it does").help(help));
        }
    }

    /// What a rule says beside its `[[rule.find]]` tables holds for each of them.
    fn share(&mut self, view: View<'_>, finds: &mut [Find], rule: &str) {
        let shields = values(view.texts("shields"));
        let requires = self.conditions(view, "requires", rule);
        let unless = self.conditions(view, "unless", rule);
        for key in ["cues", "place", "case", "validate"] {
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
            find.skip_quoted |= view.flag("skip_quoted").unwrap_or(false);
        }
    }

    fn cites(&mut self, view: View<'_>, sources: &[Source]) -> Vec<Citation> {
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

    fn when(view: View<'_>, key: &str) -> When {
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

    fn find(&mut self, view: View<'_>, rule: &str) -> Option<Find> {
        let kinds: Vec<_> = ["terms", "list", "regex", "count", "missing"]
            .into_iter()
            .filter(|key| view.has(key))
            .collect();
        if kinds.len() != 1 {
            let (message, label) = if kinds.is_empty() {
                (
                    "this find looks for nothing".to_owned(),
                    "it needs `terms`, `list`, `regex`, `count` or `missing`",
                )
            } else {
                (
                    format!("a find looks for one thing, not for {}", kinds.join(" and ")),
                    "make each a `[[rule.find]]` of its own",
                )
            };
            let span = kinds.get(1).map_or(view.span, |key| view.place(key));
            let span = Span::new(span.start, span.end.min(span.start + 80));
            let span = Span::new(span.start, self.raw.file.text.floor_char_boundary(span.end));
            self.fault(span, message, label);
            return None;
        }
        let case = view.text("case").and_then(|case| Case::by_name(case.value)).unwrap_or_default();
        let span = view.place(kinds[0]);
        let what = match kinds[0] {
            "terms" => What::List(self.anonymous(view.texts("terms"), case, rule)?),
            "list" => What::List(view.text("list")?.value.to_owned()),
            "regex" => self.pattern(view)?,
            "count" => self.count(view.table("count")?)?,
            _ => self.missing(view.table("missing")?, rule)?,
        };
        if view.has("validate") && !matches!(what, What::Pattern { .. }) {
            self.fault(
                view.place("validate"),
                "`validate` checks the match of a `regex`",
                "there is no `regex` here",
            );
        }
        if view.has("case") && kinds[0] != "terms" {
            self.fault(
                view.place("case"),
                "`case` is about `terms` written here",
                "a list says its own case",
            );
        }
        Some(Find {
            what,
            cues: values(view.texts("cues")),
            shields: values(view.texts("shields")),
            requires: self.conditions(view, "requires", rule),
            unless: self.conditions(view, "unless", rule),
            places: view
                .texts("place")
                .iter()
                .filter_map(|text| Place::by_name(text.value))
                .collect(),
            skip_quoted: view.flag("skip_quoted").unwrap_or(false),
            severity: view.text("severity").and_then(|text| Severity::by_name(text.value)),
            message: owned(view.text("message")),
            when: Self::when(view, "when"),
            span,
        })
    }

    /// Makes a list of terms written inside a rule and returns its name.
    fn anonymous(&mut self, terms: Vec<Text<'_>>, case: Case, rule: &str) -> Option<String> {
        let entries = self.entries(terms);
        if entries.is_empty() {
            return None;
        }
        let name = format!("{rule}#{}", self.anonymous.len() + 1);
        self.anonymous.push(List { name: name.clone(), entries, case, ..List::default() });
        Some(name)
    }

    fn pattern(&mut self, view: View<'_>) -> Option<What> {
        let regex = view.text("regex")?;
        let validate = view.text("validate");
        if let Some(name) = validate.filter(|name| crate::validate::by_name(name.value).is_none()) {
            let known: Vec<_> =
                crate::validate::all().iter().map(|validator| validator.name).collect();
            let diagnostic = Diagnostic::fault(
                &self.raw.file,
                name.span,
                format!("there is no validator `{}`", name.value),
            )
            .label("unknown")
            .help(format!("the validators are {}", known.join(", ")))
            .did_you_mean(name.value, known.iter().copied());
            self.push(diagnostic);
        }
        let hir = match regex_syntax::parse(regex.value) {
            Ok(hir) => hir,
            Err(error) => {
                let last = error.to_string();
                let last = last
                    .lines()
                    .last()
                    .unwrap_or_default()
                    .trim_start_matches("error: ")
                    .to_owned();
                self.fault(regex.span, format!("this is not a regular expression: {last}"), "in this regular expression").help =
                    Some("look-around and back-references do not exist here; use `cues`, `unless` and `shields`".to_owned());
                return None;
            }
        };
        if hir.properties().minimum_len() == Some(0) {
            self.fault(
                regex.span,
                "this regular expression matches the empty text, so it would match everywhere",
                "matches nothing at all",
            );
            return None;
        }
        // Building it is the costly part. The tests have built those of shipped packs.
        if !self.raw.shipped
            && let Err(error) = regex::Regex::new(regex.value)
        {
            let message = match error {
                regex::Error::CompiledTooBig(limit) => {
                    format!(
                        "this regular expression is too large: built, it would take more than {limit} bytes"
                    )
                }
                error => format!("this regular expression cannot be built: {error}"),
            };
            self.fault(regex.span, message, "in this regular expression").help =
                Some("repeat less, or use a list of terms".to_owned());
            return None;
        }
        Some(What::Pattern {
            regex: regex.value.to_owned(),
            gate: gate(&hir),
            validate: owned(validate),
        })
    }

    fn count(&mut self, view: View<'_>) -> Option<What> {
        let of = view.text("of")?;
        if crate::count::Unit::by_name(of.value).is_none() {
            let known: Vec<_> = crate::count::Unit::NAMES.iter().map(|(name, _)| *name).collect();
            let diagnostic = Diagnostic::fault(
                &self.raw.file,
                of.span,
                format!("`{}` cannot be counted", of.value),
            )
            .label("unknown")
            .help(format!("what can be counted: {}", known.join(", ")))
            .did_you_mean(of.value, known.iter().copied());
            self.push(diagnostic);
            return None;
        }
        Some(What::Count {
            of: of.value.to_owned(),
            most: usize::try_from(view.whole("most")?).ok()?,
        })
    }

    fn missing(&mut self, view: View<'_>, rule: &str) -> Option<What> {
        let within = view
            .text("within")
            .and_then(|text| Within::by_name(text.value))
            .unwrap_or(Within::Field);
        let list = self.list_or_terms(view, rule)?;
        Some(What::Missing { list, within })
    }

    fn list_or_terms(&mut self, view: View<'_>, rule: &str) -> Option<String> {
        match (view.text("list"), view.has("terms")) {
            (Some(list), false) => Some(list.value.to_owned()),
            (None, true) => self.anonymous(view.texts("terms"), Case::Smart, rule),
            _ => {
                let end =
                    self.raw.file.text.floor_char_boundary(view.span.end.min(view.span.start + 80));
                self.fault(
                    Span::new(view.span.start, end),
                    "say `list` or `terms`, and one of them only",
                    "what is looked for?",
                );
                None
            }
        }
    }

    fn conditions(&mut self, view: View<'_>, key: &str, rule: &str) -> Vec<Condition> {
        view.tables(key)
            .into_iter()
            .filter_map(|condition| {
                let list = self.list_or_terms(condition, rule)?;
                let within = match condition.whole("within") {
                    Some(words) => Within::Words(usize::try_from(words).ok()?),
                    None => condition
                        .text("within")
                        .and_then(|text| Within::by_name(text.value))
                        .unwrap_or(Within::Sentence),
                };
                Some(Condition {
                    list,
                    within,
                    side: condition
                        .text("side")
                        .and_then(|text| Side::by_name(text.value))
                        .unwrap_or_default(),
                    at_least: condition
                        .whole("at_least")
                        .and_then(|n| usize::try_from(n).ok())
                        .unwrap_or(1)
                        .max(1),
                    label: owned(condition.text("label")),
                    span: condition.span,
                })
            })
            .collect()
    }

    fn examples(&mut self, view: View<'_>, key: &str) -> Vec<Example> {
        let mut examples = Vec::new();
        for item in view.items(key) {
            let span = Span::from(item.span());
            let (written, facts, severity) = match View::of(item) {
                None => (syntax::as_text(item).map(|text| text.value.to_owned()), Vec::new(), None),
                Some(table) => {
                    let facts = table.table("facts").map(|facts| {
                        facts
                            .entries()
                            .filter_map(|(name, value)| {
                                Some((name.value.to_owned(), fact_value(value)?))
                            })
                            .collect()
                    });
                    let severity =
                        table.text("severity").and_then(|text| Severity::by_name(text.value));
                    (owned(table.text("text")), facts.unwrap_or_default(), severity)
                }
            };
            let Some(written) = written else { continue };
            match unmark(&written) {
                Some((text, marks)) => {
                    examples.push(Example { text, marks, facts, severity, span });
                }
                None => {
                    self.fault(
                        span,
                        "every « needs its », and marks do not stand inside marks",
                        "in this example",
                    );
                }
            }
        }
        examples
    }

    fn adjustment(&mut self, view: View<'_>) -> Option<Adjustment> {
        let rule = view.text("rule")?;
        let adjustment = Adjustment {
            rule: rule.value.to_owned(),
            severity: view.text("severity").and_then(|text| Severity::by_name(text.value)),
            off: view.flag("off").unwrap_or(false),
            reason: owned(view.text("reason")).unwrap_or_default(),
            shields: values(view.texts("shields")),
            help: owned(view.text("help")),
            ask: owned(view.text("ask")),
            span: rule.span,
        };
        if adjustment.reason.trim().is_empty() && view.has("reason") {
            self.fault(
                view.place("reason"),
                "a change to somebody else's rule needs a reason",
                "empty",
            );
        }
        Some(adjustment)
    }
}

fn source(view: View<'_>) -> Source {
    Source {
        id: owned(view.text("id")).unwrap_or_default(),
        title: owned(view.text("title")).unwrap_or_default(),
        publisher: owned(view.text("publisher")),
        date: owned(view.text("date")),
        url: owned(view.text("url")),
        verified: view.flag("verified").unwrap_or(false),
    }
}

/// Whether a word may name a pack, family, rule or list.
fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// The name of a file that stands beside another.
fn sibling(file: &str, relative: &str) -> String {
    match file.rfind(['/', '\\']) {
        Some(slash) => format!("{}{relative}", &file[..=slash]),
        None => relative.to_owned(),
    }
}

/// Takes the «marks» out of an example and returns what they marked. `None`
/// where they do not pair up.
pub fn unmark(written: &str) -> Option<(String, Vec<Span>)> {
    let mut text = String::with_capacity(written.len());
    let mut marks = Vec::new();
    let mut open = None;
    for c in written.chars() {
        match (c, open) {
            ('«', None) => open = Some(text.len()),
            ('»', Some(start)) => {
                marks.push(Span::new(start, text.len()));
                open = None;
            }
            ('«' | '»', _) => return None,
            _ => text.push(c),
        }
    }
    open.is_none().then_some((text, marks))
}

impl FactKind {
    /// Why a value is not one of this kind, as the end of a sentence; `None` if it is.
    pub fn refuses(&self, value: &FactValue) -> Option<String> {
        match (self, value) {
            (Self::Text, FactValue::Text(_))
            | (Self::List, FactValue::List(_) | FactValue::Text(_))
            | (Self::Flag, FactValue::Bool(_))
            | (Self::Whole, FactValue::Integer(_)) => None,
            (Self::OneOf(values), FactValue::Text(text)) if values.contains(text) => None,
            (Self::OneOf(values), _) => Some(format!("must be one of {}", values.join(", "))),
            (Self::Text, _) => Some("must be a text".into()),
            (Self::List, _) => Some("must be a list of texts".into()),
            (Self::Flag, _) => Some("must be yes or no".into()),
            (Self::Whole, _) => Some("must be a whole number".into()),
        }
    }

    /// What may be written after `--set NAME=`, for people.
    pub fn way(&self) -> String {
        match self {
            Self::OneOf(values) => values.join("|"),
            Self::Flag => "yes|no".to_owned(),
            Self::Whole => "NUMBER".to_owned(),
            Self::List => "ONE,TWO,…".to_owned(),
            Self::Text => "TEXT".to_owned(),
        }
    }

    /// Reads a value written after `--set`; says why it cannot.
    pub fn read(&self, written: &str) -> Result<FactValue, String> {
        let written = written.trim();
        let value = match self {
            Self::Text | Self::OneOf(_) => FactValue::Text(written.to_owned()),
            Self::List => FactValue::List(
                written
                    .split(',')
                    .map(str::trim)
                    .filter(|item| !item.is_empty())
                    .map(str::to_owned)
                    .collect(),
            ),
            Self::Flag => match written {
                "yes" | "true" => FactValue::Bool(true),
                "no" | "false" => FactValue::Bool(false),
                _ => return Err("must be yes or no".into()),
            },
            Self::Whole => FactValue::Integer(
                written.parse().map_err(|_| "must be a whole number".to_owned())?,
            ),
        };
        match self.refuses(&value) {
            None => Ok(value),
            Some(why) => Err(why),
        }
    }
}
