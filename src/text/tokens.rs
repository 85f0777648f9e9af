//! The parts of a text that are not prose: links, e-mail addresses, handles
//! and hashtags. A term rule does not look inside the first three, and rules
//! about accounts, domains and tags look at nothing else.

mod domain;
mod hashtag;
mod scan;

use std::borrow::Cow;

pub use hashtag::split_hashtag;
use scan::Scan;

use super::Span;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenKind {
    /// `https://www.gov.uk/x`, `mailto:a@b.org`, `www.gov.uk`, `gov.uk/foo`.
    Url,
    /// `name@example.org`.
    Email,
    /// `@name`, `@name@server.tld` (Mastodon), `@name.bsky.social`.
    Handle,
    /// `#Tag`, with either `#` or the fullwidth `＃`.
    Hashtag,
}

/// A stretch of text that is not prose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Its bytes in the text given to [`tokens`], sigil and scheme included.
    pub span: Span,
    /// Bytes of the same text: the host of a link (no user, no port), the
    /// domain of an address, the name after the sigil of a handle or hashtag.
    inner: Span,
}

impl Token {
    /// The host of a link, or the domain of an e-mail address: lower case,
    /// without user, port or a leading `www.`. `None` for handles and hashtags.
    /// `text` is the text the token was found in.
    pub fn host<'t>(&self, text: &'t str) -> Option<Cow<'t, str>> {
        if !matches!(self.kind, TokenKind::Url | TokenKind::Email) {
            return None;
        }
        let host = text.get(self.inner.range())?;
        // `www.uk` is a host of its own: what is left must still have a dot.
        let bare = match host.split_at_checked(4) {
            Some((www, rest)) if www.eq_ignore_ascii_case("www.") && rest.contains('.') => rest,
            _ => host,
        };
        Some(if bare.chars().any(char::is_uppercase) {
            Cow::Owned(bare.to_lowercase())
        } else {
            Cow::Borrowed(bare)
        })
    }

    /// A handle or hashtag without its sigil, as written; any other token
    /// whole. `text` is the text the token was found in.
    pub fn name<'t>(&self, text: &'t str) -> &'t str {
        let span = match self.kind {
            TokenKind::Handle | TokenKind::Hashtag => self.inner,
            TokenKind::Url | TokenKind::Email => self.span,
        };
        text.get(span.range()).unwrap_or_default()
    }

    /// The scheme of a link as written (`https`, `mailto`); `None` where the
    /// author left it out, and for every other token.
    pub fn scheme<'t>(&self, text: &'t str) -> Option<&'t str> {
        if self.kind != TokenKind::Url {
            return None;
        }
        let before_host = text.get(self.span.start..self.inner.start)?;
        before_host.split_once(':').map(|(scheme, _)| scheme)
    }
}

