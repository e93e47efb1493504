//! `date_trunc`, `date_add`, `date_diff` and `date_format` on dates and timestamps; the calendar itself is in [`calendar`].

mod calendar;

use std::sync::Arc;

use arrow::array::timezone::Tz;
use arrow::array::{Array, ArrayRef, AsArray, Int64Array, StringViewArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type, TimeUnit};
use arrow::error::ArrowError;
use chrono::{DateTime, NaiveDateTime, TimeZone};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};

use self::calendar::Unit;
use crate::failure::{ErrorCode, QueryFailure};

/// All functions of this module, under names that no user's SQL can reach.
pub(super) fn functions() -> Vec<Arc<ScalarUDF>> {
    [Kind::Truncate, Kind::Add, Kind::Difference, Kind::Format]
        .into_iter()
        .map(|kind| {
            let signature = Signature::any(kind.arity(), Volatility::Immutable);
            Arc::new(ScalarUDF::from(OfMoment { kind, signature }))
        })
        .collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    /// `(unit, moment)`
    Truncate,
    /// `(unit, count, moment)`
    Add,
    /// `(unit, from, to)`
    Difference,
    /// `(moment, pattern)`
    Format,
}

impl Kind {
    fn arity(self) -> usize {
        match self {
            Self::Truncate | Self::Format => 2,
            Self::Add | Self::Difference => 3,
        }
    }

    /// The arguments that are dates or timestamps.
    fn moments(self) -> &'static [usize] {
        match self {
            Self::Truncate => &[1],
            Self::Add => &[2],
            Self::Difference => &[1, 2],
            Self::Format => &[0],
        }
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct OfMoment {
    kind: Kind,
    signature: Signature,
}

impl ScalarUDFImpl for OfMoment {
    fn name(&self) -> &str {
        match self.kind {
            Kind::Truncate => "trino_date_trunc",
            Kind::Add => "trino_date_add",
            Kind::Difference => "trino_date_diff",
            Kind::Format => "trino_date_format",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        for &index in self.kind.moments() {
            if !matches!(arg_types[index], DataType::Date32 | DataType::Timestamp(..) | DataType::Null) {
                let name = self.name().trim_start_matches("trino_");
                let message =
                    format!("Unexpected parameters for function {name}: {} is no date or timestamp", arg_types[index]);
                return Err(QueryFailure::new(ErrorCode::TypeMismatch, message).into_datafusion());
            }
        }
        Ok(match self.kind {
            Kind::Truncate => arg_types[1].clone(),
            Kind::Add => arg_types[2].clone(),
            Kind::Difference => DataType::Int64,
            Kind::Format => DataType::Utf8View,
        })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let column = |index: usize| args.args[index].to_array(rows);
        let result = match self.kind {
            Kind::Truncate => {
                let unit = unit_of(&args.args[0])?;
                let moments = Moments::new(&column(1)?)?;
                unit.check(moments.is_date())?;
                moments.map(|_row, moment| unit.truncate(moment))?
            }
            Kind::Add => {
                let unit = unit_of(&args.args[0])?;
                let (counts, moments) = (cast(&column(1)?, &DataType::Int64)?, Moments::new(&column(2)?)?);
                unit.check(moments.is_date())?;
                let counts = counts.as_primitive::<Int64Type>();
                moments
                    .map(|row, moment| if counts.is_null(row) { None } else { unit.add(counts.value(row), moment) })?
            }
            Kind::Difference => {
                let unit = unit_of(&args.args[0])?;
                let (from, to) = (Moments::new(&column(1)?)?, Moments::new(&column(2)?)?);
                unit.check(from.is_date() && to.is_date())?;
                let differences: Int64Array =
                    (0..rows).map(|row| unit.difference(from.local(row)?, to.local(row)?)).collect();
                Arc::new(differences)
            }
            Kind::Format => {
                let pattern = calendar::Pattern::parse(&literal(&args.args[1])?)?;
                let moments = Moments::new(&column(0)?)?;
                let texts: StringViewArray =
                    (0..rows).map(|row| moments.local(row).map(|moment| pattern.format(moment))).collect();
                Arc::new(texts)
            }
        };
        Ok(ColumnarValue::Array(result))
    }
}

fn literal(arg: &ColumnarValue) -> Result<String> {
    match arg {
        ColumnarValue::Scalar(
            ScalarValue::Utf8(Some(text)) | ScalarValue::Utf8View(Some(text)) | ScalarValue::LargeUtf8(Some(text)),
        ) => Ok(text.clone()),
        _ => Err(QueryFailure::not_supported("a unit or format that is not a literal").into_datafusion()),
    }
}

fn unit_of(arg: &ColumnarValue) -> Result<Unit> {
    let text = literal(arg)?;
    Unit::parse(&text).ok_or_else(|| {
        let message = format!("'{text}' is not a valid TIMESTAMP field");
        QueryFailure::new(ErrorCode::InvalidFunctionArgument, message).into_datafusion()
    })
}

/// A column of dates or timestamps, read as local time.
pub(super) struct Moments {
    counts: Int64Array,
    data_type: DataType,
    zone: Option<Tz>,
}

impl Moments {
    pub(super) fn new(array: &ArrayRef) -> std::result::Result<Self, ArrowError> {
        let data_type = array.data_type().clone();
        let zone = match &data_type {
            DataType::Timestamp(_, Some(zone)) => Some(zone.parse()?),
            _ => None,
        };
        let counts = if data_type == DataType::Date32 {
            cast(&cast(array, &DataType::Int32)?, &DataType::Int64)?
        } else {
            cast(array, &DataType::Int64)?
        };
        Ok(Self { counts: counts.as_primitive::<Int64Type>().clone(), data_type, zone })
    }

