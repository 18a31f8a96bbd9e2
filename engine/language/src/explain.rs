//! The pages of codes: a text that shows the finding, what is printed of it, and the same text mended.
//!
//! They lie in `explain/<number>/`, and a test holds every one of them to what it says.

use crate::code::Code;

/// The page of a code.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// What it means, why it matters and how to mend it: in English, then in Chinese.
    pub prose: &'static str,
    /// The smallest definition, calendar or roster that has the finding.
    pub wrong: &'static str,
    /// What is printed when that is checked.
    pub output: &'static str,
    /// The same, mended: without any finding.
    pub mended: &'static str,
    /// The file both are checked with, by its name, where one alone shows nothing.
    pub with: Option<(&'static str, &'static str)>,
}

macro_rules! pages {
    ($($name:ident = $number:literal $(, with $with:literal)?;)+) => {
        impl Page {
            /// The page of a code; without one a code does not compile.
            #[must_use]
            pub fn of(code: Code) -> Self {
                match code { $(Code::$name => Self {
                    prose: include_str!(concat!("../explain/", $number, "/page.md")),
                    wrong: include_str!(concat!("../explain/", $number, "/wrong.toml")),
                    output: include_str!(concat!("../explain/", $number, "/expected.txt")),
                    mended: include_str!(concat!("../explain/", $number, "/mended.toml")),
                    with: with!($number $(, $with)?),
                }),+ }
            }
        }
    };
}

macro_rules! with {
    ($number:literal) => {
        None
    };
    ($number:literal, $name:literal) => {
        Some(($name, include_str!(concat!("../explain/", $number, "/", $name))))
    };
}

pages! {
    Syntax = "E0101";
    UnknownKey = "E0102";
    WrongType = "E0103";
    MissingKey = "E0104";
    NotAnId = "E0105";
    Duration = "E0106";
    UnknownName = "E0107";
    NotThereYet = "E0108";
    Limit = "E0109";
    Guard = "E0110";
    Placeholder = "E0111";
    WrongValue = "E0112";
    MissingChoice = "E0113";
    DottedId = "E0114";
    Calendar = "E0115";
    Duplicate = "E0116";
    MayBeEmpty = "E0117";
    NoJoin = "E0118";
    NoStart = "E0119";
    NobodyActs = "E0120";
    LadderFalls = "E0121";
    PromiseBroken = "E0122";
    PrivateTold = "E0123";
    NoResult = "E0124";
    CapCircle = "E0125";
    Recurrence = "E0126";
    Unreachable = "L0301";
    NoWayOut = "L0302";
    NoClock = "L0303";
    Translation = "L0304";
    NoLadder = "L0305";
    EmptyRole = "L0306", with "town.toml";
    NotProved = "L0307";
    NoForm = "L0308";
}
