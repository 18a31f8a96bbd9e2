//! The grid of one level: rows of states, labels and lanes, ordered with few crossings and set side by side.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// So often the rows are sorted.
const ORDER_SWEEPS_MAX: usize = 10;
/// So often the rows are aligned.
const ALIGN_SWEEPS_MAX: usize = 16;

/// What stands in a row.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum What {
    Node(usize),
    Label(usize),
    Lane,
    Port(usize),
    Title,
}

/// One place in a row.
pub struct Item {
    pub what: What,
    pub row: usize,
    pub x: i64,
    pub width: i64,
    pub height: i64,
}

/// A line between items of neighbouring rows, and where it meets each, from the item's left.
pub struct Segment {
    pub upper: usize,
    pub lower: usize,
    pub upper_at: i64,
    pub lower_at: i64,
}

/// Rows of items.
#[derive(Default)]
pub struct Grid {
    pub items: Vec<Item>,
    pub rows: Vec<Vec<usize>>,
    pub segments: Vec<Segment>,
    /// Neighbours above and below: which, where there, where here.
    above: Vec<Vec<(usize, i64, i64)>>,
    below: Vec<Vec<(usize, i64, i64)>>,
}

impl Grid {
    /// Puts an item at the end of its row.
    pub fn add(&mut self, what: What, row: usize, width: i64, height: i64) -> usize {
        let at = self.items.len();
        self.items.push(Item { what, row, x: 0, width, height });
        while self.rows.len() <= row {
            self.rows.push(Vec::new());
        }
        if let Some(items) = self.rows.get_mut(row) {
            items.push(at);
        }
        at
    }

    /// Orders and aligns.
    pub fn settle(&mut self) {
        self.above = Vec::from_iter(self.items.iter().map(|_| Vec::new()));
        self.below = Vec::from_iter(self.items.iter().map(|_| Vec::new()));
        for line in &self.segments {
            if let Some(list) = self.above.get_mut(line.lower) {
                list.push((line.upper, line.upper_at, line.lower_at));
            }
            if let Some(list) = self.below.get_mut(line.upper) {
                list.push((line.lower, line.lower_at, line.upper_at));
            }
        }
        self.order();
        self.pack();
        for sweep in 0..ALIGN_SWEEPS_MAX {
            let both = sweep + 4 >= ALIGN_SWEEPS_MAX;
            let rows = self.rows.len();
            for step in 0..rows {
                let row = if sweep % 2 == 0 { step } else { rows - 1 - step };
                self.align(row, both || sweep % 2 == 0, both || sweep % 2 == 1);
            }
        }
    }

    pub fn item(&self, at: usize) -> (i64, i64) {
        self.items.get(at).map(|item| (item.x, item.width)).unwrap_or_default()
    }

    fn order(&mut self) {
        let mut best = self.rows.clone();
        let mut least = self.crossings();
        for sweep in 0..ORDER_SWEEPS_MAX {
            let down = sweep % 2 == 0;
            let rows = self.rows.len();
            for step in 0..rows {
                self.sort(if down { step } else { rows - 1 - step }, down);
            }
            let found = self.crossings();
            if found < least {
                least = found;
                best.clone_from(&self.rows);
            }
        }
        self.rows = best;
    }

    /// Places in the rows, in thousandths.
    fn places(&self, row: usize) -> BTreeMap<usize, i64> {
        self.rows.get(row).into_iter().flatten().copied().zip((0..).step_by(1000)).collect()
    }

    fn share(&self, item: usize, at: i64) -> i64 {
        self.items.get(item).map(|i| at * 999 / i.width.max(1)).unwrap_or_default()
    }

    fn sort(&mut self, row: usize, down: bool) {
        let Some(other) = (if down { row.checked_sub(1) } else { Some(row + 1) }) else { return };
        let (places, own) = (self.places(other), self.places(row));
        let mut keyed: Vec<(bool, i64, usize)> = Vec::new();
        for item in self.rows.get(row).into_iter().flatten() {
            let lists = if down { &self.above } else { &self.below };
            let list = lists.get(*item).map(Vec::as_slice).unwrap_or_default();
            let sum: i64 = list
                .iter()
                .map(|(n, at, _)| places.get(n).copied().unwrap_or_default() + self.share(*n, *at))
                .sum();
            let count = i64::try_from(list.len()).unwrap_or(i64::MAX);
            let key = if count == 0 { own.get(item).copied().unwrap_or_default() } else { sum / count };
            let title = self.items.get(*item).is_some_and(|i| i.what == What::Title);
            keyed.push((!title, key, *item));
        }
        keyed.sort_by_key(|(title, key, _)| (*title, *key));
        if let Some(items) = self.rows.get_mut(row) {
            *items = keyed.into_iter().map(|(_, _, item)| item).collect();
        }
    }

