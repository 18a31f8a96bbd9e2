//! How messages leave the house: e-mail, signed webhooks, HTTP gateways for SMS and chat robots.
//!
//! Knows the runtime's port [`Transport`] and nothing of cases. A message may be handed over twice with the
//! same id; receivers can tell by it.

mod address;
mod answer;
mod clock;
mod gateway;
mod mail;
mod post;
mod rate;
mod secret;
mod unusable;
mod webhook;

pub use paidan_runtime::Transport;
pub use reqwest::Client;

/// A client for a server of our own, which may be inside the house.
///
/// # Errors
/// When TLS cannot be set up.
pub fn client() -> Result<Client, Unusable> {
    address::client(true)
}

pub use post::Post;
pub use unusable::Unusable;
