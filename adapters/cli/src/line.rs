//! Lines on standard output; whoever closes the pipe early ends the output, not the work.

use std::fmt::Arguments;
use std::io::Write as _;

/// Writes a line.
macro_rules! say {
    ($($part:tt)*) => { crate::line::write(format_args!($($part)*)) };
}

pub(crate) use say;

/// Writes a line; a reader that has gone away is no fault.
pub fn write(line: Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    drop(writeln!(out, "{line}"));
}
