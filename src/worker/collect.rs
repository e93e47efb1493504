//! Pages into a stored result: opens it when the columns are known, stops at the cap, commits it with the manifest.

use warren_results::{
    ColumnOrigin, ColumnSource, Manifest, ManifestExtras, ResultName, ResultWarning, ResultWriter, TruncatedBy,
    WriterOptions,
};
use warren_trino::{Column, Page, QueryState};

use super::problems;
use crate::app::App;
use crate::jobs::{
    CapCause, ColumnLineage, Job, LineageColumn, LineageSource, Plan, Progress, ResultStatus, StoredResult, Truncation,
    result_folder,
};
use crate::problem::Problem;

/// A page of rows that is smaller than this is most often the only one: Trino fills pages to about a megabyte while it
/// has rows.
const SMALL_PAGE_BYTES: usize = 64 * 1024;

/// A result of fewer bytes of pages than this is committed early: of a larger one nobody notices the few milliseconds.
const SMALL_RESULT_BYTES: u64 = 64 * 1024;

/// Whether more pages are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Collected {
    /// More are wanted.
    More,
    /// The cap is reached.
    Enough,
}

/// The result of one attempt while it is written.
pub(super) struct Collector<'a> {
    app: &'a App,
    plan: &'a Plan,
    name: String,
    writer: Option<ResultWriter>,
    received_bytes: u64,
    /// Rows came that the cap does not let in.
    cut: bool,
    /// What was received is not kept: only that the statement took effect.
    without_rows: bool,
    /// The manifest, where it was written before the last page came.
    committed: Option<Manifest>,
}

impl<'a> Collector<'a> {
    pub(super) fn new(app: &'a App, job: &Job, plan: &'a Plan) -> Self {
        Self {
            app,
            plan,
            name: result_name(job),
            writer: None,
            received_bytes: 0,
            cut: false,
            without_rows: false,
            committed: None,
        }
    }

    /// The result of a statement that took effect, but whose answer cannot be kept.
    pub(super) fn without_rows(app: &'a App, job: &Job, plan: &'a Plan) -> Self {
        Self { without_rows: true, ..Self::new(app, job, plan) }
    }

    /// Lets go of the rows that were written, and of those to come.
    pub(super) async fn give_rows_up(&mut self) {
        self.without_rows = true;
        self.delete_written().await;
    }

    /// Rows that were written so far.
    pub(super) fn rows(&self) -> u64 {
        self.writer.as_ref().map_or(0, ResultWriter::rows)
    }

