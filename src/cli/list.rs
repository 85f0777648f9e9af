//! `probity packs` and `probity rules`.

use serde_json::json;

use super::args::{ListFormat, PackArgs};
use super::packs::load;
use super::review::say_overdue;
use super::{Exit, Output};
use crate::emit::counted;
use crate::suppress::Fault;

pub(super) fn packs(args: &PackArgs, format: ListFormat, output: &Output) -> anyhow::Result<Exit> {
    let loaded = load(args, output)?;
    say_overdue(&loaded.set, crate::clock::today(), output);
    let packs = loaded.set.packs();
    let text = match format {
        ListFormat::Json => {
            let list: Vec<_> = packs
                .iter()
                .map(|pack| {
                    json!({
                        "id": pack.id,
                        "title": pack.title,
                        "version": pack.version,
                        "description": pack.description,
                        "origin": pack.origin,
                        "digest": pack.digest,
                        "families": pack.families,
                        "extends": pack.extends.iter().map(|(name, _)| name).collect::<Vec<_>>(),
                        "review_by": pack.review_by,
                        "sources": pack.sources,
                        "rules": pack.rules.iter().map(|rule| &rule.id).collect::<Vec<_>>(),
                    })
                })
                .collect();
            format!("{}\n", serde_json::to_string_pretty(&list)?)
        }
        ListFormat::Text => packs
            .iter()
            .map(|pack| {
                let review = pack
                    .review_by
                    .as_ref()
                    .map_or_else(String::new, |day| format!(", to be reviewed by {day}"));
                format!(
                    "{} {} ({}, {}{review})\n  {}\n  digest {}\n",
                    pack.id,
                    pack.version,
                    counted(pack.rules.len(), "rule"),
                    pack.origin,
                    pack.title,
                    &pack.digest[..16],
                )
            })
            .collect(),
    };
    output.print(&text)?;
    Ok(Exit::Clean)
}

pub(super) fn rules(args: &PackArgs, format: ListFormat, output: &Output) -> anyhow::Result<Exit> {
    let loaded = load(args, output)?;
    let text = match format {
        ListFormat::Json => {
            let list: Vec<_> = loaded
                .set
                .rules()
                .map(|(pack, rule)| {
                    let pack = &loaded.set.packs()[pack];
                    json!({
                        "id": rule.id,
                        "aliases": rule.aliases,
                        "pack": pack.id,
                        "title": rule.title,
                        "severity": rule.severity,
                        "message": rule.message,
                        "help": rule.help,
                        "redact": rule.redact,
                        "off": rule.off,
                        "facts": rule.when.iter().map(|test| &test.fact).collect::<Vec<_>>(),
                        "cites": crate::judge::citations(pack, &rule.cites),
                    })
                })
                .chain(Fault::ALL.iter().map(|fault| {
                    json!({
                        "id": fault.rule(),
                        "aliases": [],
                        "pack": "probity",
                        "title": fault.title(),
                        "severity": fault.severity(),
                        "message": fault.about(),
                        "help": fault.help(),
                        "redact": false,
                        "off": null,
                        "facts": [],
                        "cites": [],
                    })
                }))
                .collect();
            format!("{}\n", serde_json::to_string_pretty(&list)?)
        }
        ListFormat::Text => {
            let of_packs = loaded.set.rules().map(|(_, rule)| {
                let severity = if rule.off.is_some() { "off" } else { rule.severity.name() };
                (rule.id.as_str(), severity, rule.title.as_str())
            });
            // These belong to no pack and always hold.
            let own = Fault::ALL.iter().map(|it| (it.rule(), it.severity().name(), it.title()));
            let rules: Vec<_> = of_packs.chain(own).collect();
            let width = rules.iter().map(|(id, ..)| id.len()).max().unwrap_or(0);
            let line = |(id, severity, title): &(&str, &str, &str)| {
                format!("{id:width$}  {severity:7}  {title}\n")
            };
            rules.iter().map(line).collect()
        }
    };
    output.print(&text)?;
    Ok(Exit::Clean)
}
