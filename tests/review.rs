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

fn counted(text: &str, keys: &str) -> Vec<String> {
    found(&[rule("a", keys)], text)
}

#[test]
fn sentences_are_counted_by_themselves() {
    let keys = "count = { of = \"words\", most = 3, within = \"sentence\" }";
    let text =
        "One two three. One two three four! One\nTwo three four five\n\nsix seven eight nine.";
    let expected = [
        "t/a 1:16 One two three four!",
        "t/a 2:1 Two three four five",
        "t/a 4:1 six seven eight nine.",
    ];
    assert_eq!(counted(text, keys), expected);
    let keys = "count = { of = \"characters\", most = 12, within = \"sentence\" }";
    assert_eq!(counted("Short one. A longer one.", keys), ["t/a 1:12 A longer one."]);
}

#[test]
fn what_is_excepted_is_not_counted() {
    let keys = "count = { of = \"hashtags\", most = 1, except = \"innocent\" }";
    assert_eq!(counted("#BlackFriday #One #BlackFriday", keys), [""; 0]);
    assert_eq!(counted("#BlackFriday #One #BlackFriday #Two", keys), ["t/a 1:32 #Two"]);
}

#[test]
fn where_none_is_allowed_every_place_is_a_finding() {
    let keys = "count = { of = \"hashtags\", most = 0 }";
    assert_eq!(counted("#One and #Two", keys), ["t/a 1:1 #One", "t/a 1:10 #Two"]);
    let merged = format!("{keys}\none_per = \"field\"");
    assert_eq!(counted("#One and #Two", &merged), ["t/a 1:1 #One"]);
}

#[test]
fn a_fact_says_how_many() {
    let fact = "[[fact]]\nname = \"most\"\ntype = \"number\"\nabout = \"How many.\"\n";
    let rule = rule("a", "count = { of = \"hashtags\", most = \"most\" }");
    let stage = Stage::with("draft.txt", "#One #Two");
    stage.write("pack.toml", format!("{HEAD}{fact}{rule}"));
    let check = ["check", "--isolated", "--pack", "pack.toml", "--format", "json"];
    let with = |more: &[&str]| {
        let mut args = check.to_vec();
        args.extend(more);
        args.push("draft.txt");
        stage.run(&args).json()
    };
    assert_eq!(shown(&with(&["--set", "most=1"])), ["t/a 1:6 #Two"]);
    assert_eq!(shown(&with(&["--set", "most=2"])), [""; 0]);
    let unset = with(&[]);
    assert_eq!(shown(&unset), [""; 0]);
    assert_eq!(unset["not_judged"][0]["missing"][0], "most");
    stage.write("pack.toml", format!("{HEAD}{rule}"));
    let outcome = stage.run(&["test", "--isolated", "pack.toml"]);
    assert!(outcome.all().contains("no pack declares the fact `most`"), "{}", outcome.all());
}

#[test]
fn of_several_counts_the_one_that_matters_most_is_told() {
    let finds = "[[rule.find]]\ncount = { of = \"hashtags\", most = 1 }\nseverity = \"note\"\n\
                 [[rule.find]]\ncount = { of = \"hashtags\", most = 2 }\n";
    assert_eq!(counted("#One #Two", finds), ["t/a 1:6 #Two"]);
    assert_eq!(counted("#One #Two #Three", finds), ["t/a 1:11 #Three"]);
    let both = "one_per = \"field\"\n[[rule.find]]\ncount = { of = \"hashtags\", most = 1 }\n\
                [[rule.find]]\nterms = [\"#Two\"]\nseverity = \"note\"\n";
    assert_eq!(counted("#One #Two", both), ["t/a 1:6 #Two"]);
}

#[test]
fn a_find_may_read_fewer_fields() {
    let finds = "[[rule.find]]\nterms = [\"foo\"]\nfields = [\"Title\"]\n[[rule.find]]\nterms = [\"bar\"]\n";
    let stage = Stage::with("posts.csv", "title,text\nfoo bar,foo bar\n");
    stage.write("pack.toml", format!("{HEAD}{}", rule("a", finds)));
    let check = ["check", "--isolated", "--pack", "pack.toml", "--format", "json", "posts.csv"];
    let args = [check.as_slice(), &["--field", "title", "--field", "text"]].concat();
    let found = shown(&stage.run(&args).json());
    assert_eq!(found, ["t/a 2:1 foo", "t/a 2:5 bar", "t/a 2:13 bar"]);
}