    /// How far the query is, as its latest page says.
    pub(super) fn progress(&self, page: &Page) -> Progress {
        let bytes = page.rows_json().map_or(0, <[u8]>::len);
        Progress {
            percent: page.stats.percent(),
            rows: self.rows(),
            bytes: self.received_bytes.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX)),
            state: Some(page.stats.state.as_str().to_owned()),
        }
    }

    /// Writes the rows of a page.
    pub(super) async fn add(&mut self, page: &Page) -> Result<Collected, Box<Problem>> {
        let Some(rows) = page.rows_bytes().filter(|_| !self.without_rows) else {
            self.commit_early(page).await?;
            return Ok(Collected::More);
        };
        self.take_back().await?;
        self.received_bytes = self.received_bytes.saturating_add(u64::try_from(rows.len()).unwrap_or(u64::MAX));
        let Some(columns) = &page.columns else { return Err(Box::new(problems::rows_without_columns())) };
        let most = self.plan.cap.map_or(u64::MAX, |cap| cap.rows);
        let writer = self.open(columns)?;
        let room = most.saturating_sub(writer.rows());
        let kept = usize::try_from(room).unwrap_or(usize::MAX);
        let small = rows.len() < SMALL_PAGE_BYTES && writer.rows() == 0;
        let received = writer.write_at_most(rows, kept).await.map_err(problems::of_result)?;
        self.cut |= received > room;
        if self.cut {
            return Ok(Collected::Enough);
        }
        if small {
            // Stored now, while Trino is asked for the pages that say that this was all. Should more rows come, they
            // make a second part.
            self.open(columns)?.checkpoint().await.map_err(problems::of_result)?;
            self.commit_early(page).await?;
        }
        Ok(Collected::More)
    }

    /// Once Trino says `FINISHED`, a query can fail no more; what is missing is the page that says that there are no more
    /// rows. The manifest of a small result is written while that page is on its way.
    async fn commit_early(&mut self, page: &Page) -> Result<(), Box<Problem>> {
        let ended = page.stats.state == QueryState::Finished && page.next.is_some() && page.columns.is_some();
        if !ended || !self.plan.repeatable || self.committed.is_some() || self.received_bytes > SMALL_RESULT_BYTES {
            return Ok(());
        }
        let extras = self.extras(page);
        let writer = self.open(page.columns.as_deref().unwrap_or_default())?;
        self.committed = Some(writer.commit(extras).await.map_err(problems::of_result)?);
        Ok(())
    }

    /// Rows came all the same, or the last page says something else.
    async fn take_back(&mut self) -> Result<(), Box<Problem>> {
        if self.committed.take().is_some()
            && let Some(writer) = &mut self.writer
        {
            writer.take_back().await.map_err(problems::of_result)?;
        }
        Ok(())
    }

    /// Writes the rows of the last page, and makes sure that a result without rows has its columns.
    pub(super) async fn add_last(&mut self, page: &Page) -> Result<(), Box<Problem>> {
        // A page that ended the query early was written before.
        if page.next.is_none() {
            self.add(page).await?;
        }
        if !self.without_rows {
            self.open(page.columns.as_deref().unwrap_or_default())?;
        }
        Ok(())
    }

    /// Commits the result.
    pub(super) async fn finish(mut self, last: &Page) -> Result<StoredResult, Box<Problem>> {
        let mut extras = self.extras(last);
        if let Some(manifest) = self.committed.take_if(|manifest| manifest.warnings == extras.warnings) {
            return Ok(self.stored(&manifest));
        }
        self.take_back().await?;
        if self.without_rows {
            self.open(&[])?;
            extras.warnings.push(answer_lost("its rows"));
        }
        self.commit(extras).await
    }

    fn extras(&self, last: &Page) -> ManifestExtras {
        ManifestExtras {
            update_type: last.update_type.clone(),
            update_count: last.update_count.and_then(|count| i64::try_from(count).ok()),
            warnings: last.warnings.iter().map(warning).collect(),
            ..ManifestExtras::at(self.app.clock.now())
        }
    }

    /// Commits the empty result of a statement that took effect, but whose answer was lost.
    pub(super) async fn finish_unseen(mut self) -> Result<StoredResult, Box<Problem>> {
        self.open(&[])?;
        let warnings = vec![answer_lost("the number of its rows")];
        let extras = ManifestExtras { warnings, ..ManifestExtras::at(self.app.clock.now()) };
        self.commit(extras).await
    }

    /// Deletes what was written.
    pub(super) async fn discard(mut self) {
        self.delete_written().await;
    }

    async fn delete_written(&mut self) {
        if let Err(problem) = self.take_back().await {
            tracing::warn!(detail = problem.detail, result.name = %self.name, "a manifest could not be deleted");
        }
        let Some(writer) = self.writer.take() else { return };
        if let Err(error) = writer.abort().await {
            tracing::warn!(error = ?error, result.name = %self.name, "what was written of a result could not be deleted");
        }
    }

    async fn commit(mut self, extras: ManifestExtras) -> Result<StoredResult, Box<Problem>> {
        let Some(writer) = self.writer.take() else { return Err(Box::new(problems::rows_without_columns())) };
        let cap = self.plan.cap.filter(|_| self.cut);
        let truncated = cap.map(|cap| warren_results::Truncation { by: cut_by(cap.cause), at: cap.rows });
        let manifest = writer.finish(ManifestExtras { truncated, ..extras }).await.map_err(problems::of_result)?;
        Ok(self.stored(&manifest))
    }

    fn stored(&self, manifest: &Manifest) -> StoredResult {
        let cap = self.plan.cap.filter(|_| self.cut);
        StoredResult {
            path: self.app.results.result_url(&manifest.name),
            name: self.name.clone(),
            rows: manifest.rows,
            bytes: manifest.bytes,
            truncated: cap.map(|cap| Truncation { by: cap.cause.as_str().to_owned(), at_rows: cap.rows }),
            status: ResultStatus::Ready,
            expires_at: self.app.limits.result_ttl.map(|ttl| manifest.created + ttl),
        }
    }

    fn open(&mut self, columns: &[Column]) -> Result<&mut ResultWriter, Box<Problem>> {
        if self.writer.is_none() {
            let name = ResultName::new(self.name.as_str()).map_err(|error| Box::new(problems::bad_name(&error)))?;
            // The lineage of a statement that writes is about another table.
            let origins = if self.plan.repeatable { origins(&self.plan.lineage, columns) } else { Vec::new() };
            let results = &self.app.results;
            self.writer = Some(results.writer_with_origins(name, columns, origins, WriterOptions::default()));
        }
        self.writer.as_mut().ok_or_else(|| Box::new(problems::rows_without_columns()))
    }
}

/// Where each column of a query's result comes from; nothing where Trino gives other columns than the lineage has. That is
/// so when a table has columns that OpenMetadata has not seen yet, and then no place in the lineage can be trusted.
fn origins(lineage: &ColumnLineage, columns: &[Column]) -> Vec<ColumnOrigin> {
    let same = |own: &LineageColumn, column: &Column| {
        own.place.is_some() && own.name.as_ref().is_some_and(|name| name.to_lowercase() == column.name.to_lowercase())
    };
    let are_same = lineage.columns.len() == columns.len()
        && lineage.columns.iter().zip(columns).all(|(own, column)| same(own, column));
    if !are_same {
        return Vec::new();
    }
    let of_column = |column: &LineageColumn| ColumnOrigin {
        sources: column.sources.iter().map(source).collect(),
        description: column.description.clone(),
    };
    lineage.columns.iter().map(of_column).collect()
}

fn source(own: &LineageSource) -> ColumnSource {
    ColumnSource {
        fqn: own.fqn.clone(),
        trino: own.trino.clone(),
        column: own.column.clone(),
        usage: own.usage.as_str().to_owned(),
    }
}

fn cut_by(cause: CapCause) -> TruncatedBy {
    match cause {
        CapCause::Limit => TruncatedBy::Limit,
        CapCause::MaxRows => TruncatedBy::MaxRows,
    }
}

fn answer_lost(what: &str) -> ResultWarning {
    let message = format!("the statement took effect, but trino's answer to it was lost: {what} cannot be shown");
    ResultWarning { code: 0, name: "ANSWER_LOST".to_owned(), message }
}

fn warning(own: &warren_trino::Warning) -> ResultWarning {
    ResultWarning { code: own.code, name: own.name.clone(), message: own.message.clone() }
}

/// `year/month/day/job/attempt-lease`: two workers never write to one folder, even when one does not know yet that it
/// has lost the job.
fn result_name(job: &Job) -> String {
    let (attempt, lease) =
        job.run().map_or((0, String::new()), |run| (run.attempt, run.lease.token.0.simple().to_string()));
    let short = lease.get(..8).unwrap_or_default();
    format!("{}/{attempt}-{short}", result_folder(job.id, job.created))
}
