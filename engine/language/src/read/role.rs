//! Roles: `{ post, of }`, `{ person }`, `{ leg }`, `{ owners }`, `{ claimer }`, or one per choice.

use paidan_model::field::Per;
use paidan_model::workflow::{Role, Whose};

use super::Desk;
use crate::code::Code;
use crate::tree::Node;

/// Reads a role.
pub(super) fn role(desk: &Desk<'_>, node: &Node) -> Option<Role> {
    let reader = desk.reader;
    if node.get("per").is_some() {
        return match desk.per(node, |n| reader.name(n))? {
            Per::By { field, of } => Some(Role::Per { field, of }),
            Per::One(_) => None,
        };
    }
    let table = reader.table(node, "a role")?;
    let post = reader.name_at(&table, "post");
    let of = table.get("of").and_then(|node| reader.name::<paidan_model::id::UnitKind>(node));
    let person = reader.name_at(&table, "person");
    let leg = table.get("leg");
    let owners = reader.name_at(&table, "owners");
    let claimer = table.get("claimer").is_some() && reader.flag(&table, "claimer");
    reader.done(&table);
    if post.is_none() && of.is_none() && person.is_none() && leg.is_none() {
        match (owners, claimer) {
            (Some(field), false) => return Some(Role::Owners(field)),
            (None, true) => return Some(Role::Claimer),
            (Some(_), true) | (None, false) => {}
        }
    }
    match (post, of, person, leg) {
        (Some(post), Some(of), None, None) => {
            let of = match of.as_str() {
                "leg" => Whose::Leg,
                "any" => Whose::Anywhere,
                _ => Whose::Level(of),
            };
            Some(Role::Post { post, of })
        }
        (None, None, Some(person), None) => Some(Role::Person(person)),
        (None, None, None, Some(leg)) if leg.text() == Some("lead") => Some(Role::Lead),
        (None, None, None, Some(_)) => Some(Role::Department),
        _ => {
            let en = "a role is one of `{ post, of }`, `{ person }`, `{ leg }`, `{ owners }`, `{ claimer }` or one per choice";
            reader.find(Code::WrongValue, node.place, "角色写法不对", en);
            None
        }
    }
}
