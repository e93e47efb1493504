//! The line that says how far a job is while somebody waits for it. On a terminal only: it is gone when the job ends.

use std::io::{self, Write};

use super::client::Job;
use super::context::{Paint, Stream};
use super::render::{bytes, count};

/// Goes back to the start of the line and clears it.
const CLEAR: &str = "\r\x1b[K";

/// A progress line on stderr.
pub(super) struct ProgressLine<'a> {
    err: &'a mut Stream,
    shown: bool,
}

impl<'a> ProgressLine<'a> {
    pub(super) fn new(err: &'a mut Stream) -> Self {
        Self { err, shown: false }
    }

    /// Shows how far the job is.
    pub(super) fn show(&mut self, job: &Job) -> io::Result<()> {
        if !self.err.is_terminal() {
            return Ok(());
        }
        let line = self.err.paint(Paint::Faint, &line(job));
        self.shown = true;
        write!(self.err, "{CLEAR}{line}")?;
        self.err.flush()
    }

    /// Says something that stays, on a line of its own, to a pipe as well.
    pub(super) fn say(&mut self, text: &str) -> io::Result<()> {
        self.clear()?;
        writeln!(self.err, "{text}")
    }

    /// Takes the line away.
    pub(super) fn clear(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.shown) {
            write!(self.err, "{CLEAR}")?;
        }
        self.err.flush()
    }
}

fn line(job: &Job) -> String {
    let progress = &job.progress;
    let mut line = job.status.as_str().to_owned();
    let mut add = |text: String| {
        line.push_str("  ");
        line.push_str(&text);
    };
    if let Some(position) = job.position {
        add(format!("number {position} in its queue"));
    }
    if let Some(percent) = progress.percent {
        add(format!("{percent:.0} %"));
    }
    if progress.rows > 0 {
        add(format!("{} rows", count(progress.rows)));
        add(bytes(progress.bytes));
    }
    if let Some(elapsed_ms) = progress.elapsed_ms {
        add(super::render::elapsed(elapsed_ms));
    }
    if job.attempt > 1 {
        add(format!("attempt {}", job.attempt));
    }
    line
}
