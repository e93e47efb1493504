//! What the exit code of the process says.

use std::process::{ExitCode, Termination};

/// How a command went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// As it should.
    Ok = 0,
    /// The query failed, or a statement was refused.
    Failed = 1,
    /// The command line or the configuration is wrong.
    Usage = 2,
    /// The server or something behind it does not answer; the same may work later.
    Unavailable = 3,
    /// Somebody else canceled the job.
    Canceled = 4,
    /// The result is not whole, and the caller wants to know.
    Truncated = 5,
    /// Ctrl-C.
    Interrupted = 130,
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        ExitCode::from(self as u8)
    }
}
