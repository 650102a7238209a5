//! Facets: a compact table per segment, and the collector that finds the best hits and all counts
//! in one pass.
//!
//! A document that fails exactly one facet's filter still counts for that facet, so a filter never
//! hides the other values of its own facet.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::StrColumn;
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader};

use crate::schema::{ORDER, facet_field};
use crate::types::{Facet, FacetCount, Sort};

const FACETS: usize = Facet::ALL.len();
/// At most so many values of a facet are reported.
const MOST_VALUES: usize = 200;

/// One facet of one segment: value numbers per document.
#[derive(Default)]
struct Column {
    values: Vec<String>,
    starts: Vec<u32>,
    numbers: Vec<u32>,
}

impl Column {
    fn of(&self, doc: DocId) -> &[u32] {
        let doc = doc as usize;
        match (self.starts.get(doc), self.starts.get(doc + 1)) {
            (Some(from), Some(to)) => self
                .numbers
                .get(*from as usize..*to as usize)
                .unwrap_or_default(),
            _ => &[],
        }
    }

    fn read(segment: &SegmentReader, facet: Facet) -> tantivy::Result<Column> {
        let Some(column) = segment.fast_fields().str(facet_field(facet))? else {
            return Ok(Column::default());
        };
        let mut values = Vec::with_capacity(column.num_terms());
        for number in 0..column.num_terms() as u64 {
            let mut value = String::new();
            column.ord_to_str(number, &mut value)?;
            values.push(value);
        }
        let mut starts = Vec::with_capacity(segment.max_doc() as usize + 1);
        let mut numbers = Vec::new();
        for doc in 0..segment.max_doc() {
            starts.push(numbers.len() as u32);
            numbers.extend(column.term_ords(doc).map(|n| n as u32));
        }
        starts.push(numbers.len() as u32);
        numbers.shrink_to_fit();
        Ok(Column {
            values,
            starts,
            numbers,
        })
    }
}

/// What ranking and counting need to know of the documents of a segment, in memory.
pub(crate) struct SegmentTable {
    columns: [Column; FACETS],
    boosts: Vec<f32>,
    days: Vec<i32>,
    /// Place of each document among equals of its segment.
    places: Vec<u32>,
    /// What the places stand for, to compare equals of different segments.
    order: Option<StrColumn>,
}

impl SegmentTable {
    /// Reads the table of a segment.
    pub(crate) fn read(segment: &SegmentReader) -> tantivy::Result<SegmentTable> {
        let mut columns: [Column; FACETS] = Default::default();
        for (column, facet) in columns.iter_mut().zip(Facet::ALL) {
            *column = Column::read(segment, facet)?;
        }
        let boosts = segment.fast_fields().f64("boost")?;
        let days = segment.fast_fields().i64("published_on")?;
        let docs = 0..segment.max_doc();
        let order = segment.fast_fields().str(ORDER)?;
        let place = |doc| order.as_ref().and_then(|o| o.term_ords(doc).next());
        Ok(SegmentTable {
            places: docs
                .clone()
                .map(|doc| place(doc).map_or(u32::MAX, |n| n as u32))
                .collect(),
            columns,
            boosts: docs
                .clone()
                .map(|d| boosts.first(d).unwrap_or(1.0) as f32)
                .collect(),
            days: docs
                .map(|d| i32::try_from(days.first(d).unwrap_or(0)).unwrap_or(0))
                .collect(),
            order,
        })
    }

    /// What a place stands for.
    fn order_text(&self, place: u32) -> tantivy::Result<String> {
        let mut text = String::new();
        if let Some(order) = &self.order {
            order.ord_to_str(u64::from(place), &mut text)?;
        }
        Ok(text)
    }

    /// The kind word of a document.
    pub(crate) fn kind(&self, doc: DocId) -> Option<&str> {
        let column = self.columns.first()?;
        let number = column.of(doc).first()?;
        column.values.get(*number as usize).map(String::as_str)
    }
}

/// A ranked document: larger is better.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ranked {
    pub(crate) score: f32,
    day: i32,
    by_day: bool,
    /// Place among equals of the segment.
    place: u32,
    pub(crate) segment: SegmentOrdinal,
    pub(crate) doc: DocId,
}

impl Ranked {
    fn better(&self, other: &Self) -> Ordering {
        let day = if self.by_day {
            self.day.cmp(&other.day)
        } else {
            Ordering::Equal
        };
        day.then(self.score.total_cmp(&other.score))
    }
}

impl Eq for Ranked {}

