//! Places: each level is laid out from the inside out; lanes keep moves clear of states.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::chart::{Chart, End, Link, Node};
use super::grid::{Grid, Item, Segment, What};
use super::words::{self, LABEL_SIZE, TITLE_SIZE};

/// Room for an arrowhead, above and below every state.
pub const HEAD: i64 = 8;
/// Height of a line of a title.
pub const TITLE_LINE: i64 = 18;
/// Height of a line of a label.
pub const LABEL_LINE: i64 = 15;
/// Room on the left of a state for its entry dot.
const ENTRY_ROOM: i64 = 26;
/// Room on the right of a state for a move to itself.
pub const LOOP_ROOM: i64 = 32;
/// Room inside the border of a state with children.
const BORDER: i64 = 14;
/// Width of a lane.
const LANE: i64 = 6;
/// Least distance of moves along a side.
const PITCH: i64 = 14;

/// A box.
#[derive(Clone, Copy)]
pub struct Frame {
    pub x: i64,
    pub y: i64,
    pub width: i64,
    pub height: i64,
}

/// A level, laid out.
#[derive(Default)]
pub struct Plan {
    pub width: i64,
    pub height: i64,
    pub frames: BTreeMap<usize, Frame>,
    /// The points of each part of a move, from its source on.
    pub parts: BTreeMap<(usize, usize), Vec<(i64, i64)>>,
    /// Middle and top of labels.
    pub labels: BTreeMap<usize, (i64, i64)>,
    /// Where moves meet the border.
    ports: BTreeMap<usize, i64>,
}

/// A link's items from above to below.
struct Chain<'a> {
    link: &'a Link,
    items: Vec<usize>,
    up: bool,
}

/// What a level is made from.
struct Level<'a> {
    chart: &'a Chart,
    plans: BTreeMap<usize, Plan>,
    frames: BTreeMap<usize, Frame>,
    slots: BTreeMap<usize, usize>,
    grid: Grid,
    chains: Vec<Chain<'a>>,
}

/// Lays out a level with all that is inside.
pub fn plan(
    chart: &Chart,
    links: &BTreeMap<Option<usize>, Vec<Link>>,
    layers: &[usize],
    at: Option<usize>,
) -> Plan {
    let children = chart.children(at);
    let mut level = Level {
        chart,
        plans: BTreeMap::new(),
        frames: BTreeMap::new(),
        slots: BTreeMap::new(),
        grid: Grid::default(),
        chains: Vec::new(),
    };
    if let Some(node) = at.and_then(|at| chart.nodes.get(at)) {
        let width = words::width(&node.title, TITLE_SIZE) + 22;
        level.grid.add(What::Title, 0, width, TITLE_LINE + 8);
    }
    let own = links.get(&at).map(Vec::as_slice).unwrap_or_default();
    for child in &children {
        let inside = chart.nodes.get(*child).is_some_and(|node| !node.children.is_empty());
        if inside {
            level.plans.insert(*child, plan(chart, links, layers, Some(*child)));
        }
        level.stand(*child, layers.get(*child).copied().unwrap_or_default() * 2 + 2, own);
    }
    let bottom = children.iter().filter_map(|c| layers.get(*c)).max().map_or(2, |deepest| deepest * 2 + 4);
    for link in own {
        level.string(link, layers, bottom);
    }
    level.grid.settle();
    level.finish(at.is_some())
}

/// Width of what stands beside a state for moves to itself.
fn beside(chart: &Chart, node: usize) -> i64 {
    let loops = chart.edges.iter().filter(|edge| edge.from == node && edge.to == node);
    loops.map(|edge| LOOP_ROOM + words::widest(&edge.labels, LABEL_SIZE)).max().unwrap_or_default()
}

const fn left_of(node: &Node) -> i64 {
    if node.entry.is_some() { ENTRY_ROOM } else { 0 }
}

