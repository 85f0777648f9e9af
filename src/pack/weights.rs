//! Tables of weights: how much each thing beside a hit speaks for the rule or against it.
//!
//! Points add up, as on a scorecard: 100 points make it e times as likely that the hit
//! is what the rule is about (the coefficients of a logistic regression, in hundredths).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::check::{Reader, owned, placed};
use super::feature::{Feature, Item, NoFeature, Seat, Shape};
use super::load;
use super::model::What;
use super::numbers::{MOST_POINTS, Numbers, features, parts};
use super::set::PackSet;
use crate::syntax::{self, Diagnostic, SourceFile, View};
use crate::text::{Folded, Span};

/// A table of weights.
#[derive(Clone, Debug)]
pub struct Weights {
    /// Its name in the pack.
    pub name: String,
    /// What it weighs.
    pub about: String,
    /// The lists whose words are classes.
    pub classes: Vec<(String, Span)>,
    /// A table whose points are added to its own, for texts as a whole.
    pub plus: Option<(String, Span)>,
    /// The lines with the points.
    file: Option<Arc<SourceFile>>,
    /// The same as numbers, where they were numbered before.
    ready: Option<&'static [u8]>,
    /// The rules and lists that features name, where they are to be checked.
    named: Vec<Named>,
}

impl Weights {
    /// Whether another table, perhaps of another pack, is the same: of the same lines, and
    /// without classes, which packs fill by themselves.
    pub fn is_same(&self, other: &Self) -> bool {
        self.classes.is_empty()
            && other.classes.is_empty()
            && self.file.as_ref().map(|it| &it.text) == other.file.as_ref().map(|it| &it.text)
    }

    /// The features with their points. They are read when a rule is judged that weighs by
    /// them: the tables are half of what probity ships.
    pub fn points(&self) -> impl Iterator<Item = (Feature<'_>, i32)> + '_ {
        let text = self.file.as_ref().map_or("", |file| &file.text);
        features(syntax::one_a_line(text).map(|(line, _)| line))
    }

    /// The same as numbers.
    pub fn numbers(&self) -> Numbers {
        let ready = self.ready.and_then(Numbers::read);
        ready.unwrap_or_else(|| Numbers::new(self.points()))
    }
}

/// A rule or list that a table of weights names.
#[derive(Clone, Debug)]
struct Named {
    is_rule: bool,
    name: String,
    file: Arc<SourceFile>,
    span: Span,
}

/// How many points a hit needs, and by which table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weigh {
    /// The name of a [`Weights`].
    pub by: String,
    /// The fewest points.
    pub least: i32,
    /// Of a text as a whole: with fewer points than these by the table that is added (by
    /// the table itself where it adds none), what the other finds of the rule find in the
    /// text does not count.
    pub veto: Option<i32>,
    /// Where the table is named.
    pub span: Span,
}

/// Most classes of a table: each is a bit.
const MOST_CLASSES: usize = 64;
/// Most points that can be asked for, or may speak against.
const MOST_LEAST: i32 = 1_000_000;
/// How a line is written.
const FORM: &str =
    "write points and what they are for, such as `35 left1 he` or `-80 next <thing>`";

impl NoFeature<'_> {
    fn fault(self, file: &Arc<SourceFile>, span: Span) -> Diagnostic {
        let fault = |message: String| Diagnostic::fault(file, span, message).label("in this line");
        match self {
            Self::Seat("") => {
                fault("this line does not say what its points are for".into()).help(FORM)
            }
            Self::Seat(seat) => fault(format!("`{seat}` is nowhere beside a hit"))
                .help(format!("it can be {}", Seat::NAMES.join(", ")))
                .did_you_mean(seat, Seat::NAMES.iter().copied()),
            Self::Short(seat) => fault(format!("`{seat}` must say what is seen there")).help(FORM),
            Self::Long(more) => fault(format!("`{more}` is one word too many")).help(FORM),
            Self::Shape(shape) => {
                let known = || Shape::ALL.iter().map(|(name, _)| *name);
                let small = known().find(|name| name.eq_ignore_ascii_case(shape));
                let fault = fault(format!("words are not written `{shape}`"));
                match small {
                    Some(name) => fault.help(format!("did you mean `{name}`?")),
                    None => fault
                        .help(format!("it can be {}", known().collect::<Vec<_>>().join(", ")))
                        .did_you_mean(shape, known()),
                }
            }
            Self::Class(class) => fault(format!("`{class}` is neither a word nor a class"))
                .help("a class stands between `<` and `>`"),
            Self::Unseen(item) => fault(format!("`{item}` is not seen in a text as a whole"))
                .help("`word`, `stem` and `pair` say words, `word` and `pair` `:number`, and `pair` `:edge`"),
        }
    }
}

