//! What values a fact takes.

use super::model::FactKind;
use super::record_test::period;
use crate::dates::{self, Order};
use crate::facts::FactValue;
use crate::record::same_name;
use crate::syntax::nearest;

impl FactKind {
    /// Why a value is not one of this kind, as the end of a sentence; `None` if it is.
    pub fn refuses(&self, value: &FactValue) -> Option<String> {
        match (self, value) {
            (Self::Text, FactValue::Text(_))
            | (Self::List, FactValue::List(_) | FactValue::Text(_))
            | (Self::Flag, FactValue::Bool(_))
            | (Self::Whole, FactValue::Integer(_)) => None,
            (Self::OneOf(values), FactValue::Text(text)) if values.contains(text) => None,
            (Self::Date, FactValue::Text(text)) if dates::read(text, None).is_some() => None,
            (Self::Periods, value @ (FactValue::Text(_) | FactValue::List(_)))
                if value.words().iter().all(|word| period(word).is_some()) =>
            {
                None
            }
            (Self::SomeOf(values), value @ (FactValue::Text(_) | FactValue::List(_)))
                if value.words().iter().all(|word| values.contains(word)) =>
            {
                None
            }
            (Self::SomeOf(values), _) => {
                Some(format!("must be one or more of {}", values.join(", ")))
            }
            (Self::OneOf(values), _) => {
                let known = values.iter().map(String::as_str);
                let close = nearest(&value.words().join(","), known)
                    .map_or_else(String::new, |close| format!(" (did you mean `{close}`?)"));
                Some(format!("must be one of {}{close}", values.join(", ")))
            }
            (Self::Date, _) => Some("must be a day such as 2026-11-21".into()),
            (Self::Periods, _) => {
                Some("must be two days with `/` between them, such as 2024-05-25/2024-07-04".into())
            }
            (Self::Text, _) => Some("must be a text".into()),
            (Self::List, _) => Some("must be a list of texts".into()),
            (Self::Flag, _) => Some("must be yes or no".into()),
            (Self::Whole, _) => Some("must be a whole number".into()),
        }
    }

    /// Whether it takes several values, so that they may stand in a file.
    pub fn takes_several(&self) -> bool {
        matches!(self, Self::List | Self::SomeOf(_) | Self::Periods)
    }

    /// What may be written after `--set NAME=`, for people.
    pub fn way(&self) -> String {
        match self {
            Self::OneOf(values) => values.join("|"),
            Self::SomeOf(values) => values.join(","),
            Self::Flag => "yes|no".to_owned(),
            Self::Whole => "NUMBER".to_owned(),
            Self::List => "ONE,TWO,…".to_owned(),
            Self::Text => "TEXT".to_owned(),
            Self::Date => "2026-11-21".to_owned(),
            Self::Periods => "2024-05-25/2024-07-04".to_owned(),
        }
    }

    /// Reads the value of a column or key that states the fact; `None` where it is no
    /// such value.
    pub fn of_field(&self, written: &str, order: Option<Order>) -> Option<FactValue> {
        let written = written.trim();
        match self {
            _ if written.is_empty() => None,
            Self::OneOf(values) => values
                .iter()
                .find(|value| same_name(value, written))
                .map(|value| FactValue::Text(value.clone())),
            Self::List => Some(FactValue::list(
                written
                    .split([',', ';', '|', '\n'])
                    .map(str::trim)
                    .filter(|item| !item.is_empty())
                    .map(str::to_owned),
            )),
            Self::SomeOf(values) => written
                .split([',', ';', '|', '\n'])
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .map(|item| values.iter().find(|value| same_name(value, item)).cloned())
                .collect::<Option<Vec<String>>>()
                .map(FactValue::list),
            Self::Flag => match written.to_lowercase().as_str() {
                "yes" | "true" | "y" | "1" => Some(FactValue::Bool(true)),
                "no" | "false" | "n" | "0" => Some(FactValue::Bool(false)),
                _ => None,
            },
            Self::Date => dates::read(written, order).map(|day| FactValue::Text(day.to_string())),
            Self::Text | Self::Whole | Self::Periods => self.read(written).ok(),
        }
    }

    /// Reads a value written after `--set`; says why it cannot.
    pub fn read(&self, written: &str) -> Result<FactValue, String> {
        let written = written.trim();
        let value = match self {
            Self::Text | Self::OneOf(_) | Self::Date => FactValue::Text(written.to_owned()),
            Self::List | Self::SomeOf(_) | Self::Periods => FactValue::list(
                written
                    .split(',')
                    .map(str::trim)
                    .filter(|item| !item.is_empty())
                    .map(str::to_owned),
            ),
            Self::Flag => match written {
                "yes" | "true" => FactValue::Bool(true),
                "no" | "false" => FactValue::Bool(false),
                _ => return Err("must be yes or no".into()),
            },
            Self::Whole => FactValue::Integer(
                written.parse().map_err(|_| "must be a whole number".to_owned())?,
            ),
        };
        match self.refuses(&value) {
            None => Ok(value),
            Some(why) => Err(why),
        }
    }
}
