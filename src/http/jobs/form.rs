//! The form of rows: which of those that exist a client accepts.

use actix_web::HttpRequest;
use actix_web::http::header::{ACCEPT, Accept, Header};
use actix_web::mime::{Mime, STAR};
use warren_results::Format;

use crate::http::problem::ApiError;
use crate::problem::{Code, Problem};

/// The format that a request accepts most; JSON where it does not say.
///
/// # Errors
/// When it accepts none that exists.
pub(crate) fn accepted(request: &HttpRequest) -> Result<Format, ApiError> {
    if !request.headers().contains_key(ACCEPT) {
        return Ok(Format::Json);
    }
    let ranges = Accept::parse(request).map(|accept| accept.ranked()).unwrap_or_default();
    ranges.iter().find_map(within).ok_or_else(|| {
        let known: Vec<&str> = Format::ALL.into_iter().map(essence).collect();
        Problem::new(Code::NotAcceptable, "rows have none of the media types of `Accept`")
            .with_hint(format!("there are: {}", known.join(", ")))
            .into()
    })
}

/// The first format within a media range.
fn within(range: &Mime) -> Option<Format> {
    Format::ALL.into_iter().find(|format| {
        let own = essence(*format);
        let same_type = own.split('/').next() == Some(range.type_().as_str());
        range.type_() == STAR || own == range.essence_str() || (same_type && range.subtype() == STAR)
    })
}

/// The media type without parameters.
fn essence(format: Format) -> &'static str {
    let media_type = format.media_type();
    media_type.split(';').next().unwrap_or(media_type)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn check(accept: Option<&'static str>, expect: Option<Format>) {
        let request = TestRequest::get();
        let request = match accept {
            Some(accept) => request.insert_header((ACCEPT, accept)),
            None => request,
        };
        let found = accepted(&request.to_http_request());
        assert_eq!(found.as_ref().ok().copied(), expect, "{accept:?}");
        if let Err(error) = found {
            assert_eq!(error.problem().code, "NOT_ACCEPTABLE");
            assert!(error.problem().hint.as_deref().unwrap().contains("text/csv, "));
        }
    }

    #[test]
    fn clients_get_what_they_accept_most() {
        check(None, Some(Format::Json));
        check(Some("*/*"), Some(Format::Json));
        check(Some("application/*"), Some(Format::Json));
        check(Some("text/csv"), Some(Format::Csv));
        check(Some("text/*;q=0.5, application/x-ndjson"), Some(Format::Ndjson));
        check(Some("image/png, text/csv;q=0.1"), Some(Format::Csv));
        check(Some("application/vnd.apache.arrow.stream"), Some(Format::Arrow));
        check(Some("text/html,application/xhtml+xml,*/*;q=0.8"), Some(Format::Json));
        check(Some("image/png"), None);
        check(Some("text/plain"), None);
    }
}