impl Reader<'_, '_> {
    pub(super) fn weights(&mut self, name: &str, view: View<'_>) -> Weights {
        let classes = placed(view.texts("classes"));
        if let Some((_, span)) = classes.get(MOST_CLASSES) {
            let message = format!("a table of weights has at most {MOST_CLASSES} classes");
            self.fault(*span, message, "one too many");
        }
        let mut table = Weights {
            name: name.to_owned(),
            about: owned(view.text("about")).unwrap_or_default(),
            classes,
            plus: view.text("plus").map(|plus| (plus.value.to_owned(), plus.span)),
            file: None,
            ready: None,
            named: Vec::new(),
        };
        if let Some(file) = view.text("file") {
            match self.beside(file.value) {
                Ok(source) => {
                    if self.raw.shipped {
                        // The tests have looked at it.
                        table.ready = load::numbered(file.value);
                    } else {
                        self.check_points(&source, &mut table);
                    }
                    table.file = Some(source);
                }
                Err(why) => {
                    let message = format!("cannot read the weights `{}`: {why}", file.value);
                    self.fault(file.span, message, "named here");
                }
            }
        }
        table
    }

    /// One feature a line, its points before it.
    fn check_points(&mut self, file: &Arc<SourceFile>, table: &mut Weights) {
        let mut lines: BTreeMap<u64, Span> = BTreeMap::new();
        let before = self.faults.len();
        let mut is_empty = true;
        for (line, span) in syntax::one_a_line(&file.text) {
            let (count, feature) = parts(line);
            let Ok(count) = count.parse::<i32>() else {
                let message = format!("`{count}` is no number of points");
                self.push(Diagnostic::fault(file, span, message).label("in this line").help(FORM));
                continue;
            };
            if count.abs() > MOST_POINTS {
                let message = format!("{count} points are more than {MOST_POINTS}");
                self.push(Diagnostic::fault(file, span, message).label("in this line"));
            }
            let feature = match Feature::read(feature) {
                Ok(feature) => feature,
                Err(why) => {
                    self.push(why.fault(file, span));
                    continue;
                }
            };
            is_empty = false;
            if lines.insert(feature.key(), span).is_some() {
                let fault = Diagnostic::fault(file, span, "this has its points already");
                self.push(fault.label("said twice"));
            }
            self.names(file, span, feature, table);
        }
        if is_empty && self.faults.len() == before {
            let end = file.text.ceil_char_boundary(file.text.len().min(1));
            let fault = Diagnostic::fault(file, Span::new(0, end), "this file holds no weights");
            self.push(fault.help(FORM));
        }
    }

    /// What a feature names must be there, or it would never count.
    fn names(
        &mut self,
        file: &Arc<SourceFile>,
        span: Span,
        feature: Feature<'_>,
        table: &mut Weights,
    ) {
        for item in feature.items() {
            match (feature.seat, item) {
                (Seat::Rule | Seat::List, Item::Word(name)) => table.named.push(Named {
                    is_rule: feature.seat == Seat::Rule,
                    name: name.to_owned(),
                    file: Arc::clone(file),
                    span,
                }),
                (_, Item::Class(name)) => {
                    let known = || table.classes.iter().map(|(name, _)| name.as_str());
                    if !known().any(|known| known == name) {
                        let message = format!("`{name}` is not among the `classes` of the table");
                        let fault = Diagnostic::fault(file, span, message).label("in this line");
                        self.push(fault.did_you_mean(name, known()));
                    }
                }
                (_, Item::Word(word)) => {
                    // `'s` is the end of a word, and marks are seen as they are.
                    let letters = word.trim_start_matches('\'');
                    let folded = Folded::new(letters);
                    if letters.starts_with(char::is_alphanumeric) && folded.text() != letters {
                        let message = format!("no word is ever seen as `{word}`");
                        let help = format!(
                            "words are in small letters, without accents: `{}`",
                            folded.text()
                        );
                        let fault = Diagnostic::fault(file, span, message).label("in this line");
                        self.push(fault.help(help));
                    }
                }
                (_, Item::Shape(_)) => {}
            }
        }
    }

    /// How many points a key asks for.
    fn points(&mut self, view: View<'_>, key: &str) -> Option<i32> {
        let written = view.whole(key)?;
        let points = i32::try_from(written).ok().filter(|points| points.abs() <= MOST_LEAST);
        if points.is_none() {
            let message = format!("`{key}` lie between -{MOST_LEAST} and {MOST_LEAST}");
            self.fault(view.place(key), message, "too far from nothing");
        }
        points
    }

