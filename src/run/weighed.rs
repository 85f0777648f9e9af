//! Why a hit or a text had enough points: what was seen of it, and what each thing brings.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::groups::{AroundField, Presences};
use crate::engine::{Activation, Engine, Evidence, FieldScan, Prepared, scaled};
use crate::input::{Document, Field};
use crate::pack::Feature;
use crate::record::Record;
use crate::text::Span;

/// What was put on the scales for a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeighedAt {
    /// The rule.
    pub rule: String,
    /// The name of the table of weights.
    pub table: String,
    /// What all that was seen adds up to.
    pub points: i32,
    /// How many points are enough in a text as long as this.
    pub least: i32,
    /// What was seen, as the table spells it, with its points; what weighs most comes
    /// first. Empty for rules that mask their words.
    pub features: Vec<(String, i32)>,
    /// Where it stands in the decoded text.
    pub span: Span,
}

/// What was weighed in a field and had enough points. `reveal` also shows what was seen of
/// words that a rule masks.
pub(super) fn weighed(
    engine: &Engine,
    active: &Activation,
    document: &Document,
    field: &Field,
    reveal: bool,
) -> Vec<WeighedAt> {
    let prepared = Prepared::new(&field.text, field.wrapped);
    let presences = Presences::new(engine, &document.fields);
    let around = AroundField { all: &presences, record: field.record };
    let none = Record::default();
    let record = document.record_of(field).unwrap_or(&none);
    let scan = FieldScan { field: &prepared, name: &field.name, active, around: &around, record };
    let shown = |evidence: Evidence| {
        let (number, rule) = engine.set().rules().find(|(_, rule)| rule.id == evidence.rule)?;
        let weighs = rule.finds.iter().filter_map(|find| find.weigh.as_ref());
        let least = weighs.filter(|it| it.by == evidence.table).map(|it| it.least).min()?;
        let least = least.saturating_add(evidence.more);
        let (_, table) = engine.set().weights(number, &evidence.table)?;
        let keys: Vec<Option<u64>> =
            evidence.features.iter().map(|it| Feature::read(it).ok().map(|it| it.key())).collect();
        let mut worth: BTreeMap<u64, i32> = keys.iter().flatten().map(|&key| (key, 0)).collect();
        let plus = table.plus.as_ref().and_then(|(plus, _)| engine.set().weights(number, plus));
        for (feature, points) in
            table.points().chain(plus.into_iter().flat_map(|(_, it)| it.points()))
        {
            if let Some(sum) = worth.get_mut(&feature.key()) {
                *sum = sum.saturating_add(points);
            }
        }
        let of = |key: &Option<u64>| key.and_then(|key| worth.get(&key)).copied().unwrap_or(0);
        // Added up before they are scaled, as a scan does. Each thing is shown with what it
        // adds to those before it, so that what is shown adds up too.
        let mut sums: BTreeMap<u32, i32> = BTreeMap::new();
        let mut features: Vec<(String, i32)> = Vec::new();
        for (name, key) in evidence.features.iter().zip(&keys) {
            let scale = evidence.counts(name);
            let sum = sums.entry(scale).or_default();
            let before = scaled(*sum, scale);
            *sum = sum.saturating_add(of(key));
            features.push((name.clone(), scaled(*sum, scale).saturating_sub(before)));
        }
        let sums = sums.into_iter().map(|(scale, sum)| scaled(sum, scale));
        let points = sums.fold(0_i32, i32::saturating_add);
        features.retain(|&(_, points)| points != 0 && (reveal || !rule.redact));
        features.sort_by_key(|(name, points)| (Reverse(points.saturating_abs()), name.clone()));
        let span = field.map.to_source(evidence.span);
        let Evidence { rule, table, .. } = evidence;
        (points >= least).then_some(WeighedAt { rule, table, points, least, features, span })
    };
    let mut weighed: Vec<WeighedAt> =
        engine.evidence(&scan).into_iter().filter_map(shown).collect();
    // Several finds can weigh the same words alike.
    weighed.dedup();
    weighed
}
