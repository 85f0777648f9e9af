//! What is read of Markdown, and from where.

use proptest::prelude::*;

use super::testing::check_fields;
use super::testing::read_markdown as read;
use crate::text::Span;

/// The fields other than the body are given as `name: text`.
fn check(source: &str, expected: &[&str]) {
    let parts = read(source);
    check_fields(source, &parts.fields);
    let shown = |field: &super::Field| match field.name.as_str() {
        "body" => field.text.clone(),
        name => format!("{name}: {}", field.text),
    };
    let found: Vec<_> = parts.fields.iter().map(shown).collect();
    assert_eq!(found, expected, "{source:?}");
    assert_eq!(parts.notices, [], "{source:?}");
}

fn body(source: &str, expected: &str) {
    for source in [source.to_owned(), source.replace('\n', "\r\n")] {
        check(&source, &[expected]);
    }
}

#[test]
fn markup_is_not_text() {
    body("some **wh**ite _pa_per ~~st~~", "some white _pa_per st");
    body("a \\*b\\* &amp; &#x41;&nbsp;c \\\\ \\d", "a *b* & A\u{a0}c \\ \\d");
    body("# One {#id .x}\nTwo\n===\nthree", "One\n\nTwo\n\nthree");
    body("> a\n> b\n\nc  \nd\\\ne", "a\nb\n\nc\nd\ne");
    body("- a\n- [x] b\n  - c\n\n    d\n1. e", "a\n\nb\n\nc\n\nd\n\ne");
    body("|a \\| b|c|\n|-|-|\n|*d*|`e`|", "a | b\n\nc\n\nd\n\n\u{FFFC}");
    body("a[^1] b\n\n[^1]: note", "a b\n\nnote");
    body("a\n\n---\n\n\tcode\n\n```js\ncode\n```\nb", "a\n\nb");
    body("use `x` or`y`now", "use \u{FFFC} or \u{FFFC} now");
    body("\"smart\" -- text... it's", "\"smart\" -- text... it's");
    body(
        "mail <a@b.c> or <https://x.y> or https://é.z/a_b_c",
        "mail a@b.c or https://x.y or https://é.z/a_b_c",
    );
    body("> [!NOTE]\n> text", "text");
    check("a\rb\r\rc", &["a\nb\n\nc"]);
    check("# a &amp;\r--b", &["a &\n\n--b"]);
    check("", &[]);
}

#[test]
fn links_and_images_are_read() {
    check(
        "a [b **c**](/d?x=1&amp;y\\_z \"T &lt;\") e",
        &["a b c e", "link: /d?x=1&y_z", "tooltip: T <"],
    );
    check(
        "[a](<b c> 't') [](d) [e]( f ) [g]((h)i)",
        &["a  e g", "link: b c", "tooltip: t", "link: d", "link: f", "link: (h)i"],
    );
    check(
        "[a][r] [r] [R][]\n\n[r]: https://x.y/é 'T'",
        &["a r R", "link: https://x.y/é", "tooltip: T"],
    );
    check("x ![a *b*](u \"t\") y ![](u)z", &["x \n\na b\n\ny z", "tooltip: t"]);
    check("![a][r]\n\n[r]: u 'T'", &["a", "tooltip: T"]);
    check("[![a](u)](v)", &["a", "link: v"]);
    check("[a\\]](b) [`](c)`](d)", &["a] \u{FFFC}", "link: b", "link: d"]);
}

#[test]
fn html_is_read_as_html() {
    body("a <b>c</b><br>\nd<!-- no --> e", "a c\nd e");
    body("a <code>no</code> b", "a \u{FFFC} b");
    check(
        "<div title=\"é\">\n<p>a &amp; b</p>\nc\n</div>\n\n*d*",
        &["tooltip: é", "a & b\n\nc\n\nd"],
    );
    body("> <div>\n> a &amp;\n> b\n> </div>\n\nc", "a &\nb\n\nc");
    body("<details>\n\n**a**\n\n</details>\n\n<pre>\n\nno\n</pre>\n\nb", "a\n\nb");
    check("a <img alt=\"x\" src=y> b", &["a  b", "alt: x"]);
    check("<!-- no\n\nno -->\nb <a href='u'>c</a>", &["b c", "link: u"]);
}

#[test]
fn shortcodes_are_cut() {
    body("a {{< x \"b_c_\" >}} d", "a \u{FFFC} d");
    body("{{< note >}}\nsome text\n{{< /note >}}", "\u{FFFC}\nsome text\n\u{FFFC}");
    check("[a]({{< ref \"b c\" >}}) d", &["a d", "link: \u{FFFC}"]);
    body("{{% x %}} **a** {{ page.title | b }}c", "\u{FFFC} a \u{FFFC} c");
    body("<div>\n{{ x | '<b>' }}\nd</div>", "\u{FFFC}\nd");
    body("{{< open and `{{` text `}}`", "{{< open and \u{FFFC} text \u{FFFC}");
}

