//! What was used together: counted over the fusion models of jobs that finished.

use crate::models::Companion;
use crate::store::{Store, StoreError, rows};

/// The inner query goes down the index `fusion_model_users` from the newest job, so that a name that everybody uses costs
/// no more than the bound.
const COMPANIONS: &str = "\
    WITH used AS (
        SELECT DISTINCT job_id FROM fusion_model WHERE fully_qualified_name = $1 ORDER BY job_id DESC LIMIT $2
    )
    SELECT other.fully_qualified_name AS fully_qualified_name, MAX(other.trino_model_name) AS trino_model_name,
        COUNT(DISTINCT other.job_id) AS jobs, COUNT(DISTINCT job.owner) AS users, MAX(job.finished) AS last_used
    FROM used
    JOIN job ON job.id = used.job_id AND job.status = 'FINISHED'
    JOIN fusion_model AS other ON other.job_id = used.job_id AND other.fully_qualified_name <> $1
    GROUP BY other.fully_qualified_name
    ORDER BY COUNT(DISTINCT other.job_id) DESC, MAX(job.finished) DESC, other.fully_qualified_name
    LIMIT $3";

impl Store {
    /// What the last jobs that used a name, at most `jobs` of them, used as well, most often first: those that finished
    /// count.
    ///
    /// # Errors
    /// When the database is not available or a row is corrupt.
    pub async fn companions(&self, fqn: &str, jobs: u32, limit: u16) -> Result<Vec<Companion>, StoreError> {
        let values = vec![fqn.into(), i64::from(jobs).into(), i64::from(limit).into()];
        let found = self.reading("count what was used together").all_of_sql(COMPANIONS.to_owned(), values).await?;
        found.iter().map(rows::companion).collect()
    }
}
