//! The columns that an expression is made of. Everything inside of it counts: conditions, FILTER, ORDER BY of an
//! aggregate, windows; of a sub-query what it gives, of EXISTS what it asks.

use sqlparser::ast::{
    AccessExpr, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause, FunctionArguments,
    LambdaFunction, NamedWindowExpr, OneOrManyWithParens, Query, Subscript, WindowFrameBound, WindowSpec, WindowType,
};

use super::functions::{arguments, is_aggregate};
use super::relation::Field;
use super::scope::{Scope, ScopeKind, field_of, resolve};
use super::shape::{Shape, same_name};
use super::tracer::{Place, Tracer, ident_name};
use super::value::{ColumnUse, Value};

/// What is collected of one expression.
struct Collection<'e, 'v> {
    place: Place<'e>,
    /// Expressions that are still to be looked at, and what is on the way to them.
    pending: Vec<(&'e Expr, ColumnUse)>,
    /// The columns so far.
    into: &'v mut Value,
}

impl Tracer<'_> {
    /// The value of an expression.
    pub(super) fn value(&mut self, expr: &Expr, place: Place<'_>) -> Value {
        match bare(expr) {
            Expr::Identifier(ident) => resolve(&[&ident.value], place.scope),
            Expr::CompoundIdentifier(parts) => {
                let parts: Vec<&str> = parts.iter().map(|part| part.value.as_str()).collect();
                resolve(&parts, place.scope)
            }
            Expr::CompoundFieldAccess { root, access_chain } => self.access(root, access_chain, place),
            Expr::Subquery(query) => self.scalar(query, place),
            other => {
                let mut value = Value::constant();
                self.collect(other, ColumnUse::Expression, place, &mut value);
                value.shape = self.shape(other, place);
                value
            }
        }
    }

    /// Adds the columns of an expression to `into`, all with `usage` on the way.
    pub(super) fn collect<'e>(&mut self, expr: &'e Expr, usage: ColumnUse, place: Place<'e>, into: &mut Value) {
        let mut collection = Collection { place, pending: vec![(expr, usage)], into };
        while let Some((expr, usage)) = collection.pending.pop() {
            let Collection { pending, into, .. } = &mut collection;
            if !self.spend(1 + into.origins.len() / 8) {
                into.complete = false;
                return;
            }
            match expr {
                Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::CompoundFieldAccess { .. } => {
                    into.absorb(&self.value(expr, place), usage);
                }
                Expr::Subquery(query) => self.collect_query(query, usage, place, into),
                Expr::InSubquery { expr, subquery, .. } => {
                    pending.push((expr, usage));
                    self.collect_query(subquery, usage, place, into);
                }
                Expr::Exists { subquery, .. } => into.absorb(&self.existence(subquery, place), usage),
                Expr::Lambda(lambda) => self.lambda(lambda, usage, place, into),
                Expr::Function(function) => self.function(function, usage, &mut collection),
                other => match operands(other) {
                    Some(operands) => pending.extend(operands.into_iter().map(|operand| (operand, usage))),
                    None => into.complete = false,
                },
            }
        }
    }

    /// `name.field`, `value[index]` and longer ones.
    fn access(&mut self, root: &Expr, chain: &[AccessExpr], place: Place<'_>) -> Value {
        let dotted = |access: &AccessExpr| matches!(access, AccessExpr::Dot(Expr::Identifier(_)));
        let mut chain = chain;
        let mut value = match name_parts(root) {
            Some(mut parts) => {
                let leading = chain.iter().take_while(|access| dotted(access)).count();
                let (names, rest) = chain.split_at(leading);
                chain = rest;
                parts.extend(names.iter().filter_map(field_name));
                resolve(&parts, place.scope)
            }
            None => self.value(root, place),
        };
        for access in chain {
            match access {
                AccessExpr::Dot(Expr::Identifier(field)) => value = field_of(&value, &[&field.value]),
                AccessExpr::Dot(_) => value = value.used(ColumnUse::Expression).incomplete(),
                AccessExpr::Subscript(subscript) => {
                    let shape = value.shape.element();
                    value = value.used(ColumnUse::Expression).with_shape(shape);
                    for index in subscripts(subscript) {
                        let index = self.value(index, place);
                        value.absorb(&index, ColumnUse::Expression);
                    }
                }
            }
        }
        value
    }

    /// The value of a sub-query: of its one column, or of a row of its columns.
    fn scalar(&mut self, query: &Query, place: Place<'_>) -> Value {
        let fields = self.query(query, place.with, Some(place.scope));
        match &fields[..] {
            [field] => field.as_column().map_or_else(Value::unknown, |(_, value)| value.clone()),
            _ => whole(&fields, ColumnUse::Expression).with_shape(row_shape(&fields)),
        }
    }

    fn collect_query(&mut self, query: &Query, usage: ColumnUse, place: Place<'_>, into: &mut Value) {
        let fields = self.query(query, place.with, Some(place.scope));
        into.absorb(&whole(&fields, usage), usage);
    }

    fn lambda(&mut self, lambda: &LambdaFunction, usage: ColumnUse, place: Place<'_>, into: &mut Value) {
        // What a parameter holds is in the other arguments of the function that takes the lambda.
        let parameter = |name| Field::column(Some(ident_name(name)), Value::constant());
        let fields: Vec<Field> = match &lambda.params {
            OneOrManyWithParens::One(one) => vec![parameter(&one.name)],
            OneOrManyWithParens::Many(many) => many.iter().map(|one| parameter(&one.name)).collect(),
        };
        let scope =
            Scope { fields: &fields, windows: place.scope.windows, outer: Some(place.scope), kind: ScopeKind::Lambda };
        self.collect(&lambda.body, usage, Place { scope: &scope, ..place }, into);
    }

    fn function<'e>(&mut self, function: &'e Function, usage: ColumnUse, collection: &mut Collection<'e, '_>) {
        let Collection { place, pending, into } = collection;
        if self.is_in_window_pattern(function) {
            let scope = Scope { kind: ScopeKind::Pattern, ..*place.scope };
            for value in arguments(function) {
                self.collect(value, usage, Place { scope: &scope, ..*place }, into);
            }
            return;
        }
        let own = if is_aggregate(function) { ColumnUse::Aggregate } else { ColumnUse::Expression };
        let usage = usage.max(own);
        match &function.args {
            FunctionArguments::None => {}
            FunctionArguments::Subquery(query) => self.collect_query(query, usage, *place, into),
            FunctionArguments::List(list) => {
                pending.extend(list.args.iter().filter_map(argument).map(|expr| (expr, usage)));
                for clause in &list.clauses {
                    match clause {
                        FunctionArgumentClause::OrderBy(items) => {
                            pending.extend(items.iter().map(|item| (&item.expr, usage)));
                        }
                        FunctionArgumentClause::IgnoreOrRespectNulls(_) => {}
                        _ => into.complete = false,
                    }
                }
            }
        }
        pending.extend(function.filter.iter().map(|filter| (&**filter, usage)));
        pending.extend(function.within_group.iter().map(|item| (&item.expr, usage)));
        match &function.over {
            None => {}
            Some(WindowType::WindowSpec(window)) => collection.window(window, usage),
            Some(WindowType::NamedWindow(name)) => collection.named_window(&name.value, usage),
        }
    }
}

