//! `sum` and `avg` with Trino's result types. DataFusion's do the work; what is changed is the type they compute in and the type
//! they answer with, so that a sum of `bigint` that does not fit is an error and an average of decimals keeps their scale.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::functions_aggregate::average::avg_udaf;
use datafusion::functions_aggregate::sum::sum_udaf;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDF, AggregateUDFImpl, GroupsAccumulator, Signature, Volatility};

use crate::failure::{ErrorCode, QueryFailure};
use crate::types::arrow_types::MAX_PRECISION;

/// A precision that no type of Trino has: it marks the sum of a `bigint` column.
const BIGINT_MARK: u8 = 76;

/// The aggregates, under the names that they replace.
pub(super) fn aggregates() -> Vec<Arc<AggregateUDF>> {
    [Kind::Sum, Kind::Average]
        .into_iter()
        .map(|kind| {
            let signature = Signature::user_defined(Volatility::Immutable);
            Arc::new(AggregateUDF::from(Exact { kind, signature }))
        })
        .collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Sum,
    Average,
}

impl Kind {
    fn inner(self) -> Arc<AggregateUDF> {
        match self {
            Self::Sum => sum_udaf(),
            Self::Average => avg_udaf(),
        }
    }

    /// The type to compute in, for arguments of this type.
    fn input(self, argument: &DataType) -> Option<DataType> {
        Some(match argument {
            DataType::Null | DataType::Float16 | DataType::Float32 | DataType::Float64 => DataType::Float64,
            integer if integer.is_integer() && self == Self::Average => DataType::Float64,
            DataType::Int64 | DataType::UInt64 => DataType::Decimal256(BIGINT_MARK, 0),
            integer if integer.is_integer() => DataType::Int64,
            DataType::Decimal32(precision, scale)
            | DataType::Decimal64(precision, scale)
            | DataType::Decimal128(precision, scale)
            | DataType::Decimal256(precision, scale) => DataType::Decimal256(*precision, *scale),
            _ => return None,
        })
    }

    /// The type to answer with, for a type that is computed in; `None` if DataFusion's own answer is right.
    fn output(self, input: &DataType) -> Option<DataType> {
        match (self, input) {
            (Self::Sum, DataType::Decimal256(BIGINT_MARK, 0)) => Some(DataType::Int64),
            (Self::Sum, DataType::Decimal256(_, scale)) => Some(DataType::Decimal128(MAX_PRECISION, *scale)),
            (Self::Average, DataType::Decimal256(precision, scale)) => Some(DataType::Decimal128(*precision, *scale)),
            _ => None,
        }
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Exact {
    kind: Kind,
    signature: Signature,
}

impl Exact {
    fn converts(&self, fields: &[FieldRef]) -> bool {
        fields.first().is_some_and(|field| self.kind.output(field.data_type()).is_some())
    }

    /// The same call, for DataFusion's function: it expects its own type of answer.
    fn inner_args<'a>(&self, args: &AccumulatorArgs<'a>) -> Result<AccumulatorArgs<'a>> {
        let return_field = self.kind.inner().return_field(args.expr_fields)?;
        Ok(AccumulatorArgs { return_field, ..args.clone() })
    }

    fn converted(&self, inner: Box<dyn Accumulator>, output: &DataType) -> Box<dyn Accumulator> {
        Box::new(Converted { inner, output: output.clone(), kind: self.kind })
    }
}

impl AggregateUDFImpl for Exact {
    fn name(&self) -> &'static str {
        match self.kind {
            Kind::Sum => "sum",
            Kind::Average => "avg",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        match arg_types {
            [argument] if let Some(input) = self.kind.input(argument) => Ok(vec![input]),
            _ => {
                let message = format!("Unexpected parameters for function {}", self.name());
                Err(QueryFailure::new(ErrorCode::FunctionNotFound, message).into_datafusion())
            }
        }
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        match arg_types.first().and_then(|input| self.kind.output(input)) {
            Some(output) => Ok(output),
            None => self.kind.inner().return_type(arg_types),
        }
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let inner = self.kind.inner();
        if self.converts(args.expr_fields) {
            let accumulator = inner.accumulator(self.inner_args(&args)?)?;
            return Ok(self.converted(accumulator, args.return_type()));
        }
        inner.accumulator(args)
    }

    fn create_sliding_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let inner = self.kind.inner();
        if self.converts(args.expr_fields) {
            let accumulator = inner.create_sliding_accumulator(self.inner_args(&args)?)?;
            return Ok(self.converted(accumulator, args.return_type()));
        }
        inner.create_sliding_accumulator(args)
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let inner = self.kind.inner();
        let return_field = inner.return_field(args.input_fields)?;
        inner.state_fields(StateFieldsArgs { return_field, ..args })
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs) -> bool {
        !self.converts(args.expr_fields) && self.kind.inner().groups_accumulator_supported(args)
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        self.kind.inner().create_groups_accumulator(args)
    }
}

/// An accumulator whose answer is converted.
#[derive(Debug)]
struct Converted {
    inner: Box<dyn Accumulator>,
    output: DataType,
    kind: Kind,
}

impl Accumulator for Converted {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.inner.update_batch(values)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let exact = self.inner.evaluate()?.to_array()?;
        let options = CastOptions { safe: false, ..CastOptions::default() };
        match cast_with_options(&exact, &self.output, &options) {
            Ok(array) => ScalarValue::try_from_array(&array, 0),
            Err(_does_not_fit) => {
                let of = if self.output == DataType::Int64 { "bigint addition" } else { "Decimal" };
                let message = format!("{of} overflow in {:?}", self.kind);
                Err(QueryFailure::new(ErrorCode::NumericValueOutOfRange, message).into_datafusion())
            }
        }
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.inner.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.inner.state()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.inner.merge_batch(states)
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.inner.retract_batch(values)
    }

    fn supports_retract_batch(&self) -> bool {
        self.inner.supports_retract_batch()
    }
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::DataType;

    use super::Kind;

    #[test]
    fn answers_have_trinos_types() {
        use DataType::{Decimal128, Float64, Int32, Int64};
        let answer = |kind: Kind, argument: DataType| {
            let input = kind.input(&argument).expect("a number");
            kind.output(&input).map_or_else(|| kind.inner().return_type(&[input]).ok(), Some)
        };
        for (kind, argument, expect) in [
            (Kind::Sum, Int64, Int64),
            (Kind::Sum, Int32, Int64),
            (Kind::Sum, Decimal128(5, 2), Decimal128(38, 2)),
            (Kind::Sum, Float64, Float64),
            (Kind::Average, Int64, Float64),
            (Kind::Average, Decimal128(5, 2), Decimal128(5, 2)),
        ] {
            assert_eq!(answer(kind, argument), Some(expect));
        }
        assert_eq!(Kind::Sum.input(&DataType::Utf8), None);
    }
}
