//! The columns that a query gives: WITH, set operations, VALUES, SELECT lists. ORDER BY, LIMIT, WHERE and GROUP BY say
//! which rows there are and not what is in them, so they are not looked at.

use std::rc::Rc;

use sqlparser::ast::{
    Cte, Expr, Join, JoinConstraint, JoinOperator, ObjectNamePart, Query, Select, SelectItem,
    SelectItemQualifiedWildcardKind, SetExpr, SetOperator, TableWithJoins, Values, WildcardAdditionalOptions,
};

use super::expression::{bare, field_name, name_parts, operands};
use super::functions::plain_arguments;
use super::relation::{Field, corresponding, qualified, renamed, united};
use super::scope::{Scope, ScopeKind, Star, row_fields, star};
use super::shape::Shape;
use super::tracer::{Place, Tracer, With, canonical, ident_name, typed};
use super::value::{ColumnUse, Value};
use crate::keywords::Keyword;
use crate::lexer::Symbol;
use crate::scanner::TokenId;
use crate::second::token_of;

/// The scope around everything.
const NOTHING: Scope<'static> = Scope { fields: &[], windows: &[], outer: None, kind: ScopeKind::Query };

/// Recursive queries inside of the second branch of each other: each of them is traced again for each round of the one
/// around it.
const MAX_RECURSIONS: usize = 3;

