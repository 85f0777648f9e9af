//! Every key of a pack, described once.

use super::model::{Case, Merge, Needs, Place, Severity, Side, Within};
use super::record_test::RECORD_TEST;
use crate::replace::Maker;
use crate::syntax::{Key, Kind, Spec};

/// Every key of a pack.
pub const PACK_FILE: Spec = Spec {
    name: "a pack",
    about: "A policy as rules that probity can check.",
    keys: &[
        Key::required("pack", Kind::Table(&PACK), "What the pack is and who made it."),
        Key::optional("source", Kind::Tables(&SOURCE), "A document that rules cite."),
        Key::optional("fact", Kind::Tables(&FACT), "A fact that rules ask for."),
        Key::optional("lists", Kind::Named(&LIST), "Lists of phrases, by name."),
        Key::optional("weights", Kind::Named(&WEIGHTS), "Tables of weights, by name."),
        Key::optional("rule", Kind::Tables(&RULE), "A rule."),
        Key::optional(
            "checklist",
            Kind::Tables(&CHECKLIST),
            "A duty no check of a text can decide.",
        ),
        Key::optional(
            "duty",
            Kind::Tables(&DUTY),
            "Something a source asks for, and how it is covered.",
        ),
        Key::optional("adjust", Kind::Tables(&ADJUST), "A change to a rule of an extended pack."),
        Key::optional("add", Kind::Tables(&ADD), "Terms for a list of an extended pack."),
    ],
};

const PACK: Spec = Spec {
    name: "`[pack]`",
    about: "What the pack is and who made it.",
    keys: &[
        Key::required(
            "id",
            Kind::Text,
            "A short name in small letters, such as `civil-service-code`.",
        ),
        Key::required("title", Kind::Text, "The name people know it by."),
        Key::required("version", Kind::Text, "Your version of the pack, such as `1.0.0`."),
        Key::optional("description", Kind::Text, "What it is for."),
        Key::optional("families", Kind::Texts, "The part before `/` in the names of its rules."),
        Key::optional("ask", Kind::Text, "Whom an author asks when unsure."),
        Key::optional("review_by", Kind::Date, "The day by which somebody must read it again."),
        Key::optional("extends", Kind::Texts, "Packs this one builds on."),
    ],
};

const SOURCE: Spec = Spec {
    name: "`[[source]]`",
    about: "A document that rules cite.",
    keys: &[
        Key::required("id", Kind::Text, "The short name used by `cites`."),
        Key::required("title", Kind::Text, "As printed on the document."),
        Key::optional("publisher", Kind::Text, "Who issued it."),
        Key::optional("date", Kind::Text, "Its date, as printed on it."),
        Key::optional("url", Kind::Text, "Where it can be read."),
        Key::required(
            "verified",
            Kind::Flag,
            "Whether somebody has held the pack against the document itself.",
        ),
    ],
};

const FACT: Spec = Spec {
    name: "`[[fact]]`",
    about: "A fact that rules ask for.",
    keys: &[
        Key::required("name", Kind::Text, "As written after `--set`."),
        Key::required(
            "type",
            Kind::Choice(&[
                "text", "list", "yes-no", "number", "one-of", "some-of", "date", "periods",
            ]),
            "What values it takes.",
        ),
        Key::optional("values", Kind::Texts, "The values of a `one-of` or `some-of`."),
        Key::optional("default", Kind::Fact, "The value where nobody sets it."),
        Key::optional(
            "fields",
            Kind::Texts,
            "Columns and keys of front matter that state it for a record.",
        ),
        Key::required("about", Kind::Text, "What it means, in one sentence."),
    ],
};