impl Ord for Ranked {
    /// Within one segment; hits of several are put together by `merged`.
    fn cmp(&self, other: &Self) -> Ordering {
        self.better(other)
            .then(other.place.cmp(&self.place))
            .then(other.segment.cmp(&self.segment))
            .then(other.doc.cmp(&self.doc))
    }
}

/// Scores that differ in rounding only are equal: the engine adds the same parts in another order in another segment.
fn rounded(score: f32) -> f32 {
    f32::from_bits(score.to_bits().saturating_add(0x80) & !0xff)
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// What one search collected.
#[derive(Default)]
pub(crate) struct Collected {
    pub(crate) total: usize,
    /// Documents that match the text, whatever the filters.
    pub(crate) seen: usize,
    /// Best first.
    pub(crate) best: Vec<Ranked>,
    pub(crate) counts: [Vec<FacetCount>; FACETS],
}

/// Collects the best `most` documents and the counts of all facets.
pub(crate) struct FacetCollector<'a> {
    pub(crate) tables: &'a [Arc<SegmentTable>],
    pub(crate) filters: &'a [(Facet, Vec<String>)],
    pub(crate) sort: Sort,
    pub(crate) most: usize,
    /// Whether facets are counted.
    pub(crate) counting: bool,
}

pub(crate) struct SegmentFacets {
    table: Arc<SegmentTable>,
    /// Per facet: the wanted value numbers, if it is filtered.
    wanted: [Option<Vec<bool>>; FACETS],
    filtered: bool,
    counts: [Vec<u32>; FACETS],
    counting: bool,
    total: usize,
    seen: usize,
    heap: BinaryHeap<Reverse<Ranked>>,
    most: usize,
    by_day: bool,
    segment: SegmentOrdinal,
}

/// Counts of one segment, with the values' texts.
pub(crate) struct SegmentFruit {
    total: usize,
    seen: usize,
    best: Vec<Ranked>,
    counts: [Vec<(String, u32)>; FACETS],
}

impl Collector for FacetCollector<'_> {
    type Fruit = Collected;
    type Child = SegmentFacets;

    fn for_segment(
        &self,
        segment: SegmentOrdinal,
        _: &SegmentReader,
    ) -> tantivy::Result<SegmentFacets> {
        let table = self.tables.get(segment as usize).cloned().ok_or_else(|| {
            tantivy::TantivyError::InternalError("a segment without a facet table".to_owned())
        })?;
        let wanted = Facet::ALL.map(|facet| {
            let column = table.columns.get(facet as usize)?;
            let mut filters = self.filters.iter().filter(|(f, _)| *f == facet).peekable();
            filters.peek()?;
            let mut flags = vec![true; column.values.len()];
            for (_, values) in filters {
                for (flag, value) in flags.iter_mut().zip(&column.values) {
                    *flag &= values.contains(value);
                }
            }
            Some(flags)
        });
        let counts =
            std::array::from_fn(|i| vec![0; table.columns.get(i).map_or(0, |c| c.values.len())]);
        Ok(SegmentFacets {
            filtered: wanted.iter().any(Option::is_some),
            wanted,
            counts,
            counting: self.counting,
            table,
            total: 0,
            seen: 0,
            heap: BinaryHeap::with_capacity(self.most + 1),
            most: self.most,
            by_day: self.sort == Sort::Newest,
            segment,
        })
    }

    fn requires_scoring(&self) -> bool {
        true
    }

    fn merge_fruits(&self, fruits: Vec<SegmentFruit>) -> tantivy::Result<Collected> {
        let mut out = Collected::default();
        let mut lists = Vec::new();
        let mut counts: [HashMap<String, u32>; FACETS] = Default::default();
        for fruit in fruits {
            out.total += fruit.total;
            out.seen += fruit.seen;
            lists.push(fruit.best);
            for (sum, part) in counts.iter_mut().zip(fruit.counts) {
                for (value, count) in part {
                    *sum.entry(value).or_default() += count;
                }
            }
        }
        out.best = self.merged(lists)?;
        for (list, sum) in out.counts.iter_mut().zip(counts) {
            *list = sum
                .into_iter()
                .map(|(value, count)| FacetCount { value, count })
                .collect();
            list.sort_unstable_by(|a, b| b.count.cmp(&a.count).then(a.value.cmp(&b.value)));
            list.truncate(MOST_VALUES);
        }
        Ok(out)
    }
}

/// The hits of one segment, best first, while the lists are put together.
struct Line {
    rest: std::vec::IntoIter<Ranked>,
    first: Ranked,
    /// What orders the first one among equals, read when it is needed.
    text: Option<String>,
}

