//! One statement of Trino, read. Queries go through sqlparser; the statements around them are few and are read in [`reader`],
//! because sqlparser's trees for them are those of a dozen other engines.

mod reader;

use datafusion::sql::sqlparser::ast::Query;
use datafusion::sql::sqlparser::parser::Parser;

use self::reader::{Reader, Unread};
use super::dialect::TrinoDialect;
use super::tokens::{Originals, tokenize, unknown_to_parser};
use crate::failure::{ErrorCode, Place, QueryFailure, from_parser, place_of};
use crate::types::TrinoType;

/// Characters of the longest statement, Trino's `query.max-length`.
const TEXT_LIMIT: usize = 1_000_000;

/// How deep a statement may be nested.
const RECURSION_LIMIT: usize = 100;

/// A name of one to three parts, in lower case, with the place where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) parts: Vec<String>,
    pub(crate) place: Option<Place>,
}

/// A statement.
#[derive(Debug)]
pub(crate) enum Command {
    Query(Box<Query>),
    Explain(Box<Query>),
    Insert { table: Name, columns: Vec<String>, source: Box<Query> },
    CreateTable { table: Name, if_not_exists: bool, columns: Vec<ColumnDefinition> },
    CreateTableAs { table: Name, if_not_exists: bool, columns: Vec<String>, query: Box<Query>, with_data: bool },
    CreateView { view: Name, or_replace: bool, query: Box<Query> },
    DropTable { table: Name, if_exists: bool },
    DropView { view: Name, if_exists: bool },
    CreateSchema { schema: Name, if_not_exists: bool },
    DropSchema { schema: Name, if_exists: bool },
    Use { schema: Name },
    Show { what: ShowWhat, like: Option<String> },
}

/// A column of `CREATE TABLE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColumnDefinition {
    pub(crate) name: String,
    pub(crate) data_type: TrinoType,
    pub(crate) nullable: bool,
}

/// What a `SHOW` or `DESCRIBE` asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ShowWhat {
    Catalogs,
    /// Of a catalog, or of the session's.
    Schemas(Option<Name>),
    /// Of a schema, or of the session's.
    Tables(Option<Name>),
    Columns(Name),
    CreateTable(Name),
    CreateView(Name),
    CreateSchema(Name),
    Functions,
    Session,
}

/// A statement that was read.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) command: Command,
    pub(crate) originals: Originals,
    /// Where the statement starts; what is wrong with all of it is wrong there.
    pub(crate) start: Option<Place>,
}

/// Reads one statement. A query in it is as it was written; see [`super::normalise`].
pub(crate) fn parse(sql: &str) -> Result<Parsed, QueryFailure> {
    let length = sql.chars().count();
    if length > TEXT_LIMIT {
        let message = format!("Query text length ({length}) exceeds the maximum length ({TEXT_LIMIT})");
        return Err(QueryFailure::new(ErrorCode::QueryTextTooLarge, message));
    }
    let (tokens, originals) = tokenize(sql)?;
    if tokens.is_empty() {
        return Err(QueryFailure::new(ErrorCode::SyntaxError, "SQL statement is empty"));
    }
    let start = tokens.first().and_then(|token| place_of(token.span));
    let unknown = unknown_to_parser(&tokens);
    let parser = Parser::new(&TrinoDialect).with_recursion_limit(RECURSION_LIMIT).with_tokens_with_locations(tokens);
    let mut reader = Reader::new(parser);
    let command = reader.command().map_err(|unread| {
        let failure = match unread {
            Unread::Parser(error) => from_parser(&error, sql),
            Unread::Refused(failure) => failure,
        };
        match unknown {
            Some(unknown) if failure.code == ErrorCode::SyntaxError => unknown,
            _ => failure,
        }
    })?;
    Ok(Parsed { command, originals, start })
}

#[cfg(test)]
mod tests {
    use super::{Command, ShowWhat, parse};
    use crate::failure::{ErrorCode, Place};

    #[test]
    fn statements_are_read() {
        let read = |sql: &str| parse(sql).map(|parsed| parsed.command);
        assert!(matches!(read("SELECT 1"), Ok(Command::Query(_))));
        assert!(matches!(read("( select 1 )"), Ok(Command::Query(_))));
        assert!(
            matches!(read("insert into a.b.c (x, y) values (1, 2)"), Ok(Command::Insert { columns, .. }) if columns == ["x", "y"])
        );
        assert!(matches!(read("insert into c (select 1)"), Ok(Command::Insert { columns, .. }) if columns.is_empty()));
        assert!(matches!(
            read("create table t (a array(row(x bigint)), B varchar(3) NOT NULL)"),
            Ok(Command::CreateTable { columns, .. })
                if columns[0].data_type.to_string() == "array(row(x bigint))" && !columns[1].nullable && columns[1].name == "b"
        ));
        assert!(matches!(
            read("create table if not exists t (a, b) as select 1, 2 with no data"),
            Ok(Command::CreateTableAs { with_data: false, if_not_exists: true, columns, .. }) if columns.len() == 2
        ));
        assert!(matches!(
            read("create or replace view v as select 1"),
            Ok(Command::CreateView { or_replace: true, .. })
        ));
        assert!(matches!(
            read("show tables from tpch.\"Tiny\" like 'n%'"),
            Ok(Command::Show { what: ShowWhat::Tables(Some(name)), like: Some(like) }) if name.parts == ["tpch", "tiny"] && like == "n%"
        ));
    }

    #[test]
    fn what_is_not_read_says_why_and_where() {
        let table = [
            ("", ErrorCode::SyntaxError, None),
            ("selec 1", ErrorCode::SyntaxError, Some((1, 1))),
            ("select 1;", ErrorCode::SyntaxError, Some((1, 9))),
            ("select\n 1 from 2", ErrorCode::SyntaxError, Some((2, 9))),
            ("select * from", ErrorCode::SyntaxError, Some((1, 14))),
            ("select 'x", ErrorCode::SyntaxError, Some((1, 8))),
            ("delete from t", ErrorCode::NotSupported, Some((1, 1))),
            ("create function f() returns bigint return 1", ErrorCode::NotSupported, Some((1, 8))),
            (&"x".repeat(1_000_001), ErrorCode::QueryTextTooLarge, None),
            ("drop table a.b.c.d", ErrorCode::SyntaxError, Some((1, 12))),
        ];
        for (sql, code, place) in table {
            let failure = parse(sql).err();
            assert_eq!(failure.as_ref().map(|failure| failure.code), Some(code), "{sql}");
            let expect = place.map(|(line, column)| Place { line, column });
            assert_eq!(failure.and_then(|failure| failure.place), expect, "{sql}");
        }
    }
}
