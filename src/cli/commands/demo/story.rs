//! The steps of the demo. Each asks the HTTP API what any other client could ask it.

use std::io::Write;
use std::time::Duration;

use crate::cli::client::{Client, Job, QueuedCommand, SubmitRequest};
use crate::cli::context::{Paint, Stream};
use crate::cli::error::CliError;
use crate::cli::render;
use crate::jobs::Status;

const JOIN: &str = r#"-- Customers per nation, beside the target that sales keeps in a CSV file
select n.name as nation, count(*) as customers, t.target
from tpch_demo.tpch.tiny.customer as c
join tpch_demo.tpch.tiny.nation as n on n.nationkey = c.nationkey
join demo_lake.sales."targets.csv" as t on t.nation = n.name
group by n.name, t.target
order by customers desc, nation
limit 5"#;

const MAKE: &str = r#"create table tpch_demo.memory.default.nation_targets as
select n.name as nation, r.name as region, t.target
from tpch_demo.tpch.tiny.nation as n
join tpch_demo.tpch.tiny.region as r on r.regionkey = n.regionkey
join demo_lake.sales."targets.csv" as t on t.nation = n.name"#;

/// How long one look at a job waits for it to change.
const LOOK: Duration = Duration::from_secs(5);

/// The demo while it is told.
pub(super) struct Story<'a> {
    out: &'a mut Stream,
    client: &'a Client,
    step: u32,
}

impl<'a> Story<'a> {
    pub(super) fn new(out: &'a mut Stream, client: &'a Client) -> Self {
        Self { out, client, step: 0 }
    }

    /// Tells it from the beginning to the end.
    pub(super) async fn tell(mut self) -> Result<(), CliError> {
        self.heading("A query in OpenMetadata's names joins Trino's tpch with a CSV file")?;
        let job = self.run(JOIN).await?;
        let page = self.client.rows(&job.id, 0).await?;
        writeln!(self.out)?;
        render::rows(self.out, &page, self.out.columns())?;
        self.result(&job).await?;
        self.heading("What the names meant when the job was made: table fusion_model")?;
        self.models(&job).await?;
        self.heading("A table is made under its OpenMetadata name")?;
        let job = self.run(MAKE).await?;
        self.heading("What the scheduler is asked to tell OpenMetadata: table model_queue")?;
        self.commands(&job).await
    }

    fn heading(&mut self, text: &str) -> Result<(), CliError> {
        self.step += 1;
        let heading = self.out.paint(Paint::Strong, &format!("{}. {text}", self.step));
        writeln!(self.out, "\n{heading}\n")?;
        Ok(())
    }

    /// Runs a query and shows it, what was made of it, and each status as it comes.
    async fn run(&mut self, sql: &str) -> Result<Job, CliError> {
        self.sql("your query", sql)?;
        let request =
            SubmitRequest { query: sql.to_owned(), tags: vec!["demo".to_owned()], ..SubmitRequest::default() };
        let job = self.client.submit(&request).await?;
        if let Some(converted) = &job.converted_query {
            self.sql("what Trino runs", converted)?;
        }
        if let Some(limit) = job.limit_ {
            writeln!(self.out, "  limit {limit} was split off: it is applied when the query runs\n")?;
        }
        let job = self.watch(job).await?;
        match (job.status, job.error) {
            (Status::Failed, Some(problem)) => {
                Err(CliError::Query { problem: Box::new(problem), sql: Some(job.user_query) })
            }
            (_, error) => Ok(Job { error, ..job }),
        }
    }

    fn sql(&mut self, what: &str, sql: &str) -> Result<(), CliError> {
        let what = self.out.paint(Paint::Faint, what);
        writeln!(self.out, "  {what}\n\n    {}\n", sql.replace('\n', "\n    "))?;
        Ok(())
    }

    /// Shows each status until the last. The first one was stored before the server answered.
    async fn watch(&mut self, mut job: Job) -> Result<Job, CliError> {
        let mut shown = job.status;
        write!(self.out, "  job {}: {}", job.id, shown.as_str())?;
        loop {
            if job.status != shown {
                shown = job.status;
                write!(self.out, " -> {}", shown.as_str())?;
                self.out.flush()?;
            }
            if job.status.is_terminal() {
                let took = job.progress.elapsed_ms.map(|took| format!(" after {}", render::elapsed(took)));
                writeln!(self.out, "{}", took.unwrap_or_default())?;
                return Ok(job);
            }
            if let Some(changed) = self.client.changed_job(&job, LOOK).await? {
                job = changed;
            }
        }
    }

    async fn result(&mut self, job: &Job) -> Result<(), CliError> {
        let manifest = self.client.manifest(&job.id).await?;
        let (rows, bytes) = (render::count(manifest.rows), render::bytes(manifest.bytes));
        let path = manifest.path.unwrap_or_default();
        writeln!(self.out, "  {rows} rows, {bytes}, stored in {path}")?;
        let parts: Vec<&str> = manifest.parts.iter().map(|part| part.path.as_str()).collect();
        writeln!(self.out, "  as {} and a manifest, which was written last", parts.join(", "))?;
        Ok(())
    }

    async fn models(&mut self, job: &Job) -> Result<(), CliError> {
        let models = self.client.models(&job.id).await?;
        let rows = models.into_iter().map(|model| {
            vec![model.fully_qualified_name, model.trino_model_name, model.model_id_of_om.unwrap_or_default()]
        });
        let header = ["fully_qualified_name", "trino_model_name", "model_id_of_om"];
        let columns = self.out.columns();
        Ok(render::list(self.out, &header, rows.collect(), columns)?)
    }

    async fn commands(&mut self, job: &Job) -> Result<(), CliError> {
        let answer = self.client.model_queue_json(&[("job", job.id.clone())]).await?;
        let commands: Vec<QueuedCommand> = self.client.typed(answer.get("items").cloned().unwrap_or_default())?;
        let rows = commands
            .into_iter()
            .map(|queued| vec![queued.command, queued.from_fqn.unwrap_or_default(), queued.model_name_fqn]);
        let columns = self.out.columns();
        Ok(render::list(self.out, &["command", "from_fqn", "model_name_fqn"], rows.collect(), columns)?)
    }
}
