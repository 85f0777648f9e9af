//! Makes `rules/terms/people-weights.tsv` from labelled texts.
//!
//! `cargo run --release --example weigh` reads the tables beside this file that
//! people who tune rules may read (not the `-unread` ones), asks the engine what stands
//! beside each hit that is weighed, and fits a logistic regression: how much each thing
//! speaks for a hit that a careful reader would call a statement about somebody. Its
//! coefficients in hundredths are the points of the table. The same texts give the same
//! table. `--held FILE ...` leaves these tables out and says how they are judged.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for a terminal")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs};

use probity::engine::{Alone, Engine, Evidence, FieldScan, Prepared};
use probity::facts::{FactOrigin, FactValue, Facts};
use probity::pack::{Example, PackSet, load_shipped};
use probity::record::Record;

/// Rules that say much the same: a label of one answers for the others.
const GROUPS: [&[&str]; 2] = [
    &["crm/race", "crm/ethnicity", "crm/nationality"],
    &["crm/religion", "crm/religious-practice"],
];
/// How strongly coefficients are drawn to nothing.
const RIDGE: f64 = 3.0;
/// Features seen less often are left out.
const LEAST_SEEN: usize = 3;
/// Points of less than this are left out.
const LEAST_POINTS: i32 = 3;
const ROUNDS: usize = 3;
const STEPS: i32 = 400;

fn group(rule: &str) -> Option<usize> {
    GROUPS.iter().position(|rules| rules.contains(&rule))
}

/// A text and what is known of it.
struct Text {
    text: String,
    labels: BTreeSet<String>,
}

fn read(path: &Path) -> Vec<Text> {
    let table = fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    let rows = table.lines().skip(1).filter(|line| !line.is_empty());
    rows.map(|line| {
        let (labels, rest) = line.split_once('\t').expect("a row has cells");
        let text = rest.rsplit('\t').next().unwrap_or(rest).replace("\\n", "\n");
        let labels = labels.split(',').map(str::trim).filter(|label| *label != "-");
        Text { text, labels: labels.map(str::to_owned).collect() }
    })
    .collect()
}

/// A hit: its features by number, and what is said of it.
struct Hit {
    features: Vec<usize>,
    /// Whether it is a statement; `None` where nobody can say.
    is: Option<bool>,
    /// The text and group it belongs to, where the label is of the text and not of the hit.
    bag: Option<(usize, usize)>,
}

#[derive(Default)]
struct Names {
    ids: BTreeMap<String, usize>,
    seen: Vec<usize>,
}

impl Names {
    fn id(&mut self, name: String) -> usize {
        let next = self.ids.len();
        let id = *self.ids.entry(name).or_insert(next);
        if id == self.seen.len() {
            self.seen.push(0);
        }
        self.seen[id] += 1;
        id
    }
}

struct Weigher {
    set: Arc<PackSet>,
    engine: Engine,
    facts: Facts,
}

impl Weigher {
    fn new() -> Self {
        let mut faults = Vec::new();
        let pack = load_shipped("crm-notes", &mut faults).expect("the pack is shipped");
        let set = Arc::new(PackSet::assemble(vec![pack], &mut faults));
        let mut facts = Facts::default();
        facts.set("kind", FactValue::Text("note".into()), FactOrigin::CommandLine);
        for fact in set.facts() {
            if let Some(default) = fact.default.as_ref().filter(|_| fact.name != "kind") {
                facts.set(&fact.name, default.clone(), FactOrigin::PackDefault);
            }
        }
        let engine = Engine::new(Arc::clone(&set), &facts).expect("the pack compiles");
        Self { set, engine, facts }
    }

    fn evidence(&self, text: &str) -> Vec<Evidence> {
        let field = Prepared::new(text, false);
        let active = self.engine.activate(&self.facts);
        let record = Record::default();
        let scan = FieldScan {
            field: &field,
            name: "notes",
            active: &active,
            around: &Alone,
            record: &record,
        };
        let mut evidence = self.engine.evidence(&scan);
        evidence.sort_by_key(|one| (one.find, one.span));
        evidence.dedup_by_key(|one| (one.find, one.span));
        evidence
    }

    /// Every hit of labelled texts.
    fn of_texts(&self, texts: &[Text], names: &mut Names) -> Vec<Hit> {
        let mut hits = Vec::new();
        for (at, text) in texts.iter().enumerate() {
            for one in self.evidence(&text.text) {
                let Some(of) = group(&one.rule) else { continue };
                let told = text.labels.iter().any(|label| group(label) == Some(of));
                // Nobody asked of a guilty post or note of another kind whether it tells
                // something of somebody.
                let other = !text.labels.is_empty();
                let is = if told { Some(true) } else { (!other).then_some(false) };
                let features = one.features.into_iter().map(|name| names.id(name)).collect();
                hits.push(Hit { features, is, bag: told.then_some((at, of)) });
            }
        }
        hits
    }

    /// The hits of the examples inside the pack: their marks say which is meant.
    fn of_examples(&self, names: &mut Names) -> Vec<Hit> {
        let mut hits = Vec::new();
        for (_, rule) in self.set.rules() {
            let Some(of) = group(&rule.id) else { continue };
            let marked = |example: &Example, one: &Evidence| {
                example
                    .marks
                    .iter()
                    .any(|mark| mark.start < one.span.end && one.span.start < mark.end)
            };
            for example in rule.bad.iter().chain(&rule.good) {
                for one in self.evidence(&example.text) {
                    let is = if marked(example, &one) && group(&one.rule) == Some(of) {
                        Some(true)
                    } else {
                        (one.rule == rule.id).then_some(false)
                    };
                    let features = one.features.into_iter().map(|name| names.id(name)).collect();
                    hits.push(Hit { features, is, bag: None });
                }
            }
        }
        hits
    }
}

