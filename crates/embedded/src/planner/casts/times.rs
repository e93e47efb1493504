//! Casts between dates and timestamps. A timestamp with a zone is the local time of that zone to the others.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Int64Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, TimeUnit};
use arrow::error::ArrowError;

use super::Task;
use crate::planner::moments::Moments;
use crate::types::TrinoType;

/// The cast; no value fails it.
pub(super) fn between(task: &Task, array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let moments = Moments::new(array)?;
    let target = Moments::empty(&task.data_type)?;
    let nanos = rounding(&task.source, &task.target);
    let counts: Int64Array = (0..array.len())
        .map(|row| {
            let local = moments.local(row)?;
            let rounded = local.checked_add_signed(chrono::TimeDelta::nanoseconds(nanos))?;
            target.count(rounded)
        })
        .collect();
    if task.data_type == DataType::Date32 {
        return cast(&cast(&counts, &DataType::Int32)?, &DataType::Date32);
    }
    let counts = truncated(&counts, &task.target, &task.data_type);
    cast(&(Arc::new(counts) as ArrayRef), &task.data_type)
}

/// What to add before digits are cut off, so that they are rounded; a date is the day, not the nearest midnight.
fn rounding(source: &TrinoType, target: &TrinoType) -> i64 {
    let digits = |data_type: &TrinoType| match data_type {
        TrinoType::Timestamp(precision) | TrinoType::TimestampWithTimeZone(precision) => Some(*precision),
        _ => None,
    };
    match (digits(source), digits(target)) {
        (Some(from), Some(to)) if to < from => 10_i64.pow(9_u32.saturating_sub(u32::from(to))) / 2,
        _ => 0,
    }
}

/// Arrow's units have 0, 3, 6 or 9 digits; a type between them has zeros behind its own.
fn truncated(counts: &Int64Array, target: &TrinoType, data_type: &DataType) -> Int64Array {
    let (TrinoType::Timestamp(precision) | TrinoType::TimestampWithTimeZone(precision)) = target else {
        return counts.clone();
    };
    let digits: u8 = match data_type {
        DataType::Timestamp(TimeUnit::Millisecond, _) => 3,
        DataType::Timestamp(TimeUnit::Microsecond, _) => 6,
        DataType::Timestamp(TimeUnit::Nanosecond, _) => 9,
        _ => 0,
    };
    let step = 10_i64.pow(u32::from(digits.saturating_sub(*precision)));
    counts.unary(|count| count.div_euclid(step) * step)
}