/// The tokens of `text`, in order and disjoint. Looks only around `@`, `#`,
/// `.`, `:` and their fullwidth forms, so prose costs two `memchr` passes; every
/// byte is looked at a fixed number of times however the triggers are laid.
///
/// Hashtags follow UAX #31 section 6 with the boundaries of `twitter-text`;
/// host names follow RFC 1123 labels, with letters of any script (RFC 5890).
pub fn tokens(text: &str) -> Vec<Token> {
    Scan::new(text).run()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(cases: &[(&str, TokenKind, &[&str])]) {
        let mut failures = Vec::new();
        for &(text, kind, expected) in cases {
            let found: Vec<&str> = tokens(text)
                .iter()
                .filter(|token| token.kind == kind)
                .map(|token| &text[token.span.range()])
                .collect();
            if found != expected {
                failures.push(format!("{text}\n  found {found:?}\n  not   {expected:?}"));
            }
        }
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }

    #[test]
    fn links_with_a_scheme() {
        use TokenKind::Url;
        check(&[
            ("See https://www.gov.uk/renew.", Url, &["https://www.gov.uk/renew"]),
            ("HTTPS://www.ExaMPLE.COM/index.html", Url, &["HTTPS://www.ExaMPLE.COM/index.html"]),
            ("http://example.com", Url, &["http://example.com"]),
            (
                "(https://en.wikipedia.org/wiki/Bank_(river))",
                Url,
                &["https://en.wikipedia.org/wiki/Bank_(river)"],
            ),
            ("[https://x.org/a], “https://x.org/b”", Url, &["https://x.org/a", "https://x.org/b"]),
            (
                "http://user:PASSW0RD@example.com:8080/login.php",
                Url,
                &["http://user:PASSW0RD@example.com:8080/login.php"],
            ),
            (
                "http://[3ffe:1900::67cf]:80/index.html",
                Url,
                &["http://[3ffe:1900::67cf]:80/index.html"],
            ),
            ("http://192.168.0.1/a?b=c", Url, &["http://192.168.0.1/a?b=c"]),
            ("http://test_underscore.twitter.com", Url, &["http://test_underscore.twitter.com"]),
            ("http://example.com/Русские_слова", Url, &["http://example.com/Русские_слова"]),
            ("http://twitter.com/#!/twitter", Url, &["http://twitter.com/#!/twitter"]),
            ("詳細はhttps://example.jp/fooを見て", Url, &["https://example.jp/foo"]),
            ("ftp://ftp.example.org/a.txt!", Url, &["ftp://ftp.example.org/a.txt"]),
            ("mailto:press@example.org?subject=Hi.", Url, &["mailto:press@example.org?subject=Hi"]),
            ("at https://gov.uk.The rest", Url, &["https://gov.uk"]),
            ("https://a.org,https://b.org", Url, &["https://a.org", "https://b.org"]),
            ("https://intranet/page", Url, &["https://intranet/page"]),
            ("https:// and http://. and xhttp://a.org", Url, &["a.org"]),
            ("https://x.org/a\nb", Url, &["https://x.org/a"]),
            ("https://x.org/a’s", Url, &["https://x.org/a"]),
        ]);
    }

    #[test]
    fn links_without_a_scheme() {
        use TokenKind::Url;
        check(&[
            ("documents are at gov.uk", Url, &["gov.uk"]),
            ("On GOV.UK: gov.uk/foo, now.", Url, &["GOV.UK", "gov.uk/foo"]),
            ("www.example.org/a?b#c", Url, &["www.example.org/a?b#c"]),
            ("example.com/path?search=foo&lang=en", Url, &["example.com/path?search=foo&lang=en"]),
            ("example.com?search=foo", Url, &["example.com?search=foo"]),
            ("Seen gov.uk?Yes", Url, &["gov.uk"]),
            ("foo.co.jp labour.org.uk t.co", Url, &["foo.co.jp", "labour.org.uk", "t.co"]),
            ("bücher.de:8080/x", Url, &["bücher.de:8080/x"]),
            ("read it today.We did, e.g.this, etc.The end", Url, &[]),
            ("help.Me and call.me, ask.us", Url, &[]),
            ("t.me/channel", Url, &["t.me/channel"]),
            ("wait...gov.uk...what", Url, &["gov.uk"]),
            ("report.pdf README.md main.rs 3.14 10.30am U.S. a.m.", Url, &[]),
            ("on today.UK ministers", Url, &[]),
            ("gov.uk-hosted", Url, &["gov.uk"]),
            ("$x.com #x.com x_y.com \\\\s.com", Url, &[]),
        ]);
    }

    #[test]
    fn addresses() {
        use TokenKind::Email;
        check(&[
            ("Mail john.smith+x@example.co.uk.", Email, &["john.smith+x@example.co.uk"]),
            ("o'brien@example.org,x@y.zz", Email, &["o'brien@example.org", "x@y.zz"]),
            ("me@gov.uk.The rest", Email, &["me@gov.uk"]),
            ("<press@example.org>", Email, &["press@example.org"]),
            ("'a@b.org'", Email, &["a@b.org"]),
            ("user@localhost a@b @ c@", Email, &[]),
            ("@name@server.tld mailto:a@b.org", Email, &[]),
        ]);
    }

    #[test]
    fn handles() {
        use TokenKind::Handle;
        check(&[
            ("@name, .@other (@third)", Handle, &["@name", "@other", "@third"]),
            ("@10DowningStreet-led", Handle, &["@10DowningStreet"]),
            (
                "@name@server.tld and @a.b-c@x.social.",
                Handle,
                &["@name@server.tld", "@a.b-c@x.social"],
            ),
            ("@name.bsky.social. @home.gov.uk!", Handle, &["@name.bsky.social", "@home.gov.uk"]),
            ("@first.last @name.Thanks", Handle, &["@first.last", "@name"]),
            ("＠name", Handle, &["＠name"]),
            ("@ @@ a@b @5 @10am @! @@name", Handle, &[]),
            ("https://social.example/@name", Handle, &[]),
        ]);
    }

    #[test]
    fn hashtags() {
        use TokenKind::Hashtag;
        check(&[
            ("#LeedsJobs #Apprentices.", Hashtag, &["#LeedsJobs", "#Apprentices"]),
            ("#One#Two", Hashtag, &["#One", "#Two"]),
            ("＃会議 #ашок #트위터 #café", Hashtag, &["＃会議", "#ашок", "#트위터", "#café"]),
            ("#1st #GE2024 #12345 #_ #", Hashtag, &["#1st", "#GE2024"]),
            ("C# word#tag &#39; &#x27; #️⃣", Hashtag, &[]),
            ("🏳️‍🌈#Pride🏳️‍🌈", Hashtag, &["#Pride"]),
            ("e\u{301}#no #e\u{301}t\u{e9}", Hashtag, &["#e\u{301}t\u{e9}"]),
            ("gov.uk/#top", Hashtag, &[]),
        ]);
    }

    #[test]
    fn hosts_are_compared_in_lower_case_and_names_without_sigils() {
        let cases = [
            ("HTTPS://me:x@WWW.Example.ORG:80/a", Some("example.org")),
            ("www.gov.uk", Some("gov.uk")),
            ("gov.uk/www.", Some("gov.uk")),
            ("www.uk", Some("www.uk")),
            ("mailto:a@b.org?cc=c@d.org", Some("b.org")),
            ("A@Gmail.com", Some("gmail.com")),
            ("@name", None),
        ];
        for (text, expected) in cases {
            let found = tokens(text);
            assert_eq!(found[0].host(text).as_deref(), expected, "{text}");
        }
        let names = [("＃Tag", "Tag"), ("@a@b.org", "a@b.org"), ("＠b", "b"), ("gov.uk", "gov.uk")];
        for (text, expected) in names {
            assert_eq!(tokens(text)[0].name(text), expected);
        }
        for (text, expected) in [("http://a.org", Some("http")), ("a.org", None), ("#a", None)] {
            assert_eq!(tokens(text)[0].scheme(text), expected);
        }
    }

    #[test]
    fn a_token_asked_of_another_text_says_nothing() {
        let token = tokens("see https://example.org")[0];
        assert_eq!((token.host("é"), token.name("é"), token.scheme("é")), (None, "", None));
    }

    /// Quadratic work over a megabyte would take hours, so finishing at all is
    /// the test; no clock is read.
    #[test]
    fn adversarial_texts_are_read_in_linear_time() {
        let units = [
            "@",
            "#",
            ".",
            ":",
            "://",
            "aaaa.",
            "a..",
            "a.a..",
            "A.",
            "a.UK.",
            "a@",
            "a.a@",
            "@a.",
            "@a.A",
            "a-",
            "http://",
            "http://a",
            "http://(",
            "http://a@",
            "mailto:",
            "mailto:a",
            "#1",
            "#a·",
            "＃",
            "＠",
            "é.",
            "www.",
            "a_",
            "a+",
            "a.b/(",
            "[http://[",
            "x.uk?",
            "@a-",
            "mailto:a@",
            "http://@",
            "a://",
        ];
        for unit in units {
            let text = unit.repeat((1 << 20) / unit.len());
            check_sound(&text);
        }
        let back = format!("{}a{}", "Z.".repeat(1 << 19), ".UK".repeat(1 << 18));
        check_sound(&back);
    }

    fn check_sound(text: &str) {
        let mut end = 0;
        for token in tokens(text) {
            assert!(token.span.start >= end && !token.span.is_empty());
            end = token.span.end;
            assert!(text.get(token.span.range()).is_some());
            assert!(token.span.covers(token.inner));
            assert!(text.get(token.inner.range()).is_some_and(|inner| !inner.is_empty()));
        }
    }

    proptest! {
        #[test]
        fn tokens_are_ordered_disjoint_and_on_boundaries(text in any::<String>()) {
            check_sound(&text);
        }

        #[test]
        fn so_they_are_in_text_full_of_triggers(
            text in "([a-cA-C1é中\u{301} ./:@#＃＠?=&_(\\[)\\]-]|http://|mailto:|www\\.|\\.uk|\\.org){0,60}"
        ) {
            check_sound(&text);
            for token in tokens(&text) {
                for word in split_hashtag(token.name(&text)) {
                    prop_assert!(token.name(&text).get(word.range()).is_some());
                }
            }
        }
    }
}
