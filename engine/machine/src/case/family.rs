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
        }
    };
}

pub(crate) use family;
