//! How texts are weighed as a whole.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::engine::Engine;
use crate::engine::pieces::pieces;
use crate::engine::scales::Seen;
use crate::engine::testing::{scan_by, set_of};
use crate::facts::Facts;

const PACK: &str = r#"
    [pack]
    id = "p"
    title = "P"
    version = "1"
    families = ["p"]

    [lists.slogan]
    terms = ["Reds out"]

    [weights.sides]
    file = "sides.tsv"

    [[rule]]
    id = "p/sides"
    title = "Sides"
    severity = "error"
    message = "m"
    help = "h"
    [[rule.find]]
    list = "slogan"
    [[rule.find]]
    weigh = "text"
    weights = "sides"
    points = 100
    veto = -500
    severity = "warning"
    unless = [{ list = "match", within = "field" }]
    [lists.match]
    terms = ["kick-off"]
"#;

const SIDES: &str = "
    -150 always
    60 word red
    60 word reds
    30 stem vot
    7 stem red
    3 word redding
    2 pair :edge vote
    4 pair red :edge
    80 pair vote red
    90 word never
    5 pair . never
    70 word :number
    200 word #
    100 word again
    -500 word parody
";

static ENGINE: LazyLock<Engine> =
    LazyLock::new(|| Engine::new(set_of(PACK, SIDES), &Facts::default()).unwrap());

fn found(text: &str) -> Vec<Found> {
    scan_by((PACK, SIDES), text, Engine::scan)
}

fn places(text: &str) -> Vec<&str> {
    found(text).iter().map(|found| &text[found.spans[0].range()]).collect()
}

#[test]
fn what_a_text_holds_adds_up_and_counts_once() {
    for (text, is_found) in [
        ("Vote Red. Never!", true),
        ("Vote Red.", false),
        ("Again, again, again, again", false),
        ("We vote Red again.", true),
        ("Voted. Reds, again.", false),
        ("Reds, again, 2 times.", true),
        ("Kick-off soon! Vote Red again.", false),
        ("Vote Red again at kick-off.", false),
        ("", false),
    ] {
        assert_eq!(!found(text).is_empty(), is_found, "{text}");
    }
}

#[test]
fn a_text_silences_words_it_speaks_against() {
    assert_eq!(places("Reds out, we say."), ["Reds out"]);
    assert_eq!(places("Reds out: the parody."), [""; 0]);
    // Each part of a long text speaks for itself.
    let filler = "All is well here. ".repeat(130);
    let long = format!("Reds out, it says.\n\n{filler}\n\nReds out: the parody.");
    assert_eq!(places(&long), ["Reds out"]);
    assert!(long.find("Reds out") == Some(0) && found(&long)[0].spans[0].start == 0);
}

proptest! {
    #[test]
    fn keys_are_those_of_what_is_seen(load in "[ab#é'\n2]{0,3}( [ab.é'3_]{0,12}){0,6}") {
        let (mut seen, mut numbered) = (Vec::new(), Vec::new());
        see(&load, &pieces(&load), &mut |feature, place| seen.push((feature.key(), place)));
        keys(&load, &pieces(&load), &mut |key, place| numbered.push((key, place)));
        prop_assert_eq!(seen, numbered);
    }

    #[test]
    fn points_are_those_of_what_is_seen(
        load in "((red|reds|redding|vote|votes|voting|never|x|2nd|#|'s|\\.)[ '\n]?){0,12}",
    ) {
        let engine = &*ENGINE;
        let [table] = &engine.compiled.weights[..] else { panic!("one table") };
        let mut seen = FxHashSet::default();
        let mut sum = 0;
        see(&load, &pieces(&load), &mut |feature, _| {
            let counts = feature.seat != Seat::Always && seen.insert(feature.key());
            sum += if counts { table.worth(feature.key()) } else { 0 };
        });
        let pieces = pieces(&load);
        let scale = scale(pieces.len());
        let points = engine.compiled.scales.points(&load, &pieces, scale);
        prop_assert_eq!(points, [scaled(sum, scale) - 150]);
    }

    #[test]
    fn a_thing_is_new_once(things in prop::collection::vec(0_usize..5000, 0..200)) {
        let (mut seen, mut known) = (Seen::new(), FxHashSet::default());
        for thing in things {
            prop_assert_eq!(seen.add(thing), known.insert(thing));
        }
    }
}

#[test]
fn a_table_that_is_added_counts_for_every_find_that_asks_for_it() {
    let pack = PACK.replace("file = \"sides.tsv\"", "file = \"sides.tsv\"\nplus = \"mood\"");
    let pack = format!("{pack}\n[weights.mood]\nfile = \"sides.tsv\"\n");
    // The same table twice: every point counts twice.
    let found = |text: &str| scan_by((&pack, SIDES), text, Engine::scan);
    assert!(found("Reds.").is_empty());
    assert!(scan_by((PACK, SIDES), "Vote Red.", Engine::scan).is_empty());
    let [one] = &found("Vote Red.")[..] else { panic!("it is found") };
    let told: Vec<&str> =
        one.related.iter().map(|(place, _)| &"Vote Red."[place.range()]).collect();
    assert_eq!(told, ["Vote", "Red"]);
}