#[test]
fn formulas_and_pages_of_a_wiki_are_no_text() {
    body("so $x_1 = \\frac{a}{b}$ holds", "so \u{FFFC} holds");
    body("in $O(n^2)$, and $\\alpha$.", "in \u{FFFC}, and \u{FFFC}.");
    for money in [
        "from $5 to $10",
        "$5 is <$6, and A$ is $",
        "pay $5 (we promise = a lot)$ now",
        "$HOME_DIR and $PATH_DIR",
        "a$x=1$b",
    ] {
        body(money, money);
    }
    body("see [[plans/2026|the plan]].", "see the plan.");
    body("- ![[a.png|a gate]] x", "!a gate x");
    check(
        "[[1]](/a), [[b|c]](/d) and [[page]]",
        &["[1], [b|c] and [[page]]", "link: /a", "link: /d"],
    );
    body("`[[a|b]]` [[{{ x }}|d]]", "\u{FFFC} [[\u{FFFC}|d]]");
}

/// A reader sees the words on both sides together.
#[test]
fn calls_that_show_nothing_leave_nothing() {
    body("do it in {{< b >}}order{{< /b >}} to win", "do it in order to win");
    body("do it in {{% b \"x\" %}}order{{%/b%}} to win", "do it in order to win");
    body("in order {% if x %}to{%- endif -%} win", "in order to win");
    body("apple{%if x%}s{% endif %} and {% callout %}pears{% endcallout %}.", "apples and pears.");
    body("in{# a note #} order {{/* b */}}to", "in order to");
    // Tags around a content can make blocks.
    body("{{< tab >}}one{{< /tab >}}{{< tab >}}two{{< /tab >}}", "one two");
    // What is shown, or shown in turn, parts words.
    body("in {{ x }} order", "in \u{FFFC} order");
    body("in {{< x >}} order {{< /y >}}", "in \u{FFFC} order \u{FFFC}");
    body("in {% if a %}order{% else %}turn{% endif %}", "in order \u{FFFC} turn");
    body("a {% include x.html %} b", "a \u{FFFC} b");
    // Alone on their lines they shape the page.
    body("one\n{% if x %}\ntwo\n{% endif %}", "one\n\u{FFFC}\ntwo\n\u{FFFC}");
    check("<p>in {{< b >}}order{{< /b >}} to</p>", &["in order to"]);
}

#[test]
fn what_html_swallows_is_told() {
    let parts = read("a\n\n<!-- b\n\nc");
    assert_eq!(parts.notices.len(), 1);
    assert!(parts.notices[0].unchecked);
    assert!(parts.notices[0].message.contains("line 3"), "{:?}", parts.notices);
}

#[test]
fn words_under_markup_lead_to_the_source() {
    let source = "x\r\n\r\n> **wh**ite \\*paper &eacute;";
    let field = &read(source).fields[0];
    let at = |words: &str| {
        let start = field.text.find(words).unwrap();
        &source[field.map.to_source(Span::new(start, start + words.len())).range()]
    };
    assert_eq!(at("white"), "wh**ite");
    assert_eq!(at("*p"), "*p");
    assert_eq!(at("é"), "&eacute;");
}

/// A minute would show a quadratic step; a second is the normal time.
#[test]
fn long_lines_take_linear_time() {
    for part in
        ["word ", "**", "[", "`", "<!--", "{{", "![a](", "<b>", "&amp;", "> ", "[a](b \"c\") "]
    {
        read(&part.repeat(200_000));
    }
}

proptest! {
    #[test]
    fn copied_characters_are_found_in_the_source(
        parts in prop::collection::vec(prop::sample::select(vec![
            "a", "é", "😀", "e\u{301}", " ", "\r\n", "\n", "\r", "\n\n", "\t", "    ", "**", "_", "`",
            "\\*", "\\", "&amp;", "&#x41;", "&nbsp;", "[", "](", ")", "]: ", "[^1]", "![", "> ", "- ",
            "1. ", "# ", "|", "|-|-|", "<b>", "</b>", "<div>", "</div>", "<!--", "-->", "{{<", ">}}",
            "{{", "}}", "~~", "\"", "'", "<", ">", "```", "---", "+++", "title: ", "https://x.y",
            "<a href='é'>", "<img alt=\"&lt;ü\">", "<br>", "\u{FEFF}", "\0",
        ]), 0..30),
    ) {
        let source = parts.concat();
        check_fields(&source, &read(&source).fields);
    }
}
