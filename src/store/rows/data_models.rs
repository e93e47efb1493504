//! The rows of the table `model`, and what is counted beside it.

use entity::model::{ActiveModel, Column};
use sea_orm::{DeriveColumn, EnumIter, QueryResult, Set};

use super::reader::Reader;
use super::storable::Table;
use crate::jobs::{JobId, Principal, Status};
use crate::models::{Companion, Model, ModelId, ModelKind, ModelState};
use crate::store::StoreError;

const MODEL: Table = Table("model");

/// What is read beside the columns of the row: what its jobs say.
#[derive(Clone, Copy, Debug, EnumIter, DeriveColumn)]
pub(in crate::store) enum ModelColumn {
    JobStatus,
    JobError,
    DropStatus,
}

/// What is counted for a name that was used together with another.
#[derive(Clone, Copy, Debug, EnumIter, DeriveColumn)]
enum CompanionColumn {
    FullyQualifiedName,
    TrinoModelName,
    Jobs,
    Users,
    LastUsed,
}

pub(in crate::store) fn new_model(model: &Model) -> Result<ActiveModel, StoreError> {
    Ok(ActiveModel { id: Set(model.id.0), created: Set(model.created), ..remade_model(model)? })
}

/// What changes when a model is made anew.
pub(in crate::store) fn remade_model(model: &Model) -> Result<ActiveModel, StoreError> {
    let Model {
        id: _,
        fully_qualified_name,
        trino_model_name,
        kind,
        owner,
        query,
        description,
        job_id,
        drop_job_id,
        made_before,
        created: _,
        updated,
        state: _,
    } = model;
    Ok(ActiveModel {
        fully_qualified_name: MODEL.text(Column::FullyQualifiedName, fully_qualified_name)?,
        trino_model_name: MODEL.text(Column::TrinoModelName, trino_model_name)?,
        kind: Set(kind.as_str().to_owned()),
        owner: MODEL.text(Column::Owner, owner.as_str())?,
        query: MODEL.text(Column::Query, query)?,
        description: MODEL.optional_text(Column::Description, description.as_deref())?,
        job_id: Set(job_id.0),
        drop_job_id: Set(drop_job_id.map(|id| id.0)),
        made_before: Set(*made_before),
        updated: Set(*updated),
        ..ActiveModel::default()
    })
}

pub(in crate::store) fn model(row: &QueryResult) -> Result<Model, StoreError> {
    let row = Reader::by_uuid(MODEL.0, Column::Id, row)?;
    let dropped = row.optional_text(ModelColumn::DropStatus)?;
    let dropped = dropped.map(|word| Status::parse(&word).ok_or_else(|| row.corrupt(ModelColumn::DropStatus)));
    let made = row.parsed(ModelColumn::JobStatus, Status::parse)?;
    Ok(Model {
        id: ModelId(row.uuid(Column::Id)?),
        fully_qualified_name: row.text(Column::FullyQualifiedName)?,
        trino_model_name: row.text(Column::TrinoModelName)?,
        kind: row.parsed(Column::Kind, ModelKind::parse)?,
        owner: row.parsed(Column::Owner, Principal::parse)?,
        query: row.text(Column::Query)?,
        description: row.optional_text(Column::Description)?,
        job_id: JobId(row.uuid(Column::JobId)?),
        drop_job_id: row.optional_uuid(Column::DropJobId)?.map(JobId),
        made_before: row.get(Column::MadeBefore)?,
        created: row.time(Column::Created)?,
        updated: row.time(Column::Updated)?,
        state: ModelState::of(made, row.optional_json(ModelColumn::JobError)?, dropped.transpose()?),
    })
}

pub(in crate::store) fn companion(row: &QueryResult) -> Result<Companion, StoreError> {
    let row = Reader::by::<String>("fusion_model", CompanionColumn::FullyQualifiedName, row)?;
    Ok(Companion {
        fully_qualified_name: row.text(CompanionColumn::FullyQualifiedName)?,
        trino_model_name: row.text(CompanionColumn::TrinoModelName)?,
        jobs: row.count(CompanionColumn::Jobs)?,
        users: row.count(CompanionColumn::Users)?,
        last_used: row.time(CompanionColumn::LastUsed)?,
    })
}
