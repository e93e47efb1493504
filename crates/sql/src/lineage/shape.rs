//! As much of a type as tells how many columns `UNNEST` and `row.*` give: arrays, maps and rows. No other types, and
//! no judgement on whether types fit.

use std::rc::Rc;

/// Columns by their names, if they have one, and shapes.
pub(super) type Shaped = Vec<(Option<Rc<str>>, Shape)>;

/// How a type is built.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    /// Anything.
    Unknown,
    /// No array, map or row.
    Scalar,
    /// An array of elements.
    Array(Rc<Shape>),
    /// A map; the values.
    Map(Rc<Shape>),
    /// A row; its fields have names or not.
    Row(Rc<Shaped>),
}

/// Types nest no deeper than this for Warren.
const MAX_DEPTH: usize = 24;

impl Shape {
    /// The shape of a type as Trino writes it, such as `array(row(sku varchar, qty integer))`.
    pub(super) fn of_type(text: &str) -> Self {
        Self::parse(text.trim(), MAX_DEPTH)
    }

    fn parse(text: &str, depth: usize) -> Self {
        if depth == 0 {
            return Self::Unknown;
        }
        let name_end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
        let (name, rest) = text.split_at(name_end);
        let rest = rest.trim();
        let arguments = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).map(split_arguments);
        match (name.to_ascii_lowercase().as_str(), arguments.as_deref()) {
            ("array", Some([element])) => Self::Array(Rc::new(Self::parse(element, depth - 1))),
            ("map", Some([_, value])) => Self::Map(Rc::new(Self::parse(value, depth - 1))),
            ("row", Some(fields)) => Self::Row(Rc::new(fields.iter().map(|field| row_field(field, depth)).collect())),
            ("array" | "map" | "row" | "struct" | "record" | "union" | "unknown" | "", _) => Self::Unknown,
            _ if rest.contains('<') => Self::Unknown,
            _ => Self::Scalar,
        }
    }

    /// What a subscript of a value of this shape is.
    pub(super) fn element(&self) -> Self {
        match self {
            Self::Array(element) | Self::Map(element) => (**element).clone(),
            Self::Unknown | Self::Scalar | Self::Row(_) => Self::Unknown,
        }
    }

    /// What the field of a row is.
    pub(super) fn field(&self, name: &str) -> Self {
        let Self::Row(fields) = self else { return Self::Unknown };
        let named = |field: &&(Option<Rc<str>>, Self)| field.0.as_deref().is_some_and(|known| same_name(known, name));
        fields.iter().find(named).map_or(Self::Unknown, |(_, shape)| shape.clone())
    }

    /// The columns that UNNEST makes of it; `None` when that is not known.
    pub(super) fn unnested(&self) -> Option<Shaped> {
        match self {
            Self::Array(element) => match &**element {
                Self::Unknown => None,
                Self::Row(fields) => Some(fields.to_vec()),
                other => Some(vec![(None, other.clone())]),
            },
            Self::Map(value) => Some(vec![(None, Self::Unknown), (None, (**value).clone())]),
            Self::Unknown | Self::Scalar | Self::Row(_) => None,
        }
    }
}

/// `name type`, or only a type.
fn row_field(text: &str, depth: usize) -> (Option<Rc<str>>, Shape) {
    let text = text.trim();
    if let Some(quoted) = text.strip_prefix('"') {
        let Some(end) = closing_quote(quoted) else { return (None, Shape::Unknown) };
        let name = quoted[..end].replace("\"\"", "\"");
        return (Some(name.into()), Shape::parse(quoted[end + 1..].trim(), depth - 1));
    }
    let Some((first, rest)) = text.split_once(char::is_whitespace) else {
        return (None, Shape::parse(text, depth - 1));
    };
    let rest = rest.trim_start();
    let next = rest.split([' ', '(']).next().unwrap_or_default().to_ascii_lowercase();
    let is_type = first.contains('(')
        || rest.starts_with('(')
        || matches!(
            (first.to_ascii_lowercase().as_str(), next.as_str()),
            ("double", "precision") | ("time" | "timestamp", "with" | "without") | ("interval", "day" | "year")
        );
    match is_type {
        true => (None, Shape::parse(text, depth - 1)),
        // Trino keeps the names of fields in lower case unless they are quoted.
        false => (Some(first.to_lowercase().into()), Shape::parse(rest, depth - 1)),
    }
}

fn closing_quote(text: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = text[at..].find('"') {
        let quote = at + found;
        if !text[quote + 1..].starts_with('"') {
            return Some(quote);
        }
        at = quote + 2;
    }
    None
}

/// The pieces between commas outside of brackets and quotes.
fn split_arguments(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut depth, mut quoted) = (0, 0_usize, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                pieces.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(&text[start..]);
    pieces.into_iter().map(str::trim).collect()
}

/// Whether Trino takes two names of columns or fields for the same: quoted or not, case does not matter.
pub(super) fn same_name(left: &str, right: &str) -> bool {
    match left.is_ascii() && right.is_ascii() {
        true => left.eq_ignore_ascii_case(right),
        false => left.to_lowercase() == right.to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_have_shapes() {
        let fields = |text: &str| match Shape::of_type(text) {
            Shape::Row(fields) => fields.iter().map(|(name, _)| name.as_deref().unwrap_or("-").to_owned()).collect(),
            other => vec![format!("{other:?}")],
        };
        assert_eq!(fields("row(a bigint, \"b \"\"c, d\" varchar(3))"), ["a", "b \"c, d"]);
        assert_eq!(fields("ROW(double precision, timestamp(3) with time zone, interval day to second)"), ["-"; 3]);
        assert_eq!(fields("row(double double, x row(y integer))"), ["double", "x"]);
        assert_eq!(fields("varchar(10)"), ["Scalar"]);
        assert_eq!(fields("array"), ["Unknown"]);
        assert_eq!(fields("map<string,int>"), ["Unknown"]);
        assert_eq!(fields(&format!("{}int{}", "array(".repeat(100_000), ")".repeat(100_000))).len(), 1);
        let unnested = |text: &str| Shape::of_type(text).unnested().map(|columns| columns.len());
        assert_eq!(unnested("array(row(a integer, b integer))"), Some(2));
        assert_eq!(unnested("array(integer)"), Some(1));
        assert_eq!(unnested("map(varchar, row(a integer))"), Some(2));
        assert_eq!(unnested("array(struct)"), None);
    }
}
