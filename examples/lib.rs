//! Nothing: the examples beside this file are the content. `cargo run -p paidan-examples --example whistle`.
