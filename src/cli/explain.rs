//! `probity explain`.

use std::sync::Arc;

use super::args::ExplainArgs;
use super::explain_at::explain_at;
use super::packs::load_all;
use super::{Exit, Output};
use crate::emit::citation;
use crate::error::Error;
use crate::facts::FactValue;
use crate::judge::citations;
use crate::pack::{BUILT_IN_FAMILY, Example, FactDeclaration, Pack, PackSet, Replace, Rule};
use crate::suppress::Fault;
use crate::syntax::nearest;

pub(super) fn explain(args: &ExplainArgs, output: &Output) -> anyhow::Result<Exit> {
    if let Some(at) = &args.at {
        return explain_at(at, args, output);
    }
    let name = args.name.as_deref().unwrap_or_default();
    if let Some(fault) = Fault::by_rule(name) {
        output.print(&explain_fault(fault))?;
        return Ok(Exit::Clean);
    }
    if name == BUILT_IN_FAMILY {
        output.print(&explain_faults())?;
        return Ok(Exit::Clean);
    }
    let set = knowing(name, load_all(&args.packs, output)?);
    let text = if let Some((pack, rule)) = set.rule(name) {
        explain_rule(&set, &set.packs()[pack], rule)
    } else if let Some(pack) = set.packs().iter().find(|pack| is_named(pack, name)) {
        explain_pack(pack)
    } else {
        let known: Vec<&str> = set
            .rules()
            .map(|(_, rule)| rule.id.as_str())
            .chain(set.packs().iter().map(|pack| pack.id.as_str()))
            .chain(set.packs().iter().flat_map(|pack| pack.families.iter().map(String::as_str)))
            .chain(Fault::ALL.iter().map(|fault| fault.rule()))
            .collect();
        let close = nearest(name, known.iter().copied()).map_or_else(
            || "`probity rules` lists them".to_owned(),
            |close| format!("did you mean `{close}`?"),
        );
        return Err(
            Error::Usage(format!("there is no rule, family or pack `{name}`; {close}")).into()
        );
    };
    output.print(&text)?;
    Ok(Exit::Clean)
}

/// What a rule about suppressions asks for.
fn explain_fault(fault: Fault) -> String {
    format!(
        "{} ({}): {}\n\n  {}\n\nInstead: {}\n{}",
        fault.rule(),
        fault.severity().name(),
        fault.title(),
        fault.about(),
        fault.help(),
        to_change(fault.rule())
    )
}

/// The rules about suppressions.
fn explain_faults() -> String {
    let rules = Fault::ALL.iter().map(|fault| {
        format!("  - {} ({}): {}\n", fault.rule(), fault.severity().name(), fault.title())
    });
    format!(
        "{BUILT_IN_FAMILY}: what is wrong with suppressions\n\nRules:\n{}",
        rules.collect::<String>()
    )
}

/// Whether a pack goes by a name: its own, or that of a family of its rules.
fn is_named(pack: &Pack, name: &str) -> bool {
    pack.id == name || pack.families.iter().any(|family| family == name)
}

fn to_change(rule: &str) -> String {
    format!(
        "\nTo change it for your office, write in probity.toml:\n  [severity]\n  \"{rule}\" = \"warning\"  # or \"error\", \"note\", \"off\"\n"
    )
}

/// The packs that have a rule or pack of that name; those of this folder where none do.
fn knowing(name: &str, mut sets: Vec<Arc<PackSet>>) -> Arc<PackSet> {
    let knows = |set: &Arc<PackSet>| {
        set.rule(name).is_some() || set.packs().iter().any(|pack| is_named(pack, name))
    };
    let at = sets.iter().position(knows).unwrap_or(0);
    sets.swap_remove(at)
}