const LIST: Spec = Spec {
    name: "a list",
    about: "A named set of phrases.",
    keys: &[
        Key::optional("about", Kind::Text, "What the list holds."),
        Key::optional("terms", Kind::Texts, "Phrases."),
        Key::optional(
            "files",
            Kind::Texts,
            "Files beside the pack with a phrase a line; two spaces and `#` start a note.",
        ),
        Key::optional("include", Kind::Texts, "Other lists whose phrases belong to this one."),
        Key::optional("fact", Kind::Text, "A fact whose values are phrases of this list."),
        Key::optional(
            "case",
            Kind::Choice(Case::NAMES),
            "How letter case counts; `smart` otherwise.",
        ),
        Key::optional("review_by", Kind::Date, "The day by which somebody must read it again."),
    ],
};

const WEIGHTS: Spec = Spec {
    name: "a table of weights",
    about: "How much what stands beside a hit speaks for it or against it.",
    keys: &[
        Key::optional("about", Kind::Text, "What it weighs."),
        Key::required(
            "file",
            Kind::Text,
            "A file beside the pack: points and what they are for, one a line.",
        ),
        Key::optional("classes", Kind::Texts, "Lists whose single words are classes."),
        Key::optional(
            "plus",
            Kind::Text,
            "Another table, whose points a text as a whole gets, too.",
        ),
    ],
};

const CITE: Spec = Spec {
    name: "a citation",
    about: "A place in a source.",
    keys: &[
        Key::required("source", Kind::Text, "The id of a `[[source]]`."),
        Key::optional("at", Kind::Text, "Paragraph, section or heading."),
        Key::optional(
            "verified",
            Kind::Flag,
            "Whether this paragraph has been read; as the source otherwise.",
        ),
    ],
};

const CONDITION: Spec = Spec {
    name: "a condition",
    about: "Something that must, or must not, stand near a hit.",
    keys: &[
        Key::optional("list", Kind::Text, "The list looked for."),
        Key::optional("terms", Kind::Texts, "Phrases looked for."),
        Key::optional(
            "within",
            Kind::WholeOr(Within::NAMES),
            "How far: a number of words, or a part of the text; `sentence` otherwise.",
        ),
        Key::optional(
            "side",
            Kind::Choice(Side::NAMES),
            "On which side of the hit; `either` otherwise.",
        ),
        Key::optional("at_least", Kind::Whole, "How many places must hold one; 1 otherwise."),
        Key::optional("label", Kind::Text, "What the report writes beside the place."),
    ],
};

const COUNT: Spec = Spec {
    name: "a count",
    about: "More of something than is allowed.",
    keys: &[
        Key::required("of", Kind::Text, "What is counted, such as `x-weighted` or `hashtags`."),
        Key::required(
            "most",
            Kind::WholeOrName,
            "The most that is allowed: a number, or the fact that says it.",
        ),
        Key::optional(
            "within",
            Kind::Choice(&["field", "sentence"]),
            "What is counted by itself; `field` otherwise.",
        ),
        Key::optional("except", Kind::Text, "The list of what is not counted."),
    ],
};

const MISSING: Spec = Spec {
    name: "an absence",
    about: "A text that lacks what it must have.",
    keys: &[
        Key::optional("list", Kind::Text, "The list of which one entry must be there."),
        Key::optional("terms", Kind::Texts, "Phrases of which one must be there."),
        Key::optional(
            "within",
            Kind::Choice(&["field", "record", "document"]),
            "Where; `field` otherwise.",
        ),
    ],
};

const NEEDS: Spec = Spec {
    name: "`needs`",
    about: "How much must be found before any of it counts.",
    keys: &[
        Key::optional("finds", Kind::Whole, "So many different finds of the rule."),
        Key::optional("hits", Kind::Whole, "So many hits."),
        Key::optional(
            "within",
            Kind::Choice(Needs::WITHIN),
            "Where they must stand together; `field` otherwise.",
        ),
    ],
};

