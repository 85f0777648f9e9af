//! What a scan runs on: packs with their names as numbers, one automaton, words as numbers.

use rustc_hash::{FxHashMap, FxHashSet};

use super::matcher::Matcher;
use super::patterns::Patterns;
use super::presence::{Asks, Required};
use super::record::{CompiledTest, CompiledValue};
use super::replacing::Replacing;
use super::scales::Scales;
use super::steps::{Edge, Index, Rarest, Sequence, SequenceId, Sides, WordId};
use super::told::CueIndex;
use super::weigh::Weighing;
use super::weigh_table::CompiledWeights;
use super::weigh_text::TextFind;
use super::word_ids::WordIds;
use crate::count::Unit;
use crate::pack::{Needs, Place, Severity, Side, When, Within};
use crate::validate::Validator;

/// Index of a rule in the rule table.
pub type RuleId = usize;
/// Index of a list.
pub type ListId = usize;
/// Index of a find.
pub type FindId = usize;

/// A list with its includes flattened, indexed for every way it is asked.
#[derive(Debug, Default)]
pub struct CompiledList {
    /// Its name in the pack.
    pub name: String,
    pub sequences: Vec<SequenceId>,
    /// Phrases by what they start with.
    pub first: Index<SequenceId>,
    /// Phrases by what they end with.
    pub last: Index<SequenceId>,
    /// Phrases with `<T>` by what stands before or behind it.
    pub around: Sides<SequenceId>,
    /// Phrases without `<T>` by their rarest part; for lists that are looked for near
    /// something.
    pub rarest: Rarest,
    pub handles: FxHashSet<String>,
    pub any_handle: bool,
    pub domains: FxHashSet<String>,
    pub any_link: bool,
    pub tags: FxHashSet<String>,
    pub any_tag: bool,
    /// Hashtags with a list in them: letters before, the forms of the list, letters behind.
    pub tag_slots: Vec<(String, ListId, String)>,
    /// Its plain phrases as they look inside a hashtag, if it can stand in one.
    pub tag_forms: FxHashSet<String>,
    /// Facts without which the list is not whole.
    pub missing_facts: Vec<String>,
}

impl CompiledList {
    /// Whether the list holds handles, links or hashtags.
    pub fn has_tokens(&self) -> bool {
        self.any_handle
            || self.any_link
            || self.any_tag
            || !(self.handles.is_empty()
                && self.domains.is_empty()
                && self.tags.is_empty()
                && self.tag_slots.is_empty())
    }
}

/// A condition with its list resolved.
#[derive(Debug)]
pub struct CompiledCondition {
    pub list: ListId,
    pub within: Within,
    pub side: Side,
    pub at_least: usize,
    pub label: Option<String>,
}

/// What a find looks for, resolved.
#[derive(Debug)]
pub enum CompiledWhat {
    List(ListId),
    /// The expressions stand in [`Compiled::patterns`], in the order of
    /// [`Compiled::pattern_finds`].
    Pattern {
        validator: Option<&'static Validator>,
    },
    Count {
        unit: Unit,
        /// `None` where nobody has set the fact that says it.
        most: Option<usize>,
        by_sentence: bool,
        except: Option<ListId>,
    },
    Missing {
        list: ListId,
        within: Within,
    },
    /// The text as a whole, weighed, and every stretch of sentences as well.
    Text {
        sentences: bool,
    },
    Record,
}

/// A find, resolved.
#[derive(Debug)]
pub struct CompiledFind {
    pub rule: RuleId,
    /// Its place among the finds of its rule, the same in every engine.
    pub nth: usize,
    pub what: CompiledWhat,
    pub record: Vec<CompiledTest>,
    pub cues: Vec<ListId>,
    pub shields: Vec<ListId>,
    pub requires: Vec<CompiledCondition>,
    pub unless: Vec<CompiledCondition>,
    pub places: Vec<Place>,
    pub skip_quoted: bool,
    /// The table by which its hits are weighed, and the fewest points that count.
    pub weigh: Option<(usize, i32)>,
    /// With fewer points than these a text silences the other finds of the rule.
    pub veto: Option<i32>,
    pub severity: Option<Severity>,
    pub message: Option<String>,
    pub when: When,
    /// How much of it must be found before any of it counts.
    pub needs: Option<Needs>,
    /// The fields it is about, by their bare names; all where there are none.
    pub fields: Vec<String>,
    /// The same for its rule.
    pub rule_fields: Vec<String>,
    /// What it would write instead.
    pub replacing: Option<Replacing>,
    /// Facts named by its lists that nobody has set.
    pub missing_facts: Vec<String>,
}

