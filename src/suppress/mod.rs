//! What somebody has accepted: comments in the text, files of suppressions, the baseline.
//! A suppression that is faulty or silences nothing is itself reported.

pub mod baseline;
mod comments;
mod grammar;
mod names;
mod side_file;

pub use baseline::Baseline;
pub use comments::{Comments, Judged};
pub use grammar::iso_day;
pub(crate) use names::is_shipped;
pub(crate) use side_file::literal_part;
pub use side_file::{Beside, Entry, SIDE_FILE, SIDE_FILE_NAME, SideFile, SideUse};

use crate::finding::RuleReport;
use crate::judge::{SeverityOverrides, overridden};
use crate::pack::{BUILT_IN_FAMILY, Severity};

/// What can be wrong with a suppression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Its last day has passed.
    Expired,
    /// It cannot be understood.
    Malformed,
    /// It gives no reason.
    NoReason,
    /// It names a rule that there is not.
    UnknownRule,
    /// It silences nothing.
    Unused,
}

impl Fault {
    /// All of them, by name.
    pub const ALL: [Self; 5] =
        [Self::Expired, Self::Malformed, Self::NoReason, Self::UnknownRule, Self::Unused];

    /// The full name of the rule that reports it.
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Expired => "suppress/expired",
            Self::Malformed => "suppress/malformed",
            Self::NoReason => "suppress/no-reason",
            Self::UnknownRule => "suppress/unknown-rule",
            Self::Unused => "suppress/unused",
        }
    }

    /// The fault of that name.
    pub fn by_rule(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.rule() == name)
    }

    /// How much it matters where configuration does not say. What silences nothing does
    /// no harm; what does not hold looks as if it did.
    pub const fn severity(self) -> Severity {
        match self {
            Self::Unused => Severity::Warning,
            _ => Severity::Error,
        }
    }

    /// A few words.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Expired => "Suppression whose last day has passed",
            Self::Malformed => "Suppression that cannot be understood",
            Self::NoReason => "Suppression without a reason",
            Self::UnknownRule => "Suppression of a rule that there is not",
            Self::Unused => "Suppression that silences nothing",
        }
    }

    /// What to do.
    pub const fn help(self) -> &'static str {
        match self {
            Self::Expired => {
                "Ask the owner whether the reason still holds: give it a new day, or remove it and mend the text."
            }
            Self::Malformed => {
                "Write `probity: allow RULE -- reason (owner: NAME, until: 2027-03-31)`; owner and until may be left out."
            }
            Self::NoReason => {
                "Write the reason behind ` -- `, so that the next reader need not ask."
            }
            Self::UnknownRule => {
                "Write the full name of a rule, as in the report; `probity rules` lists them."
            }
            Self::Unused => {
                "Remove it, or move it to the line or before the paragraph it is about."
            }
        }
    }

    /// What happens, in a paragraph.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Expired => {
                "A suppression holds through the day it names as `until`. From the next day it silences nothing, and is reported until somebody decides. The day of a check is `as_of`, or today."
            }
            Self::Malformed => {
                "The comment is meant for probity and does not say what it must. Nothing is silenced by it. A family of rules can be allowed for a whole file only (`allow-file`), and an end must be a day as 2027-03-31."
            }
            Self::NoReason => {
                "A suppression without a reason silences nothing: whoever reads the text later must be able to see why it was accepted."
            }
            Self::UnknownRule => {
                "The suppression names a rule that no pack in use has. The other rules it names are silenced all the same. Rules of shipped packs that are not in use are known."
            }
            Self::Unused => {
                "The rule was judged and found nothing where the suppression reaches. Left behind, it would silence what is written there next. Nothing is said about rules that were switched off, do not apply, or could not be judged."
            }
        }
    }

    /// Its severity under the configuration; `None` where it is off.
    pub fn severity_under(self, overrides: &SeverityOverrides) -> Option<Severity> {
        overridden(overrides, self.rule(), self.severity())
    }

    /// What a report says about it.
    pub fn report(self) -> RuleReport {
        RuleReport {
            pack: "probity".to_owned(),
            title: self.title().to_owned(),
            help: self.help().to_owned(),
            ask: None,
            cites: Vec::new(),
        }
    }
}

/// Whether this is the family of these rules, or one of them.
pub fn is_built_in(name: &str) -> bool {
    name == BUILT_IN_FAMILY || Fault::by_rule(name).is_some()
}
