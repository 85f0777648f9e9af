//! Where a host name ends in running text. Authors leave out the space after
//! a full stop (`today.We`, `gov.uk.The`), so a name without a scheme must end
//! in a top-level domain we know, written the way people write domains.

/// A host name inside a run of dotted labels, in bytes of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bare {
    pub start: usize,
    pub end: usize,
    /// The top-level domain is also a common word, or the name mere digits:
    /// only a path shows that a link is meant.
    pub needs_path: bool,
}

/// Top-level domains seen in posts of public bodies, from the IANA root zone
/// (<https://www.iana.org/domains/root/db>). The whole zone is not wanted: `md`,
/// `py`, `rs`, `sh`, `zip` and `mov` are file names far more often. Sorted.
#[rustfmt::skip]
const KNOWN: &[&str] = &[
    "ac", "academy", "ae", "africa", "agency", "ai", "app", "ar", "arpa", "asia", "at", "au",
    "bank", "bbc", "be", "berlin", "bg", "bio", "biz", "blog", "br", "bz", "ca", "cat", "cc",
    "center", "centre", "ch", "charity", "church", "city", "cl", "cloud", "club", "cn", "co",
    "com", "community", "coop", "cr", "cy", "cymru", "cz", "de", "democrat", "dev", "digital",
    "direct", "dk", "earth", "eco", "edu", "education", "ee", "energy", "es", "eu", "events",
    "fi", "fm", "foundation", "fr", "fund", "fyi", "gb", "gd", "gg", "gi", "gl", "global",
    "gold", "google", "gov", "gr", "green", "group", "guide", "hk", "hosting", "hr", "hu", "id",
    "ie", "il", "im", "in", "inc", "info", "ink", "int", "io", "irish", "is", "it", "je",
    "jobs", "jp", "ke", "kr", "legal", "lgbt", "li", "life", "link", "live", "london", "lt",
    "ltd", "lu", "lv", "ly", "me", "media", "mil", "mobi", "mt", "museum", "mx", "my", "name",
    "net", "network", "news", "ng", "ngo", "nhs", "nl", "no", "nyc", "nz", "one", "ong",
    "online", "org", "page", "paris", "party", "pk", "pl", "plus", "press", "pro", "pt",
    "quebec", "radio", "re", "report", "republican", "ro", "ru", "run", "sa", "scot", "se",
    "services", "sg", "shop", "si", "site", "sk", "so", "social", "solutions", "space", "store",
    "studio", "support", "team", "tech", "to", "today", "tools", "top", "tr", "travel", "tube",
    "tv", "tw", "ua", "uk", "university", "us", "vc", "video", "vote", "voting", "wales",
    "watch", "website", "wiki", "work", "works", "world", "ws", "xyz", "za", "zone",
];

/// Those of [`KNOWN`] that are words or names a sloppy full stop runs into:
/// `call.me`, `ask.us`, `that.is`. Short links under them always have a path.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "ai", "at", "be", "center", "centre", "city", "community", "direct", "education", "energy",
    "events", "fund", "global", "green", "group", "guide", "id", "in", "inc", "is", "it",
    "jobs", "legal", "life", "link", "live", "ltd", "me", "media", "my", "name", "no", "one",
    "online", "page", "party", "plus", "press", "re", "report", "run", "services", "shop",
    "site", "so", "solutions", "space", "store", "support", "team", "to", "today", "tools",
    "top", "travel", "us", "video", "vote", "voting", "watch", "website", "work", "works",
    "world",
];

/// Second-level names after which an upper-case country may follow, as in
/// `Gov.UK`. Elsewhere `today.UK` is two sentences.
const SECOND: &[&str] =
    &["ac", "co", "gov", "ltd", "mod", "nhs", "org", "parliament", "police", "sch"];

/// The longest label and name of RFC 1035, 2.3.4.
const LABEL_MAX: usize = 63;
const NAME_MAX: usize = 253;

/// No run longer than this is looked into: a name and the sentences joined to
/// it are shorter, and going back label by label is quadratic.
const RUN_MAX: usize = 1024;

/// The host name in `run`, which was written without a scheme.
pub(super) fn bare(run: &str) -> Option<Bare> {
    // A leading hyphen is a list mark.
    let start = run.len() - run.trim_start_matches(['.', '-']).len();
    let run = run.trim_end_matches(['.', '-']);
    if run.len() > RUN_MAX {
        return None;
    }
    let mut end = run.len();
    // `gov.uk-based` is a name and a word made with it.
    let last = run.rfind('.').map_or(0, |dot| dot + 1);
    if let Some(hyphen) = run[last..].find('-')
        && is_known(&run[last..last + hyphen])
    {
        end = last + hyphen;
    }
    loop {
        let (front, top) = run.get(start..end)?.rsplit_once('.')?;
        if is_known(top) && cased_as_domain(front, top) {
            return name(front, top, start, end);
        }
        if !opens_sentence(top) {
            let web = front.len() > 4 && front.as_bytes()[..4].eq_ignore_ascii_case(b"www.");
            return if web && is_alphabetic(top) { name(front, top, start, end) } else { None };
        }
        end = start + front.len();
    }
}

