//! The picture as text: boxes, then moves, then labels; presentation attributes only.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::chart::{Chart, Edge, Entry, Kind, Node};
use super::place::{Frame, HEAD, LABEL_LINE, LOOP_ROOM, Plan, TITLE_LINE};
use super::words::{self, LABEL_SIZE, TITLE_SIZE, escape};

const INK: &str = "#1d2733";
const LINE: &str = "#5b6b7c";
const BACK: &str = "#a51d1d";

/// A state: its box, its titles, its marks.
pub fn node(node: &Node, frame: Frame, walked: bool, here: bool, out: &mut String) {
    let Frame { x, y, width, height } = frame;
    let group = !node.children.is_empty();
    let fill = match (group, here, walked) {
        (true, _, _) => "#f6f8fa",
        (_, true, _) => "#ffd166",
        (_, _, true) => "#dbe9f8",
        _ => "#ffffff",
    };
    let heavy = if here { 3 } else { 1 };
    let stroke = if here { BACK } else { LINE };
    out.push_str(&format!("<g data-state=\"{}\"><title>{}</title>", node.id, escape(&node.title)));
    out.push_str(&format!(
        "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"{fill}\" \
         stroke=\"{stroke}\" stroke-width=\"{heavy}\"/>"
    ));
    if node.ends {
        out.push_str(&format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"5\" fill=\"none\" stroke=\"{stroke}\"/>",
            x + 4,
            y + 4,
            width - 8,
            height - 8
        ));
    }
    if let Some(entry) = node.entry {
        let (radius, middle) = (if entry == Entry::Case { 7 } else { 4 }, y + 18);
        out.push_str(&format!("<circle cx=\"{}\" cy=\"{middle}\" r=\"{radius}\" fill=\"{INK}\"/>", x - 18));
        out.push_str(&format!("<path d=\"M{} {middle}H{}\" stroke=\"{INK}\"/>", x - 18, x - 6));
        out.push_str(&format!("<path d=\"M{x} {middle}l-7 -4v8z\" fill=\"{INK}\"/>"));
    }
    let mark = if here {
        "● "
    } else if walked {
        "✓ "
    } else {
        ""
    };
    if group {
        let tail = if node.parallel { " ∥" } else { "" };
        text(&format!("{mark}{}{tail}", node.title), (x + 12, y + 18), ("start", TITLE_SIZE, INK), out);
    } else {
        for (line, row) in node.lines.iter().zip(0..) {
            let said = if row == 0 { format!("{mark}{line}") } else { line.clone() };
            let at = (x + width / 2, y + 23 + row * TITLE_LINE);
            text(&said, at, ("middle", TITLE_SIZE, INK), out);
        }
    }
    out.push_str("</g>\n");
}

fn text(said: &str, (x, y): (i64, i64), (anchor, size, ink): (&str, i64, &str), out: &mut String) {
    out.push_str(&format!(
        "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\" font-size=\"{size}\" fill=\"{ink}\">{}</text>",
        escape(said)
    ));
}

/// Every move, and over them the labels.
pub fn edges(chart: &Chart, plan: &Plan, out: &mut String) {
    let mut labels = String::new();
    for (at, edge) in chart.edges.iter().enumerate() {
        let (Some(from), Some(to)) = (chart.nodes.get(edge.from), chart.nodes.get(edge.to)) else { continue };
        out.push_str(&format!(
            "<g data-from=\"{}\" data-to=\"{}\" data-by=\"{}\"><title>{} → {}: {}</title>",
            from.id,
            to.id,
            escape(&edge.by.join(" ")),
            escape(&from.title),
            escape(&to.title),
            escape(&edge.labels.join(" "))
        ));
        if edge.from != edge.to {
            let parts = plan.parts.range((at, 0)..=(at, usize::MAX));
            let points: Vec<(i64, i64)> = parts.flat_map(|(_, points)| points.iter().copied()).collect();
            path(edge, &points, out);
            if let Some((x, y)) = plan.labels.get(&at) {
                label(edge, *x, *y, &mut labels);
            }
        }
        out.push_str("</g>\n");
    }
    for (at, frame) in &plan.frames {
        let mut y = frame.y;
        for edge in chart.edges.iter().filter(|edge| edge.from == *at && edge.to == *at) {
            itself(edge, frame.x + frame.width, y, &mut labels);
            y += i64::try_from(edge.labels.len().max(1)).unwrap_or_default() * LABEL_LINE + 16;
        }
    }
    out.push_str(&labels);
}

const fn strokes(kind: Kind) -> &'static str {
    match kind {
        Kind::Action => "stroke-width=\"1.5\"",
        Kind::Timer => "stroke-width=\"1.5\" stroke-dasharray=\"5 4\"",
        Kind::Always => "stroke-width=\"0.75\"",
    }
}

fn path(edge: &Edge, points: &[(i64, i64)], out: &mut String) {
    let ink = if edge.back { BACK } else { LINE };
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return };
    let mut d = format!("M{} {}", first.0, first.1);
    let mut before = *first;
    let sign = if edge.back { 1 } else { -1 };
    for (index, (x, y)) in points.iter().copied().enumerate().skip(1) {
        let y = if index + 1 == points.len() { y + sign * (HEAD - 1) } else { y };
        if x == before.0 {
            let straight = points.get(index + 1).is_some_and(|next| next.0 == x);
            if !straight {
                d.push_str(&format!("V{y}"));
            }
        } else {
            let middle = i64::midpoint(before.1, y);
            d.push_str(&format!("C{} {middle} {x} {middle} {x} {y}", before.0));
        }
        before = (x, y);
    }
    out.push_str(&format!("<path d=\"{d}\" fill=\"none\" stroke=\"{ink}\" {}/>", strokes(edge.kind)));
    let (x, y) = last;
    out.push_str(&format!("<path d=\"M{x} {y}l-4 {}h8z\" fill=\"{ink}\"/>", sign * HEAD));
}

fn label(edge: &Edge, x: i64, y: i64, out: &mut String) {
    let wide = words::widest(&edge.labels, LABEL_SIZE) + 14;
    let high = i64::try_from(edge.labels.len()).unwrap_or_default() * LABEL_LINE + 2;
    let ink = if edge.back { BACK } else { INK };
    out.push_str(&format!(
        "<rect x=\"{}\" y=\"{}\" width=\"{wide}\" height=\"{high}\" rx=\"4\" fill=\"#ffffff\"/>",
        x - wide / 2,
        y + 1
    ));
    for (line, row) in edge.labels.iter().zip(0..) {
        let said = if edge.back && row == 0 { format!("↑{line}") } else { line.clone() };
        text(&said, (x, y + 13 + row * LABEL_LINE), ("middle", LABEL_SIZE, ink), out);
    }
    out.push('\n');
}

/// A move to the state itself, on the right of its box.
fn itself(edge: &Edge, x: i64, y: i64, out: &mut String) {
    let end = y + 24;
    out.push_str(&format!(
        "<path d=\"M{x} {}C{4} {} {4} {end} {} {end}\" fill=\"none\" stroke=\"{LINE}\" {3}/>",
        y + 8,
        y + 8,
        x + 7,
        strokes(edge.kind),
        x + 24
    ));
    out.push_str(&format!("<path d=\"M{x} {end}l8 -4v8z\" fill=\"{LINE}\"/>"));
    for (line, row) in edge.labels.iter().zip(0..) {
        text(line, (x + LOOP_ROOM - 8, y + 20 + row * LABEL_LINE), ("start", LABEL_SIZE, INK), out);
    }
    out.push('\n');
}
