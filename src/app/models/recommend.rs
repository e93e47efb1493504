//! What was used together with a table, a file or a model.

use crate::app::{App, AppError};
use crate::catalog::Fqn;
use crate::models::Companion;
use crate::problem::{Code, Problem};

/// The most jobs that are looked at, the newest ones: the answer takes as long for a name that everybody uses.
const JOBS: u32 = 10_000;

impl App {
    /// Names that jobs used together with this one, most often first. They are counted over the jobs of all users; who
    /// ran them and what they asked is not told.
    ///
    /// # Errors
    /// When the name is no FQN, or the database is gone.
    pub async fn recommend_models(&self, fqn: &str, limit: u16) -> Result<Vec<Companion>, AppError> {
        let name = Fqn::parse(fqn).map_err(|error| {
            Problem::new(Code::InvalidName, format!("the parameter `fqn` is not a name: {error}"))
                .with_hint("write service.database.schema.table")
        })?;
        Ok(self.store.companions(&name.to_string(), JOBS, limit).await?)
    }
}
