//! A few tables, and lineage as one line of text.

use warren_sql::{Column, ColumnUse, Columns, Lineage, LineageLevel, NameRef, OutputColumn, analyse};

/// Knows `a`, `b`, `c`, `e` and the FQN `pg.shop.public.orders`; nothing else.
pub(crate) struct Shop;

impl Columns for Shop {
    fn columns(&self, table: &NameRef) -> Option<Vec<Column>> {
        let columns: &[(&str, &str)] = match table.parts.join(".").to_lowercase().as_str() {
            "a" => &[("k", "bigint"), ("x", "varchar"), ("y", "double")],
            "b" => &[("k", "bigint"), ("x", "varchar"), ("z", "double")],
            "c" => &[("k", "bigint"), ("w", "varchar"), ("y", "double")],
            "e" => &[
                ("id", "bigint"),
                ("tags", "array(varchar)"),
                ("attrs", "map(varchar, varchar)"),
                ("person", "row(first varchar, address row(city varchar, zip integer))"),
                ("items", "array(row(sku varchar, qty integer))"),
            ],
            "pg.shop.public.orders" => &[("id", "bigint"), ("total", "double")],
            _ => return None,
        };
        let column = |(name, data_type): &(&str, &str)| Column {
            name: (*name).to_owned(),
            data_type: Some((*data_type).to_owned()),
        };
        Some(columns.iter().map(column).collect())
    }
}

/// `name <- table.column, table.column`: `?` for no name, `!` behind the name of an incomplete column and `~` behind that
/// of one of which the place is not known, `/e` behind an expression's and `/a` behind an aggregate's source.
fn column(column: &OutputColumn<'_>) -> String {
    let sources: Vec<String> = column
        .sources
        .iter()
        .map(|source| {
            let usage = match source.usage {
                ColumnUse::Identity => "",
                ColumnUse::Expression => "/e",
                ColumnUse::Aggregate => "/a",
            };
            format!("{}.{}{usage}", source.table.parts.join("."), source.column)
        })
        .collect();
    let name = column.name.as_deref().unwrap_or("?");
    let (complete, place) = (if column.complete { "" } else { "!" }, if column.place.is_some() { "" } else { "~" });
    format!("{name}{complete}{place}<-{}", sources.join(","))
}

fn text(lineage: &Lineage<'_>) -> String {
    if lineage.level != LineageLevel::Columns {
        return "tables".to_owned();
    }
    let columns: Vec<String> = lineage.columns.iter().map(column).collect();
    // What the columns do not show: that some are not there at all.
    let all = lineage.complete || lineage.columns.iter().any(|column| !column.complete || column.name.is_none());
    format!("{}{}", columns.join(" "), if all { "" } else { " and more" }).trim().to_owned()
}

/// The lineage of a statement on the tables of the [`Shop`].
pub(crate) fn lineage(sql: &str) -> String {
    text(&analyse(sql).unwrap_or_else(|error| panic!("{sql}\n{error}")).lineage(&Shop))
}

/// The lineage of a statement where no table is known.
pub(crate) fn blind_lineage(sql: &str) -> String {
    text(&analyse(sql).unwrap_or_else(|error| panic!("{sql}\n{error}")).lineage(&()))
}
