//! How the shipped packs judge texts that nobody wrote for them.
//!
//! The texts under `tests/judgement` are made up. They were labelled before the
//! packs were tuned, by their meaning alone; `-held` files were read only after
//! they had been scored once, `-fresh` files were written last, `-strangers` by people
//! who had never seen a rule, as were all that are named for their kind, `-read` files were
//! unread once, and neither have those who tune a rule read an `-unread` file nor were
//! weights made from one (`judgement/weigh.rs`): its figure is what to expect elsewhere.
//! The bounds (`judgement/bounds.txt`) stand where the packs stand today, so that a change
//! of a list that loses judgement is seen.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use probity::engine::{
    Alone, Engine, FieldScan, NamedFacts, Prepared, Tally, in_turn, named_facts,
};
use probity::facts::{FactOrigin, FactValue, Facts};
use probity::pack::{PackSet, Severity, load_shipped, shipped_names};
use probity::record::Record;
use rayon::prelude::*;

#[path = "judgement/labelled.rs"]
mod labelled;

use labelled::{Labelled, read};

/// A table and how it must be judged.
struct Table {
    name: String,
    texts: Vec<Labelled>,
    /// So many guilty texts must be found, or more.
    least: usize,
    /// So many innocent ones may be flagged with a warning or an error, or fewer.
    most: usize,
}

/// What became of the texts of a table.
#[derive(Default)]
struct Score {
    guilty: usize,
    found: usize,
    flagged: usize,
    faults: String,
}

impl Score {
    fn add(&mut self, text: &Labelled, found: &BTreeSet<String>) {
        if text.labels.is_empty() {
            self.flagged += usize::from(!found.is_empty());
            if !found.is_empty() {
                writeln!(self.faults, "flagged {found:?}: {}", text.text).unwrap();
            }
            return;
        }
        let right = !text.labels.is_disjoint(found);
        self.guilty += 1;
        self.found += usize::from(right);
        if !right {
            writeln!(self.faults, "missed {:?}: {}", text.labels, text.text).unwrap();
        }
    }
}

/// The tables of a test, judged together: texts with the same facts share an engine.
struct Judge {
    set: Arc<PackSet>,
    tables: Vec<Table>,
}

impl Judge {
    fn new() -> Self {
        Self::of(&|_| true)
    }

    /// By the packs of which `is_asked` says so by name.
    fn of(is_asked: &dyn Fn(&str) -> bool) -> Self {
        let mut faults = Vec::new();
        let packs = shipped_names()
            .filter(|name| is_asked(name))
            .filter_map(|name| load_shipped(name, &mut faults))
            .collect();
        Self { set: Arc::new(PackSet::assemble(packs, &mut faults)), tables: Vec::new() }
    }

    fn table(&mut self, name: &str, table: &str, least: usize, most: usize) {
        let texts = self.texts(table);
        self.tables.push(Table { name: name.to_owned(), texts, least, most });
    }

    fn texts(&self, table: &str) -> Vec<Labelled> {
        let rules: BTreeSet<&str> = self.set.rules().map(|(_, rule)| rule.id.as_str()).collect();
        let mut texts = read(table, &self.set);
        // A duty that no rule is about is no rule's fault.
        texts.retain(|text| {
            text.labels.is_empty() || text.labels.iter().any(|label| rules.contains(label.as_str()))
        });
        texts
    }

    /// Fails with every table that is judged worse than it must be.
    fn judge(self) {
        let mut groups: BTreeMap<NamedFacts, Vec<(usize, &Labelled)>> = BTreeMap::new();
        for (at, table) in self.tables.iter().enumerate() {
            for text in &table.texts {
                groups
                    .entry(named_facts(&self.set, &to_search(text)))
                    .or_default()
                    .push((at, text));
            }
        }
        let mut scores: Vec<Score> = self.tables.iter().map(|_| Score::default()).collect();
        let groups: Vec<Vec<(usize, &Labelled)>> = groups.into_values().collect();
        let found: Vec<Vec<BTreeSet<String>>> = groups
            .par_iter()
            .map(|texts| {
                let engine =
                    Engine::of_all(in_turn, Arc::clone(&self.set), &to_search(texts[0].1)).unwrap();
                texts.par_iter().map(|(_, text)| rules_found(&engine, text)).collect()
            })
            .collect();
        for ((at, text), found) in groups.iter().flatten().zip(found.iter().flatten()) {
            scores[*at].add(text, found);
        }
        let mut worse = String::new();
        for (table, score) in self.tables.iter().zip(scores) {
            let Table { name, least, most, .. } = table;
            let Score { guilty, found, flagged, faults } = score;
            if found < *least || flagged > *most {
                writeln!(
                    worse,
                    "{name}: {found} of {guilty} found (at least {least}), \
                     {flagged} innocent flagged (at most {most})\n{faults}"
                )
                .unwrap();
            }
        }
        assert!(worse.is_empty(), "{worse}");
    }
}

/// The facts that decide what is searched for in a text. A department that is not named in
/// it is as good as another, and an engine less to make.
fn to_search(text: &Labelled) -> Facts {
    const NAME: &str = "department";
    let bare = |text: &str| {
        text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase()
    };
    let mut facts = text.facts.clone();
    let within = bare(&text.text);
    let named =
        |department: &FactValue| department.words().iter().any(|word| within.contains(&bare(word)));
    if facts.get(NAME).is_some_and(|department| !named(department)) {
        facts.set(NAME, FactValue::Text("not named".into()), FactOrigin::CommandLine);
    }
    facts
}

