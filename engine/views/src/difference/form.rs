//! Fields of forms, taken to pieces.

use alloc::format;
use paidan_model::field::{Field, FieldType, SetBy};
use paidan_model::id::ChoiceId;
use paidan_model::money::yuan;
use paidan_model::table::{CellType, Column};
use paidan_model::text::Text;
use paidan_model::value::Value;
use paidan_model::workflow::Workflow;

use super::member::named;
use super::part::Part;
use super::words::{expr, field as other, id, list, maybe, quoted, same, span, state, text, yes};

/// Everything that is said of a field.
pub(super) fn field(part: &mut Part, w: &Workflow, field: &Field) {
    let Field {
        kind,
        label,
        choices: _,
        titles: _,
        means: _,
        weights: _,
        columns,
        among,
        post,
        of,
        named_in,
        may_be_closed,
        brings,
        min,
        max,
        ahead,
        required,
        required_from,
        required_when,
        default,
        private,
        public,
        set_by,
    } = field;
    part.says(("类型", "type"), kind, named(kind));
    part.says(("名称", "label"), label, quoted(label));
    chosen(part, field);
    part.says(("须在其中", "among"), among, maybe(among.as_ref(), |id| other(w, id)));
    part.lists(("岗位", "posts that fit"), post, id);
    part.says(("哪种事项", "a case of"), of, maybe(of.as_ref(), id));
    part.lists(("可选事项所在状态", "states in which it may be named"), named_in, |id| same(id));
    part.says(("可填已结事项", "may have ended"), may_be_closed, yes(*may_be_closed));
    for (to, from) in brings {
        let to = other(w, to);
        let name = text(format!("带来{}", to.zh), format!("brings along {}", to.en));
        part.says_of(name, from, id(from));
    }
    let number = |number: &i64| amount(*number, *kind == FieldType::Money);
    part.says(("下限", "least"), min, maybe(min.as_ref(), number));
    part.says(("上限", "most"), max, maybe(max.as_ref(), number));
    part.says(("最远", "how far ahead"), ahead, maybe(ahead.as_ref(), span));
    part.says(("开办时必填", "required at intake"), required, yes(*required));
    part.lists(("进入这些状态前必填", "required before"), required_from, |id| state(w, id));
    part.says(
        ("有条件必填", "required when"),
        required_when,
        maybe(required_when.as_ref(), |when| expr(w, when)),
    );
    part.says(("默认值", "default"), default, maybe(default.as_ref(), value));
    part.says(("只有承办人可见", "private"), private, yes(*private));
    part.says(("公开", "public"), public, yes(*public));
    part.says(
        ("由谁写入", "written by"),
        set_by,
        match set_by {
            SetBy::People => text("人", "people"),
            SetBy::Engine => text("系统", "the engine"),
        },
    );
    for column in columns {
        part.has(self::column(column));
    }
}

/// The choices of a field, what it means, and what each choice weighs.
fn chosen(part: &mut Part, field: &Field) {
    let Field { choices, titles, means, weights, .. } = field;
    part.lists(("选项", "choices"), choices, |id| super::words::called(titles.get(id), id.as_str()));
    for (choice, title) in titles {
        part.says_of(
            text(format!("选项“{choice}”的名称"), format!("title of the choice `{choice}`")),
            title,
            quoted(title),
        );
    }
    part.says(("含义", "means"), means, maybe(means.as_ref(), named));
    for (choice, weight) in weights {
        let name = text(format!("选项“{choice}”的工作量"), format!("weight of the choice `{choice}`"));
        part.says_of(name, weight, same(weight));
    }
}

fn column(column: &Column) -> Part {
    let Column { id: name, kind, label, min, max, among } = column;
    let mut part =
        Part::new(("列", "column"), name.as_str(), &super::words::called(Some(label), name.as_str()));
    part.says(("类型", "type"), kind, named(kind));
    part.says(("名称", "label"), label, quoted(label));
    let number = |number: &i64| amount(*number, *kind == CellType::Money);
    part.says(("下限", "least"), min, maybe(min.as_ref(), number));
    part.says(("上限", "most"), max, maybe(max.as_ref(), number));
    part.says(("须在名册", "parts of"), among, maybe(among.as_ref(), id));
    part
}

fn amount(number: i64, money: bool) -> Text {
    let yuan = yuan(number);
    if money { text(format!("{yuan}元"), format!("{yuan} yuan")) } else { same(number) }
}

fn value(value: &Value) -> Text {
    let several = |count: usize| text(format!("{count}项"), format!("{count} entries"));
    match value {
        Value::Int(number) | Value::Area(number) => same(number),
        Value::Bool(truth) => yes(*truth),
        Value::Choice(choice) => id(choice),
        Value::Choices(all) => {
            list(&all.iter().map(|one: &ChoiceId| id(one)).collect::<alloc::vec::Vec<_>>())
        }
        Value::Moment(moment) => same(moment.rfc3339()),
        Value::Unit(unit) => id(unit),
        Value::Units(all) => list(&all.iter().map(id).collect::<alloc::vec::Vec<_>>()),
        Value::Place(place) => id(place),
        Value::Date(words) | Value::Person(words) | Value::Text(words) | Value::Case(words) => id(words),
        Value::Money(fen) => amount(*fen, true),
        Value::Files(all) => several(all.len()),
        Value::Roster(all) => several(all.len()),
        Value::Table(all) => several(all.len()),
    }
}
