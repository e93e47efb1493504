//! Rewrites the syntax tree of a query into one that DataFusion plans with Trino's meaning: literals with Trino's types, Trino's
//! functions, `LIKE` without a hidden escape, names for unnamed columns.

use std::collections::HashSet;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    AccessExpr, CastKind, CharacterLength, DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments,
    GroupByExpr, Ident, LimitClause, NamedWindowExpr, ObjectNamePart, OrderByKind, Query, Select, SelectItem, SetExpr,
    Spanned, Subscript, TableAlias, TableAliasColumnDef, TableFactor, Value, ValueWithSpan, VisitMut, VisitorMut,
    WindowFrame, WindowFrameBound, WindowType,
};
use datafusion::sql::sqlparser::tokenizer::{Location, Span};

use super::build::{bigint, call, cast, number, string, string_of};
use super::functions::{self, WHITE_SPACE, part_of_date};
use super::tokens::Originals;
use super::{literals, refuse};
use crate::failure::{ErrorCode, QueryFailure, place_of};

/// How the plan's names for columns without a name start; no name in SQL can hold the colon and stay a plain word.
pub(crate) const UNNAMED: &str = "_col:";

/// What a statement can ask about the session it runs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SessionNames {
    pub(crate) user: String,
    pub(crate) catalog: Option<String>,
    pub(crate) schema: Option<String>,
    /// A zone that Arrow knows.
    pub(crate) time_zone: String,
}

/// A query ready for DataFusion's planner.
#[derive(Debug, Clone)]
pub(crate) struct PreparedQuery {
    pub(crate) query: Box<Query>,
    pub(crate) outputs: Vec<OutputName>,
}

/// A column of the result whose name on the wire differs from the one in the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OutputName {
    pub(crate) planned: String,
    /// `None` for a column that Trino names after its position, `_col0`.
    pub(crate) shown: Option<String>,
}

/// Prepares a query that is not part of another.
pub(crate) fn prepare(
    mut query: Box<Query>,
    originals: &Originals,
    session: &SessionNames,
) -> Result<PreparedQuery, QueryFailure> {
    refuse::check(&query)?;
    let mut outputs = Vec::new();
    name_outputs(&mut query.body, originals, &mut outputs);
    let mut normaliser = Normaliser { session, literal: HashSet::new() };
    match VisitMut::visit(&mut query, &mut normaliser) {
        ControlFlow::Continue(()) => Ok(PreparedQuery { query, outputs }),
        ControlFlow::Break(failure) => Err(*failure),
    }
}

/// Gives every column of the result a name of its own in the plan, and notes the name to show.
fn name_outputs(body: &mut SetExpr, originals: &Originals, outputs: &mut Vec<OutputName>) {
    match body {
        SetExpr::Select(select) => name_select_items(select, originals, outputs),
        SetExpr::Query(query) => name_outputs(&mut query.body, originals, outputs),
        SetExpr::SetOperation { left, .. } => name_outputs(left, originals, outputs),
        SetExpr::Values(values) => {
            let width = values.rows.first().map_or(0, |row| row.content.len());
            outputs.extend((1..=width).map(|index| OutputName { planned: format!("column{index}"), shown: None }));
        }
        SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) | SetExpr::Table(_) => {}
    }
}

fn name_select_items(select: &mut Select, originals: &Originals, outputs: &mut Vec<OutputName>) {
    let mut taken = HashSet::new();
    for (index, item) in select.projection.iter_mut().enumerate() {
        let (expr, name) = match item {
            SelectItem::UnnamedExpr(expr) => {
                let name = column_name(expr).cloned();
                (expr, name)
            }
            SelectItem::ExprWithAlias { expr, alias } => (expr, Some(alias.clone())),
            _ => continue,
        };
        let planned = match &name {
            Some(ident) if taken.insert(ident.value.clone()) => ident.value.clone(),
            _ => format!("{UNNAMED}{index}"),
        };
        let shown = name.as_ref().map(|ident| originals.spelling(ident.span.start, &ident.value).to_owned());
        let alias = Ident::with_quote_and_span('"', name.map_or_else(Span::empty, |ident| ident.span), planned.clone());
        if shown.as_deref() != Some(planned.as_str()) || column_name(expr).is_none() {
            *item = SelectItem::ExprWithAlias { expr: expr.clone(), alias };
        }
        outputs.push(OutputName { planned, shown });
    }
}