    /// Pairs of lines that cross, over all rows.
    fn crossings(&self) -> usize {
        let mut lines: BTreeMap<usize, Vec<(i64, i64)>> = BTreeMap::new();
        let places: Vec<BTreeMap<usize, i64>> = (0..self.rows.len()).map(|row| self.places(row)).collect();
        let place = |item: usize, at: i64| {
            let row = self.items.get(item).map(|i| i.row).unwrap_or_default();
            let place = places.get(row).and_then(|p| p.get(&item)).copied().unwrap_or_default();
            place + self.share(item, at)
        };
        for line in &self.segments {
            let row = self.items.get(line.upper).map(|i| i.row).unwrap_or_default();
            lines
                .entry(row)
                .or_default()
                .push((place(line.upper, line.upper_at), place(line.lower, line.lower_at)));
        }
        let mut count = 0;
        for mut row in lines.into_values() {
            row.sort_unstable();
            let mut seen: Vec<i64> = Vec::new();
            for (_, lower) in row {
                let at = seen.partition_point(|other| *other <= lower);
                count += seen.len() - at;
                seen.insert(at, lower);
            }
        }
        count
    }

    fn gap(&self, left: usize, right: usize) -> i64 {
        let node = |at: usize| self.items.get(at).is_some_and(|i| matches!(i.what, What::Node(_)));
        match (node(left), node(right)) {
            (true, true) => 24,
            (false, false) => 10,
            _ => 14,
        }
    }

    fn pack(&mut self) {
        for row in self.rows.clone() {
            let mut x = 0;
            let mut last = None;
            for item in row {
                x += last.map(|left| self.gap(left, item)).unwrap_or_default();
                last = Some(item);
                if let Some(found) = self.items.get_mut(item) {
                    found.x = x;
                    x += found.width;
                }
            }
        }
    }

    /// Where an item would like to be, and how much.
    fn wish(&self, item: usize, up: bool, down: bool) -> (i64, i64) {
        let own = self.item(item).0;
        if self.items.get(item).is_some_and(|i| i.what == What::Title) {
            let beside = self.rows.first().and_then(|row| row.get(1)).map(|next| self.item(*next).0);
            let below = self.rows.get(2).and_then(|row| row.first()).map(|next| self.item(*next).0);
            return (beside.map_or(below.unwrap_or(own), |x| x - self.item(item).1 - 10), 1);
        }
        let list = |wanted: bool, lists: &Vec<Vec<(usize, i64, i64)>>| {
            if wanted { lists.get(item).cloned().unwrap_or_default() } else { Vec::new() }
        };
        let mut near = list(up, &self.above);
        near.extend(list(down, &self.below));
        let Ok(count) = i64::try_from(near.len()) else { return (own, 1) };
        if count == 0 {
            return (own, 1);
        }
        let sum: i64 = near.iter().map(|(n, there, here)| self.item(*n).0 + there - here).sum();
        let weight = match self.items.get(item).map(|i| i.what) {
            Some(What::Node(_)) | None => 2,
            _ => 8,
        };
        (sum.div_euclid(count), weight)
    }

    /// Moves a row as near to its wishes as the widths allow, in least squares: blocks that collide are pooled.
    fn align(&mut self, row: usize, up: bool, down: bool) {
        let items = self.rows.get(row).cloned().unwrap_or_default();
        let mut blocks: Vec<(i64, i64, usize)> = Vec::new();
        let mut offsets = Vec::new();
        let (mut offset, mut last) = (0, None);
        for item in &items {
            if let Some(left) = last {
                offset += self.item(left).1 + self.gap(left, *item);
            }
            last = Some(*item);
            offsets.push(offset);
            let (wish, weight) = self.wish(*item, up, down);
            let mut block = ((wish - offset) * weight, weight, 1);
            while let Some(before) = blocks.last().copied() {
                if before.0.div_euclid(before.1) <= block.0.div_euclid(block.1) {
                    break;
                }
                blocks.pop();
                block = (block.0 + before.0, block.1 + before.1, block.2 + before.2);
            }
            blocks.push(block);
        }
        let places = blocks.iter().flat_map(|b| core::iter::repeat_n(b.0.div_euclid(b.1), b.2));
        for ((item, offset), place) in items.iter().zip(offsets).zip(places) {
            if let Some(found) = self.items.get_mut(*item) {
                found.x = place + offset;
            }
        }
    }
}
