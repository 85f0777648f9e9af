//! Makes the tables of weights under `rules/terms` from labelled texts.
//!
//! `cargo run --release --example weigh` reads the tables beside this file that
//! people who tune rules may read (not the `-unread` ones), asks the engine what it sees
//! beside each hit and in each text that is weighed, and fits a logistic regression for
//! each table of weights: how much each thing says that a careful reader would agree.
//! Its coefficients in hundredths are the points. The same texts give the same tables.
//! Names of tables make only these; `--with FILE` reads another table of texts; and with
//! `--held FILE` nothing is written: that table is left out, and told is how it is judged.
//!
//! Made-up texts show faults, and innocent texts close to them; they do not show how
//! people write who have neither in mind. The shipped tables were made `--with` sentences
//! that stand for these: posts and reviews (Hutto and Gilbert, 2014), the examples of
//! `WordNet` 3.1 and software documentation (`docs/packs.md`).

#![allow(clippy::print_stdout, reason = "a program for a terminal")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs};

use probity::engine::{
    Alone, Engine, EngineKey, Evidence, FieldScan, Prepared, engine_key, scaled,
};
use probity::facts::{FactOrigin, FactValue, Facts};
use probity::pack::{Example, KIND, PackSet, Rule, cut, load_shipped, shipped_names};
use probity::record::Record;
use probity::text::{Folded, stem};
use rayon::prelude::*;

mod labelled;

use labelled::{Labelled, ordinary, read};

/// A table of weights and the texts it is made from.
struct Card {
    pack: &'static str,
    table: &'static str,
    /// What labels say yes: those of one group answer for each other. The first are
    /// the rules that use the table.
    groups: &'static [&'static [&'static str]],
    /// Labels of texts of which nobody asked whether the rule is right, too.
    near: &'static [&'static str],
    /// Whether every text is taken for a note, whatever it was written as, and what is
    /// weighed are hits.
    notes: bool,
    /// Whether it is added to the tables of others (`plus`): one for all that rules of posts
    /// are about, of which every text says more than of one rule.
    shared: bool,
    /// Whether every text is taken for one of an official account. What is innocent on
    /// somebody's own account need not be so there.
    official: bool,
}

