//! `MATCH_RECOGNIZE`: its columns are those it partitions by, the measures, and with ALL ROWS PER MATCH the input.

use sqlparser::ast::{Expr, RowsPerMatch, TableFactor};

use super::expression::name_parts;
use super::relation::{Field, qualified};
use super::scope::{Scope, ScopeKind};
use super::tracer::{Place, Tracer, ident_name};

impl Tracer<'_> {
    /// The columns of a MATCH_RECOGNIZE.
    pub(super) fn match_recognize(&mut self, factor: &TableFactor, place: Place<'_>) -> Vec<Field> {
        let TableFactor::MatchRecognize { table, partition_by, order_by, measures, rows_per_match, .. } = factor else {
            return vec![Field::unknown()];
        };
        let input = self.factor(table, place);
        let scope = Scope { fields: &input, windows: &[], outer: place.scope.outer, kind: ScopeKind::Pattern };
        let inside = Place { scope: &scope, ..place };
        let mut fields = Vec::new();
        for expr in partition_by {
            fields.push(self.input_column(expr, inside));
        }
        let all_rows = matches!(rows_per_match, Some(RowsPerMatch::AllRows(_)));
        if all_rows {
            for item in order_by {
                fields.push(self.input_column(&item.expr, inside));
            }
        }
        let listed = fields.len();
        for measure in measures {
            let value = self.value(&measure.expr, inside);
            fields.push(Field::column(Some(ident_name(&measure.alias)), value));
        }
        if all_rows {
            let is_listed = |field: &Field| {
                let name = field.as_column().and_then(|(name, _)| name.clone());
                name.is_some_and(|name| fields[..listed].iter().any(|known| known.named(&name).is_some()))
            };
            let rest: Vec<Field> = input.iter().filter(|field| !is_listed(field)).cloned().collect();
            fields.extend(rest);
        }
        qualified(fields, None)
    }

    /// A column that is partitioned or ordered by, under its own name.
    fn input_column(&mut self, expr: &Expr, place: Place<'_>) -> Field {
        let name = name_parts(expr).and_then(|parts| parts.last().map(|name| (*name).into()));
        Field::column(name, self.value(expr, place))
    }
}
