//! The fields of a case.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use paidan_model::field::Per;
use paidan_model::id::FieldId;
use paidan_model::value::{Held, Value};
use paidan_model::vote::Property;
use serde::Serialize;

use super::family::family;

family! {
    /// What happened to the fields of a case.
    FormFact {
        /// A field was written.
        Filled = "filled" { field: FieldId, value: Held }
        /// A field was emptied.
        Cleared = "cleared" { field: FieldId }
    }
}

/// The fields of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FilledForm {
    /// Values by field; personal ones stand here by their commitment.
    pub fields: BTreeMap<FieldId, Held>,
    /// Numbers of other cases that fields have named, also those that another has taken the place of.
    pub named: BTreeSet<(FieldId, String)>,
}

impl FilledForm {
    /// The value that applies, by the case's choice.
    #[must_use]
    pub fn pick<'p, T>(&self, per: &'p Per<T>) -> Option<&'p T> {
        match per {
            Per::One(value) => Some(value),
            Per::By { field, of } => match self.fields.get(field).and_then(Held::open) {
                Some(Value::Choice(choice)) => of.get(choice),
                _ => None,
            },
        }
    }

    pub(super) fn evolve(&mut self, fact: &FormFact) {
        match fact {
            FormFact::Filled { field, value } => {
                if let Held::Open(Value::Case(number)) = value {
                    self.named.insert((field.clone(), number.clone()));
                }
                self.fields.insert(field.clone(), value.clone());
            }
            FormFact::Cleared { field } => {
                self.fields.remove(field);
            }
        }
    }

    /// The rows of a field of type roster.
    pub(crate) fn roster(&self, field: &FieldId) -> Option<&[Property]> {
        match self.fields.get(field).and_then(Held::open) {
            Some(Value::Roster(rows)) => Some(rows),
            _ => None,
        }
    }
}
