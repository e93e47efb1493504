//! What is known about where one value comes from. Which expression has which value is not decided here.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::shape::Shape;
use crate::scanner::NameId;

/// What happens to a column on its way to an output column. Where one column takes several ways, the last of these
/// that occurs counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ColumnUse {
    /// Its value passes unchanged.
    Identity,
    /// It is an operand: of an operator, a function, a condition of CASE, the value or the sub-query of IN, a window.
    Expression,
    /// It goes into an aggregate function, also one over a window: as an argument, or in the FILTER, ORDER BY, WITHIN
    /// GROUP or OVER of the function.
    Aggregate,
}

impl ColumnUse {
    /// A stable word: `identity`, `expression` or `aggregate`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Expression => "expression",
            Self::Aggregate => "aggregate",
        }
    }
}

/// A column of a table that the statement names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Origin {
    pub(super) table: NameId,
    pub(super) column: Rc<str>,
}

pub(super) type Origins = BTreeMap<Origin, ColumnUse>;

/// A value: the columns that it is made of, whether these are all, and what of its type is known.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Value {
    pub(super) origins: Rc<Origins>,
    pub(super) complete: bool,
    pub(super) shape: Shape,
}

impl Value {
    /// A value that is made of no column.
    pub(super) fn constant() -> Self {
        Self { origins: Rc::default(), complete: true, shape: Shape::Unknown }
    }

    /// A value of which nothing is known.
    pub(super) fn unknown() -> Self {
        Self { complete: false, ..Self::constant() }
    }

    /// The column of a table.
    pub(super) fn column(table: NameId, column: Rc<str>, shape: Shape) -> Self {
        let origins = Origins::from([(Origin { table, column }, ColumnUse::Identity)]);
        Self { origins: Rc::new(origins), complete: true, shape }
    }

    pub(super) fn with_shape(self, shape: Shape) -> Self {
        Self { shape, ..self }
    }

    /// The same columns, of which some may be missing.
    pub(super) fn incomplete(self) -> Self {
        Self { complete: false, ..self }
    }

    /// What `usage` makes of the value.
    pub(super) fn used(&self, usage: ColumnUse) -> Self {
        let mut made = Self { complete: self.complete, ..Self::constant() };
        made.absorb(self, usage);
        made
    }

    /// Adds the columns of `other`, which have `usage` on the way.
    pub(super) fn absorb(&mut self, other: &Self, usage: ColumnUse) {
        self.complete &= other.complete;
        if other.origins.is_empty() {
            return;
        }
        if self.origins.is_empty() && usage == ColumnUse::Identity {
            self.origins = Rc::clone(&other.origins);
            return;
        }
        let origins = Rc::make_mut(&mut self.origins);
        for (origin, before) in other.origins.iter() {
            let usage = usage.max(*before);
            match origins.get_mut(origin) {
                Some(known) => *known = usage.max(*known),
                None => {
                    origins.insert(origin.clone(), usage);
                }
            }
        }
    }
}

/// The value of a column that has two values on different ways, as in the two branches of a UNION.
pub(super) fn either(first: &Value, second: &Value) -> Value {
    let mut value = first.clone();
    value.absorb(second, ColumnUse::Identity);
    if value.shape == Shape::Unknown {
        value.shape = second.shape.clone();
    }
    value
}