/// The name made of `front` and `top` at `start..end`, if its labels are sound.
fn name(front: &str, top: &str, start: usize, end: usize) -> Option<Bare> {
    // `more.www.gov.uk` is the end of a sentence and a link.
    let lower = front.to_ascii_lowercase();
    let start = start + lower.rfind(".www.").map_or(0, |dot| dot + 1);
    let front = &front[front.len() - (end - top.len() - 1 - start)..];
    let sound = |label: &str| {
        !label.is_empty()
            && label.len() <= LABEL_MAX
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if end - start > NAME_MAX || !front.split('.').all(sound) {
        return None;
    }
    let second = front.rsplit('.').next().unwrap_or(front);
    let is_web = front.len() > 3 && front.as_bytes()[..4].eq_ignore_ascii_case(b"www.");
    let is_word = WORDS.binary_search(&top.to_ascii_lowercase().as_str()).is_ok();
    let is_number = !second.chars().any(char::is_alphabetic);
    Some(Bare { start, end, needs_path: !is_web && (is_word || is_number) })
}

/// The length of the host name at the start of `run`, which stands after a
/// sign that already says a host follows: two labels or more, the last of
/// letters, less any sentence that ran on.
pub(super) fn any(run: &str) -> Option<usize> {
    let host = &run[..before_join(run.trim_end_matches(['.', '-']))];
    let (front, top) = host.rsplit_once('.')?;
    let sound =
        |label: &str| !label.is_empty() && label.len() <= LABEL_MAX && !label.starts_with('-');
    (host.len() <= NAME_MAX && is_alphabetic(top) && front.split('.').all(sound))
        .then_some(host.len())
}

/// The length of `run` up to a sentence that was joined to a known domain
/// (`gov.uk.The`); all of it where none was.
pub(super) fn before_join(run: &str) -> usize {
    let mut end = if run.len() > RUN_MAX { 0 } else { run.len() };
    while let Some((front, last)) = run[..end].rsplit_once('.') {
        if !opens_sentence(last) {
            break;
        }
        end = front.len();
        if front
            .rsplit_once('.')
            .is_some_and(|(rest, top)| is_known(top) && cased_as_domain(rest, top))
        {
            return end;
        }
    }
    run.len()
}

fn is_known(top: &str) -> bool {
    KNOWN.binary_search(&top.to_ascii_lowercase().as_str()).is_ok()
}

/// Whether the case of `top` fits a domain after `front`: lower-case, or upper
/// where all is upper or the name is one like `Gov.UK`.
fn cased_as_domain(front: &str, top: &str) -> bool {
    if top.bytes().all(|b| b.is_ascii_lowercase()) {
        return true;
    }
    let second = front.rsplit('.').next().unwrap_or(front);
    top.bytes().all(|b| b.is_ascii_uppercase())
        && (!front.chars().any(char::is_lowercase)
            || SECOND.contains(&second.to_ascii_lowercase().as_str()))
}

/// Whether a label reads as the first word of a sentence.
fn opens_sentence(label: &str) -> bool {
    label.starts_with(char::is_uppercase)
}

/// Letters only, two or more, or the ASCII form of an international name.
fn is_alphabetic(top: &str) -> bool {
    let coded = top.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("xn--"));
    coded || (top.chars().nth(1).is_some() && !top.chars().any(|c| c.is_ascii_digit() || c == '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_can_be_searched() {
        for word in WORDS {
            assert!(is_known(word), "{word}");
        }
        assert!(WORDS.is_sorted());
        assert!(KNOWN.is_sorted());
    }

    #[test]
    fn a_bare_name_ends_at_a_known_domain() {
        let cases = [
            ("gov.uk", Some("gov.uk")),
            ("GOV.UK", Some("GOV.UK")),
            ("Gov.UK", Some("Gov.UK")),
            ("gov.uk.The", Some("gov.uk")),
            ("labour.org.uk", Some("labour.org.uk")),
            ("more.www.gov.uk", Some("www.gov.uk")),
            ("-example.org.", Some("example.org")),
            ("www.example.zz", Some("www.example.zz")),
            ("bücher.de", Some("bücher.de")),
            ("today.We", None),
            ("today.UK", None),
            ("it.Me", None),
            ("e.g.this", None),
            ("etc.The", None),
            ("report.pdf", None),
            ("gov.uk-based", Some("gov.uk")),
            ("foo.com.bar", None),
            ("a-.com", None),
            ("uk", None),
            ("", None),
        ];
        for (run, expected) in cases {
            let found = bare(run).map(|found| &run[found.start..found.end]);
            assert_eq!(found, expected, "{run}");
        }
    }

    #[test]
    fn a_word_for_a_domain_needs_a_path() {
        for (run, expected) in [("call.me", true), ("3.uk", true), ("example.org", false)] {
            assert_eq!(bare(run).map(|found| found.needs_path), Some(expected), "{run}");
        }
    }

    #[test]
    fn a_host_after_a_sign_may_end_in_any_letters() {
        let cases = [
            ("example.org", Some(11)),
            ("gov.uk.The", Some(6)),
            ("server.frobnicate", Some(17)),
            ("Example.Org", Some(11)),
            ("localhost", None),
            ("10.0.0.1", None),
            (".org", None),
        ];
        for (run, expected) in cases {
            assert_eq!(any(run), expected, "{run}");
        }
    }
}