/// The rules that find something in a text: for an innocent one, those that flag it.
fn rules_found(engine: &Engine, text: &Labelled) -> BTreeSet<String> {
    let active = engine.activate(&text.facts);
    let field = Prepared::new(&text.text, false);
    let no_record = Record::default();
    let scan = FieldScan {
        field: &field,
        name: "notes",
        active: &active,
        around: &Alone,
        record: &no_record,
    };
    // A note says that something could be better; it finds, but does not flag.
    let severity = if text.labels.is_empty() { Severity::Warning } else { Severity::Note };
    // A text is a document of one field: what needs others to count has them here.
    let all = engine.scan(&scan);
    let mut tallies: BTreeMap<_, Tally> = BTreeMap::new();
    for found in &all {
        if let Some((with, _)) = engine.needs(found) {
            tallies.entry(with).or_default().add(found);
        }
    }
    all.iter()
        .filter(|found| {
            engine.needs(found).is_none_or(|(with, needs)| tallies[&with].is_enough(needs))
        })
        .filter(|found| found.severity >= severity)
        .map(|found| engine.rule(found.rule).1.id.clone())
        .collect()
}

/// A file beside the tables.
fn text(file: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judgement");
    fs::read_to_string(folder.join(file)).unwrap()
}

/// The names of all tables.
fn tables() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judgement");
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".tsv").map(str::to_owned))
        .collect()
}

/// Judges the tables of which `is_asked` says so by name, all of which have bounds.
fn judge_tables(is_asked: impl Fn(&str) -> bool) {
    let bounds = text("bounds.txt");
    let bounds: BTreeMap<&str, (usize, usize)> = bounds
        .lines()
        .filter(|line| !line.starts_with('#'))
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            let [name, least, most] = cells[..] else { panic!("not three cells: {line}") };
            (name, (least.parse().unwrap(), most.parse().unwrap()))
        })
        .collect();
    assert!(tables().iter().eq(bounds.keys()), "every table has its bounds, and no other");
    let mut all = Judge::new();
    for (name, (least, most)) in bounds.into_iter().filter(|(name, _)| is_asked(name)) {
        all.table(name, &text(&format!("{name}.tsv")), least, most);
    }
    all.judge();
}

/// Whether a table is of notes. In those of cases and clinics innocent texts may be flagged
/// for what they are about: health.
fn is_of_notes(name: &str) -> bool {
    name.starts_with("notes-") || ["ambiguous", "clinical", "prose"].contains(&name)
}

#[test]
fn notes_are_judged() {
    judge_tables(is_of_notes);
}

#[test]
fn posts_are_judged() {
    judge_tables(|name| !is_of_notes(name));
}

/// What people say all day, and what a writer puts around a post. Made up.
const ORDINARY: [&str; 12] = [
    "The train was late again.",
    "Off to walk the dog now.",
    "It rained all the way home.",
    "My sister made soup for six.",
    "The kettle has finally given up.",
    "Up early for a run along the canal.",
    "Found my old bike in the shed today.",
    "The children have made a den of the sofa.",
    "Anyway, I hope everybody has a lovely weekend.",
    "A long day, and a longer queue for coffee.",
    "Back at my desk after a week in the hills.",
    "The neighbours have a new fence.",
];

/// What it is called, how a post is put there, and how many of the guilty ones must be found
/// and of the innocent ones may be flagged.
type Around<'a> = (&'a str, &'a dyn Fn(usize, &str) -> String, usize, usize);

/// Nobody posts a sentence by itself: there is a link below it, somebody it answers, and
/// what else there was to say. Each makes a text look more innocent than it is.
#[test]
fn what_stands_around_a_post_changes_little() {
    let ordinary = |at: usize| ORDINARY[at % ORDINARY.len()];
    let around: [Around<'_>; 6] = [
        ("alone", &|_, post| post.to_owned(), 942, 25),
        ("above a link", &|_, post| format!("{post} https://www.gov.uk/news"), 927, 25),
        ("behind a handle", &|_, post| format!("@mia_k88 {post}"), 915, 18),
        ("behind a sentence", &|at, post| format!("{} {post}", ordinary(at)), 918, 22),
        ("before a sentence", &|at, post| format!("{post} {}", ordinary(at)), 903, 20),
        (
            "among sentences",
            &|at, post| {
                let [one, two, three] = [at, at + 5, at + 7].map(ordinary);
                format!("{one} {two} {post} {three}")
            },
            869,
            18,
        ),
    ];
    // That a post grows too long for its platform is another matter.
    let mut all = Judge::of(&|name| name != "platforms");
    let unread = tables().into_iter().filter(|name| name.contains("unread") && !is_of_notes(name));
    let posts: Vec<Labelled> =
        unread.flat_map(|name| all.texts(&text(&format!("{name}.tsv")))).collect();
    for (name, make, least, most) in around {
        let texts = posts.iter().enumerate().map(|(at, post)| {
            let text = make(at, &post.text);
            Labelled { text, ..post.clone() }
        });
        let texts = texts.collect();
        all.tables.push(Table { name: format!("unread posts {name}"), texts, least, most });
    }
    all.judge();
}