impl CompiledFind {
    /// The lists that are looked for near a hit or in a value, not searched for.
    pub(super) fn looked_for_near(&self) -> impl Iterator<Item = ListId> + '_ {
        let conditions = self.requires.iter().chain(&self.unless).map(|condition| condition.list);
        let values =
            self.record.iter().flat_map(|test| &test.value).filter_map(|value| match value {
                CompiledValue::Has(list) => Some(*list),
                _ => None,
            });
        let own = match self.what {
            CompiledWhat::Missing { list, .. } => Some(list),
            CompiledWhat::Count { except, .. } => except,
            _ => None,
        };
        conditions.chain(self.shields.iter().copied()).chain(values).chain(own)
    }
}

/// Where in a phrase of a list a literal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// The list the phrase belongs to.
    pub list: ListId,
    /// The phrase.
    pub sequence: SequenceId,
    /// The step at which the literal starts.
    pub step: usize,
    /// What must stand beside it: an index into [`Compiled::besides`].
    pub beside: usize,
    /// Whether the literal is all of the phrase.
    pub whole: bool,
    /// Where the literal must have capitals: an index into [`Compiled::capitals`].
    pub capitals: usize,
    /// The rarest of what the phrase asks for besides the literal.
    pub asks: Asks,
    /// Where among the anchors of the literal those start that ask for something else.
    pub others: u32,
}

/// What must stand right before and right behind a literal or a slot. Asked before the
/// text around a hit is cut into words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Beside {
    pub left: Edge,
    pub right: Edge,
}

/// All packs, compiled.
#[derive(Debug)]
pub struct Compiled {
    pub words: FxHashMap<Box<str>, WordId>,
    pub word_ids: WordIds,
    pub sequences: Vec<Sequence>,
    pub lists: Vec<CompiledList>,
    pub finds: Vec<CompiledFind>,
    /// The finds that search for a list.
    pub list_finds: Vec<Vec<FindId>>,
    /// By literal.
    pub anchors: Vec<Vec<Anchor>>,
    /// What stands beside literals, slots and `<T>`. The first entry asks for nothing.
    pub besides: Vec<Beside>,
    /// By phrase: what stands beside its `<T>`, an index into `besides`.
    pub beside_hit: Vec<u32>,
    /// Where literals must have capitals, by byte. The first entry asks for none.
    pub capitals: Vec<Vec<u16>>,
    /// By list: the phrases that are found through it in one of their slots, by what
    /// stands beside that slot. Literals of the list stand in the automaton once,
    /// however many phrases have such a slot.
    pub holders: Vec<Sides<Anchor>>,
    pub literals: Vec<String>,
    /// Which words phrases ask for.
    pub required: Required,
    pub matcher: Matcher,
    pub patterns: Patterns,
    pub pattern_finds: Vec<FindId>,
    pub other_finds: Vec<FindId>,
    /// The finds that are about nothing but the record.
    pub record_finds: Vec<FindId>,
    /// The finds that weigh a text as a whole.
    pub text_finds: Vec<TextFind>,
    /// What they weigh by.
    pub scales: Scales,
    /// The tables of weights in use.
    pub weights: Vec<CompiledWeights>,
    /// By searched list: the cues of its finds.
    pub cues: CueIndex,
    /// By find: the points of every hit, where its hits are weighed.
    pub always: Vec<i32>,
    /// Lists that stand for handles, links or hashtags and are searched for.
    pub token_lists: Vec<ListId>,
    /// The pack of each rule.
    pub rules: Vec<(usize, usize)>,
    /// By rule: the fields with names that it leaves alone, by [`name_number`].
    ///
    /// [`name_number`]: crate::record::name_number
    pub name_fields: Vec<Box<[u64]>>,
}

impl Compiled {
    /// The scales for the hits of a find of a rule of this name, if they are weighed.
    pub(super) fn weighing<'w>(
        &'w self,
        find: &'w CompiledFind,
        rule: &'w str,
    ) -> Option<Weighing<'w>> {
        let (number, _) = find.weigh?;
        let list = match find.what {
            CompiledWhat::List(list) => self.lists[list].name.as_str(),
            _ => "",
        };
        Some(Weighing { table: &self.weights[number], number, rule, list })
    }

    /// Whether a find has nothing to look for while facts are missing.
    pub fn empty_without_facts(&self, id: FindId) -> bool {
        let find = &self.finds[id];
        let empty = |list: ListId| {
            let of = &self.lists[list];
            !of.missing_facts.is_empty() && of.sequences.is_empty() && !of.has_tokens()
        };
        let searched = match find.what {
            CompiledWhat::List(list) => empty(list),
            CompiledWhat::Count { most, .. } => most.is_none(),
            _ => false,
        };
        searched || find.requires.iter().any(|condition| empty(condition.list))
    }
}
