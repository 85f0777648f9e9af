//! Texts too long to stand in a pack: the limits of the platforms at their edges.

mod common;

use std::sync::Arc;

use common::api;
use probity::facts::FactValue;
use probity::pack::{PackSet, load_shipped};

const FAMILY: &str = "👨‍👩‍👧‍👦";

fn pack() -> Arc<PackSet> {
    let mut faults = Vec::new();
    let pack = load_shipped("platforms", &mut faults).unwrap();
    let set = PackSet::assemble(vec![pack], &mut faults);
    assert!(faults.is_empty(), "{faults:#?}");
    Arc::new(set)
}

/// What is found of the family `platform` in a draft for these platforms, as
/// `rule severity message`.
fn found(set: &Arc<PackSet>, text: &str, facts: &[(&str, FactValue)]) -> Vec<String> {
    let mut run = api::run(set);
    run.facts = facts.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    let report = run.check(api::tasks(&[("draft.txt", text.as_bytes())]), Vec::new()).unwrap();
    let findings = report.findings.iter().filter(|finding| finding.rule.starts_with("platform/"));
    findings
        .map(|finding| format!("{} {} {}", finding.rule, finding.severity.name(), finding.message))
        .collect()
}

fn on(platforms: &str) -> Vec<(&'static str, FactValue)> {
    let names = platforms.split(',').map(str::to_owned);
    vec![("platform", FactValue::list(names))]
}

fn link(length: usize) -> String {
    format!("https://example.org/{}", "x".repeat(length - 20))
}

#[test]
fn limits_hold_to_the_character() {
    let set = pack();
    let cases = [
        ("x", "a".repeat(281), Some("X's limit: 281 of 280")),
        ("x", "a".repeat(280), None),
        ("x", "の".repeat(160), Some("320 of 280")),
        ("x", "の".repeat(140), None),
        ("x", format!("{}{}", "a".repeat(270), "🔥".repeat(6)), Some("282 of 280")),
        ("x", format!("{}{}", "a".repeat(270), "🔥".repeat(5)), None),
        ("x", vec![link(120); 10].join(" "), None),
        ("x", vec![link(30); 12].join(" "), Some("287 of 280")),
        ("bluesky", "a".repeat(301), Some("Bluesky's limit: 301 of 300")),
        ("bluesky", "a".repeat(300), None),
        ("bluesky", FAMILY.repeat(200), Some("3,000 bytes (5000)")),
        ("bluesky", FAMILY.repeat(120), None),
        ("bluesky", "中".repeat(100), None),
        ("bluesky", "a".repeat(299), None),
        ("mastodon", "a".repeat(501), Some("server: 501 of 500")),
        ("mastodon", "a".repeat(500), None),
        ("mastodon", format!("{} {}", "a".repeat(478), link(90)), Some("502 of 500")),
        ("mastodon", format!("{} {}", "a".repeat(475), link(100)), None),
        ("mastodon", format!("{} @tenletters@example.social", "a".repeat(490)), Some("502 of 500")),
        ("threads", "a".repeat(501), Some("Threads: 501 of 500")),
        ("threads", "a".repeat(500), None),
        ("linkedin", "a".repeat(3001), Some("LinkedIn's limit: 3001 of 3000")),
        ("linkedin", "a".repeat(2900), None),
        ("linkedin", "𝗻".repeat(1501), Some("3002 of 3000")),
        ("facebook", "a".repeat(5000), None),
        ("facebook", "a".repeat(5001), Some("note This is longer than some")),
        ("facebook", "a".repeat(63207), Some("error This is over Facebook's limit: 63207")),
        ("instagram", "é".repeat(2201), Some("2201 of 2200")),
        ("instagram", "a".repeat(2200), None),
        ("youtube", "a".repeat(5001), Some("5001 of 5000")),
        ("youtube", "a".repeat(101), None),
        ("tiktok", "a".repeat(2201), Some("2201 of 2200")),
    ];
    let mut failures = Vec::new();
    for (platform, text, expected) in cases {
        let found = found(&set, &text, &on(platform));
        let right = match expected {
            None => found.is_empty(),
            Some(part) => found.len() == 1 && found[0].contains(part),
        };
        if !right {
            let start: String = text.chars().take(20).collect();
            failures.push(format!("{platform} {start}…: {found:?}, not {expected:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn each_post_of_a_numbered_thread_has_the_limit_to_itself() {
    let set = pack();
    let post = |number: usize, length: usize| format!("{number}/3 {}.", "x".repeat(length - 5));
    let long = |second: usize| [post(1, 280), post(2, second), post(3, 280)].join("\n\n");
    assert_eq!(found(&set, &long(280), &on("x")), [""; 0]);
    let over = found(&set, &long(281), &on("x"));
    assert_eq!(over.len(), 1, "{over:?}");
    assert!(over[0].contains("281 of 280"), "{over:?}");
}

#[test]
fn several_platforms_are_told_one_by_one() {
    let set = pack();
    let text = "a".repeat(600);
    let found = found(&set, &text, &on("x,bluesky,mastodon,threads,linkedin"));
    let rules: Vec<&str> = found.iter().map(|one| one.split(' ').next().unwrap()).collect();
    assert_eq!(
        rules,
        [
            "platform/x-length",
            "platform/bluesky-length",
            "platform/mastodon-length",
            "platform/other-length"
        ]
    );
}

#[test]
fn a_text_can_break_both_limits_of_bluesky() {
    assert_eq!(found(&pack(), &FAMILY.repeat(301), &on("bluesky")).len(), 2);
}

#[test]
fn a_server_or_account_may_allow_more() {
    let set = pack();
    let text = "a".repeat(600);
    let mut facts = on("mastodon,x");
    facts.push(("mastodon_limit", FactValue::Integer(1000)));
    facts.push(("x_limit", FactValue::Integer(25_000)));
    assert!(found(&set, &text, &facts).is_empty());
    assert!(found(&set, &text, &[]).is_empty(), "no platform is no limit");
}

#[test]
fn hashtags_have_limits_of_their_own() {
    let set = pack();
    let tags = |count: usize| "#Leeds ".repeat(count);
    for (platform, count, expected) in [
        ("instagram", 31, vec!["error", "warning"]),
        ("instagram", 30, vec!["warning"]),
        ("youtube", 16, vec!["warning", "warning"]),
        ("x", 31, vec!["warning"]),
    ] {
        let mut run = api::run(&set);
        run.facts = on(platform).into_iter().map(|(n, v)| (n.to_owned(), v)).collect();
        let text = tags(count);
        let report = run.check(api::tasks(&[("draft.txt", text.as_bytes())]), Vec::new()).unwrap();
        let found = report.findings.iter().filter(|found| found.rule == "a11y/hashtag-count");
        let mut severities: Vec<&str> = found.map(|found| found.severity.name()).collect();
        severities.sort_unstable();
        assert_eq!(severities, expected, "{platform} {count}");
    }
}

#[test]
fn descriptions_have_a_length() {
    let set = pack();
    for (length, expected) in [(250, None), (251, Some("note")), (1001, Some("error"))] {
        let text = format!("text,alt\nHello,{}\n", "a".repeat(length));
        let mut run = api::run(&set);
        run.facts = vec![("kind".to_owned(), FactValue::Text("post".into()))];
        run.read.fields = vec!["text".into(), "alt".into()];
        let report = run.check(api::tasks(&[("posts.csv", text.as_bytes())]), Vec::new()).unwrap();
        let found: Vec<&str> = report.findings.iter().map(|f| f.severity.name()).collect();
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{length}");
    }
}
