//! The rows of the smaller tables.

use entity::{api_token, fusion_model, idempotency_key};
use sea_orm::ActiveValue::NotSet;
use sea_orm::{IdenStatic, QueryResult, Set};

use super::reader::Reader;
use super::storable::Table;
use crate::jobs::{FusionModel, IdempotencyKey, Job, JobId, Principal, Scope};
use crate::store::{ApiToken, NewToken, StoreError};

const FUSION_MODEL: Table = Table("fusion_model");
const API_TOKEN: Table = Table("api_token");

pub(in crate::store) fn new_fusion_model(
    job_id: JobId,
    model: &FusionModel,
) -> Result<fusion_model::ActiveModel, StoreError> {
    use fusion_model::Column;
    let FusionModel { model_id_of_om, model_version_of_om, fully_qualified_name, trino_model_name, start, end, target } =
        model;
    Ok(fusion_model::ActiveModel {
        id: NotSet,
        job_id: Set(job_id.0),
        model_id_of_om: FUSION_MODEL.optional_text(Column::ModelIdOfOm, model_id_of_om.as_deref())?,
        model_version_of_om: FUSION_MODEL.optional_text(Column::ModelVersionOfOm, model_version_of_om.as_deref())?,
        fully_qualified_name: FUSION_MODEL.text(Column::FullyQualifiedName, fully_qualified_name)?,
        trino_model_name: FUSION_MODEL.text(Column::TrinoModelName, trino_model_name)?,
        start_: Set(i64::from(*start)),
        end_: Set(i64::from(*end)),
        target: Set(*target),
    })
}

pub(in crate::store) fn fusion_model(row: &QueryResult) -> Result<(JobId, FusionModel), StoreError> {
    use fusion_model::Column;
    let row = Reader::by::<i64>(FUSION_MODEL.0, Column::Id, row)?;
    let model = FusionModel {
        model_id_of_om: row.optional_text(Column::ModelIdOfOm)?,
        model_version_of_om: row.optional_text(Column::ModelVersionOfOm)?,
        fully_qualified_name: row.text(Column::FullyQualifiedName)?,
        trino_model_name: row.text(Column::TrinoModelName)?,
        start: place(&row, Column::Start)?,
        end: place(&row, Column::End)?,
        target: row.get(Column::Target)?,
    };
    Ok((JobId(row.uuid(Column::JobId)?), model))
}

/// A place in a query, in characters.
fn place(row: &Reader<'_>, column: impl IdenStatic) -> Result<u32, StoreError> {
    u32::try_from(row.count(column)?).map_err(|_too_large| row.corrupt(column))
}

pub(in crate::store) fn new_key(job: &Job, key: &IdempotencyKey) -> idempotency_key::ActiveModel {
    idempotency_key::ActiveModel {
        owner: Set(job.submission.owner.as_str().to_owned()),
        key: Set(key.as_str().to_owned()),
        body_sha256: Set(key.body_sha256.clone()),
        job_id: Set(job.id.0),
        created: Set(job.created),
    }
}

/// The body that came with a key, and the job that it made.
pub(in crate::store) fn known_key(row: &QueryResult) -> Result<(String, JobId), StoreError> {
    use idempotency_key::Column;
    let row = Reader::by::<String>("idempotency_key", Column::Key, row)?;
    Ok((row.text(Column::BodySha256)?, JobId(row.uuid(Column::JobId)?)))
}

pub(in crate::store) fn new_token(token: &NewToken) -> Result<api_token::ActiveModel, StoreError> {
    use api_token::Column;
    let NewToken { id, name, principal, scope, token_sha256, created, expires } = token;
    Ok(api_token::ActiveModel {
        id: Set(*id),
        name: API_TOKEN.text(Column::Name, name)?,
        principal: API_TOKEN.text(Column::Principal, principal.as_str())?,
        scope: Set(scope.as_str().to_owned()),
        token_sha256: API_TOKEN.text(Column::TokenSha256, token_sha256)?,
        created: Set(*created),
        expires: Set(*expires),
        revoked: Set(None),
        last_used: Set(None),
    })
}

pub(in crate::store) fn api_token(row: &QueryResult) -> Result<ApiToken, StoreError> {
    use api_token::Column;
    let row = Reader::by_uuid(API_TOKEN.0, Column::Id, row)?;
    Ok(ApiToken {
        id: row.uuid(Column::Id)?,
        name: row.text(Column::Name)?,
        principal: row.parsed(Column::Principal, Principal::parse)?,
        scope: row.parsed(Column::Scope, Scope::parse)?,
        created: row.time(Column::Created)?,
        expires: row.optional_time(Column::Expires)?,
        revoked: row.optional_time(Column::Revoked)?,
        last_used: row.optional_time(Column::LastUsed)?,
    })
}
