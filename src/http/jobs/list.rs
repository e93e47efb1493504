//! `GET /jobs`: the history.

use actix_web::http::header::LINK;
use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::view::JobView;
use crate::http::caller::Caller;
use crate::http::core::Core;
use crate::http::extract::{Integer, Label, Parameters};
use crate::http::openapi::problems;
use crate::http::problem::ApiError;
use crate::jobs::{Principal, Status};
use crate::problem::{Code, Problem};
use crate::store::{JobFilter, PageRequest};

/// Jobs of a page where the client does not say.
const DEFAULT_LIMIT: i64 = 50;

/// Which jobs.
#[derive(Clone, Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListParams {
    /// In one of these statuses, with commas between them.
    #[param(example = "QUEUED,RUNNING")]
    status: Option<String>,
    /// Of this user. A caller sees their own jobs only: with another name the page is empty.
    #[param(value_type = Option<String>)]
    user: Option<Label<256>>,
    /// In this queue.
    #[param(value_type = Option<String>)]
    queue: Option<Label<64>>,
    /// That refer to the table or file with this FQN.
    #[param(value_type = Option<String>, example = "tpch_demo.tpch.tiny.nation")]
    model: Option<Label<4096>>,
    /// With this tag.
    #[param(value_type = Option<String>)]
    tag: Option<Label<128>>,
    /// With this text in the user query.
    #[param(value_type = Option<String>)]
    q: Option<Label<4096>>,
    /// Made at this moment or later.
    created_after: Option<DateTime<Utc>>,
    /// Made before this moment.
    created_before: Option<DateTime<Utc>>,
    /// The most jobs, 1 to 500.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Option<Integer<1, { PageRequest::MAX as i64 }>>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A page of jobs, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Jobs)]
struct JobsView {
    /// The jobs.
    items: Vec<JobView>,
    /// Where the next page begins; null on the last one.
    next_cursor: Option<String>,
}

impl ListParams {
    fn into_request(self) -> Result<(JobFilter, PageRequest), ApiError> {
        let limit = self.limit.map_or(DEFAULT_LIMIT, Integer::get);
        let after = self.cursor.map(|cursor| cursor.parse()).transpose();
        let after = after.map_err(|error| invalid("cursor", &error))?;
        let page = u16::try_from(limit).ok().and_then(|limit| PageRequest::new(limit, after));
        let page = page.ok_or_else(|| invalid("limit", &format!("at most {} is allowed", PageRequest::MAX)))?;
        let filter = JobFilter {
            owner: self.user.as_ref().map(user).transpose()?,
            statuses: self.status.as_deref().map(statuses).transpose()?.unwrap_or_default(),
            queue: self.queue.map(Label::into_string),
            model: self.model.map(Label::into_string),
            tag: self.tag.map(Label::into_string),
            text: self.q.map(Label::into_string),
            created_after: self.created_after,
            created_before: self.created_before,
        };
        Ok((filter, page))
    }
}

fn user(name: &Label<256>) -> Result<Principal, Problem> {
    Principal::parse(name.as_str()).ok_or_else(|| invalid("user", &"this is no name of a user"))
}

fn statuses(words: &str) -> Result<Vec<Status>, ApiError> {
    let all = Status::ALL.map(Status::as_str);
    let unknown = |word: &str| -> ApiError {
        invalid("status", &format!("there is no status '{}'", word.escape_debug()))
            .with_hint(format!("there are: {}", all.join(", ")))
            .into()
    };
    words.split(',').map(str::trim).map(|word| Status::parse(word).ok_or_else(|| unknown(word))).collect()
}

fn invalid(parameter: &str, reason: &dyn std::fmt::Display) -> Problem {
    Problem::new(Code::InvalidRequest, format!("the parameter `{parameter}` is not valid: {reason}"))
}

problems! { ListProblems = [InvalidRequest] }

/// The caller's jobs, newest first.
#[utoipa::path(
    tag = "jobs",
    operation_id = "list_jobs",
    security(("token" = [])),
    params(ListParams),
    responses(
        (status = 200, description = "A page of jobs", body = JobsView, headers(
            ("Link" = String, description = "The next page, with `rel=\"next\"` (RFC 8288)"),
        )),
        ListProblems,
    ),
)]
#[get("/jobs")]
pub(crate) async fn list_jobs(
    Caller(caller): Caller,
    core: web::Data<Core>,
    Parameters(params): Parameters<ListParams>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let (filter, page) = params.into_request()?;
    let jobs = core.run(move |app| async move { app.list_jobs(&caller, filter, &page).await }).await?;
    let now = core.app().clock.now();
    let next_cursor = jobs.next.map(|cursor| cursor.to_string());
    let mut answer = HttpResponse::Ok();
    if let Some(cursor) = &next_cursor {
        answer.insert_header((LINK, next_link(request.query_string(), cursor)));
    }
    let items = jobs.items.iter().map(|job| JobView::new(job, now)).collect();
    Ok(answer.json(JobsView { items, next_cursor }))
}

/// The same request with another cursor.
fn next_link(query: &str, cursor: &str) -> String {
    let others = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "cursor");
    let next = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(others)
        .append_pair("cursor", cursor)
        .finish();
    format!("</api/v1/jobs?{next}>; rel=\"next\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(status: Option<&str>, cursor: Option<&str>) -> ListParams {
        ListParams {
            status: status.map(str::to_owned),
            user: None,
            queue: None,
            model: None,
            tag: None,
            q: None,
            created_after: None,
            created_before: None,
            limit: None,
            cursor: cursor.map(str::to_owned),
        }
    }

    fn check(status: Option<&str>, cursor: Option<&str>, expect: Result<&[Status], &str>) {
        let found = params(status, cursor).into_request();
        match expect {
            Ok(statuses) => assert_eq!(found.unwrap().0.statuses, statuses, "{status:?}"),
            Err(detail) => assert_eq!(found.unwrap_err().problem().detail, detail, "{status:?}"),
        }
    }

    #[test]
    fn filters_are_read() {
        check(None, None, Ok(&[]));
        check(Some("running, Queued"), None, Ok(&[Status::Running, Status::Queued]));
        check(Some("DONE"), None, Err("the parameter `status` is not valid: there is no status 'DONE'"));
        check(Some(""), None, Err("the parameter `status` is not valid: there is no status ''"));
        check(
            None,
            Some("x"),
            Err(
                "the parameter `cursor` is not valid: this is not a cursor of this list; send the `next_cursor` of the page before, or none",
            ),
        );
    }

    #[test]
    fn the_next_page_has_the_same_filters() {
        let check = |query, expect| assert_eq!(next_link(query, "c2"), expect);
        check("", "</api/v1/jobs?cursor=c2>; rel=\"next\"");
        check("limit=2&cursor=c1&q=a%20b", "</api/v1/jobs?limit=2&q=a+b&cursor=c2>; rel=\"next\"");
    }
}
