//! Cards, accounts, and the book numbers that look like them.

use super::shape::{Compact, digits, is_digits, is_uniform, value};

/// Any number of the length of a card, with a Luhn check digit.
pub(super) fn luhn(matched: &str) -> bool {
    Compact::new(matched).is_some_and(|compact| {
        let text = compact.as_bytes();
        (8..=19).contains(&text.len())
            && is_digits(text)
            && !is_uniform(text)
            && has_luhn_digit(text)
    })
}

/// From the right every second digit is doubled and cast out by nine; the sum
/// is a multiple of ten.
fn has_luhn_digit(text: &[u8]) -> bool {
    let add = |sum: u32, (place, &digit): (usize, &u8)| match (place % 2, value(digit)) {
        (1, digit @ 5..) => sum + digit * 2 - 9,
        (1, digit) => sum + digit * 2,
        (_, digit) => sum + digit,
    };
    text.iter().rev().enumerate().fold(0, add).is_multiple_of(10)
}

/// A Luhn number whose first digits and length belong to a network.
pub(super) fn payment_card(matched: &str) -> bool {
    luhn(matched)
        && Compact::new(matched).is_some_and(|compact| {
            let text = compact.as_bytes();
            let first = text.iter().take(4).fold(0, |sum, &digit| sum * 10 + value(digit));
            match first {
                // American Express.
                3400..=3499 | 3700..=3799 => text.len() == 15,
                // Diners Club.
                3000..=3059 | 3095 | 3600..=3699 | 3800..=3999 => (14..=19).contains(&text.len()),
                // JCB.
                3528..=3589 => (16..=19).contains(&text.len()),
                // Visa.
                4000..=4999 => matches!(text.len(), 13 | 16 | 19),
                // Mastercard.
                2221..=2720 | 5100..=5599 => text.len() == 16,
                // Maestro, and among its ranges Discover (6011, 65) and
                // UnionPay (62).
                5000..=5099 | 5600..=6999 => (13..=19).contains(&text.len()),
                _ => false,
            }
        })
}

/// Six digits. Which are in use is the secret of no one, but the table changes
/// weekly; the rule asks for an account number beside it instead.
pub(super) fn uk_sort_code(matched: &str) -> bool {
    digits::<6>(matched).is_some()
}

/// The first four characters go to the end, letters become 10 to 35, and the
/// number leaves 1 modulo 97.
pub(super) fn iban(matched: &str) -> bool {
    let Some(compact) = Compact::new(matched) else { return false };
    let text = compact.as_bytes();
    let Some((head, account)) = text.split_at_checked(4) else { return false };
    let Ok(country) = std::str::from_utf8(&head[..2]) else { return false };
    let Ok(place) = IBAN_LENGTHS.binary_search_by_key(&country, |&(country, _)| country) else {
        return false;
    };
    let remainder = account.iter().chain(head).fold(0, |rest, &c| match c {
        b'0'..=b'9' => (rest * 10 + value(c)) % 97,
        _ => (rest * 100 + u32::from(c - b'A') + 10) % 97,
    });
    text.len() == IBAN_LENGTHS[place].1
        && is_digits(&head[2..])
        && !is_uniform(account)
        && remainder == 1
}

/// Ten digits weighted 10 to 1 (X is ten, at the end only) to a multiple of
/// 11, or thirteen from 978 or 979, weighted 1 and 3, to one of ten.
pub(super) fn isbn(matched: &str) -> bool {
    let Some(compact) = Compact::new(matched) else { return false };
    match compact.as_bytes() {
        text @ [body @ .., last] if text.len() == 10 => {
            let last = if *last == b'X' { 10 } else { value(*last) };
            let sum = |total, (&digit, weight): (&u8, u32)| total + value(digit) * weight;
            is_digits(body)
                && last <= 10
                && !is_uniform(body)
                && (body.iter().zip((2..=10).rev()).fold(0, sum) + last).is_multiple_of(11)
        }
        text @ [b'9', b'7', b'8' | b'9', ..] if text.len() == 13 => {
            let sum = |total, (place, &digit): (usize, &u8)| {
                total + value(digit) * if place % 2 == 0 { 1 } else { 3 }
            };
            is_digits(text) && text.iter().enumerate().fold(0, sum) % 10 == 0
        }
        _ => false,
    }
}

