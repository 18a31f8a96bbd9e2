//! Fields stand in the order in which they were written.

use crate::town::{Ask, Town};

async fn page(town: &Town, who: &'static str, path: &str) -> String {
    town.ask(&Ask { who, ..Ask::get(path) }).await.text
}

#[tokio::test]
async fn forms_follow_the_order_of_their_definition() {
    let town = Town::new().await;
    let form = page(&town, "resident-1", "/new/resident-order").await;
    let text = std::fs::read_to_string("../../workflows/resident-order.toml").unwrap();
    let written = |name: &str| {
        text.find(&format!("\n{name} ")).or_else(|| text.find(&format!("[fields.{name}]"))).unwrap()
    };
    let names: Vec<&str> = form.split(" name=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let asked: Vec<&str> =
        names.into_iter().filter(|name| ["place", "category", "summary"].contains(name)).collect();
    assert_eq!(asked.len(), 3, "{form}");
    assert!(asked.windows(2).all(|pair| written(pair[0]) < written(pair[1])), "{asked:?}");
    assert_ne!(asked, ["category", "place", "summary"], "not by name");
}
