//! Numbers of the British state: health, tax, schools, licences, visas.

use super::date::is_calendar_day;
use super::shape::{Compact, digits, is_digits, is_uniform, number, value, weighted};

/// The check of NHS, CHI and H&C numbers: weights 10 to 2 on nine digits; 11
/// less the remainder modulo 11 is the tenth, 11 is written 0 and 10 not used.
fn has_nhs_check_digit(digits: &[u32; 10]) -> bool {
    let sum = weighted(digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2]);
    (11 - sum % 11) % 11 == digits[9]
}

/// Numbers from 320 000 0001 to 399 999 9999 are Northern Ireland's.
fn is_northern_irish(digits: &[u32; 10]) -> bool {
    match number(&digits[..2]) {
        32 => digits[2..].iter().any(|&digit| digit != 0),
        lead => (33..40).contains(&lead),
    }
}

/// An NHS number as someone may have one on a card. Wider than what was
/// issued: 943 476 5919, the example everyone prints, is in no range, and a
/// labelled number that passes the check is to be found all the same. Below
/// 3 are CHI numbers, and 999 is the test range.
pub(super) fn nhs_number(matched: &str) -> bool {
    digits::<10>(matched).is_some_and(|digits| {
        matches!(digits[0], 3 | 4 | 6 | 7 | 9)
            && digits[..3] != [9, 9, 9]
            && !is_northern_irish(&digits)
            && has_nhs_check_digit(&digits)
    })
}

/// The ranges issued: 300 to 319, 400 to 499, 600 to 799 million.
pub(super) fn nhs_number_issued(matched: &str) -> bool {
    nhs_number(matched) && digits::<10>(matched).is_some_and(|digits| digits[0] != 9)
}

/// A number of Northern Ireland.
pub(super) fn hsc(matched: &str) -> bool {
    digits::<10>(matched)
        .is_some_and(|digits| is_northern_irish(&digits) && has_nhs_check_digit(&digits))
}

/// A Scottish number: born on a real day of this century or the last.
pub(super) fn chi(matched: &str) -> bool {
    digits::<10>(matched).is_some_and(|digits| {
        let [day, month, year] = [&digits[..2], &digits[2..4], &digits[4..6]].map(number);
        let born = |century| is_calendar_day(century + year, month, day);
        (born(1900) || born(2000)) && has_nhs_check_digit(&digits)
    })
}

/// First letters never used, second letters never used, prefixes not given out
/// (Great Britain, Northern Ireland and the like), and those that only mark
/// administrative records.
pub(super) fn nino(matched: &str) -> bool {
    const REFUSED: [[u8; 2]; 14] = [
        *b"BG", *b"GB", *b"KN", *b"NK", *b"NT", *b"TN", *b"ZZ", *b"CR", *b"FY", *b"MW", *b"NC",
        *b"PP", *b"PY", *b"PZ",
    ];
    let Some(compact) = Compact::new(matched) else { return false };
    let (prefix, rest) = match compact.as_bytes() {
        [first, second, rest @ ..] => ([*first, *second], rest),
        _ => return false,
    };
    let figures = match rest {
        [figures @ .., b'A'..=b'D'] if figures.len() == 6 => figures,
        figures => figures,
    };
    prefix.iter().all(u8::is_ascii_uppercase)
        && !b"DFIQUV".contains(&prefix[0])
        && !b"DFIOQUV".contains(&prefix[1])
        && !REFUSED.contains(&prefix)
        && figures.len() == 6
        && is_digits(figures)
        && figures != b"000000"
}

/// Weights on the last nine digits give the first.
pub(super) fn utr(matched: &str) -> bool {
    const CHECK: [u32; 11] = [2, 1, 9, 8, 7, 6, 5, 4, 3, 2, 1];
    let Some(compact) = Compact::new(matched) else { return false };
    let text = compact.as_str();
    // A K stands before or after the number, never on both sides.
    let bare = text.strip_prefix('K').or_else(|| text.strip_suffix('K')).unwrap_or(text);
    digits::<10>(bare).is_some_and(|digits| {
        let sum = weighted(&digits[1..], &[6, 7, 8, 9, 10, 5, 4, 3, 2]);
        CHECK[(sum % 11) as usize] == digits[0]
    })
}

