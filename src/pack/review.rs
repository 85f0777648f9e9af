//! Packs and lists that somebody should have read again by now.

use jiff::civil::Date;

use super::model::Pack;

impl Pack {
    /// What of the pack was to be reviewed before `today`, in one sentence;
    /// `None` if nothing was. The day itself is in time.
    pub fn overdue(&self, today: Date) -> Option<String> {
        let past = |day: &Option<String>| {
            let day = day.as_ref()?;
            (day.parse::<Date>().ok()? < today).then(|| day.clone())
        };
        let mut due = Vec::new();
        if let Some(day) = past(&self.review_by) {
            due.push(format!("this pack by {day}"));
        }
        for list in &self.lists {
            // Lists lent by another pack, named `pack/list` here, are its own affair.
            if let Some(day) = past(&list.review_by).filter(|_| !list.name.contains('/')) {
                due.push(format!("its list `{}` by {day}", list.name));
            }
        }
        let last = due.pop()?;
        let all = if due.is_empty() { last } else { format!("{} and {last}", due.join(", ")) };
        Some(format!("somebody was to review {all}; what it says may be out of date"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::List;
    use super::*;

    fn check(pack: Option<&str>, lists: &[(&str, &str)], expected: Option<&str>) {
        let pack = Pack {
            review_by: pack.map(str::to_owned),
            lists: lists
                .iter()
                .map(|(name, day)| List {
                    name: (*name).to_owned(),
                    review_by: Some((*day).to_owned()),
                    ..List::default()
                })
                .collect(),
            ..Pack::default()
        };
        let said = pack.overdue(jiff::civil::date(2027, 1, 31));
        assert_eq!(said.as_deref(), expected);
    }

    #[test]
    fn the_day_itself_is_in_time() {
        check(None, &[], None);
        check(Some("2027-01-31"), &[("a", "2027-02-01")], None);
        check(
            Some("2027-01-30"),
            &[],
            Some("somebody was to review this pack by 2027-01-30; what it says may be out of date"),
        );
        check(
            Some("2026-12-01"),
            &[
                ("a", "2027-01-30"),
                ("later", "2028-01-01"),
                ("b", "2020-05-05"),
                ("x/c", "2020-05-05"),
            ],
            Some(
                "somebody was to review this pack by 2026-12-01, its list `a` by 2027-01-30 and its list `b` by 2020-05-05; what it says may be out of date",
            ),
        );
    }
}