    /// No moments, of a type: for counting in it.
    pub(super) fn empty(data_type: &DataType) -> std::result::Result<Self, ArrowError> {
        Self::new(&arrow::array::new_empty_array(data_type))
    }

    fn is_date(&self) -> bool {
        self.data_type == DataType::Date32
    }

    /// How many of the column's counts make a second; `None` for dates.
    fn per_second(&self) -> Option<i64> {
        match self.data_type {
            DataType::Timestamp(TimeUnit::Second, _) => Some(1),
            DataType::Timestamp(TimeUnit::Millisecond, _) => Some(1_000),
            DataType::Timestamp(TimeUnit::Microsecond, _) => Some(1_000_000),
            DataType::Timestamp(TimeUnit::Nanosecond, _) => Some(1_000_000_000),
            _ => None,
        }
    }

    pub(super) fn local(&self, row: usize) -> Option<NaiveDateTime> {
        if self.counts.is_null(row) {
            return None;
        }
        let count = self.counts.value(row);
        let Some(per_second) = self.per_second() else {
            return Some(DateTime::from_timestamp(count.checked_mul(86_400)?, 0)?.naive_utc());
        };
        let nanos = count.rem_euclid(per_second) * (1_000_000_000 / per_second);
        let utc = DateTime::from_timestamp(count.div_euclid(per_second), u32::try_from(nanos).ok()?)?.naive_utc();
        Some(match &self.zone {
            None => utc,
            Some(zone) => zone.from_utc_datetime(&utc).naive_local(),
        })
    }

    pub(super) fn count(&self, local: NaiveDateTime) -> Option<i64> {
        let utc = match &self.zone {
            None => local,
            Some(zone) => zone.from_local_datetime(&local).earliest()?.naive_utc(),
        };
        let seconds = utc.and_utc().timestamp();
        match self.per_second() {
            None => Some(seconds.div_euclid(86_400)),
            Some(per_second) => {
                let fraction = i64::from(utc.and_utc().timestamp_subsec_nanos()) / (1_000_000_000 / per_second);
                seconds.checked_mul(per_second)?.checked_add(fraction)
            }
        }
    }

    /// The column with another moment in each row.
    fn map(&self, change: impl Fn(usize, NaiveDateTime) -> Option<NaiveDateTime>) -> Result<ArrayRef> {
        let counts: Int64Array = (0..self.counts.len())
            .map(|row| self.local(row).and_then(|moment| change(row, moment)).and_then(|moment| self.count(moment)))
            .collect();
        if self.is_date() {
            return Ok(cast(&cast(&counts, &DataType::Int32)?, &DataType::Date32)?);
        }
        Ok(cast(&counts, &self.data_type)?)
    }
}