macro_rules! find_keys {
    ($($more:expr),* $(,)?) => {
        &[
            $($more,)*
            Key::optional("terms", Kind::Texts, "Phrases to find."),
            Key::optional("list", Kind::Text, "The list to find."),
            Key::optional("case", Kind::Choice(Case::NAMES), "How letter case counts in `terms`; `smart` otherwise."),
            Key::optional("regex", Kind::Text, "A regular expression to find."),
            Key::optional("validate", Kind::Text, "A check the match of `regex` must pass, such as `luhn`."),
            Key::optional("count", Kind::Table(&COUNT), "More of something than is allowed."),
            Key::optional("missing", Kind::Table(&MISSING), "What the text must have."),
            Key::optional(
                "weigh",
                Kind::Choice(&["text", "sentences"]),
                "Weigh the text as a whole by `weights`; with `sentences` every stretch of it as well.",
            ),
            Key::optional("record", Kind::Tables(&RECORD_TEST), "What must hold of the columns or front matter beside the text."),
            Key::optional("cues", Kind::Texts, "Lists with <T>: one of their phrases must fit around the hit."),
            Key::optional("shields", Kind::Texts, "Lists that silence a hit inside one of their phrases."),
            Key::optional("requires", Kind::Tables(&CONDITION), "What must stand near."),
            Key::optional("unless", Kind::Tables(&CONDITION), "What must not stand near."),
            Key::optional("weights", Kind::Text, "The table by which what stands beside the hit, or the text, is weighed."),
            Key::optional("points", Kind::Signed, "The fewest points by `weights` that count."),
            Key::optional("veto", Kind::Signed, "Beside `weigh`: a text of fewer points silences the other finds of the rule."),
            Key::optional("place", Kind::Choices(Place::NAMES), "Where on its line the hit must stand."),
            Key::optional("skip_quoted", Kind::Flag, "Leave hits inside quotation marks alone."),
            Key::optional("replace", Kind::TextOrNamedText, "What to write instead; or a table of words to find, each with what to write instead."),
            Key::optional("rewrite", Kind::Choice(Maker::NAMES), "How what to write instead is made of the words found."),
        ]
    };
}

const FIND: Spec = Spec {
    name: "`[[rule.find]]`",
    about: "One way in which the rule can be broken.",
    keys: find_keys![
        Key::optional(
            "severity",
            Kind::Choice(Severity::NAMES),
            "Where it differs from the rule's."
        ),
        Key::optional("message", Kind::Text, "Where it differs from the rule's."),
        Key::optional("when", Kind::Facts, "Facts that must hold besides the rule's."),
        Key::optional(
            "needs",
            Kind::Table(&NEEDS),
            "How many hits there must be before any counts."
        ),
        Key::optional("fields", Kind::Texts, "The fields it reads, where the rule reads more."),
    ],
};

const LEVEL: Spec = Spec {
    name: "a level",
    about: "A severity by facts.",
    keys: &[
        Key::required("when", Kind::Facts, "The facts."),
        Key::required("severity", Kind::Choice(Severity::NAMES), "The severity under them."),
    ],
};

const EXAMPLE: Spec = Spec {
    name: "an example",
    about: "A text that shows what the rule does.",
    keys: &[
        Key::required("text", Kind::Text, "The text, with «marks» around what must be found."),
        Key::optional("facts", Kind::Facts, "Facts that hold for it."),
        Key::optional("field", Kind::Text, "The field it stands in; the rule's first otherwise."),
        Key::optional(
            "record",
            Kind::NamedText,
            "What stands beside it: columns or front matter, with «marks» where the finding is.",
        ),
        Key::optional("severity", Kind::Choice(Severity::NAMES), "The severity it must have."),
        Key::optional(
            "fixed",
            Kind::Text,
            "The text with all fixes of the rule; the same text where nothing is sure enough.",
        ),
    ],
};

