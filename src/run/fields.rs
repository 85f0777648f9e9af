//! The fields of a document, scanned.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::engines::Judged;
use super::groups::{AroundField, Groups, Presences};
use crate::engine::{FieldScan, Found, Memory, Prepared};
use crate::input::{Document, Field};
use crate::pack::Within;
use crate::record::Record;

/// The texts of a document with fewer bytes than this in all are scanned by one thread:
/// to share them takes longer than to scan them.
const SMALL: usize = 16 * 1024;

/// Scans the fields of a document; the result has one entry a field.
pub(super) fn scan(
    groups: &Groups,
    document: &Document,
    of_field: &[usize],
    part: usize,
) -> Vec<Vec<Found>> {
    let presences: Vec<Presences<'_>> = groups
        .engines()
        .into_iter()
        .map(|engine| Presences::new(engine, &document.fields))
        .collect();
    let no_record = Record::default();
    let of_one = |memory: &mut Memory, (index, field): (usize, &Field)| {
        let Judged { engine, active, .. } = groups.get(of_field[index]);
        let prepared = Prepared::within(&field.text, field.wrapped, memory);
        let around = AroundField { all: &presences[of_field[index]], record: field.record };
        let record = document.record_of(field).unwrap_or(&no_record);
        let scan =
            FieldScan { field: &prepared, name: &field.name, active, around: &around, record };
        let len = prepared.folded.text().len();
        if len <= part {
            let found = engine.scan_in(&scan, memory);
            prepared.give_back(memory);
            return found;
        }
        let cuts: Vec<usize> = (0..len)
            .step_by(part)
            .map(|at| prepared.folded.text().floor_char_boundary(at))
            .collect();
        let found = cuts
            .par_iter()
            .enumerate()
            .flat_map_iter(|(at, &from)| {
                let to = cuts.get(at + 1).copied().unwrap_or(len);
                engine.scan_part(&scan, (from, to), at == 0)
            })
            .collect();
        engine.settle(&scan, found)
    };
    let size: usize = document.fields.iter().map(|field| field.text.len()).sum();
    let mut found: Vec<Vec<Found>> = if size < SMALL {
        let memory = &mut Memory::default();
        document.fields.iter().enumerate().map(|field| of_one(memory, field)).collect()
    } else {
        document.fields.par_iter().enumerate().map_init(Memory::default, of_one).collect()
    };
    // What a whole record or document lacks is said at its first field only.
    let mut told = BTreeSet::new();
    for (index, (field, found)) in document.fields.iter().zip(&mut found).enumerate() {
        let engine = &groups.get(of_field[index]).engine;
        found.retain(|found| match (engine.absent_within(found), field.record) {
            (Some(Within::Document), None) => told.insert((of_field[index], found.find, None)),
            // In a table each row is a text of its own.
            (Some(Within::Record | Within::Document), Some(record)) => {
                told.insert((of_field[index], found.find, Some(record)))
            }
            _ => true,
        });
    }
    found
}
