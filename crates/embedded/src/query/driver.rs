//! Runs a query to its end, a page ahead of its client. Rows become JSON here, so that a page is at most a copy when it is asked for.

use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::AbortHandle;

use crate::execute::{Column, Interrupt, Outcome, Request, Runner};
use crate::failure::{ErrorCode, QueryFailure};
use crate::types::TrinoType;
use crate::types::encode::Encoder;

/// What every page of a result repeats.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Header {
    /// `None` for statements without a result.
    pub(crate) columns: Option<Vec<Column>>,
    pub(crate) update_type: Option<&'static str>,
    pub(crate) update_count: Option<u64>,
    pub(crate) changes: SessionChanges,
}

/// What a statement changes in the client's session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SessionChanges {
    pub(crate) catalog: Option<String>,
    pub(crate) schema: Option<String>,
}

/// The rows of one page.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) header: Arc<Header>,
    /// JSON arrays with commas between them; empty for no rows.
    pub(crate) data: String,
    pub(crate) rows: u64,
    pub(crate) last: bool,
}

/// A driver that was started.
pub(crate) struct Started {
    pub(crate) driver: Driver,
    pub(crate) chunks: Receiver<Result<Chunk, QueryFailure>>,
}

/// A running driver, to stop it.
#[derive(Debug, Clone)]
pub(crate) struct Driver {
    task: AbortHandle,
    interrupt: Interrupt,
}

impl Driver {
    /// Stops the driver: at its next pause, or in the middle of a join.
    pub(crate) fn stop(&self) {
        self.interrupt.raise();
        self.task.abort();
    }
}

/// What a driver runs.
pub(crate) struct Work {
    pub(crate) runner: Arc<Runner>,
    pub(crate) request: Request,
    pub(crate) page_bytes: usize,
}

/// Starts a driver on the engine's own threads.
pub(crate) fn start(work: Work, threads: &tokio::runtime::Handle) -> Started {
    let (sender, chunks) = mpsc::channel(1);
    let interrupt = work.request.interrupt.clone();
    let task = threads.spawn(async move {
        if let Err(failure) = drive(work, &sender).await {
            // Nobody reads any more if this cannot be sent.
            sender.send(Err(failure)).await.ok();
        }
    });
    Started { driver: Driver { task: task.abort_handle(), interrupt }, chunks }
}

async fn drive(work: Work, sender: &Sender<Result<Chunk, QueryFailure>>) -> Result<(), QueryFailure> {
    match work.runner.run(&work.request).await? {
        Outcome::Rows { columns, rows } => {
            let header = Arc::new(Header { columns: Some(columns), ..Header::default() });
            Pages { header, page_bytes: work.page_bytes, data: String::new(), rows: 0 }.send_all(rows, sender).await?;
        }
        Outcome::Written { update_type, rows } => {
            let column = Column { name: "rows".to_owned(), data_type: TrinoType::Bigint };
            let header = Header {
                columns: Some(vec![column]),
                update_type: Some(update_type),
                update_count: Some(rows),
                changes: SessionChanges::default(),
            };
            send_only(sender, header, format!("[{rows}]")).await;
        }
        Outcome::Defined { update_type } => {
            let header = Header { columns: Some(vec![]), update_type: Some(update_type), ..Header::default() };
            send_only(sender, header, String::new()).await;
        }
        Outcome::Use { catalog, schema } => {
            let changes = SessionChanges { catalog: Some(catalog), schema: Some(schema) };
            let header = Header { columns: Some(vec![]), update_type: Some("USE"), update_count: None, changes };
            send_only(sender, header, String::new()).await;
        }
    }
    Ok(())
}

/// Sends the one page of a statement without a result to read; a client that is gone misses it.
async fn send_only(sender: &Sender<Result<Chunk, QueryFailure>>, header: Header, data: String) {
    let rows = u64::from(!data.is_empty());
    sender.send(Ok(Chunk { header: Arc::new(header), data, rows, last: true })).await.ok();
}

/// Collects rows into pages.
struct Pages {
    header: Arc<Header>,
    page_bytes: usize,
    data: String,
    rows: u64,
}

impl Pages {
    async fn send_all(
        mut self,
        mut batches: SendableRecordBatchStream,
        sender: &Sender<Result<Chunk, QueryFailure>>,
    ) -> Result<(), QueryFailure> {
        while let Some(batch) = batches.next().await {
            let batch = batch?;
            let mut row = 0;
            while row < batch.num_rows() {
                row = self.fill(&batch, row)?;
                if self.data.len() >= self.page_bytes && !self.send(sender, false).await {
                    return Ok(());
                }
            }
        }
        self.send(sender, true).await;
        Ok(())
    }

    /// Writes rows until the page is full or the batch is empty; the next row to write.
    fn fill(&mut self, batch: &RecordBatch, mut row: usize) -> Result<usize, QueryFailure> {
        let columns = self.header.columns.as_deref().unwrap_or_default();
        let encoders = batch
            .columns()
            .iter()
            .zip(columns)
            .map(|(array, column)| Encoder::new(array, &column.data_type))
            .collect::<Result<Vec<_>, _>>()?;
        while row < batch.num_rows() && self.data.len() < self.page_bytes {
            self.data.push_str(if self.rows == 0 { "[" } else { ",[" });
            for (index, encoder) in encoders.iter().enumerate() {
                if index > 0 {
                    self.data.push(',');
                }
                encoder.write(row, &mut self.data).map_err(|_unwritable: std::fmt::Error| {
                    let message =
                        format!("a value of column {} is beyond what Trino's type holds", columns[index].name);
                    QueryFailure::new(ErrorCode::NumericValueOutOfRange, message)
                })?;
            }
            self.data.push(']');
            self.rows += 1;
            row += 1;
        }
        Ok(row)
    }

    /// Hands the page over, waiting until the client took the one before; false if the client is gone.
    async fn send(&mut self, sender: &Sender<Result<Chunk, QueryFailure>>, last: bool) -> bool {
        let chunk = Chunk {
            header: Arc::clone(&self.header),
            data: std::mem::take(&mut self.data),
            rows: std::mem::take(&mut self.rows),
            last,
        };
        sender.send(Ok(chunk)).await.is_ok()
    }
}
