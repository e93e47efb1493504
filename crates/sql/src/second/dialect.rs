//! The dialect in which sqlparser reads simplified Trino SQL.

use std::any::TypeId;
use std::cell::Cell;

use sqlparser::ast::Expr;
use sqlparser::dialect::{Dialect, GenericDialect};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};

const TRIES_PER_TOKEN: usize = 8;
const SPARE_TRIES: usize = 1000;

/// Trino's SQL after [`simplify`](super::simplify::simplify), in which every word that is still a keyword is meant as
/// one. It has a bounded number of tries: where an operand cannot be read, sqlparser reads the words before it again in
/// another way, and where such words nest that is twice the work a level.
#[derive(Debug)]
pub(super) struct TrinoDialect {
    tries_left: Cell<usize>,
}

impl TrinoDialect {
    /// Tries for a statement of so many tokens. A statement of Trino's own tests takes about one try a token.
    pub(super) fn for_tokens(tokens: usize) -> Self {
        Self { tries_left: Cell::new(TRIES_PER_TOKEN * tokens + SPARE_TRIES) }
    }

    /// Whether the tries did not suffice.
    pub(super) fn gave_up(&self) -> bool {
        self.tries_left.get() == 0
    }
}

impl Dialect for TrinoDialect {
    /// Called for each operand before sqlparser reads it; reads nothing.
    fn parse_prefix(&self, _parser: &mut Parser) -> Option<Result<Expr, ParserError>> {
        self.tries_left.set(self.tries_left.get().saturating_sub(1));
        self.gave_up().then(|| Err(ParserError::ParserError("too many ways to read it".to_owned())))
    }

    /// sqlparser reads UNNEST only for dialects that it knows by type.
    fn dialect(&self) -> TypeId {
        TypeId::of::<GenericDialect>()
    }

    fn is_identifier_start(&self, c: char) -> bool {
        c.is_ascii_alphabetic() || c == '_'
    }

    fn is_identifier_part(&self, c: char) -> bool {
        c.is_ascii_alphanumeric() || c == '_'
    }

    fn is_delimited_identifier_start(&self, c: char) -> bool {
        c == '"'
    }

    fn supports_filter_during_aggregation(&self) -> bool {
        true
    }

    fn supports_within_after_array_aggregation(&self) -> bool {
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

    fn supports_lambda_functions(&self) -> bool {
        true
    }

    fn supports_named_fn_args_with_rarrow_operator(&self) -> bool {
        true
    }

    fn supports_select_expr_star(&self) -> bool {
        true
    }

    fn supports_left_associative_joins_without_parens(&self) -> bool {
        true
    }

    fn supports_parens_around_table_factor(&self) -> bool {
        true
    }

    fn supports_subquery_as_function_arg(&self) -> bool {
        true
    }

    fn is_reserved_for_identifier(&self, keyword: Keyword) -> bool {
        matches!(keyword, Keyword::EXISTS | Keyword::CASE | Keyword::CAST | Keyword::SELECT | Keyword::NOT)
    }

    fn is_select_item_alias(&self, explicit: bool, keyword: &Keyword, _parser: &mut Parser) -> bool {
        explicit || *keyword == Keyword::NoKeyword
    }

    fn is_table_factor_alias(&self, explicit: bool, keyword: &Keyword, _parser: &mut Parser) -> bool {
        explicit || *keyword == Keyword::NoKeyword
    }
}
