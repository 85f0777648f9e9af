//! Where comments for us are found, and what they reach.

use std::fmt::Write as _;

use super::read::{ReadOptions, read};
use super::{Document, Reach};

/// Each directive as `content => kind reach`.
fn check(name: &str, source: &str, expected: &[&str]) {
    for source in [source.to_owned(), source.replace('\n', "\r\n")] {
        let document = read(name, source.clone().into_bytes(), &ReadOptions::default()).unwrap();
        assert_eq!(shown(&document), expected, "{source:?}");
    }
}

fn shown(document: &Document) -> Vec<String> {
    let source = &document.source.text;
    let one = |directive: &super::Directive| {
        assert!(directive.span.start <= directive.content.start);
        assert!(directive.content.end <= directive.span.end);
        let mut out = source[directive.content.range()].replace("probity: ", "");
        match directive.reach {
            Reach::Line(span) => write!(out, " => line {}", &source[span.range()]),
            Reach::Next(span) => write!(out, " => next {}", &source[span.range()]),
            Reach::Nothing => write!(out, " => nothing"),
        }
        .unwrap();
        out.replace("\r\n", "\n")
    };
    document.directives.iter().map(one).collect()
}

#[test]
fn markdown_comments_reach_their_line_or_the_next_block() {
    check(
        "a.md",
        "😀 one <!-- probity: allow a/b -- c -->\ntwo\n\n<!-- probity: allow d/e -- f -->\n\n\
         cafe\u{301} three\nfour\n\nfive\n",
        &[
            "allow a/b -- c => line 😀 one <!-- probity: allow a/b -- c -->",
            "allow d/e -- f => next cafe\u{301} three\nfour",
        ],
    );
    check(
        "a.md",
        "> quoted\n>\n> <!-- probity: allow a/b -- c -->\n> more [text](x.y) z\n\n- item\n",
        &["allow a/b -- c => next > more [text](x.y) z"],
    );
    check(
        "a.md",
        "<!-- probity: allow a/b -- c -->\n<!-- probity: allow d/e\n  -- f -->\n# Heading\ntext\n",
        &["allow a/b -- c => next # Heading", "allow d/e\n  -- f => next # Heading"],
    );
    check("a.md", "text\n\n<!-- probity: allow a/b -- c -->\n", &["allow a/b -- c => nothing"]);
    check(
        "a.md",
        "<!-- probity: allow a/b -- c --> <!-- probity: allow d/e -- f -->\ntext\n",
        &["allow a/b -- c => next text", "allow d/e -- f => next text"],
    );
}

#[test]
fn comments_at_the_start_of_an_item_reach_it() {
    check(
        "a.md",
        "- <!-- probity: allow a/b -- c -->\n  one\n- two <!-- probity: allow d/e -- f -->\n  three\n\n\
         > 10. <!-- probity: allow g/h -- i -->\n>     four\n\n- - <!-- probity: allow j/k -- l -->\n    five\n",
        &[
            "allow a/b -- c => next   one",
            "allow d/e -- f => line - two <!-- probity: allow d/e -- f -->",
            "allow g/h -- i => next >     four",
            "allow j/k -- l => next     five",
        ],
    );
    check(
        "a.yaml",
        "posts:\n- # probity: allow a/b -- c\n  text: one\n  alt: two\n- text: three\n",
        &["allow a/b -- c => next   text: one\n  alt: two"],
    );
}

#[test]
fn comments_behind_the_end_of_a_value_reach_all_of_it() {
    check(
        "a.toml",
        "text = \"\"\"\none\ntwo\"\"\" # probity: allow a/b -- c\nposts = [\n  'three',\n  'four',\n] \
         # probity: allow d/e -- f\n[[list]]\nid = 1\ntext = '''\nfive\n''' # probity: allow g/h -- i\n",
        &[
            "allow a/b -- c => line text = \"\"\"\none\ntwo\"\"\" # probity: allow a/b -- c",
            "allow d/e -- f => line posts = [\n  'three',\n  'four',\n] # probity: allow d/e -- f",
            "allow g/h -- i => line text = '''\nfive\n''' # probity: allow g/h -- i",
        ],
    );
    check(
        "a.yaml",
        "id: 1\ntext: \"one\n  two\" # probity: allow a/b -- c\nalt: five\n  six # probity: allow g/h -- i\n",
        &[
            "allow a/b -- c => line text: \"one\n  two\" # probity: allow a/b -- c",
            "allow g/h -- i => line alt: five\n  six # probity: allow g/h -- i",
        ],
    );
}

