//! Where the columns of a statement come from, in resolved names. Pure, like the planning that it is a part of.

use warren_sql::{ColumnUse, Columns, NameRef, Source, Statement};

use crate::jobs::{ColumnLineage, ColumnUsage, FusionModel, LineageColumn, LineageSource};

/// The lineage of a statement whose names were resolved to `models`.
pub(super) fn trace_lineage(statement: &Statement<'_>, models: &[FusionModel], columns: &dyn Columns) -> ColumnLineage {
    let traced = statement.lineage(columns);
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
    });
    ColumnLineage { complete: traced.complete, columns: columns.collect() }
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

    struct Shop;

    impl Columns for Shop {
        fn columns(&self, table: &NameRef) -> Option<Vec<Column>> {
            (table.parts.last()? == "orders").then(|| ["id", "total"].map(Column::named).into())
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
        let lineage = trace_lineage(&statement, &[model], &Shop);
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
        let lineage = trace_lineage(&statement, &[], &Shop);
        assert_eq!(
            (&lineage.columns[0].sources[0].fqn, lineage.columns[0].sources[0].trino.as_str()),
            (&None, "orders")
        );
    }
}
