//! What saves time never changes what is found: texts made of the phrases of the shipped
//! packs, scanned with every shortcut and with none.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use proptest::prelude::*;

use super::steps::{CaseTest, Step, WordId};
use super::*;
use crate::facts::FactOrigin;
use crate::pack::{load_shipped, shipped_names};
use crate::record::RecordValue;
use crate::text::Span;

struct Packs {
    engine: Engine,
    memory: Mutex<Memory>,
    active: Activation,
    /// By id.
    words: Vec<String>,
}

fn packs(kind: &str) -> Packs {
    let mut faults = Vec::new();
    let packs = shipped_names().filter_map(|name| load_shipped(name, &mut faults)).collect();
    let set = Arc::new(PackSet::assemble(packs, &mut faults));
    let mut facts = Facts::default();
    for (name, value) in [
        ("kind", kind),
        ("account", "official"),
        ("platform", "x"),
        ("department", "Defra"),
        ("as_of", "2026-03-01"),
    ] {
        facts.set(name, FactValue::Text(value.to_owned()), FactOrigin::CommandLine);
    }
    let engine = Engine::new(set, &facts).unwrap();
    let active = engine.activate(&facts);
    let mut words = vec![String::new(); engine.compiled.words.len() + 1];
    #[allow(clippy::iter_over_hash_type, reason = "each word goes to its own place")]
    for (word, &id) in &engine.compiled.words {
        words[id as usize] = word.to_string();
    }
    Packs { engine, memory: Mutex::default(), active, words }
}

static NOTES: LazyLock<Packs> = LazyLock::new(|| packs("note"));
static POSTS: LazyLock<Packs> = LazyLock::new(|| packs("post"));

/// Writes texts in which phrases stand, whole or nearly.
struct Writer<'p> {
    packs: &'p Packs,
    seed: u64,
    text: String,
}

impl Writer<'_> {
    /// A number below `most`.
    fn below(&mut self, most: usize) -> usize {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        (self.seed >> 11) as usize % most.max(1)
    }

    fn text(mut self) -> String {
        for _ in 0..=self.below(4) {
            let phrase = self.below(self.packs.engine.compiled.sequences.len());
            self.phrase(phrase, 0);
            let ends =
                [". ", ", ", " ", "\n", "\n\n", "; ", " (", " - ", "! ", " é ", "’s ", " @a "];
            let end = ends[self.below(ends.len())];
            self.text.push_str(end);
        }
        self.text
    }

    fn phrase(&mut self, id: usize, depth: usize) {
        let steps = self.packs.engine.compiled.sequences[id].steps.clone();
        self.steps(&steps, depth);
    }

    fn steps(&mut self, steps: &[Step], depth: usize) {
        for step in steps {
            // Now and then a step is missing, and something stands between two.
            match self.below(40) {
                0 => {}
                1 => self.any_word(),
                _ => self.step(step, depth),
            }
        }
    }

    fn step(&mut self, step: &Step, depth: usize) {
        let compiled = &self.packs.engine.compiled;
        match step {
            Step::Word { id, case } => self.word(*id, case),
            Step::AnyOf(words) => {
                let (id, case) = &words[self.below(words.len())];
                self.word(*id, case);
            }
            Step::Group(ways) => {
                let way = &ways[self.below(ways.len())];
                self.steps(way, depth);
            }
            Step::UpTo { step, most } => {
                for _ in 0..self.below(most + 1) {
                    self.step(step, depth);
                }
            }
            Step::Mark(id) => self.push(&self.packs.words[*id as usize]),
            Step::Slot(list) if depth < 6 => {
                let phrases = &compiled.lists[*list].sequences;
                if !phrases.is_empty() {
                    let phrase = phrases[self.below(phrases.len())];
                    self.phrase(phrase, depth + 1);
                }
            }
            Step::Hit => {
                let list = self.below(compiled.lists.len());
                self.step(&Step::Slot(list), depth + 1);
            }
            Step::Gap { least, most } => {
                for _ in 0..least + self.below(most - least + 1) {
                    self.any_word();
                }
            }
            Step::Capitalised => self.push("Smith"),
            Step::Number => self.push("34"),
            Step::Handle => self.push("@somebody"),
            Step::Link => self.push("example.org"),
            Step::NotWord(id) if self.below(3) == 0 => self.word(*id, &CaseTest::Any),
            _ => {}
        }
    }

    fn any_word(&mut self) {
        let id = 1 + self.below(self.packs.words.len() - 1);
        self.word(id as WordId, &CaseTest::Any);
    }

    fn word(&mut self, id: WordId, case: &CaseTest) {
        let mut word = self.packs.words[id as usize].clone();
        match (case, self.below(8)) {
            (CaseTest::Capitals(places) | CaseTest::Exact(places), 1..) => {
                for &place in &**places {
                    let place = usize::from(place);
                    if let Some(letter) = word.get_mut(place..=place) {
                        letter.make_ascii_uppercase();
                    }
                }
            }
            (_, 0) => word.make_ascii_uppercase(),
            (_, 1) if word.is_char_boundary(1) => word[..1].make_ascii_uppercase(),
            _ => {}
        }
        self.push(&word);
    }

    fn push(&mut self, word: &str) {
        let gaps = [" ", " ", " ", " ", " ", " ", "  ", "-", "\n", "\u{a0}", ", ", ""];
        if !self.text.is_empty() && !word.starts_with('\'') {
            let gap = gaps[if self.below(6) == 0 { self.below(gaps.len()) } else { 0 }];
            self.text.push_str(gap);
        }
        self.text.push_str(word);
    }
}