#[test]
fn code_holds_no_comments() {
    check(
        "a.md",
        "`<!-- probity: allow a/b -- c -->`\n\n```html\n<!-- probity: allow a/b -- c -->\n\
         {# probity: allow a/b -- c #}\n```\n\n    <!-- probity: allow a/b -- c -->\n\n\
         `{# probity: allow a/b -- c #}` <code><!-- probity: allow a/b -- c --></code> x\n",
        &[],
    );
    check("a.html", "<pre><!-- probity: allow a/b -- c --></pre><p>x", &[]);
    check("a.html", "<script>'<!-- probity: allow a/b -- c -->'</script><p>x", &[]);
    check("a.html", "<p title='<!-- probity: allow a/b -- c -->'>x", &[]);
    check("a.csv", "id,notes\n1,# probity: allow a/b -- c\n2,<!-- probity: allow x -->\n", &[]);
}

#[test]
fn template_comments_are_read() {
    for comment in [
        "{% comment %} @ {% endcomment %}",
        "{%- comment -%}@{%- endcomment -%}",
        "{% # @ %}",
        "{%- # @ -%}",
        "{{/* @ */}}",
        "{{- /* @ */ -}}",
        "{# @ #}",
        "{#- @ -#}",
        "{/* @ */}",
    ] {
        let comment = comment.replace('@', "probity: allow a/b -- c \"d");
        let source = format!("one {comment} two\n\n{comment}\nthree *four*\n\nfive");
        check(
            "a.md",
            &source,
            &[
                &format!("allow a/b -- c \"d => line one {comment} two"),
                "allow a/b -- c \"d => next three *four*",
            ],
        );
        let document = read("a.md", source.into_bytes(), &ReadOptions::default()).unwrap();
        assert_eq!(document.fields[0].text, "one  two\n\nthree four\n\nfive");
    }
    check("a.md", "# Heading {#id}\n\n{# probity #} {</* probity: allow a/b -- c */>}\n", &[]);
}

#[test]
fn html_comments_reach_their_line_or_the_next_block() {
    check(
        "a.html",
        "<p>one <!-- probity: allow a/b -- c -->\nstill</p>\n<!-- probity: allow d/e -- f -->\n\
         <p>two\nthree\n<p>four\n<!-- probity: allow g/h -- i -->\n<img alt=\"five\">\n",
        &[
            "allow a/b -- c => line <p>one <!-- probity: allow a/b -- c -->",
            "allow d/e -- f => next <p>two\nthree",
            "allow g/h -- i => next <img alt=\"five\">",
        ],
    );
}

#[test]
fn comments_beside_tags_reach_what_the_tags_hold() {
    let page = "<p>zero</p>\n<div class=\"x\"> <!-- probity: allow a/b -- c -->\n<p>one</p>\n\
                <p>two</p></div>\n<img alt=\"three\"> <!-- probity: allow d/e -- f -->\n";
    let reached = [
        "allow a/b -- c => next <p>one</p>",
        "allow d/e -- f => line <img alt=\"three\"> <!-- probity: allow d/e -- f -->",
    ];
    check("a.html", page, &reached);
    check("a.md", page, &reached);
}

#[test]
fn template_comments_in_html_are_read_where_text_stands() {
    for comment in ["{% comment %}@{% endcomment %}", "{{/* @ */}}", "{# @ #}", "{#~ @ ~#}"] {
        let comment = comment.replace('@', "probity: allow a/b -- c");
        let source = format!(
            "---\ntitle: x\n---\n<p>one {comment} two</p>\n  {comment}\n<p>three\nfour</p>\n\
             <pre>{comment}</pre><script>{comment}</script><p title='{comment}'>five</p>\n"
        );
        check(
            "a.html",
            &source,
            &[
                &format!("allow a/b -- c => line <p>one {comment} two</p>"),
                "allow a/b -- c => next <p>three\nfour</p>",
            ],
        );
        let document = read("a.html", source.into_bytes(), &ReadOptions::default()).unwrap();
        let body = document.fields.iter().find(|field| field.name == "body").unwrap();
        assert_eq!(body.text, "one  two\n\nthree\nfour\n\nfive");
    }
}

