//! Models: views and tables of Trino that are made of a query. A model is made and dropped by a job like any other; here
//! is who may ask for that, and when.

mod drop;
mod list;
mod make;
mod recommend;

pub use drop::DroppedModel;
pub use list::ListModels;
pub use make::{MadeModel, MakeModel};

use super::AppError;
use crate::models::{Model, ModelId};
use crate::problem::{Code, Problem};

/// The answer to an id that no model has.
pub(crate) fn model_not_found(id: impl std::fmt::Display) -> AppError {
    Problem::new(Code::NotFound, format!("there is no model {id}"))
        .with_hint("list models with GET /api/v1/models")
        .into()
}

/// A job is at work on the model.
fn busy(model: &Model) -> AppError {
    let id = model.drop_job_id.filter(|_| model.state == crate::models::ModelState::Dropping).unwrap_or(model.job_id);
    Problem::new(Code::ModelBusy, format!("job {id} is at work on the model '{}'", model.fully_qualified_name))
        .with_hint("wait for that job, or cancel it")
        .into()
}

/// Somebody changed the model between reading and writing.
fn changed(id: ModelId) -> AppError {
    Problem::new(Code::ModelBusy, format!("the model {id} is being changed by another request"))
        .with_hint("look at it again before you send the request again")
        .into()
}

/// The name of a model means something else in Trino than when it was made.
fn leads_elsewhere(model: &Model, now: &str) -> AppError {
    let Model { fully_qualified_name: name, trino_model_name: made, .. } = model;
    Problem::new(
        Code::ModelExists,
        format!("the model '{name}' is '{made}' in trino, and its name leads to '{now}' now"),
    )
    .with_hint("drop the model before you make another one of its name")
    .into()
}

/// Models are for everybody to see, and for their owner to change.
fn not_yours(model: &Model) -> AppError {
    let detail = format!("the model '{}' belongs to {}", model.fully_qualified_name, model.owner);
    Problem::new(Code::Forbidden, detail).with_hint("only its owner may replace or drop it").into()
}
