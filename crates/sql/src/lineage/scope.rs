//! What a name in an expression refers to, by the rules of Trino's `Scope`: the innermost relation that knows it; there
//! a column before the field of a row.

use std::rc::Rc;

use sqlparser::ast::NamedWindowDefinition;

use super::relation::{Field, GapOrigin, Qualifier, gap_column};
use super::shape::Shape;
use super::value::{ColumnUse, Value};

/// What can be named at a place.
#[derive(Clone, Copy, Default)]
pub(super) struct Scope<'p> {
    pub(super) fields: &'p [Field],
    /// The WINDOW clause, if it is the scope of a query.
    pub(super) windows: &'p [NamedWindowDefinition],
    /// What is around it.
    pub(super) outer: Option<&'p Scope<'p>>,
    pub(super) kind: ScopeKind,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum ScopeKind {
    /// The columns of a FROM clause.
    #[default]
    Query,
    /// The parameters of a lambda, in the scope around it.
    Lambda,
    /// The input of MATCH_RECOGNIZE, whose columns a pattern variable may qualify.
    Pattern,
}

/// What one scope says about a name.
enum Answer {
    /// It is not in there.
    No,
    /// It is, but nobody can tell what it is.
    Unclear,
    /// A column, and how many parts of the name are fields of rows in it.
    Column(Value, usize),
    /// The same of a relation of which the columns are not known, by its alias, if no scope around it knows the name.
    Likely(Value, usize),
    /// The same without an alias, if there is no other relation that the column can be of.
    Alone(Value, usize),
}

/// The value of a name.
pub(super) fn resolve(parts: &[&str], scope: &Scope<'_>) -> Value {
    let mut inner_relations = false;
    let mut next = Some(scope);
    while let Some(scope) = next {
        let nowhere_else = || {
            let mut around = std::iter::successors(scope.outer, |scope| scope.outer);
            around.all(|scope| matches!(scope.answer(parts), Answer::No))
        };
        match scope.answer(parts) {
            Answer::No => next = scope.outer,
            Answer::Column(value, rest) => return field_of(&value, &parts[parts.len() - rest..]),
            Answer::Likely(value, rest) if nowhere_else() => return field_of(&value, &parts[parts.len() - rest..]),
            // A catalog may be behind the tables, so that not knowing a column of an inner relation proves little.
            Answer::Alone(value, rest) if !inner_relations && nowhere_else() => {
                return field_of(&value, &parts[parts.len() - rest..]);
            }
            Answer::Unclear | Answer::Likely(..) | Answer::Alone(..) => return Value::unknown(),
        }
        inner_relations |= scope.kind != ScopeKind::Lambda && !scope.fields.is_empty();
    }
    Value::unknown()
}

/// The field of the field … of a value.
pub(super) fn field_of(value: &Value, names: &[&str]) -> Value {
    if names.is_empty() {
        return value.clone();
    }
    let shape = names.iter().fold(value.shape.clone(), |shape, name| shape.field(name));
    value.used(ColumnUse::Expression).with_shape(shape)
}

/// How many columns there are, and the first of them.
fn one<'v>(mut found: impl Iterator<Item = &'v Value>) -> Result<Option<&'v Value>, ()> {
    let first = found.next();
    match found.next() {
        Some(_) => Err(()),
        None => Ok(first),
    }
}