#[test]
fn comments_in_data_files_reach_their_entry() {
    check(
        "a.yml",
        "# probity: allow a/b -- c\na: |\n  > one\n    # probity: allow no\n  ! two\nb: 'x' # probity: allow d/e -- f\n\
         ---\n# probity: allow g/h -- i\n- text: '# probity: allow no'\n  alt: y\n- z\n# probity: allow j/k -- l\n",
        &[
            "allow a/b -- c => next a: |\n  > one\n    # probity: allow no\n  ! two",
            "allow d/e -- f => line b: 'x' # probity: allow d/e -- f",
            "allow g/h -- i => next - text: '# probity: allow no'\n  alt: y",
            "allow j/k -- l => nothing",
        ],
    );
    check(
        "a.toml",
        "# probity: allow a/b -- c\n[[posts]]\ntext = 'one' # probity: allow d/e -- f\n[x]\n\
         y = \"# probity: allow no\"\n",
        &[
            "allow a/b -- c => next [[posts]]\ntext = 'one' # probity: allow d/e -- f",
            "allow d/e -- f => line text = 'one' # probity: allow d/e -- f",
        ],
    );
    check(
        "a.toml",
        "[[posts]] # probity: allow a/b -- c\ntext = 'one'\nalt = 'two'\n[[posts]]\ntext = 'three'\n",
        &["allow a/b -- c => line [[posts]] # probity: allow a/b -- c\ntext = 'one'\nalt = 'two'"],
    );
    check("a.json", "{\"text\": \"# probity: allow no\"}\n", &[]);
}

#[test]
fn comments_in_yaml_reach_their_entry() {
    check(
        "a.md",
        "---\ntitle: one # probity: allow a/b -- c\n# probity: allow d/e -- f\nimage:\n  src: x\n  \
         alt: |\n    # probity: allow no -- no\n    two\n  # probity: allow g/h -- i\n\
         tweet: \"# probity: allow no -- no\"\n\
         summary: > # probity: allow j/k -- l\n  three\n  four\nlist:\n# probity: allow m/n -- o\n\
         - title: a\n  src: b\n- title: c#probity: allow no\n---\nbody # probity: allow no\n",
        &[
            "allow a/b -- c => line title: one # probity: allow a/b -- c",
            "allow d/e -- f => next image:\n  src: x\n  alt: |\n    # probity: allow no -- no\n    two",
            "allow g/h -- i => next tweet: \"# probity: allow no -- no\"",
            "allow j/k -- l => line summary: > # probity: allow j/k -- l\n  three\n  four",
            "allow m/n -- o => next - title: a\n  src: b",
        ],
    );
}

#[test]
fn comments_in_toml_reach_their_entry() {
    check(
        "a.md",
        "+++\ntitle = \"é # probity: allow no\" # probity: allow a/b -- c\n\
         # probity: allow d/e -- f\n[image]\nsrc = 'x'\nalt = '''\n# probity: allow no\ntwo'''\n\
         [[list]]\n# probity: allow g/h -- i\ntitle = 'three'\n# probity: allow j/k -- l\n+++\nbody\n",
        &[
            "allow a/b -- c => line title = \"é # probity: allow no\" # probity: allow a/b -- c",
            "allow d/e -- f => next [image]\nsrc = 'x'\nalt = '''\n# probity: allow no\ntwo'''",
            "allow g/h -- i => next title = 'three'",
            "allow j/k -- l => nothing",
        ],
    );
}

#[test]
fn lines_of_plain_text_reach_their_paragraph() {
    check(
        "a.txt",
        "one\nprobity: allow a/b -- c\n# probity: allow d/e -- f\ntwo\nthree\n\nfour\n\
         probity: allow-file g/h -- i\n\n",
        &[
            "allow a/b -- c => next two\nthree",
            "allow d/e -- f => next two\nthree",
            "allow-file g/h -- i => nothing",
        ],
    );
}

/// A quadratic step anywhere would make this take minutes.
#[test]
fn many_comments_take_linear_time() {
    for (name, part) in [
        ("a.md", "<!-- probity: allow a/b -- c --> "),
        ("a.md", "x <!-- probity: allow a/b -- c -->\n"),
        ("a.md", "{# probity: allow a/b -- c #}\n"),
        ("a.html", "<!-- probity: allow a/b -- c -->\n"),
        ("a.txt", "probity: allow a/b -- c\n"),
        ("a.html", "{# probity: allow a/b -- c #} x\n"),
        ("a.yml", "# probity: allow a/b -- c\n- x\n"),
        ("a.toml", "# probity: allow a/b -- c\n[[a]]\nb = 1\n"),
    ] {
        let source = part.repeat(1_000_000 / part.len());
        let document = read(name, source.into_bytes(), &ReadOptions::default()).unwrap();
        assert!(document.directives.len() > 10_000);
    }
    let front = format!("---\n{}title: x\n---\n", "# probity: allow a/b -- c\n".repeat(20_000));
    let document = read("a.md", front.into_bytes(), &ReadOptions::default()).unwrap();
    assert_eq!(document.directives.len(), 20_000);
}
