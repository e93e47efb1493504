//! Table functions and JSON_TABLE, which sqlparser sees as UNNEST of a function that stands where they stand. Trino
//! gives their columns no sources.

use std::ops::Range;
use std::rc::Rc;

use sqlparser::ast::{Expr, Function, FunctionArguments};

use super::expression::argument;
use super::relation::{Field, GapOrigin};
use super::shape::same_name;
use super::tracer::{Place, Tracer, canonical, stand_in, typed};
use super::value::Value;
use crate::keywords::Keyword;
use crate::lexer::Symbol;
use crate::scanner::TokenId;

impl Tracer<'_> {
    /// The columns, if the values of an UNNEST are such a function.
    pub(super) fn table_function(&mut self, values: &[Expr], place: Place<'_>) -> Option<Vec<Field>> {
        let (function, at) = stand_in(values)?;
        match self.word(at) {
            Keyword::JsonTable => {
                let mut fields = Vec::new();
                self.json_columns(at + 2..self.group_end(at + 1) - 1, &mut fields);
                Some(fields)
            }
            Keyword::Table => Some(self.invocation(at, function, place)),
            _ => None,
        }
    }

    /// Whether the value of an UNNEST stands for `TABLE(…)`.
    pub(super) fn is_invocation(&self, values: &[Expr]) -> bool {
        stand_in(values).is_some_and(|(_, at)| self.word(at) == Keyword::Table)
    }

    /// The columns in `COLUMNS (name type …, NESTED PATH … COLUMNS (…))` in `range`. A nested path takes the place of
    /// its columns. The nesting is that of brackets, which the second reader bounds.
    fn json_columns(&self, range: Range<TokenId>, fields: &mut Vec<Field>) {
        let Some(columns) = self.columns_clause(range) else { return };
        for piece in self.pieces(columns) {
            match self.columns_clause(piece.clone()) {
                Some(_) => self.json_columns(piece, fields),
                None => fields.push(self.json_column(&piece)),
            }
        }
    }

    /// What is in the parentheses behind COLUMNS.
    fn columns_clause(&self, range: Range<TokenId>) -> Option<Range<TokenId>> {
        let mut at = range.start;
        while at < range.end {
            if self.is_symbol(at, Symbol::LeftParen) {
                at = self.group_end(at);
                continue;
            }
            let is_clause = self.token_text(at).eq_ignore_ascii_case("COLUMNS") && at > range.start;
            if is_clause && self.is_symbol(at + 1, Symbol::LeftParen) {
                return Some(at + 2..self.group_end(at + 1) - 1);
            }
            at += 1;
        }
        None
    }

    fn json_column(&self, piece: &Range<TokenId>) -> Field {
        let ordinality = self.token_text(piece.start + 1).eq_ignore_ascii_case("FOR");
        let value = if ordinality { Value::constant() } else { Value::unknown() };
        Field::column(Some(canonical(self.token_text(piece.start))), value)
    }

    /// `TABLE(name(arguments))`
    fn invocation(&mut self, at: TokenId, function: &Function, place: Place<'_>) -> Vec<Field> {
        let end = self.group_end(at + 1);
        let Some(call) = (at + 2..end).find(|at| self.is_symbol(*at, Symbol::LeftParen)) else {
            return vec![Field::unknown()];
        };
        let arguments = match &function.args {
            FunctionArguments::List(list) => list.args.iter().filter_map(argument).collect(),
            FunctionArguments::None | FunctionArguments::Subquery(_) => Vec::new(),
        };
        let name = self.token_text(call - 1);
        if same_name(name, "sequence") {
            return vec![Field::column(Some("sequential_number".into()), Value::constant())];
        }
        if same_name(name, "exclude_columns") {
            return self.exclude_columns(call, &arguments, place);
        }
        // A function may read tables that no argument names: `query` of a connector does.
        vec![Field::gap(GapOrigin::Value(Value::unknown()))]
    }

    /// `exclude_columns(input => TABLE(t), columns => DESCRIPTOR(a, b))`
    fn exclude_columns(&mut self, call: TokenId, arguments: &[&Expr], place: Place<'_>) -> Vec<Field> {
        let Some(Expr::Subquery(input)) = arguments.iter().find(|argument| matches!(argument, Expr::Subquery(_)))
        else {
            return vec![Field::unknown()];
        };
        let descriptor = (call..self.group_end(call)).find(|at| {
            self.token_text(*at).eq_ignore_ascii_case("DESCRIPTOR") && self.is_symbol(at + 1, Symbol::LeftParen)
        });
        let excluded: Vec<Rc<str>> =
            descriptor.map_or_else(Vec::new, |at| self.name_list(at + 1).into_iter().map(typed).collect());
        let kept = |field: &Field| !excluded.iter().any(|name| field.named(name).is_some());
        let fields = self.query(input, place.with, place.scope.outer);
        let opaque = |field: Field| match field.as_column() {
            Some((name, _)) => Field::column(name.clone(), Value::unknown()),
            None => Field::unknown(),
        };
        fields.into_iter().filter(kept).map(opaque).collect()
    }
}
