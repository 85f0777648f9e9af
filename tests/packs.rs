//! The packs that come with probity keep the promises packs make.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use probity::emit::draw;
use probity::examples::run_examples;
use probity::pack::{
    Pack, PackSet, Raw, SHIPPED, Severity, load_shipped, read_pack, shipped_names,
};
use probity::syntax::SourceFile;

mod common;

/// Every shipped pack, with everything there is to say against it.
fn shipped() -> (Vec<Pack>, String) {
    let mut faults = Vec::new();
    let packs: Vec<Pack> =
        shipped_names().filter_map(|name| load_shipped(name, &mut faults)).collect();
    (packs, draw(&faults, &annotate_snippets::Renderer::plain()))
}

fn set() -> Arc<PackSet> {
    let mut faults = Vec::new();
    let set = PackSet::assemble(shipped().0, &mut faults);
    assert!(faults.is_empty(), "{}", draw(&faults, &annotate_snippets::Renderer::plain()));
    Arc::new(set)
}

#[test]
fn every_file_under_rules_is_embedded_and_no_other() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let files = common::files_below(&folder);
    let embedded: BTreeSet<&str> = SHIPPED.iter().map(|(name, _)| *name).collect();
    let there: BTreeSet<&str> = files.iter().map(String::as_str).collect();
    assert_eq!(embedded, there, "(embedded, in rules/)");
    assert_eq!(embedded.len(), SHIPPED.len(), "one is embedded twice");
    for (name, text) in SHIPPED {
        let file = std::fs::read_to_string(folder.join(name)).unwrap();
        assert!(*text == file, "{name} is not what is embedded");
    }
}

#[test]
fn shipped_packs_load_without_any_diagnostic() {
    let (packs, said) = shipped();
    assert_eq!(said, "");
    assert_eq!(packs.len(), shipped_names().count());
    for (pack, name) in packs.iter().zip(shipped_names()) {
        assert_eq!(pack.id, name, "rules/{name}.toml has another id");
        assert!(pack.shipped);
    }
    set();
}

/// Built in, packs are taken on trust: their phrases and expressions are read when a
/// rule needs them. Read from disk they are checked like everybody's.
#[test]
fn shipped_packs_are_sound() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let read = |path: &str| {
        let text = std::fs::read_to_string(folder.join(path));
        text.map(Cow::Owned).map_err(|error| error.to_string())
    };
    let mut faults = Vec::new();
    let packs = shipped_names()
        .filter_map(|name| {
            let name = format!("{name}.toml");
            let text = read(&name).unwrap();
            let file = Arc::new(SourceFile { name, text });
            let raw = Raw { file, origin: String::new(), shipped: false, read: &read };
            read_pack(&raw, &mut faults)
        })
        .collect();
    PackSet::assemble(packs, &mut faults);
    assert_eq!(draw(&faults, &annotate_snippets::Renderer::plain()), "");
}

#[test]
fn every_shipped_rule_has_examples_and_a_source() {
    let set = set();
    let mut failures = String::new();
    for (pack, rule) in set.rules() {
        let pack = &set.packs()[pack];
        let mut say = |what: &str| writeln!(failures, "{}: {what}", rule.id).unwrap();
        if rule.bad.is_empty() {
            say("has no bad example");
        }
        if rule.good.is_empty() {
            say("has no good example");
        }
        if rule.cites.is_empty() {
            say("cites nothing");
        }
        for cite in &rule.cites {
            // A source that was read in part can hold paragraphs that were read.
            if pack.sources.iter().all(|source| source.id != cite.source) {
                say(&format!("cites `{}`, which is no source", cite.source));
            }
        }
        for (what, text) in
            [("title", &rule.title), ("message", &rule.message), ("help", &rule.help)]
        {
            if text.trim().is_empty() {
                say(&format!("has an empty {what}"));
            }
        }
        if rule.ask.is_none() && pack.ask.is_none() && rule.severity == Severity::Error {
            say("is an error and names nobody to ask");
        }
    }
    for pack in set.packs() {
        let used: BTreeSet<&str> = pack
            .rules
            .iter()
            .flat_map(|rule| &rule.cites)
            .chain(pack.checklist.iter().flat_map(|item| &item.cites))
            .map(|cite| cite.source.as_str())
            .collect();
        for source in pack.sources.iter().filter(|source| !used.contains(source.id.as_str())) {
            writeln!(failures, "{}: nothing cites the source `{}`", pack.id, source.id).unwrap();
        }
        let families: BTreeSet<&str> =
            pack.rules.iter().filter_map(|rule| rule.id.split('/').next()).collect();
        for family in pack.families.iter().filter(|family| !families.contains(family.as_str())) {
            writeln!(failures, "{}: the family `{family}` has no rule", pack.id).unwrap();
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn shipped_packs_pass_their_own_examples() {
    let outcome = run_examples(&set()).unwrap();
    let failures: Vec<String> = outcome.failures.iter().map(ToString::to_string).collect();
    assert!(failures.is_empty(), "{} fail:\n{}", failures.len(), failures.join("\n"));
}

/// Each pack is used alone, too.
#[test]
fn every_shipped_pack_stands_on_its_own() {
    for name in shipped_names() {
        let mut faults = Vec::new();
        let pack = load_shipped(name, &mut faults).expect(name);
        let mut packs = vec![pack];
        while let Some(base) = packs
            .iter()
            .flat_map(|pack| &pack.extends)
            .map(|(base, _)| base.clone())
            .find(|base| packs.iter().all(|pack| pack.id != *base))
        {
            packs.push(load_shipped(&base, &mut faults).expect(&base));
        }
        let set = PackSet::assemble(packs, &mut faults);
        assert!(faults.is_empty(), "{}", draw(&faults, &annotate_snippets::Renderer::plain()));
        let outcome = run_examples(&Arc::new(set)).unwrap();
        let failures: Vec<String> = outcome.failures.iter().map(ToString::to_string).collect();
        assert!(failures.is_empty(), "{name} alone:\n{}", failures.join("\n"));
    }
}
