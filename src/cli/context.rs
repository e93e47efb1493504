//! Everything that a command touches of the process: arguments of `run`, so that tests bring their own.

use std::io::{self, IsTerminal, Read, Write};
use std::path::PathBuf;

use super::Exit;
use crate::config::Environment;

/// The process around a command.
pub struct Context {
    /// The variables of the environment.
    pub environment: Environment,
    /// What relative paths are relative to; absolute.
    pub working_dir: PathBuf,
    /// Data comes from here where a command says `-`.
    pub input: Box<dyn Read + Send>,
    /// Data goes here.
    pub out: Stream,
    /// What is told to people goes here.
    pub err: Stream,
}

/// A stream that is written to, and the terminal that it may be.
pub struct Stream {
    writer: Box<dyn Write + Send>,
    terminal: Option<Terminal>,
}

/// What is known of a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Terminal {
    columns: Option<u16>,
    colour: bool,
}

/// Colours of a terminal, by what they say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paint {
    /// Something is wrong.
    Error,
    /// Something is worth a look.
    Note,
    /// A heading, or what matters in a line.
    Strong,
    /// What matters less than the rest.
    Faint,
}

impl Context {
    /// The process itself.
    ///
    /// # Errors
    /// When there is no working directory.
    pub fn of_process() -> io::Result<Self> {
        let environment = Environment::of_process();
        let colour = environment.get("NO_COLOR").is_none();
        let columns = comfy_table::Table::new().width();
        let terminal = |is: bool| is.then_some(Terminal { columns, colour });
        let (out, err) = (terminal(io::stdout().is_terminal()), terminal(io::stderr().is_terminal()));
        Ok(Self {
            environment,
            working_dir: std::env::current_dir()?,
            input: Box::new(io::stdin()),
            out: Stream { writer: Box::new(io::stdout()), terminal: out },
            err: Stream { writer: Box::new(io::stderr()), terminal: err },
        })
    }

    /// Prints clap's help to stdout, or its complaint to stderr.
    pub(super) fn show_usage(&mut self, usage: &clap::Error) -> Exit {
        let (stream, exit) = if usage.use_stderr() { (&mut self.err, Exit::Usage) } else { (&mut self.out, Exit::Ok) };
        let text = usage.render();
        let written = if stream.paints() { write!(stream, "{}", text.ansi()) } else { write!(stream, "{text}") };
        // Whoever closed the stream does not want to read it.
        let _ = written.and_then(|()| stream.flush());
        exit
    }
}

impl Stream {
    /// A stream that is no terminal.
    #[must_use]
    pub fn plain(writer: impl Write + Send + 'static) -> Self {
        Self { writer: Box::new(writer), terminal: None }
    }

    /// Whether somebody looks at it while it is written.
    pub(super) fn is_terminal(&self) -> bool {
        self.terminal.is_some()
    }

    /// The columns of the terminal.
    pub(super) fn columns(&self) -> Option<u16> {
        self.terminal.and_then(|terminal| terminal.columns)
    }

    fn paints(&self) -> bool {
        self.terminal.is_some_and(|terminal| terminal.colour)
    }

    /// The text, in a colour where the stream shows any.
    pub(super) fn paint(&self, paint: Paint, text: &str) -> String {
        if !self.paints() {
            return text.to_owned();
        }
        let code = match paint {
            Paint::Error => "1;31",
            Paint::Note => "33",
            Paint::Strong => "1",
            Paint::Faint => "2",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}
