//! Counts as findings: a whole field that holds too much, a sentence that does,
//! or every place of what may not be there at all.

use super::compiled::{CompiledWhat, FindId, ListId};
use super::look::Look;
use super::scan::Found;
use crate::count::{self, Counted, Unit};
use crate::text::{Sentences, Span};

/// What is counted and how much of it is allowed.
#[derive(Clone, Copy, Debug)]
pub struct Counting {
    pub unit: Unit,
    pub most: usize,
    pub by_sentence: bool,
    /// What is on this list, or covered by its phrases, is not counted.
    pub except: Option<ListId>,
}

impl CompiledWhat {
    /// Whether what is found is about the words at its places, not about a text as a
    /// whole: an absence is not, nor is how much of something there is in all.
    pub fn has_own_places(&self) -> bool {
        match *self {
            Self::Count { most, unit, by_sentence, .. } => {
                by_sentence || has_own_places(unit, most)
            }
            Self::Missing { .. } | Self::Text { .. } => false,
            _ => true,
        }
    }
}

/// Whether a count has a finding for each of its places: where none is allowed.
fn has_own_places(unit: Unit, most: Option<usize>) -> bool {
    most == Some(0) && !unit.is_length()
}

impl Counting {
    /// Counts in the field that `look` is about.
    pub fn find(self, look: &mut Look<'_, '_>, id: FindId, found: &mut Vec<Found>) {
        let mut add = |look: &mut Look<'_, '_>, span: Span, total: usize| {
            found.extend(look.judge(id, span, None).map(|mut found| {
                found.counted = Some((total, self.most));
                found
            }));
        };
        let text = look.scan.field.text;
        if self.unit.is_length() && !self.by_sentence {
            // The common case: nearly every text keeps its limit.
            if count::overflow(text, self.unit, self.most).is_some() {
                for post in count::posts(text) {
                    let written = &text[post.range()];
                    if let Some(span) = count::overflow(written, self.unit, self.most) {
                        let total = count::count(written, self.unit).total;
                        let span = Span::new(post.start + span.start, post.start + span.end);
                        add(look, span, total);
                    }
                }
            }
            return;
        }
        let counted = self.count(look);
        if self.by_sentence {
            for (sentence, total) in self.sentences(look, &counted) {
                add(look, sentence, total);
            }
        } else if has_own_places(self.unit, Some(self.most)) {
            for &span in &counted.places {
                add(look, span, counted.total);
            }
        } else if counted.total > self.most {
            for post in count::posts(text) {
                let from = counted.places.partition_point(|place| place.start < post.start);
                let to = counted.places.partition_point(|place| place.start < post.end);
                let here = &counted.places[from..to];
                if let [first, rest @ ..] = here.get(self.most..).unwrap_or_default() {
                    add(look, first.join(*rest.last().unwrap_or(first)), here.len());
                }
            }
        }
    }

    /// Counts things in the field, without the exceptions.
    fn count(self, look: &mut Look<'_, '_>) -> Counted {
        if self.unit.is_length() {
            return Counted::default();
        }
        let mut counted = count::count(look.scan.field.text, self.unit);
        if let Some(list) = self.except
            && !counted.places.is_empty()
        {
            let mut left_out = look.places(list).iter().copied().peekable();
            let mut reached = 0;
            counted.places.retain(|place| {
                // Both are in order of their starts.
                while let Some(next) = left_out.next_if(|next| next.start < place.end) {
                    reached = reached.max(next.end);
                }
                reached <= place.start
            });
            counted.total = counted.places.len();
        }
        counted
    }

    /// The sentences that hold too much, without the space around them, and how
    /// much it is.
    fn sentences(self, look: &Look<'_, '_>, counted: &Counted) -> Vec<(Span, usize)> {
        let field = look.scan.field;
        if !self.unit.is_length() && counted.total <= self.most {
            return Vec::new();
        }
        let mut sentences = Sentences::new(field.text, field.wrapped);
        let mut places = counted.places.as_slice();
        let mut over = Vec::new();
        let mut at = 0;
        while at < field.text.len() {
            let sentence = sentences.around(at);
            at = sentence.end.max(field.text.ceil_char_boundary(at + 1));
            for span in lines(field.text, sentence, field.wrapped) {
                let written = &field.text[span.range()];
                let here = places.partition_point(|place| place.start < span.end);
                let total = if self.unit.is_length() {
                    count::count(written, self.unit).total
                } else if self.unit == Unit::Words && here > self.most {
                    let asides = count::asides(written);
                    let aside = |place: &&Span| {
                        let at = place.start - span.start;
                        asides.iter().any(|aside| aside.range().contains(&at))
                    };
                    here - places[..here].iter().filter(aside).count()
                } else {
                    here
                };
                places = &places[here..];
                if total > self.most {
                    let start = span.start + (written.len() - written.trim_start().len());
                    over.push((Span::new(start, start + written.trim().len()), total));
                }
            }
        }
        over
    }
}

/// The parts of a sentence: in a post a line that starts with anything but a
/// small letter starts a thought of its own, however long the line before it.
fn lines(text: &str, sentence: Span, wrapped: bool) -> Vec<Span> {
    let mut parts = Vec::new();
    let mut from = sentence.start;
    let written = &text[sentence.range()];
    for (at, _) in written.match_indices('\n').filter(|_| !wrapped) {
        let next = sentence.start + at + 1;
        if !written[at + 1..].trim_start().starts_with(char::is_lowercase) {
            parts.push(Span::new(from, next));
            from = next;
        }
    }
    parts.push(Span::new(from, sentence.end));
    parts
}
