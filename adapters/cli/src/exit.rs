//! The exit codes of the binary.

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All is well.
    Fine = 0,
    /// What was checked is wrong.
    Wrong = 1,
    /// The command was used wrongly.
    Usage = 2,
    /// The server or store cannot be reached.
    Unreachable = 3,
    /// It was refused.
    Refused = 4,
    /// The history is not what it was.
    Integrity = 5,
    /// A fault of the store or the machine.
    Fault = 6,
}