const fn of_texts(
    pack: &'static str,
    table: &'static str,
    groups: &'static [&'static [&'static str]],
) -> Card {
    Card { pack, table, groups, near: &[], notes: false, shared: false, official: false }
}

const ORIGIN: &[&str] = &["crm/race", "crm/ethnicity", "crm/nationality"];
const FAITH: &[&str] = &["crm/religion", "crm/religious-practice"];

/// Partisan posts, of which the label says the fault that matters most.
const PARTISAN: &[&str] = &[
    "hatch/on-duty-partisan",
    "hatch/official-title-partisan",
    "csc/party-political-support",
    "csc/campaign-hashtag",
];

/// What the other tables for posts are about.
const FAULTS: &[&str] = &[
    "csc/aggressive-exchange",
    "csc/campaign-hashtag",
    "csc/controversial-own-responsibility",
    "csc/election-period-post",
    "csc/future-government",
    "csc/gov-policy-opinion",
    "csc/individual-case-comment",
    "csc/media-contact",
    "csc/official-info-disclosure",
    "csc/own-minister-comment",
    "csc/parliament-first",
    "csc/party-political-support",
    "csc/personal-attack",
    "csc/polemical-tone",
    "csc/position-for-gain",
    "dhs/interaction",
    "dhs/public-solicit-pii",
    "ethics/endorsement",
    "ethics/nonpublic-info",
    "hatch/official-title-partisan",
    "hatch/on-duty-partisan",
    "hatch/solicit-contribution",
];

const fn of_notes(
    table: &'static str,
    groups: &'static [&'static [&'static str]],
    near: &'static [&'static str],
) -> Card {
    Card { near, ..of_texts("crm-notes", table, groups) }
}

const UK: &str = "civil-service-code";
const US: &str = "hatch-act";
const DHS: &str = "dhs-110-01";

const CARDS: &[Card] = &[
    Card {
        pack: "crm-notes",
        table: "people",
        groups: &[ORIGIN, FAITH],
        near: &[],
        notes: true,
        shared: false,
        official: false,
    },
    of_notes("notes-race", &[&["crm/race"]], ORIGIN),
    of_notes("notes-ethnicity", &[&["crm/ethnicity"]], ORIGIN),
    of_notes("notes-nationality", &[&["crm/nationality"]], ORIGIN),
    of_notes("notes-religion", &[&["crm/religion"]], FAITH),
    of_notes("notes-practice", &[&["crm/religious-practice"]], FAITH),
    Card { shared: true, ..of_texts(UK, "posts-fault", &[FAULTS]) },
    of_texts(UK, "uk-partisan", &[PARTISAN]),
    of_texts(UK, "uk-attack", &[&["csc/personal-attack", "csc/aggressive-exchange"]]),
    of_texts(UK, "uk-ministers", &[&["csc/own-minister-comment"]]),
    of_texts(
        UK,
        "uk-opinion",
        &[&["csc/gov-policy-opinion", "csc/controversial-own-responsibility"]],
    ),
    of_texts(UK, "uk-tone", &[&["csc/polemical-tone"]]),
    of_texts(UK, "uk-inside", &[&["csc/official-info-disclosure", "ethics/nonpublic-info"]]),
    of_texts(UK, "uk-cases", &[&["csc/individual-case-comment"]]),
    of_texts(UK, "uk-press", &[&["csc/media-contact"]]),
    of_texts(UK, "uk-gain", &[&["csc/position-for-gain", "ethics/endorsement"]]),
    of_texts(UK, "uk-parliament", &[&["csc/parliament-first"]]),
    of_texts(UK, "uk-election", &[&["csc/election-period-post"]]),
    of_texts(UK, "uk-next-government", &[&["csc/future-government"]]),
    Card { official: true, ..of_texts(US, "us-partisan", &[PARTISAN]) },
    Card { near: PARTISAN, ..of_texts(US, "us-duty", &[&["hatch/on-duty-partisan"]]) },
    Card { near: PARTISAN, ..of_texts(US, "us-title", &[&["hatch/official-title-partisan"]]) },
    of_texts(US, "us-funds", &[&["hatch/solicit-contribution"]]),
    of_texts(US, "us-inside", &[&["ethics/nonpublic-info", "csc/official-info-disclosure"]]),
    of_texts(US, "us-endorsement", &[&["ethics/endorsement"]]),
    of_texts(DHS, "dhs-contact", &[&["dhs/interaction"]]),
    of_texts(DHS, "dhs-asking", &[&["dhs/public-solicit-pii"]]),
];

/// How strongly coefficients are drawn to nothing, for hits and for whole texts.
const RIDGE: [f64; 2] = [3.0, 10.0];
/// The same for the table that is shared: there is more to learn from.
const RIDGE_SHARED: f64 = 1.5;
/// How far ratios tell one feature of a whole text from another.
const RATIO_POWER: f64 = 0.7;
/// How much the points of the shared table count beside those of each.
const SHARE: f64 = 0.6;
/// How much an innocent text counts that is guilty of something else: it is no good
/// example of an innocent one.
const OTHER: f64 = 0.3;
/// How much the examples inside a pack count, for hits and for whole texts: it must keep
/// its word.
const OWN: [f64; 2] = [3.0, 4.0];
/// A word is common that stands in one of so many texts, for tables of posts and of notes:
/// what is common in notes tells more of a post than the other way round.
const COMMON: [usize; 2] = [15, 60];
/// Features seen less often are left out, of hits and of whole texts: those of one text
/// alone are seen up to three times, as it is read again among others.
const LEAST_SEEN: [usize; 2] = [3, 4];
/// How often each feature of a whole text is taken to be seen on either side before any
/// text is read.
const UNSEEN: f64 = 0.1;
/// Points of less than this are left out, and in tables for whole texts of less than the
/// second: they hold every word there is. The shared one is told by many small ones.
const LEAST_POINTS: [i32; 2] = [3, 6];
/// The same for the table that is shared.
const LEAST_POINTS_SHARED: i32 = 3;
const ROUNDS: usize = 3;
const STEPS: i32 = 400;

impl Card {
    fn group(&self, label: &str) -> Option<usize> {
        self.groups.iter().position(|labels| labels.contains(&label))
    }

    /// What holds for hits, or for whole texts.
    fn of<T: Copy>(&self, [hits, texts]: [T; 2]) -> T {
        if self.notes { hits } else { texts }
    }

    fn file(&self) -> PathBuf {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/terms");
        folder.join(format!("{}-weights.tsv", self.table))
    }
}

/// A hit, or a text that is weighed, and what is said of it.
struct Hit {
    /// Its features by number, each with how much it counts.
    features: Vec<(usize, f64)>,
    /// Whether the rule is right; `None` where nobody can say.
    is: Option<bool>,
    /// How much it counts.
    counts: f64,
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

fn set_of(packs: impl Iterator<Item = &'static str>) -> Arc<PackSet> {
    let mut faults = Vec::new();
    let packs = packs.filter_map(|name| load_shipped(name, &mut faults)).collect();
    Arc::new(PackSet::assemble(packs, &mut faults))
}

/// What the rules of a card see in texts under the facts of each, in the order of the
/// texts.
fn evidence(card: &Card, set: &Arc<PackSet>, texts: &[(&str, Facts)]) -> Vec<Vec<Evidence>> {
    let mut by_key: BTreeMap<EngineKey, Vec<usize>> = BTreeMap::new();
    for (at, (_, facts)) in texts.iter().enumerate() {
        by_key.entry(engine_key(set, facts)).or_default().push(at);
    }
    let groups: Vec<Vec<usize>> = by_key.into_values().collect();
    let seen: Vec<(usize, Vec<Evidence>)> = groups
        .par_iter()
        .flat_map_iter(|group| {
            let wanted = |rule: &Rule| card.group(&rule.id).is_some();
            let engine = Engine::of_rules(Arc::clone(set), &texts[group[0]].1, &wanted);
            let engine = engine.expect("it compiles");
            group.iter().map(move |&at| {
                let (text, facts) = &texts[at];
                let (field, record) = (Prepared::new(text, false), Record::default());
                let scan = FieldScan {
                    field: &field,
                    name: "notes",
                    active: &engine.activate(facts),
                    around: &Alone,
                    record: &record,
                };
                let mut evidence = engine.evidence(&scan);
                if card.shared {
                    let adds = |one: &Evidence| {
                        let (_, table) = set.weights(0, &one.table).expect("it is there");
                        table.plus.as_ref().is_some_and(|(plus, _)| plus == card.table)
                    };
                    evidence.retain(adds);
                    evidence.sort_by_key(|one| one.span);
                    evidence.dedup_by_key(|one| one.span);
                    for one in &mut evidence {
                        one.features.retain(|name| !name.starts_with("rule "));
                    }
                } else {
                    evidence.retain(|one| one.table == card.table);
                    evidence.sort_by_key(|one| (one.find, one.span));
                    evidence.dedup_by_key(|one| (one.find, one.span));
                }
                (at, evidence)
            })
        })
        .collect();
    let mut all: Vec<Vec<Evidence>> = texts.iter().map(|_| Vec::new()).collect();
    for (at, evidence) in seen {
        all[at] = evidence;
    }
    all
}

fn is_official(text: &Labelled) -> bool {
    text.facts.get("account").is_some_and(|account| account.words() == ["official"])
}

fn as_card_reads(card: &Card, facts: &Facts) -> Facts {
    let mut facts = facts.clone();
    if card.notes {
        facts.set(KIND, FactValue::Text("note".into()), FactOrigin::CommandLine);
    }
    if card.official {
        facts.set("account", FactValue::Text("official".into()), FactOrigin::CommandLine);
    }
    facts
}

/// Every hit in labelled texts.
fn in_texts(card: &Card, set: &Arc<PackSet>, texts: &[Labelled], names: &mut Names) -> Vec<Hit> {
    let asked: Vec<_> =
        texts.iter().map(|text| (&*text.text, as_card_reads(card, &text.facts))).collect();
    let mut hits = Vec::new();
    for (at, seen) in evidence(card, set, &asked).into_iter().enumerate() {
        let labels = &texts[at].labels;
        for one in seen {
            let Some(of) = card.group(&one.rule) else { continue };
            let told = labels.iter().any(|label| card.group(label) == Some(of));
            // Nobody asked of a guilty post whether it tells something of somebody.
            let unasked = if labels.is_empty() {
                card.official && !is_official(&texts[at])
            } else {
                card.notes
                    || card.shared
                    || labels.iter().any(|label| card.near.contains(&&**label))
            };
            let is = (told || !unasked).then_some(told);
            let counts = if told || labels.is_empty() { 1.0 } else { OTHER };
            let bag = told.then_some((at, of));
            hits.push(Hit { bag, ..Hit::new(&one, is, counts, names) });
        }
    }
    hits
}

/// The facts of an example of a rule.
fn facts_of(set: &PackSet, rule: &Rule, example: &Example) -> Facts {
    let mut facts = ordinary(set);
    let kind = rule.when.iter().find(|test| test.fact == KIND && !test.negated);
    if let Some(kind) = kind.and_then(|test| test.values.first()) {
        facts.set(KIND, FactValue::Text(kind.clone()), FactOrigin::Format);
    }
    for (name, value) in &example.facts {
        facts.set(name, value.clone(), FactOrigin::CommandLine);
    }
    facts
}

/// The hits in the examples inside the pack: their marks say which is meant.
fn in_examples(card: &Card, set: &Arc<PackSet>, names: &mut Names) -> Vec<Hit> {
    let rules: Vec<&Rule> =
        set.rules().map(|(_, rule)| rule).filter(|rule| card.group(&rule.id).is_some()).collect();
    let examples: Vec<(&Rule, bool, &Example)> = rules
        .iter()
        .flat_map(|rule| {
            let bad = rule.bad.iter().map(|example| (*rule, true, example));
            bad.chain(rule.good.iter().map(|example| (*rule, false, example)))
        })
        .collect();
    let asked: Vec<_> = examples
        .iter()
        .map(|&(rule, _, example)| {
            let facts = facts_of(set, rule, example);
            (example.text.as_str(), as_card_reads(card, &facts))
        })
        .collect();
    let mut hits = Vec::new();
    for (&(rule, bad, example), seen) in examples.iter().zip(evidence(card, set, &asked)) {
        for one in seen {
            let same = card.group(&one.rule) == card.group(&rule.id);
            let marked = example
                .marks
                .iter()
                .any(|mark| mark.start < one.span.end && one.span.start < mark.end);
            let is = match (bad, card.notes) {
                (true, true) if marked && same => Some(true),
                // Where what is wrong stands beside the text, the text is not.
                (true, false) if same => Some(!example.marks.is_empty()),
                (false, false) if same => Some(false),
                (_, true) => (one.rule == rule.id).then_some(false),
                _ => None,
            };
            hits.push(Hit::new(&one, is, card.of(OWN), names));
        }
    }
    hits
}

/// Whether a text is of the kind that the rules of a card are about.
fn is_of_kind(card: &Card, text: &Labelled) -> bool {
    let kind = text.facts.get(KIND).map(FactValue::words).unwrap_or_default();
    (kind == ["note"]) == (card.pack == "crm-notes")
}

/// The texts for a card that weighs whole texts: those of its kind, and innocent ones of
/// another kind under facts of these in turn. There is more innocent prose than the
/// innocent texts of one kind show.
fn with_others(card: &Card, texts: &[Labelled]) -> Vec<Labelled> {
    let (mut own, others): (Vec<_>, Vec<_>) =
        texts.iter().cloned().partition(|text| is_of_kind(card, text));
    own.extend(among_others(&own));
    let facts: Vec<Facts> = own.iter().map(|text| text.facts.clone()).collect();
    let innocent = others.into_iter().filter(|text| text.labels.is_empty());
    own.extend(
        innocent.zip(facts.into_iter().cycle()).map(|(text, facts)| Labelled { facts, ..text }),
    );
    own
}

/// Each text once more among others: people say what breaks a rule beside what they say all
/// day, and to somebody. Without these, anything ordinary would speak for a text, as what
/// is wrong stands alone in many that were made up. Of innocent texts the sentences, too,
/// which are weighed by themselves.
fn among_others(texts: &[Labelled]) -> Vec<Labelled> {
    /// Words of a sentence that is read by itself, and so many sentences of a text.
    const FEWEST: usize = 4;
    const MOST: usize = 3;
    let is_sentence = |text: &&Labelled| {
        let said = text.text.trim_end_matches(['.', '!', '?']);
        text.labels.is_empty()
            && (15..=90).contains(&said.len())
            && said.contains(' ')
            && !said.contains(['.', '!', '?', '\n', '@', ':', '"'])
    };
    let pools = [false, true].map(|official| -> Vec<&Labelled> {
        texts.iter().filter(is_sentence).filter(|text| is_official(text) == official).collect()
    });
    // Any order does that mixes them, and is always the same.
    let mut next = 0_usize;
    let mut draw = |pool: &[&Labelled]| {
        next = next.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (next ^ (next >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 33;
        let said = pool.get(mixed.checked_rem(pool.len())?)?.text.trim();
        Some(format!("{said}{}", if said.ends_with(['.', '!', '?']) { "" } else { "." }))
    };
    let mut all = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        if text.labels.is_empty() {
            let alone = text.text.split_inclusive(['.', '!', '?', '\n']).map(str::trim);
            let alone = alone.filter(|said| said.len() < text.text.trim().len());
            let said = alone.filter(|said| said.split_whitespace().count() >= FEWEST);
            all.extend(said.take(MOST).map(|said| Labelled { text: said.into(), ..text.clone() }));
        }
        let pool = &pools[usize::from(is_official(text))];
        let (Some(one), Some(other)) = (draw(pool), draw(pool)) else { continue };
        // Nor does it matter how somebody sets marks, or whether.
        let said = text.text.trim();
        let said = match at / 4 % 3 {
            0 => said.to_owned(),
            1 => said.replace(", ", " - ").replace(". ", " - "),
            _ => said.replace(['.', ',', '!', '?', ';', ':', '\''], ""),
        };
        let said = match at % 4 {
            0 => format!("{one} {said}"),
            1 => format!("{said} {one}"),
            2 => format!("{one} {said} {other}"),
            _ if text.facts.get(KIND).is_some_and(|kind| kind.words() == ["post"]) => {
                format!("@user{at} {said}")
            }
            _ => format!("{said}\n{one} {other}"),
        };
        all.push(Labelled { text: said, ..text.clone() });
    }
    all
}

/// Words that are common in texts of another kind: they tell how people write, not of
/// what.
fn common(card: &Card, texts: &[Labelled]) -> BTreeSet<String> {
    let others: Vec<&Labelled> = texts.iter().filter(|text| !is_of_kind(card, text)).collect();
    let most = COMMON[usize::from(card.pack == "crm-notes")];
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for text in &others {
        let folded = Folded::new(&text.text);
        let words: BTreeSet<&str> =
            cut(folded.text()).map(|word| &folded.text()[word.range()]).collect();
        for word in words {
            *seen.entry(word.to_owned()).or_default() += 1;
        }
    }
    seen.retain(|_, count| *count * most >= others.len());
    seen.into_keys().collect()
}

/// Whether a feature of a text says of what it tells.
fn says_something(feature: &str, common: &BTreeSet<String>, stems: &BTreeSet<&str>) -> bool {
    let is_common = |word: &str| word.starts_with(':') || common.contains(word);
    let mut words = feature.split(' ');
    match words.next() {
        Some("word" | "pair" | "skip") => !words.all(is_common),
        Some("stem") => !words.all(|word| stems.contains(word)),
        _ => true,
    }
}

impl Hit {
    fn new(one: &Evidence, is: Option<bool>, counts: f64, names: &mut Names) -> Self {
        let feature = |name: &String| (names.id(name.clone()), f64::from(one.counts(name)) / 256.0);
        Self { features: one.features.iter().map(feature).collect(), is, counts, bag: None }
    }
}

fn chance(hit: &Hit, weights: &[f64]) -> f64 {
    let sum: f64 = hit.features.iter().map(|&(id, counts)| weights[id] * counts).sum();
    1.0 / (1.0 + (-sum).exp())
}

/// How far apart the two sides of texts hold each feature: the logarithm of the ratio of
/// its shares, raised to a power, by which features are multiplied before they are fitted
/// (Wang and Manning, 2012), so that what says nothing is drawn to nothing, and what is
/// rare but says much is not. What stands in every text counts as it is.
fn ratios(hits: &[&Hit], counted: &[bool], always: &[bool]) -> Vec<f64> {
    let mut seen = [vec![UNSEEN; counted.len()], vec![UNSEEN; counted.len()]];
    for hit in hits {
        for &(id, _) in hit.features.iter().filter(|(id, _)| counted[*id]) {
            seen[usize::from(hit.is == Some(true))][id] += hit.counts;
        }
    }
    let all = seen.each_ref().map(|side| {
        side.iter().zip(counted).filter(|(_, counted)| **counted).map(|(seen, _)| seen).sum::<f64>()
    });
    let [not, is] = &seen;
    let ratio = |id: usize| {
        let ratio = ((is[id] / all[1]) / (not[id] / all[0])).ln();
        ratio.abs().powf(RATIO_POWER).copysign(ratio)
    };
    (0..counted.len()).map(|id| if always[id] { 1.0 } else { ratio(id) }).collect()
}

/// Fits by full gradients, in the manner of Adam (Kingma and Ba, 2015).
fn fit(hits: &[&Hit], counted: &[bool], scale: &[f64], ridge: f64) -> Vec<f64> {
    // Features are scaled, so the weights that are fitted are, too.
    let mut fitted = vec![0.0; counted.len()];
    let mut weights = fitted.clone();
    let (mut mean, mut square) = (fitted.clone(), fitted.clone());
    for step in 1..=STEPS {
        let mut slope: Vec<f64> = fitted.iter().map(|weight| ridge * weight).collect();
        for hit in hits {
            let wrong = chance(hit, &weights) - f64::from(u8::from(hit.is == Some(true)));
            for &(id, counts) in hit.features.iter().filter(|(id, _)| counted[*id]) {
                slope[id] += wrong * hit.counts * counts * scale[id];
            }
        }
        let rate = 0.05 / (1.0 + f64::from(step) / 100.0);
        for id in 0..fitted.len() {
            mean[id] = 0.9 * mean[id] + 0.1 * slope[id];
            square[id] = 0.99 * square[id] + 0.01 * slope[id] * slope[id];
            let unbiased = mean[id] / (1.0 - 0.9_f64.powi(step));
            let spread = (square[id] / (1.0 - 0.99_f64.powi(step))).sqrt();
            fitted[id] -= rate * unbiased / (spread + 1e-8);
            weights[id] = fitted[id] * scale[id];
        }
    }
    weights
}

/// Fits, and asks again which hit of a text its label is about: the likeliest, and those
/// that are likely too.
fn learn(card: &Card, hits: &[Hit], names: &Names) -> Vec<f64> {
    let least = card.of(LEAST_SEEN);
    let ridge = if card.shared { RIDGE_SHARED } else { card.of(RIDGE) };
    let counted: Vec<bool> = names.seen.iter().map(|&seen| seen >= least).collect();
    let mut always = vec![false; counted.len()];
    for (name, &id) in &names.ids {
        always[id] = card.notes || name == "always" || name.starts_with("rule ");
    }
    let mut used: Vec<&Hit> = hits.iter().filter(|hit| hit.is.is_some()).collect();
    let scale = ratios(&used, &counted, &always);
    let mut weights = fit(&used, &counted, &scale, ridge);
    for _ in 1..ROUNDS {
        let mut best: BTreeMap<(usize, usize), f64> = BTreeMap::new();
        for hit in hits {
            if let Some(bag) = hit.bag {
                let known = best.entry(bag).or_default();
                *known = known.max(chance(hit, &weights));
            }
        }
        let likely: Vec<&Hit> = hits
            .iter()
            .filter(|hit| hit.is.is_some())
            .filter(|hit| {
                let chance = chance(hit, &weights);
                hit.bag.is_none_or(|bag| chance >= 0.4 || chance >= best[&bag])
            })
            .collect();
        if likely.len() == used.len() {
            break;
        }
        used = likely;
        weights = fit(&used, &counted, &scale, ridge);
    }
    weights
}

/// How texts that were held back are judged, by the points that are asked for, and those
/// of the table that is added.
fn judge(
    card: &Card,
    set: &Arc<PackSet>,
    path: &Path,
    [points, added]: [&BTreeMap<String, i32>; 2],
) {
    let texts = read(&fs::read_to_string(path).expect("it can be read"), set);
    let asked: Vec<_> =
        texts.iter().map(|text| (&*text.text, as_card_reads(card, &text.facts))).collect();
    let mut best = Vec::new();
    for (text, seen) in texts.iter().zip(evidence(card, set, &asked)) {
        let of = |name: &String| {
            points.get(name).copied().unwrap_or(0) + added.get(name).copied().unwrap_or(0)
        };
        let sum = |one: Evidence| {
            one.features.iter().map(|name| scaled(of(name), one.counts(name))).sum::<i32>()
        };
        let sums = seen.into_iter().map(sum);
        let guilty = text.labels.iter().any(|label| card.group(label).is_some());
        let innocent = text.labels.is_empty() && (!card.official || is_official(text));
        if guilty || innocent {
            best.push((guilty, sums.max().unwrap_or(i32::MIN)));
        }
    }
    let count =
        |of: bool, least: i32| best.iter().filter(|(is, sum)| *is == of && *sum >= least).count();
    let mut line = String::new();
    for least in [-150, -100, -50, 0, 50, 100, 150, 200, 300] {
        let _ = write!(line, "  {least}: {} {}", count(true, least), count(false, least));
    }
    let (all, innocent) = (count(true, i32::MIN), count(false, i32::MIN));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if all == 0 && count(false, -150) == 0 {
        return;
    }
    println!("{}, {name}, {all} guilty and {innocent} innocent:{line}", card.table);
}

/// The texts to learn from, each once.
fn texts(more: Vec<PathBuf>, held: &[PathBuf], set: &PackSet) -> Vec<Labelled> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judgement");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            path.extension().is_some_and(|end| end == "tsv") && !name.contains("unread")
        })
        .chain(more)
        .collect();
    paths.sort();
    let read = |path: &PathBuf| {
        let table = fs::read_to_string(path);
        read(&table.unwrap_or_else(|why| panic!("{}: {why}", path.display())), set)
    };
    let left_out: BTreeSet<String> = held.iter().flat_map(read).map(|text| text.text).collect();
    let mut texts: BTreeMap<String, Labelled> = BTreeMap::new();
    for text in paths.iter().flat_map(read).filter(|text| !left_out.contains(&text.text)) {
        texts.insert(text.text.clone(), text);
    }
    texts.into_values().collect()
}

