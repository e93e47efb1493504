//! The columns that a FROM clause gives: tables, sub-queries, joins, UNNEST.

use std::rc::Rc;

use sqlparser::ast::{Expr, Ident, JoinConstraint, ObjectName, TableAlias, TableFactor, TableWithJoins};

use super::Column;
use super::query::{constraint, nowhere, using_names};
use super::relation::{Field, GapOrigin, Qualifier, common_names, joined_using, qualified, renamed};
use super::scope::{Scope, ScopeKind};
use super::shape::{Shape, Shaped};
use super::tracer::{Place, Tracer, With, ident_name};
use super::value::{ColumnUse, Value};

impl Tracer<'_> {
    /// The columns of a FROM clause.
    pub(super) fn from(&mut self, items: &[TableWithJoins], with: &With<'_>, outer: Option<&Scope<'_>>) -> Vec<Field> {
        let mut fields: Vec<Field> = Vec::new();
        for item in items {
            let left = Scope { fields: &fields, windows: &[], outer, kind: ScopeKind::Query };
            let more = self.joined(item, Place { with, scope: &left });
            fields.extend(more);
        }
        fields
    }

    /// A relation with its joins. The scope of `place` is what LATERAL and UNNEST see, and what is around it is what
    /// everything else sees.
    fn joined(&mut self, item: &TableWithJoins, place: Place<'_>) -> Vec<Field> {
        let mut fields = self.factor(&item.relation, place);
        // Where the columns of the last relation begin, which a MATCH_RECOGNIZE behind it takes.
        let mut last = 0;
        for join in &item.joins {
            if let Some(pattern) = self.pattern_of(&join.relation) {
                let matched = self.match_recognize(pattern, &fields[last..], &join.relation, place);
                fields.truncate(last);
                fields.extend(matched);
                continue;
            }
            let left = Scope { fields: &fields, windows: &[], outer: place.scope.outer, kind: ScopeKind::Query };
            let right = self.factor(&join.relation, Place { scope: &left, ..place });
            if !self.spend(1 + fields.len() + right.len()) {
                return vec![Field::unknown()];
            }
            last = fields.len();
            fields = match constraint(join) {
                Some(JoinConstraint::Using(names)) => joined_using(fields, right, &using_names(names)),
                Some(JoinConstraint::Natural) => match common_names(&fields, &right) {
                    Some(names) => joined_using(fields, right, &names),
                    None => vec![Field::unknown()],
                },
                Some(JoinConstraint::On(_) | JoinConstraint::None) => {
                    fields.extend(right);
                    fields
                }
                None => vec![Field::unknown()],
            };
        }
        fields
    }

    /// One relation of a FROM clause.
    pub(super) fn factor(&mut self, factor: &TableFactor, place: Place<'_>) -> Vec<Field> {
        match factor {
            TableFactor::Table { name, alias, args: None, .. } => self.table(name, alias.as_ref(), place),
            TableFactor::Derived { lateral, subquery, alias, .. } => {
                let outer = if *lateral { Some(place.scope) } else { place.scope.outer };
                aliased(self.query(subquery, place.with, outer), alias.as_ref())
            }
            // One with an alias comes as a sub-query.
            TableFactor::NestedJoin { table_with_joins, alias: None } => {
                let inside = Scope { outer: place.scope.outer, ..*nowhere() };
                self.joined(table_with_joins, Place { scope: &inside, ..place })
            }
            TableFactor::UNNEST { alias, array_exprs, with_ordinality, .. } => {
                let ordinality = with_ordinality.then(|| Field::column(None, Value::constant()));
                let listed = alias.as_ref().map(|alias| alias.columns.len()).filter(|listed| *listed > 0);
                let names = listed.map(|listed| listed.saturating_sub(ordinality.iter().len()));
                let mut fields = match self.table_function(array_exprs, place) {
                    Some(fields) => fields,
                    None => self.unnest(array_exprs, names, place),
                };
                fields.extend(ordinality);
                match self.is_invocation(array_exprs) {
                    true => aliased_by(fields, alias.as_ref(), |name| self.canonical_name(name)),
                    false => aliased(fields, alias.as_ref()),
                }
            }
            _ => vec![Field::unknown()],
        }
    }

    fn table(&mut self, name: &ObjectName, alias: Option<&TableAlias>, place: Place<'_>) -> Vec<Field> {
        let Some((id, table)) = self.name_of(name) else { return vec![Field::unknown()] };
        let written = Qualifier { parts: table.parts.clone(), alias: table.cte };
        let fields = if table.cte {
            let known = table.parts.first().and_then(|name| place.with.get(name));
            known.map_or_else(|| vec![Field::unknown()], |fields| fields.to_vec())
        } else {
            match self.catalog.columns(table) {
                Some(columns) => columns.into_iter().map(|column| table_column(id, column)).collect(),
                None => vec![Field::gap(GapOrigin::Table(id))],
            }
        };
        if !self.spend(fields.len()) {
            return vec![Field::unknown()];
        }
        let fields = qualified(fields, Some(&Rc::new(written)));
        if alias.is_some() { aliased(fields, alias) } else { fields }
    }

    /// `UNNEST(values)`: an array of rows gives a column for each field, another array one column, a map two. `names`
    /// is how many columns the list behind the alias says that there are.
    fn unnest(&mut self, values: &[Expr], names: Option<usize>, place: Place<'_>) -> Vec<Field> {
        let mut pieces: Vec<(Value, Option<Shaped>)> = Vec::new();
        for value in values {
            let value = self.value(value, place);
            let columns = value.shape.unnested();
            pieces.push((value.used(ColumnUse::Expression), columns));
        }
        let known: usize = pieces.iter().filter_map(|(_, columns)| Some(columns.as_ref()?.len())).sum();
        let unknown = pieces.iter().filter(|(_, columns)| columns.is_none()).count();
        let rest = names.and_then(|names| names.checked_sub(known));
        // Each value gives at least one column, so that as many columns as values are one each.
        let size = match rest {
            Some(rest) if unknown == 1 => Some(rest),
            Some(rest) if rest == unknown => Some(1),
            _ => None,
        };
        let mut fields = Vec::new();
        for (value, columns) in pieces {
            match (columns, size) {
                (Some(columns), _) => fields.extend(
                    columns.into_iter().map(|(name, shape)| Field::column(name, value.clone().with_shape(shape))),
                ),
                (None, Some(size)) => fields.extend(vec![Field::column(None, value); size]),
                (None, None) => fields.push(Field::gap(GapOrigin::Value(value))),
            }
        }
        fields
    }
}

fn table_column(table: usize, column: Column) -> Field {
    let shape = column.data_type.as_deref().map_or(Shape::Unknown, Shape::of_type);
    let name: Rc<str> = column.name.into();
    Field::column(Some(Rc::clone(&name)), Value::column(table, name, shape))
}

/// The columns under an alias and its names; without an alias they cannot be qualified.
pub(super) fn aliased(fields: Vec<Field>, alias: Option<&TableAlias>) -> Vec<Field> {
    aliased_by(fields, alias, ident_name)
}

/// The same, with `name` to say what a column in the list behind the alias is called.
fn aliased_by(fields: Vec<Field>, alias: Option<&TableAlias>, name: impl Fn(&Ident) -> Rc<str>) -> Vec<Field> {
    let Some(alias) = alias else { return qualified(fields, None) };
    let names: Vec<Rc<str>> = alias.columns.iter().map(|column| name(&column.name)).collect();
    qualified(renamed(fields, &names), Some(&Qualifier::alias(&alias.name.value)))
}
