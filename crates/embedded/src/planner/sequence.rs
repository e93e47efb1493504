//! `sequence(start, stop)`: all integers between two, upwards or downwards, and not more than Trino makes.

use std::sync::Arc;

use arrow::array::{Array, AsArray, Int64Builder, ListBuilder};
use arrow::datatypes::{DataType, Field, Int64Type};
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};

use crate::failure::{ErrorCode, QueryFailure};

/// The longest sequence (Trino: `SequenceFunction.MAX_RESULT_ENTRIES`).
const MAX_ENTRIES: u64 = 10_000;

/// The function, as `trino_sequence`.
pub(super) fn function() -> Arc<ScalarUDF> {
    let signature = Signature::exact(vec![DataType::Int64, DataType::Int64], Volatility::Immutable);
    Arc::new(ScalarUDF::from(Sequence { signature }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Sequence {
    signature: Signature,
}

impl ScalarUDFImpl for Sequence {
    fn name(&self) -> &'static str {
        "trino_sequence"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::List(Arc::new(Field::new_list_field(DataType::Int64, true))))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let (starts, stops) = (args.args[0].to_array(args.number_rows)?, args.args[1].to_array(args.number_rows)?);
        let (starts, stops) = (starts.as_primitive::<Int64Type>(), stops.as_primitive::<Int64Type>());
        let mut lists = ListBuilder::new(Int64Builder::new());
        for row in 0..args.number_rows {
            let present = !starts.is_null(row) && !stops.is_null(row);
            if present {
                append(&mut lists, starts.value(row), stops.value(row))?;
            }
            lists.append(present);
        }
        Ok(ColumnarValue::Array(Arc::new(lists.finish())))
    }
}

fn append(lists: &mut ListBuilder<Int64Builder>, start: i64, stop: i64) -> Result<()> {
    if start.abs_diff(stop) >= MAX_ENTRIES {
        let message = format!("result of sequence function must not have more than {MAX_ENTRIES} entries");
        return Err(QueryFailure::new(ErrorCode::InvalidFunctionArgument, message).into_datafusion());
    }
    let (least, most) = (start.min(stop), start.max(stop));
    if start <= stop {
        lists.values().extend((least..=most).map(Some));
    } else {
        lists.values().extend((least..=most).rev().map(Some));
    }
    Ok(())
}
