//! The one binary: hands the process over to the command line.

use std::process::{ExitCode, Termination};

use warren::cli::{self, Context};

#[tokio::main]
async fn main() -> ExitCode {
    match Context::of_process() {
        Ok(mut context) => cli::run(std::env::args_os(), &mut context).await.report(),
        // Without a working directory no relative path means anything.
        Err(_) => cli::Exit::Usage.report(),
    }
}
