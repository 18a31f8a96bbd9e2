//! XES, the format of event logs that tools for process mining read (IEEE 1849-2016): a trace for each case, written as it
//! comes. It only writes; nothing of that kind is ever read here.

use std::io::{self, Write};

use paidan_model::moment::{Moment, Zone};
use paidan_model::text::Tongue;
use paidan_views::eventlog::{Event, Trace};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, Event as Xml};

/// What a file of it is called on the wire.
pub const MEDIA_TYPE: &str = "application/xml";
/// The version of the standard, as the standard writes it.
const STANDARD: &str = "1849.2016";
/// The standard's own extensions that are used: name, prefix.
const EXTENSIONS: [(&str, &str); 4] =
    [("Concept", "concept"), ("Time", "time"), ("Lifecycle", "lifecycle"), ("Organizational", "org")];
/// By what events may be told apart: a title, and the keys that count.
const CLASSIFIERS: [(&str, &str); 4] = [
    ("Activity", "concept:name"),
    ("Activity and transition", "concept:name lifecycle:transition"),
    ("Activity by id", "activity lifecycle:transition"),
    ("Resource", "org:resource"),
];

/// A log under way.
pub struct Xes<W: Write> {
    writer: Writer<W>,
    tongue: Tongue,
    zone: Zone,
}

impl<W: Write> Xes<W> {
    /// Begins a log, with what holds for all of it; activities are called in one language.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(out: W, tongue: Tongue, zone: Zone) -> io::Result<Self> {
        let mut log = Self { writer: Writer::new_with_indent(out, b' ', 1), tongue, zone };
        log.writer.write_event(Xml::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let head =
            [("xes.version", STANDARD), ("xes.features", ""), ("xmlns", "http://www.xes-standard.org/")];
        log.writer.write_event(Xml::Start(BytesStart::new("log").with_attributes(head)))?;
        for (name, prefix) in EXTENSIONS {
            let uri = format!("http://www.xes-standard.org/{prefix}.xesext");
            let of = [("name", name), ("prefix", prefix), ("uri", uri.as_str())];
            log.writer.create_element("extension").with_attributes(of).write_empty()?;
        }
        log.globals()?;
        for (name, keys) in CLASSIFIERS {
            let of = [("name", name), ("keys", keys)];
            log.writer.create_element("classifier").with_attributes(of).write_empty()?;
        }
        log.text("concept:name", "Paidan 派单")?;
        log.text("lifecycle:model", "standard")?;
        Ok(log)
    }

    /// What every trace and every event has, with what would stand there if it had not.
    fn globals(&mut self) -> io::Result<()> {
        self.open_global("trace")?;
        for key in ["concept:name", "workflow", "digest", "stream"] {
            self.text(key, "UNKNOWN")?;
        }
        self.number("version", 0)?;
        self.moment("opened", Moment::from_millis(0))?;
        self.close("global")?;
        self.open_global("event")?;
        for key in ["concept:name", "lifecycle:transition", "org:resource", "activity"] {
            self.text(key, "UNKNOWN")?;
        }
        self.moment("time:timestamp", Moment::from_millis(0))?;
        self.number("seq", 0)?;
        self.close("global")
    }

    fn open_global(&mut self, scope: &str) -> io::Result<()> {
        self.writer.write_event(Xml::Start(BytesStart::new("global").with_attributes([("scope", scope)])))
    }

    fn close(&mut self, name: &str) -> io::Result<()> {
        self.writer.write_event(Xml::End(BytesEnd::new(name)))
    }

    /// Writes a case.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&mut self, trace: &Trace) -> io::Result<()> {
        self.writer.write_event(Xml::Start(BytesStart::new("trace")))?;
        self.text("concept:name", &trace.number)?;
        self.text("stream", &trace.stream)?;
        self.text("workflow", trace.workflow.as_str())?;
        self.text("title", trace.title.or_id(self.tongue, trace.workflow.as_str()))?;
        self.number("version", i64::from(trace.version))?;
        self.text("digest", &trace.digest)?;
        self.text("channel", &trace.channel)?;
        self.moment("opened", trace.first)?;
        if let Some(outcome) = trace.outcome_name() {
            self.text("outcome", &outcome)?;
        }
        for event in &trace.events {
            self.event(event)?;
        }
        self.close("trace")
    }

    fn event(&mut self, event: &Event) -> io::Result<()> {
        self.writer.write_event(Xml::Start(BytesStart::new("event")))?;
        self.text("concept:name", event.name.or_id(self.tongue, &event.activity))?;
        self.moment("time:timestamp", event.at)?;
        self.text("lifecycle:transition", event.transition.name())?;
        self.text("org:resource", &event.resource)?;
        if let Some(role) = &event.role {
            self.text("org:role", role.as_str())?;
        }
        if let Some(group) = &event.group {
            self.text("org:group", group.as_str())?;
        }
        self.text("activity", &event.activity)?;
        self.number("seq", i64::try_from(event.seq).unwrap_or(i64::MAX))?;
        if let Some(due) = event.due {
            self.moment("due", due)?;
        }
        for (key, value) in &event.about {
            self.text(key, value)?;
        }
        self.close("event")
    }

    /// Ends the log; returns what it was written to.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn end(mut self) -> io::Result<W> {
        self.close("log")?;
        let mut out = self.writer.into_inner();
        out.write_all(b"\n")?;
        out.flush()?;
        Ok(out)
    }

    fn text(&mut self, key: &str, value: &str) -> io::Result<()> {
        self.attribute("string", key, &plain(value))
    }

    fn number(&mut self, key: &str, value: i64) -> io::Result<()> {
        self.attribute("int", key, &value.to_string())
    }

    fn moment(&mut self, key: &str, at: Moment) -> io::Result<()> {
        let at = at.rfc3339_in(&self.zone);
        self.attribute("date", key, &at)
    }

    fn attribute(&mut self, kind: &str, key: &str, value: &str) -> io::Result<()> {
        self.writer.create_element(kind).with_attributes([("key", key), ("value", value)]).write_empty()?;
        Ok(())
    }
}

/// A text without the characters that XML has no way to write; titles are people's, and may hold any.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') { ' ' } else { c })
        .collect()
}
