//! `MATCH_RECOGNIZE`: its columns are those it partitions by, the measures, and with ALL ROWS PER MATCH the input.
//! sqlparser sees it as a join with UNNEST of a function that stands in its place.

use sqlparser::ast::{Expr, Function, FunctionArguments, TableFactor};

use super::expression::{argument, name_parts};
use super::from::aliased;
use super::functions::function_name;
use super::relation::Field;
use super::scope::{Scope, ScopeKind};
use super::tracer::{Place, Tracer, function_token, stand_in, typed};
use crate::keywords::Keyword;

impl Tracer<'_> {
    /// The function that stands for a MATCH_RECOGNIZE, if the right side of a join is one.
    pub(super) fn pattern_of<'e>(&self, factor: &'e TableFactor) -> Option<&'e Function> {
        let TableFactor::UNNEST { array_exprs, .. } = factor else { return None };
        let (function, at) = stand_in(array_exprs)?;
        (self.word(at) == Keyword::MatchRecognize).then_some(function)
    }

    /// The columns of a MATCH_RECOGNIZE with its input and alias.
    pub(super) fn match_recognize(
        &mut self,
        pattern: &Function,
        input: &[Field],
        factor: &TableFactor,
        place: Place<'_>,
    ) -> Vec<Field> {
        let scope = Scope { fields: input, windows: &[], outer: place.scope.outer, kind: ScopeKind::Pattern };
        let inside = Place { scope: &scope, ..place };
        let columns: Vec<&Function> = match &pattern.args {
            FunctionArguments::List(list) => list.args.iter().filter_map(argument).filter_map(as_function).collect(),
            FunctionArguments::None | FunctionArguments::Subquery(_) => Vec::new(),
        };
        let all_rows = function_name(pattern) == "all_rows";
        let listed = if all_rows { &["partition_by", "order_by"][..] } else { &["partition_by"] };
        let mut fields = Vec::new();
        for kind in listed {
            for column in columns.iter().filter(|column| function_name(column) == *kind) {
                fields.push(self.pattern_column(column, inside));
            }
        }
        let measured = columns.iter().filter(|column| function_name(column) == "measure");
        let measures: Vec<Field> = measured.map(|column| self.pattern_column(column, inside)).collect();
        let mut rest = Vec::new();
        if all_rows {
            let is_listed = |field: &&Field| {
                let name = field.as_column().and_then(|(name, _)| name.clone());
                name.is_some_and(|name| fields.iter().any(|known| known.named(&name).is_some()))
            };
            rest.extend(input.iter().filter(|field| !is_listed(field)).cloned());
        }
        fields.extend(measures);
        fields.extend(rest);
        match factor {
            TableFactor::UNNEST { alias, .. } => aliased(fields, alias.as_ref()),
            _ => fields,
        }
    }

    /// A column that is partitioned or ordered by, under the name that the input has for it, or a measure, under the name
    /// behind it.
    fn pattern_column(&mut self, column: &Function, place: Place<'_>) -> Field {
        let FunctionArguments::List(list) = &column.args else { return Field::unknown() };
        let [value] = &list.args.iter().filter_map(argument).collect::<Vec<_>>()[..] else { return Field::unknown() };
        let name = match function_name(column).as_str() {
            "measure" => function_token(column).map(|at| typed(self.token_text(at))),
            _ => name_parts(value).and_then(|parts| {
                let name = *parts.last()?;
                let known = place.scope.fields.iter().find(|field| field.named(name).is_some());
                known.and_then(|field| field.as_column()?.0.clone()).or_else(|| Some(name.into()))
            }),
        };
        Field::column(name, self.value(value, place))
    }
}

fn as_function(expr: &Expr) -> Option<&Function> {
    match expr {
        Expr::Function(function) => Some(function),
        _ => None,
    }
}
