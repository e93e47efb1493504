//! Stores a transition: one UPDATE that says what it expects of the row, with its consequences in the same transaction.

use entity::job;
use sea_orm::sea_query::{Expr, ExprTrait, UpdateStatement};
use sea_orm::{ColumnTrait, Condition, DbBackend, EntityTrait, QueryFilter, QueryResult, QueryTrait};
use warren_sql::StatementKind;

use crate::jobs::{Expectation, FusionModel, Job, LeaseToken, State, Status, Transition};
use crate::models::ModelCommand;
use crate::store::{Store, StoreError, data_models, model_queue, models, rows};

const OPERATION: &str = "store a change of a job";

/// A condition that always holds, and that lets the commit of its own statement return before it is on the disk
/// (`synchronous_commit`, which PostgreSQL reads when a transaction commits).
const WITHOUT_WAITING_FOR_THE_DISK: &str = "set_config('synchronous_commit', 'off', true) = 'off'";

impl Store {
    /// Stores a transition; the job as it is stored. When the job enters its queue, its models are stored with it.
    ///
    /// The row's version grows by one whatever the job in the transition says: a worker that holds a lease may be behind
    /// it. The end of that lease and a request to cancel stay as they are in the row, for they have writers of their own.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when the row is not what the transition expects, or gone; [`StoreError::Unstorable`] for a
    /// number above 2^63 - 1 or a text with the character U+0000; when the database is not available.
    pub async fn save(&self, transition: &Transition) -> Result<Job, StoreError> {
        self.store(transition, &[]).await
    }

    /// Stores the transition that ends a job together with what it asks of the scheduler: both or neither.
    ///
    /// # Errors
    /// As [`Self::save`].
    pub async fn finish(&self, transition: &Transition, commands: &[ModelCommand]) -> Result<Job, StoreError> {
        self.store(transition, commands).await
    }

    async fn store(&self, transition: &Transition, commands: &[ModelCommand]) -> Result<Job, StoreError> {
        let id = transition.job.id;
        let mut update = guarded_update(transition)?;
        if transition.can_be_forgotten() && self.backend() == DbBackend::Postgres {
            update.and_where(Expr::cust(WITHOUT_WAITING_FOR_THE_DISK));
        }
        let models = new_models(transition);
        let drops = has_dropped(transition);
        if models.is_empty() && commands.is_empty() && !drops {
            let stored = self.writing(OPERATION).one(&update).await?;
            return as_stored(transition, stored.as_ref());
        }
        let transaction = self.begin(OPERATION).await?;
        let statements = transaction.statements();
        let stored = statements.one(&update).await?;
        if stored.is_none() {
            transaction.rollback().await?;
            return Err(StoreError::Stale { id });
        }
        models::insert_models(&statements, id, models).await?;
        model_queue::insert_commands(&statements, commands, transition.job.updated).await?;
        if drops {
            data_models::delete_dropped(&statements, id).await?;
        }
        transaction.commit().await?;
        as_stored(transition, stored.as_ref())
    }
}

fn guarded_update(transition: &Transition) -> Result<UpdateStatement, StoreError> {
    let mut update = job::Entity::update_many()
        .set(rows::changed_columns(transition)?)
        .col_expr(job::Column::Version, Expr::col(job::Column::Version).add(1))
        .filter(job::Column::Id.eq(transition.job.id.0))
        .filter(match transition.expects {
            Expectation::Version { status, version } => {
                Condition::all().add(job::Column::Status.eq(status.as_str())).add(job::Column::Version.eq(version))
            }
            Expectation::Lease(token) => is_held_under(token),
        })
        .into_query();
    update.returning_col(job::Column::Version);
    Ok(update)
}

/// The row is `RUNNING` under this lease.
pub(super) fn is_held_under(token: LeaseToken) -> Condition {
    Condition::all().add(job::Column::Status.eq(Status::Running.as_str())).add(job::Column::LeaseToken.eq(token.0))
}

/// What the query refers to is known from the moment at which it was analysed, and never changes.
fn new_models(transition: &Transition) -> &[FusionModel] {
    match (transition.expects, transition.job.plan()) {
        (Expectation::Version { status: Status::Init, .. }, Some(plan)) => &plan.models,
        _ => &[],
    }
}

/// Whether the job finishes a statement that may have dropped a model: then the model goes with it, or with nothing.
fn has_dropped(transition: &Transition) -> bool {
    let State::Finished { plan, .. } = &transition.job.state else { return false };
    [StatementKind::DropView, StatementKind::DropTable].iter().any(|kind| kind.as_str() == plan.statement)
}

/// The job with the version that its row has now; no row means that it was not what the transition expects.
fn as_stored(transition: &Transition, row: Option<&QueryResult>) -> Result<Job, StoreError> {
    let id = transition.job.id;
    let version = rows::version(id, row.ok_or(StoreError::Stale { id })?)?;
    Ok(Job { version, ..transition.job.clone() })
}
