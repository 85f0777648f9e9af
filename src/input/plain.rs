//! Plain text: the file is its own and only field.

use crate::text::OffsetMap;

use super::document::Field;

/// Reads the whole text as one field; none where there is nothing to read.
pub(super) fn read(source: &str) -> Vec<Field> {
    if source.trim().is_empty() {
        return Vec::new();
    }
    let (name, text) = ("body".to_owned(), source.to_owned());
    vec![Field { name, text, map: OffsetMap::identity(), wrapped: false, record: None }]
}