impl<'e> Collection<'e, '_> {
    /// What a window partitions and orders by, and its frame.
    fn window(&mut self, window: &'e WindowSpec, usage: ColumnUse) {
        self.partition(window, usage);
        let frame = window.window_frame.iter();
        let bounds = frame.flat_map(|frame| std::iter::once(&frame.start_bound).chain(&frame.end_bound));
        self.pending.extend(bounds.filter_map(|bound| match bound {
            WindowFrameBound::Preceding(Some(expr)) | WindowFrameBound::Following(Some(expr)) => Some((&**expr, usage)),
            _ => None,
        }));
        if let Some(name) = &window.window_name {
            self.named_window(&name.value, usage);
        }
    }

    fn partition(&mut self, window: &'e WindowSpec, usage: ColumnUse) {
        self.pending.extend(window.partition_by.iter().map(|expr| (expr, usage)));
        self.pending.extend(window.order_by.iter().map(|item| (&item.expr, usage)));
    }

    /// A window of the WINDOW clause, and the one that it is built on.
    fn named_window(&mut self, name: &'e str, usage: ColumnUse) {
        let mut visible = self.place.scope.windows;
        let mut wanted = Some(name);
        while let Some(name) = wanted.take() {
            let Some(found) = visible.iter().rposition(|known| same_name(&known.0.value, name)) else {
                self.into.complete = false;
                return;
            };
            match &visible[found].1 {
                NamedWindowExpr::NamedWindow(base) => wanted = Some(&base.value),
                NamedWindowExpr::WindowSpec(window) => {
                    wanted = window.window_name.as_ref().map(|base| base.value.as_str());
                    self.partition(window, usage);
                }
            }
            // A window is built on one that stands before it.
            visible = &visible[..found];
        }
    }
}

