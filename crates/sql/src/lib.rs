//! Reads the SQL of Trino without a grammar file and without a syntax tree: finds every name in every kind of statement,
//! replaces names by changing their bytes and no others, and splits the outermost LIMIT and OFFSET off.
//!
//! ```
//! use warren_sql::{Mapping, TrinoName, analyse};
//!
//! let sql = "SELECT o.total -- all of it\nFROM sales_pg.shop.public.orders o LIMIT 10";
//! let statement = analyse(sql).unwrap();
//! let converted = statement
//!     .convert(&mut |_| Mapping::Replace(TrinoName::table("pg_shop", "public", "orders").unwrap()))
//!     .unwrap();
//! assert_eq!(converted.query(), "SELECT o.total -- all of it\nFROM \"pg_shop\".\"public\".\"orders\" o");
//! assert_eq!(converted.limit(), Some(10));
//!
//! let page = converted.with_window(Some(20), Some(5));
//! assert!(page.sql.ends_with(" o OFFSET 20 LIMIT 5"));
//! assert_eq!(page.source_map.to_user(2, 20).column, 6);
//! ```
//!
//! What is not here: looking a name up, running a statement, and judging whether Trino would accept it. There is no I/O
//! and no clock; every function is a function of its arguments.

mod check;
mod definition;
mod error;
mod fqn;
mod identifier;
mod keywords;
mod kind;
mod lexer;
mod limits;
mod lineage;
mod mask;
mod names;
mod rewrite;
mod scanner;
mod second;
mod source_map;
mod span;
mod split;
mod statement;
mod trino_name;
mod window;

pub use check::{Check, CheckError, CheckRef, CheckWindow, check};
pub use error::{SqlError, SqlErrorCode};
pub use fqn::{FqnError, join_fqn, split_fqn};
pub use identifier::identifier;
pub use kind::StatementKind;
pub use limits::Limits;
pub use lineage::{Column, ColumnUse, Columns, Lineage, LineageLevel, OutputColumn, Source};
pub use mask::mask_literals;
pub use names::{ColumnRef, Level, NameRef, Role};
pub use rewrite::{Converted, Executable, Mapping};
pub use second::{Disagreement, NotParsed, SecondReading};
pub use source_map::{MappedRange, NamePair, SourceMap, SourceMapParts};
pub use span::{Position, Span};
pub use split::{Piece, split};
pub use statement::{Statement, analyse, analyse_with};
pub use trino_name::{InvalidTrinoName, TrinoName};
pub use window::{Window, WindowKind};