/// A letter over a 23-letter alphabet, checked by the twelve characters after
/// it; the last of them is a letter in a temporary number. The local authority
/// is held to the ranges in use, not to a list: codes come and go with each
/// reorganisation, and pupils keep theirs.
pub(super) fn upn(matched: &str) -> bool {
    const ALPHABET: &[u8; 33] = b"ABCDEFGHJKLMNPQRTUVWXYZ0123456789";
    let Some(compact) = Compact::new(matched) else { return false };
    let Ok(code) = <&[u8; 13]>::try_from(compact.as_bytes()) else { return false };
    let place = |c: &u8| ALPHABET.iter().position(|letter| letter == c);
    let mut sum = 0;
    for (c, weight) in code[1..].iter().zip(2..) {
        let Some(place) = place(c) else { return false };
        sum += place * weight;
    }
    let figures = &code[1..12];
    let authority = number(&[value(code[1]), value(code[2]), value(code[3])]);
    is_digits(figures)
        && !is_uniform(figures)
        && matches!(authority, 201..=213 | 301..=394 | 420 | 800..=896 | 901..=950)
        && ALPHABET[sum % 23] == code[0]
}

/// Weights 10 to 2, then 10 less the remainder modulo 11; remainder 0 is not
/// used, so that no learner number is an NHS number.
pub(super) fn uln(matched: &str) -> bool {
    digits::<10>(matched).is_some_and(|digits| {
        let remainder = weighted(&digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
        digits[0] != 0 && remainder != 0 && 10 - remainder == digits[9]
    })
}

/// Nine digits, or the two letters and seven digits of some series.
pub(super) fn passport(matched: &str) -> bool {
    let Some(compact) = Compact::new(matched) else { return false };
    let text = compact.as_bytes();
    let letters = text.iter().take_while(|c| c.is_ascii_uppercase()).count();
    let figures = &text[letters..];
    matches!(letters, 0 | 2) && text.len() == 9 && is_digits(figures) && !is_uniform(figures)
}

/// Five characters of the surname filled with nines; decade, month (50 more
/// for a woman), day and year of birth; two initials; three characters the
/// DVLA keeps to itself; at will two digits of the issue.
pub(super) fn driving_licence(matched: &str) -> bool {
    let Some(compact) = Compact::new(matched) else { return false };
    let Some((licence, issue)) = compact.as_bytes().split_at_checked(16) else { return false };
    let (surname, rest) = licence.split_at(5);
    let (born, rest) = rest.split_at(6);
    let (initials, last) = rest.split_at(2);
    let name = surname.iter().position(|&c| c == b'9').unwrap_or(5);
    let filled = |text: &[u8], letters: usize| {
        text[..letters].iter().all(u8::is_ascii_uppercase)
            && text[letters..].iter().all(|&c| c == b'9')
    };
    if name == 0
        || !filled(surname, name)
        || !filled(initials, initials.iter().position(|&c| c == b'9').unwrap_or(2))
        || !is_digits(born)
        || !last.iter().all(u8::is_ascii_alphanumeric)
        || !(issue.is_empty() || issue.len() == 2 && is_digits(issue))
    {
        return false;
    }
    let at = |place: usize| value(born[place]);
    let month = match number(&[at(1), at(2)]) {
        month @ 51..=62 => month - 50,
        month => month,
    };
    let (year, day) = (number(&[at(0), at(5)]), number(&[at(3), at(4)]));
    is_calendar_day(1900 + year, month, day) || is_calendar_day(2000 + year, month, day)
}

/// GWF0 and eight or nine digits: descriptions differ. GWF012345678 is the
/// sample on the form.
pub(super) fn gwf(matched: &str) -> bool {
    Compact::new(matched).is_some_and(|compact| {
        compact.as_str().strip_prefix("GWF0").is_some_and(|figures| {
            matches!(figures.len(), 8 | 9)
                && is_digits(figures.as_bytes())
                && !is_uniform(figures.as_bytes())
                && figures != "12345678"
        })
    })
}

#[cfg(test)]
mod tests {
    use crate::validate::tests::check;

    #[test]
    fn health_numbers() {
        check(
            "nhs-number",
            &["943 476 5919", "485 777 3457", "401 023 2137", "943-476-5919", "943.476.5919"],
            &[
                "943 476 5918",
                "999 123 4578",
                "320-000-0015",
                "0101701233",
                "943 476 591",
                "943 476 59190",
                "943 476 591X",
            ],
        );
        check(
            "nhs-number-issued",
            &["485 777 3457", "4010232137"],
            &["943 476 5919", "320-000-0015"],
        );
        check(
            "hsc",
            &["320-000-0015"],
            &["320-000-0016", "943 476 5919", "320 000 0000", "485 777 3457"],
        );
        check(
            "chi",
            &["0101701233", "1509854320", "0707624568", "010170 1233"],
            &["0101010000", "3201701233", "0113701233", "0101701234", "943 476 5919", "010170123"],
        );
    }

    #[test]
    fn national_insurance_numbers() {
        check(
            "nino",
            &[
                "AB 12 34 56 C",
                "JG103759A",
                "ab123456d",
                "AB123456",
                "NR774412B",
                "CT998877D",
                "AB-12-34-56-C",
            ],
            &[
                "QQ 12 34 56 C",
                "GB123456A",
                "BG104512B",
                "NK123456A",
                "ZZ123456A",
                "DA123456A",
                "AO123456A",
                "AB123456E",
                "AB12345C",
                "AB1234567",
                "AB000000C",
                "A1234567C",
                "PP999999P",
                "OO123456A",
            ],
        );
    }

    #[test]
    fn tax_references() {
        check(
            "utr",
            &[
                "1955839661",
                "1123456789",
                "4345678912",
                "19558 39661",
                "K1955839661",
                "1955839661K",
            ],
            &[
                "1955839662",
                "2955839661",
                "195583966",
                "KK1955839661",
                "K1955839661K",
                "1955839661A",
            ],
        );
    }

    #[test]
    fn school_numbers() {
        check(
            "upn",
            &["B801200005001", "Z302412319004", "b801 2000 05001", "M80120000500A"],
            &[
                "A801200005001",
                "E000200005001",
                "X80120000A001",
                "B80120000500",
                "B8012000050011",
                "I801200005001",
                "80120000500B1",
            ],
        );
        check(
            "uln",
            &["1000102504", "9276308686", "10001 02504"],
            &["9999999999", "1000102505", "0000000042", "100010250", "1000000003"],
        );
    }

    #[test]
    fn passports_and_licences() {
        check(
            "uk-passport",
            &["123456789", "AB1234567", "ab 123 4567"],
            &["C12345678", "12345678", "ABC123456"],
        );
        check(
            "uk-driving-licence",
            &[
                "SMITH603158J99XA",
                "ALI99653045M99XY",
                "MORGA657054SM9IJ",
                "MORGA 657054 SM9IJ 35",
                "smith603158j99xa",
                "SMITH002290J99XA",
                "SMITH002294J99XA",
            ],
            &[
                "SMITH603158",
                "SMITH613158J99XA",
                "SMITH663158J99XA",
                "SMITH603328J99XA",
                "SMITH604318J99XA",
                "99999603158J99XA",
                "SM9TH603158J99XA",
                "SMITH6031589J9XA",
                "SMITH603158J99XA1",
                "SMITH603158J99XAAB",
                "SMITH602295J99XA",
            ],
        );
    }

    #[test]
    fn visa_references() {
        check(
            "gwf",
            &["GWF0123456789", "gwf 012345679"],
            &["GWF012345678", "GWF01234567", "GWF1123456789", "GWFPro"],
        );
    }
}
