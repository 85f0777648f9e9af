//! Checks a pattern can ask for by name: whether matched text really is a
//! number of its kind. A shape alone is weak evidence; a check digit rules out
//! nine to ninety-six of a hundred chance matches, a range many more.
//!
//! Pure and offline. Where a number was never issued, or a public body prints
//! it as its sample, the check refuses it; samples that work like the real
//! thing (test cards, drama telephone numbers) are accepted, and [`is_sample`]
//! says so.

mod contact;
mod date;
mod money;
mod shape;
mod uk;
mod us;

use shape::Compact;

/// A named check on matched text.
#[derive(Clone, Copy, Debug)]
pub struct Validator {
    /// What a pack calls it; kebab-case, for good.
    pub name: &'static str,
    /// What it accepts, in a phrase that completes "accepts …".
    pub about: &'static str,
    /// The standard or publication the check comes from.
    pub source: &'static str,
    check: fn(&str) -> bool,
}

impl Validator {
    /// Whether `matched` is sound. Spaces, hyphens, dots and the like may stand
    /// in it as typed; where they stand is the pattern's business.
    pub fn accepts(&self, matched: &str) -> bool {
        (self.check)(matched)
    }
}

/// The validator a pack asks for as `name`.
pub fn by_name(name: &str) -> Option<&'static Validator> {
    all().iter().find(|validator| validator.name == name)
}

/// Every validator, sorted by name.
pub fn all() -> &'static [Validator] {
    TABLE
}

/// Whether `matched` is a number published as a sample or kept for tests and
/// drama, although its validator accepts it.
pub fn is_sample(matched: &str) -> bool {
    Compact::new(matched).is_some_and(|compact| {
        let text = compact.as_str();
        SAMPLES.binary_search(&text).is_ok() || contact::is_drama_number(text)
    })
}

/// Compact forms of published samples the validators accept. Sorted.
const SAMPLES: &[&str] = &[
    "111000025",
    "2223003122003222",
    "30569309025904",
    "36227206271667",
    "371449635398431",
    "378282246310005",
    "4012888888881881",
    "4111111111111111",
    "4222222222222",
    "4242424242424242",
    "5105105105105100",
    "5555555555554444",
    "6011000990139424",
    "6011111111111117",
    "AB123456C",
    "DE89370400440532013000",
    "FR1420041010050500013M02606",
    "GB29NWBK60161331926819",
    "GB82WEST12345698765432",
];