impl Scope<'_> {
    fn answer(&self, parts: &[&str]) -> Answer {
        let answer = self.look_up(parts);
        if self.kind != ScopeKind::Pattern || parts.len() == 1 {
            return answer;
        }
        // The first part may be a variable of the pattern.
        match (answer, self.look_up(&parts[1..])) {
            (Answer::Column(value, rest), _) => Answer::Column(value, rest),
            (Answer::No, answer) | (_, answer @ Answer::Column(..)) => answer,
            _ => Answer::Unclear,
        }
    }

    fn look_up(&self, parts: &[&str]) -> Answer {
        let Ok(whole) = one(self.matches(parts, Qualifier::ends_with)) else { return Answer::Unclear };
        if let Some(value) = whole {
            return Answer::Column(value.clone(), 0);
        }
        let Ok(session) = one(self.matches(parts, Qualifier::is_end_of)) else { return Answer::Unclear };
        let mut begun = None;
        for length in (1..parts.len()).rev() {
            match one(self.matches(&parts[..length], Qualifier::ends_with)) {
                Err(()) => return Answer::Unclear,
                Ok(Some(value)) => {
                    begun = Some(Answer::Column(value.clone(), parts.len() - length));
                    break;
                }
                Ok(None) => {}
            }
        }
        let gap = self.gap(parts);
        match (session, begun, gap) {
            (None, None, gap) => gap,
            (Some(value), None, Answer::No) => Answer::Column(value.clone(), 0),
            // A column of a row, unless the name is that of a column in a relation of which the columns are unknown.
            (None, Some(answer), _) if !self.gaps().any(|field| qualifies(field, parts).is_some()) => answer,
            _ => Answer::Unclear,
        }
    }

    /// The columns that `parts` names with a qualifier of which `fits` holds, or without one.
    fn matches<'s>(
        &'s self,
        parts: &'s [&'s str],
        fits: impl Fn(&Qualifier, &[&str]) -> bool + 's,
    ) -> impl Iterator<Item = &'s Value> + 's {
        let split = parts.split_last();
        self.fields.iter().filter_map(move |field| {
            let (name, prefix) = split?;
            let value = field.named(name)?;
            let fitting = match &field.qualifier {
                Some(qualifier) => fits(qualifier, prefix),
                None => prefix.is_empty(),
            };
            fitting.then_some(value)
        })
    }

    fn gaps(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.is_gap())
    }

    /// What the relations say of which the columns are not known.
    fn gap(&self, parts: &[&str]) -> Answer {
        let Some(first) = parts.first() else { return Answer::No };
        let mut qualified = self.gaps().filter_map(|field| Some((field, qualifies(field, parts)?)));
        if let Some((field, length)) = qualified.next() {
            let alias = field.qualifier.as_ref().is_some_and(|qualifier| qualifier.alias);
            // `address.city FROM address` may be the field of a column that has the name of its table.
            if qualified.next().is_some() || !alias && length == 1 {
                return Answer::Unclear;
            }
            return match gap_column(field, parts[length]) {
                Some(value) => Answer::Likely(value, parts.len() - length - 1),
                None => Answer::Unclear,
            };
        }
        let mut open = self.gaps().filter_map(|field| gap_column(field, first));
        match (open.next(), self.fields) {
            (None, _) => Answer::No,
            (Some(value), [_]) => Answer::Alone(value, parts.len() - 1),
            (Some(_), _) => Answer::Unclear,
        }
    }
}

/// How many of the parts are the qualifier of `field`, if they can be, with at least one part behind it.
fn qualifies(field: &Field, parts: &[&str]) -> Option<usize> {
    let qualifier = field.qualifier.as_ref()?;
    (1..parts.len()).rev().find(|length| {
        let prefix = &parts[..*length];
        qualifier.ends_with(prefix) || qualifier.is_end_of(prefix)
    })
}

/// What `prefix.*` stands for.
pub(super) enum Star {
    /// The columns of a relation.
    Columns(Vec<Field>),
    /// The fields of a row.
    Row(Value),
}

/// What `parts.*` stands for: the columns of the relation of that name, else the fields of a row.
pub(super) fn star(parts: &[&str], scope: &Scope<'_>) -> Star {
    let mut next = Some(scope);
    while let Some(scope) = next {
        for fits in [Qualifier::ends_with, Qualifier::is_end_of] {
            let of_relation = |field: &&Field| field.qualifier.as_ref().is_some_and(|known| fits(known, parts));
            let fields: Vec<Field> = scope.fields.iter().filter(of_relation).cloned().collect();
            let mut qualifiers: Vec<_> = fields.iter().filter_map(|field| field.qualifier.clone()).collect();
            qualifiers.dedup();
            match qualifiers.len() {
                0 => {}
                1 => return Star::Columns(fields),
                // Two relations of the same name.
                _ => return Star::Columns(vec![Field::unknown()]),
            }
        }
        if !matches!(scope.answer(parts), Answer::No) {
            break;
        }
        next = scope.outer;
    }
    Star::Row(resolve(parts, scope))
}

/// The names and shapes of a row's fields; each is made of what the row is made of.
pub(super) fn row_fields(row: &Value) -> Vec<Field> {
    let value = row.used(ColumnUse::Expression);
    match &row.shape {
        Shape::Row(fields) => {
            let column = |(name, shape): &(Option<Rc<str>>, Shape)| {
                Field::column(name.clone(), value.clone().with_shape(shape.clone()))
            };
            fields.iter().map(column).collect()
        }
        _ => vec![Field::gap(GapOrigin::Value(value))],
    }
}