    /// What a find or rule says of weights.
    pub(super) fn weigh(&mut self, view: View<'_>) -> Option<Weigh> {
        match (view.text("weights"), view.whole("points")) {
            (Some(by), Some(_)) => {
                let least = self.points(view, "points");
                let veto = self.points(view, "veto");
                Some(Weigh { by: by.value.to_owned(), least: least?, veto, span: by.span })
            }
            (Some(by), None) if !view.has("points") => {
                self.fault(by.span, "`weights` needs `points`: the fewest that count", "here");
                None
            }
            (None, Some(_)) if !view.has("weights") => {
                let place = view.place("points");
                self.fault(place, "`points` needs `weights`: the table they are from", "here");
                None
            }
            _ => None,
        }
    }
}

impl PackSet {
    /// The weights a pack means by a name, and the pack that holds them.
    pub fn weights(&self, pack: usize, name: &str) -> Option<(usize, &Weights)> {
        self.scope(pack).iter().find_map(|&at| {
            self.packs()[at]
                .weights
                .iter()
                .find(|table| table.name == name)
                .map(|table| (at, table))
        })
    }

    pub(super) fn check_weights(&self, faults: &mut Vec<Diagnostic>) {
        for (at, pack) in self.packs().iter().enumerate() {
            for table in &pack.weights {
                for (name, span) in &table.classes {
                    if self.list(at, name).is_none() {
                        faults.push(self.no_list(at, name, &pack.file, *span));
                    }
                }
                if let Some((plus, span)) = &table.plus {
                    self.check_plus(at, table, plus, *span, faults);
                }
                for Named { is_rule, name, file, span } in &table.named {
                    if *is_rule && self.rules().all(|(_, rule)| rule.id != *name) {
                        let fault =
                            Diagnostic::fault(file, *span, format!("there is no rule `{name}`"))
                                .label("in this line")
                                .did_you_mean(name, self.rules().map(|(_, rule)| rule.id.as_str()));
                        faults.push(fault);
                    } else if !is_rule && self.list(at, name).is_none() {
                        faults.push(self.no_list(at, name, file, *span));
                    }
                }
            }
        }
        for (pack, rule) in self.rules() {
            for find in &rule.finds {
                let Some(Weigh { by, span, .. }) = &find.weigh else { continue };
                let Some((_, table)) = self.weights(pack, by) else {
                    faults.push(self.no_weights(pack, by, &rule.file, *span));
                    continue;
                };
                if table.plus.is_some() && !matches!(find.what, What::Text { .. }) {
                    let message = format!("`{by}` adds another table, which is for whole texts");
                    let fault = Diagnostic::fault(&rule.file, *span, message)
                        .label("asked for here")
                        .help("name a table without `plus` where hits are weighed");
                    faults.push(fault);
                }
            }
        }
    }

    fn no_weights(&self, pack: usize, name: &str, file: &Arc<SourceFile>, at: Span) -> Diagnostic {
        let known = self.scope(pack).iter().flat_map(|&at| &self.packs()[at].weights);
        Diagnostic::fault(file, at, format!("there are no weights `{name}`"))
            .label("asked for here")
            .did_you_mean(name, known.map(|table| table.name.as_str()))
    }

