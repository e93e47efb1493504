//! `CAST` and `TRY_CAST` with Trino's meaning. DataFusion's own casts cut numbers where Trino rounds them, ignore the length of a
//! `varchar(n)` and write other texts. What can be cast at all is in [`allowed`], how text is read and written in [`text`].

mod allowed;
mod numbers;
mod text;
mod times;

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, MapArray, StructArray, new_null_array};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, FieldRef};
use arrow::error::ArrowError;
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::expr::Cast;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use crate::failure::{ErrorCode, QueryFailure};
use crate::sql::type_text::parse_type;
use crate::types::TrinoType;
use crate::types::arrow_types::{arrow_type, field, trino_type};

/// Both functions; their arguments are the value, the name of the type, and the session's time zone.
pub(super) fn functions() -> Vec<Arc<ScalarUDF>> {
    [OnError::Fail, OnError::Null]
        .into_iter()
        .map(|on_error| {
            let signature = Signature::any(3, Volatility::Immutable);
            Arc::new(ScalarUDF::from(TrinoCast { on_error, signature }))
        })
        .collect()
}

/// What becomes of a value that cannot be cast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum OnError {
    Fail,
    Null,
}

impl OnError {
    /// A value, or what becomes of the failure to make one.
    fn settle<T>(self, value: std::result::Result<T, ArrowError>) -> std::result::Result<Option<T>, ArrowError> {
        match (value, self) {
            (Ok(value), _) => Ok(Some(value)),
            (Err(_), Self::Null) => Ok(None),
            (Err(error), Self::Fail) => Err(error),
        }
    }

    fn options(self) -> CastOptions<'static> {
        CastOptions { safe: self == Self::Null, ..CastOptions::default() }
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct TrinoCast {
    on_error: OnError,
    signature: Signature,
}

impl TrinoCast {
    fn field(&self, from: &Field, type_name: Option<&ScalarValue>, zone: Option<&ScalarValue>) -> Result<Field> {
        let (Some(Some(name)), Some(Some(zone))) =
            (type_name.map(ScalarValue::try_as_str), zone.map(ScalarValue::try_as_str))
        else {
            return datafusion::common::internal_err!("{} wants a type and a zone", self.name());
        };
        let target = parse_type(name.unwrap_or_default())?;
        let source = trino_type(from).unwrap_or(TrinoType::Unknown);
        allowed::check(&source, &target, self.on_error)?;
        let data_type = match (&target, from.data_type()) {
            (TrinoType::TimestampWithTimeZone(precision), DataType::Timestamp(_, Some(zone))) => {
                DataType::Timestamp(crate::types::arrow_types::unit_of(*precision), Some(Arc::clone(zone)))
            }
            (TrinoType::TimestampWithTimeZone(precision), _) => DataType::Timestamp(
                crate::types::arrow_types::unit_of(*precision),
                Some(Arc::from(zone.unwrap_or("UTC"))),
            ),
            _ => arrow_type(&target),
        };
        Ok(field(self.name(), &target).with_data_type(data_type))
    }
}

impl ScalarUDFImpl for TrinoCast {
    fn name(&self) -> &'static str {
        match self.on_error {
            OnError::Fail => "trino_cast",
            OnError::Null => "trino_try_cast",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        datafusion::common::internal_err!("{} has the type that it is told", self.name())
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let scalar = |index: usize| args.scalar_arguments.get(index).copied().flatten();
        Ok(Arc::new(self.field(&args.arg_fields[0], scalar(1), scalar(2))?))
    }

    /// A cast that only widens is DataFusion's own, which its optimiser knows how to move.
    fn simplify(&self, args: Vec<Expr>, info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        let scalar = |index: usize| match &args[index] {
            Expr::Literal(value, _) => Some(value),
            _ => None,
        };
        let source = Field::new("", info.get_data_type(&args[0])?, true);
        let target = self.field(&source, scalar(1), scalar(2))?;
        if !allowed::only_widens(source.data_type(), target.data_type()) {
            return Ok(ExprSimplifyResult::Original(args));
        }
        let value = args.into_iter().next().unwrap_or_else(|| Expr::Literal(ScalarValue::Null, None));
        Ok(ExprSimplifyResult::Simplified(Expr::Cast(Cast::new(Box::new(value), target.data_type().clone()))))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let Some(target) = trino_type(&args.return_field) else {
            return datafusion::common::internal_err!("{} has no type of Trino", self.name());
        };
        let source = trino_type(&args.arg_fields[0]).unwrap_or(TrinoType::Unknown);
        let is_scalar = matches!(args.args[0], ColumnarValue::Scalar(_));
        let array = args.args[0].to_array(if is_scalar { 1 } else { args.number_rows })?;
        let task = Task { source, target, data_type: args.return_field.data_type().clone(), on_error: self.on_error };
        let result = task.run(&array)?;
        if is_scalar {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&result, 0)?));
        }
        Ok(ColumnarValue::Array(result))
    }
}

/// One cast of one column.
pub(super) struct Task {
    source: TrinoType,
    target: TrinoType,
    /// The Arrow type of the result.
    data_type: DataType,
    on_error: OnError,
}