fn explain_rule(set: &PackSet, pack: &Pack, rule: &Rule) -> String {
    let mut out =
        format!("{} ({}): {}\n\n  {}\n\n", rule.id, rule.severity.name(), rule.title, rule.message);
    if let Some(reason) = &rule.off {
        out.push_str(&format!("Switched off: {reason}\n\n"));
    }
    out.push_str(&format!("Instead: {}\n", rule.help));
    if let Some(ask) = rule.ask.as_ref().or(pack.ask.as_ref()) {
        out.push_str(&format!("Unsure? {ask}\n"));
    }
    let cites = citations(pack, &rule.cites);
    if !cites.is_empty() {
        out.push_str("\nPolicy:\n");
        for cite in &cites {
            out.push_str(&format!("  - {}\n", citation(cite)));
            if let Some(url) = &cite.url {
                out.push_str(&format!("    {url}\n"));
            }
        }
    }
    let mut tests: Vec<_> = rule.when.iter().collect();
    tests.extend(rule.levels.iter().flat_map(|(when, _)| when));
    tests.extend(rule.finds.iter().flat_map(|find| &find.when));
    if !tests.is_empty() {
        out.push_str("\nDepends on:\n");
        let mut seen = Vec::new();
        for test in tests {
            if !seen.contains(&&test.fact) {
                seen.push(&test.fact);
                if let Some(fact) = set.fact(&test.fact) {
                    out.push_str(&format!("  - {}\n", about_fact(fact)));
                }
            }
        }
    }
    out.push_str(&fixes(rule));
    for (title, examples) in [("Found", &rule.bad), ("Not found", &rule.good)] {
        if !examples.is_empty() {
            out.push_str(&format!("\n{title}:\n"));
            for example in examples {
                out.push_str(&show_example(example));
            }
        }
    }
    out.push_str(&to_change(&rule.id));
    out.push_str(
        "\nTo see what holds at a place of a file, and why:\n  probity explain --at FILE:LINE:COLUMN\n",
    );
    out.push_str(&format!(
        "\nTo accept one finding, write in the text, on its line or alone before its paragraph:\n  <!-- probity: allow {} -- the reason (owner: NAME, until: 2027-03-31) -->\n",
        rule.id
    ));
    out
}

/// What the rule writes instead of what it finds.
fn fixes(rule: &Rule) -> String {
    const SHOWN: usize = 40;
    let mut lines: Vec<String> = Vec::new();
    let mut add = |line: String| {
        if !lines.contains(&line) {
            lines.push(line);
        }
    };
    for find in &rule.finds {
        match &find.replace {
            None => {}
            Some(Replace::Wording(wording)) => add(format!("writes “{wording}”")),
            Some(Replace::Made(maker)) => add(maker.about().to_owned()),
            Some(Replace::ByTerm(wordings)) => {
                for (term, wording) in wordings.values() {
                    add(format!("{term} → {wording}"));
                }
            }
        }
    }
    if lines.is_empty() {
        return String::new();
    }
    let more = lines.len().saturating_sub(SHOWN);
    lines.truncate(SHOWN);
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    let lines: String = lines.iter().map(|line| format!("  - {line}\n")).collect();
    format!("\nFixes (`probity check --fix`):\n{lines}")
}

/// A fact, its values and how to set it.
fn about_fact(fact: &FactDeclaration) -> String {
    format!("{} (--set {}={})", fact.about, fact.name, fact.kind.way())
}

fn show_example(example: &Example) -> String {
    let mut text = String::new();
    let mut at = 0;
    for mark in &example.marks {
        text.push_str(&example.text[at..mark.start]);
        text.push('«');
        text.push_str(&example.text[mark.range()]);
        text.push('»');
        at = mark.end;
    }
    text.push_str(&example.text[at..]);
    let text = text.replace('\n', "\n    ");
    let facts: Vec<String> = example
        .facts
        .iter()
        .map(|(name, value)| format!("{name}={}", FactValue::words(value).join(",")))
        .collect();
    let mut out = format!("  - {text}\n");
    if !facts.is_empty() {
        out.push_str(&format!("      with {}\n", facts.join(" ")));
    }
    if let Some(fixed) = example.fixed.as_ref().filter(|fixed| **fixed != example.text) {
        out.push_str(&format!("      fixed: {}\n", fixed.replace('\n', "\n    ")));
    }
    out
}

fn explain_pack(pack: &Pack) -> String {
    let mut out = format!("{} {}: {}\n", pack.id, pack.version, pack.title);
    if !pack.description.is_empty() {
        out.push_str(&format!("\n{}\n", pack.description));
    }
    out.push_str("\nRules:\n");
    for rule in &pack.rules {
        out.push_str(&format!("  - {} ({}): {}\n", rule.id, rule.severity.name(), rule.title));
    }
    if !pack.sources.is_empty() {
        out.push_str("\nSources:\n");
        for source in &pack.sources {
            let by = source.publisher.as_ref().map_or_else(String::new, |by| format!(", {by}"));
            let date = source.date.as_ref().map_or_else(String::new, |date| format!(", {date}"));
            let unread = if source.verified { "" } else { " (not checked against the source)" };
            out.push_str(&format!("  - {}{by}{date}{unread}\n", source.title));
        }
    }
    if !pack.checklist.is_empty() {
        out.push_str("\nNo check can answer these; ask yourself:\n");
        for item in &pack.checklist {
            out.push_str(&format!("  - {}\n", item.text));
        }
    }
    if let Some(ask) = &pack.ask {
        out.push_str(&format!("\nUnsure? {ask}\n"));
    }
    out
}
