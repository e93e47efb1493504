//! `container[key]` and `element_at(container, key)` on arrays and maps. The subscript fails where there is no such element,
//! `element_at` is null there; DataFusion's are null in both.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, UInt64Array, make_comparator};
use arrow::compute::{SortOptions, cast, take};
use arrow::datatypes::{DataType, Field, FieldRef, Int64Type};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use crate::failure::{ErrorCode, QueryFailure};

/// Both functions.
pub(super) fn functions() -> Vec<Arc<ScalarUDF>> {
    [Missing::Fails, Missing::IsNull]
        .into_iter()
        .map(|missing| {
            let signature = Signature::any(2, Volatility::Immutable);
            Arc::new(ScalarUDF::from(Subscript { missing, signature }))
        })
        .collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Missing {
    Fails,
    IsNull,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Subscript {
    missing: Missing,
    signature: Signature,
}

impl ScalarUDFImpl for Subscript {
    fn name(&self) -> &'static str {
        match self.missing {
            Missing::Fails => "trino_subscript",
            Missing::IsNull => "trino_element_at",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        Ok(element_field(&arg_types[0], &arg_types[1])?.data_type().clone())
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let element = element_field(args.arg_fields[0].data_type(), args.arg_fields[1].data_type())?;
        Ok(Arc::new(element.as_ref().clone().with_name(self.name()).with_nullable(true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let (container, key) = (args.args[0].to_array(rows)?, args.args[1].to_array(rows)?);
        let element = match container.data_type() {
            DataType::Map(..) => self.of_map(&container, &key)?,
            _ => self.of_array(&container, &key)?,
        };
        Ok(ColumnarValue::Array(element))
    }
}

fn element_field(container: &DataType, key: &DataType) -> Result<Arc<Field>> {
    match container {
        DataType::List(element) | DataType::LargeList(element) | DataType::FixedSizeList(element, _)
            if key.is_integer() =>
        {
            Ok(Arc::clone(element))
        }
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(pair) if pair.len() == 2 => Ok(Arc::clone(&pair[1])),
            _ => mismatch(),
        },
        _ => mismatch(),
    }
}

fn mismatch() -> Result<Arc<Field>> {
    let message = "Cannot use a subscript here: an array takes an integer, a map a key of its own type";
    Err(QueryFailure::new(ErrorCode::TypeMismatch, message).into_datafusion())
}

fn invalid(message: String) -> QueryFailure {
    QueryFailure::new(ErrorCode::InvalidFunctionArgument, message)
}

impl Subscript {
    fn of_array(&self, container: &ArrayRef, key: &ArrayRef) -> Result<ArrayRef> {
        let list = super::casts::as_list(container)?;
        let keys = cast(key, &DataType::Int64)?;
        let keys: &Int64Array = keys.as_primitive::<Int64Type>();
        let offsets = list.value_offsets();
        let mut positions = Vec::with_capacity(list.len());
        for row in 0..list.len() {
            let position = if list.is_null(row) || keys.is_null(row) {
                None
            } else {
                let length = i64::from(offsets[row + 1] - offsets[row]);
                self.index(keys.value(row), length)?.map(|index| i64::from(offsets[row]) + index)
            };
            positions.push(position.and_then(|position| u64::try_from(position).ok()));
        }
        Ok(take(list.values(), &UInt64Array::from(positions), None)?)
    }

    /// The index from 0 of an element in an array of this length.
    fn index(&self, key: i64, length: i64) -> std::result::Result<Option<i64>, QueryFailure> {
        match (self.missing, key) {
            (_, 0) => Err(invalid("SQL array indices start at 1".to_owned())),
            (_, 1..) if key <= length => Ok(Some(key - 1)),
            (Missing::Fails, 1..) => {
                Err(invalid(format!("Array subscript must be less than or equal to array length: {key} > {length}")))
            }
            (Missing::Fails, _) => Err(invalid(format!("Array subscript is negative: {key}"))),
            (Missing::IsNull, _) => Ok((key < 0 && -key <= length).then_some(length + key)),
        }
    }

    fn of_map(&self, container: &ArrayRef, key: &ArrayRef) -> Result<ArrayRef> {
        let map = container.as_map();
        let wanted = cast(key, map.keys().data_type())?;
        let same = make_comparator(map.keys().as_ref(), wanted.as_ref(), SortOptions::default())?;
        let offsets = map.value_offsets();
        let mut positions = Vec::with_capacity(map.len());
        for row in 0..map.len() {
            if map.is_null(row) || wanted.is_null(row) {
                positions.push(None);
                continue;
            }
            let mut entries = (offsets[row]..offsets[row + 1]).filter_map(|position| usize::try_from(position).ok());
            let position = entries.find(|position| same(*position, row).is_eq());
            if position.is_none() && self.missing == Missing::Fails {
                return Err(invalid("Key not present in map".to_owned()).into_datafusion());
            }
            positions.push(position.map(|position| position as u64));
        }
        Ok(take(map.values(), &UInt64Array::from(positions), None)?)
    }
}

#[cfg(test)]
mod tests {
    use datafusion::logical_expr::{Signature, Volatility};

    use super::{Missing, Subscript};

    #[test]
    fn indexes_start_at_one_and_may_count_from_the_end() {
        let subscript = |missing| Subscript { missing, signature: Signature::any(2, Volatility::Immutable) };
        let (fails, is_null) = (subscript(Missing::Fails), subscript(Missing::IsNull));
        assert_eq!(fails.index(2, 2), Ok(Some(1)));
        assert!(fails.index(3, 2).is_err() && fails.index(0, 2).is_err() && fails.index(-1, 2).is_err());
        assert_eq!(is_null.index(3, 2), Ok(None));
        assert_eq!(is_null.index(-1, 2), Ok(Some(1)));
        assert!(is_null.index(0, 2).is_err());
    }
}
