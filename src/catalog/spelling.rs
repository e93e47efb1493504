//! Other spellings of a name: the one that Trino makes of it, and the one that OpenMetadata's ingestion makes of it.

use warren_openmetadata::{decode_reserved, encode_reserved};
use warren_sql::TrinoName;

use super::Fqn;

/// Parts before the schema: service and database. Which catalog they lead to is not told by their letters.
const BEFORE_SCHEMA: usize = 2;

/// The name that Trino reads for this one where it makes schema and table lower case; `None` where that is no other name.
#[must_use]
pub fn lower_case(fqn: &Fqn) -> Option<Fqn> {
    changed(fqn, BEFORE_SCHEMA, str::to_lowercase)
}

/// The name with words in the place of the characters that OpenMetadata's ingestion cannot keep; `None` where it has none
/// of them. People name services, so that these are kept as they are.
#[must_use]
pub fn encoded(fqn: &Fqn) -> Option<Fqn> {
    changed(fqn, 1, encode_reserved)
}

/// The parts as the source of a table has them.
pub(super) fn decoded(fqn: &Fqn) -> Vec<String> {
    fqn.parts().iter().map(|part| decode_reserved(part)).collect()
}

/// The name that the ingestion of this Trino's service gives a table; `None` where OpenMetadata could not hold it.
pub(super) fn of_trino(service: &str, trino: &TrinoName) -> Option<Fqn> {
    let parts = trino.parts().iter().map(|part| encode_reserved(part));
    Fqn::from_raw_parts(std::iter::once(service.to_owned()).chain(parts)).ok()
}

fn changed(fqn: &Fqn, first: usize, change: impl Fn(&str) -> String) -> Option<Fqn> {
    let parts = fqn.parts().iter().enumerate();
    let parts = parts.map(|(index, part)| if index < first { part.clone() } else { change(part) });
    Fqn::from_raw_parts(parts).ok().filter(|changed| changed != fqn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spelling_is_none_where_nothing_changes() {
        fn check(name: &str, lower: Option<&str>, words: Option<&str>) {
            let name = Fqn::parse(name).unwrap();
            let text = |found: Option<Fqn>| found.map(|found| found.to_string());
            assert_eq!((text(lower_case(&name)).as_deref(), text(encoded(&name)).as_deref()), (lower, words), "{name}");
        }
        check("Pg.CRM.public.orders", None, None);
        check("Pg.CRM.Public.Ärger", Some("Pg.CRM.public.ärger"), None);
        check(r#"a>b.db.s."A""b""#, Some(r#"a>b.db.s."a""b""#), Some("a>b.db.s.A__reserved__quote__b"));
        check("pg.db.s.a::b", None, Some("pg.db.s.a__reserved__colon__b"));
    }
}
