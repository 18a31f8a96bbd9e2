//! `paidan schema`: what editors complete and underline by.

use paidan_language::Document;

use crate::exit::Exit;
use crate::line::say;

/// What `schema` takes.
#[derive(clap::Args)]
#[command(
    after_help = "Example: paidan schema workflow > schema/workflow.json, and as the first line of a definition: \
    #:schema ./schema/workflow.json"
)]
pub struct Arguments {
    /// What the file is about.
    #[arg(value_enum)]
    document: About,
}

/// A kind of file, as it is written on the command line.
#[derive(Clone, Copy, clap::ValueEnum)]
enum About {
    /// A definition with its tests, or a block.
    Workflow,
    /// A town: calendars, units, people, duties, profiles, channels, the server, what a simulation assumes.
    Town,
}

/// Prints the schema.
pub fn run(arguments: &Arguments) -> Exit {
    let document = match arguments.document {
        About::Workflow => Document::Workflow,
        About::Town => Document::Town,
    };
    say!("{}", text(document).trim_end());
    Exit::Fine
}

/// The schema as a file has it.
pub fn text(document: Document) -> String {
    format!("{:#}\n", document.schema())
}
