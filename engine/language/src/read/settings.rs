//! Settings of a server: where it listens, what it is called, where its store is, and how often it writes anchors.

use paidan_model::id::WorkflowId;
use paidan_model::period::Every;

use crate::code::Code;
use crate::reader::Reader;
use crate::tree::Node;

/// What `[serve]` and `[audit]` say; what it leaves out, the command line or its defaults say.
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
    /// How often the head of the whole history is published.
    pub anchor: Option<Every>,
    /// Whose history that says it is.
    pub origin: Option<String>,
}

/// Reads what a file says of a server.
pub(crate) fn settings(reader: &Reader, root: &Node, known: &mut Settings) {
    serve(reader, root, known);
    audit(reader, root, known);
}

/// Reads `[audit]` of a file.
fn audit(reader: &Reader, root: &Node, known: &mut Settings) {
    let Some(table) = root.get("audit").and_then(|node| reader.table(node, "[audit]")) else { return };
    if let Some(node) = table.get("anchor")
        && let Some(text) = reader.text(node)
    {
        let every = Every::parse(&text);
        if every.is_none() {
            let en = format!("`{text}` is none of `never`, `day`, `week`, `month`");
            reader.find(
                Code::WrongValue,
                node.place,
                format!("`{text}`应为`never`、`day`、`week`、`month`之一"),
                en,
            );
        }
        known.anchor = every.or(known.anchor);
    }
    if let Some(node) = table.get("origin")
        && let Some(text) = reader.text(node)
    {
        if text.is_empty() || text.contains(char::is_control) {
            let en = format!("`{}` is not one line of text", text.escape_debug());
            reader.find(Code::WrongValue, node.place, format!("`{}`应为一行文字", text.escape_debug()), en);
        }
        known.origin = Some(text);
    }
    reader.done(&table);
}

/// Reads `[serve]` of a file.
fn serve(reader: &Reader, root: &Node, known: &mut Settings) {
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

#[cfg(test)]
mod tests {
    use paidan_model::period::Every;

    use crate::{Checked, Library};

    fn read(text: &str) -> Checked {
        let mut library = Library::new();
        library.add("paidan.toml", text.to_string());
        library.check()
    }

    #[test]
    fn anchor_intervals_are_one_of_four_words() {
        for every in Every::ALL {
            let found = read(&format!("[audit]\nanchor = \"{}\"\norigin = \"a.example\"\n", every.name()));
            assert_eq!((found.settings.anchor, found.findings.len()), (Some(every), 0));
            assert_eq!(found.settings.origin.as_deref(), Some("a.example"));
        }
        assert_eq!(read("").settings.anchor, None);
        for wrong in
            ["anchor = \"hourly\"", "anchor = 3", "origin = \"\"", "origin = \"a\\nb\"", "ancor = \"day\""]
        {
            assert!(read(&format!("[audit]\n{wrong}\n")).has_errors(), "{wrong}");
        }
    }
}
