//! One table a family of facts: the enum, the name of each fact in records, and its reading fall out of it.

/// Declares a family of facts. Each fact has the name under which records keep it, which never changes.
macro_rules! family {
    (
        $(#[$doc:meta])*
        $name:ident {
            $(
                $(#[$fact_doc:meta])*
                $fact:ident = $kind:literal { $($(#[$field_meta:meta])* $field:ident : $type:ty),* $(,)? }
            )+
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(tag = "fact")]
        #[expect(missing_docs, reason = "fields are explained by the fact they belong to")]
        pub enum $name {
            $(
                $(#[$fact_doc])*
                #[serde(rename = $kind)]
                $fact { $($(#[$field_meta])* $field: $type),* },
            )+
        }

        impl $name {
            /// The names of its facts in records.
            pub const KINDS: &'static [&'static str] = &[$($kind),+];

            /// The name of this fact in records.
            #[must_use]
            pub fn kind(&self) -> &'static str {
                match self {
                    $(Self::$fact { .. } => $kind,)+
                }
            }

            /// One fact of each kind, drawn by chance.
            #[cfg(test)]
            pub(crate) fn every(seed: &mut crate::case::member::Seed) -> alloc::vec::Vec<Self> {
                use crate::case::member::Sample;
                alloc::vec![$(Self::$fact { $($field: Sample::sample(seed)),* }),+]
            }

            /// Writes what does not go without saying in a record of a moment.
            pub(crate) fn write_members<M: serde::ser::SerializeMap>(
                &self,
                moment: paidan_model::moment::Moment,
                map: &mut M,
            ) -> Result<(), M::Error> {
                use crate::case::member::Member;
                match self {
                    $(Self::$fact { $($field),* } => {
                        $(if !Member::is_silent($field, stringify!($field), moment) {
                            map.serialize_entry(stringify!($field), $field)?;
                        })*
                    })+
                }
                Ok(())
            }
        }
    };
}

pub(crate) use family;
