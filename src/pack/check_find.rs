//! Finds, from TOML to the model: what a rule looks for.

use super::check::{Reader, owned, values};
use super::gate::Expression;
use super::model::{Case, Condition, Find, List, Most, Needs, Place, Severity, Side, What, Within};
use crate::syntax::{Diagnostic, Text, View};
use crate::text::Span;

/// The keys of which a find has one: what it looks for.
const KINDS: &[&str] = &["terms", "list", "regex", "count", "missing", "weigh"];

/// Whether a find says what it looks for in a text: by one of [`KINDS`], or by a table
/// of what is to be replaced.
pub(super) fn looks_for(view: View<'_>) -> bool {
    KINDS.iter().any(|key| view.has(key)) || view.table("replace").is_some()
}

/// The keys that narrow a hit in a text.
const NARROWING: &[&str] =
    &["cues", "shields", "requires", "unless", "weights", "place", "skip_quoted"];

/// The keys of a find that hold for no other.
pub(super) const IN_FINDS: &[&str] =
    &["cues", "place", "case", "validate", "veto", "replace", "rewrite"];

impl Reader<'_, '_> {
    pub(super) fn find(&mut self, view: View<'_>, rule: &str) -> Option<Find> {
        let mut kinds: Vec<_> = KINDS.iter().copied().filter(|key| view.has(key)).collect();
        if view.table("replace").is_some() {
            kinds.push("replace");
        }
        if kinds.is_empty() && view.has("record") {
            kinds.push("record");
            self.only_record(view);
        }
        if kinds.len() != 1 {
            let (message, label) = if kinds.is_empty() {
                (
                    "this find looks for nothing".to_owned(),
                    "it needs `terms`, `list`, `regex`, `count`, `missing`, `weigh`, `record` or a table `replace`",
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
            "replace" => {
                let terms = view.table("replace")?.entries().map(|(term, _)| term).collect();
                What::List(self.anonymous(terms, case, rule)?)
            }
            "list" => What::List(view.text("list")?.value.to_owned()),
            "regex" => self.pattern(view)?,
            "count" => self.count(view.table("count")?)?,
            "record" => What::Record,
            "weigh" => {
                self.whole_text(view);
                let sentences = view.text("weigh").is_some_and(|weigh| weigh.value == "sentences");
                What::Text { sentences }
            }
            _ => self.missing(view.table("missing")?, rule)?,
        };
        if view.has("veto") && !matches!(what, What::Text { .. }) {
            self.fault(
                view.place("veto"),
                "`veto` is about texts that are weighed as a whole",
                "it belongs in the find with `weigh`",
            );
        }
        if view.has("validate") && !matches!(what, What::Pattern { .. }) {
            self.fault(
                view.place("validate"),
                "`validate` checks the match of a `regex`",
                "there is no `regex` here",
            );
        }
        if view.has("case") && !matches!(kinds[0], "terms" | "replace") {
            self.fault(
                view.place("case"),
                "`case` is about `terms` written here",
                "a list says its own case",
            );
        }
        if !view.has("id") {
            self.check_fields(view, "fields");
        }
        let replace = self.replace(view, &what);
        Some(Find {
            what,
            replace,
            record: self.record_tests(view),
            cues: values(view.texts("cues")),
            shields: values(view.texts("shields")),
            requires: self.conditions(view, "requires", rule),
            unless: self.conditions(view, "unless", rule),
            places: view
                .texts("place")
                .iter()
                .filter_map(|text| Place::by_name(text.value))
                .collect(),
            weigh: self.weigh(view),
            skip_quoted: view.flag("skip_quoted").unwrap_or(false),
            severity: view.text("severity").and_then(|text| Severity::by_name(text.value)),
            message: owned(view.text("message")),
            when: Self::when(view, "when"),
            // What a rule says that is a find itself is read with the rule.
            needs: view
                .table("needs")
                .filter(|_| !view.has("id"))
                .and_then(|needs| self.needs(needs, None)),
            fields: values(view.texts("fields")),
            span,
        })
    }

    /// A text is weighed by a table, and has no hit beside which anything could stand.
    fn whole_text(&mut self, view: View<'_>) {
        if !view.has("weights") {
            self.fault(
                view.place("weigh"),
                "`weigh` needs `weights` and `points`: the table, and the fewest that count",
                "by what?",
            );
        }
        for key in ["cues", "shields", "place", "skip_quoted"] {
            if view.has(key) {
                self.fault(
                    view.place(key),
                    format!("`{key}` narrows a hit, and a text that is weighed is none"),
                    "write `requires` or `unless` about the whole field",
                );
            }
        }
    }

    /// A find about nothing but the record has no hit that could be narrowed.
    fn only_record(&mut self, view: View<'_>) {
        for key in NARROWING.iter().filter(|key| view.has(key)) {
            self.fault(
                view.place(key),
                format!("`{key}` narrows a hit in a text, and this find has none"),
                "test the record instead",
            );
        }
        // A rule that is a find itself is looked at as a rule.
        if needs_text(view) && !view.has("id") {
            self.fault(
                view.place("needs"),
                "this find looks only at records: `needs` counts within `record` or `document`",
                "here it says nothing",
            );
        }
    }

    /// The same for what stands beside `[[rule.find]]` tables, and for what only a
    /// whole rule can say.
    pub(super) fn only_records(&mut self, view: View<'_>) {
        let is_record = |view: View<'_>| view.has("record") && !looks_for(view);
        let finds = view.tables("find");
        let is_one = finds.is_empty();
        if looks_for(view)
            || !(if is_one { is_record(view) } else { finds.into_iter().all(is_record) })
        {
            return;
        }
        // Those of a rule that is a find itself have been named with the find, and
        // those that belong in a find with the others.
        let narrowing = NARROWING.iter().filter(|key| !is_one && !IN_FINDS.contains(key));
        for key in narrowing.chain(&["name_fields", "needs", "yields_to"]) {
            if view.has(key) && (*key != "needs" || needs_text(view)) {
                self.fault(
                    view.place(key),
                    format!("`{key}` is about hits in a text, and this rule looks only at records"),
                    "here it says nothing",
                );
            }
        }
    }

    pub(super) fn day(&mut self, view: View<'_>, key: &str) -> Option<jiff::civil::Date> {
        let written = view.date(key)?;
        let day = crate::dates::read(&written, None);
        if day.is_none() {
            self.fault(view.place(key), format!("`{written}` is no day"), "not in the calendar");
        }
        day
    }

    pub(super) fn days(
        &mut self,
        view: View<'_>,
    ) -> (Option<jiff::civil::Date>, Option<jiff::civil::Date>) {
        let (from, until) = (self.day(view, "from"), self.day(view, "until"));
        if let Some((from, until)) = from.zip(until).filter(|(from, until)| from > until) {
            self.fault(
                view.place("until"),
                format!("the rule holds from {from} until {until}, so never"),
                "before `from`",
            );
        }
        (from, until)
    }

    /// What a rule of so many finds needs, or a find by itself.
    pub(super) fn needs(&mut self, view: View<'_>, of: Option<usize>) -> Option<Needs> {
        let wrong = |key: &&str| view.has(key) && view.whole(key).is_none_or(|whole| whole < 0);
        if ["finds", "hits"].iter().any(wrong) {
            return None;
        }
        let count =
            |key: &str| view.whole(key).and_then(|whole| usize::try_from(whole).ok()).unwrap_or(0);
        let needs = Needs {
            finds: count("finds"),
            hits: count("hits"),
            within: view
                .text("within")
                .and_then(|text| Within::by_name(text.value))
                .unwrap_or(Within::Field),
        };
        if needs.finds < 2 && needs.hits < 2 {
            self.fault(view.span, "`needs` asks for nothing", "say `finds` or `hits`, 2 or more");
            return None;
        }
        if needs.finds > of.unwrap_or(1) {
            let (message, label) = match of {
                None => ("a find is only one".to_owned(), "count its `hits`"),
                Some(1) => ("the rule has only one find".to_owned(), "count its `hits`"),
                Some(count) => (format!("the rule has only {count} finds"), "more than that"),
            };
            self.fault(view.place("finds"), message, label);
        }
        Some(needs)
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
        if !self.raw.shipped && !self.can_be_built(regex) {
            return None;
        }
        Some(What::Pattern { regex: Expression::new(regex.value), validate: owned(validate) })
    }

    /// Whether a regular expression can be searched for. The tests have asked it of those
    /// of shipped packs.
    fn can_be_built(&mut self, regex: Text<'_>) -> bool {
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
                return false;
            }
        };
        if hir.properties().minimum_len() == Some(0) {
            self.fault(
                regex.span,
                "this regular expression matches the empty text, so it would match everywhere",
                "matches nothing at all",
            );
            return false;
        }
        if let Err(error) = regex::Regex::new(regex.value) {
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
            return false;
        }
        true
    }

    fn count(&mut self, view: View<'_>) -> Option<What> {
        let of = view.text("of")?;
        let Some(unit) = crate::count::Unit::by_name(of.value) else {
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
        };
        if view.has("except") && unit.is_length() {
            self.fault(
                view.place("except"),
                "nothing can be left out of a length",
                "count words, hashtags or the like to leave some out",
            );
        }
        let most = match view.text("most") {
            Some(fact) => Most::Fact(fact.value.to_owned()),
            None => Most::Number(usize::try_from(view.whole("most")?).ok()?),
        };
        Some(What::Count {
            of: of.value.to_owned(),
            most,
            by_sentence: view.text("within").is_some_and(|within| within.value == "sentence"),
            except: owned(view.text("except")),
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

    pub(super) fn conditions(&mut self, view: View<'_>, key: &str, rule: &str) -> Vec<Condition> {
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
}

/// Whether `needs` counts hits of one text. Records and documents can be counted
/// over without one.
fn needs_text(view: View<'_>) -> bool {
    view.table("needs").is_some_and(|needs| {
        needs.text("within").is_none_or(|within| matches!(within.value, "sentence" | "field"))
    })
}
