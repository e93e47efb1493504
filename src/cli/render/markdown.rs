//! A result as a table of Markdown, page after page: what has been written need not be kept for a width.

use std::io::{self, Write};

use super::cell::{cell, is_number, plain};
use crate::cli::client::Page;

/// Writes the names of the columns and the line below them.
pub(crate) fn markdown_header(to: &mut impl Write, page: &Page) -> io::Result<()> {
    line(to, page.columns.iter().map(|column| plain(&column.name)))?;
    line(to, page.columns.iter().map(|column| if is_number(&column.r#type) { "---:" } else { "---" }.to_owned()))
}

/// Writes the rows.
pub(crate) fn markdown_rows(to: &mut impl Write, page: &Page) -> io::Result<()> {
    page.rows.iter().try_for_each(|row| line(to, row.iter().map(cell)))
}

fn line(to: &mut impl Write, cells: impl Iterator<Item = String>) -> io::Result<()> {
    write!(to, "|")?;
    for cell in cells {
        write!(to, " {} |", cell.replace('\\', "\\\\").replace('|', "\\|"))?;
    }
    writeln!(to)
}
