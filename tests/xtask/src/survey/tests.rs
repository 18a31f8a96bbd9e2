//! The rules on small crates written here.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;

/// A crate of a root that declares the modules, and a file for each.
fn written(files: &[(&str, &str)]) -> Krate {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("engine/lift/src");
    std::fs::create_dir_all(&source).unwrap();
    let manifest = "[package]\nname = \"lift\"\n";
    std::fs::write(folder.path().join("engine/lift/Cargo.toml"), manifest).unwrap();
    for (name, text) in files {
        let file = source.join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    crates(folder.path()).unwrap().remove(0)
}

/// `from -> to: name`, with titles.
fn drawn(krate: &Krate) -> Vec<String> {
    let title = |index: usize| krate.modules.get(index).unwrap().title();
    let arrows = arrows::arrows(krate).into_iter();
    arrows.map(|arrow| format!("{} -> {}: {}", title(arrow.from), title(arrow.to), arrow.name)).collect()
}

#[test]
fn imports_lead_to_the_defining_module() {
    let krate = written(&[
        ("lib.rs", "mod a; mod b; pub use b::{Door as Gate, inner::Key};"),
        ("a.rs", "use crate::{Gate, b, Key}; fn f(x: Gate, y: Key) { b::open() }"),
        ("b.rs", "pub mod inner; pub struct Door; pub fn open() {}"),
        ("b/inner.rs", "pub struct Key(super::Door);"),
    ]);
    let mut drawn = drawn(&krate);
    drawn.sort();
    assert_eq!(
        drawn,
        [
            "a -> b: Gate",
            "a -> b: open",
            "a -> b::inner: Key",
            "b::inner -> b: Door",
            // What the root hands on of its own rooms is no arrow.
        ]
    );
}

#[test]
fn paths_in_macros_and_attributes_are_arrows() {
    let krate = written(&[
        ("lib.rs", "mod a; mod b; mod bytes;"),
        (
            "a.rs",
            "use crate::b; fn f() { say!(\"{}\", b::open(1)) } struct S { #[serde(with = \"crate::bytes\")] x: u8 }",
        ),
        ("b.rs", "pub fn open() {}"),
        ("bytes.rs", "pub fn serialize() {}"),
    ]);
    let drawn = drawn(&krate);
    assert_eq!(drawn.len(), 2, "{drawn:?}");
    assert!(drawn.concat().contains("a -> b: open"));
    assert!(drawn.concat().contains("a -> bytes"));
}

#[test]
fn tests_draw_no_arrows() {
    let krate = written(&[
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "#[cfg(test)] mod tests { use crate::b::X; }"),
        ("b.rs", "pub struct X;"),
    ]);
    assert!(drawn(&krate).is_empty());
}

#[test]
fn a_ring_of_three_is_a_circle() {
    let krate = written(&[
        ("lib.rs", "mod a; mod b; mod c; mod d;"),
        ("a.rs", "pub struct A(crate::b::B);"),
        ("b.rs", "pub struct B(crate::c::C, crate::d::D);"),
        ("c.rs", "pub struct C(crate::a::A);"),
        ("d.rs", "pub struct D;"),
    ]);
    let keys: Vec<_> = circles::findings(&krate).into_iter().map(|finding| finding.key).collect();
    assert_eq!(keys, ["a", "b", "c"]);
}

#[test]
fn upward_arrows_and_homeless_modules_are_told() {
    let krate = written(&[
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a.rs", "pub struct A(crate::b::B);"),
        ("b.rs", "pub struct B;"),
        ("c.rs", ""),
    ]);
    let layers = vec![vec!["a".to_owned()], vec!["b".to_owned()]];
    let findings = layers::findings(&krate, &layers);
    let messages: Vec<_> = findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(
        messages,
        ["`c` is in no layer of tests/tidy/layers.toml", "takes `B` of `b`: from layer 1 up to layer 2"]
    );
}

#[test]
fn catch_all_arms_on_our_enums_are_found() {
    let krate = written(&[
        ("lib.rs", "mod a; mod b;"),
        (
            "a.rs",
            "pub enum Light { Red, Green }
             fn wild(x: Light) { match x { Light::Red => 1, _ => 2 } }
             fn bound(x: Light) { match x { Light::Red => 1, other => 2 } }
             fn optional(x: Option<Light>) { match x { Some(Light::Red) => 1, _ => 2 } }
             fn whole(x: Light) { match x { Light::Red => 1, Light::Green => 2 } }
             fn guarded(x: Light) { match x { Light::Red => 1, _ if late() => 2, Light::Green => 3 } }
             fn number(x: u8) { match x { 1 => 1, _ => 2 } }",
        ),
        ("b.rs", "use lamps::Light; fn f(x: Light) { match x { Light::Red => 1, _ => 2 } }"),
    ]);
    let crates = [krate];
    let findings = arms::findings(&crates[0], &arms::domain_enums(&crates));
    let lines: Vec<_> = findings.iter().map(|finding| finding.place.as_str()).collect();
    assert_eq!(lines, ["engine/lift/src/a.rs:2", "engine/lift/src/a.rs:3", "engine/lift/src/a.rs:4"]);
}

#[test]
fn names_and_arguments_are_read_outside_traits() {
    let krate = written(&[(
        "lib.rs",
        "struct A; mod b { struct A; trait T { fn of(); } impl T for A { fn of() {} } }
         fn text((a, b): (u8, u8), c: (u8, u8)) {}",
    )]);
    let keys = |findings: Vec<Finding>| findings.into_iter().map(|one| one.key).collect::<Vec<_>>();
    assert_eq!(keys(names::twice_named_types(&krate)), ["A", "A"]);
    assert_eq!(keys(names::vague_functions(&krate)), ["text"]);
    assert_eq!(keys(functions::hidden_arguments(&krate)), ["text"]);
}

#[test]
fn chinese_is_found_in_literals_alone() {
    let krate = written(&[(
        "lib.rs",
        "//! 说明\n/// 说明\nconst A: &str = \"时限\";\nfn f() { say!(\"督办\", \"lift\") }\nwords! { /// 注\n a }",
    )]);
    let places: Vec<_> = literals::chinese(&krate).into_iter().map(|finding| finding.place).collect();
    assert_eq!(places, ["engine/lift/src/lib.rs:3", "engine/lift/src/lib.rs:4"]);
}

#[test]
fn wide_lines_are_counted_in_characters() {
    let text = format!("{}\n{}\n", "字".repeat(100), "a".repeat(101));
    let findings = wide::findings("lift", Path::new("a.rs"), &text);
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].place, "a.rs:2");
}