const RULE: Spec = Spec {
    name: "`[[rule]]`",
    about: "A rule.",
    keys: find_keys![
        Key::required("id", Kind::Text, "`family/name` in small letters; it never changes."),
        Key::optional("aliases", Kind::Texts, "Names it had before."),
        Key::required("title", Kind::Text, "A few words for lists of rules."),
        Key::required("severity", Kind::Choice(Severity::NAMES), "How much a finding matters."),
        Key::optional(
            "levels",
            Kind::Tables(&LEVEL),
            "Severities by facts; the first that holds counts."
        ),
        Key::required("message", Kind::Text, "The problem, in one plain sentence."),
        Key::required("help", Kind::Text, "What to do instead."),
        Key::optional("ask", Kind::Text, "Whom to ask; the pack's `ask` otherwise."),
        Key::optional("cites", Kind::Tables(&CITE), "The paragraphs the rule rests on."),
        Key::optional("when", Kind::Facts, "The facts under which it applies."),
        Key::optional(
            "during",
            Kind::Text,
            "A fact of type `periods`: the rule holds on these days."
        ),
        Key::optional("from", Kind::Date, "The first day on which the rule holds."),
        Key::optional("until", Kind::Date, "The last day on which the rule holds."),
        Key::optional("fields", Kind::Texts, "The fields it reads; all otherwise."),
        Key::optional(
            "name_fields",
            Kind::Texts,
            "Fields with names: a hit that is a word of one in the same record is left alone."
        ),
        Key::optional("needs", Kind::Table(&NEEDS), "How much must be found before any counts."),
        Key::optional(
            "one_per",
            Kind::Choice(Merge::NAMES),
            "How findings are put together; `place` otherwise."
        ),
        Key::optional("redact", Kind::Flag, "Never show the words found."),
        Key::optional(
            "hashtags",
            Kind::Flag,
            "Whether words inside hashtags count; yes otherwise."
        ),
        Key::optional(
            "yields_to",
            Kind::Texts,
            "Rules that make this one silent in a sentence where they found something."
        ),
        Key::optional(
            "find",
            Kind::Tables(&FIND),
            "The ways to break the rule, where there are several."
        ),
        Key::optional("bad", Kind::TextsOrTables(&EXAMPLE), "Texts that break it, with «marks»."),
        Key::optional("good", Kind::TextsOrTables(&EXAMPLE), "Texts that do not."),
    ],
};

const CHECKLIST: Spec = Spec {
    name: "`[[checklist]]`",
    about: "A duty that no check of a text can decide, shown to the author.",
    keys: &[
        Key::required("text", Kind::Text, "A question the author can answer."),
        Key::optional("cites", Kind::Tables(&CITE), "Where it comes from."),
    ],
};

const DUTY: Spec = Spec {
    name: "`[[duty]]`",
    about: "Something a source asks for, and how it is covered; `probity coverage` lists them.",
    keys: &[
        Key::required("text", Kind::Text, "The duty, in one plain sentence."),
        Key::optional("cites", Kind::Tables(&CITE), "Where the source says so."),
        Key::optional("rules", Kind::Texts, "The rules that check it."),
        Key::optional(
            "checklist",
            Kind::TextsOrFlag,
            "Questions of the checklist that ask for it; `true` for those that cite the same place.",
        ),
        Key::optional("not_checkable", Kind::Text, "Why no check of a text can decide it."),
        Key::optional("not_yet", Kind::Text, "What could be checked and is not."),
    ],
};

const ADJUST: Spec = Spec {
    name: "`[[adjust]]`",
    about: "A change to a rule of an extended pack.",
    keys: &[
        Key::required("rule", Kind::Text, "The rule, `family/name`."),
        Key::required("reason", Kind::Text, "Why."),
        Key::optional("severity", Kind::Choice(Severity::NAMES), "Its severity from now on."),
        Key::optional("off", Kind::Flag, "Switch it off."),
        Key::optional("shields", Kind::Texts, "Lists of this pack that silence its hits too."),
        Key::optional("help", Kind::Text, "What to do instead, in your own words."),
        Key::optional("ask", Kind::Text, "Whom to ask."),
    ],
};

const ADD: Spec = Spec {
    name: "`[[add]]`",
    about: "Terms for a list of an extended pack.",
    keys: &[
        Key::required("list", Kind::Text, "The list, as named in the extended pack."),
        Key::optional("terms", Kind::Texts, "Phrases."),
        Key::optional("files", Kind::Texts, "Files beside the pack with a phrase a line."),
    ],
};