fn main() {
    let mut held: Vec<PathBuf> = Vec::new();
    let mut more: Vec<PathBuf> = Vec::new();
    let mut tables: BTreeSet<String> = BTreeSet::new();
    let mut words = env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--held" => held.extend(words.next().map(PathBuf::from)),
            "--with" => more.extend(words.next().map(PathBuf::from)),
            table if CARDS.iter().any(|card| card.table == table) => {
                tables.insert(table.to_owned());
            }
            other => panic!("neither an option nor a table of weights: {other}"),
        }
    }
    let texts = texts(more, &held, &set_of(shipped_names()));
    println!("{} texts", texts.len());
    // Fitted before the tables that it is added to.
    let mut shared = BTreeMap::new();
    for card in CARDS.iter().filter(|card| tables.is_empty() || tables.contains(card.table)) {
        let set = set_of(std::iter::once(card.pack));
        let mut names = Names::default();
        let others = if card.notes { Vec::new() } else { with_others(card, &texts) };
        let read = if card.notes { &texts } else { &others };
        let mut hits = in_texts(card, &set, read, &mut names);
        hits.extend(in_examples(card, &set, &mut names));
        if !card.notes {
            let common = common(card, &texts);
            let stems = common.iter().map(|word| stem(word)).collect();
            for (name, &id) in &names.ids {
                if !says_something(name, &common, &stems) {
                    names.seen[id] = 0;
                }
            }
        }
        let weights = learn(card, &hits, &names);
        let share = if card.shared { 100.0 * SHARE } else { 100.0 };
        let least = if card.shared { LEAST_POINTS_SHARED } else { card.of(LEAST_POINTS) };
        let points: BTreeMap<String, i32> = names
            .ids
            .iter()
            .filter(|&(_, &id)| names.seen[id] >= card.of(LEAST_SEEN))
            .map(|(name, &id)| (name.clone(), (weights[id] * share).round() as i32))
            .filter(|(_, points)| points.abs() >= least)
            .collect();
        let right = hits.iter().filter(|hit| hit.is == Some(true)).count();
        println!("{}: {} hits, {right} right, {} weights", card.table, hits.len(), points.len());
        for path in &held {
            let none = BTreeMap::new();
            let adds = set.weights(0, card.table).is_some_and(|(_, table)| table.plus.is_some());
            judge(card, &set, path, [&points, if adds { &shared } else { &none }]);
        }
        if held.is_empty() {
            let mut table = String::from(
                "# Points for what is seen, made by `cargo run --release --example weigh`.\n\
                 # 100 points make it e times as likely that the rule is right.\n",
            );
            for (name, points) in &points {
                let _ = writeln!(table, "{points} {name}");
            }
            fs::write(card.file(), table).expect("the table can be written");
        }
        if card.shared {
            shared = points;
        }
    }
}
