//! Lists, compiled: phrases become steps, and are filed for every way in which a list is
//! asked.

use std::sync::Arc;

use super::compile::Compiler;
use super::compiled::{CompiledList, ListId};
use super::steps::{CaseTest, Edge, Sequence, Step, WordId};
use crate::facts::{FactValue, Facts};
use crate::pack::phrase::{self, Atom, Phrase};
use crate::pack::{Case, List, PackSet};

impl Compiler<'_> {
    /// The id of a list, compiling it and what it needs first. The packs have
    /// been checked: the list exists and needs no list that needs it.
    pub(super) fn list(&mut self, pack: usize, name: &str) -> ListId {
        if let Some(&id) = self.ids[pack].get(name) {
            return id;
        }
        let set = self.set;
        let Some((owner, list)) = set.list(pack, name) else {
            return self.empty_list();
        };
        let known = self.ids[owner].get(name).copied();
        let id = known.unwrap_or_else(|| {
            let mut compiled = CompiledList { name: list.name.clone(), ..CompiledList::default() };
            self.missing_facts(owner, list, &mut compiled.missing_facts);
            each_phrase((set, self.facts), owner, list, &mut |owner, phrase, case| {
                self.phrase(owner, phrase, case, &mut compiled);
            });
            self.lists.push(compiled);
            self.lists.len() - 1
        });
        self.ids[owner].insert(name.into(), id);
        self.ids[pack].insert(name.into(), id);
        id
    }

    /// The id of the list of nothing.
    pub(super) fn empty_list(&mut self) -> ListId {
        *self.nothing.get_or_insert_with(|| {
            self.lists.push(CompiledList::default());
            self.lists.len() - 1
        })
    }

    /// A list that stands in a slot.
    fn slot(&mut self, owner: usize, name: &str) -> ListId {
        let id = self.list(owner, name);
        self.in_slots.insert(id);
        id
    }

    fn missing_facts(&self, owner: usize, list: &List, missing: &mut Vec<String>) {
        missing.extend(list.fact.iter().filter(|fact| self.facts.get(fact).is_none()).cloned());
        for (name, _) in &list.include {
            if let Some((owner, list)) = self.set.list(owner, name) {
                self.missing_facts(owner, list, missing);
            }
        }
    }

    fn phrase(
        &mut self,
        owner: usize,
        phrase: &Phrase<'_>,
        case: Case,
        compiled: &mut CompiledList,
    ) {
        match phrase {
            Phrase::Words(atoms) => {
                let steps: Arc<[Step]> =
                    atoms.iter().map(|atom| self.step(owner, atom, case)).collect();
                let hit = steps.iter().position(|step| matches!(step, Step::Hit));
                compiled.sequences.push(self.sequences.len());
                self.sequences.push(Sequence { steps, hit });
            }
            Phrase::Handle(None) => compiled.any_handle = true,
            Phrase::Handle(Some(name)) => {
                compiled.handles.insert(name.clone());
            }
            Phrase::Domain(None) => compiled.any_link = true,
            Phrase::Domain(Some(host)) => {
                compiled.domains.insert(host.clone());
            }
            Phrase::Tag { any: true, .. } => compiled.any_tag = true,
            Phrase::Tag { before, slot: None, .. } => {
                compiled.tags.insert(before.clone());
            }
            Phrase::Tag { before, slot: Some(name), after, .. } => {
                let id = self.list(owner, name);
                if let Some((owner, list)) = self.set.list(owner, name)
                    && self.lists[id].tag_forms.is_empty()
                {
                    let forms = &mut self.lists[id].tag_forms;
                    each_phrase((self.set, self.facts), owner, list, &mut |_, phrase, _| {
                        if let Phrase::Words(atoms) = phrase {
                            forms.extend(tag_forms(atoms));
                        }
                    });
                }
                compiled.tag_slots.push((before.clone(), id, after.clone()));
            }
        }
    }

    fn step(&mut self, owner: usize, atom: &Atom<'_>, case: Case) -> Step {
        match atom {
            Atom::Word { folded, capitals } => {
                Step::Word { id: self.word(folded), case: self.case_test(case, capitals) }
            }
            Atom::AnyOf(words) => {
                let mut known = std::mem::take(&mut self.scratch);
                known.extend(
                    words
                        .iter()
                        .map(|(word, capitals)| (self.word(word), self.case_test(case, capitals))),
                );
                // Looked up by id.
                known.sort_by_key(|(id, _)| *id);
                let step = Step::AnyOf(known.drain(..).collect());
                self.scratch = known;
                step
            }
            Atom::Group(ways) => Step::Group(
                ways.iter()
                    .map(|way| way.iter().map(|atom| self.step(owner, atom, case)).collect())
                    .collect(),
            ),
            Atom::UpTo { step, most } => {
                Step::UpTo { step: Arc::new(self.step(owner, step, case)), most: *most }
            }
            Atom::Mark(mark) => Step::Mark(self.word(mark.encode_utf8(&mut [0; 4]))),
            Atom::Slot(name) => Step::Slot(self.slot(owner, name)),
            Atom::Hit => Step::Hit,
            Atom::Gap { least, most } => Step::Gap { least: *least, most: *most },
            Atom::Capitalised => Step::Capitalised,
            Atom::Number => Step::Number,
            Atom::Handle => Step::Handle,
            Atom::Link => Step::Link,
            Atom::Start => Step::Start,
            Atom::End => Step::End,
            Atom::NotWord(word) => Step::NotWord(self.word(word)),
            Atom::NotSlot(name) => Step::NotSlot(self.slot(owner, name)),
        }
    }

    fn word(&mut self, word: &str) -> WordId {
        if let Some(&id) = self.words.get(word) {
            return id;
        }
        let id = self.words.len() as WordId + 1;
        self.words.insert(word.into(), id);
        self.costs.push(self.frequency.per_million(word));
        id
    }

    /// Files phrases by their edges: those with `<T>` by what stands beside it, and those
    /// of lists in slots by what they start and end with.
    pub(super) fn index(&mut self) {
        let mut edge = Edge::default();
        for (list, of) in self.lists.iter_mut().enumerate() {
            let in_slot = self.in_slots.contains(&list);
            for &id in &of.sequences {
                let Sequence { steps, hit } = &self.sequences[id];
                if let Some(at) = *hit {
                    of.around.file(steps, at, id, &self.costs);
                } else if in_slot {
                    edge.set_first(steps);
                    of.first.file(&edge, id);
                    edge.set_last(steps);
                    of.last.file(&edge, id);
                }
            }
        }
    }

    fn case_test(&mut self, case: Case, capitals: &[u16]) -> CaseTest {
        match case {
            Case::Any => CaseTest::Any,
            Case::Exact => CaseTest::Exact(self.places(capitals)),
            Case::Sentence if capitals.is_empty() => CaseTest::Sentence,
            Case::Smart if capitals.is_empty() => CaseTest::Any,
            Case::Smart | Case::Sentence => CaseTest::Capitals(self.places(capitals)),
        }
    }

    /// Places of capitals: most words share theirs with others.
    fn places(&mut self, capitals: &[u16]) -> Arc<[u16]> {
        if let Some(known) = self.capitals.get(capitals) {
            return Arc::clone(known);
        }
        let places: Arc<[u16]> = capitals.into();
        self.capitals.insert(capitals.into(), Arc::clone(&places));
        places
    }
}