impl Tracer<'_> {
    /// The columns of a query.
    pub(super) fn query(&mut self, query: &Query, with: &With<'_>, outer: Option<&Scope<'_>>) -> Vec<Field> {
        let with = self.with(query, with, outer);
        self.body(&query.body, &with, outer)
    }

    /// What is visible in a query with a WITH clause.
    fn with<'p>(&mut self, query: &Query, outer_with: &'p With<'p>, outer: Option<&Scope<'_>>) -> With<'p> {
        let mut with = With { items: Vec::new(), outer: Some(outer_with) };
        let Some(clause) = &query.with else { return with };
        for item in &clause.cte_tables {
            let fields = match clause.recursive {
                true => self.recursive_item(item, &with, outer),
                false => named_as(self.query(&item.query, &with, outer), item),
            };
            with.items.push((item.alias.name.value.clone(), Rc::new(fields)));
        }
        with
    }

    /// An item of WITH RECURSIVE: what the first branch of its UNION gives, and what the second one makes of that, until
    /// nothing is added.
    fn recursive_item(&mut self, item: &Cte, with: &With<'_>, outer: Option<&Scope<'_>>) -> Vec<Field> {
        let name = &item.alias.name.value;
        let bound = |fields: Vec<Field>| With { items: vec![(name.clone(), Rc::new(fields))], outer: Some(with) };
        // Outside of the second branch the name may be that of an item around it; Trino has rules for that.
        let unbound = bound(vec![Field::unknown()]);
        let SetExpr::SetOperation { left, op: SetOperator::Union, right, .. } = &*item.query.body else {
            let fields = self.query(&item.query, &unbound, outer);
            return named_as(fields, item);
        };
        if item.query.with.is_some() {
            let fields = self.query(&item.query, &unbound, outer);
            return named_as(fields, item);
        }
        let anchor = self.body(left, &unbound, outer);
        let mut fields = named_as(anchor, item);
        // Each round carries a column one step further, and a column has three uses.
        let rounds = if self.recursions < MAX_RECURSIONS { 3 * fields.len() + 2 } else { 0 };
        for _ in 0..rounds {
            self.recursions += 1;
            let step = self.body(right, &bound(fields.clone()), outer);
            self.recursions -= 1;
            let more = united(fields.clone(), &step);
            if more == fields {
                return fields;
            }
            fields = more;
            if !self.spend(fields.len()) {
                break;
            }
        }
        fields.into_iter().map(Field::forget).collect()
    }

    fn body(&mut self, body: &SetExpr, with: &With<'_>, outer: Option<&Scope<'_>>) -> Vec<Field> {
        // A chain of set operations is as deep to the left as it is long.
        let mut branches = Vec::new();
        let mut first = body;
        while let SetExpr::SetOperation { left, right, .. } = first {
            branches.push(&**right);
            first = left;
        }
        let mut fields = self.branch(first, with, outer);
        for branch in branches.into_iter().rev() {
            let other = self.branch(branch, with, outer);
            if !self.spend(1 + fields.len() + other.len()) {
                return vec![Field::unknown()];
            }
            fields = match self.correspondence(branch) {
                Correspondence::ByPlace => united(fields, &other),
                Correspondence::ByName(list) => corresponding(&fields, &other, list.as_deref()),
                Correspondence::Unclear => vec![Field::unknown()],
            };
        }
        fields
    }

    fn branch(&mut self, branch: &SetExpr, with: &With<'_>, outer: Option<&Scope<'_>>) -> Vec<Field> {
        match branch {
            SetExpr::Select(select) => self.select(select, with, outer),
            SetExpr::Query(query) => self.query(query, with, outer),
            SetExpr::Values(values) => self.values(values, with, outer),
            SetExpr::SetOperation { .. } => self.body(branch, with, outer),
            _ => vec![Field::unknown()],
        }
    }

    /// The columns of VALUES. Trino gives them no sources; where they hold more than literals, Warren says that it does
    /// not know them.
    fn values(&self, values: &Values, with: &With<'_>, outer: Option<&Scope<'_>>) -> Vec<Field> {
        let scope = Scope { outer, ..NOTHING };
        let place = Place { with, scope: &scope };
        let Some(first) = values.rows.first() else { return Vec::new() };
        let row = match &first.content[..] {
            [only] => self.shape(only, place),
            _ => Shape::Unknown,
        };
        let literal = |at: usize| values.rows.iter().all(|row| row.content.get(at).is_some_and(is_literal));
        let column = |at: usize| if literal(at) { Value::constant() } else { Value::unknown() };
        match row {
            // `VALUES ROW(1, 2)` is `VALUES (1, 2)`.
            Shape::Row(fields) => fields.iter().map(|(name, _)| Field::column(name.clone(), column(0))).collect(),
            _ => (0..first.content.len()).map(|at| Field::column(None, column(at))).collect(),
        }
    }

    fn select(&mut self, select: &Select, with: &With<'_>, outer: Option<&Scope<'_>>) -> Vec<Field> {
        let from = self.from(&select.from, with, outer);
        let scope = Scope { fields: &from, windows: &select.named_window, outer, kind: ScopeKind::Query };
        let place = Place { with, scope: &scope };
        let mut fields = Vec::new();
        for item in &select.projection {
            self.item(item, place, &mut fields);
        }
        match self.spend(fields.len()) {
            true => fields,
            false => vec![Field::unknown()],
        }
    }

    fn item(&mut self, item: &SelectItem, place: Place<'_>, fields: &mut Vec<Field>) {
        match item {
            SelectItem::UnnamedExpr(expr) => {
                let value = self.value(expr, place);
                fields.push(Field::column(output_name(expr), value));
            }
            SelectItem::ExprWithAlias { expr, alias } => {
                let value = self.value(expr, place);
                fields.push(Field::column(Some(ident_name(alias)), value));
            }
            SelectItem::ExprWithAliases { .. } => fields.push(Field::unknown()),
            SelectItem::Wildcard(_) => fields.extend(qualified(place.scope.fields.to_vec(), None)),
            SelectItem::QualifiedWildcard(kind, options) => {
                let columns = self.qualified_star(kind, place);
                fields.extend(renamed(qualified(columns, None), &self.star_names(options)));
            }
        }
    }

    fn qualified_star(&mut self, kind: &SelectItemQualifiedWildcardKind, place: Place<'_>) -> Vec<Field> {
        let parts: Option<Vec<&str>> = match kind {
            SelectItemQualifiedWildcardKind::ObjectName(name) => {
                name.0.iter().map(|part| Some(part.as_ident()?.value.as_str())).collect()
            }
            SelectItemQualifiedWildcardKind::Expr(expr) => name_parts(expr),
        };
        match (parts, kind) {
            (Some(parts), _) => match star(&parts, place.scope) {
                Star::Columns(columns) => columns,
                Star::Row(row) => row_fields(&row),
            },
            (None, SelectItemQualifiedWildcardKind::Expr(expr)) => row_fields(&self.value(expr, place)),
            (None, SelectItemQualifiedWildcardKind::ObjectName(_)) => vec![Field::unknown()],
        }
    }

    /// The names of `t.* AS (a, b)`, which sqlparser is not shown.
    fn star_names(&self, options: &WildcardAdditionalOptions) -> Vec<Rc<str>> {
        let Some(mut at) = token_of(options.wildcard_token.0.span) else { return Vec::new() };
        // Behind an expression sqlparser keeps the point for the star.
        at += usize::from(self.is_symbol(at, Symbol::Dot));
        match self.word(at + 1) == Keyword::As && self.is_symbol(at + 2, Symbol::LeftParen) {
            true => self.name_list(at + 2).into_iter().map(canonical).collect(),
            false => Vec::new(),
        }
    }

    /// How the columns of a branch find those of the branches before it: CORRESPONDING stands before the branch, and
    /// sqlparser is not shown it.
    fn correspondence(&self, branch: &SetExpr) -> Correspondence {
        let by_name = |at: TokenId| {
            let list = self.name_list(at + 2).into_iter().map(typed).collect::<Vec<_>>();
            Correspondence::ByName((self.word(at + 1) == Keyword::By).then_some(list))
        };
        let Some(mut at) = first_token(branch) else {
            let tokens = 0..self.statement.outline.tokens.len();
            return match tokens.into_iter().any(|at| self.word(at) == Keyword::Corresponding) {
                true => Correspondence::Unclear,
                false => Correspondence::ByPlace,
            };
        };
        while at > 0 && self.is_symbol(at - 1, Symbol::LeftParen) {
            at -= 1;
        }
        let Some(before) = at.checked_sub(1) else { return Correspondence::ByPlace };
        if self.word(before) == Keyword::Corresponding {
            return by_name(before);
        }
        // `CORRESPONDING BY (a, b)` holds nothing but names.
        let open = (0..before).rev().find(|at| self.is_symbol(*at, Symbol::LeftParen));
        match open.filter(|_| self.is_symbol(before, Symbol::RightParen)).and_then(|open| open.checked_sub(2)) {
            Some(at) if self.word(at) == Keyword::Corresponding && self.word(at + 1) == Keyword::By => by_name(at),
            _ => Correspondence::ByPlace,
        }
    }

    /// What EXISTS is made of: the columns that its query asks about rows, for it gives nothing else.
    pub(super) fn existence(&mut self, query: &Query, place: Place<'_>) -> Value {
        let outer = Some(place.scope);
        let with = self.with(query, place.with, outer);
        let mut value = Value::constant();
        let mut pending = vec![&*query.body];
        while let Some(body) = pending.pop() {
            match body {
                SetExpr::SetOperation { left, right, .. } => pending.extend([&**left, &**right]),
                SetExpr::Select(select) => {
                    let from = self.from(&select.from, &with, outer);
                    let scope = Scope { fields: &from, windows: &select.named_window, outer, kind: ScopeKind::Query };
                    let place = Place { with: &with, scope: &scope };
                    for condition in conditions(select) {
                        self.collect(condition, ColumnUse::Expression, place, &mut value);
                    }
                }
                SetExpr::Query(query) => {
                    let inner = self.existence(query, Place { with: &with, scope: place.scope });
                    value.absorb(&inner, ColumnUse::Expression);
                }
                SetExpr::Values(_) => {}
                _ => value.complete = false,
            }
        }
        value
    }

    /// The columns of a query that is no part of another one.
    pub(super) fn whole_query(&mut self, query: &Query) -> Vec<Field> {
        self.query(query, &With::default(), None)
    }
}

