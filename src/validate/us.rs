//! Numbers of the United States: tax, health, immigration, banks.

use super::shape::{Compact, digits, is_digits, is_uniform, number, weighted};

/// Nine digits as area, group and serial.
fn parts(matched: &str) -> Option<(u32, u32, u32)> {
    let digits = digits::<9>(matched)?;
    Some((number(&digits[..3]), number(&digits[3..5]), number(&digits[5..])))
}

/// Areas 000, 666 and 900 to 999, group 00 and serial 0000 were never issued.
/// Three numbers are known from print: a wallet maker's, a booklet's and an
/// advertisement's.
pub(super) fn ssn(matched: &str) -> bool {
    const PRINTED: [(u32, u32, u32); 3] = [(78, 5, 1120), (219, 9, 9999), (457, 55, 5462)];
    parts(matched).is_some_and(|number| {
        let (area, group, serial) = number;
        !matches!(area, 0 | 666 | 900..) && group != 0 && serial != 0 && !PRINTED.contains(&number)
    })
}

/// A number that begins with 9, in the groups the IRS has opened.
pub(super) fn itin(matched: &str) -> bool {
    parts(matched).is_some_and(|(area, group, _)| {
        area >= 900 && matches!(group, 50..=65 | 70..=88 | 90..=92 | 94..=99)
    })
}

/// Two digits for the campus that gave it, then seven.
pub(super) fn ein(matched: &str) -> bool {
    digits::<9>(matched).is_some_and(|digits| {
        let prefix = number(&digits[..2]);
        let unused =
            matches!(prefix, 0 | 7..=9 | 17..=19 | 28 | 29 | 49 | 69 | 70 | 78 | 79 | 89 | 96 | 97);
        !unused && digits[2..].iter().any(|&digit| digit != 0)
    })
}

/// Weights 3, 7, 1 sum to a multiple of ten; the first two digits name a
/// Federal Reserve district, a thrift, an electronic or a traveller's cheque.
pub(super) fn routing(matched: &str) -> bool {
    digits::<9>(matched).is_some_and(|digits| {
        matches!(number(&digits[..2]), 0..=12 | 21..=32 | 61..=72 | 80)
            && weighted(&digits, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10)
    })
}

/// Eleven characters, each place with its own kind: 1-9, letter, either,
/// digit, letter, either, digit, two letters, two digits. 1EG4-TE5-MK73 is on
/// the card CMS prints as its sample.
pub(super) fn mbi(matched: &str) -> bool {
    let Some(compact) = Compact::new(matched) else { return false };
    let letter = |c: u8| c.is_ascii_uppercase() && !b"SLOIBZ".contains(&c);
    let fits = |(kind, &c): (u8, &u8)| match kind {
        b'A' => letter(c),
        b'N' => c.is_ascii_digit(),
        b'E' => letter(c) || c.is_ascii_digit(),
        _ => matches!(c, b'1'..=b'9'),
    };
    let text = compact.as_bytes();
    text.len() == 11 && b"CAENAENAANN".iter().copied().zip(text).all(fits) && text != b"1EG4TE5MK73"
}

/// A and seven to nine digits.
pub(super) fn a_number(matched: &str) -> bool {
    Compact::new(matched).is_some_and(|compact| match compact.as_bytes() {
        [b'A', figures @ ..] => {
            matches!(figures.len(), 7..=9) && is_digits(figures) && !is_uniform(figures)
        }
        _ => false,
    })
}

/// The letters of a service centre, and ten digits.
pub(super) fn receipt(matched: &str) -> bool {
    const OFFICES: [&[u8]; 8] = [b"EAC", b"WAC", b"LIN", b"SRC", b"MSC", b"IOE", b"NBC", b"YSC"];
    Compact::new(matched).is_some_and(|compact| {
        compact.as_bytes().split_at_checked(3).is_some_and(|(office, figures)| {
            OFFICES.contains(&office)
                && figures.len() == 10
                && is_digits(figures)
                && !is_uniform(figures)
        })
    })
}

/// Nine digits, or a letter and eight.
pub(super) fn passport(matched: &str) -> bool {
    Compact::new(matched).is_some_and(|compact| {
        let text = compact.as_bytes();
        let letters = text.iter().take_while(|c| c.is_ascii_uppercase()).count();
        let figures = &text[letters..];
        letters <= 1 && text.len() == 9 && is_digits(figures) && !is_uniform(figures)
    })
}

#[cfg(test)]
mod tests {
    use crate::validate::tests::check;

    #[test]
    fn tax_numbers() {
        check(
            "us-ssn",
            &["536-90-4399", "123 45 6789", "123456789", "899-99-9998"],
            &[
                "666-12-3456",
                "000-45-6789",
                "078-05-1120",
                "219-09-9999",
                "457-55-5462",
                "912-70-1234",
                "987-65-4320",
                "536-00-4399",
                "536-90-0000",
                "536-90-439",
                "536-90-43999",
                "111-11-1111",
            ],
        );
        check(
            "itin",
            &["912-70-1234", "900-50-0001", "999-99-9998", "912 88 1234"],
            &[
                "912-66-1234",
                "912-89-1234",
                "912-93-1234",
                "812-70-1234",
                "912-49-1234",
                "999-99-9999",
            ],
        );
        check(
            "ein",
            &["91-1144442", "12-3456789", "01-0000001"],
            &["07-1144442", "00-1234567", "91-0000000", "911-144442-1"],
        );
    }

    #[test]
    fn routing_numbers() {
        check(
            "us-routing",
            &["111000025", "021000021", "011401533"],
            &["111000024", "123456789", "501000025"],
        );
    }

    #[test]
    fn medicare_identifiers() {
        check(
            "mbi",
            &["1EG4-TE5-MK72", "2FH6-A12-HY77", "9YX2NV3RW01", "1eg4te5mk72"],
            &[
                "1EG4-TE5-MK73",
                "1ZO4-BS5-MK73",
                "1EG4",
                "0EG4-TE5-MK72",
                "1EG4-TE5-MK7",
                "1EG4-TE5-M272",
            ],
        );
    }

    #[test]
    fn immigration_numbers() {
        check(
            "a-number",
            &["A# 123-456-789", "A12345678", "A1234567", "a: 12345678"],
            &["A19", "A123456", "A1234567890", "123456789", "A000000000", "B12345678"],
        );
        check(
            "uscis-receipt",
            &["IOE0912345678", "EAC-12-345-67890"],
            &["EAC1234567", "ABC0912345678", "IOE0000000000"],
        );
        check(
            "us-passport",
            &["C12345678", "123456789"],
            &["AB1234567", "C1234567", "C123456789", "000000000"],
        );
    }
}
