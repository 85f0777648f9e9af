//! The names of columns as reports may show them.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::facts::Facts;
use crate::run::Run;

/// Names of columns in which rules find words that they mask. Exports name columns after
/// people, and some keys of JSON are addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShownNames(BTreeMap<String, String>);

impl ShownNames {
    /// Looks at the names of the columns of a table; none is masked where values are
    /// revealed.
    ///
    /// # Errors
    ///
    /// Where the packs cannot be compiled.
    pub fn of(run: &Run, facts: &Facts, names: &[String]) -> Result<Self, Error> {
        if run.reveal {
            return Ok(Self::default());
        }
        let shown = run.masked(facts, names)?;
        let differ = names.iter().zip(shown).filter(|(name, shown)| *name != shown);
        Ok(Self(differ.map(|(name, shown)| (name.clone(), shown)).collect()))
    }

    /// How many names are masked.
    pub fn masked(&self) -> usize {
        self.0.len()
    }

    /// A name as it may be shown.
    pub fn name<'n>(&'n self, name: &'n str) -> &'n str {
        self.0.get(name).map_or(name, String::as_str)
    }

    /// A message about columns as it may be shown.
    pub fn message(&self, message: String) -> String {
        self.0.iter().fold(message, |message, (name, shown)| message.replace(name, shown))
    }
}
