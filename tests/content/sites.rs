//! Pages as the documentation of Hugo, Jekyll and Eleventy lays them out. Words that
//! begin with `seen` are read by people, those that begin with `code` by programs.

use std::collections::BTreeSet;

use probity::input::{ReadOptions, read};

use super::common::Stage;

/// All words of a page that begin with `seen` are in its texts, and none with `code`.
fn check(name: &str, page: &str) {
    for page in [page.to_owned(), page.replace('\n', "\r\n")] {
        let document = read(name, page.clone().into_bytes(), &ReadOptions::default()).unwrap();
        assert!(document.notices.iter().all(|it| !it.unchecked), "{:?}", document.notices);
        let texts: Vec<&str> = document
            .fields
            .iter()
            .filter(|field| field.name != "link")
            .map(|field| field.text.as_str())
            .collect();
        let texts = texts.join("\n");
        let words = |text: &str, start: &str| -> BTreeSet<String> {
            let words = text.split(|c: char| !c.is_alphanumeric());
            words.filter(|word| word.starts_with(start)).map(str::to_owned).collect()
        };
        assert_eq!(words(&texts, "code"), BTreeSet::new(), "{name}: {texts}");
        assert_eq!(words(&texts, "seen"), words(&page, "seen"), "{name}: {texts}");
    }
}

#[test]
fn pages_of_hugo() {
    check(
        "content/posts/first.md",
        "---\ntitle: seen1\ntags: [code1]\ncover:\n  image: code2.png\n  alt: seen2\n---\n\
         seen3 and {{< ref \"code3.md\" >}}.\n\n\
         {{< figure\n  src=\"/code4.jpg\"\n  alt=\"seen4\"\n>}}\n\n\
         {{< code language=\"code5\" title=\"seen5\" >}}code6{{< /code >}}\n\n\
         {{< highlight go \"linenos=table\" >}}\ncode7\n{{< / highlight >}}\n\n\
         ![seen6](code8.png \"seen7\") and ![seen8][a]\n\n[a]: code9.png \"seen9\"\n\n\
         {.code10}\n* seen10\n{.code11 style=\"code12\"}\n\n\
         ## seen11 {#code13 data-x=\"code14\"}\n\n\
         ```go {linenos=inline}\ncode15\n```\n\n$$\ncode16\n$$\n\nseen12\n",
    );
    check(
        "layouts/_default/single.html",
        "{{ define \"code1\" }}\n{{ $css := resources.Get \"code2\" | toCSS (dict\n  \"x\" `code3`\n) }}\n\
         {{ `code4` | safeHTML }}<p>seen1 {{/* code5 */}}</p>\n\
         <input type=\"submit\" value=\"seen2\"><input value=\"code6\">\n\
         <select><optgroup label=\"seen3\"><option value=\"code7\">seen4</select>\n\
         {{ end }}\n",
    );
    check(
        "i18n/en.toml",
        "[codeMore]\nid = \"code1\"\ndescription = \"code2\"\nother = \"seen1\"\n[b]\none = \"seen2\"\n",
    );
    check("themes/a/i18n/fr.yaml", "- id: code1\n  translation: seen1\n");
}

#[test]
fn pages_of_jekyll() {
    check(
        "_posts/2026-01-01-welcome.md",
        "---\nlayout: code1\ntitle: seen1\nfeature_row:\n  - btn_label: seen2\n    url: code2\n---\n\
         seen3 `code3`{: .code4} *seen4*{: .code5}, [seen5](x \"seen6\"){:target=\"_code6\"}.\n\n\
         seen7\n{: .code7 #code8}\n\n{: .code9}\n> seen8\n\n## seen9\n{: .code10}\n\n\
         * seen10\n{:toc}\n\n{::comment}\ncode11\n\ncode12\n{:/comment}\n\n\
         {::options parse_block_html=\"code13\" /}\n\n\
         1. {: .code14} seen11\n\n![seen12](a.png \"seen13\"){: width=\"code15\" }\n{: .code16}\n\n\
         ```ruby\ncode17\n```\n{: file=\"_code18/a.yml\" }\n\n\
         {% include note.html content=\"seen14\" type=\"code19\" %}\n\
         {% capture a %}seen15{% endcapture %}{% assign b = \"code20\" %}\n",
    );
}

#[test]
fn pages_of_eleventy() {
    check(
        "index.njk",
        "---js\nconst code1 = { title: 'code2' };\n---\n{% extends \"code3.njk\" %}{% block code4 %}\n\
         <h1>seen1 {{ title or \"code5\" }}</h1>{# code6 #}\n\
         {% set a %}seen2{% endset %}{% image src=\"code7.jpg\", alt=\"seen3\" %}{% endblock %}\n",
    );
    check("feed.liquid", "---toml\ntitle = 'seen1'\nlayout = 'code1'\n---\n<p>seen2</p>\n");
    check(
        "a.md",
        "---json\n{ \"title\": \"seen1\", \"layout\": \"code1\" }\n---\nseen2 {.code2}\n",
    );
    check(
        "a.mdx",
        "import {A} from './code1'\nexport const code2 = {\n  code3: 1,\n}\n\n\
         # seen1\n\nIn {code4.b}, seen2 <A b={code5} title=\"seen3\" />\n\n{/* code6 */}\n\n\
         {[1].map(code7 => <li>{code8}</li>)}\n",
    );
}

#[test]
fn a_search_takes_the_files_of_a_site() {
    let stage = Stage::new();
    let promise = "We promise it.\n";
    for (name, text) in [
        ("hugo/hugo.toml", "title = 'We promise'\n"),
        // Not valid before it is filled in.
        ("hugo/archetypes/default.md", "+++\ndate = {{ .Date }}\n+++\nWe promise it.\n"),
        ("hugo/i18n/en.toml", "[a]\nother = 'We promise it.'\n"),
        ("eleventy/index.njk", promise),
        ("eleventy/feed.liquid", promise),
        ("eleventy/posts/posts.11tydata.json", "{\"description\": \"We promise it.\"}"),
        ("design/archetypes/a.md", promise),
        ("app/i18n/en.json", "{\"a\": \"We promise it.\"}"),
    ] {
        stage.write(name, text);
    }
    let report = stage.report("words", &["."]);
    let mut found: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["path"].as_str().unwrap())
        .collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            "design/archetypes/a.md",
            "eleventy/feed.liquid",
            "eleventy/index.njk",
            "eleventy/posts/posts.11tydata.json",
            "hugo/i18n/en.toml",
        ]
    );
    assert_eq!(report["notices"], serde_json::json!([]));
}
