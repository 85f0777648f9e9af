//! From TOML to a pack: every fault at once, each at its place.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use toml::Spanned;
use toml::de::DeValue;

use super::digest::Digest;
use super::model::{
    Adjustment, BUILT_IN_FAMILY, Case, ChecklistItem, Entry, FactDeclaration, FactKind, List, Pack,
    Rule, Severity, Source,
};
use super::phrase;
use super::record_test::AS_OF;
use super::set::DATE;
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
    pub read: &'r dyn Fn(&str) -> Result<Cow<'static, str>, String>,
}

/// Reads a pack and adds every fault. `None` where it is no TOML. A pack with
/// faults is returned so that what it shares with other packs (`extends`, list
/// names) can be checked with them; it must not be used.
pub fn read_pack(raw: &Raw<'_>, faults: &mut Vec<Diagnostic>) -> Option<Pack> {
    let before = faults.len();
    let parsed = syntax::parse(&raw.file, faults);
    let is_toml = faults.len() == before;
    let root = View::root(&parsed);
    // The tests have looked at those of shipped packs.
    if !raw.shipped {
        syntax::check(&raw.file, root, &PACK_FILE, faults);
    }
    let files = vec![Arc::clone(&raw.file)];
    let mut reader = Reader { raw, faults, files, anonymous: Vec::new() };
    let pack = reader.pack(root);
    is_toml.then_some(pack)
}

pub(super) struct Reader<'r, 'f> {
    pub(super) raw: &'r Raw<'r>,
    pub(super) faults: &'f mut Vec<Diagnostic>,
    /// All files that were read, in this order.
    files: Vec<Arc<SourceFile>>,
    /// Lists made of terms written inside a rule.
    pub(super) anonymous: Vec<List>,
}

pub(super) fn owned(text: Option<Text<'_>>) -> Option<String> {
    text.map(|text| text.value.to_owned())
}

pub(super) fn values(texts: Vec<Text<'_>>) -> Vec<String> {
    texts.into_iter().map(|text| text.value.to_owned()).collect()
}

pub(super) fn placed(texts: Vec<Text<'_>>) -> Vec<(String, Span)> {
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
        DeValue::Array(items) => {
            FactValue::list(items.iter().filter_map(|item| match item.get_ref() {
                DeValue::String(text) => Some(text.to_string()),
                _ => None,
            }))
        }
        _ => return None,
    })
}

impl Reader<'_, '_> {
    pub(super) fn fault(
        &mut self,
        span: Span,
        message: impl Into<String>,
        label: &str,
    ) -> &mut Diagnostic {
        self.push(Diagnostic::fault(&self.raw.file, span, message).label(label))
    }

    pub(super) fn push(&mut self, diagnostic: Diagnostic) -> &mut Diagnostic {
        self.faults.push(diagnostic);
        let last = self.faults.len() - 1;
        &mut self.faults[last]
    }

    fn pack(&mut self, root: View<'_>) -> Pack {
        let head = root.table("pack");
        let text = |key: &str| head.and_then(|head| owned(head.text(key)));
        let families = head.map(|head| head.texts("families")).unwrap_or_default();
        for family in families.iter().filter(|family| family.value == BUILT_IN_FAMILY) {
            self.fault(
                family.span,
                format!("the family `{BUILT_IN_FAMILY}` holds probity's own rules"),
                "choose another name",
            );
        }
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
        let weights = root.table("weights").map_or_else(Vec::new, |named| {
            let named = named.entries().filter_map(|(name, value)| Some((name, View::of(value)?)));
            named.map(|(name, view)| self.weights(name.value, view)).collect()
        });
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
        let duties =
            root.tables("duty").into_iter().filter_map(|duty| self.duty(duty, &sources)).collect();
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
            digest: Digest::of(std::mem::take(&mut self.files)),
            file: Arc::clone(&self.raw.file),
            sources,
            facts,
            lists,
            weights,
            rules,
            checklist,
            duties,
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
        self.check_fields(view, "fields");
        if matches!(name.value, AS_OF | DATE) && view.has("default") {
            let message = format!("a pack cannot give `{}` a default", name.value);
            self.fault(view.place("default"), message, "remove it").help =
                Some("where nobody sets it, it is the day on which the check is made".to_owned());
        }
        let words = values(view.texts("values"));
        let kind = match view.text("type")?.value {
            "text" => FactKind::Text,
            "list" => FactKind::List,
            "some-of" => FactKind::SomeOf(words.clone()),
            "yes-no" => FactKind::Flag,
            "number" => FactKind::Whole,
            "date" => FactKind::Date,
            "periods" => FactKind::Periods,
            _ => FactKind::OneOf(words.clone()),
        };
        if matches!(kind, FactKind::OneOf(_) | FactKind::SomeOf(_)) && words.is_empty() {
            self.fault(
                name.span,
                format!("the fact `{}` needs `values`", name.value),
                "values to choose from are missing",
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
            fields: values(view.texts("fields")),
            about: owned(view.text("about")).unwrap_or_default(),
        })
    }

    fn list(&mut self, name: &str, view: View<'_>) -> List {
        let case = view.text("case").and_then(|case| Case::by_name(case.value)).unwrap_or_default();
        let mut entries = self.entries(view.texts("terms"));
        for file in view.texts("files") {
            match self.beside(file.value) {
                Ok(source) => self.file_entries(&source, &mut entries),
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
            review_by: view.date("review_by"),
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

    /// A file named by its path from the pack. It belongs to the digest of the pack.
    pub(super) fn beside(&mut self, path: &str) -> Result<Arc<SourceFile>, String> {
        let text = (self.raw.read)(path)?;
        let file = Arc::new(SourceFile { name: sibling(&self.raw.file.name, path), text });
        self.files.push(Arc::clone(&file));
        Ok(file)
    }

    /// Phrases written in the pack itself.
    pub(super) fn entries(&mut self, terms: Vec<Text<'_>>) -> Vec<Entry> {
        let file = Arc::clone(&self.raw.file);
        terms.into_iter().filter_map(|term| self.entry(term.value, &file, term.span)).collect()
    }

    /// Phrases of a list file.
    fn file_entries(&mut self, file: &Arc<SourceFile>, entries: &mut Vec<Entry>) {
        entries.extend(
            syntax::one_a_line(&file.text).filter_map(|(term, span)| self.entry(term, file, span)),
        );
    }

    fn entry(&mut self, written: &str, file: &Arc<SourceFile>, span: Span) -> Option<Entry> {
        // The tests have read those of shipped packs.
        if self.raw.shipped {
            return Some(Entry::new(written, file, span));
        }
        match phrase::parse(written) {
            Ok(_) => Some(Entry::new(written, file, span)),
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
pub(super) fn is_name(name: &str) -> bool {
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
