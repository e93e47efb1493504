//! `POST /sql/convert`: what would run, without running it.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::{Conversion, ConvertRequest};
use crate::http::caller::Caller;
use crate::http::core::Core;
use crate::http::extract::{Body, Label};
use crate::http::jobs::lineage::LineageView;
use crate::http::jobs::models::FusionModelView;
use crate::http::jobs::submission::{check_query, reference_models};
use crate::http::openapi::problems;
use crate::http::problem::ApiError;

/// A query to look at.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ConvertSql)]
pub(crate) struct ConvertBody {
    /// One SQL statement in Trino's dialect.
    #[schema(example = "select name from tpch_demo.tpch.tiny.nation limit 5")]
    query: String,
    /// Short names of this statement: each is bound to an FQN or an id of OpenMetadata.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    reference_models: BTreeMap<Label<128>, Label<4096>>,
    /// The catalog for names of one or two parts.
    #[schema(value_type = Option<String>, max_length = 128)]
    catalog: Option<Label<128>>,
    /// The schema for names of one part.
    #[schema(value_type = Option<String>, max_length = 128)]
    schema: Option<Label<128>>,
}

/// What would run.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Conversion)]
struct ConversionView {
    /// The kind of statement.
    #[schema(example = "Query")]
    statement: String,
    /// The SQL with Trino's names, without the outermost LIMIT and OFFSET.
    #[schema(example = r#"select name from "tpch"."tiny"."nation""#)]
    converted_query: String,
    /// What Trino would be sent: the converted query with the effective LIMIT and OFFSET.
    trino_query: String,
    /// The LIMIT of the query.
    #[schema(example = 5)]
    limit_: Option<u64>,
    /// The OFFSET of the query.
    offset_: Option<u64>,
    /// The tables and files that the query refers to.
    models: Vec<FusionModelView>,
    /// Where the columns come from.
    lineage: LineageView,
    /// What the analysis found odd.
    warnings: Vec<String>,
}

impl ConvertBody {
    fn into_request(self, caller: crate::jobs::Principal) -> Result<ConvertRequest, ApiError> {
        check_query(&self.query)?;
        Ok(ConvertRequest {
            caller,
            query: self.query,
            reference_models: reference_models(self.reference_models)?,
            catalog: self.catalog.map(Label::into_string),
            schema: self.schema.map(Label::into_string),
        })
    }
}

impl From<Conversion> for ConversionView {
    fn from(conversion: Conversion) -> Self {
        let plan = conversion.plan;
        Self {
            statement: plan.statement,
            converted_query: plan.converted_query,
            trino_query: plan.trino_query,
            limit_: plan.limit,
            offset_: plan.offset,
            models: plan.models.into_iter().map(Into::into).collect(),
            lineage: plan.lineage.into(),
            warnings: plan.warnings,
        }
    }
}

problems! { ConvertProblems = [
    MalformedJson, InvalidRequest, EmptySql, UnsupportedMediaType, BodyTooLarge, SqlTooLarge, SyntaxError,
    Unterminated, AmbiguousName, MultipleStatements, UnsupportedStatement, LimitOutOfRange, SqlTooDeep, ReadersDisagree, NoCatalogMapping, InvalidName,
    UnknownReferenceModel, UnknownTable, TableDeleted, AccessDenied, UnsupportedName, CatalogUnavailable, CatalogRefused,
] }

/// Converts a query without running it.
///
/// A query that cannot run is refused with the problem that its job would have failed with.
#[utoipa::path(
    tag = "sql",
    operation_id = "convert_sql",
    security(("token" = [])),
    request_body(content = ConvertBody, content_type = "application/json", example = json!({"query": "select name from tpch_demo.tpch.tiny.nation limit 5"})),
    responses((status = 200, description = "What would run", body = ConversionView), ConvertProblems),
)]
#[post("/sql/convert")]
pub(crate) async fn convert_sql(
    Caller(caller): Caller,
    core: web::Data<Core>,
    Body(body): Body<ConvertBody>,
) -> Result<HttpResponse, ApiError> {
    let request = body.into_request(caller)?;
    let conversion = core.run(|app| async move { app.convert(request).await }).await?;
    Ok(HttpResponse::Ok().json(ConversionView::from(conversion)))
}