/// Shows every phrase of a list and of those it includes, with the pack that means it
/// and how letter case counts there.
fn each_phrase(
    (set, facts): (&PackSet, &Facts),
    owner: usize,
    list: &List,
    see: &mut dyn FnMut(usize, &Phrase<'_>, Case),
) {
    for entry in &list.entries {
        entry.phrases().iter().for_each(|phrase| see(owner, phrase, list.case));
    }
    let value = list.fact.as_ref().and_then(|fact| facts.get(fact));
    for word in value.into_iter().flat_map(FactValue::words) {
        // A value that makes no phrase was refused when it was set.
        let written = phrase::of_fact(&word);
        let phrases = phrase::parse(&written).unwrap_or_default();
        for phrase in &phrases {
            see(owner, phrase, list.case);
        }
    }
    for (name, _) in &list.include {
        if let Some((owner, list)) = set.list(owner, name) {
            each_phrase((set, facts), owner, list, see);
        }
    }
}

/// How the spellings of a phrase look inside a hashtag; none where it is more
/// than words, or has too many spellings to be a name.
fn tag_forms(atoms: &[Atom<'_>]) -> Vec<String> {
    let mut forms = vec![String::new()];
    for atom in atoms {
        let (atom, most, optional) = match atom {
            Atom::UpTo { step, most } => (&**step, *most, true),
            atom => (atom, 1, false),
        };
        let words: Vec<&str> = match atom {
            Atom::Word { folded, .. } => vec![folded],
            Atom::AnyOf(words) => words.iter().map(|(word, _)| &**word).collect(),
            _ => return Vec::new(),
        };
        let mut longer = forms;
        forms = if optional { longer.clone() } else { Vec::new() };
        for _ in 0..most {
            longer = longer
                .iter()
                .flat_map(|form| {
                    words.iter().map(move |word| format!("{form}{}", word.replace(['\'', '_'], "")))
                })
                .collect();
            forms.extend_from_slice(&longer);
            if forms.len() > 64 {
                return Vec::new();
            }
        }
    }
    forms
}
