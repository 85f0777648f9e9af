//! Rows of a sheet as records.

use std::sync::Arc;

use crate::input::{Field, Layout};
use crate::record::{Record, RecordValue};
use crate::text::{MappedText, Span};

use super::sheets::cell_name;

/// A row of a sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SheetRow {
    /// Its number, from 1 as in the sheet.
    pub row: u32,
    /// Its filled cells by column, from 0.
    pub cells: Vec<(u32, String)>,
}

/// Some rows of a sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SheetRows {
    /// The number of the first of them among the records, from 1.
    pub first: u64,
    /// The rows.
    pub rows: Vec<SheetRow>,
}

/// Rows taken apart.
#[derive(Debug, Default)]
pub struct Built {
    /// The texts of all cells, one behind the other.
    pub source: String,
    /// The cells to check.
    pub fields: Vec<Field>,
    /// One a row; they start at the number of their row.
    pub records: Vec<Record>,
    /// The row and the name of the cell of each field.
    pub cells: Vec<(u64, String)>,
}

impl SheetRows {
    /// The records of these rows; columns without a header are read too where somebody
    /// wrote behind the last one.
    pub fn build(&self, layout: &Layout) -> Built {
        let mut built = Built::default();
        for (at, SheetRow { row, cells }) in self.rows.iter().enumerate() {
            let number = at as u64 + 1;
            let mut values = Vec::new();
            let mut asked: Vec<(usize, &Arc<str>)> = layout.asked().collect();
            for (column, text) in cells {
                let index = *column as usize;
                let start = built.source.len();
                built.source.push_str(text);
                let span = Span::new(start, built.source.len());
                built.source.push('\n');
                if let Some(at) = asked.iter().position(|(asked, _)| *asked == index) {
                    let (_, name) = asked.swap_remove(at);
                    values.push(RecordValue { name: Arc::clone(name), text: text.clone(), span });
                }
                let outside = index >= layout.names.len();
                if text.trim().is_empty() || !(outside || layout.columns.contains(&index)) {
                    continue;
                }
                let mut mapped = MappedText::default();
                mapped.push_copied(text, start);
                let name = match layout.names.get(index) {
                    Some(name) => name.clone(),
                    None => format!("column {}", index + 1),
                };
                built.fields.push(Field {
                    name,
                    text: mapped.text,
                    map: mapped.map,
                    wrapped: false,
                    record: Some(number),
                });
                built.cells.push((u64::from(*row), cell_name(*row, *column)));
            }
            // A cell that is not there is blank.
            let end = built.source.len();
            values.extend(asked.into_iter().map(|(_, name)| RecordValue {
                name: Arc::clone(name),
                text: String::new(),
                span: Span::new(end, end),
            }));
            built.records.push(Record {
                number: Some(number),
                start: *row as usize,
                values,
                unreliable: false,
            });
        }
        built
    }
}