impl Task {
    fn run(&self, array: &ArrayRef) -> std::result::Result<ArrayRef, ArrowError> {
        use TrinoType::{
            Array, Bigint, Boolean, Char, Date, Decimal, Double, Integer, Map, Real, Row, Smallint, Timestamp,
            TimestampWithTimeZone, Tinyint, Unknown, Uuid, Varchar,
        };
        match (&self.source, &self.target) {
            (Unknown, _) => Ok(new_null_array(&self.data_type, array.len())),
            (Varchar(_) | Char(_) | Uuid, Varchar(_) | Char(_) | Uuid) => text::to_text(self, array),
            (_, Varchar(_) | Char(_)) => text::write(self, array),
            (Varchar(_) | Char(_), _) => text::read(self, array),
            (Real | Double | Decimal { .. }, Tinyint | Smallint | Integer | Bigint) => numbers::rounded(self, array),
            (Tinyint | Smallint | Integer | Bigint, Tinyint | Smallint | Integer | Bigint) => {
                numbers::narrowed(self, array)
            }
            (Date | Timestamp(_) | TimestampWithTimeZone(_), Date | Timestamp(_) | TimestampWithTimeZone(_)) => {
                times::between(self, array)
            }
            (Array(element), Array(target)) => self.array(array, element, target),
            (Map(key, value), Map(target_key, target_value)) => {
                self.map(array, (key, value), (target_key, target_value))
            }
            (Row(fields), Row(targets)) => {
                let sources = fields.iter().map(|field| &field.data_type);
                self.row(array, sources.zip(targets.iter().map(|field| &field.data_type)).collect())
            }
            (Boolean, _) | (_, Boolean) => Ok(cast_with_options(array, &self.data_type, &self.on_error.options())?),
            _ => Ok(cast_with_options(array, &self.data_type, &self.on_error.options())?),
        }
    }

    fn inner(&self, source: &TrinoType, target: &TrinoType, data_type: &DataType) -> Self {
        Self { source: source.clone(), target: target.clone(), data_type: data_type.clone(), on_error: self.on_error }
    }

    fn array(
        &self,
        array: &ArrayRef,
        source: &TrinoType,
        target: &TrinoType,
    ) -> std::result::Result<ArrayRef, ArrowError> {
        let DataType::List(field) = &self.data_type else { return Err(not_nested(&self.data_type)) };
        let list = as_list(array)?;
        let values = self.inner(source, target, field.data_type()).run(list.values())?;
        Ok(Arc::new(ListArray::try_new(Arc::clone(field), list.offsets().clone(), values, list.nulls().cloned())?))
    }

    fn map(
        &self,
        array: &ArrayRef,
        source: (&TrinoType, &TrinoType),
        target: (&TrinoType, &TrinoType),
    ) -> std::result::Result<ArrayRef, ArrowError> {
        let DataType::Map(entries, sorted) = &self.data_type else { return Err(not_nested(&self.data_type)) };
        let DataType::Struct(pair) = entries.data_type() else { return Err(not_nested(&self.data_type)) };
        let map = array.as_map();
        let keys = self.inner(source.0, target.0, pair[0].data_type()).run(map.keys())?;
        let values = self.inner(source.1, target.1, pair[1].data_type()).run(map.values())?;
        let cast = StructArray::try_new(pair.clone(), vec![keys, values], None)?;
        Ok(Arc::new(MapArray::try_new(
            Arc::clone(entries),
            map.offsets().clone(),
            cast,
            map.nulls().cloned(),
            *sorted,
        )?))
    }

    /// Fields of a row are cast by position, whatever they are called.
    fn row(&self, array: &ArrayRef, pairs: Vec<(&TrinoType, &TrinoType)>) -> std::result::Result<ArrayRef, ArrowError> {
        let DataType::Struct(fields) = &self.data_type else { return Err(not_nested(&self.data_type)) };
        let row = array.as_struct();
        let columns = row
            .columns()
            .iter()
            .zip(pairs)
            .zip(fields)
            .map(|((column, (source, target)), field)| self.inner(source, target, field.data_type()).run(column))
            .collect::<std::result::Result<Vec<_>, _>>()?;
        Ok(Arc::new(StructArray::try_new(fields.clone(), columns, row.nulls().cloned())?))
    }

    /// The failure of one value, as Trino words it.
    fn failure(&self, value: &str) -> ArrowError {
        let message = format!("Cannot cast '{value}' to {}", self.target.to_string().to_uppercase());
        ArrowError::ExternalError(Box::new(QueryFailure::new(ErrorCode::InvalidCastArgument, message)))
    }
}

/// A column of arrays, whatever kind of list Arrow has for it.
pub(super) fn as_list(array: &ArrayRef) -> std::result::Result<ListArray, ArrowError> {
    let element = match array.data_type() {
        DataType::List(_) => return Ok(array.as_list::<i32>().clone()),
        DataType::LargeList(element) | DataType::FixedSizeList(element, _) => Arc::clone(element),
        other => return Err(not_nested(other)),
    };
    let list = arrow::compute::cast(array, &DataType::List(element))?;
    Ok(list.as_list::<i32>().clone())
}

fn not_nested(data_type: &DataType) -> ArrowError {
    ArrowError::CastError(format!("{data_type} is not what its type says"))
}