/// The shape of a row of columns.
fn row_shape(fields: &[Field]) -> Shape {
    let columns = fields.iter().map(|field| field.as_column().map(|(name, value)| (name.clone(), value.shape.clone())));
    columns.collect::<Option<Vec<_>>>().map_or(Shape::Unknown, |columns| Shape::Row(columns.into()))
}

/// The value of a row of columns.
pub(super) fn whole(fields: &[Field], usage: ColumnUse) -> Value {
    let mut value = Value::constant();
    for field in fields {
        match field.as_column() {
            Some((_, column)) => value.absorb(column, usage),
            None => value.complete = false,
        }
    }
    value
}

/// An expression without the parentheses around it, which Trino's syntax tree does not know.
pub(super) fn bare(mut expr: &Expr) -> &Expr {
    while let Expr::Nested(inner) = expr {
        expr = inner;
    }
    expr
}

/// The parts of an expression that is nothing but a name.
pub(super) fn name_parts(expr: &Expr) -> Option<Vec<&str>> {
    match bare(expr) {
        Expr::Identifier(ident) => Some(vec![&ident.value]),
        Expr::CompoundIdentifier(parts) => Some(parts.iter().map(|part| part.value.as_str()).collect()),
        Expr::CompoundFieldAccess { root, access_chain } => {
            let mut parts = name_parts(root)?;
            for access in access_chain {
                parts.push(field_name(access)?);
            }
            Some(parts)
        }
        _ => None,
    }
}

pub(super) fn field_name(access: &AccessExpr) -> Option<&str> {
    match access {
        AccessExpr::Dot(Expr::Identifier(field)) => Some(&field.value),
        _ => None,
    }
}

/// The expression that is an argument of a function; `*` is none.
pub(super) fn argument(argument: &FunctionArg) -> Option<&Expr> {
    let (FunctionArg::Named { arg, .. } | FunctionArg::ExprNamed { arg, .. } | FunctionArg::Unnamed(arg)) = argument;
    match arg {
        FunctionArgExpr::Expr(expr) => Some(expr),
        _ => None,
    }
}

fn subscripts(subscript: &Subscript) -> Vec<&Expr> {
    match subscript {
        Subscript::Index { index } => vec![index],
        Subscript::Slice { lower_bound, upper_bound, stride } => {
            [lower_bound, upper_bound, stride].into_iter().flatten().collect()
        }
    }
}

/// The operands of an expression that is none of the special ones; `None` for one that Trino does not have.
pub(super) fn operands(expr: &Expr) -> Option<Vec<&Expr>> {
    Some(match expr {
        Expr::Value(_) | Expr::TypedString(_) | Expr::Wildcard(_) => Vec::new(),
        Expr::Nested(one)
        | Expr::IsFalse(one)
        | Expr::IsNotFalse(one)
        | Expr::IsTrue(one)
        | Expr::IsNotTrue(one)
        | Expr::IsNull(one)
        | Expr::IsNotNull(one)
        | Expr::IsUnknown(one)
        | Expr::IsNotUnknown(one)
        | Expr::UnaryOp { expr: one, .. }
        | Expr::Cast { expr: one, .. } => vec![&**one],
        Expr::IsDistinctFrom(left, right)
        | Expr::IsNotDistinctFrom(left, right)
        | Expr::BinaryOp { left, right, .. }
        | Expr::AnyOp { left, right, .. }
        | Expr::AllOp { left, right, .. }
        | Expr::Like { expr: left, pattern: right, .. }
        | Expr::AtTimeZone { timestamp: left, time_zone: right } => vec![&**left, &**right],
        Expr::Between { expr, low, high, .. } => vec![&**expr, &**low, &**high],
        Expr::InList { expr, list, .. } => std::iter::once(&**expr).chain(list).collect(),
        Expr::Tuple(values) => values.iter().collect(),
        Expr::Array(array) => array.elem.iter().collect(),
        Expr::Case { operand, conditions, else_result, .. } => {
            let branches = conditions.iter().flat_map(|branch| [&branch.condition, &branch.result]);
            operand.iter().chain(else_result).map(|expr| &**expr).chain(branches).collect()
        }
        Expr::Prefixed { value, .. } => vec![&**value],
        Expr::Trim { expr, trim_what, trim_characters, .. } => {
            let characters = trim_characters.iter().flatten();
            std::iter::once(&**expr).chain(trim_what.as_deref()).chain(characters).collect()
        }
        Expr::Extract { expr, .. }
        | Expr::Ceil { expr, .. }
        | Expr::Floor { expr, .. }
        | Expr::IsNormalized { expr, .. } => {
            vec![&**expr]
        }
        Expr::Position { expr, r#in } => vec![&**expr, &**r#in],
        _ => return None,
    })
}
