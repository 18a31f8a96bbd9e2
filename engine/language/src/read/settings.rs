//! Settings of a server: where it listens, what it is called, where its store is.

use paidan_model::id::WorkflowId;

use crate::code::Code;
use crate::reader::Reader;
use crate::tree::Node;

/// What `[serve]` says; what it leaves out, the command line or its defaults say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Where it listens, such as `127.0.0.1:8311`.
    pub listen: Option<std::net::SocketAddr>,
    /// What links begin with, such as `https://paidan.town.example`.
    pub base: Option<String>,
    /// The town's name.
    pub title: Option<String>,
    /// The store's file.
    pub store: Option<String>,
    /// Where metrics are shown, such as `127.0.0.1:8312`.
    pub metrics: Option<std::net::SocketAddr>,
    /// Files and folders of definitions, calendars and rosters to publish at the start.
    pub definitions: Vec<String>,
    /// Workflows that residents open without an account.
    pub open_to_residents: Vec<String>,
    /// Whether a proxy before it adds TLS, so that listening beyond this machine is meant.
    pub behind_tls: bool,
}

/// Reads `[serve]` of a file.
pub(crate) fn settings(reader: &Reader, root: &Node, known: &mut Settings) {
    let Some(table) = root.get("serve").and_then(|node| reader.table(node, "[serve]")) else { return };
    let text = |key| table.get(key).and_then(|node| reader.text(node));
    known.listen = address(reader, table.get("listen")).or(known.listen);
    known.metrics = address(reader, table.get("metrics")).or(known.metrics);
    known
        .open_to_residents
        .extend(reader.names_at::<WorkflowId>(&table, "open_to_residents").iter().map(ToString::to_string));
    if let Some(node) = table.get("base")
        && let Some(text) = reader.text(node)
    {
        if !text.starts_with("http://") && !text.starts_with("https://") {
            let en = format!("`{text}` does not begin with http:// or https://");
            reader.find(Code::WrongValue, node.place, format!("`{text}`应以http://或https://开头"), en);
        }
        known.base = Some(text);
    }
    let paths = table.get("definitions").map(|node| reader.list(node, 64, "paths")).unwrap_or_default();
    known.definitions.extend(paths.iter().filter_map(|node| reader.text(node)));
    known.title = text("title").or_else(|| known.title.take());
    known.store = text("store").or_else(|| known.store.take());
    known.behind_tls |= reader.flag(&table, "behind_tls");
    reader.done(&table);
}

fn address(reader: &Reader, node: Option<&Node>) -> Option<std::net::SocketAddr> {
    let node = node?;
    let text = reader.text(node)?;
    let found = text.parse().ok();
    if found.is_none() {
        let en = format!("`{text}` is no address such as `127.0.0.1:8311`");
        reader.find(Code::WrongValue, node.place, format!("`{text}`不是地址，应如`127.0.0.1:8311`"), en);
    }
    found
}
