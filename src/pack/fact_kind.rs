//! What values a fact takes.

use super::model::FactKind;
use crate::facts::FactValue;

impl FactKind {
    /// Why a value is not one of this kind, as the end of a sentence; `None` if it is.
    pub fn refuses(&self, value: &FactValue) -> Option<String> {
        match (self, value) {
            (Self::Text, FactValue::Text(_))
            | (Self::List, FactValue::List(_) | FactValue::Text(_))
            | (Self::Flag, FactValue::Bool(_))
            | (Self::Whole, FactValue::Integer(_)) => None,
            (Self::OneOf(values), FactValue::Text(text)) if values.contains(text) => None,
            (Self::OneOf(values), _) => Some(format!("must be one of {}", values.join(", "))),
            (Self::Text, _) => Some("must be a text".into()),
            (Self::List, _) => Some("must be a list of texts".into()),
            (Self::Flag, _) => Some("must be yes or no".into()),
            (Self::Whole, _) => Some("must be a whole number".into()),
        }
    }

    /// Whether it takes several values, so that they may stand in a file.
    pub fn takes_several(&self) -> bool {
        matches!(self, Self::List)
    }

    /// What may be written after `--set NAME=`, for people.
    pub fn way(&self) -> String {
        match self {
            Self::OneOf(values) => values.join("|"),
            Self::Flag => "yes|no".to_owned(),
            Self::Whole => "NUMBER".to_owned(),
            Self::List => "ONE,TWO,…".to_owned(),
            Self::Text => "TEXT".to_owned(),
        }
    }

    /// Reads a value written after `--set`; says why it cannot.
    pub fn read(&self, written: &str) -> Result<FactValue, String> {
        let written = written.trim();
        let value = match self {
            Self::Text | Self::OneOf(_) => FactValue::Text(written.to_owned()),
            Self::List => FactValue::List(
                written
                    .split(',')
                    .map(str::trim)
                    .filter(|item| !item.is_empty())
                    .map(str::to_owned)
                    .collect(),
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
