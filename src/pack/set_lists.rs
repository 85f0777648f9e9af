//! The lists of packs, checked against how rules use them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::model::{List, Pack, What};
use super::phrase::{Atom, Phrase};
use super::record_test::ValueTest;
use super::set::PackSet;
use crate::syntax::Diagnostic;

/// How a list is used; each use allows other phrases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum ListUse {
    /// Its phrases are searched for.
    Find,
    /// Its phrases fit around a hit.
    Cue,
    /// Its phrases silence a hit.
    Shield,
    /// Its phrases are looked for near a hit, or in a slot.
    Near,
}

impl PackSet {
    pub(super) fn check_lists(&self, faults: &mut Vec<Diagnostic>) {
        let mut uses: BTreeSet<(usize, String, ListUse)> = BTreeSet::new();
        for (pack, rule) in self.rules().filter(|(pack, _)| !self.is_sound(*pack)) {
            let mut want = |name: &str,
                            how: ListUse,
                            span: crate::text::Span,
                            faults: &mut Vec<Diagnostic>| {
                match self.list(pack, name) {
                    Some((owner, _)) => {
                        uses.insert((owner, name.to_owned(), how));
                    }
                    None => faults.push(self.no_list(pack, name, &rule.file, span)),
                }
            };
            for find in &rule.finds {
                match &find.what {
                    What::List(name) => want(name, ListUse::Find, find.span, faults),
                    What::Missing { list, .. } => want(list, ListUse::Near, find.span, faults),
                    What::Count { except: Some(name), .. } => {
                        want(name, ListUse::Near, find.span, faults);
                    }
                    What::Pattern { .. }
                    | What::Count { .. }
                    | What::Text { .. }
                    | What::Record => {}
                }
                for test in &find.record {
                    for value in &test.value {
                        if let ValueTest::Has(name) = value {
                            want(name, ListUse::Near, test.span, faults);
                        }
                    }
                }
                for name in &find.cues {
                    want(name, ListUse::Cue, find.span, faults);
                }
                for name in &find.shields {
                    want(name, ListUse::Shield, find.span, faults);
                }
                for condition in find.requires.iter().chain(&find.unless) {
                    want(&condition.list, ListUse::Near, condition.span, faults);
                }
            }
        }
        self.follow_lists(uses, faults);
    }

    /// Whether a pack needs no check of its lists: it comes with probity, so the tests
    /// have checked it, and no other pack has changed it.
    fn is_sound(&self, pack: usize) -> bool {
        let changes =
            |pack: &Arc<Pack>| !(pack.additions.is_empty() && pack.adjustments.is_empty());
        self.packs[pack].shipped && !self.packs.iter().any(changes)
    }

    pub(super) fn no_list(
        &self,
        pack: usize,
        name: &str,
        file: &Arc<crate::syntax::SourceFile>,
        span: crate::text::Span,
    ) -> Diagnostic {
        let start = file.text.floor_char_boundary(span.start);
        let span = crate::text::Span::new(start, span.end.max(start));
        let end = file.text.floor_char_boundary(span.end.min(span.start + 120));
        let line = file.text[span.start..end].find('\n').map_or(end, |at| span.start + at);
        let known = self.scopes[pack]
            .iter()
            .flat_map(|&at| self.packs[at].lists.iter())
            .map(|list| list.name.as_str())
            .filter(|name| !name.contains('#'));
        Diagnostic::fault(
            file,
            crate::text::Span::new(span.start, line),
            format!("there is no list `{name}`"),
        )
        .label("asked for here")
        .did_you_mean(name, known)
    }

    /// Checks every list in use, and the lists in its slots and includes.
    fn follow_lists(&self, uses: BTreeSet<(usize, String, ListUse)>, faults: &mut Vec<Diagnostic>) {
        let mut done = BTreeSet::new();
        let mut queue: Vec<_> = uses.into_iter().collect();
        let mut reported = BTreeSet::new();
        while let Some((pack, name, how)) = queue.pop() {
            if !done.insert((pack, name.clone(), how)) {
                continue;
            }
            let Some((_, list)) = self.list(pack, &name) else { continue };
            if let Some(fact) = list.fact.as_ref().filter(|fact| self.fact(fact).is_none()) {
                let file = &self.packs[pack].file;
                let at = file.text.find(&format!("\"{fact}\"")).unwrap_or(0);
                faults.push(
                    Diagnostic::fault(
                        file,
                        crate::text::Span::new(at, at + fact.len() + 2),
                        format!("no pack declares the fact `{fact}`"),
                    )
                    .label("asked for by this list")
                    .did_you_mean(fact, self.facts.iter().map(|fact| fact.name.as_str())),
                );
            }
            for (include, span) in &list.include {
                match self.list(pack, include) {
                    Some((owner, _)) => queue.push((owner, include.clone(), how)),
                    None => faults.push(self.no_list(pack, include, &self.packs[pack].file, *span)),
                }
            }
            for entry in &list.entries {
                for phrase in entry.phrases() {
                    if let Some((message, help)) = misuse(&phrase, how)
                        && reported.insert((entry.span, entry.file.name.clone(), message))
                    {
                        faults.push(
                            Diagnostic::fault(&entry.file, entry.span, message)
                                .label("in this phrase")
                                .help(help),
                        );
                    }
                    for slot in slots(&phrase) {
                        match self.list(pack, slot) {
                            Some((owner, _)) => queue.push((owner, slot.to_owned(), ListUse::Near)),
                            None if reported.insert((
                                entry.span,
                                entry.file.name.clone(),
                                "slot",
                            )) =>
                            {
                                faults.push(self.no_list(pack, slot, &entry.file, entry.span));
                            }
                            None => {}
                        }
                    }
                }
            }
        }
        self.check_circles(faults);
    }