fn size(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

impl<'a> Level<'a> {
    /// Puts a child into its row.
    fn stand(&mut self, child: usize, row: usize, links: &[Link]) {
        let Some(node) = self.chart.nodes.get(child) else { return };
        let (width, height) = match self.plans.get(&child) {
            Some(plan) => (plan.width, plan.height),
            None => {
                let ends = links.iter().filter(|l| l.from == End::Child(child) || l.to == End::Child(child));
                let wide = words::widest(&node.lines, TITLE_SIZE) + 44;
                (
                    wide.max(72).max(size(ends.count() / 2 + 2) * PITCH),
                    size(node.lines.len()) * TITLE_LINE + 18,
                )
            }
        };
        let loops: i64 = self
            .chart
            .edges
            .iter()
            .filter(|edge| edge.from == child && edge.to == child)
            .map(|edge| size(edge.labels.len().max(1)) * LABEL_LINE + 16)
            .sum();
        self.frames.insert(child, Frame { x: 0, y: 0, width, height });
        let slot = left_of(node) + width + beside(self.chart, child);
        let at = self.grid.add(What::Node(child), row, slot, height.max(loops) + 2 * HEAD);
        self.slots.insert(child, at);
    }

    /// Strings a link through the rows.
    fn string(&mut self, link: &'a Link, layers: &[usize], bottom: usize) {
        let row = |end: End| match end {
            End::Child(child) => layers.get(child).copied().unwrap_or_default() * 2 + 2,
            End::Top => 0,
            End::Bottom => bottom,
        };
        let (first, last) = (row(link.from), row(link.to));
        let up = last < first;
        let (upper, lower) = if up { (link.to, link.from) } else { (link.from, link.to) };
        let said = if up { first.saturating_sub(1) } else { first + 1 };
        let labels = self.chart.edges.get(link.edge).map(|edge| edge.labels.as_slice()).unwrap_or_default();
        let mut items = Vec::from([self.end(upper, first.min(last), link.edge)]);
        for row in first.min(last) + 1..first.max(last) {
            items.push(if row == said && link.labelled {
                let (wide, high) =
                    (words::widest(labels, LABEL_SIZE) + 18, size(labels.len()) * LABEL_LINE + 4);
                self.grid.add(What::Label(link.edge), row, wide, high)
            } else {
                self.grid.add(What::Lane, row, LANE, 0)
            });
        }
        items.push(self.end(lower, first.max(last), link.edge));
        for (a, b) in items.iter().zip(items.iter().skip(1)) {
            let (upper_at, lower_at) = (self.meets(*a, link.edge), self.meets(*b, link.edge));
            self.grid.segments.push(Segment { upper: *a, lower: *b, upper_at, lower_at });
        }
        self.chains.push(Chain { link, items, up });
    }

    fn end(&mut self, end: End, row: usize, edge: usize) -> usize {
        match end {
            End::Child(child) => self.slots.get(&child).copied().unwrap_or_default(),
            _ => self.grid.add(What::Port(edge), row, LANE, 0),
        }
    }

    /// Where a move meets an item, from the item's left.
    fn meets(&self, item: usize, edge: usize) -> i64 {
        let Some(item) = self.grid.items.get(item) else { return 0 };
        let What::Node(child) = item.what else { return item.width / 2 };
        let left = self.chart.nodes.get(child).map(left_of).unwrap_or_default();
        let port = self.plans.get(&child).and_then(|plan| plan.ports.get(&edge)).copied();
        left + port.unwrap_or(self.frames.get(&child).map(|f| f.width / 2).unwrap_or_default())
    }

    /// Tops and heights of the rows.
    fn rows(&self, bordered: bool) -> Vec<(i64, i64)> {
        let mut slants: BTreeMap<usize, i64> = BTreeMap::new();
        for line in &self.grid.segments {
            let Some(lower) = self.grid.items.get(line.lower) else { continue };
            let slant = (self.grid.item(line.upper).0 + line.upper_at - lower.x - line.lower_at).abs();
            let widest = slants.entry(lower.row).or_default();
            *widest = slant.max(*widest);
        }
        let mut y = 0;
        let mut rows = Vec::new();
        for (at, items) in self.grid.rows.iter().enumerate() {
            let tall = items.iter().filter_map(|item| self.grid.items.get(*item)).map(|i| i.height).max();
            let slant = slants.get(&at).copied().unwrap_or_default();
            y += match slant {
                0 if at % 2 == 0 || items.is_empty() => 4,
                0 => 2,
                far => (far / 6 + 8).min(44),
            };
            if at == 0 {
                y = 0;
            }
            rows.push((y, tall.unwrap_or_default()));
            y += tall.unwrap_or_default();
        }
        if bordered {
            rows.push((y + HEAD, 0));
        }
        rows
    }

    fn finish(mut self, bordered: bool) -> Plan {
        let pad = if bordered { BORDER } else { 0 };
        let least = self.grid.items.iter().map(|item| item.x).min().unwrap_or_default();
        self.grid.items.iter_mut().for_each(|item| item.x += pad - least);
        let most = self.grid.items.iter().map(|item| item.x + item.width).max().unwrap_or_default();
        let rows = self.rows(bordered);
        let height = rows.last().map(|(y, tall)| y + tall).unwrap_or_default();
        let mut whole = Plan { width: most + pad, height, ..Plan::default() };
        for (child, slot) in &self.slots {
            let (Some(item), Some(frame), Some(node)) =
                (self.grid.items.get(*slot), self.frames.get_mut(child), self.chart.nodes.get(*child))
            else {
                continue;
            };
            frame.x = item.x + left_of(node);
            frame.y = rows.get(item.row).map(|row| row.0).unwrap_or_default() + HEAD;
            whole.frames.insert(*child, *frame);
            if let Some(inner) = self.plans.get(child) {
                whole.take(inner, frame.x, frame.y);
            }
        }
        let sides = self.sides();
        for (at, chain) in self.chains.iter().enumerate() {
            let mut points = Vec::new();
            for (index, item) in chain.items.iter().enumerate() {
                let Some(item) = self.grid.items.get(*item) else { continue };
                self.pass(item, (at, index == 0), &sides, &rows, &mut points);
                let (middle, top) =
                    (item.x + item.width / 2, rows.get(item.row).map(|r| r.0).unwrap_or_default());
                match item.what {
                    What::Label(edge) => drop(whole.labels.insert(edge, (middle, top))),
                    What::Port(edge) => drop(whole.ports.insert(edge, middle)),
                    _ => {}
                }
            }
            let sinks = chain.link.to == End::Bottom || chain.link.from == End::Bottom;
            if let Some(last) = points.last_mut().filter(|_| bordered && sinks) {
                last.1 = height;
            }
            if chain.up {
                points.reverse();
            }
            whole.parts.insert((chain.link.edge, chain.link.step), points);
        }
        whole
    }

    /// The points of a move at one of its items.
    fn pass(
        &self,
        item: &Item,
        (chain, first): (usize, bool),
        sides: &BTreeMap<(usize, bool), i64>,
        rows: &[(i64, i64)],
        points: &mut Vec<(i64, i64)>,
    ) {
        let (top, tall) = rows.get(item.row).copied().unwrap_or_default();
        let What::Node(child) = item.what else {
            let x = item.x + item.width / 2;
            points.extend([(x, top), (x, top + tall)]);
            return;
        };
        let Some(frame) = self.frames.get(&child) else { return };
        let x = sides.get(&(chain, first)).copied().unwrap_or(frame.x + frame.width / 2);
        if first {
            points.extend([(x, frame.y + frame.height), (x, top + tall)]);
        } else {
            points.extend([(x, top), (x, frame.y)]);
        }
    }

    /// Where each chain meets the states at its upper (true) and lower end.
    fn sides(&self) -> BTreeMap<(usize, bool), i64> {
        let mut met = BTreeMap::new();
        let mut shared: BTreeMap<(usize, bool), Vec<(i64, usize)>> = BTreeMap::new();
        for (at, chain) in self.chains.iter().enumerate() {
            let mut back = chain.items.iter().rev();
            let lower = (back.next(), back.next());
            let upper = (chain.items.first(), chain.items.get(1));
            for (first, (end, next)) in [(true, upper), (false, lower)] {
                let (Some(end), Some(next)) = (end.and_then(|e| self.grid.items.get(*e)), next) else {
                    continue;
                };
                let What::Node(child) = end.what else { continue };
                let Some(frame) = self.frames.get(&child) else { continue };
                let (x, width) = self.grid.item(*next);
                match self.plans.get(&child) {
                    Some(plan) => {
                        let own = (x + width / 2)
                            .clamp(frame.x + BORDER, frame.x + (frame.width - BORDER).max(BORDER));
                        let port = plan.ports.get(&chain.link.edge).map(|port| frame.x + port);
                        met.insert((at, first), port.unwrap_or(own));
                    }
                    None => shared.entry((child, first)).or_default().push((x + width / 2, at)),
                }
            }
        }
        for ((child, first), mut list) in shared {
            list.sort_unstable();
            let Some(frame) = self.frames.get(&child) else { continue };
            let parts = size(list.len()) + 1;
            for ((_, chain), part) in list.into_iter().zip(1..) {
                met.insert((chain, first), frame.x + frame.width * part / parts);
            }
        }
        met
    }
}

impl Plan {
    /// Takes in what lies inside a child.
    fn take(&mut self, inner: &Self, x: i64, y: i64) {
        let moved = |frame: &Frame| Frame { x: frame.x + x, y: frame.y + y, ..*frame };
        self.frames.extend(inner.frames.iter().map(|(node, frame)| (*node, moved(frame))));
        self.labels.extend(inner.labels.iter().map(|(edge, at)| (*edge, (at.0 + x, at.1 + y))));
        for (part, points) in &inner.parts {
            self.parts.insert(*part, points.iter().map(|at| (at.0 + x, at.1 + y)).collect());
        }
    }
}
