//! What is known of Trino's functions: which of them aggregate, and which give arrays, maps and rows.

use sqlparser::ast::{DuplicateTreatment, Expr, Function, FunctionArgumentClause, FunctionArguments};

use super::expression::{argument, bare, field_name, name_parts};
use super::scope::resolve;
use super::shape::Shape;
use super::tracer::{Place, Tracer, function_token, last_part};
use crate::lexer::Symbol;
use crate::second::token_of;

/// Trino's aggregate functions, in order.
const AGGREGATES: &[&str] = &[
    "any_value",
    "approx_distinct",
    "approx_most_frequent",
    "approx_percentile",
    "approx_set",
    "arbitrary",
    "array_agg",
    "avg",
    "bitwise_and_agg",
    "bitwise_or_agg",
    "bitwise_xor_agg",
    "bool_and",
    "bool_or",
    "checksum",
    "convex_hull_agg",
    "corr",
    "count",
    "count_if",
    "covar_pop",
    "covar_samp",
    "entropy",
    "evaluate_classifier_predictions",
    "every",
    "geometric_mean",
    "geometry_union_agg",
    "histogram",
    "kurtosis",
    "learn_classifier",
    "learn_libsvm_classifier",
    "learn_libsvm_regressor",
    "learn_regressor",
    "listagg",
    "make_set_digest",
    "map_agg",
    "map_union",
    "max",
    "max_by",
    "merge",
    "merge_set_digest",
    "min",
    "min_by",
    "multimap_agg",
    "numeric_histogram",
    "qdigest_agg",
    "reduce_agg",
    "regr_intercept",
    "regr_slope",
    "set_agg",
    "set_union",
    "skewness",
    "spatial_partitioning",
    "stddev",
    "stddev_pop",
    "stddev_samp",
    "sum",
    "tdigest_agg",
    "var_pop",
    "var_samp",
    "variance",
];

/// Types nest no deeper than this for Warren.
const MAX_SHAPE_DEPTH: usize = 16;

/// Whether a function aggregates: by its name, or because it is called as only an aggregate can be.
pub(super) fn is_aggregate(function: &Function) -> bool {
    let in_arguments = match &function.args {
        FunctionArguments::List(list) => {
            let ordered = |clause: &FunctionArgumentClause| matches!(clause, FunctionArgumentClause::OrderBy(_));
            list.duplicate_treatment == Some(DuplicateTreatment::Distinct) || list.clauses.iter().any(ordered)
        }
        FunctionArguments::None | FunctionArguments::Subquery(_) => false,
    };
    let named = || AGGREGATES.binary_search(&function_name(function).as_str()).is_ok();
    in_arguments || function.filter.is_some() || !function.within_group.is_empty() || named()
}

/// The last part of the name, in lower case.
pub(super) fn function_name(function: &Function) -> String {
    last_part(&function.name).map_or_else(String::new, |name| name.value.to_lowercase())
}

/// The arguments of a function that is called with nothing but expressions.
pub(super) fn plain_arguments(function: &Function) -> Option<Vec<&Expr>> {
    let plain = function.filter.is_none() && function.within_group.is_empty() && function.over.is_none();
    let FunctionArguments::List(list) = &function.args else { return None };
    (plain && list.clauses.is_empty()).then(|| arguments(function))
}

/// The expressions among the arguments.
pub(super) fn arguments(function: &Function) -> Vec<&Expr> {
    match &function.args {
        FunctionArguments::List(list) => list.args.iter().filter_map(argument).collect(),
        FunctionArguments::None | FunctionArguments::Subquery(_) => Vec::new(),
    }
}

