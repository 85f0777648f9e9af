//! What the packs were compiled to, and which rules are judged, kept for the documents
//! that follow: most files of a folder have the same facts.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use rustc_hash::FxHashMap;

use super::Run;
use super::groups::Lacking;
use super::idle::Idle;
use super::threads::at_once;
use crate::engine::{Activation, Engine, EngineKey, NamedFacts, engine_key};
use crate::error::Error;
use crate::facts::Facts;
use crate::finding::ShownFacts;
use crate::judge::{SeverityOverrides, overridden};
use crate::pack::PackSet;

/// For so many sets of facts it is kept which rules are judged. Pages with days of their
/// own can have more than a run has memory for.
const MOST_KEPT: usize = 256;

/// So many engines are made for the very facts of documents; what comes then, as in a
/// table of posts for many accounts, networks and days, shares one for all facts: making
/// an engine takes longer than a bigger one does to judge a few texts.
const MOST_MADE: usize = 8;

/// An engine, and what is judged with it.
#[derive(Debug)]
pub(super) struct Judged {
    pub engine: Arc<Engine>,
    pub active: Activation,
    /// What a report says of a document, made with the first that is not a table.
    pub told: OnceLock<Told>,
}

/// What the facts of a document are all that is needed for, so that documents with the
/// same facts share it.
#[derive(Clone, Debug)]
pub(super) struct Told {
    /// The facts as reports show them.
    pub facts: Arc<ShownFacts>,
    /// The rules that could not be judged, or not wholly.
    pub not_judged: Arc<[Lacking]>,
    /// The packs of which no rule applies.
    pub idle: Arc<Idle>,
}

/// Which rules are judged under sets of facts, with some changes of severities.
type Known = (SeverityOverrides, FxHashMap<Facts, Arc<Judged>>);

/// The engines for the facts of documents, and those for all facts.
#[derive(Debug, Default)]
struct Made {
    of_facts: BTreeMap<EngineKey, Arc<Engine>>,
    of_all: BTreeMap<NamedFacts, Arc<Engine>>,
}

/// Engines by what the facts of a document make of the packs. Most runs need one.
/// They outlive a run, so that taking them apart need not be part of it.
/// Copies share them: runs with the same packs compile nothing twice.
#[derive(Clone, Debug, Default)]
pub struct Engines {
    made: Arc<Mutex<Made>>,
    judged: Arc<RwLock<Vec<Known>>>,
}

impl Engines {
    /// The engine for documents with these facts, and what is judged with it.
    pub(super) fn judged(&self, run: &Run, facts: &Facts) -> Result<Arc<Judged>, Error> {
        let of_run = |(overrides, _): &Known| *overrides == run.config.severity;
        {
            let judged = self.judged.read().unwrap_or_else(PoisonError::into_inner);
            let known = judged.iter().find(|known| of_run(known));
            if let Some(judged) = known.and_then(|(_, known)| known.get(facts)) {
                return Ok(Arc::clone(judged));
            }
        }
        let made = Arc::new(self.judge(run, facts)?);
        let mut judged = self.judged.write().unwrap_or_else(PoisonError::into_inner);
        if judged.iter().map(|(_, known)| known.len()).sum::<usize>() >= MOST_KEPT {
            judged.clear();
        }
        let at = judged.iter().position(of_run).unwrap_or_else(|| {
            judged.push((run.config.severity.clone(), FxHashMap::default()));
            judged.len() - 1
        });
        judged[at].1.insert(facts.clone(), Arc::clone(&made));
        Ok(made)
    }

    fn judge(&self, run: &Run, facts: &Facts) -> Result<Judged, Error> {
        let engine = self.get(&run.set, facts)?;
        // The other facts have done their work when it is known which rules are judged;
        // kept, they would part every row from the next.
        let mut active = engine.activate(facts);
        active.facts.keep(&run.set.facts_of_records());
        engine.switch_off(&mut active, |rule| {
            overridden(&run.config.severity, &rule.id, rule.severity).is_none()
        });
        Ok(Judged { engine, active, told: OnceLock::new() })
    }

    /// The engine for documents with these facts.
    pub(super) fn get(&self, set: &Arc<PackSet>, facts: &Facts) -> Result<Arc<Engine>, Error> {
        let key = engine_key(set, facts);
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(engine) = made.of_facts.get(&key) {
            return Ok(Arc::clone(engine));
        }
        let is_full = made.of_facts.len() >= MOST_MADE;
        if let Some(engine) = made.of_all.get(&key.1).filter(|_| is_full) {
            return Ok(Arc::clone(engine));
        }
        let engine = if is_full {
            Arc::new(Engine::of_all(at_once, Arc::clone(set), facts)?)
        } else {
            Arc::new(Engine::new_by(at_once, Arc::clone(set), facts)?)
        };
        if is_full {
            made.of_all.insert(key.1, Arc::clone(&engine));
        } else {
            made.of_facts.insert(key, Arc::clone(&engine));
        }
        Ok(engine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::testing::{ask, set_of};
    use crate::facts::{FactOrigin, FactValue};

    #[test]
    fn documents_with_ever_other_facts_are_judged_alike_by_fewer_engines() {
        let platforms: Vec<String> = (0..2 * MOST_MADE).map(|at| format!("p{at}")).collect();
        let mut pack = format!(
            r#"
            [pack]
            id = "many"
            title = "Many"
            version = "1"
            families = ["m"]

            [[fact]]
            name = "platform"
            type = "one-of"
            values = {platforms:?}
            about = "Where it is published."

            [[fact]]
            name = "names"
            type = "list"
            about = "Names of the office."

            [lists.names]
            fact = "names"

            [[rule]]
            id = "m/words"
            title = "Words"
            severity = "error"
            message = "Found."
            help = "Delete."
            "#
        );
        for (at, platform) in platforms.iter().enumerate() {
            pack += &format!(
                "\n[[rule.find]]\nterms = [\"word{at}\", \"<names>\"]\nwhen = {{ platform = {platform:?} }}\n"
            );
        }
        let set = set_of(&pack, "");
        let engines = Engines::default();
        let text = "word1 word9 word11 Ann Ben";
        for name in ["Ann", "Ben", "Cid"] {
            for platform in &platforms {
                let mut facts = Facts::default();
                let origin = FactOrigin::CommandLine;
                facts.set("platform", FactValue::Text(platform.clone()), origin);
                facts.set("names", FactValue::List(vec![name.to_owned()].into()), origin);
                let own = Engine::new(Arc::clone(&set), &facts).unwrap();
                let kept = engines.get(&set, &facts).unwrap();
                let spans = |engine: &Engine| {
                    let found = ask(engine, &facts, text, Engine::scan);
                    found.into_iter().flat_map(|found| found.spans).collect::<Vec<_>>()
                };
                assert_eq!(spans(&kept), spans(&own), "{platform}, {name}");
            }
        }
        let made = engines.made.lock().unwrap();
        assert_eq!((made.of_facts.len(), made.of_all.len()), (MOST_MADE, 3));
    }
}