fn chance(hit: &Hit, weights: &[f64]) -> f64 {
    let sum: f64 = hit.features.iter().map(|&id| weights[id]).sum();
    1.0 / (1.0 + (-sum).exp())
}

/// Fits by full gradients, in the manner of Adam (Kingma and Ba, 2015).
fn fit(hits: &[&Hit], counted: &[bool]) -> Vec<f64> {
    let mut weights = vec![0.0; counted.len()];
    let (mut mean, mut square) = (weights.clone(), weights.clone());
    for step in 1..=STEPS {
        let mut slope: Vec<f64> = weights.iter().map(|weight| RIDGE * weight).collect();
        for hit in hits {
            let wrong = chance(hit, &weights) - f64::from(u8::from(hit.is == Some(true)));
            for &id in hit.features.iter().filter(|&&id| counted[id]) {
                slope[id] += wrong;
            }
        }
        let rate = 0.05 / (1.0 + f64::from(step) / 100.0);
        for id in 0..weights.len() {
            mean[id] = 0.9 * mean[id] + 0.1 * slope[id];
            square[id] = 0.99 * square[id] + 0.01 * slope[id] * slope[id];
            let unbiased = mean[id] / (1.0 - 0.9_f64.powi(step));
            let spread = (square[id] / (1.0 - 0.99_f64.powi(step))).sqrt();
            weights[id] -= rate * unbiased / (spread + 1e-8);
        }
    }
    weights
}

/// Fits, and asks again which hit of a text its label is about: the likeliest, and those
/// that are likely too.
fn learn(hits: &[Hit], names: &Names) -> Vec<f64> {
    let counted: Vec<bool> = names.seen.iter().map(|&seen| seen >= LEAST_SEEN).collect();
    let mut used: Vec<&Hit> = hits.iter().filter(|hit| hit.is.is_some()).collect();
    let mut weights = fit(&used, &counted);
    for _ in 1..ROUNDS {
        let mut best: BTreeMap<(usize, usize), f64> = BTreeMap::new();
        for hit in hits {
            if let Some(bag) = hit.bag {
                let known = best.entry(bag).or_default();
                *known = known.max(chance(hit, &weights));
            }
        }
        used = hits
            .iter()
            .filter(|hit| hit.is.is_some())
            .filter(|hit| {
                let chance = chance(hit, &weights);
                hit.bag.is_none_or(|bag| chance >= 0.4 || chance >= best[&bag])
            })
            .collect();
        weights = fit(&used, &counted);
    }
    weights
}

/// How texts that were held back are judged, by the points that are asked for.
fn judge(weigher: &Weigher, path: &Path, points: &BTreeMap<String, i32>) {
    let texts = read(path);
    let mut best = Vec::new();
    for text in &texts {
        let sums = weigher
            .evidence(&text.text)
            .into_iter()
            .map(|one| one.features.iter().filter_map(|name| points.get(name)).sum::<i32>());
        let guilty = text.labels.iter().any(|label| group(label).is_some());
        if guilty || text.labels.is_empty() {
            best.push((guilty, sums.max().unwrap_or(i32::MIN)));
        }
    }
    let count =
        |of: bool, least: i32| best.iter().filter(|(is, sum)| *is == of && *sum >= least).count();
    let mut line = String::new();
    for least in [-50, 0, 50, 100, 150, 200, 300] {
        let _ = write!(line, "  {least}: {} {}", count(true, least), count(false, least));
    }
    let (all, innocent) = (count(true, i32::MIN), count(false, i32::MIN));
    eprintln!(
        "{} of {all} and {innocent}:{line}",
        path.file_name().unwrap_or_default().to_string_lossy()
    );
}

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judgement");
    let mut held: Vec<PathBuf> = Vec::new();
    let mut more: Vec<PathBuf> = Vec::new();
    let mut words = env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--held" => held.extend(words.next().map(PathBuf::from)),
            "--with" => more.extend(words.next().map(PathBuf::from)),
            other => panic!("unknown: {other}"),
        }
    }
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let is_table = path.extension().is_some_and(|end| end == "tsv");
            is_table && !name.contains("unread") && !held.contains(path)
        })
        .chain(more)
        .collect();
    paths.sort();
    let weigher = Weigher::new();
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let left_out: BTreeSet<String> =
        held.iter().flat_map(|path| read(path)).map(|text| text.text).collect();
    for text in paths.iter().flat_map(|path| read(path)) {
        if !left_out.contains(&text.text) {
            texts.insert(text.text, text.labels);
        }
    }
    let texts: Vec<Text> = texts.into_iter().map(|(text, labels)| Text { text, labels }).collect();
    let mut names = Names::default();
    let mut hits = weigher.of_texts(&texts, &mut names);
    let texts_hits = hits.len();
    hits.extend(weigher.of_examples(&mut names));
    eprintln!("{} texts, {texts_hits} hits, {} in examples", texts.len(), hits.len() - texts_hits);
    let weights = learn(&hits, &names);
    let points: BTreeMap<String, i32> = names
        .ids
        .iter()
        .filter(|&(_, &id)| names.seen[id] >= LEAST_SEEN)
        .map(|(name, &id)| (name.clone(), (weights[id] * 100.0).round() as i32))
        .filter(|(_, points)| points.abs() >= LEAST_POINTS)
        .collect();
    eprintln!("{} weights", points.len());
    for path in &held {
        judge(&weigher, path, &points);
    }
    let mut table = String::from(
        "# Points for what stands beside a hit, made by `cargo run --release --example weigh`.\n\
         # 100 points make it e times as likely that something is told of somebody.\n",
    );
    for (name, points) in &points {
        let _ = writeln!(table, "{points} {name}");
    }
    print!("{table}");
}