impl Tracer<'_> {
    /// Whether a function stands for a measure or a definition in the row pattern of a window.
    pub(super) fn is_in_window_pattern(&self, function: &Function) -> bool {
        function_name(function) == "row_pattern"
            && function.over.is_none()
            && function_token(function).is_some_and(|at| !self.is_symbol(at + 1, Symbol::LeftParen))
    }

    /// As much of the type of an expression as can be told.
    pub(super) fn shape(&self, expr: &Expr, place: Place<'_>) -> Shape {
        self.shape_within(expr, place, MAX_SHAPE_DEPTH)
    }

    fn shape_within(&self, expr: &Expr, place: Place<'_>, depth: usize) -> Shape {
        let Some(depth) = depth.checked_sub(1) else { return Shape::Unknown };
        if let Some(parts) = name_parts(expr) {
            return resolve(&parts, place.scope).shape;
        }
        match bare(expr) {
            Expr::Value(_) | Expr::TypedString(_) => Shape::Scalar,
            Expr::Cast { data_type, .. } => self.type_shape(data_type),
            Expr::Array(array) => {
                let elements = array.elem.iter().map(|element| self.shape_within(element, place, depth));
                let known = elements.into_iter().find(|shape| *shape != Shape::Unknown);
                Shape::Array(known.unwrap_or(Shape::Unknown).into())
            }
            Expr::CompoundFieldAccess { root, access_chain } => {
                let shape = self.shape_within(root, place, depth);
                access_chain.iter().fold(shape, |shape, access| match field_name(access) {
                    Some(field) => shape.field(field),
                    None => shape.element(),
                })
            }
            Expr::Function(function) => self.function_shape(function, place, depth),
            _ => Shape::Unknown,
        }
    }

    fn function_shape(&self, function: &Function, place: Place<'_>, depth: usize) -> Shape {
        let arguments = arguments(function);
        let shape_of = |expr: &&Expr| self.shape_within(expr, place, depth);
        let first = || arguments.first().map_or(Shape::Unknown, shape_of);
        match function_name(function).as_str() {
            "row" => Shape::Row(arguments.iter().map(|expr| (None, shape_of(expr))).collect::<Vec<_>>().into()),
            "array_agg" | "repeat" => Shape::Array(first().into()),
            "sequence" | "split" | "regexp_extract_all" | "regexp_split" | "map_keys" => {
                Shape::Array(Shape::Scalar.into())
            }
            "map_values" => Shape::Array(first().element().into()),
            "map" | "map_agg" | "map_from_entries" | "histogram" | "split_to_map" | "map_zip_with"
            | "transform_values" | "transform_keys" | "multimap_agg" => Shape::Map(Shape::Unknown.into()),
            "zip" => Shape::Array(Shape::Row(vec![(None, Shape::Unknown); arguments.len()].into()).into()),
            "array_distinct" | "array_sort" | "array_union" | "array_intersect" | "array_except" | "array_remove"
            | "slice" | "shuffle" | "reverse" | "filter" | "coalesce" | "trim_array" | "map_filter" | "map_concat"
            | "arbitrary" | "any_value" => first(),
            "max" | "min" if arguments.len() == 1 => first(),
            "max_by" | "min_by" if arguments.len() == 2 => first(),
            "element_at" => first().element(),
            _ => Shape::Unknown,
        }
    }

    /// The shape of the type of a CAST, of which the tree has only the place.
    fn type_shape(&self, data_type: &sqlparser::ast::DataType) -> Shape {
        let sqlparser::ast::DataType::Custom(name, _) = data_type else { return Shape::Unknown };
        let start = name.0.first().and_then(|part| part.as_ident()).and_then(|ident| token_of(ident.span));
        let Some(start) = start else { return Shape::Unknown };
        let tokens = &self.statement.outline.tokens;
        let mut end = start;
        while end < tokens.len() && !self.is_symbol(end, Symbol::RightParen) {
            end = if self.is_symbol(end, Symbol::LeftParen) { self.group_end(end) } else { end + 1 };
        }
        let (Some(first), Some(last)) = (tokens.get(start), end.checked_sub(1).and_then(|last| tokens.get(last)))
        else {
            return Shape::Unknown;
        };
        Shape::of_type(first.span().to(last.span()).of(self.statement.text()))
    }
}

#[cfg(test)]
mod tests {
    use super::AGGREGATES;

    #[test]
    fn aggregates_can_be_looked_up() {
        assert!(AGGREGATES.is_sorted());
    }
}