const TABLE: &[Validator] = &[
    Validator {
        name: "a-number",
        about: "an alien registration number: A and seven to nine digits",
        source: "USCIS glossary, A-Number",
        check: us::a_number,
    },
    Validator {
        name: "chi",
        about: "a Scottish CHI number: a date of birth (DDMMYY), and the check digit of an NHS number",
        source: "Public Health Scotland, Community Health Index",
        check: uk::chi,
    },
    Validator {
        name: "date",
        about: "a real calendar date with its year, in British, American or ISO order",
        source: "Gregorian calendar; ISO 8601",
        check: date::date,
    },
    Validator {
        name: "dob-date",
        about: "a real calendar date a living person can be born on: from 1900 to 2099",
        source: "Gregorian calendar; ISO 8601",
        check: date::birth,
    },
    Validator {
        name: "ein",
        about: "a US employer identification number with a prefix in use",
        source: "IRS, valid EIN prefixes",
        check: us::ein,
    },
    Validator {
        name: "email",
        about: "an e-mail address",
        source: "RFC 5321 4.1.2 (dot-string and domain)",
        check: contact::email,
    },
    Validator {
        name: "gwf",
        about: "a visa application reference: GWF0 and eight or nine digits",
        source: "GOV.UK, Global Web Form reference",
        check: uk::gwf,
    },
    Validator {
        name: "hsc",
        about: "a Health and Social Care number of Northern Ireland: its range and check digit",
        source: "NHS Data Dictionary, NHS number",
        check: uk::hsc,
    },
    Validator {
        name: "iban",
        about: "an international bank account number: length by country, remainder 1 modulo 97",
        source: "ISO 13616-1; ISO 7064 MOD 97-10",
        check: money::iban,
    },
    Validator {
        name: "isbn",
        about: "a book number of ten or thirteen digits with its check digit; to tell it from others",
        source: "ISO 2108",
        check: money::isbn,
    },
    Validator {
        name: "itin",
        about: "a US individual taxpayer number: 9, and a group in use",
        source: "IRS, ITIN ranges",
        check: us::itin,
    },
    Validator {
        name: "luhn",
        about: "8 to 19 digits with a Luhn check digit",
        source: "ISO/IEC 7812-1, annex B",
        check: money::luhn,
    },
    Validator {
        name: "mbi",
        about: "a Medicare beneficiary identifier: eleven characters by place, without S L O I B Z",
        source: "CMS, Understanding the MBI format",
        check: us::mbi,
    },
    Validator {
        name: "nhs-number",
        about: "an NHS number by check digit, outside the test range, Scotland's and Northern Ireland's",
        source: "NHS Data Dictionary, NHS number",
        check: uk::nhs_number,
    },
    Validator {
        name: "nhs-number-issued",
        about: "an NHS number in a range that England, Wales or the Isle of Man has issued",
        source: "NHS Data Dictionary, NHS number",
        check: uk::nhs_number_issued,
    },
    Validator {
        name: "nino",
        about: "a National Insurance number with a prefix that is given to people",
        source: "HMRC manual NIM39110",
        check: uk::nino,
    },
    Validator {
        name: "payment-card",
        about: "a card number: 13 to 19 digits of a known network, with a Luhn check digit",
        source: "ISO/IEC 7812-1",
        check: money::payment_card,
    },
    Validator {
        name: "phone",
        about: "a British or an American telephone number",
        source: "Ofcom National Telephone Numbering Plan; NANP",
        check: contact::phone,
    },
    Validator {
        name: "phone-uk",
        about: "a British telephone number with a leading 0 or +44",
        source: "Ofcom National Telephone Numbering Plan",
        check: contact::phone_uk,
    },
    Validator {
        name: "phone-us",
        about: "a North American telephone number of ten digits, with or without +1",
        source: "North American Numbering Plan",
        check: contact::phone_us,
    },
    Validator {
        name: "uk-driving-licence",
        about: "a British driver number: 16 characters, or 18 with the issue number",
        source: "DVLA driver number",
        check: uk::driving_licence,
    },
    Validator {
        name: "uk-passport",
        about: "the shape of a British passport number: nine digits, or two letters and seven",
        source: "HM Passport Office; no check digit outside the machine-readable zone",
        check: uk::passport,
    },
    Validator {
        name: "uk-postcode",
        about: "a full postcode in one of the 124 areas",
        source: "BS 7666; Royal Mail postcode areas",
        check: contact::uk_postcode,
    },
    Validator {
        name: "uk-sort-code",
        about: "a bank sort code: six digits, not all alike",
        source: "UK Payments sorting codes",
        check: money::uk_sort_code,
    },
    Validator {
        name: "uln",
        about: "a unique learner number with its check digit",
        source: "HESA student record, ULN; Learning Records Service",
        check: uk::uln,
    },
    Validator {
        name: "upn",
        about: "a unique pupil number: check letter and a local authority of England",
        source: "DfE, Unique pupil numbers (UPNs)",
        check: uk::upn,
    },
    Validator {
        name: "us-passport",
        about: "the shape of a US passport number: nine digits, or a letter and eight",
        source: "US Department of State, next generation passport",
        check: us::passport,
    },
    Validator {
        name: "us-routing",
        about: "a US bank routing number with its check digit",
        source: "American Bankers Association routing number policy",
        check: us::routing,
    },
    Validator {
        name: "us-ssn",
        about: "a US Social Security number that can have been issued",
        source: "SSA, area, group and serial numbers",
        check: us::ssn,
    },
    Validator {
        name: "uscis-receipt",
        about: "a USCIS receipt number: the three letters of an office and ten digits",
        source: "USCIS, receipt number",
        check: us::receipt,
    },
    Validator {
        name: "utr",
        about: "a unique taxpayer reference with its check digit, with or without a K",
        source: "HMRC; python-stdnum describes the check",
        check: uk::utr,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Checks of one validator: texts it accepts, texts it refuses.
    pub(super) fn check(name: &str, accepted: &[&str], refused: &[&str]) {
        let validator = by_name(name).unwrap();
        let mut failures = Vec::new();
        for (texts, expected) in [(accepted, true), (refused, false)] {
            for text in texts {
                if validator.accepts(text) != expected {
                    failures.push(format!("{name}: {text}: not {expected}"));
                }
            }
        }
        // What none takes: nothing, separators, other scripts, digits without end.
        for text in ["", " ", "-", "A", "0", "９４３４７６５９１９", "é", &"1".repeat(100)]
        {
            if validator.accepts(text) {
                failures.push(format!("{name}: {text}: not false"));
            }
        }
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }

    #[test]
    fn names_are_sorted_and_found() {
        assert!(all().is_sorted_by(|a, b| a.name < b.name));
        for validator in all() {
            assert_eq!(by_name(validator.name).map(|found| found.about), Some(validator.about));
        }
        assert!(by_name("no-such-check").is_none());
    }

    #[test]
    fn samples_are_known_and_accepted_by_some_validator() {
        assert!(SAMPLES.is_sorted());
        for sample in SAMPLES {
            assert!(all().iter().any(|validator| validator.accepts(sample)), "{sample}");
        }
        for sample in
            ["4111 1111 1111 1111", "gb82 west 1234 5698 7654 32", "07700 900123", "(212) 555-0143"]
        {
            assert!(is_sample(sample), "{sample}");
        }
        for real in ["07700 800123", "943 476 5919", "", "212 555 0200"] {
            assert!(!is_sample(real), "{real}");
        }
    }

    #[test]
    fn digits_all_alike_are_no_number() {
        let exempt = ["uk-postcode", "email", "date", "dob-date"];
        for validator in all().iter().filter(|validator| !exempt.contains(&validator.name)) {
            for digit in '0'..='9' {
                for length in 1..=20 {
                    let text = digit.to_string().repeat(length);
                    assert!(!validator.accepts(&text), "{}: {text}", validator.name);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_a_validator_panic(text in "\\PC{0,40}", number in "[0-9A-Z +()./-]{0,24}") {
            for validator in all() {
                validator.accepts(&text);
                validator.accepts(&number);
            }
            is_sample(&text);
            is_sample(&number);
        }
    }
}
