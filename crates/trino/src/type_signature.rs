//! The type of a column as a tree, and its wire form (`typeSignature`, Trino's `ClientTypeSignature`).
//!
//! The text form (`map(varchar, bigint)`) is read and written in `type_text`. What a type's values look like is the
//! knowledge of whoever decodes rows.

use serde::{Deserialize, Serialize};

/// The length that Trino gives an unbounded `varchar` (`VarcharType.UNBOUNDED_LENGTH`).
pub(crate) const UNBOUNDED_VARCHAR: i64 = 2_147_483_647;

/// A type: its raw name and what stands in its parentheses.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TypeSignature {
    /// The name without arguments, as Trino has it: `decimal`, `timestamp with time zone`, `row`.
    #[serde(rename = "rawType")]
    pub raw: String,
    /// The arguments in order.
    #[serde(default)]
    pub arguments: Vec<TypeArgument>,
}

/// One argument of a type.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value")]
pub enum TypeArgument {
    /// The element of an `array`, the key or value of a `map`.
    #[serde(rename = "TYPE", alias = "TYPE_SIGNATURE")]
    Type(TypeSignature),
    /// A field of a `row`.
    #[serde(rename = "NAMED_TYPE", alias = "NAMED_TYPE_SIGNATURE")]
    Field(RowField),
    /// A length, precision or scale.
    #[serde(rename = "LONG", alias = "LONG_LITERAL")]
    Long(i64),
    /// A type variable; only signatures of functions have them.
    #[serde(rename = "VARIABLE")]
    Variable(String),
}

/// A field of a `row`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RowField {
    #[serde(rename = "fieldName", default, skip_serializing_if = "Option::is_none")]
    name: Option<FieldName>,
    /// Its type.
    #[serde(rename = "typeSignature")]
    pub signature: TypeSignature,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct FieldName {
    name: String,
}

impl RowField {
    /// A field; `None` for one without a name, as in `row(1, 2)`.
    #[must_use]
    pub fn new(name: Option<String>, signature: TypeSignature) -> Self {
        Self { name: name.map(|name| FieldName { name }), signature }
    }

    /// The field's name, if it has one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_ref().map(|field| field.name.as_str())
    }
}

impl TypeSignature {
    /// A type without arguments.
    pub fn simple(raw: impl Into<String>) -> Self {
        Self { raw: raw.into(), arguments: Vec::new() }
    }

    /// A type with arguments.
    pub fn with(raw: impl Into<String>, arguments: Vec<TypeArgument>) -> Self {
        Self { raw: raw.into(), arguments }
    }

    /// The `index`th argument when it is a number: a length, precision or scale.
    #[must_use]
    pub fn long(&self, index: usize) -> Option<i64> {
        match self.arguments.get(index)? {
            TypeArgument::Long(value) => Some(*value),
            TypeArgument::Type(_) | TypeArgument::Field(_) | TypeArgument::Variable(_) => None,
        }
    }

    /// The types inside this one, in order: an array's element, a map's key and value, a row's fields.
    pub fn children(&self) -> impl Iterator<Item = &TypeSignature> {
        self.arguments.iter().filter_map(|argument| match argument {
            TypeArgument::Type(signature) => Some(signature),
            TypeArgument::Field(field) => Some(&field.signature),
            TypeArgument::Long(_) | TypeArgument::Variable(_) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn long(value: i64) -> Value {
        json!({"kind": "LONG", "value": value})
    }

    fn bare(raw: &str) -> Value {
        json!({"rawType": raw, "arguments": []})
    }

    /// Reads the wire form, compares its text, and writes it back.
    fn check(wire: &Value, text: &str) {
        let signature: TypeSignature = serde_json::from_value(wire.clone()).unwrap();
        assert_eq!(signature.to_string(), text);
        assert_eq!(&serde_json::to_value(&signature).unwrap(), wire, "{text}");
    }

    #[test]
    fn every_kind_of_argument_is_read_and_written() {
        check(&bare("bigint"), "bigint");
        check(&json!({"rawType": "decimal", "arguments": [long(10), long(2)]}), "decimal(10, 2)");
        check(&json!({"rawType": "varchar", "arguments": [long(2_147_483_647)]}), "varchar");
        check(&json!({"rawType": "varchar", "arguments": [long(7)]}), "varchar(7)");
        check(&json!({"rawType": "timestamp with time zone", "arguments": [long(3)]}), "timestamp(3) with time zone");
        check(
            &json!({"rawType": "map", "arguments": [
                {"kind": "TYPE", "value": {"rawType": "varchar", "arguments": [long(2_147_483_647)]}},
                {"kind": "TYPE", "value": {"rawType": "array", "arguments": [{"kind": "TYPE", "value": bare("integer")}]}}]}),
            "map(varchar, array(integer))",
        );
        check(
            &json!({"rawType": "row", "arguments": [
                {"kind": "NAMED_TYPE", "value": {"fieldName": {"name": "x"}, "typeSignature": bare("bigint")}},
                {"kind": "NAMED_TYPE", "value": {"typeSignature": bare("double")}}]}),
            "row(x bigint, double)",
        );
        check(&json!({"rawType": "array", "arguments": [{"kind": "VARIABLE", "value": "T"}]}), "array(T)");
    }

    #[test]
    fn the_kinds_of_old_servers_are_read() {
        let wire = json!({"rawType": "row", "arguments": [
            {"kind": "NAMED_TYPE_SIGNATURE", "value": {"fieldName": {"name": "a", "delimited": false},
                "typeSignature": {"rawType": "array", "arguments": [{"kind": "TYPE_SIGNATURE",
                    "value": {"rawType": "char", "arguments": [{"kind": "LONG_LITERAL", "value": 3}]}}]}}}]});
        let signature: TypeSignature = serde_json::from_value(wire).unwrap();
        assert_eq!(signature.to_string(), "row(a array(char(3)))");
        let signature: TypeSignature = serde_json::from_value(json!({"rawType": "date"})).unwrap();
        assert_eq!(signature, TypeSignature::simple("date"));
    }

    #[test]
    fn the_parts_can_be_asked_for() {
        let signature: TypeSignature = "decimal(38, 0)".parse().unwrap();
        assert_eq!((signature.long(0), signature.long(1), signature.long(2)), (Some(38), Some(0), None));
        let signature: TypeSignature = "row(a bigint, b map(varchar, date))".parse().unwrap();
        assert_eq!(signature.children().map(|child| child.raw.as_str()).collect::<Vec<_>>(), ["bigint", "map"]);
        assert_eq!(signature.long(0), None);
        let TypeArgument::Field(field) = &signature.arguments[0] else { panic!("{signature:?}") };
        assert_eq!(field.name(), Some("a"));
    }
}
