//! What prompt caching makes of a request's tokens.
//!
//! A cache remembers; this one does not. Whether a prefix was written before is told by the conversation itself: what
//! stands before the assistant's latest turn was sent once already, with the same marks, and so it is read now. What
//! came after it is new and is written, if a mark covers it. The first request of a conversation always writes, also
//! when another conversation began with the same words: costs are never shown lower than a real account may have them.

use crate::model::said::tokens;

/// How long a written prefix lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ttl {
    /// Five minutes.
    Minutes,
    /// An hour.
    Hour,
}

/// A stretch of the request, in the order in which a prefix is made: tools, system, messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Segment {
    /// Its characters.
    pub(super) chars: u64,
    /// The mark at its end.
    pub(super) mark: Option<Ttl>,
    /// It stood in the request before this one.
    pub(super) seen: bool,
}

/// The tokens of a request, by what they cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// Read anew.
    pub plain: u64,
    /// Read from the cache.
    pub read: u64,
    /// Written for five minutes.
    pub written_5m: u64,
    /// Written for an hour.
    pub written_1h: u64,
}

impl Counted {
    /// All tokens written.
    #[must_use]
    pub fn written(self) -> u64 {
        self.written_5m + self.written_1h
    }
}

/// Counts `segments`; a prefix of fewer than `cached_from` tokens is never cached.
pub(super) fn count(segments: &[Segment], cached_from: u64) -> Counted {
    let mut sum = 0;
    let ends: Vec<u64> = segments
        .iter()
        .map(|segment| {
            sum += segment.chars;
            tokens(sum)
        })
        .collect();
    let total = ends.last().copied().unwrap_or_default();
    // The end of the last segment that `wanted` accepts.
    let last = |wanted: &dyn Fn(&Segment) -> bool| {
        segments.iter().zip(&ends).rev().find(|(segment, _)| wanted(segment)).map_or(0, |(_, end)| *end)
    };
    let enough = |end: u64| if end < cached_from { 0 } else { end };
    let marked = enough(last(&|segment| segment.mark.is_some()));
    if marked == 0 {
        return Counted { plain: total, ..Counted::default() };
    }
    // Who marks the newest message now has marked the newest one then.
    let moves_along = segments.iter().any(|segment| segment.mark.is_some() && !segment.seen);
    let read = enough(last(&|segment| segment.seen && (segment.mark.is_some() || moves_along)));
    let for_an_hour = enough(last(&|segment| segment.mark == Some(Ttl::Hour))).saturating_sub(read);
    Counted { plain: total - marked, read, written_1h: for_an_hour, written_5m: marked - read - for_an_hour }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(tokens: u64, mark: Option<Ttl>, seen: bool) -> Segment {
        Segment { chars: tokens * 4, mark, seen }
    }

    #[test]
    fn without_a_mark_or_below_the_least_length_nothing_is_cached() {
        let plain = |total| Counted { plain: total, ..Counted::default() };
        assert_eq!(count(&[segment(5_000, None, false)], 1_024), plain(5_000));
        assert_eq!(count(&[segment(1_000, Some(Ttl::Minutes), false)], 1_024), plain(1_000));
        assert_eq!(count(&[], 1_024), plain(0));
    }

    #[test]
    fn the_first_request_writes_and_the_next_one_reads() {
        let first = [segment(2_000, Some(Ttl::Minutes), false), segment(10, None, false)];
        assert_eq!(count(&first, 1_024), Counted { plain: 10, written_5m: 2_000, ..Counted::default() });
        let second = [segment(2_000, Some(Ttl::Minutes), true), segment(10, None, true), segment(30, None, false)];
        assert_eq!(count(&second, 1_024), Counted { plain: 40, read: 2_000, ..Counted::default() });
    }

    #[test]
    fn a_mark_that_moves_along_reads_all_that_was_sent_before() {
        let request =
            [segment(2_000, Some(Ttl::Hour), true), segment(10, None, true), segment(30, Some(Ttl::Minutes), false)];
        assert_eq!(count(&request, 1_024), Counted { read: 2_010, written_5m: 30, ..Counted::default() });
    }

    #[test]
    fn each_life_is_counted_for_itself() {
        let request = [segment(2_000, Some(Ttl::Hour), false), segment(500, Some(Ttl::Minutes), false)];
        let expected = Counted { written_1h: 2_000, written_5m: 500, ..Counted::default() };
        assert_eq!(count(&request, 1_024), expected);
    }
}
