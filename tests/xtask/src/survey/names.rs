//! Names that say too little: one word for two types of a crate, and functions called `of` or `text`.

use std::collections::BTreeMap;

use syn::Item;

use super::functions::functions;
use super::{Finding, Krate};

/// Names under which a function could do anything.
const VAGUE: [&str; 6] = ["of", "shown", "told", "one", "each", "text"];

/// Types that share their name with another type of the crate, listed under that name.
#[must_use]
pub fn twice_named_types(krate: &Krate) -> Vec<Finding> {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for module in &krate.modules {
        types(&module.tree.items, &mut |ident| {
            places.entry(ident.to_string()).or_default().push(module.place(ident.span().start().line));
        });
    }
    places.retain(|_, places| places.len() > 1);
    let findings = places.into_iter().flat_map(|(name, places)| {
        let others = places.join(", ");
        places.into_iter().map(move |place| Finding {
            krate: krate.name.clone(),
            key: name.clone(),
            place,
            message: format!("`{name}` names more than one type: {others}"),
        })
    });
    findings.collect()
}

fn types(items: &[Item], see: &mut impl FnMut(&syn::Ident)) {
    for item in items {
        match item {
            Item::Struct(item) => see(&item.ident),
            Item::Enum(item) => see(&item.ident),
            Item::Trait(item) => see(&item.ident),
            Item::Type(item) => see(&item.ident),
            Item::Mod(item) => {
                if let Some((_, items)) = &item.content {
                    types(items, see);
                }
            }
            _ => {}
        }
    }
}

/// Functions outside traits whose name says nothing, listed under that name.
#[must_use]
pub fn vague_functions(krate: &Krate) -> Vec<Finding> {
    let mut findings = Vec::new();
    for module in &krate.modules {
        let functions = functions(&module.tree).into_iter();
        for function in functions.filter(|function| VAGUE.contains(&function.name.as_str())) {
            if !function.is_of_a_trait {
                findings.push(Finding {
                    krate: krate.name.clone(),
                    key: function.name.clone(),
                    place: module.place(function.line),
                    message: format!("a function called `{}`: say what it does or returns", function.name),
                });
            }
        }
    }
    findings
}