    /// The table that another adds is there, is not itself, and adds none.
    fn check_plus(
        &self,
        pack: usize,
        table: &Weights,
        plus: &str,
        span: Span,
        faults: &mut Vec<Diagnostic>,
    ) {
        let file = &self.packs()[pack].file;
        let Some((_, added)) = self.weights(pack, plus) else {
            faults.push(self.no_weights(pack, plus, file, span));
            return;
        };
        let message = if added.name == table.name {
            "a table cannot add itself".to_owned()
        } else if added.plus.is_some() {
            format!("`{plus}` adds a table itself; one is the most")
        } else {
            return;
        };
        faults.push(Diagnostic::fault(file, span, message).label("named here"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACK: &str = r#"
        [pack]
        id = "p"
        title = "P"
        version = "1"
        families = ["p"]
        [lists.near]
        terms = ["he"]
        [weights.w]
        file = "w.tsv"
        classes = ["near"]
        [[rule]]
        id = "p/r"
        title = "R"
        severity = "error"
        message = "m"
        help = "h"
        terms = ["polish"]
        weights = "w"
        points = -5
        bad = ["he is «polish»"]
        good = ["x"]
    "#;

    fn faults(pack: &str, file: &str) -> Vec<String> {
        let mut faults = Vec::new();
        let source = Arc::new(SourceFile { name: "p.toml".into(), text: pack.to_owned().into() });
        let read = |path: &str| {
            (path == "w.tsv").then(|| file.to_owned().into()).ok_or_else(|| "not there".to_owned())
        };
        let raw = super::super::check::Raw {
            file: source,
            origin: String::new(),
            shipped: false,
            read: &read,
        };
        let packs = super::super::check::read_pack(&raw, &mut faults).into_iter().collect();
        PackSet::assemble(packs, &mut faults);
        faults.into_iter().map(|fault| format!("{} {}", fault.file.name, fault.message)).collect()
    }

    #[test]
    fn a_sound_table_has_no_faults() {
        let table = "# Points\n-130 always\n  80 before <near>\r\n\n45\tleft1 he  # he\n6 after 's\n-7 right1 \"\n";
        assert_eq!(faults(PACK, table), [""; 0]);
    }

    #[test]
    fn a_table_adds_one_other_for_whole_texts() {
        let text = PACK
            .replace("terms = [\"polish\"]\n", "weigh = \"text\"\n")
            .replace("he is «polish»", "he is polish");
        let plus = |plus: &str, more: &str| {
            let pack = text.replace("classes = [\"near\"]", &format!("plus = \"{plus}\"\n{more}"));
            faults(&pack, "-1 always")
        };
        let more = "[weights.v]\nfile = \"w.tsv\"";
        assert_eq!(plus("v", more), [""; 0]);
        assert_eq!(plus("u", more), ["p.toml there are no weights `u`"]);
        assert_eq!(plus("w", more), ["p.toml a table cannot add itself"]);
        assert_eq!(
            plus("v", "[weights.v]\nfile = \"w.tsv\"\nplus = \"x\"\n[weights.x]\nfile = \"w.tsv\""),
            ["p.toml `v` adds a table itself; one is the most"]
        );
        let of_hits = PACK.replace("classes = [\"near\"]", &format!("plus = \"v\"\n{more}"));
        assert_eq!(
            faults(&of_hits, "-1 always"),
            ["p.toml `w` adds another table, which is for whole texts"]
        );
    }

    #[test]
    fn what_is_wrong_is_told_where_it_stands() {
        let good = "1 always";
        let cases: &[(&str, &str, &str, &str)] = &[
            ("", "", "12 left9 he", "w.tsv `left9` is nowhere beside a hit"),
            ("", "", "many always", "w.tsv `many` is no number of points"),
            ("", "", "1.5 always", "w.tsv `1.5` is no number of points"),
            ("", "", "always", "w.tsv `always` is no number of points"),
            ("", "", "5", "w.tsv this line does not say what its points are for"),
            ("", "", "5 left1", "w.tsv `left1` must say what is seen there"),
            ("", "", "5 left1 he is", "w.tsv `is` is one word too many"),
            ("", "", "5 next :capital", "w.tsv words are not written `:capital`"),
            ("", "", "5 next <near", "w.tsv `<near` is neither a word nor a class"),
            ("", "", "5 next <neat>", "w.tsv `neat` is not among the `classes` of the table"),
            ("", "", "5 left1 He", "w.tsv no word is ever seen as `He`"),
            ("", "", "5 hit café", "w.tsv no word is ever seen as `café`"),
            ("", "", "5 rule p/s", "w.tsv there is no rule `p/s`"),
            ("", "", "5 list neat", "w.tsv there is no list `neat`"),
            ("", "", "2147483647 always", "w.tsv 2147483647 points are more than 100000"),
            ("", "", "5 always\n6 always", "w.tsv this has its points already"),
            (
                "points = -5",
                "points = 3000000",
                good,
                "p.toml `points` lie between -1000000 and 1000000",
            ),
            ("", "", "# nothing", "w.tsv this file holds no weights"),
            ("", "", "", "w.tsv this file holds no weights"),
            ("w.tsv", "v.tsv", good, "p.toml cannot read the weights `v.tsv`: not there"),
            ("points = -5", "", good, "p.toml `weights` needs `points`: the fewest that count"),
            (
                "points = -5",
                "points = -5\nveto = -5",
                good,
                "p.toml `veto` is about texts that are weighed as a whole",
            ),
            (
                "weights = \"w\"",
                "",
                good,
                "p.toml `points` needs `weights`: the table they are from",
            ),
            ("weights = \"w\"", "weights = \"v\"", good, "p.toml there are no weights `v`"),
            ("[\"near\"]", "[\"neat\"]", good, "p.toml there is no list `neat`"),
            ("points = -5", "points = \"5\"", good, "p.toml `points` must be a whole number"),
        ];
        for (old, new, table, expected) in cases {
            assert_eq!(
                faults(&PACK.replace(old, new), table).first().map(String::as_str),
                Some(*expected)
            );
        }
    }
}
