//! `substr(text, start [, length])`: DataFusion's differs from Trino's for a start of zero or below.

use std::sync::Arc;

use arrow::array::{Array, AsArray, StringViewArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};

/// The function, as `trino_substr`.
pub(super) fn function() -> Arc<ScalarUDF> {
    let signature = Signature::one_of(
        vec![
            TypeSignature::Exact(vec![DataType::Utf8View, DataType::Int64]),
            TypeSignature::Exact(vec![DataType::Utf8View, DataType::Int64, DataType::Int64]),
        ],
        Volatility::Immutable,
    );
    Arc::new(ScalarUDF::from(Substr { signature }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Substr {
    signature: Signature,
}

impl ScalarUDFImpl for Substr {
    fn name(&self) -> &'static str {
        "trino_substr"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let arrays = args.args.iter().map(|arg| arg.to_array(rows)).collect::<Result<Vec<_>>>()?;
        let text = cast(&arrays[0], &DataType::Utf8View)?;
        let (text, start) = (text.as_string_view(), arrays[1].as_primitive::<Int64Type>());
        let length = arrays.get(2).map(AsArray::as_primitive::<Int64Type>);
        let result: StringViewArray = (0..rows)
            .map(|row| {
                let missing =
                    text.is_null(row) || start.is_null(row) || length.is_some_and(|length| length.is_null(row));
                if missing {
                    None
                } else {
                    Some(substr(text.value(row), start.value(row), length.map(|length| length.value(row))))
                }
            })
            .collect();
        Ok(ColumnarValue::Array(Arc::new(result)))
    }
}

/// Positions count characters from 1, negative ones from the end; out of range is the empty text (Trino: `StringFunctions.substring`).
fn substr(text: &str, start: i64, length: Option<i64>) -> &str {
    if start == 0 || length.is_some_and(|length| length <= 0) {
        return "";
    }
    let skip = if start > 0 {
        usize::try_from(start - 1).ok()
    } else {
        let count = text.chars().count();
        usize::try_from(start.unsigned_abs()).ok().and_then(|back| count.checked_sub(back))
    };
    let Some(skip) = skip else { return "" };
    let at = |text: &str, characters: usize| text.char_indices().nth(characters).map_or(text.len(), |(index, _)| index);
    let rest = &text[at(text, skip)..];
    match length.and_then(|length| usize::try_from(length).ok()) {
        Some(length) => &rest[..at(rest, length)],
        None => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::substr;

    #[test]
    fn positions_follow_trino() {
        let table = [
            ("hello", 2, Some(3), "ell"),
            ("hello", 1, None, "hello"),
            ("hello", -3, None, "llo"),
            ("hello", -3, Some(2), "ll"),
            ("hello", 0, Some(2), ""),
            ("hello", 9, None, ""),
            ("hello", -9, None, ""),
            ("hello", 2, Some(0), ""),
            ("grün", 3, Some(1), "ü"),
        ];
        for (text, start, length, expect) in table {
            assert_eq!(substr(text, start, length), expect, "{text} {start} {length:?}");
        }
    }
}
