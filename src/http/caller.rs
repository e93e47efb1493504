//! Who calls. Every handler says in its signature whether it needs a principal (`Caller`, or `Identified` where it matters
//! what they may do), a scheduler (`SchedulerCaller`), or serves everybody (`Public`); the description of the API says the
//! same, and a test compares the two.

use std::future::{Ready, ready};

use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{AUTHORIZATION, HOST, HeaderMap};
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest, web};

use super::core::Core;
use super::problem::ApiError;
use crate::app::Credentials;
use crate::jobs::{Identity, Principal, Scope};
use crate::problem::{Code, Problem};

/// Names the caller on a server that needs no token.
const USER_HEADER: &str = "X-Warren-User";

/// The principal of the request. The first parameter of its handler, so that nobody learns anything about the rest of
/// a request before it is known who asks.
#[derive(Debug)]
pub(crate) struct Caller(pub(crate) Principal);

/// The same with what the principal may do.
#[derive(Debug)]
pub(crate) struct Identified(pub(crate) Identity);

/// Only a scheduler may call this; who it is the log says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SchedulerCaller;

/// Everybody may call this.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Public;

/// What came of looking at the credentials.
struct Authentication(Result<Identity, ApiError>);

/// Looks at the credentials before anything else. It refuses nobody: a handler does, by asking for a [`Caller`].
pub(crate) async fn authenticate(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if let Some(core) = request.app_data::<web::Data<Core>>().cloned() {
        let outcome = match credentials(request.headers()) {
            Ok(credentials) => core.run(|app| async move { app.authenticate(credentials).await }).await,
            Err(error) => Err(error),
        };
        if let Ok(identity) = &outcome {
            tracing::Span::current().record("user", identity.principal.as_str());
        }
        request.extensions_mut().insert(Authentication(outcome));
    }
    next.call(request).await
}

/// What the headers show.
fn credentials(headers: &HeaderMap) -> Result<Credentials, ApiError> {
    let bearer = headers.get(AUTHORIZATION).and_then(|value| {
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
    });
    let user = match headers.get(USER_HEADER) {
        None => None,
        Some(value) => match std::str::from_utf8(value.as_bytes()) {
            Ok(name) => Some(name.to_owned()),
            Err(_) => return Err(ApiError::new(Code::InvalidRequest, format!("{USER_HEADER} is not UTF-8"))),
        },
    };
    let host = headers.get(HOST).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Ok(Credentials { bearer, user, host })
}

fn identity(request: &HttpRequest) -> Result<Identity, ApiError> {
    match request.extensions_mut().remove::<Authentication>() {
        Some(Authentication(outcome)) => outcome,
        None => Err(ApiError::new(Code::Internal, "the route does not look at credentials")),
    }
}

impl FromRequest for Caller {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(identity(request).map(|identity| Self(identity.principal)))
    }
}

impl FromRequest for Identified {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(identity(request).map(Self))
    }
}

impl FromRequest for SchedulerCaller {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(identity(request).and_then(|identity| {
            match identity.scope {
                Scope::Scheduler => Ok(Self),
                Scope::User => Err(Problem::new(Code::Forbidden, "only a scheduler may work the model queue off")
                    .with_hint("the operator makes a token for one with `warren token create NAME --scheduler`")
                    .into()),
            }
        }))
    }
}

impl FromRequest for Public {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(_: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn check(headers: &[(&'static str, &[u8])], expect: Result<(Option<&str>, Option<&str>), Code>) {
        let map: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_bytes(value).unwrap()))
            .collect();
        let found = credentials(&map).map(|found| (found.bearer, found.user));
        let expect = expect.map(|(bearer, user)| (bearer.map(str::to_owned), user.map(str::to_owned)));
        assert_eq!(
            found.map_err(|error| error.problem().code.clone()),
            expect.map_err(|code| code.as_str().to_owned())
        );
    }

    #[test]
    fn credentials_are_read_from_the_headers() {
        check(&[], Ok((None, None)));
        check(&[("authorization", b"Bearer wrn_x")], Ok((Some("wrn_x"), None)));
        check(&[("authorization", b"bearer  wrn_x ")], Ok((Some("wrn_x"), None)));
        check(&[("authorization", b"Basic YTpi")], Ok((None, None)));
        check(&[("authorization", b"Bearer")], Ok((None, None)));
        check(&[("x-warren-user", "세나".as_bytes())], Ok((None, Some("세나"))));
        check(&[("x-warren-user", b"\xff")], Err(Code::InvalidRequest));
        let host = std::iter::once((HOST, HeaderValue::from_static("localhost:1"))).collect();
        assert_eq!(credentials(&host).unwrap().host.as_deref(), Some("localhost:1"));
    }
}
