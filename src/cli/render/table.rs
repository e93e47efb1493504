//! Tables: rows of a result, and lists of other things. They fit the terminal where there is one.

use std::io::{self, Write};

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table};

use super::cell::{cell, is_number, plain};
use crate::cli::client::Page;

/// Writes the rows of a page as a table of at most `columns` columns.
pub(crate) fn rows(to: &mut impl Write, page: &Page, columns: Option<u16>) -> io::Result<()> {
    if page.columns.is_empty() {
        return Ok(());
    }
    let mut table = empty(columns);
    table.set_header(page.columns.iter().map(|column| plain(&column.name)).collect::<Vec<_>>());
    table.add_rows(page.rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>()));
    for (index, column) in page.columns.iter().enumerate() {
        if is_number(&column.r#type)
            && let Some(own) = table.column_mut(index)
        {
            own.set_cell_alignment(CellAlignment::Right);
        }
    }
    writeln!(to, "{table}")
}

/// Writes a list of things under a header.
pub(crate) fn list(
    to: &mut impl Write,
    header: &[&str],
    items: Vec<Vec<String>>,
    columns: Option<u16>,
) -> io::Result<()> {
    let mut table = empty(columns);
    table.set_header(header.to_vec());
    table.add_rows(items);
    if let Some(first) = table.column_mut(0) {
        // It names the thing: somebody copies it into the next command.
        first.set_constraint(ColumnConstraint::ContentWidth);
    }
    writeln!(to, "{table}")
}

fn empty(columns: Option<u16>) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED.with_rounded_corners());
    table.force_no_tty();
    match columns {
        Some(columns) => table.set_width(columns).set_content_arrangement(ContentArrangement::Dynamic),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    table
}

#[cfg(test)]
mod tests {
    use super::list;

    #[test]
    fn the_name_of_a_thing_stays_in_one_piece() {
        let mut text = Vec::new();
        let items =
            vec![vec!["019acb0e-27a1-7c52".to_owned(), "a long text that is broken where it has to be".to_owned()]];
        list(&mut text, &["id", "query"], items, Some(40)).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains("│ 019acb0e-27a1-7c52 ┆"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 40), "{text}");
    }
}
