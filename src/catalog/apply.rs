//! What a rule makes of a name that it is for.

use warren_openmetadata::decode_reserved;
use warren_sql::TrinoName;

use super::Fqn;
use super::mapping::{Case, Rule, RuleTarget};

/// What a rule makes of a name.
pub(super) fn by_rule(rule: &Rule, fqn: &Fqn) -> Option<TrinoName> {
    let parts: Vec<_> = fqn.parts().iter().map(|part| decode_reserved(part)).collect();
    match (&rule.target, parts.as_slice()) {
        (RuleTarget::Identity, [_, database, schema, table]) => trino_name(database, schema, table, Case::Lower),
        (
            RuleTarget::Table { catalog, schema: to_schema, table: to_table, case },
            [service, database, schema, table],
        ) => {
            let values: [(&str, &str); 4] =
                [("service", service), ("database", database), ("schema", schema), ("table", table)];
            let schema = to_schema.as_ref().map_or_else(|| schema.to_string(), |template| template.render(&values));
            let table = to_table.as_ref().map_or_else(|| table.to_string(), |template| template.render(&values));
            TrinoName::table(catalog.render(&values), case.apply(&schema), case.apply(&table)).ok()
        }
        (RuleTarget::Container { catalog, schema, table, case }, [service, bucket, rest @ ..]) => {
            let path = std::iter::once(bucket).chain(rest).map(AsRef::as_ref).collect::<Vec<&str>>().join("/");
            let name = rest.last().unwrap_or(bucket);
            let values: [(&str, &str); 4] = [("service", service), ("bucket", bucket), ("path", &path), ("name", name)];
            let schema = case.apply(&schema.render(&values));
            TrinoName::table(catalog.render(&values), schema, case.apply(&table.render(&values))).ok()
        }
        _ => None,
    }
}

/// A name in Trino; `None` where it could not be one.
pub(super) fn trino_name(catalog: &str, schema: &str, table: &str, case: Case) -> Option<TrinoName> {
    TrinoName::table(case.apply(catalog), case.apply(schema), case.apply(table)).ok()
}
