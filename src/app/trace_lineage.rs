//! Where the columns of a statement come from, in resolved names. Pure, like the planning that it is a part of.

use warren_sql::{ColumnUse, Columns, NameRef, OutputColumn, Source, Statement};

use crate::jobs::{ColumnLineage, ColumnUsage, FusionModel, LineageColumn, LineageSource};

/// Characters of a description at most. It goes into the job, its result and every file of it.
const DESCRIPTION_CHARACTERS: usize = 4_000;
/// Characters of all descriptions of one statement at most. Columns behind that have none.
const ALL_DESCRIPTIONS_CHARACTERS: usize = 100_000;

/// What is known of the tables of a statement.
pub(super) trait Described: Columns {
    /// What a column of a table is, where somebody has written it down.
    fn description(&self, table: &NameRef, column: &str) -> Option<&str>;
}

/// The lineage of a statement whose names were resolved to `models`.
pub(super) fn trace_lineage<T: Described>(
    statement: &Statement<'_>,
    models: &[FusionModel],
    known: &T,
) -> ColumnLineage {
    let traced = statement.lineage(known);
    let mut room = ALL_DESCRIPTIONS_CHARACTERS;
    let source = |source: &Source<'_>| LineageSource {
        column: source.column.clone(),
        usage: usage(source.usage),
        ..table(source.table, models)
    };
    let columns = traced.columns.iter().map(|column| LineageColumn {
        name: column.name.clone(),
        place: column.place,
        complete: column.complete,
        sources: column.sources.iter().map(source).collect(),
        description: description(column, known, &mut room),
    });
    ColumnLineage { complete: traced.complete, columns: columns.collect() }
}

/// What a column is that is one column of a table unchanged, as far as there is room for it.
fn description(column: &OutputColumn<'_>, known: &impl Described, room: &mut usize) -> Option<String> {
    let [source] = column.sources.as_slice() else { return None };
    if !column.complete || source.usage != ColumnUse::Identity {
        return None;
    }
    let description = known.description(source.table, &source.column)?.trim();
    let cut: String = description.chars().take(DESCRIPTION_CHARACTERS).collect();
    let characters = cut.chars().count();
    if characters == 0 || characters > *room {
        return None;
    }
    *room -= characters;
    Some(cut)
}

/// A source with its table only.
fn table(name: &NameRef, models: &[FusionModel]) -> LineageSource {
    let model = models.iter().find(|model| model.start == name.position.offset);
    LineageSource {
        fqn: model.map(|model| model.fully_qualified_name.clone()),
        trino: model.map_or_else(|| name.parts.join("."), |model| model.trino_model_name.clone()),
        column: String::new(),
        usage: ColumnUsage::Identity,
    }
}

fn usage(usage: ColumnUse) -> ColumnUsage {
    match usage {
        ColumnUse::Identity => ColumnUsage::Identity,
        ColumnUse::Expression => ColumnUsage::Expression,
        ColumnUse::Aggregate => ColumnUsage::Aggregate,
    }
}

#[cfg(test)]
mod tests {
    use warren_sql::{Column, analyse};

    use super::*;

    /// With the description of the column `id`.
    struct Shop(String);

    impl Columns for Shop {
        fn columns(&self, table: &NameRef) -> Option<Vec<Column>> {
            (table.parts.last()? == "orders").then(|| ["id", "total"].map(Column::named).into())
        }
    }

    impl Described for Shop {
        fn description(&self, _table: &NameRef, column: &str) -> Option<&str> {
            (column == "id").then_some(self.0.as_str())
        }
    }

    #[test]
    fn sources_carry_the_names_that_were_resolved() {
        let sql = "SELECT o.id, sum(total) AS total, 'x' FROM sales_pg.shop.public.orders o GROUP BY 1";
        let statement = analyse(sql).unwrap();
        let model = FusionModel {
            model_id_of_om: None,
            model_version_of_om: None,
            fully_qualified_name: "sales_pg.shop.public.orders".to_owned(),
            trino_model_name: "pg_shop.public.orders".to_owned(),
            start: statement.names()[0].position.offset,
            end: 0,
            target: false,
        };
        let lineage = trace_lineage(&statement, &[model], &Shop("a number".to_owned()));
        assert!(lineage.columns.iter().all(|column| column.complete), "{lineage:?}");
        let of = |place: usize| lineage.columns[place].sources.clone();
        let source = |column: &str, usage| LineageSource {
            fqn: Some("sales_pg.shop.public.orders".to_owned()),
            trino: "pg_shop.public.orders".to_owned(),
            column: column.to_owned(),
            usage,
        };
        assert_eq!(of(0), [source("id", ColumnUsage::Identity)]);
        assert_eq!(of(1), [source("total", ColumnUsage::Aggregate)]);
        assert_eq!(of(2), []);
    }

    #[test]
    fn a_table_without_a_model_keeps_its_own_words() {
        let statement = analyse("SELECT id FROM orders").unwrap();
        let lineage = trace_lineage(&statement, &[], &Shop(String::new()));
        assert_eq!(
            (&lineage.columns[0].sources[0].fqn, lineage.columns[0].sources[0].trino.as_str()),
            (&None, "orders")
        );
    }

    #[test]
    fn a_column_that_is_another_one_unchanged_is_described_as_that() {
        let described = |sql: &str, description: &str| -> Vec<Option<String>> {
            let lineage = trace_lineage(&analyse(sql).unwrap(), &[], &Shop(description.to_owned()));
            lineage.columns.into_iter().map(|column| column.description).collect()
        };
        let sql = "SELECT id, id AS other, id + 1, max(id), total, 1 FROM orders GROUP BY 1, 5";
        let number = || Some("a number".to_owned());
        assert_eq!(described(sql, " a number\n"), [number(), number(), None, None, None, None]);
        let whole = described("SELECT * FROM orders", "a number");
        assert_eq!(whole, [number(), None]);
        assert_eq!(described("SELECT id FROM orders UNION ALL SELECT total FROM orders", "a number"), [None]);
        assert_eq!(described("SELECT id FROM orders", "  "), [None]);
    }

    #[test]
    fn descriptions_have_bounds() {
        let ids = vec!["id"; 30].join(", ");
        let statement = format!("SELECT {ids} FROM orders");
        let lineage = trace_lineage(&analyse(&statement).unwrap(), &[], &Shop("ä".repeat(5_000)));
        let lengths = lineage.columns.iter().filter_map(|column| column.description.as_ref());
        let lengths: Vec<usize> = lengths.map(|description| description.chars().count()).collect();
        assert_eq!(lengths, [4_000; 25]);
    }
}
