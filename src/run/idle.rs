//! Packs of which no rule applies: who asks for them would take silence for praise.

use std::collections::{BTreeMap, BTreeSet};

use super::Run;
use super::groups::Groups;
use crate::engine::failed;
use crate::facts::{FactOrigin, Facts};
use crate::finding::Notice;
use crate::pack::Rule;

/// Which packs the facts of one document rule out.
#[derive(Debug, Default)]
pub(super) struct Idle {
    /// Each pack that somebody has named, and why the facts rule out all its rules; `None`
    /// where they do not.
    named: Vec<(String, Option<String>)>,
    /// The same for all packs together.
    all: Option<String>,
}

impl Idle {
    /// What the facts of a document rule out.
    pub fn of(run: &Run, groups: &Groups, facts: &Facts) -> Self {
        let why = |packs: &[usize]| Some(reason(&groups.ruled_out(packs)?, facts));
        let every: Vec<usize> = (0..run.set.packs().len()).collect();
        let named = run.set.named();
        Self {
            named: named
                .map(|at| (run.set.packs()[at].id.clone(), why(&run.set.with_extended(at))))
                .collect(),
            all: why(&every),
        }
    }
}

/// Why no rule applies, as the end of a sentence: the fact that rules all of them out, if
/// it is one.
fn reason(rules: &[&Rule], facts: &Facts) -> String {
    let of_all =
        |name: &str| rules.iter().all(|rule| failed(rule, facts).any(|test| test.fact == name));
    let found = facts.iter().find(|(name, ..)| of_all(name));
    let Some((name, value, origin)) = found else { return String::new() };
    let value = value.words().join(", ");
    let whence = match origin {
        FactOrigin::Format => ", going by the format of the file",
        FactOrigin::CommandLine => return format!(": `{name}` is `{value}`"),
        _ => "",
    };
    let wanted = rules
        .iter()
        .flat_map(|rule| failed(rule, facts))
        .filter(|test| test.fact == name && !test.negated)
        .flat_map(|test| &test.values)
        .next();
    let hint = wanted.map_or_else(String::new, |wanted| {
        format!("; where that is wrong, say what it is, for example `--set {name}={wanted}`")
    });
    format!(": `{name}` is `{value}`{whence}{hint}")
}

/// Files of which the same is to be said: the first, why, and how many more.
#[derive(Debug)]
struct Files<'a> {
    first: &'a str,
    why: &'a str,
    more: usize,
}

impl<'a> Files<'a> {
    fn add(files: &mut Option<Self>, path: &'a str, why: &'a str) {
        match files {
            Some(files) => files.more += 1,
            None => *files = Some(Self { first: path, why, more: 0 }),
        }
    }

    fn notice(&self, of: &str) -> Notice {
        let more = match self.more {
            0 => String::new(),
            1 => ", nor to one more file".to_owned(),
            more => format!(", nor to {more} more files"),
        };
        Notice {
            path: self.first.to_owned(),
            line: None,
            message: format!("no rule of {of} applies to this file{more}{}", self.why),
            unchecked: false,
        }
    }
}

/// Says which packs that somebody has named apply to no document, and, beside these, to
/// which documents no pack applies.
pub(super) fn tell(documents: &[(&str, &Idle)]) -> Vec<Notice> {
    let mut packs: BTreeMap<&str, Option<Files<'_>>> = BTreeMap::new();
    let mut in_play = BTreeSet::new();
    for (path, idle) in documents {
        for (pack, why) in &idle.named {
            match why {
                None => {
                    in_play.insert(pack.as_str());
                }
                Some(why) => Files::add(packs.entry(pack).or_default(), path, why),
            }
        }
    }
    packs.retain(|pack, _| !in_play.contains(pack));
    let mut others = None;
    for (path, idle) in documents {
        let told = idle.named.iter().any(|(pack, _)| packs.contains_key(pack.as_str()));
        if let Some(why) = idle.all.as_ref().filter(|_| !told) {
            Files::add(&mut others, path, why);
        }
    }
    let of_packs =
        packs.iter().filter_map(|(pack, files)| Some(files.as_ref()?.notice(&format!("`{pack}`"))));
    of_packs.chain(others.iter().map(|files| files.notice("any pack in use"))).collect()
}
