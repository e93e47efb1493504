//! Relations: the columns that a table, a sub-query or a join gives, in order, and renaming and matching them. Reading
//! a FROM clause is not done here.

use std::rc::Rc;

use super::shape::same_name;
use super::value::{Value, either};
use crate::scanner::NameId;

/// The name by which the columns of a relation can be qualified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Qualifier {
    pub(super) parts: Vec<String>,
    /// Whether it was given with AS; else it is the name of the table, of which the user may write the end only.
    pub(super) alias: bool,
}

impl Qualifier {
    pub(super) fn alias(name: &str) -> Rc<Self> {
        Rc::new(Self { parts: vec![name.to_owned()], alias: true })
    }

    /// Whether `prefix` is the end of the name.
    pub(super) fn ends_with(&self, prefix: &[&str]) -> bool {
        is_end(prefix.iter().rev(), self.parts.iter().rev())
    }

    /// Whether `prefix` is the name of the table with the catalog and schema of the session before it.
    pub(super) fn is_end_of(&self, prefix: &[&str]) -> bool {
        !self.alias && prefix.len() > self.parts.len() && is_end(self.parts.iter().rev(), prefix.iter().rev())
    }
}

/// Whether the parts of `short`, last first, are the last of `long`.
fn is_end<S: AsRef<str>, L: AsRef<str>>(
    short: impl ExactSizeIterator<Item = S>,
    long: impl ExactSizeIterator<Item = L>,
) -> bool {
    short.len() <= long.len() && short.zip(long).all(|(one, other)| same_name(one.as_ref(), other.as_ref()))
}

/// Where the columns of a [gap](Content::Gap) come from.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum GapOrigin {
    /// A table whose columns the caller does not know.
    Table(NameId),
    /// Each of them is made of this value.
    Value(Value),
}

/// A piece of a relation.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Content {
    /// One column.
    Column {
        /// As the user or the catalog writes it; a computed column has none.
        name: Option<Rc<str>>,
        /// What it holds.
        value: Value,
    },
    /// Columns of which neither the number nor the names are known.
    Gap {
        /// What the columns are made of.
        origin: GapOrigin,
        /// Names that are none of them.
        except: Vec<Rc<str>>,
    },
}

/// A piece of a relation and how it can be qualified.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    pub(super) qualifier: Option<Rc<Qualifier>>,
    pub(super) content: Content,
}

impl Field {
    pub(super) fn column(name: Option<Rc<str>>, value: Value) -> Self {
        Self { qualifier: None, content: Content::Column { name, value } }
    }

    pub(super) fn gap(origin: GapOrigin) -> Self {
        Self { qualifier: None, content: Content::Gap { origin, except: Vec::new() } }
    }

    /// Columns of which nothing is known.
    pub(super) fn unknown() -> Self {
        Self::gap(GapOrigin::Value(Value::unknown()))
    }

    pub(super) const fn is_gap(&self) -> bool {
        matches!(self.content, Content::Gap { .. })
    }

    /// The name and the value of a column.
    pub(super) const fn as_column(&self) -> Option<(&Option<Rc<str>>, &Value)> {
        match &self.content {
            Content::Column { name, value } => Some((name, value)),
            Content::Gap { .. } => None,
        }
    }

    /// The value, if it is a column of that name.
    pub(super) fn named(&self, wanted: &str) -> Option<&Value> {
        let (name, value) = self.as_column()?;
        name.as_deref().is_some_and(|name| same_name(name, wanted)).then_some(value)
    }

    /// Makes it one of which sources may be missing.
    pub(super) fn forget(mut self) -> Self {
        match &mut self.content {
            Content::Column { value, .. } => value.complete = false,
            Content::Gap { origin: GapOrigin::Value(value), .. } => value.complete = false,
            Content::Gap { origin: GapOrigin::Table(_), .. } => {}
        }
        self
    }
}

/// Gives the columns the qualifier of a relation with a name; without a name they have none.
pub(super) fn qualified(mut fields: Vec<Field>, qualifier: Option<&Rc<Qualifier>>) -> Vec<Field> {
    for field in &mut fields {
        field.qualifier = qualifier.cloned();
    }
    fields
}

/// Gives the columns the names of a list such as `AS t (a, b)`. A list says how many columns there are, so that one gap
/// has a size, and so that columns of another number are not those that the catalog thinks they are.
pub(super) fn renamed(fields: Vec<Field>, names: &[Rc<str>]) -> Vec<Field> {
    if names.is_empty() {
        return fields;
    }
    let gaps = fields.iter().filter(|field| field.is_gap()).count();
    let rest = names.len().checked_sub(fields.len() - gaps);
    let size = match (gaps, rest) {
        (0, Some(0)) => Some(0),
        (1, Some(rest)) => Some(rest),
        (2.., Some(_)) => None,
        _ => return names.iter().map(|name| Field::column(Some(Rc::clone(name)), Value::unknown())).collect(),
    };
    let mut names = names.iter().cloned();
    let mut out = Vec::new();
    let mut aligned = true;
    for field in fields {
        match field.content {
            Content::Column { value, .. } if aligned => {
                out.push(Field { content: Content::Column { name: names.next(), value }, ..field });
            }
            Content::Gap { origin, .. } if aligned && let Some(size) = size => {
                let value = match origin {
                    GapOrigin::Value(value) => value,
                    GapOrigin::Table(_) => Value::unknown(),
                };
                out.extend(names.by_ref().take(size).map(|name| Field::column(Some(name), value.clone())));
            }
            _ => aligned = false,
        }
    }
    // Behind two gaps nobody knows which name is whose.
    out.extend(names.map(|name| Field::column(Some(name), Value::unknown())));
    out
}

