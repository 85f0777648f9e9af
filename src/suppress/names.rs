//! The names of rules in suppressions.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use crate::pack::{BUILT_IN_FAMILY, PackSet, load_shipped, shipped_names};
use crate::syntax::nearest;

/// What a name in a suppression means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// A rule of the packs in use, by its present name.
    Rule(String),
    /// A family of rules of the packs in use.
    Family(String),
    /// A rule or family of a shipped pack that is not in use.
    Elsewhere,
    /// One of the rules about suppressions.
    BuiltIn,
    /// Nothing, and the rule that was probably meant.
    Unknown(Option<String>),
}

impl Name {
    /// Finds out what a name means to any of these packs.
    pub fn of(written: &str, sets: &[&PackSet]) -> Self {
        if let Some((_, rule)) = sets.iter().find_map(|set| set.rule(written)) {
            return Self::Rule(rule.id.clone());
        }
        if written.split('/').next() == Some(BUILT_IN_FAMILY) {
            return Self::BuiltIn;
        }
        let packs = || sets.iter().flat_map(|set| set.packs());
        let families = || packs().flat_map(|pack| &pack.families);
        if families().any(|family| family == written) {
            return Self::Family(written.to_owned());
        }
        if shipped().contains(written) {
            return Self::Elsewhere;
        }
        let rules = sets.iter().flat_map(|set| set.rules());
        let known = rules.map(|(_, rule)| rule.id.as_str());
        Self::Unknown(nearest(written, known).map(str::to_owned))
    }

    /// Whether a finding of this rule is meant.
    pub fn covers(&self, rule: &str) -> bool {
        match self {
            Self::Rule(name) => name == rule,
            Self::Family(family) => rule.split('/').next() == Some(family),
            Self::Elsewhere | Self::BuiltIn | Self::Unknown(_) => false,
        }
    }
}

/// Whether a shipped pack has this rule or family, in use or not.
pub(crate) fn is_shipped(name: &str) -> bool {
    shipped().contains(name)
}

/// The names of all shipped rules, old names and families. Read when somebody writes
/// one that is not in use.
fn shipped() -> &'static BTreeSet<String> {
    static NAMES: OnceLock<BTreeSet<String>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let packs = shipped_names().filter_map(|name| load_shipped(name, &mut Vec::new()));
        let names = packs.flat_map(|pack| {
            let rules = pack.rules.into_iter();
            let of_rules = rules.flat_map(|rule| std::iter::once(rule.id).chain(rule.aliases));
            of_rules.chain(pack.families).collect::<Vec<_>>()
        });
        names.collect()
    })
}
