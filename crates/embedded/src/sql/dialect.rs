//! What Trino's grammar allows, as sqlparser asks for it.

use std::any::TypeId;

use datafusion::sql::sqlparser::dialect::{Dialect, GenericDialect};

/// Trino's dialect.
#[derive(Debug, Clone, Copy)]
pub(super) struct TrinoDialect;

impl Dialect for TrinoDialect {
    /// The parser keeps some of the standard (`UNNEST` as a table, for one) for dialects that it knows by type.
    fn dialect(&self) -> TypeId {
        TypeId::of::<GenericDialect>()
    }

    fn is_delimited_identifier_start(&self, letter: char) -> bool {
        letter == '"'
    }

    fn is_identifier_start(&self, letter: char) -> bool {
        letter.is_ascii_alphabetic() || letter == '_'
    }

    fn is_identifier_part(&self, letter: char) -> bool {
        letter.is_ascii_alphanumeric() || letter == '_' || letter == '@'
    }

    fn supports_filter_during_aggregation(&self) -> bool {
        true
    }

    fn supports_group_by_expr(&self) -> bool {
        true
    }

    fn supports_window_clause_named_window_reference(&self) -> bool {
        true
    }

    fn supports_window_function_null_treatment_arg(&self) -> bool {
        true
    }

    fn supports_match_recognize(&self) -> bool {
        true
    }

    fn supports_lambda_functions(&self) -> bool {
        true
    }

    fn supports_unicode_string_literal(&self) -> bool {
        true
    }

    fn supports_parens_around_table_factor(&self) -> bool {
        true
    }

    /// Trino's own fields of `EXTRACT`; the engine decides later which it knows.
    fn allow_extract_custom(&self) -> bool {
        true
    }

    fn supports_interval_options(&self) -> bool {
        true
    }

    fn require_interval_qualifier(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use datafusion::sql::sqlparser::parser::Parser;

    use super::TrinoDialect;

    #[test]
    fn the_shapes_that_only_trino_writes_parse() {
        for sql in [
            "select a from t order by a offset 2 rows fetch first 3 rows only",
            "select a from t offset 2 limit 3",
            "select count(*) filter (where a > 1) from t group by grouping sets ((a), ())",
            "select * from unnest(array[1, 2]) as t(x)",
            "select sum(a) over w from t window w as (partition by b order by a)",
            "select date '2020-01-01' + interval '3' month",
            "select extract(day_of_week from a) from t",
            "select \"a b\" from \"c\".\"s\".\"t\"",
            "with recursive t(n) as (select 1 union all select n + 1 from t where n < 3) select * from t",
        ] {
            let parsed = Parser::parse_sql(&TrinoDialect, sql);
            assert!(parsed.is_ok(), "{sql}: {parsed:?}");
        }
    }
}