/// The columns of a set operation, matched by their places. The names are those of the first branch.
pub(super) fn united(first: Vec<Field>, second: &[Field]) -> Vec<Field> {
    let gaps = first.iter().chain(second).any(Field::is_gap);
    if !gaps && first.len() != second.len() {
        // Trino takes no such thing, so one of them has not the columns that the catalog thinks.
        let unknown =
            |field: Field| Field::column(field.as_column().and_then(|(name, _)| name.clone()), Value::unknown());
        return first.into_iter().map(unknown).collect();
    }
    let mut aligned = true;
    let mut out = Vec::with_capacity(first.len());
    for (place, field) in first.into_iter().enumerate() {
        match (field.as_column(), second.get(place).and_then(Field::as_column)) {
            (Some((name, value)), Some((_, other))) if aligned => {
                out.push(Field::column(name.clone(), either(value, other)));
            }
            _ => {
                aligned = false;
                out.push(Field { qualifier: None, ..field }.forget());
            }
        }
    }
    out
}

/// The columns of a set operation with CORRESPONDING, matched by their names: those in `list`, or all that the branches
/// have in common in the order of the first one.
pub(super) fn corresponding(first: &[Field], second: &[Field], list: Option<&[Rc<str>]>) -> Vec<Field> {
    if first.iter().chain(second).any(Field::is_gap) {
        return vec![Field::unknown()];
    }
    let common = first.iter().filter_map(|field| field.as_column()?.0.clone());
    let names: Vec<Rc<str>> = match list {
        Some(list) => list.to_vec(),
        None => common.filter(|name| second.iter().any(|field| field.named(name).is_some())).collect(),
    };
    let value = |fields: &[Field], name: &str| fields.iter().find_map(|field| field.named(name).cloned());
    let column = |name: Rc<str>| {
        let value = match (value(first, &name), value(second, &name)) {
            (Some(one), Some(other)) => either(&one, &other),
            _ => Value::unknown(),
        };
        Field::column(Some(name), value)
    };
    names.into_iter().map(column).collect()
}

/// What `USING (names)` makes of the two sides: the keys, then the other columns. A key has the columns of both sides,
/// and no qualifier.
pub(super) fn joined_using(left: Vec<Field>, right: Vec<Field>, names: &[Rc<str>]) -> Vec<Field> {
    let key =
        |name: &Rc<str>| Field::column(Some(Rc::clone(name)), either(&key_of(&left, name), &key_of(&right, name)));
    let mut out: Vec<Field> = names.iter().map(key).collect();
    for mut field in left.into_iter().chain(right) {
        if names.iter().any(|name| field.named(name).is_some()) {
            continue;
        }
        if let Content::Gap { except, .. } = &mut field.content {
            except.extend(names.iter().cloned());
        }
        out.push(field);
    }
    out
}

/// The column that one side of a join gives for a key.
fn key_of(side: &[Field], name: &Rc<str>) -> Value {
    let mut known = side.iter().filter_map(|field| field.named(name));
    match (known.next(), known.next()) {
        (Some(value), None) => return value.clone(),
        (Some(_), Some(_)) => return Value::unknown(),
        (None, _) => {}
    }
    match side {
        [only] => gap_column(only, name).unwrap_or_else(Value::unknown),
        _ => Value::unknown(),
    }
}

/// What the column `name` of a gap is; `None` when it has no column of that name or is no gap.
pub(super) fn gap_column(field: &Field, name: &str) -> Option<Value> {
    let Content::Gap { origin, except } = &field.content else { return None };
    if except.iter().any(|known| same_name(known, name)) {
        return None;
    }
    Some(match origin {
        GapOrigin::Table(table) => Value::column(*table, name.into(), super::shape::Shape::Unknown).incomplete(),
        GapOrigin::Value(value) => value.clone(),
    })
}

/// The names that both sides of a NATURAL join have; `None` when that is not known.
pub(super) fn common_names(left: &[Field], right: &[Field]) -> Option<Vec<Rc<str>>> {
    if left.iter().chain(right).any(Field::is_gap) {
        return None;
    }
    let names = left.iter().filter_map(|field| field.as_column()?.0.clone());
    Some(names.filter(|name| right.iter().any(|field| field.named(name).is_some())).collect())
}