/// Length of an IBAN by country, from the SWIFT IBAN registry. Sorted.
#[rustfmt::skip]
const IBAN_LENGTHS: &[(&str, usize)] = &[
    ("AD", 24), ("AE", 23), ("AL", 28), ("AT", 20), ("AZ", 28), ("BA", 20), ("BE", 16), ("BG", 22),
    ("BH", 22), ("BI", 27), ("BR", 29), ("BY", 28), ("CH", 21), ("CR", 22), ("CY", 28), ("CZ", 24),
    ("DE", 22), ("DJ", 27), ("DK", 18), ("DO", 28), ("EE", 20), ("EG", 29), ("ES", 24), ("FI", 18),
    ("FK", 18), ("FO", 18), ("FR", 27), ("GB", 22), ("GE", 22), ("GI", 23), ("GL", 18), ("GR", 27),
    ("GT", 28), ("HN", 28), ("HR", 21), ("HU", 28), ("IE", 22), ("IL", 23), ("IQ", 23), ("IS", 26),
    ("IT", 27), ("JO", 30), ("KW", 30), ("KZ", 20), ("LB", 28), ("LC", 32), ("LI", 21), ("LT", 20),
    ("LU", 20), ("LV", 21), ("LY", 25), ("MC", 27), ("MD", 24), ("ME", 22), ("MK", 19), ("MN", 20),
    ("MR", 27), ("MT", 31), ("MU", 30), ("NI", 28), ("NL", 18), ("NO", 15), ("OM", 23), ("PK", 24),
    ("PL", 28), ("PS", 29), ("PT", 25), ("QA", 29), ("RO", 24), ("RS", 22), ("RU", 33), ("SA", 24),
    ("SC", 31), ("SD", 18), ("SE", 24), ("SI", 19), ("SK", 24), ("SM", 27), ("SO", 23), ("ST", 25),
    ("SV", 28), ("TL", 23), ("TN", 24), ("TR", 26), ("UA", 29), ("VA", 22), ("VG", 24), ("XK", 20),
    ("YE", 30),
];

#[cfg(test)]
mod tests {
    use super::IBAN_LENGTHS;
    use crate::validate::tests::check;

    #[test]
    fn card_numbers() {
        check(
            "luhn",
            &["79927398713", "1234567890123452", "4111-1111-1111-1111"],
            &[
                "79927398710",
                "4111 1111 1111 1112",
                "0000000000000000",
                "1234567",
                "4111 1111 1111 111A",
            ],
        );
        check(
            "payment-card",
            &[
                "4111 1111 1111 1111",
                "5555-5555-5555-4444",
                "378282246310005",
                "6011111111111117",
                "30569309025904",
                "2223003122003222",
                "6759649826438453",
                "6212345678901232",
                "3530111333300000",
                "4222222222222",
            ],
            &[
                "4111 1111 1111 1112",
                "1234567890123452",
                "79927398713",
                "41111111111111",
                "0000 0000 0000 0000",
            ],
        );
    }

    #[test]
    fn accounts() {
        assert!(IBAN_LENGTHS.is_sorted());
        check(
            "iban",
            &[
                "GB29 NWBK 6016 1331 9268 19",
                "GB82 WEST 1234 5698 7654 32",
                "FR14 2004 1010 0505 0001 3M02 606",
                "DE89 3704 0044 0532 0130 00",
                "NO93 8601 1117 947",
                "MT84MALT011000012345MTLCAST001S",
                "gb29nwbk60161331926819",
            ],
            &[
                "GB82 WEST 1234 5698 7654 33",
                "GB29 NWBK 6016 1331 9268 1",
                "XX29 NWBK 6016 1331 9268 19",
                "GB",
                "GBXX NWBK 6016 1331 9268 19",
            ],
        );
        check(
            "uk-sort-code",
            &["20-00-00", "200000", "20 00 00"],
            &["00-00-00", "20-00", "20-00-000", "2A-00-00"],
        );
    }

    #[test]
    fn book_numbers() {
        check(
            "isbn",
            &["0-306-40615-2", "978-0-306-40615-7", "080442957X", "979-10-90636-07-1"],
            &["0-306-40615-3", "978-0-306-40615-8", "977-0-306-40615-7", "X804429570", "030640615"],
        );
    }
}
