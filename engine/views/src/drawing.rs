//! The picture of a workflow as SVG: states in layers, those inside others in their box, moves in lanes.

mod chart;
mod grid;
mod layers;
mod paint;
mod place;
mod words;

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use paidan_model::id::StateId;
use paidan_model::text::Tongue;
use paidan_model::workflow::Workflow;

use chart::Chart;

/// Room around the picture.
const MARGIN: i64 = 16;

/// A workflow as one `<svg>` element. States in `walked` have a light fill and a tick; those in `here` a
/// strong fill, a heavy border and a dot. The same input gives the same bytes.
#[must_use]
pub fn drawing(
    workflow: &Workflow,
    tongue: Tongue,
    walked: &BTreeSet<StateId>,
    here: &BTreeSet<StateId>,
) -> String {
    let mut chart = Chart::new(workflow, tongue);
    let starts = starts(workflow, &chart);
    let layers = layers::layers(&mut chart, &starts);
    let plan = place::plan(&chart, &chart.links(), &layers, None);
    let title = words::escape(workflow.title.in_tongue(tongue));
    let (states, moves) = (chart.nodes.len(), chart.edges.len());
    let now = chart.nodes.iter().filter(|node| here.contains(&node.id)).map(|node| node.title.as_str());
    let now = words::escape(&now.collect::<alloc::vec::Vec<_>>().join(", "));
    let words = match tongue {
        Tongue::Zh => format!("{states}个状态，{moves}条流转。当前：{now}"),
        Tongue::En => format!("{states} states, {moves} moves. Now in: {now}"),
    };
    let (width, height) = (plan.width + 2 * MARGIN, plan.height + 2 * MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"-{MARGIN} -{MARGIN} {width} {height}\" \
         font-family=\"'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif\">\n\
         <title>{title}</title>\n<desc>{words}</desc>\n\
         <rect x=\"-{MARGIN}\" y=\"-{MARGIN}\" width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n"
    );
    let mut order: alloc::vec::Vec<usize> = (0..states).collect();
    order.sort_by_key(|at| chart.path(*at).len());
    for at in order {
        if let (Some(node), Some(frame)) = (chart.nodes.get(at), plan.frames.get(&at)) {
            paint::node(node, *frame, walked.contains(&node.id), here.contains(&node.id), &mut out);
        }
    }
    paint::edges(&chart, &plan, &mut out);
    out.push_str("</svg>\n");
    out
}

/// The states through which each level is entered first.
fn starts(workflow: &Workflow, chart: &Chart) -> BTreeSet<usize> {
    let find = |id: &StateId| chart.nodes.iter().position(|node| node.id == *id);
    let mut found: BTreeSet<usize> =
        workflow.start.iter().filter_map(find).flat_map(|at| chart.path(at)).collect();
    for (at, node) in chart.nodes.iter().enumerate() {
        for start in workflow.states.get(&node.id).into_iter().flat_map(|state| &state.start).filter_map(find)
        {
            found.extend(chart.path(start).into_iter().skip_while(|above| *above != at).skip(1));
        }
    }
    found
}
