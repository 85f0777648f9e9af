//! Which rules are judged under the facts of one document.

use crate::facts::Facts;
use crate::pack::{DATE, FactTest, Find, PackSet, Rule, Severity, When, period};

use super::compiled::{Compiled, FindId};
use super::record;

/// What the facts make of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleState {
    /// It is judged.
    Judged {
        /// The severity of its findings where a find does not say its own.
        severity: Severity,
        /// Facts without which a part of it was not judged.
        partly_without: Vec<String>,
    },
    /// The facts say that it does not apply.
    NotApplicable,
    /// Facts are missing, so nobody can say.
    NotJudged {
        /// The facts.
        missing: Vec<String>,
    },
    /// A pack or the configuration switched it off.
    Off {
        /// Why.
        reason: String,
    },
}

/// The state of every rule and find for one set of facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activation {
    /// By rule.
    pub rules: Vec<RuleState>,
    /// By find: whether it is judged.
    pub finds: Vec<bool>,
    /// By list: whether its phrases lead to a find that is judged.
    pub lists: Vec<bool>,
    /// The facts, for tests on records.
    pub facts: Facts,
}

/// What a condition on facts comes to.
enum Answer {
    Yes,
    No,
    Unknown(Vec<String>),
}

/// Whether a test on a fact holds; `None` where nobody has set the fact.
fn holds(FactTest { fact, values, negated }: &FactTest, facts: &Facts) -> Option<bool> {
    Some(facts.get(fact)?.has_any(values) != *negated)
}

fn ask(when: &When, facts: &Facts) -> Answer {
    let mut missing = Vec::new();
    for test in when {
        match holds(test, facts) {
            None => missing.push(test.fact.clone()),
            Some(false) => return Answer::No,
            Some(true) => {}
        }
    }
    if missing.is_empty() { Answer::Yes } else { Answer::Unknown(missing) }
}

/// The tests of a rule that these facts fail.
pub fn failed<'r>(rule: &'r Rule, facts: &Facts) -> impl Iterator<Item = &'r FactTest> {
    rule.when.iter().filter(|test| holds(test, facts) == Some(false))
}

/// Whether a rule applies: its facts hold, and the day is one of its days.
fn applies(rule: &Rule, facts: &Facts) -> Answer {
    let answer = ask(&rule.when, facts);
    if matches!(answer, Answer::No) || (rule.during.is_none() && rule.days == (None, None)) {
        return answer;
    }
    let mut missing = match answer {
        Answer::Unknown(missing) => missing,
        _ => Vec::new(),
    };
    // A draft without a day of its own is about to be published.
    let day = record::day(facts, DATE)
        .or_else(|| record::as_of(facts).filter(|_| !facts.is_unreadable(DATE)));
    let Some(day) = day else {
        missing.push(DATE.to_owned());
        return Answer::Unknown(missing);
    };
    if rule.days.0.is_some_and(|from| day < from) || rule.days.1.is_some_and(|until| day > until) {
        return Answer::No;
    }
    match rule.during.as_ref().map(|name| (name, facts.get(name))) {
        None => {}
        Some((name, None)) => missing.push(name.clone()),
        Some((_, Some(periods))) => {
            let inside = |(from, until)| (from..=until).contains(&day);
            if !periods.words().iter().filter_map(|word| period(word)).any(inside) {
                return Answer::No;
            }
        }
    }
    if missing.is_empty() { Answer::Yes } else { Answer::Unknown(missing) }
}

/// Whether a rule is judged under these facts.
pub fn is_judged(rule: &Rule, facts: &Facts) -> bool {
    rule.off.is_none() && matches!(applies(rule, facts), Answer::Yes)
}

/// Whether a find of a rule that is judged is judged under these facts.
pub fn is_find_judged(find: &Find, facts: &Facts) -> bool {
    matches!(ask(&find.when, facts), Answer::Yes)
}

/// Works out which rules are judged.
pub fn activate(compiled: &Compiled, set: &PackSet, facts: &Facts) -> Activation {
    let mut finds = vec![false; compiled.finds.len()];
    let mut by_rule: Vec<Vec<FindId>> = vec![Vec::new(); compiled.rules.len()];
    for (id, find) in compiled.finds.iter().enumerate() {
        by_rule[find.rule].push(id);
    }
    let rules = compiled
        .rules
        .iter()
        .enumerate()
        .map(|(id, &(pack, index))| {
            let rule = &set.packs()[pack].rules[index];
            if let Some(reason) = &rule.off {
                return RuleState::Off { reason: reason.clone() };
            }
            match applies(rule, facts) {
                Answer::No => return RuleState::NotApplicable,
                Answer::Unknown(missing) => return RuleState::NotJudged { missing },
                Answer::Yes => {}
            }
            let (severity, unsure) = level(rule, facts);
            let mut state = judge_finds(compiled, &by_rule[id], facts, severity, &mut finds);
            if let RuleState::Judged { partly_without, .. } = &mut state {
                partly_without.extend(unsure);
                partly_without.sort();
                partly_without.dedup();
            }
            state
        })
        .collect();
    let lists = wanted_lists(compiled, &finds);
    Activation { rules, finds, lists, facts: facts.clone() }
}

/// The severity of a rule under these facts, and the facts that could change it.
fn level(rule: &Rule, facts: &Facts) -> (Severity, Vec<String>) {
    let mut unsure = Vec::new();
    for (when, severity) in &rule.levels {
        match ask(when, facts) {
            Answer::Yes => return (*severity, unsure),
            Answer::No => {}
            Answer::Unknown(missing) => unsure.extend(missing),
        }
    }
    (rule.severity, unsure)
}

/// The lists whose phrases are worth looking at: those that a judged find
/// searches for, and those in a slot of such a list.
fn wanted_lists(compiled: &Compiled, finds: &[bool]) -> Vec<bool> {
    let mut lists: Vec<bool> =
        compiled.list_finds.iter().map(|of_list| of_list.iter().any(|&id| finds[id])).collect();
    loop {
        let more: Vec<usize> = (0..lists.len())
            .filter(|&list| !lists[list] && compiled.holders[list].any(|outer| lists[outer]))
            .collect();
        if more.is_empty() {
            return lists;
        }
        for list in more {
            lists[list] = true;
        }
    }
}

/// Switches on the finds of one rule whose own facts hold.
fn judge_finds(
    compiled: &Compiled,
    of_rule: &[FindId],
    facts: &Facts,
    severity: Severity,
    finds: &mut [bool],
) -> RuleState {
    let mut without: Vec<String> = Vec::new();
    let mut any = false;
    let mut whole = false;
    for &id in of_rule {
        let find = &compiled.finds[id];
        match ask(&find.when, facts) {
            Answer::No => {}
            Answer::Unknown(missing) => without.extend(missing),
            Answer::Yes => {
                finds[id] = true;
                any = true;
                whole |= find.missing_facts.is_empty();
                without.extend(find.missing_facts.iter().cloned());
            }
        }
    }
    without.sort();
    without.dedup();
    if !any && without.is_empty() {
        return RuleState::NotApplicable;
    }
    // A rule whose only lists are facts that nobody set has nothing to look for.
    if !any
        || (!whole
            && of_rule.iter().filter(|&&id| finds[id]).all(|&id| compiled.empty_without_facts(id)))
    {
        return RuleState::NotJudged { missing: without };
    }
    RuleState::Judged { severity, partly_without: without }
}