    /// A list that needs itself to be known would never be known.
    fn check_circles(&self, faults: &mut Vec<Diagnostic>) {
        let mut known = BTreeMap::new();
        for (pack, of) in self.packs.iter().enumerate().filter(|(pack, _)| !self.is_sound(*pack)) {
            for list in &of.lists {
                let mut seen = BTreeSet::new();
                let mut queue = self.needs(pack, list, &mut known).to_vec();
                while let Some((owner, name)) = queue.pop() {
                    if owner == pack && name == list.name {
                        let span = list
                            .include
                            .first()
                            .map(|(_, span)| *span)
                            .or_else(|| list.entries.first().map(|entry| entry.span))
                            .unwrap_or_default();
                        let file = list.entries.first().map_or(&of.file, |entry| &entry.file);
                        let file = if list.include.is_empty() { file } else { &of.file };
                        faults.push(
                            Diagnostic::fault(
                                file,
                                span,
                                format!(
                                    "the list `{}` needs itself, through its slots or includes",
                                    list.name
                                ),
                            )
                            .label("in a circle"),
                        );
                        break;
                    }
                    if seen.insert((owner, name.clone()))
                        && let Some((owner, list)) = self.list(owner, &name)
                    {
                        queue.extend_from_slice(self.needs(owner, list, &mut known));
                    }
                }
            }
        }
    }

    /// The lists that one list needs, read once.
    fn needs<'k>(
        &self,
        pack: usize,
        list: &List,
        known: &'k mut KnownNeeds,
    ) -> &'k [(usize, String)] {
        known.entry((pack, list.name.clone())).or_insert_with(|| {
            let mut needs = BTreeSet::new();
            let mut add = |name: &str| {
                needs.extend(self.list(pack, name).map(|(owner, _)| (owner, name.to_owned())));
            };
            list.include.iter().for_each(|(name, _)| add(name));
            for entry in &list.entries {
                entry.phrases().iter().flat_map(slots).for_each(&mut add);
            }
            needs.into_iter().collect()
        })
    }
}

/// By pack and name of a list, the packs and names of those it needs.
type KnownNeeds = BTreeMap<(usize, String), Vec<(usize, String)>>;

/// The lists that a phrase names.
pub fn slots<'t>(phrase: &Phrase<'t>) -> Vec<&'t str> {
    fn gather<'t>(atoms: &[Atom<'t>], names: &mut Vec<&'t str>) {
        for atom in atoms {
            match atom {
                Atom::Slot(name) | Atom::NotSlot(name) => names.push(name),
                Atom::Group(ways) => ways.iter().for_each(|way| gather(way, names)),
                Atom::UpTo { step, .. } => gather(std::slice::from_ref(step), names),
                _ => {}
            }
        }
    }
    let mut names = Vec::new();
    match phrase {
        Phrase::Words(atoms) => gather(atoms, &mut names),
        Phrase::Tag { slot, .. } => names.extend(*slot),
        Phrase::Handle(_) | Phrase::Domain(_) => {}
    }
    names
}

/// Whether a text can be searched for an atom: for a word, but not for `'s` alone.
fn can_be_found(atom: &Atom<'_>) -> bool {
    let is_word = |word: &str| !word.starts_with('\'');
    match atom {
        Atom::Word { folded, .. } => is_word(folded),
        Atom::AnyOf(words) => words.iter().all(|(word, _)| is_word(word)),
        Atom::Group(ways) => ways.iter().all(|way| way.iter().any(can_be_found)),
        Atom::Slot(_) => true,
        _ => false,
    }
}

/// Why a phrase cannot stand in a list used that way, and the way out.
fn misuse(phrase: &Phrase<'_>, how: ListUse) -> Option<(&'static str, &'static str)> {
    let Phrase::Words(atoms) = phrase else {
        return (how == ListUse::Cue).then_some((
            "a cue is made of words around <T>",
            "move handles, links and hashtags to a list of their own",
        ));
    };
    let has_hit = atoms.contains(&Atom::Hit);
    let can_be_found = atoms.iter().any(can_be_found);
    match how {
        ListUse::Cue if !has_hit => Some((
            "a cue says with <T> where the found words stand",
            "write for example `of <T> descent`",
        )),
        ListUse::Find | ListUse::Near if has_hit => Some((
            "<T> has a meaning only in cues and shields",
            "name a list instead, such as `<place>`",
        )),
        ListUse::Find if !can_be_found => Some((
            "a phrase to find needs a word or a list",
            "without one it would have to be tried at every word",
        )),
        ListUse::Shield if !has_hit && !can_be_found => {
            Some(("a shield needs a word, a list or <T>", "say which words make the hit innocent"))
        }
        _ => None,
    }
}