/// The name that a column reference gives its column.
fn column_name(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Identifier(ident) if !is_of_session(ident) => Some(ident),
        Expr::CompoundIdentifier(parts) => parts.last(),
        Expr::Nested(inner) => column_name(inner),
        _ => None,
    }
}

/// Words that stand for a value of the session and that sqlparser takes for a column.
fn is_of_session(ident: &Ident) -> bool {
    ident.quote_style.is_none()
        && matches!(
            ident.value.as_str(),
            "current_user"
                | "current_catalog"
                | "current_schema"
                | "current_date"
                | "current_timestamp"
                | "localtimestamp"
        )
}

struct Normaliser<'a> {
    session: &'a SessionNames,
    /// Where numbers stand that must stay bare: ordinals, limits, window frames, arguments that DataFusion wants literal.
    literal: HashSet<Location>,
}

type Step = ControlFlow<Box<QueryFailure>>;

impl VisitorMut for Normaliser<'_> {
    type Break = Box<QueryFailure>;

    fn pre_visit_query(&mut self, query: &mut Query) -> Step {
        fetch_to_limit(query);
        if let Some(LimitClause::LimitOffset { limit, offset, .. }) = &query.limit_clause {
            self.keep(limit.as_ref());
            self.keep(offset.as_ref().map(|offset| &offset.value));
        }
        if let Some(order) = &query.order_by
            && let OrderByKind::Expressions(keys) = &order.kind
        {
            self.keep(keys.iter().map(|key| &key.expr));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> Step {
        if let GroupByExpr::Expressions(keys, _) = &select.group_by {
            self.keep(keys);
        }
        for window in &select.named_window {
            if let NamedWindowExpr::WindowSpec(spec) = &window.1 {
                self.keep_frame(spec.window_frame.as_ref());
            }
        }
        for (index, item) in select.projection.iter_mut().enumerate() {
            if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item
                && let Some(text) = string_of(expr)
            {
                // A text in Trino has its own length as its type; it matters where the text is a column.
                let length = u64::try_from(text.chars().count()).ok();
                let length = length.map(|length| CharacterLength::IntegerLength { length, unit: None });
                *expr = cast(string(text), DataType::Varchar(length));
            }
            if let SelectItem::UnnamedExpr(expr) = item
                && column_name(expr).is_none()
            {
                let alias = Ident::with_quote('"', format!("{UNNAMED}{index}"));
                *item = SelectItem::ExprWithAlias { expr: expr.clone(), alias };
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> Step {
        if let TableFactor::Derived { subquery, alias, .. } = factor
            && let SetExpr::Values(values) = &*subquery.body
            && alias.as_ref().is_none_or(|alias| alias.columns.is_empty())
        {
            let width = values.rows.first().map_or(0, |row| row.content.len());
            name_values(alias, width);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> Step {
        match expr {
            Expr::Function(function) => self.keep_of_function(function),
            Expr::Interval(interval) => self.keep(Some(&*interval.value)),
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> Step {
        let place = place_of(expr.span());
        match self.rewritten(expr) {
            Ok(None) => ControlFlow::Continue(()),
            Ok(Some(rewritten)) => {
                *expr = rewritten;
                ControlFlow::Continue(())
            }
            Err(failure) => ControlFlow::Break(Box::new(failure.at(place))),
        }
    }
}

impl Normaliser<'_> {
    fn keep<'e>(&mut self, exprs: impl IntoIterator<Item = &'e Expr>) {
        for expr in exprs {
            if let Expr::Value(ValueWithSpan { value: Value::Number(..), span }) = expr {
                self.literal.insert(span.start);
            }
        }
    }

    fn keep_frame(&mut self, frame: Option<&WindowFrame>) {
        let Some(frame) = frame else { return };
        for bound in [Some(&frame.start_bound), frame.end_bound.as_ref()].into_iter().flatten() {
            if let WindowFrameBound::Preceding(Some(distance)) | WindowFrameBound::Following(Some(distance)) = bound {
                self.keep(Some(&**distance));
            }
        }
    }

    fn keep_of_function(&mut self, function: &Function) {
        if let Some(WindowType::WindowSpec(spec)) = &function.over {
            self.keep_frame(spec.window_frame.as_ref());
        }
        if let Some(index) = functions::wants_literal(&functions::name_of(function))
            && let FunctionArguments::List(list) = &function.args
            && let Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(expr))) = list.args.get(index)
        {
            self.keep(Some(expr));
        }
    }

    fn rewritten(&self, expr: &Expr) -> Result<Option<Expr>, QueryFailure> {
        match expr {
            Expr::Value(ValueWithSpan { value: Value::Number(text, _), span }) => {
                if self.literal.contains(&span.start) && span.start.line > 0 {
                    Ok(None)
                } else {
                    literals::number(text)
                }
            }
            Expr::Identifier(ident) if is_of_session(ident) => Ok(functions::of_session(&ident.value, 0, self.session)),
            Expr::TypedString(literal) => literals::typed_string(literal),
            Expr::Interval(interval) => literals::check_interval(interval).map(|()| None),
            Expr::Function(function) => functions::rewrite(function, self.session).map(Some),
            Expr::Extract { field, expr, .. } => {
                let name = field.to_string().to_lowercase();
                part_of_date(&name, (**expr).clone())
                    .map(Some)
                    .ok_or_else(|| QueryFailure::not_supported(format_args!("EXTRACT({name})")))
            }
            Expr::Position { expr, r#in } => Ok(Some(bigint(call("strpos", vec![(**r#in).clone(), (**expr).clone()])))),
            Expr::Substring { expr, substring_from, substring_for, .. } => {
                let from = substring_from.as_ref().map_or_else(|| number(1), |from| (**from).clone());
                let mut args = vec![(**expr).clone(), from];
                args.extend(substring_for.iter().map(|length| (**length).clone()));
                Ok(Some(call("trino_substr", args)))
            }
            Expr::Cast { kind, expr, data_type, .. } => {
                let function = if *kind == CastKind::TryCast { "trino_try_cast" } else { "trino_cast" };
                let args = vec![(**expr).clone(), string(&type_name(data_type)), string(&self.session.time_zone)];
                Ok(Some(call(function, args)))
            }
            Expr::CompoundFieldAccess { root, access_chain } => Ok(Some(element((**root).clone(), access_chain))),
            Expr::Trim { trim_where, trim_what: None, expr, trim_characters: None } => Ok(Some(Expr::Trim {
                trim_where: *trim_where,
                trim_what: Some(Box::new(string(WHITE_SPACE))),
                expr: expr.clone(),
                trim_characters: None,
            })),
            Expr::Like { negated, any, expr, pattern, escape_char } => Ok(Some(Expr::Like {
                negated: *negated,
                any: *any,
                expr: expr.clone(),
                pattern: Box::new(like_pattern(pattern, escape_char.as_ref())?),
                escape_char: None,
            })),
            _ => Ok(None),
        }
    }
}

/// The name of a type as it was written; a nested one is a delimited word, see [`super::tokens`].
pub(super) fn type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::Custom(name, _) => match name.0.as_slice() {
            [ObjectNamePart::Identifier(ident)] => ident.value.clone(),
            _ => data_type.to_string(),
        },
        _ => data_type.to_string(),
    }
}

/// `root[key].field` as calls.
fn element(root: Expr, access_chain: &[AccessExpr]) -> Expr {
    access_chain.iter().fold(root, |container, access| match access {
        AccessExpr::Subscript(Subscript::Index { index }) => call("trino_subscript", vec![container, index.clone()]),
        AccessExpr::Dot(Expr::Identifier(field)) => call("get_field", vec![container, string(&field.value)]),
        other => Expr::CompoundFieldAccess { root: Box::new(container), access_chain: vec![other.clone()] },
    })
}

/// DataFusion has no `FETCH`.
fn fetch_to_limit(query: &mut Query) {
    let Some(fetch) = query.fetch.take() else { return };
    let offset = match query.limit_clause.take() {
        Some(LimitClause::LimitOffset { offset, .. }) => offset,
        _ => None,
    };
    let limit = Some(fetch.quantity.unwrap_or_else(|| number(1)));
    query.limit_clause = Some(LimitClause::LimitOffset { limit, offset, limit_by: vec![] });
}

/// The columns of a bare `VALUES` have no names in Trino; DataFusion calls them `column1`.
fn name_values(alias: &mut Option<TableAlias>, width: usize) {
    let columns = (0..width).map(|index| TableAliasColumnDef::from_name(format!("{UNNAMED}{index}"))).collect();
    match alias {
        Some(alias) => alias.columns = columns,
        None => {
            let name = Ident::with_quote('"', "_values");
            *alias = Some(TableAlias { explicit: true, name, columns, at: None });
        }
    }
}

/// The pattern with the one escape that DataFusion always has, the backslash. Trino has none unless `ESCAPE` names one.
fn like_pattern(pattern: &Expr, escape: Option<&ValueWithSpan>) -> Result<Expr, QueryFailure> {
    let escape = match escape.map(|escape| &escape.value) {
        None => None,
        Some(Value::SingleQuotedString(text)) if text.chars().count() == 1 => text.chars().next(),
        Some(_) => {
            return Err(QueryFailure::new(
                ErrorCode::InvalidFunctionArgument,
                "Escape string must be a single character",
            ));
        }
    };
    match (string_of(pattern), escape) {
        (Some(text), _) => escaped_with_backslash(text, escape).map(|text| string(&text)),
        (None, None) => Ok(call("replace", vec![pattern.clone(), string("\\"), string("\\\\")])),
        (None, Some(_)) => Err(QueryFailure::not_supported("ESCAPE with a pattern that is not a string literal")),
    }
}

fn escaped_with_backslash(pattern: &str, escape: Option<char>) -> Result<String, QueryFailure> {
    let mut result = String::with_capacity(pattern.len());
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        if Some(letter) == escape {
            match letters.next() {
                Some(next) if next == '%' || next == '_' || Some(next) == escape => {
                    if matches!(next, '%' | '_' | '\\') {
                        result.push('\\');
                    }
                    result.push(next);
                }
                _ => {
                    let message = "Escape character must be followed by '%', '_' or the escape character itself";
                    return Err(QueryFailure::new(ErrorCode::InvalidFunctionArgument, message));
                }
            }
        } else {
            if letter == '\\' {
                result.push('\\');
            }
            result.push(letter);
        }
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::escaped_with_backslash;

    #[test]
    fn like_has_only_the_escape_that_it_names() {
        let table = [
            ("a\\_b", None, Some("a\\\\_b")),
            ("a#_b##", Some('#'), Some("a\\_b#")),
            ("a\\_b", Some('\\'), Some("a\\_b")),
        ];
        for (pattern, escape, expect) in table {
            assert_eq!(escaped_with_backslash(pattern, escape).ok().as_deref(), expect, "{pattern}");
        }
        assert!(escaped_with_backslash("a#b", Some('#')).is_err());
    }
}
