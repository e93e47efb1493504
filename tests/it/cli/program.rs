//! The program as a process.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::time::timeout;

/// The longest that a test waits for a process.
pub(super) const PATIENCE: Duration = Duration::from_secs(120);

/// How a process ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) code: Option<i32>,
    pub(super) out: Vec<u8>,
    pub(super) err: String,
}

impl Ended {
    /// What it wrote to stdout.
    pub(super) fn out(&self) -> &str {
        std::str::from_utf8(&self.out).unwrap()
    }

    /// The same, of a process that must have ended with this code.
    pub(super) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout: {}\nstderr: {}", String::from_utf8_lossy(&self.out), self.err);
        self
    }
}

/// A command line that is yet to be run, in a folder, with none of Warren's variables but these.
pub(super) fn command(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_warren"));
    command.args(arguments).current_dir(folder);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("WARREN_") {
            command.env_remove(name);
        }
    }
    command.envs(variables.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// Runs a command line to its end.
pub(super) async fn warren(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Ended {
    warren_with(folder, arguments, variables, "").await
}

/// The same with something on stdin.
pub(super) async fn warren_with(folder: &Path, arguments: &[&str], variables: &[(&str, &str)], input: &str) -> Ended {
    let mut child = command(folder, arguments, variables).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).await.unwrap();
    drop(stdin);
    end_of(child).await
}

/// Waits for the end of a process that was started.
pub(super) async fn end_of(child: Child) -> Ended {
    let output = timeout(PATIENCE, child.wait_with_output()).await.unwrap().unwrap();
    Ended { code: output.status.code(), out: output.stdout, err: String::from_utf8(output.stderr).unwrap() }
}

/// A process that is still running, with what it says line by line.
pub(super) struct Running {
    pub(super) child: Child,
    out: Lines<BufReader<ChildStdout>>,
    err: ChildStderr,
}

impl Running {
    pub(super) fn start(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut child = command(folder, arguments, variables).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap()).lines();
        let err = child.stderr.take().unwrap();
        Self { child, out, err }
    }

    /// The next line on stdout.
    pub(super) async fn line(&mut self) -> String {
        match timeout(PATIENCE, self.out.next_line()).await.unwrap().unwrap() {
            Some(line) => line,
            None => panic!("stdout ended: {}", read(&mut self.err).await),
        }
    }

    /// The first line on stdout with this text.
    pub(super) async fn line_with(&mut self, text: &str) -> String {
        loop {
            let line = self.line().await;
            if line.contains(text) {
                return line;
            }
        }
    }

    /// What it wrote to stderr up to the end of the first line with this text.
    pub(super) async fn error_with(&mut self, text: &str) -> String {
        let mut seen = Vec::new();
        let find = async {
            while !(seen.ends_with(b"\n") && String::from_utf8_lossy(&seen).contains(text)) {
                seen.push(self.err.read_u8().await.unwrap());
            }
        };
        timeout(PATIENCE, find).await.unwrap();
        String::from_utf8(seen).unwrap()
    }

    /// Sends the signal that ctrl-C sends.
    pub(super) async fn interrupt(&self) {
        interrupt(&self.child).await;
    }

    /// Waits for its end.
    pub(super) async fn end(mut self) -> Ended {
        let err = timeout(PATIENCE, read(&mut self.err)).await.unwrap();
        let status = timeout(PATIENCE, self.child.wait()).await.unwrap().unwrap();
        Ended { code: status.code(), out: Vec::new(), err }
    }
}

/// Sends the signal that ctrl-C sends.
pub(super) async fn interrupt(child: &Child) {
    let id = child.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().await.unwrap().success());
}

async fn read(from: &mut (impl AsyncRead + Unpin)) -> String {
    let mut text = String::new();
    from.read_to_string(&mut text).await.unwrap();
    text
}
