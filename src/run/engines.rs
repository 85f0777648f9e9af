//! What the packs were compiled to, and which rules are judged, kept for the documents
//! that follow: most files of a folder have the same facts.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use rustc_hash::FxHashMap;

use super::Run;
use super::groups::Lacking;
use super::idle::Idle;
use crate::engine::{Activation, Engine, EngineKey, engine_key};
use crate::error::Error;
use crate::facts::Facts;
use crate::finding::ShownFacts;
use crate::judge::{SeverityOverrides, overridden};
use crate::pack::PackSet;

/// For so many sets of facts it is kept which rules are judged. Pages with days of their
/// own can have more than a run has memory for.
const MOST_KEPT: usize = 256;

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

/// Engines by what the facts of a document make of the packs. Most runs need one.
/// They outlive a run, so that taking them apart need not be part of it.
/// Copies share them: runs with the same packs compile nothing twice.
#[derive(Clone, Debug, Default)]
pub struct Engines {
    made: Arc<Mutex<BTreeMap<EngineKey, Arc<Engine>>>>,
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
        if let Some(engine) = made.get(&key) {
            return Ok(Arc::clone(engine));
        }
        let engine = Arc::new(Engine::new(Arc::clone(set), facts)?);
        made.insert(key, Arc::clone(&engine));
        Ok(engine)
    }
}
