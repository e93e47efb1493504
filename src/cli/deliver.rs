//! Takes the rows of a finished job to where they should go: stdout or a file, in some format.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use futures::TryStreamExt;
use tempfile::TempPath;

use super::Exit;
use super::client::{Client, Job, Page};
use super::context::{Context, Paint};
use super::error::CliError;
use super::render;

/// The most rows of a table: more do not help anybody who looks at it.
const TABLE_ROWS: usize = 1000;

/// A format of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people; the first 1,000 rows
    Table,
    /// A table of Markdown
    Markdown,
    /// RFC 4180 with a header
    Csv,
    /// One JSON document with columns and rows
    Json,
    /// One JSON object a line
    Ndjson,
    /// A Parquet file
    Parquet,
    /// An Arrow IPC stream
    Arrow,
}

/// Where rows go, and how.
#[derive(Clone, Debug, Args)]
pub(super) struct DeliverArgs {
    /// The format of the rows [default: that of the file's name, else table]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write the rows to a file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Exit with 5 when rows were cut off by a limit
    #[arg(long)]
    fail_on_truncate: bool,
}

impl Format {
    fn of_name(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_lowercase().as_str() {
            "txt" => Some(Self::Table),
            "md" => Some(Self::Markdown),
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "parquet" => Some(Self::Parquet),
            "arrow" => Some(Self::Arrow),
            _ => None,
        }
    }

    /// The server's name of a format that it writes itself.
    fn of_server(self) -> Option<&'static str> {
        match self {
            Self::Table | Self::Markdown => None,
            Self::Csv => Some("csv"),
            Self::Json => Some("json"),
            Self::Ndjson => Some("ndjson"),
            Self::Parquet => Some("parquet"),
            Self::Arrow => Some("arrow"),
        }
    }

    fn is_binary(self) -> bool {
        matches!(self, Self::Parquet | Self::Arrow)
    }
}

impl DeliverArgs {
    /// The format that was asked for. A terminal gets no binary one.
    pub(super) fn format(&self, context: &Context) -> Result<Format, CliError> {
        let of_name = self.output.as_deref().and_then(Format::of_name);
        let format = self.format.or(of_name).unwrap_or(Format::Table);
        if format.is_binary() && self.output.is_none() && context.out.is_terminal() {
            return Err(CliError::usage("a terminal cannot show this format", "write it to a file with -o FILE"));
        }
        Ok(format)
    }

    /// Delivers the rows of a finished job.
    pub(super) async fn deliver(
        &self,
        context: &mut Context,
        client: &Client,
        job: &Job,
        format: Format,
    ) -> Result<Exit, CliError> {
        match &self.output {
            None => {
                let columns = context.out.columns();
                if let Some(note) = write_rows(client, &job.id, format, columns, &mut context.out).await? {
                    say(context, &note)?;
                }
            }
            Some(path) => self.deliver_to_file(context, client, job, format, path).await?,
        }
        let truncated = job.result.as_ref().and_then(|result| result.truncated.as_ref());
        let Some(truncated) = truncated else { return Ok(Exit::Ok) };
        let rows = render::count(truncated.at_rows);
        say(context, &format!("the result was cut at {rows} rows by {}", truncated.by))?;
        Ok(if self.fail_on_truncate { Exit::Truncated } else { Exit::Ok })
    }

    /// Writes beside the file and then takes its place, so that there never is half a file of that name. What does not
    /// come to its end, because it fails or is dropped at ctrl-C, leaves nothing.
    async fn deliver_to_file(
        &self,
        context: &mut Context,
        client: &Client,
        job: &Job,
        format: Format,
        path: &Path,
    ) -> Result<(), CliError> {
        let path = context.working_dir.join(path);
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let failed = |source| CliError::File { action: "write", path: path.clone(), source };
        let part = TempPath::try_from_path(path.with_file_name(name)).map_err(failed)?;
        let mut file = BufWriter::new(File::create(&part).map_err(failed)?);
        let note = match write_rows(client, &job.id, format, None, &mut file).await {
            Err(CliError::Stream(source)) => return Err(failed(source)),
            other => other?,
        };
        file.flush().map_err(failed)?;
        part.persist(&path).map_err(|error| failed(error.error))?;
        let rows = job.result.as_ref().and_then(|result| result.rows).unwrap_or_default();
        note.map_or(Ok(()), |note| say(context, &note))?;
        writeln!(context.err, "{} rows in {}", render::count(rows), path.display())?;
        Ok(())
    }
}

/// Writes rows; what should be said about them afterwards.
async fn write_rows(
    client: &Client,
    id: &str,
    format: Format,
    columns: Option<u16>,
    to: &mut (impl Write + Send),
) -> Result<Option<String>, CliError> {
    match format.of_server() {
        Some(name) => {
            let mut chunks = client.download(id, name).await?;
            while let Some(chunk) = chunks.try_next().await? {
                to.write_all(&chunk)?;
            }
        }
        None if format == Format::Markdown => {
            let mut page = client.rows(id, 0).await?;
            render::markdown_header(to, &page)?;
            render::markdown_rows(to, &page)?;
            while let Some(offset) = page.next_offset {
                page = client.rows(id, offset).await?;
                render::markdown_rows(to, &page)?;
            }
        }
        None => {
            let page = first_rows(client, id).await?;
            render::rows(to, &page, columns)?;
            if u64::try_from(page.rows.len()).is_ok_and(|shown| shown < page.total_rows) {
                let (shown, total) = (render::count(TABLE_ROWS as u64), render::count(page.total_rows));
                to.flush()?;
                return Ok(Some(format!(
                    "these are the first {shown} of {total} rows; all of them with --format csv or -o FILE"
                )));
            }
        }
    }
    to.flush()?;
    Ok(None)
}

/// The rows of a table, of as many pages as it takes.
async fn first_rows(client: &Client, id: &str) -> Result<Page, CliError> {
    let mut page = client.rows(id, 0).await?;
    while let Some(offset) = page.next_offset.filter(|_| page.rows.len() < TABLE_ROWS) {
        let next = client.rows(id, offset).await?;
        page.rows.extend(next.rows);
        page.next_offset = next.next_offset;
    }
    page.rows.truncate(TABLE_ROWS);
    Ok(page)
}

fn say(context: &mut Context, text: &str) -> Result<(), CliError> {
    let note = context.err.paint(Paint::Note, "note:");
    writeln!(context.err, "{note} {text}")?;
    Ok(())
}
