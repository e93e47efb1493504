//! Section `limits`: bounds on what a request may ask for. The bounds themselves are a value of `app`.

use std::time::Duration;

use super::values::Values;
use super::{ConfigError, Setting};
use crate::app::Limits;

const MAX_ROWS: Setting =
    Setting::new("limits.max_rows", "WARREN_MAX_ROWS", "the most rows of one result; 0 for no bound")
        .default("10000000");
const MAX_BODY_BYTES: Setting =
    Setting::new("limits.max_body_bytes", "WARREN_MAX_BODY_BYTES", "the largest request body").default("4194304");
const MAX_SQL_BYTES: Setting =
    Setting::new("limits.max_sql_bytes", "WARREN_MAX_SQL_BYTES", "the longest query").default("1000000");
const MAX_PAGE_ROWS: Setting =
    Setting::new("limits.max_page_rows", "WARREN_MAX_PAGE_ROWS", "the most rows of one page").default("10000");
const MAX_WAIT_MS: Setting =
    Setting::new("limits.max_wait_ms", "WARREN_MAX_WAIT_MS", "the longest that one request waits for a job")
        .default("60000");
const RESULT_TTL_S: Setting = Setting::new(
    "limits.result_ttl_s",
    "WARREN_RESULT_TTL_S",
    "how many seconds a result is kept after its job finished; 0 for ever",
)
.default("0");

pub(super) const SETTINGS: &[&Setting] =
    &[&MAX_ROWS, &MAX_BODY_BYTES, &MAX_SQL_BYTES, &MAX_PAGE_ROWS, &MAX_WAIT_MS, &RESULT_TTL_S];

/// A gibibyte: beyond it a body or a query does not fit what is read into memory at once.
const GIB: usize = 1 << 30;
/// A hundred years, so that no sum of times overflows.
const CENTURY_S: u64 = 3_155_760_000;

pub(super) fn read(values: &Values) -> Result<Limits, ConfigError> {
    let max_rows = values.number(&MAX_ROWS, 0..=i64::MAX.unsigned_abs())?;
    let result_ttl_s = values.number(&RESULT_TTL_S, 0..=CENTURY_S)?;
    Ok(Limits {
        max_body_bytes: values.number(&MAX_BODY_BYTES, 1..=GIB)?,
        max_sql_bytes: values.number(&MAX_SQL_BYTES, 1..=GIB)?,
        max_rows: (max_rows > 0).then_some(max_rows),
        max_page_rows: values.number(&MAX_PAGE_ROWS, 1..=1_000_000)?,
        max_wait: values.millis(&MAX_WAIT_MS, 0..=3_600_000)?,
        result_ttl: (result_ttl_s > 0).then(|| Duration::from_secs(result_ttl_s)),
    })
}
