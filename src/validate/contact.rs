//! Telephone numbers, postcodes and e-mail addresses.

use super::shape::{Compact, is_digits, is_uniform};

/// A British or an American number.
pub(super) fn phone(matched: &str) -> bool {
    phone_uk(matched) || phone_us(matched)
}

/// A number with its leading 0, or with +44 or 0044 in its place. By Ofcom's
/// plan national numbers have ten digits after the 0; some of 01 and 0800 have
/// nine.
pub(super) fn phone_uk(matched: &str) -> bool {
    let Some(compact) = Compact::new(matched) else { return false };
    let national = british(matched, compact.as_str());
    let Some(national) = national.filter(|number| is_digits(number.as_bytes())) else {
        return false;
    };
    let area_fits = match national.as_bytes() {
        [b'1' | b'8', ..] => matches!(national.len(), 9 | 10),
        [b'2' | b'3' | b'5' | b'7' | b'9', ..] => national.len() == 10,
        _ => false,
    };
    area_fits && !is_uniform(&national.as_bytes()[1..])
}

/// The number after the trunk 0, from its compact form.
fn british<'n>(matched: &str, compact: &'n str) -> Option<&'n str> {
    let abroad = compact.strip_prefix("0044").or_else(|| {
        compact.strip_prefix("44").filter(|_| matched.trim_start().starts_with(['+', '(']))
    });
    match abroad {
        // +44 (0)20 is wrong, common and understood.
        Some(number) => Some(number.strip_prefix('0').unwrap_or(number)),
        None => compact.strip_prefix('0'),
    }
}

/// Area code and exchange start at 2 and do not end in 11; 37X and 96X are
/// kept back.
pub(super) fn phone_us(matched: &str) -> bool {
    let Some(compact) = Compact::new(matched) else { return false };
    let text = compact.as_str();
    let number = if text.len() == 11 { text.strip_prefix('1').unwrap_or(text) } else { text };
    let opens = |code: &[u8]| matches!(code[0], b'2'..=b'9') && &code[1..] != b"11";
    match number.as_bytes().split_at_checked(3) {
        Some((area, rest)) if rest.len() == 7 => {
            is_digits(area)
                && is_digits(rest)
                && opens(area)
                && opens(&rest[..3])
                && area[1] != b'9'
                && !matches!(&area[..2], b"37" | b"96")
                && !is_uniform(number.as_bytes())
        }
        _ => false,
    }
}

/// Numbers kept for plays and films, from their compact form: Ofcom, Numbers
/// for use in TV and radio drama; NANPA, 555-0100 to 555-0199.
pub(super) fn is_drama_number(compact: &str) -> bool {
    // After the trunk 0: city by city, then no area, mobile, free, premium and
    // national numbers, of which these prefixes are kept.
    #[rustfmt::skip]
    const BRITISH: [&str; 20] = [
        "1134960", "1144960", "1154960", "1164960", "1174960", "1184960", "1214960", "1314960", "1414960",
        "1514960", "1614960", "1914980", "2079460", "2896496", "2920180", "1632960", "7700900", "8081570",
        "9098790", "3069990",
    ];
    let british = compact.strip_prefix("0044").or_else(|| compact.strip_prefix("44"));
    let british = british
        .map_or_else(|| compact.strip_prefix('0'), |rest| Some(rest.trim_start_matches('0')));
    if british.is_some_and(|number| {
        number.len() == 10 && BRITISH.iter().any(|kept| number.starts_with(kept))
    }) {
        return true;
    }
    let american = if compact.len() == 11 { compact.strip_prefix('1') } else { Some(compact) };
    american.is_some_and(|number| {
        number.len() == 10 && number[3..].starts_with("55501") && phone_us(number)
    })
}

/// A full postcode: an outward code of a real area in one of the shapes of
/// BS 7666, and an inward code without C I K M O V.
pub(super) fn uk_postcode(matched: &str) -> bool {
    let Some(compact) = Compact::new(matched) else { return false };
    let text = compact.as_bytes();
    if text == b"GIR0AA" {
        return true;
    }
    let Some(length) = text.len().checked_sub(3).filter(|length| (2..=4).contains(length)) else {
        return false;
    };
    let (outward, inward) = text.split_at(length);
    let letters = outward.iter().take_while(|c| c.is_ascii_uppercase()).count();
    let (area, district) = outward.split_at(letters);
    let district_fits = match (letters, district) {
        (1 | 2, [b'0'..=b'9'] | [b'1'..=b'9', b'0'..=b'9']) => true,
        (1, [b'1'..=b'9', last]) => b"ABCDEFGHJKPSTUW".contains(last),
        (2, [b'1'..=b'9', last]) => b"ABEHMNPRVWXY".contains(last),
        _ => false,
    };
    let unit = |c: &u8| c.is_ascii_uppercase() && !b"CIKMOV".contains(c);
    district_fits
        && std::str::from_utf8(area).is_ok_and(|area| AREAS.binary_search(&area).is_ok())
        && inward[0].is_ascii_digit()
        && inward[1..].iter().all(unit)
}

