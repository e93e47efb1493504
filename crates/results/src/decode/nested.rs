//! Columns of `array`, `map` and `row`: offsets and nulls around the columns of what they hold.

use std::sync::Arc;

use arrow::array::{ArrayRef, ListArray, MapArray, NullBufferBuilder, StructArray};
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::datatypes::DataType;

use super::column::{Column, Scratch};
use super::cursor::Cursor;
use super::error::DecodeFault;
use crate::types::{ColumnType, NestedType, RowField};

/// Where each value of an `array` or `map` ends among the values of the child columns.
struct Extents {
    offsets: Vec<i32>,
    end: i32,
    nulls: NullBufferBuilder,
}

impl Extents {
    fn new(rows: usize) -> Self {
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push(0);
        Self { offsets, end: 0, nulls: NullBufferBuilder::new(rows) }
    }

    fn grow(&mut self) -> Result<(), DecodeFault> {
        self.end = self.end.checked_add(1).ok_or(DecodeFault::TooLarge)?;
        Ok(())
    }

    fn close(&mut self) {
        self.offsets.push(self.end);
        self.nulls.append_non_null();
    }

    fn close_null(&mut self) {
        self.offsets.push(self.end);
        self.nulls.append_null();
    }

    fn finish(mut self) -> (OffsetBuffer<i32>, Option<arrow::buffer::NullBuffer>) {
        // The offsets begin with 0 and never fall, which is what the constructor insists on.
        (OffsetBuffer::new(ScalarBuffer::from(self.offsets)), self.nulls.finish())
    }
}

pub(super) struct ListColumn {
    data_type: DataType,
    extents: Extents,
    elements: Column,
}

impl ListColumn {
    pub(super) fn new(kind: &ColumnType, element: &NestedType, rows: usize) -> Self {
        Self { data_type: kind.data_type(), extents: Extents::new(rows), elements: Column::new(&element.kind, rows) }
    }

    pub(super) fn append(&mut self, cursor: &mut Cursor<'_>, scratch: &mut Scratch) -> Result<(), DecodeFault> {
        if !cursor.take(b'[') {
            return Err(DecodeFault::Array);
        }
        if !cursor.take(b']') {
            loop {
                self.elements.append(cursor, scratch)?;
                self.extents.grow()?;
                if cursor.take(b']') {
                    break;
                }
                if !cursor.take(b',') {
                    return Err(DecodeFault::Syntax);
                }
            }
        }
        self.extents.close();
        Ok(())
    }

    pub(super) fn append_null(&mut self) {
        self.extents.close_null();
    }

    pub(super) fn finish(self) -> Result<ArrayRef, DecodeFault> {
        let DataType::List(field) = self.data_type else { return Err(DecodeFault::Arrow) };
        let elements = self.elements.finish()?;
        let (offsets, nulls) = self.extents.finish();
        arrow_array(ListArray::try_new(field, offsets, elements, nulls))
    }
}

pub(super) struct MapColumn {
    data_type: DataType,
    extents: Extents,
    keys: Column,
    values: Column,
}

impl MapColumn {
    pub(super) fn new(kind: &ColumnType, key: &NestedType, value: &NestedType, rows: usize) -> Self {
        Self {
            data_type: kind.data_type(),
            extents: Extents::new(rows),
            keys: Column::new(&key.kind, rows),
            values: Column::new(&value.kind, rows),
        }
    }

    pub(super) fn append(&mut self, cursor: &mut Cursor<'_>, scratch: &mut Scratch) -> Result<(), DecodeFault> {
        if !cursor.take(b'{') {
            return Err(DecodeFault::Map);
        }
        if !cursor.take(b'}') {
            loop {
                self.keys.append_key(cursor.string(&mut scratch.text)?)?;
                if !cursor.take(b':') {
                    return Err(DecodeFault::Syntax);
                }
                self.values.append(cursor, scratch)?;
                self.extents.grow()?;
                if cursor.take(b'}') {
                    break;
                }
                if !cursor.take(b',') {
                    return Err(DecodeFault::Syntax);
                }
            }
        }
        self.extents.close();
        Ok(())
    }

    pub(super) fn append_null(&mut self) {
        self.extents.close_null();
    }

    pub(super) fn finish(self) -> Result<ArrayRef, DecodeFault> {
        let (entries, fields) = match self.data_type {
            DataType::Map(entries, _) => match entries.data_type().clone() {
                DataType::Struct(fields) => (entries, fields),
                _ => return Err(DecodeFault::Arrow),
            },
            _ => return Err(DecodeFault::Arrow),
        };
        let columns = vec![self.keys.finish()?, self.values.finish()?];
        let (offsets, nulls) = self.extents.finish();
        let pairs = StructArray::try_new(fields, columns, None).map_err(|_defect| DecodeFault::Arrow)?;
        arrow_array(MapArray::try_new(entries, offsets, pairs, nulls, false))
    }
}

pub(super) struct RowColumn {
    data_type: DataType,
    nulls: NullBufferBuilder,
    fields: Vec<Column>,
}

impl RowColumn {
    pub(super) fn new(kind: &ColumnType, fields: &[RowField], rows: usize) -> Self {
        Self {
            data_type: kind.data_type(),
            nulls: NullBufferBuilder::new(rows),
            fields: fields.iter().map(|field| Column::new(&field.field_type.kind, rows)).collect(),
        }
    }

    pub(super) fn append(&mut self, cursor: &mut Cursor<'_>, scratch: &mut Scratch) -> Result<(), DecodeFault> {
        if !cursor.take(b'[') {
            return Err(DecodeFault::Array);
        }
        for (index, field) in self.fields.iter_mut().enumerate() {
            if index > 0 && !cursor.take(b',') {
                return Err(DecodeFault::Arity);
            }
            field.append(cursor, scratch)?;
        }
        if !cursor.take(b']') {
            return Err(DecodeFault::Arity);
        }
        self.nulls.append_non_null();
        Ok(())
    }

    pub(super) fn append_null(&mut self) {
        self.fields.iter_mut().for_each(Column::append_null);
        self.nulls.append_null();
    }

    pub(super) fn finish(mut self) -> Result<ArrayRef, DecodeFault> {
        let DataType::Struct(fields) = self.data_type else { return Err(DecodeFault::Arrow) };
        let columns = self.fields.into_iter().map(Column::finish).collect::<Result<Vec<_>, _>>()?;
        arrow_array(StructArray::try_new(fields, columns, self.nulls.finish()))
    }
}

fn arrow_array<A: arrow::array::Array + 'static>(
    array: Result<A, arrow::error::ArrowError>,
) -> Result<ArrayRef, DecodeFault> {
    match array {
        Ok(array) => Ok(Arc::new(array)),
        Err(_) => Err(DecodeFault::Arrow),
    }
}