/// A place in which nothing can be named.
pub(super) const fn nowhere() -> &'static Scope<'static> {
    &NOTHING
}

/// How the branches of a set operation are matched.
enum Correspondence {
    ByPlace,
    ByName(Option<Vec<Rc<str>>>),
    Unclear,
}

/// The first token of a branch that the user typed, parentheses aside.
fn first_token(branch: &SetExpr) -> Option<TokenId> {
    let mut body = branch;
    loop {
        body = match body {
            SetExpr::Select(select) => return token_of(select.select_token.0.span),
            SetExpr::Query(query) => match &query.with {
                Some(with) => return token_of(with.with_token.0.span),
                None => &query.body,
            },
            SetExpr::SetOperation { left, .. } => left,
            _ => return None,
        };
    }
}

/// WHERE, HAVING and the conditions of joins.
fn conditions(select: &Select) -> Vec<&Expr> {
    let joins = select.from.iter().flat_map(|item: &TableWithJoins| &item.joins);
    let on = joins.filter_map(|join| match constraint(join) {
        Some(JoinConstraint::On(condition)) => Some(condition),
        _ => None,
    });
    select.selection.iter().chain(&select.having).chain(on).collect()
}

/// The constraint of a join; `None` for one that Trino does not have.
pub(super) const fn constraint(join: &Join) -> Option<&JoinConstraint> {
    match &join.join_operator {
        JoinOperator::Join(constraint)
        | JoinOperator::Inner(constraint)
        | JoinOperator::Left(constraint)
        | JoinOperator::LeftOuter(constraint)
        | JoinOperator::Right(constraint)
        | JoinOperator::RightOuter(constraint)
        | JoinOperator::FullOuter(constraint)
        | JoinOperator::CrossJoin(constraint) => Some(constraint),
        _ => None,
    }
}