fn check(packs: &Packs, seed: u64) -> Result<(), TestCaseError> {
    let text = Writer { packs, seed: seed | 1, text: String::new() }.text();
    let field = Prepared::new(&text, seed.is_multiple_of(2));
    let record = Record::default();
    let scan = FieldScan {
        field: &field,
        name: "notes",
        active: &packs.active,
        around: &Alone,
        record: &record,
    };
    let plainly = packs.engine.scan_plainly(&scan);
    prop_assert_eq!(&packs.engine.scan(&scan), &plainly, "{:?}", text);
    // Nor does what is left in memory of the text before.
    let memory = &mut packs.memory.lock().unwrap_or_else(PoisonError::into_inner);
    let field = Prepared::within(&text, scan.field.wrapped, memory);
    let again = packs.engine.scan_in(&FieldScan { field: &field, ..scan }, memory);
    field.give_back(memory);
    prop_assert_eq!(again, plainly, "{:?}", text);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn shortcuts_never_change_what_is_found_in_notes(seed: u64) {
        check(&NOTES, seed)?;
    }

    #[test]
    fn shortcuts_never_change_what_is_found_in_posts(seed: u64) {
        check(&POSTS, seed)?;
    }

    #[test]
    fn a_plan_never_changes_what_is_found_in_records(
        values in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(vec![
            "", "yes", "no", "2019-01-02", "2027-01-02", "12", "x@example.org", "DHS; CBP", "Defra",
        ])), 0..8),
        unreliable: bool,
    ) {
        let tests = NOTES.engine.compiled.finds.iter().flat_map(|find| &find.record);
        let columns: BTreeSet<&str> =
            tests.flat_map(|test| &test.fields).map(String::as_str).collect();
        let columns: Vec<&str> = columns.into_iter().collect();
        let value = |(name, text): &(prop::sample::Index, &str)| RecordValue {
            name: (*name.get(&columns)).into(),
            text: (*text).to_owned(),
            span: Span::new(0, text.len()),
        };
        let mut record = Record { values: values.iter().map(value).collect(), ..Record::default() };
        let active = &NOTES.active;
        let plan = NOTES.engine.plan_for(&record, active);
        record.unreliable = unreliable;
        for value in &mut record.values {
            value.text.push_str(if unreliable { "" } else { " " });
        }
        // A plan for other columns is of no use, so everything is looked at.
        let stranger = RecordValue { name: "x".into(), text: String::new(), span: Span::default() };
        let other = Record { values: vec![stranger; 9], ..Record::default() };
        let other = NOTES.engine.plan_for(&other, active);
        prop_assert_eq!(
            NOTES.engine.scan_record(&record, active, &plan),
            NOTES.engine.scan_record(&record, active, &other)
        );
    }
}

#[test]
fn the_texts_hold_findings() {
    let found = (1..300_u64).filter(|seed| {
        let text = Writer {
            packs: &NOTES,
            seed: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15),
            text: String::new(),
        }
        .text();
        let field = Prepared::new(&text, false);
        let record = Record::default();
        let scan = FieldScan {
            field: &field,
            name: "notes",
            active: &NOTES.active,
            around: &Alone,
            record: &record,
        };
        !NOTES.engine.scan(&scan).is_empty()
    });
    assert!(found.count() > 60);
}
