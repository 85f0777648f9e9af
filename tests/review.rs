//! What a hostile reading of the pack language and the engine turned up.

mod common;

use common::{Stage, shown};

const HEAD: &str = r##"
[pack]
id = "t"
title = "T"
version = "1.0.0"
families = ["t"]
[lists.party]
terms = ["Labour", "@UKLabour", "#VoteLabour"]
[lists.innocent]
terms = ["#BlackFriday", "a b c d e f g h i j k black"]
"##;

fn rule(id: &str, body: &str) -> String {
    format!(
        "[[rule]]\nid = \"t/{id}\"\ntitle = \"s\"\nseverity = \"error\"\nmessage = \"m\"\nhelp = \"h\"\n{body}\n"
    )
}

fn found(rules: &[String], text: &str) -> Vec<String> {
    let stage = Stage::with("draft.txt", text);
    stage.write("pack.toml", format!("{HEAD}{}", rules.concat()));
    let outcome =
        stage.run(&["check", "--isolated", "--pack", "pack.toml", "--format", "json", "draft.txt"]);
    shown(&outcome.json())
}

#[test]
fn lists_in_slots_hold_handles_and_hashtags() {
    let rules = [rule("a", "terms = [\"<party>\"]"), rule("b", "terms = [\"back <party>\"]")];
    assert_eq!(
        found(&rules, "Labour here. We back @UKLabour."),
        ["t/a 1:1 Labour", "t/b 1:17 back @UKLabour", "t/a 1:22 @UKLabour"]
    );
}

#[test]
fn shields_may_be_hashtags_and_long() {
    let rules = [rule("a", "terms = [\"black\"]\nshields = [\"innocent\"]")];
    let text = "Deals on #BlackFriday. Then a b c d e f g h i j k black. A black cat.";
    assert_eq!(found(&rules, text), ["t/a 1:60 black"]);
}

#[test]
fn a_count_does_not_swallow_words() {
    let finds = "[[rule.find]]\ncount = { of = \"characters\", most = 3 }\n[[rule.find]]\nterms = [\"foo\"]";
    assert_eq!(found(&[rule("a", finds)], "Bad foo.").len(), 2);
}

#[test]
fn many_hits_cost_no_more_than_their_number() {
    let near = "terms = [\"foo\"]\none_per = \"field\"\nrequires = [{ list = \"party\", within = \"paragraph\" }]";
    let yields = "terms = [\"bar\"]\nyields_to = [\"t/a\"]";
    let text = "Foo of Labour. Bar @x. ".repeat(20_000);
    assert_eq!(found(&[rule("a", near), rule("b", yields)], &text).len(), 20_001);
    assert!(found(&[rule("a", near)], &"\u{200b}".repeat(500_000)).is_empty());
}