/// The columns of a WITH item under the names of its list.
fn named_as(fields: Vec<Field>, item: &Cte) -> Vec<Field> {
    let names: Vec<Rc<str>> = item.alias.columns.iter().map(|column| ident_name(&column.name)).collect();
    renamed(fields, &names)
}

/// Whether an expression holds no name of a column and no query. Few operators are enough: this is about VALUES.
fn is_literal(expr: &Expr) -> bool {
    let mut pending = vec![expr];
    while let Some(expr) = pending.pop() {
        match expr {
            Expr::Function(function) => match plain_arguments(function) {
                Some(arguments) => pending.extend(arguments),
                None => return false,
            },
            Expr::Identifier(_)
            | Expr::CompoundIdentifier(_)
            | Expr::CompoundFieldAccess { .. }
            | Expr::Subquery(_)
            | Expr::InSubquery { .. }
            | Expr::Exists { .. }
            | Expr::Lambda(_) => return false,
            other => match operands(other) {
                Some(operands) => pending.extend(operands),
                None => return false,
            },
        }
    }
    true
}

/// The name that Trino gives to the column of an expression: a column's or field's own.
fn output_name(expr: &Expr) -> Option<Rc<str>> {
    match bare(expr) {
        Expr::Identifier(ident) => Some(ident_name(ident)),
        Expr::CompoundIdentifier(parts) => parts.last().map(ident_name),
        Expr::CompoundFieldAccess { access_chain, .. } => access_chain.last().and_then(field_name).map(Rc::from),
        _ => None,
    }
}

/// The names of a USING clause.
pub(super) fn using_names(names: &[sqlparser::ast::ObjectName]) -> Vec<Rc<str>> {
    let ident = |part: &ObjectNamePart| part.as_ident().map(ident_name);
    names.iter().filter_map(|name| name.0.last().and_then(ident)).collect()
}
