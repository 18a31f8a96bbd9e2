//! Columns that name parts of a building: of a roster, in a table that stands in the record in the clear.

use paidan_model::field::FieldType;

use super::Check;

impl Check<'_> {
    /// Every such column names a roster, and its table is public: what only the vault holds is not compared.
    pub(super) fn parts(&self) {
        for (id, field) in &self.workflow.fields {
            for roster in field.columns.iter().filter_map(|column| column.among.as_ref()) {
                let path = ["fields", id.as_str()];
                self.typed(&path, roster, &[FieldType::Roster]);
                self.in_the_clear(&path, id);
            }
        }
    }
}
