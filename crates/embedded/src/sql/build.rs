//! Pieces of syntax tree, for rewrites.

use crate::types::TrinoType;
use datafusion::sql::sqlparser::ast::helpers::attached_token::AttachedToken;
use datafusion::sql::sqlparser::ast::{
    BinaryOperator, CaseWhen, CastKind, DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList,
    FunctionArguments, Ident, ObjectName, OrderByExpr, OrderByOptions, Value,
};

/// A call of a function of DataFusion.
pub(super) fn call(name: &str, args: Vec<Expr>) -> Expr {
    Expr::Function(function(name, args))
}

/// The same, open for more clauses.
pub(super) fn function(name: &str, args: Vec<Expr>) -> Function {
    let args = args.into_iter().map(|arg| FunctionArg::Unnamed(FunctionArgExpr::Expr(arg))).collect();
    Function {
        name: ObjectName::from(vec![Ident::new(name)]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList { duplicate_treatment: None, args, clauses: vec![] }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: vec![],
    }
}

/// `'text'`
pub(super) fn string(text: &str) -> Expr {
    Expr::value(Value::SingleQuotedString(text.to_owned()))
}

/// An integer as DataFusion reads it, a `bigint`.
pub(super) fn number(value: i64) -> Expr {
    Expr::value(Value::Number(value.to_string(), false))
}

/// `NULL`
pub(super) fn null() -> Expr {
    Expr::value(Value::Null)
}

/// `CAST(expr AS data_type)`
pub(super) fn cast(expr: Expr, data_type: DataType) -> Expr {
    Expr::Cast { kind: CastKind::Cast, expr: Box::new(expr), data_type, array: false, format: None }
}

/// A cast by Trino's rules to a type that has no zone.
pub(super) fn typed(expr: Expr, data_type: &TrinoType) -> Expr {
    call("trino_cast", vec![expr, string(&data_type.to_string()), string("UTC")])
}

/// `CAST(expr AS bigint)`, for what DataFusion counts in other integers.
pub(super) fn bigint(expr: Expr) -> Expr {
    cast(expr, DataType::BigInt(None))
}

/// `(left op right)`
pub(super) fn binary(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    Expr::Nested(Box::new(Expr::BinaryOp { left: Box::new(left), op, right: Box::new(right) }))
}

/// `CASE WHEN condition THEN result ELSE otherwise END`
pub(super) fn case(condition: Expr, result: Expr, otherwise: Option<Expr>) -> Expr {
    Expr::Case {
        case_token: AttachedToken::empty(),
        end_token: AttachedToken::empty(),
        operand: None,
        conditions: vec![CaseWhen { condition, result }],
        else_result: otherwise.map(Box::new),
    }
}

/// `expr ASC|DESC NULLS LAST`
pub(super) fn sorted(expr: Expr, ascending: bool) -> OrderByExpr {
    OrderByExpr { expr, options: OrderByOptions { asc: Some(ascending), nulls_first: Some(false) }, with_fill: None }
}

/// The text of a string literal.
pub(super) fn string_of(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Some(text),
            _ => None,
        },
        Expr::Nested(inner) => string_of(inner),
        _ => None,
    }
}
