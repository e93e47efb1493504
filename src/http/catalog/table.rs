//! `GET /catalog/tables/{fqn}`: the page of one table or file.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::name::FqnPath;
use crate::app::{CatalogColumn, CatalogTable};
use crate::http::caller::Caller;
use crate::http::core::Core;
use crate::http::openapi::problems;
use crate::http::problem::ApiError;

/// Everything that there is to say about one table or file.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = CatalogTable)]
struct CatalogTableView {
    /// Who said so: `openmetadata`, or `mapping` for a name that only the mapping file knows.
    #[schema(example = "openmetadata")]
    source: &'static str,
    /// The name that queries write.
    #[schema(example = "sales_pg.shop.public.orders")]
    fully_qualified_name: String,
    /// `table` or `container`.
    #[schema(example = "table")]
    kind: &'static str,
    /// Its own name.
    #[schema(example = "orders")]
    name: String,
    /// OpenMetadata's id, where it is known.
    id: Option<String>,
    /// The version of what OpenMetadata says.
    #[schema(example = 0.3)]
    version: Option<f64>,
    /// Whether it was deleted in OpenMetadata and can be restored there.
    deleted: bool,
    /// The kind of its service.
    #[schema(example = "Postgres")]
    service_type: Option<String>,
    /// What it is, in Markdown.
    description: Option<String>,
    /// Its tags.
    #[schema(example = json!(["Tier.Tier1"]))]
    tags: Vec<String>,
    /// Who owns it.
    #[schema(example = json!(["sales"]))]
    owners: Vec<String>,
    /// Its columns in order; none where they are not known.
    columns: Vec<CatalogColumnView>,
    /// What it is in Trino; null where no rule maps it.
    #[schema(example = "pg_shop.public.orders")]
    trino_model_name: Option<String>,
    /// A query to begin with; null where none could run.
    #[schema(example = "SELECT id, total FROM sales_pg.shop.public.orders LIMIT 10")]
    snippet: Option<String>,
}

/// A column of a table or file.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = CatalogColumn)]
struct CatalogColumnView {
    /// Its name.
    #[schema(example = "id")]
    name: String,
    /// Its type, as its source writes it.
    #[schema(example = "bigint")]
    r#type: String,
    /// What it is, in Markdown.
    description: Option<String>,
    /// Its tags.
    #[schema(example = json!(["PII.None"]))]
    tags: Vec<String>,
    /// Such as `PRIMARY_KEY` or `NOT_NULL`.
    #[schema(example = "PRIMARY_KEY")]
    constraint: Option<String>,
}

impl From<CatalogTable> for CatalogTableView {
    fn from(table: CatalogTable) -> Self {
        Self {
            source: table.source.as_str(),
            fully_qualified_name: table.fqn,
            kind: table.kind.as_str(),
            name: table.name,
            id: table.id,
            version: table.version,
            deleted: table.deleted,
            service_type: table.service_type,
            description: table.description,
            tags: table.tags,
            owners: table.owners,
            columns: table.columns.into_iter().map(Into::into).collect(),
            trino_model_name: table.trino,
            snippet: table.snippet,
        }
    }
}

impl From<CatalogColumn> for CatalogColumnView {
    fn from(column: CatalogColumn) -> Self {
        let CatalogColumn { name, r#type, description, tags, constraint } = column;
        Self { name, r#type, description, tags, constraint }
    }
}

problems! { TableProblems = [
    InvalidRequest, NotFound, AccessDenied, UnsupportedName, CatalogUnavailable, CatalogRefused,
] }

/// One table or file.
///
/// A name that nobody knows is answered with names that are near.
#[utoipa::path(
    tag = "catalog",
    operation_id = "get_catalog_table",
    security(("token" = [])),
    params(("fqn" = String, Path, description = "Its FQN, percent-encoded as one segment", example = "sales_pg.shop.public.orders")),
    responses((status = 200, description = "The table or file", body = CatalogTableView), TableProblems),
)]
#[get("/catalog/tables/{fqn}")]
pub(crate) async fn get_catalog_table(
    _: Caller,
    core: web::Data<Core>,
    FqnPath(fqn): FqnPath,
) -> Result<HttpResponse, ApiError> {
    let table = core.run(|app| async move { app.catalog_table(&fqn).await }).await?;
    Ok(HttpResponse::Ok().json(CatalogTableView::from(table)))
}
