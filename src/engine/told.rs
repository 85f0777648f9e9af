//! All cues of a searched list, asked once for each of its hits: the finds of a list mostly
//! share the lists of their cues.

use std::cell::RefCell;
use std::sync::OnceLock;

use super::compiled::{Compiled, ListId};
use super::scene::{Run, Scene};
use super::steps::{Index, SequenceId, Sides};

/// A phrase with `<T>`, and the list of cues that it belongs to.
pub type CueOf = (SequenceId, ListId);

/// The cues of each searched list, put together when a hit of it is first judged.
#[derive(Debug)]
pub struct CueIndex {
    of_list: Vec<OnceLock<Sides<CueOf>>>,
}

impl CueIndex {
    /// For so many lists.
    pub fn new(lists: usize) -> Self {
        Self { of_list: std::iter::repeat_with(OnceLock::new).take(lists).collect() }
    }
}

impl Compiled {
    /// All cues of the finds that search for a list.
    pub(super) fn cues_of(&self, list: ListId) -> &Sides<CueOf> {
        self.cues.of_list[list].get_or_init(|| {
            let finds = self.list_finds[list].iter();
            let mut cues: Vec<ListId> =
                finds.flat_map(|&find| self.finds[find].cues.iter().copied()).collect();
            cues.sort_unstable();
            cues.dedup();
            let mut all = Sides::default();
            for cue in cues {
                let around = &self.lists[cue].around;
                add(&mut all.left, &around.left, cue);
                add(&mut all.right, &around.right, cue);
            }
            all
        })
    }
}

/// Adds what is filed in one list to what is filed in all.
fn add(all: &mut Index<CueOf>, of: &Index<SequenceId>, list: ListId) {
    let named = |ids: &Vec<SequenceId>| ids.iter().map(move |&id| (id, list)).collect::<Vec<_>>();
    #[allow(clippy::iter_over_hash_type, reason = "each goes to the place of its word")]
    for (&word, ids) in &of.by_word {
        all.by_word.entry(word).or_default().extend(named(ids));
    }
    for (slot, ids) in &of.by_slot {
        match all.by_slot.iter_mut().find(|(known, _)| known == slot) {
            Some((_, items)) => items.extend(named(ids)),
            None => all.by_slot.push((*slot, named(ids))),
        }
    }
    all.open.extend(named(&of.open));
}

/// What is known of one hit, for the finds that ask in turn.
#[derive(Debug, Default)]
pub struct Told {
    hit: RefCell<CuesAt>,
    shields: RefCell<(Run, Vec<(ListId, bool)>)>,
}

/// The hit of a list that was asked about last, and of each cue that fits the longest
/// phrase.
type CuesAt = (Option<(ListId, Run)>, Vec<(ListId, Run)>);

impl Told {
    /// Forgets everything.
    pub fn clear(&mut self) {
        self.hit.get_mut().0 = None;
        self.shields.get_mut().1.clear();
    }
}

impl Scene<'_> {
    /// The longest phrase with `<T>` of one of some cues that fits around a hit of `list`;
    /// of several, that of the last of the cues.
    pub fn longest_cue(&self, list: ListId, hit: Run, cues: &[ListId]) -> Option<Run> {
        self.look_for_cues(list, hit);
        let (_, told) = &*self.told.hit.borrow();
        let of_cue = |cue: &ListId| told.iter().find(|(known, _)| known == cue);
        let runs = cues.iter().filter_map(of_cue).map(|(_, run)| *run);
        let longest = runs.max_by_key(|run| run.end - run.start);
        if cfg!(test) {
            assert_eq!(longest, self.longest_of_each(cues, hit), "cues at once and each by itself");
        }
        longest
    }

    /// The same, where each list of cues is asked by itself.
    pub fn longest_of_each(&self, cues: &[ListId], hit: Run) -> Option<Run> {
        let runs = cues.iter().filter_map(|&cue| self.cue(cue, hit));
        runs.max_by_key(|run| run.end - run.start)
    }

    /// Whether no cue of any find that searches for `list` fits around a hit of it.
    pub fn lacks_cues(&self, list: ListId, hit: Run) -> bool {
        self.look_for_cues(list, hit);
        self.told.hit.borrow().1.is_empty()
    }

    /// Finds the longest phrase of each cue around a hit, once.
    fn look_for_cues(&self, list: ListId, hit: Run) {
        if self.told.hit.borrow().0 == Some((list, hit)) {
            return;
        }
        let mut longest: Vec<(ListId, Run)> = Vec::new();
        self.each_around(self.compiled.cues_of(list), hit, &mut |(id, cue)| {
            for &run in &*self.cue_runs(id, hit) {
                match longest.iter_mut().find(|(known, _)| *known == cue) {
                    Some((_, kept)) => *kept = (*kept).max_by_len(run),
                    None => longest.push((cue, run)),
                }
            }
            false
        });
        *self.told.hit.borrow_mut() = (Some((list, hit)), longest);
    }

    /// Whether a phrase of one of some lists covers `hit`.
    pub fn is_shielded(&self, lists: &[ListId], hit: Run) -> bool {
        lists.iter().any(|&list| {
            let known = {
                let (of, known) = &*self.told.shields.borrow();
                let known = known.iter().filter(|_| *of == hit).find(|(known, _)| *known == list);
                known.map(|(_, is_shielded)| *is_shielded)
            };
            known.unwrap_or_else(|| {
                let is_shielded = self.shielded(list, hit);
                let (of, known) = &mut *self.told.shields.borrow_mut();
                if *of != hit {
                    *of = hit;
                    known.clear();
                }
                known.push((list, is_shielded));
                is_shielded
            })
        })
    }
}