impl FacetCollector<'_> {
    /// The best of all segments. Texts are read only where hits of two segments are equally good.
    fn merged(&self, lists: Vec<Vec<Ranked>>) -> tantivy::Result<Vec<Ranked>> {
        let mut lines: Vec<Line> = Vec::with_capacity(lists.len());
        for mut list in lists {
            list.sort_unstable_by(|a, b| b.cmp(a));
            let mut rest = list.into_iter();
            if let Some(first) = rest.next() {
                let text = None;
                lines.push(Line { rest, first, text });
            }
        }
        let mut out = Vec::with_capacity(self.most.min(256));
        while out.len() < self.most {
            let Some(best) = lines.iter().map(|line| line.first).max_by(Ranked::better) else {
                break;
            };
            let mut equals = Vec::new();
            for (at, line) in lines.iter().enumerate() {
                if line.first.better(&best).is_eq() {
                    equals.push(at);
                }
            }
            let at = self.earliest(&mut lines, &equals)?;
            let Some(line) = lines.get_mut(at) else { break };
            out.push(line.first);
            match line.rest.next() {
                Some(next) => (line.first, line.text) = (next, None),
                None => drop(lines.swap_remove(at)),
            }
        }
        Ok(out)
    }

    /// Which of the equally good lines comes first.
    fn earliest(&self, lines: &mut [Line], equals: &[usize]) -> tantivy::Result<usize> {
        if let [one] = equals {
            return Ok(*one);
        }
        for at in equals {
            let Some(line) = lines.get_mut(*at) else {
                continue;
            };
            let table = self.tables.get(line.first.segment as usize);
            if let (None, Some(table)) = (&line.text, table) {
                line.text = Some(table.order_text(line.first.place)?);
            }
        }
        let text = |at: &&usize| lines.get(**at).and_then(|line| line.text.clone());
        let earliest = equals.iter().min_by_key(text);
        Ok(earliest.copied().unwrap_or_default())
    }
}

impl SegmentFacets {
    fn count(&mut self, facet: usize, doc: DocId) {
        let (Some(column), Some(counts)) =
            (self.table.columns.get(facet), self.counts.get_mut(facet))
        else {
            return;
        };
        for number in column.of(doc) {
            if let Some(count) = counts.get_mut(*number as usize) {
                *count += 1;
            }
        }
    }

    /// The one facet whose filter the document fails, or `Err` if it fails several.
    fn failed(&self, doc: DocId) -> Result<Option<usize>, ()> {
        let mut failed = None;
        for (facet, (wanted, column)) in self.wanted.iter().zip(&self.table.columns).enumerate() {
            let Some(wanted) = wanted else { continue };
            let passes = column
                .of(doc)
                .iter()
                .any(|n| wanted.get(*n as usize).is_some_and(|w| *w));
            if !passes && failed.replace(facet).is_some() {
                return Err(());
            }
        }
        Ok(failed)
    }
}

impl SegmentCollector for SegmentFacets {
    type Fruit = SegmentFruit;

    fn collect(&mut self, doc: DocId, score: Score) {
        self.seen += 1;
        if self.filtered {
            match self.failed(doc) {
                Ok(None) => {}
                Ok(Some(facet)) => {
                    if self.counting {
                        self.count(facet, doc);
                    }
                    return;
                }
                Err(()) => return,
            }
        }
        self.total += 1;
        if self.counting {
            for facet in 0..FACETS {
                self.count(facet, doc);
            }
        }
        let index = doc as usize;
        let ranked = Ranked {
            score: rounded(score * self.table.boosts.get(index).copied().unwrap_or(1.0)),
            day: self.table.days.get(index).copied().unwrap_or(0),
            by_day: self.by_day,
            place: self.table.places.get(index).copied().unwrap_or(u32::MAX),
            segment: self.segment,
            doc,
        };
        if self.heap.len() < self.most {
            self.heap.push(Reverse(ranked));
        } else if let Some(mut worst) = self.heap.peek_mut()
            && worst.0 < ranked
        {
            *worst = Reverse(ranked);
        }
    }

    fn harvest(self) -> SegmentFruit {
        let mut counts: [Vec<(String, u32)>; FACETS] = Default::default();
        for ((list, column), numbers) in
            counts.iter_mut().zip(&self.table.columns).zip(&self.counts)
        {
            let some = column.values.iter().zip(numbers).filter(|(_, n)| **n > 0);
            list.extend(some.map(|(value, n)| (value.clone(), *n)));
        }
        SegmentFruit {
            total: self.total,
            seen: self.seen,
            best: self.heap.into_iter().map(|r| r.0).collect(),
            counts,
        }
    }
}
