//! Words without their endings.

/// Endings that are left off, the first that fits.
const ENDINGS: [&str; 11] = ["ings", "ing", "ies", "ied", "edly", "ed", "es", "ly", "s", "e", "y"];
/// The fewest bytes that are left of a word.
const LEAST: usize = 3;

/// The start of a folded word that it shares with its other forms: `vot` of `vote`,
/// `votes`, `voted` and `voting`.
///
/// One ending of English grammar is left off, and one of two same letters before it. It
/// tells forms of a word from other words well enough to count them, and no better: `part`
/// is the stem of `parts` and of `party`. A stem may have a stem of its own.
pub fn stem(word: &str) -> &str {
    // Half of all words end in none of the letters in which the endings do.
    if !matches!(word.as_bytes().last(), Some(b's' | b'g' | b'd' | b'y' | b'e')) {
        return word;
    }
    let short = |ending: &&str| word.len() < LEAST + ending.len();
    let ending = ENDINGS.iter().find(|ending| word.ends_with(**ending));
    let Some(ending) = ending.filter(|ending| !short(ending)) else { return word };
    if *ending == "s" && word.ends_with("ss") {
        return word;
    }
    let stem = &word[..word.len() - ending.len()];
    match stem.as_bytes() {
        [.., a, b] if a == b && stem.len() > LEAST + 1 && b.is_ascii() && !b"sl".contains(b) => {
            &stem[..stem.len() - 1]
        }
        _ => stem,
    }
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn forms_of_a_word_share_a_stem() {
        for (forms, shared) in [
            (["vote", "votes", "voted", "voting"], "vot"),
            (["stop", "stops", "stopped", "stopping"], "stop"),
            (["party", "parties", "partied", "part"], "part"),
            (["pass", "passes", "passed", "passing"], "pass"),
        ] {
            assert_eq!(forms.map(stem), [shared; 4]);
        }
    }

    #[test]
    fn endings_end_in_letters_that_are_looked_at() {
        for ending in super::ENDINGS {
            assert!(stem(&format!("mant{ending}")).len() < 4 + ending.len(), "{ending}");
        }
    }

    #[test]
    fn what_is_too_short_or_has_no_ending_stays() {
        for word in ["", "a", "is", "yes", "bus", "sing", "bed", "class", "blåbär", "ß", "'s", "9s"]
        {
            assert_eq!(stem(word), word);
        }
        assert_eq!(stem("éés"), "éé");
    }
}