#[test]
fn what_is_wrong_is_told_by_the_rule_that_it_is_most_about() {
    let other = r#"
        [weights.mood]
        file = "sides.tsv"
        [[rule]]
        id = "p/other"
        title = "Other"
        severity = "error"
        message = "m"
        help = "h"
        weigh = "text"
        weights = "sides"
        points = -210
    "#;
    let pack = PACK.replace("file = \"sides.tsv\"", "file = \"sides.tsv\"\nplus = \"mood\"");
    let pack = format!("{pack}{other}");
    let rules = |points: i32, text: &str| -> Vec<String> {
        let sides = format!("{SIDES}\n{points} rule p/other");
        scan_by((&pack, &sides), text, |engine, scan| {
            let found = engine.scan(scan);
            found.iter().map(|one| engine.rule(one.rule).1.id.clone()).collect()
        })
    };
    assert_eq!(rules(-180, "Vote Red."), ["p/sides"]);
    assert_eq!(rules(-120, "Vote Red."), ["p/sides", "p/other"]);
    // Where the first is excused, the second is told.
    assert_eq!(rules(-180, "Vote Red, never at kick-off."), ["p/other"]);
}

#[test]
fn the_sentence_that_says_most_is_shown_with_its_words() {
    let text = "Rain 🌧 today. Never vote Red. Not again.";
    assert_eq!(places(text), ["Never vote Red."]);
    let told: Vec<&str> =
        found(text)[0].related.iter().map(|(place, _)| &text[place.range()]).collect();
    assert_eq!(told, ["Never", "Red", "again"]);
}

#[test]
fn words_that_are_found_by_themselves_are_told_alone() {
    assert_eq!(places("Reds out. Vote Red again."), ["Reds out"]);
}

#[test]
fn paragraphs_of_a_long_text_are_weighed_by_themselves() {
    let apart =
        |filler: usize| format!("We vote Red.\n\n{}\n\nNever again.", "So it is. ".repeat(filler));
    assert_eq!(places(&apart(1)).len(), 1);
    assert!(places(&apart(400)).is_empty());
    let both = |mark: &str| {
        format!("We vote Red again{mark}.\n\n{}Never Reds again{mark}.", "So it is. ".repeat(400))
    };
    // Of more parts more is asked.
    assert_eq!(places(&both("")), [""; 0]);
    assert_eq!(found(&both(" #")).len(), 2, "{:?}", places(&both(" #")));
}

#[test]
fn stretches_of_sentences_are_weighed_where_the_pack_says_so() {
    let by_sentences = PACK.replace("weigh = \"text\"", "weigh = \"sentences\"");
    let places = |pack: &str, text: &str| -> Vec<String> {
        let found = scan_by((pack, SIDES), text, Engine::scan);
        found.iter().map(|found| text[found.spans[0].range()].to_owned()).collect()
    };
    let filler = "So it is when the rain comes in from the sea, and when it does not. ".repeat(2);
    let among = format!("{filler}Vote Red never again today. {filler}");
    assert_eq!(places(PACK, &among), [""; 0]);
    assert_eq!(places(&by_sentences, &among), ["Vote Red never again today."]);
    // Two sentences that say it together, and one too few.
    let two = format!("{filler}We must #vote. Red never again today. {filler}");
    assert_eq!(places(&by_sentences, &two).len(), 1);
    let apart = format!("{filler}We must #vote. {filler}Red never again today. {filler}");
    assert_eq!(places(&by_sentences, &apart), [""; 0]);
    // What the whole text speaks against counts where what stands around it does not.
    let parody = "It rains. A parody. So it is today. Reds out, he says.";
    assert_eq!(places(PACK, parody), [""; 0]);
    assert_eq!(places(&by_sentences, parody), ["Reds out"]);
    assert_eq!(places(&by_sentences, "It is a parody. Reds out."), [""; 0]);
}

#[test]
fn links_and_addresses_are_not_weighed() {
    for more in [
        "https://parody.example/a/b/c/d/e/f?never=1&g=2",
        "parody.example.org/a/b/c/d/e/f",
        "parody@parody.example.org",
    ] {
        let text = format!("Vote Red again, {more} never, {more}");
        assert_eq!(places(&text).len(), 1, "{text}");
        assert_eq!(places(&format!("Vote Red. {more}")).len(), 0, "{more}");
    }
}

#[test]
fn one_word_is_not_weighed() {
    let found = |text: &str| scan_by((PACK, "200 word red\n200 word 😀"), text, Engine::scan).len();
    let texts = ["red", " red\n", "#never-red", "never red", "a\nred", "😀😁"];
    assert_eq!(texts.map(found), [0, 0, 0, 1, 1, 1]);
}
