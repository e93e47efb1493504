//! How values look to people: tables, errors with a caret, numbers with separators. Nothing is asked and nothing decided.

mod cell;
mod markdown;
mod number;
mod problem;
mod snippet;
mod table;

pub(super) use cell::plain;
pub(super) use markdown::{markdown_header, markdown_rows};
pub(super) use number::{bytes, count, elapsed};
pub(super) use problem::error;
pub(super) use snippet::snippet_of_lines;
pub(super) use table::{list, rows};
