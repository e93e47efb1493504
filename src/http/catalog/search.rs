//! `GET /catalog/search`: tables and files by words.

use actix_web::{HttpResponse, get, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::{CatalogItem, CatalogKind, CatalogPage, SearchCatalog};
use crate::http::caller::Caller;
use crate::http::core::Core;
use crate::http::extract::{Integer, Label, Parameters};
use crate::http::openapi::problems;
use crate::http::problem::ApiError;
use crate::problem::{Code, Problem};

/// Items of a page where the client does not say.
const DEFAULT_LIMIT: u16 = 20;

/// What to look for.
#[derive(Clone, Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchParams {
    /// Words, all of which count as they stand: nothing in them is an operator or a wildcard.
    #[param(value_type = String, min_length = 1, max_length = 256, example = "orders")]
    q: Label<256>,
    /// Only `table`, `container` (a folder or file) or `service`. Otherwise tables and containers, and of a mapping file
    /// services too.
    #[param(example = "table")]
    kind: Option<String>,
    /// The most items, 1 to 100.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 100, default = 20)]
    limit: Option<Integer<1, 100>>,
    /// The `next_cursor` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Label<64>>,
}

/// A page of what was found, best first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CatalogItems)]
struct CatalogPageView {
    /// Who said so: `openmetadata`, or `mapping` where there is only the mapping file.
    #[schema(example = "openmetadata")]
    source: &'static str,
    /// What was found.
    items: Vec<CatalogItemView>,
    /// Where the next page begins; null on the last one.
    next_cursor: Option<String>,
}

/// Something that was found.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = CatalogItem)]
struct CatalogItemView {
    /// The name that queries write.
    #[schema(example = "sales_pg.shop.public.orders")]
    fully_qualified_name: String,
    /// `table`, `container` or `service`.
    #[schema(example = "table")]
    kind: &'static str,
    /// Its own name.
    #[schema(example = "orders")]
    name: String,
    /// The first paragraph of its description, at most 300 characters.
    description: Option<String>,
    /// What it is in Trino; null where no rule maps it.
    #[schema(example = "pg_shop.public.orders")]
    trino_model_name: Option<String>,
    /// Its tags.
    #[schema(example = json!(["Tier.Tier1"]))]
    tags: Vec<String>,
    /// Who owns it.
    #[schema(example = json!(["sales"]))]
    owners: Vec<String>,
}

impl SearchParams {
    fn into_request(self) -> Result<SearchCatalog, ApiError> {
        let invalid = |name: &str, hint: &str| {
            Problem::new(Code::InvalidRequest, format!("the parameter `{name}` is not valid")).with_hint(hint)
        };
        if self.q.as_str().trim().is_empty() {
            return Err(invalid("q", "say at least one word").into());
        }
        let kind = self.kind.map(|word| {
            CatalogKind::parse(&word.to_lowercase())
                .ok_or_else(|| invalid("kind", "there are: table, container, service"))
        });
        let from = self.cursor.map(|cursor| cursor.as_str().parse()).transpose();
        Ok(SearchCatalog {
            text: self.q.into_string(),
            kind: kind.transpose()?,
            limit: self.limit.map_or(DEFAULT_LIMIT, |limit| u16::try_from(limit.get()).unwrap_or(DEFAULT_LIMIT)),
            from: from
                .map_err(|_no_cursor| invalid("cursor", "send the `next_cursor` of the page before, or none"))?
                .unwrap_or_default(),
        })
    }
}

impl From<CatalogPage> for CatalogPageView {
    fn from(page: CatalogPage) -> Self {
        let CatalogPage { source, items, next } = page;
        Self {
            source: source.as_str(),
            items: items.into_iter().map(Into::into).collect(),
            next_cursor: next.map(|next| next.to_string()),
        }
    }
}

impl From<CatalogItem> for CatalogItemView {
    fn from(item: CatalogItem) -> Self {
        let CatalogItem { fqn, kind, name, description, trino, tags, owners } = item;
        Self {
            fully_qualified_name: fqn,
            kind: kind.as_str(),
            name,
            description,
            trino_model_name: trino,
            tags,
            owners,
        }
    }
}

problems! { SearchProblems = [InvalidRequest, AccessDenied, CatalogUnavailable, CatalogRefused] }

/// Looks for tables and files by words.
///
/// OpenMetadata is asked, or the mapping file where there is no OpenMetadata.
#[utoipa::path(
    tag = "catalog",
    operation_id = "search_catalog",
    security(("token" = [])),
    params(SearchParams),
    responses((status = 200, description = "A page of what was found", body = CatalogPageView), SearchProblems),
)]
#[get("/catalog/search")]
pub(crate) async fn search_catalog(
    _: Caller,
    core: web::Data<Core>,
    Parameters(params): Parameters<SearchParams>,
) -> Result<HttpResponse, ApiError> {
    let request = params.into_request()?;
    let page = core.run(|app| async move { app.search_catalog(request).await }).await?;
    Ok(HttpResponse::Ok().json(CatalogPageView::from(page)))
}