/// The 124 postcode areas of Royal Mail, crown dependencies included. Sorted.
#[rustfmt::skip]
const AREAS: &[&str] = &[
    "AB", "AL", "B", "BA", "BB", "BD", "BH", "BL", "BN", "BR", "BS", "BT", "CA", "CB", "CF", "CH", "CM",
    "CO", "CR", "CT", "CV", "CW", "DA", "DD", "DE", "DG", "DH", "DL", "DN", "DT", "DY", "E", "EC", "EH",
    "EN", "EX", "FK", "FY", "G", "GL", "GU", "GY", "HA", "HD", "HG", "HP", "HR", "HS", "HU", "HX", "IG",
    "IM", "IP", "IV", "JE", "KA", "KT", "KW", "KY", "L", "LA", "LD", "LE", "LL", "LN", "LS", "LU", "M",
    "ME", "MK", "ML", "N", "NE", "NG", "NN", "NP", "NR", "NW", "OL", "OX", "PA", "PE", "PH", "PL", "PO",
    "PR", "RG", "RH", "RM", "S", "SA", "SE", "SG", "SK", "SL", "SM", "SN", "SO", "SP", "SR", "SS", "ST",
    "SW", "SY", "TA", "TD", "TF", "TN", "TQ", "TR", "TS", "TW", "UB", "W", "WA", "WC", "WD", "WF", "WN",
    "WR", "WS", "WV", "YO", "ZE",
];

/// A dot-string of at most 64 bytes, and a host name with a dot whose last
/// label is letters. Quoted local parts and address literals are left out:
/// nobody writes them.
pub(super) fn email(matched: &str) -> bool {
    let address = matched.trim();
    let Some((local, domain)) = address.rsplit_once('@') else { return false };
    let atext = |c: char| {
        !c.is_ascii() && c.is_alphanumeric()
            || c.is_ascii_alphanumeric()
            || "!#$%&'*+-/=?^_`{|}~".contains(c)
    };
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let top = domain.rsplit_once('.').map(|(_, top)| top);
    address.len() <= 254
        && (1..=64).contains(&local.len())
        && local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(atext))
        && domain.split('.').all(label)
        && top
            .is_some_and(|top| top.chars().count() >= 2 && !top.chars().all(|c| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::AREAS;
    use crate::validate::tests::check;

    #[test]
    fn telephone_numbers() {
        check(
            "phone-uk",
            &[
                "0300 303 1234",
                "020 7946 0123",
                "+44 20 7946 0123",
                "+44 (0)20 7946 0123",
                "07700 900123",
                "(0113) 496 0999",
                "0044 7700 900 123",
                "016977 2345",
                "0800 1111 11",
                "07700-900-123",
            ],
            &[
                "7700 900123",
                "07700 90012",
                "07700 9001234",
                "0400 303 1234",
                "+1 212 555 0143",
                "00000 000000",
            ],
        );
        check(
            "phone-us",
            &["(212) 555-0143", "212-555-0143", "+1 212 555 0143", "1.800.234.5678"],
            &[
                "112-555-0143",
                "212-155-0143",
                "211-555-0143",
                "212-911-0143",
                "212-555-014",
                "666-12-3456",
            ],
        );
        check("phone", &["0300 303 1234", "212-555-0143"], &["12345", "943 476"]);
    }

    #[test]
    fn postcodes() {
        assert!(AREAS.is_sorted());
        assert_eq!(AREAS.len(), 124);
        check(
            "uk-postcode",
            &[
                "LS21 1AA", "SW1A 1AA", "M1 1AE", "EC1A 1BB", "W1A 0AX", "AB10 1XG", "cr26xh",
                "GIR 0AA",
            ],
            &[
                "LS21",
                "AB1 2CD",
                "QQ1 1AA",
                "LS21 1A",
                "LS211 1AA",
                "ZZ9 9ZZ",
                "SW1I 1AA",
                "1AA LS21",
            ],
        );
    }

    #[test]
    fn addresses() {
        check(
            "email",
            &["a@b.org", "john.smith+x@example.co.uk", "o'brien@example.org", "josé@bücher.de"],
            &[
                "a@b",
                "@b.org",
                "a@",
                "a..b@c.org",
                ".a@b.org",
                "a@-b.org",
                "a@b..org",
                "a b@c.org",
                "a@10.0.0.1",
            ],
        );
    }
}
