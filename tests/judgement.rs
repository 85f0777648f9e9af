//! How the shipped packs judge texts that nobody wrote for them.
//!
//! The texts under `tests/judgement` are made up. They were labelled before the
//! packs were tuned, by their meaning alone; `-held` files were read only after
//! they had been scored once, `-fresh` files were written last, `-strangers` by people
//! who had never seen a rule (as were all named for their kind: `-uk`, `-us`, `-mix`,
//! `-council`, `-intake`, `-plain`, `-oblique`, `-desk`, `-settings`, `-peoples`, `-habits`,
//! `-cases`, `-care`, `-justice`, `-commerce`, `-everyday`, `-near`, `-asides`, `-rites`,
//! `-roots`, `prose`, `-voices`, `-wry`, `-more`, `-office`, `-people`, `-trades`, `-hints`,
//! `-offices`, `-desks`, `-clinic`, `-between`, `-stories`, `-origins`, `-inside`, `-views`,
//! `-parties`, `-ordinary`), `-read` files were unread once,
//! and neither have those who tune a rule read an `-unread` file nor were weights made from
//! one (`judgement/weigh.rs`): its figure is what to expect elsewhere. The bounds stand where the packs stand
//! today, so that a change of a list that loses judgement is seen.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use probity::engine::{Alone, Engine, EngineKey, FieldScan, Prepared, Tally, engine_key};
use probity::pack::{PackSet, Severity, load_shipped, shipped_names};
use probity::record::Record;
use rayon::prelude::*;

#[path = "judgement/labelled.rs"]
mod labelled;

use labelled::{Labelled, read};

