//! Why a channel cannot be used: the configuration is wrong, or the world does not match it.

/// Why a channel cannot be used as it is configured.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// A secret is not where the configuration says.
    #[error("a secret is missing: {0}")]
    Secret(String),
    /// The rest does not fit.
    #[error("{0}")]
    Client(String),
}
