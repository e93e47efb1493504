//! A query to begin with: the first columns of some rows of a table, ready to be run by Warren.

use warren_openmetadata::decode_reserved;
use warren_sql::identifier;

use super::CatalogColumn;
use crate::catalog::{Catalog, Fqn, Purpose};

/// How many columns a snippet names; somebody who wants more finds them on the same page.
const COLUMNS: usize = 8;

/// The query; nothing for a name that no SQL can say. A name is delimited only where SQL needs it. Of a table whose
/// columns nobody knows it reads them all. A name of less than four parts that `catalog` does not know without
/// OpenMetadata is written as one identifier, because its parts apart would be a name of Trino.
pub(super) fn snippet(catalog: &Catalog, fqn: &Fqn, columns: &[CatalogColumn]) -> Option<String> {
    let is_apart = fqn.parts().len() >= 4 || matches!(catalog.table(fqn.parts(), Purpose::Use), Ok(Some(_)));
    let from = if is_apart {
        let parts: Option<Vec<_>> = fqn.parts().iter().map(|part| identifier(part)).collect();
        parts?.join(".")
    } else {
        identifier(&fqn.to_string())?.into_owned()
    };
    // OpenMetadata writes some characters of a column's name as words.
    let names = columns.iter().map(|column| decode_reserved(&column.name));
    let names: Vec<String> = names.filter_map(|name| Some(identifier(&name)?.into_owned())).take(COLUMNS).collect();
    let what = if names.is_empty() { "*".to_owned() } else { names.join(", ") };
    Some(format!("SELECT {what} FROM {from} LIMIT 10"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::app::{Limits, plan_query};
    use crate::catalog::{Answer, Entity, EntityKind, Facts, Known, Mapping, Wanted};
    use crate::jobs::{Principal, Submission};

    fn column(name: &str) -> CatalogColumn {
        CatalogColumn {
            name: name.to_owned(),
            r#type: "bigint".to_owned(),
            description: None,
            tags: Vec::new(),
            constraint: None,
        }
    }

    #[test]
    fn names_are_delimited_where_sql_needs_it() {
        let check = |fqn: &str, columns: &[&str], expect: &str| {
            let columns: Vec<_> = columns.iter().map(|name| column(name)).collect();
            assert_eq!(snippet(&by_rule(), &Fqn::parse(fqn).unwrap(), &columns).as_deref(), Some(expect));
        };
        check("pg.sales.public.orders", &["id", "Total"], "SELECT id, Total FROM pg.sales.public.orders LIMIT 10");
        check(
            r#"mysql.default."my.schema".order"#,
            &["a b", "select", "a__reserved__quote__b", ""],
            r#"SELECT "a b", "select", "a""b" FROM mysql.default."my.schema"."order" LIMIT 10"#,
        );
        check(r#"s3.lake."2024.csv""#, &[], r#"SELECT * FROM "s3.lake.""2024.csv""" LIMIT 10"#);
        check(r#"s3.lake.raw."2024.csv""#, &[], r#"SELECT * FROM s3.lake.raw."2024.csv" LIMIT 10"#);
        check("a.b.c.d", &["c"; 20], "SELECT c, c, c, c, c, c, c, c FROM a.b.c.d LIMIT 10");
        assert_eq!(snippet(&by_rule(), &Fqn::from_raw_parts(["a", "b\0"]).unwrap(), &[]), None);
    }

    /// Every service is a catalog.
    fn by_rule() -> Catalog {
        Catalog::new(Mapping::parse("[[mapping]]\nservice = \"*\"\ncatalog = \"c\"").unwrap())
    }

    /// A file that a rule for files maps, once OpenMetadata says that it is one.
    fn by_openmetadata(fqn: &Fqn) -> Catalog {
        let rule =
            "[[mapping]]\nservice = \"*\"\nkind = \"container\"\ncatalog = \"c\"\nschema = \"s\"\ntable = \"{path}\"";
        Catalog::new(Mapping::parse(rule).unwrap()).with_facts(known(fqn, EntityKind::Container))
    }

    fn known(fqn: &Fqn, kind: EntityKind) -> Facts {
        let entity = Entity {
            id: String::new(),
            kind,
            fqn: fqn.clone(),
            version: "0.1".to_owned(),
            service_type: None,
            deleted: false,
            columns: Vec::new(),
            twin: None,
        };
        let mut facts = Facts::default();
        facts.insert(Wanted::Name(fqn.clone()), Known { answer: Answer::Entity(Arc::new(entity)), stale: false });
        facts
    }

    /// What a query of the snippet reads.
    fn planned(catalog: &Catalog, fqn: &Fqn, columns: &[CatalogColumn]) -> String {
        let sql = snippet(catalog, fqn, columns).unwrap();
        let submission = Submission {
            owner: Principal::parse("somebody").unwrap(),
            user_query: sql,
            reference_models: BTreeMap::new(),
            catalog: None,
            schema: None,
            time_zone: None,
            session: BTreeMap::new(),
            tags: Vec::new(),
            queue: Submission::DEFAULT_QUEUE.to_owned(),
            priority: 0,
            row_limit: None,
        };
        let plan = plan_query(&submission, catalog, &Limits::default())
            .unwrap_or_else(|problem| panic!("{}\n{problem:?}", submission.user_query));
        assert_eq!((plan.limit, plan.models.len()), (Some(10), 1), "{}", submission.user_query);
        plan.models[0].fully_qualified_name.clone()
    }

    fn part() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-zA-Z_][a-zA-Z0-9_]{0,9}",
            "[^\0]{1,12}",
            "[a-z.\"'; \\-/*$]{1,8}",
            prop::sample::select(vec![
                "select", "TABLE", "order", "lateral", "unnest", "1a", "$$", "t$files", "default"
            ])
            .prop_map(str::to_owned),
        ]
    }

    proptest! {
        #[test]
        fn warren_takes_every_snippet_for_its_table(
            parts in prop::array::uniform4(part()),
            columns in prop::collection::vec(part(), 0..4),
        ) {
            let fqn = Fqn::from_raw_parts(parts).unwrap();
            let columns: Vec<_> = columns.iter().map(|name| column(name)).collect();
            let catalog = by_rule().with_facts(known(&fqn, EntityKind::Table));
            prop_assert_eq!(planned(&catalog, &fqn, &columns), fqn.to_string());
        }

        #[test]
        fn warren_takes_every_snippet_for_its_file(parts in prop::collection::vec(part(), 2..7)) {
            let fqn = Fqn::from_raw_parts(parts).unwrap();
            let mut entry = toml::Table::new();
            entry.insert("fqn".to_owned(), fqn.to_string().into());
            entry.insert("trino".to_owned(), "c.s.t".into());
            let mut mapping = toml::Table::new();
            mapping.insert("table".to_owned(), vec![entry].into());
            let catalog = Catalog::new(Mapping::parse(&mapping.to_string()).unwrap());
            prop_assert_eq!(planned(&catalog, &fqn, &[]), fqn.to_string());
            prop_assert_eq!(planned(&by_openmetadata(&fqn), &fqn, &[]), fqn.to_string());
        }
    }
}
