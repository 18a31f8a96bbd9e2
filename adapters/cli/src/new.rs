//! `paidan new`: a folder with a definition and its tests, what a simulation assumes, the schemas by which editors complete, and
//! what to do with them. Nothing is ever overwritten.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use paidan_language::Document;
use paidan_model::id::WorkflowId;

use crate::exit::Exit;
use crate::line::say;

/// The id that stands in every template, for the name that is given.
const STANDS_FOR_NAME: &str = "my-flow";
/// The longest name: ids of the API and names of files both have it.
const NAME_BYTES_MAX: usize = 63;

/// What `new` takes.
#[derive(clap::Args)]
pub struct Arguments {
    /// The name of the folder and the id of the workflow: lower-case letters, digits, `-` and `_`.
    name: String,
    /// What the definition begins as.
    #[arg(long, value_enum, default_value = "plain")]
    template: Template,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Template {
    /// Departments are called, work together, and the community checks (吹哨报到).
    Whistle,
    /// A resident asks, the community sends somebody, the resident rates (居民下单).
    Order,
    /// A wish hangs on the wall until somebody claims it (微心愿).
    Wish,
    /// Somebody asks, somebody answers in time.
    Plain,
}

impl Template {
    fn definition(self) -> &'static str {
        match self {
            Self::Whistle => include_str!("../templates/whistle.toml"),
            Self::Order => include_str!("../templates/order.toml"),
            Self::Wish => include_str!("../templates/wish.toml"),
            Self::Plain => include_str!("../templates/plain.toml"),
        }
    }

    /// Who moves it in the town of `dev`, where gate 3 lies in Hailing.
    fn people(self) -> &'static str {
        match self {
            Self::Whistle => "`dispatcher`, `liaison-roads`, `secretary-hailing`",
            Self::Order => "`secretary-hailing`, `agent-hailing-1`",
            Self::Wish => "`secretary-hailing`, `volunteer-3`",
            Self::Plain => "`secretary-hailing`",
        }
    }
}

/// Writes the folder and says what to do next.
pub fn run(arguments: &Arguments) -> Result<Exit> {
    let Arguments { name, template } = arguments;
    allowed(name)?;
    let folder = Path::new(name);
    fs::create_dir(folder)
        .with_context(|| format!("cannot make the folder `{name}`; nothing was written"))?;
    fs::create_dir(folder.join("schema")).with_context(|| format!("cannot make {name}/schema"))?;
    for File { path, about, text } in files(name, *template) {
        write(&folder.join(&path), &text)?;
        say!("{name}/{path}: {about}");
    }
    let paidan = called();
    say!("\nnext:\n");
    say!("    {paidan} check {name}");
    say!("    {paidan} test {name}");
    say!("    {paidan} simulate {name} --cases 300");
    say!("    {paidan} dev {name}");
    Ok(Exit::Fine)
}

/// A file of the folder, what it is for, and what stands in it.
struct File {
    path: String,
    about: &'static str,
    text: String,
}

fn files(name: &str, template: Template) -> Vec<File> {
    let file = |path: &str, about, text| File { path: path.to_string(), about, text };
    let schema = |document: Document| {
        let about = match document {
            Document::Workflow => "by which an editor completes definitions",
            Document::Town => "by which it completes everything else",
        };
        file(&format!("schema/{}.json", document.name()), about, crate::schema::text(document))
    };
    let definition = template.definition().replace(STANDS_FOR_NAME, name);
    let mut all = vec![
        file(&format!("{name}.toml"), "the definition, with its tests", definition),
        file("demand.toml", "what a simulation assumes", demand()),
        file("README.md", "what can be done with it", page(name, template)),
        file(".gitignore", "keeps the records of people out of version control", IGNORED.to_string()),
    ];
    all.extend(Document::ALL.map(schema));
    all
}

/// What holds records of people: stores with their side files, and what was taken out of them.
const IGNORED: &str = "*.paidan\n*.paidan-*\n*.jsonl\n*.xes\n";

/// The assumptions as they ship, each at its default.
fn demand() -> String {
    let shipped = include_str!("../../../config/demand.toml");
    let table = shipped.find("[demand]").and_then(|start| shipped.get(start..)).unwrap_or(shipped);
    format!(
        "#:schema ./schema/town.json
# What `paidan simulate` assumes, with the values it takes when nothing is said. Nothing here is a fact until somebody has
# counted it: the report repeats each line as `assumed`, or as `given` where it was changed.

{table}"
    )
}

/// Whether a folder and a workflow can have that name.
fn allowed(name: &str) -> Result<()> {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
    let fits = begins && name.len() <= NAME_BYTES_MAX && name.chars().all(letter);
    if !fits || WorkflowId::parse(name).is_none() {
        bail!(
            "`{name}` is no name: a lower-case letter, then lower-case letters, digits, `-` or `_`, at most {NAME_BYTES_MAX}"
        );
    }
    if crate::files::ships(name) {
        bail!("`{name}` is a definition that ships with the binary; take another name");
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<()> {
    let mut file = fs::File::create_new(path).with_context(|| format!("cannot write {}", path.display()))?;
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))
}

/// How this program was called, so that what is printed can be typed.
fn called() -> String {
    let called = std::env::args().next().unwrap_or_else(|| "paidan".into());
    if called.contains(|c: char| c.is_whitespace() || c == '\'') {
        return format!("'{}'", called.replace('\'', r"'\''"));
    }
    called
}

fn page(name: &str, template: Template) -> String {
    let people = template.people();
    format!(
        "# {name}

`{name}.toml` is a workflow of Paidan 派单, with its tests. In this folder:
`{name}.toml` 是一份派单流程，测试写在同一文件里。在本文件夹中：

    paidan check            # what is wrong with it, and where 检查
    paidan check --watch    # the same whenever you save, until Ctrl-C 保存即检查
    paidan test             # runs its tests, and names what none of them reaches 测试
    paidan simulate         # what a thousand cases would do to a town's desks, and where it is narrow 模拟
    paidan dev .            # a town with a fast clock: what you save is in force there when it is sound 演示
    paidan graph .          # draws it 画图

An editor with a TOML plugin that reads `#:schema` (tombi, taplo; in VS Code, Zed, IntelliJ, Vim) completes keys, explains each
in both languages and underlines what does not fit. `demand.toml` holds what `simulate` assumes: put in what you have counted.
装有TOML插件（tombi、taplo）的编辑器会按首行的`#:schema`补全键名、显示说明、划出错误。`demand.toml`是模拟的假设，请填入实际数字。

`dev` prints where its pages are; a case is opened at `/new/{name}`. Gate 3 lies in Hailing, so there it is moved by
{people}: choose whom to be at the head of the page.
`dev`启动后会显示网址，在`/new/{name}`发起事项。三号门属于海陵社区，由{people}办理：在页面顶部选择身份。

A finding has a code, such as E0106; `paidan explain E0106` says why, and shows a mended example.
检查结果都有编号，例如E0106；`paidan explain E0106`说明原因并给出改好的例子。
"
    )
}

#[cfg(test)]
mod tests {
    use super::allowed;

    #[test]
    fn a_name_is_an_id_and_no_path() {
        for name in ["my-flow", "a", "room_2"] {
            assert!(allowed(name).is_ok(), "{name}");
        }
        let long = "a".repeat(64);
        for name in ["", "My-flow", "2-rooms", "-x", "a/b", "..", "a.b", "活动室", "a b", long.as_str()] {
            assert!(allowed(name).is_err(), "{name}");
        }
        assert!(allowed("whistle-report").is_err(), "it ships");
    }
}