/// A table and how it must be judged.
struct Table {
    name: &'static str,
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
        let mut faults = Vec::new();
        let packs = shipped_names().filter_map(|name| load_shipped(name, &mut faults)).collect();
        Self { set: Arc::new(PackSet::assemble(packs, &mut faults)), tables: Vec::new() }
    }

    fn table(&mut self, name: &'static str, table: &str, least: usize, most: usize) {
        let rules: BTreeSet<&str> = self.set.rules().map(|(_, rule)| rule.id.as_str()).collect();
        let mut texts = read(table, &self.set);
        // A duty that no rule is about is no rule's fault.
        texts.retain(|text| {
            text.labels.is_empty() || text.labels.iter().any(|label| rules.contains(label.as_str()))
        });
        self.tables.push(Table { name, texts, least, most });
    }

    /// Fails with every table that is judged worse than it must be.
    fn judge(self) {
        let mut groups: BTreeMap<EngineKey, Vec<(usize, &Labelled)>> = BTreeMap::new();
        for (at, table) in self.tables.iter().enumerate() {
            for text in &table.texts {
                groups.entry(engine_key(&self.set, &text.facts)).or_default().push((at, text));
            }
        }
        let mut scores: Vec<Score> = self.tables.iter().map(|_| Score::default()).collect();
        let groups: Vec<Vec<(usize, &Labelled)>> = groups.into_values().collect();
        let found: Vec<Vec<BTreeSet<String>>> = groups
            .par_iter()
            .map(|texts| {
                let engine = Engine::new(Arc::clone(&self.set), &texts[0].1.facts).unwrap();
                texts.iter().map(|(_, text)| rules_found(&engine, text)).collect()
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

#[test]
fn notes_are_judged() {
    let mut all = Judge::new();
    all.table("notes-dev", include_str!("judgement/notes-dev.tsv"), 80, 0);
    all.table("notes-held", include_str!("judgement/notes-held.tsv"), 80, 0);
    all.table("notes-fresh", include_str!("judgement/notes-fresh.tsv"), 144, 0);
    all.table("notes-strangers", include_str!("judgement/notes-strangers.tsv"), 666, 6);
    all.table("notes-read", include_str!("judgement/notes-read.tsv"), 149, 4);
    all.table("notes-uk", include_str!("judgement/notes-uk.tsv"), 229, 0);
    all.table("notes-us", include_str!("judgement/notes-us.tsv"), 227, 1);
    all.table("notes-mix", include_str!("judgement/notes-mix.tsv"), 140, 1);
    all.table("notes-unread", include_str!("judgement/notes-unread.tsv"), 193, 5);
    all.table("notes-council", include_str!("judgement/notes-council.tsv"), 220, 0);
    all.table("notes-intake", include_str!("judgement/notes-intake.tsv"), 219, 1);
    all.table("notes-plain", include_str!("judgement/notes-plain.tsv"), 199, 0);
    all.table("notes-oblique", include_str!("judgement/notes-oblique.tsv"), 98, 0);
    let oblique = include_str!("judgement/notes-oblique-unread.tsv");
    all.table("notes-oblique-unread", oblique, 88, 2);
    let plain = include_str!("judgement/notes-plain-unread.tsv");
    all.table("notes-plain-unread", plain, 195, 4);
    all.table("notes-desk", include_str!("judgement/notes-desk.tsv"), 186, 2);
    all.table("notes-uk-settings", include_str!("judgement/notes-uk-settings.tsv"), 240, 2);
    all.table("notes-us-settings", include_str!("judgement/notes-us-settings.tsv"), 246, 3);
    all.table("notes-peoples", include_str!("judgement/notes-peoples.tsv"), 293, 4);
    all.table("notes-habits", include_str!("judgement/notes-habits.tsv"), 262, 3);
    let last = include_str!("judgement/notes-last-unread.tsv");
    all.table("notes-last-unread", last, 140, 4);
    all.table("prose", include_str!("judgement/prose.tsv"), 0, 6);
    // Health, which these notes are about, may be flagged in the innocent ones.
    all.table("notes-cases", include_str!("judgement/notes-cases.tsv"), 217, 16);
    all.table("notes-care", include_str!("judgement/notes-care.tsv"), 291, 5);
    all.table("notes-justice", include_str!("judgement/notes-justice.tsv"), 291, 2);
    all.table("notes-commerce", include_str!("judgement/notes-commerce.tsv"), 282, 0);
    all.table("notes-everyday", include_str!("judgement/notes-everyday.tsv"), 330, 4);
    all.table("notes-near", include_str!("judgement/notes-near.tsv"), 90, 2);
    all.table("notes-asides", include_str!("judgement/notes-asides.tsv"), 325, 4);
    all.table("notes-rites", include_str!("judgement/notes-rites.tsv"), 364, 3);
    all.table("notes-roots", include_str!("judgement/notes-roots.tsv"), 371, 3);
    let last = include_str!("judgement/notes-final-unread.tsv");
    all.table("notes-final-unread", last, 177, 5);
    let mixed = include_str!("judgement/notes-mixed-unread.tsv");
    all.table("notes-mixed-unread", mixed, 219, 3);
    all.table("notes-between", include_str!("judgement/notes-between.tsv"), 326, 2);
    all.table("notes-origins", include_str!("judgement/notes-origins.tsv"), 342, 2);
    all.table("notes-plainly", include_str!("judgement/notes-plainly.tsv"), 250, 0);
    all.table("notes-world", include_str!("judgement/notes-world.tsv"), 97, 5);
    all.table("notes-round", include_str!("judgement/notes-round.tsv"), 428, 5);
    all.table("notes-sidelong", include_str!("judgement/notes-sidelong.tsv"), 452, 7);
    all.table("notes-lines", include_str!("judgement/notes-lines.tsv"), 383, 4);
    // Health, which clinical notes are about, may be flagged in the innocent ones.
    all.table("notes-clinic", include_str!("judgement/notes-clinic.tsv"), 295, 30);
    all.table("notes-stories", include_str!("judgement/notes-stories.tsv"), 87, 20);
    all.table("clinical", include_str!("judgement/clinical.tsv"), 58, 3);
    all.table("ambiguous", include_str!("judgement/ambiguous.tsv"), 0, 0);
    all.judge();
}

#[test]
fn posts_are_judged() {
    let mut all = Judge::new();
    all.table("posts-dev", include_str!("judgement/posts-dev.tsv"), 75, 0);
    all.table("posts-held", include_str!("judgement/posts-held.tsv"), 75, 0);
    all.table("csc-fresh", include_str!("judgement/csc-fresh.tsv"), 115, 0);
    all.table("dhs-fresh", include_str!("judgement/dhs-fresh.tsv"), 60, 0);
    all.table("posts-read", include_str!("judgement/posts-read.tsv"), 107, 0);
    all.table("posts-more", include_str!("judgement/posts-more.tsv"), 197, 0);
    all.table("posts-unread", include_str!("judgement/posts-unread.tsv"), 109, 11);
    all.table("posts-voices", include_str!("judgement/posts-voices.tsv"), 160, 0);
    all.table("posts-wry", include_str!("judgement/posts-wry.tsv"), 100, 0);
    all.table("posts-office", include_str!("judgement/posts-office.tsv"), 149, 0);
    let last = include_str!("judgement/posts-last-unread.tsv");
    all.table("posts-last-unread", last, 102, 2);
    all.table("posts-uk", include_str!("judgement/posts-uk.tsv"), 303, 4);
    all.table("posts-uk-people", include_str!("judgement/posts-uk-people.tsv"), 369, 9);
    all.table("posts-uk-trades", include_str!("judgement/posts-uk-trades.tsv"), 351, 11);
    all.table("posts-uk-hints", include_str!("judgement/posts-uk-hints.tsv"), 336, 10);
    all.table("posts-uk-offices", include_str!("judgement/posts-uk-offices.tsv"), 209, 17);
    all.table("posts-us", include_str!("judgement/posts-us.tsv"), 245, 5);
    all.table("posts-us-people", include_str!("judgement/posts-us-people.tsv"), 310, 3);
    all.table("posts-us-desks", include_str!("judgement/posts-us-desks.tsv"), 314, 7);
    all.table("posts-us-hints", include_str!("judgement/posts-us-hints.tsv"), 310, 8);
    all.table("posts-near", include_str!("judgement/posts-near.tsv"), 94, 17);
    let last = include_str!("judgement/posts-final-unread.tsv");
    all.table("posts-final-unread", last, 177, 4);
    let mixed = include_str!("judgement/posts-mixed-unread.tsv");
    all.table("posts-mixed-unread", mixed, 205, 6);
    all.table("posts-uk-inside", include_str!("judgement/posts-uk-inside.tsv"), 289, 5);
    all.table("posts-uk-views", include_str!("judgement/posts-uk-views.tsv"), 261, 8);
    all.table("posts-us-inside", include_str!("judgement/posts-us-inside.tsv"), 328, 9);
    all.table("posts-us-parties", include_str!("judgement/posts-us-parties.tsv"), 335, 4);
    all.table("posts-ordinary", include_str!("judgement/posts-ordinary.tsv"), 0, 49);
    all.table("posts-chat", include_str!("judgement/posts-chat.tsv"), 60, 78);
    all.table("posts-front", include_str!("judgement/posts-front.tsv"), 56, 29);
    all.table("posts-beat", include_str!("judgement/posts-beat.tsv"), 40, 35);
    all.table("posts-uk-round", include_str!("judgement/posts-uk-round.tsv"), 242, 23);
    all.table("posts-uk-work", include_str!("judgement/posts-uk-work.tsv"), 292, 15);
    all.table("posts-uk-own", include_str!("judgement/posts-uk-own.tsv"), 404, 12);
    all.table("posts-uk-desks", include_str!("judgement/posts-uk-desks.tsv"), 314, 33);
    all.table("posts-uk-voices", include_str!("judgement/posts-uk-voices.tsv"), 370, 21);
    all.table("posts-us-round", include_str!("judgement/posts-us-round.tsv"), 244, 32);
    all.table("posts-us-work", include_str!("judgement/posts-us-work.tsv"), 321, 22);
    all.table("posts-us-more", include_str!("judgement/posts-us-more.tsv"), 407, 21);
    let tenth = include_str!("judgement/posts-tenth-unread.tsv");
    all.table("posts-tenth-unread", tenth, 192, 5);
    all.table("official", include_str!("judgement/official.tsv"), 0, 1);
    all.judge();
}
