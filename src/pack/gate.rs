//! What a text must hold for a regular expression to match.

use regex_syntax::hir::{Class, Hir, HirKind};

use super::model::Gate;

/// What every match of a regular expression holds. Found by taking the
/// expression apart, so that no author has to say it.
pub fn gate(hir: &Hir) -> Gate {
    if needs(hir, &|c| c.is_ascii_digit()) {
        Gate::Digit
    } else if needs(hir, &|c| c == '@') {
        Gate::At
    } else {
        Gate::None
    }
}

/// Whether every match holds a character for which `class` is true. `\d` beyond
/// ASCII counts as a digit here: text is folded to ASCII digits before.
fn needs(hir: &Hir, class: &dyn Fn(char) -> bool) -> bool {
    match hir.kind() {
        HirKind::Literal(literal) => {
            std::str::from_utf8(&literal.0).is_ok_and(|text| text.chars().any(class))
        }
        HirKind::Class(Class::Unicode(ranges)) => {
            !ranges.ranges().is_empty()
                && ranges.ranges().iter().all(|range| {
                    (class(range.start())
                        && class(range.end())
                        && u32::from(range.end()) - u32::from(range.start()) < 10)
                        || (class('0') && range.start() > '\u{7f}' && range.start().is_numeric())
                })
        }
        HirKind::Class(Class::Bytes(_)) | HirKind::Empty | HirKind::Look(_) => false,
        HirKind::Repetition(repetition) => repetition.min > 0 && needs(&repetition.sub, class),
        HirKind::Capture(capture) => needs(&capture.sub, class),
        HirKind::Concat(parts) => parts.iter().any(|part| needs(part, class)),
        HirKind::Alternation(ways) => ways.iter().all(|way| needs(way, class)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(regex: &str) -> Gate {
        super::gate(&regex_syntax::parse(regex).unwrap())
    }

    #[test]
    fn gates_are_found() {
        assert_eq!(gate(r"\b\d{3}-\d{2}\b"), Gate::Digit);
        assert_eq!(gate(r"(?i)[a-z]+@[a-z]+"), Gate::At);
        assert_eq!(gate(r"[A-Z]{2}[0-9]?"), Gate::None);
        assert_eq!(gate(r"(\d|x)y"), Gate::None);
        assert_eq!(gate(r"(\dx|[5-9])"), Gate::Digit);
    }
}
