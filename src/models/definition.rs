//! The statement that makes a model, built from parts that were read: the name delimited part by part, the query on lines
//! of its own. So nothing in a name or a query can reach into the other, and every place in the query is a place of the
//! statement one line further up.

use warren_openmetadata::{Fqn, check_entity_name};
use warren_sql::{MappedRange, NameRef, Role, SourceMap, SourceMapParts, StatementKind, analyse_with};

use super::ModelKind;
use crate::problem::{Code, Position, Problem};

/// Parts of the name of a table: service, database, schema, table.
const PARTS: usize = 4;
/// Longer than any first line of a statement of [`Definition`], and shorter than any number that would overflow.
const FIRST_LINE: u32 = 1 << 24;

/// What to do when Trino has a view or table of the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Fail.
    Refuse,
    /// Put the new one in its place.
    Replace,
}

/// The name of a model, whose every part can be a name in OpenMetadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelName(Fqn);

impl ModelName {
    /// Reads a name.
    ///
    /// # Errors
    /// `INVALID_NAME` when it is no FQN of four parts, or OpenMetadata could not hold it.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let invalid = |why: String| {
            Problem::new(Code::InvalidName, format!("the name of the model is not valid: {why}"))
                .with_hint("write service.database.schema.name, and put a part with a dot in double quotes")
        };
        let fqn = Fqn::parse(text).map_err(|error| invalid(error.to_string()))?;
        if fqn.parts().len() != PARTS {
            return Err(invalid(format!("it has {} parts, and a table has {PARTS}", fqn.parts().len())));
        }
        for part in fqn.parts() {
            check_entity_name(part).map_err(|error| invalid(error.to_string()))?;
            if part.chars().any(char::is_control) {
                return Err(invalid("it holds a control character".to_owned()));
            }
        }
        Ok(Self(fqn))
    }

    /// The canonical text.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.to_string()
    }

    /// Its parts, from the service on.
    #[must_use]
    pub fn parts(&self) -> &[String] {
        self.0.parts()
    }
}

/// The statement that drops a view or table of this name, if it is there.
#[must_use]
pub fn drop_statement(kind: ModelKind, parts: &[String]) -> String {
    match kind {
        ModelKind::View => format!("DROP VIEW IF EXISTS {}", delimited(parts)),
        ModelKind::Table => format!("DROP TABLE IF EXISTS {}", delimited(parts)),
    }
}

/// The parts of the name in Trino of what a converted statement makes or drops.
#[must_use]
pub fn trino_parts(converted_query: &str) -> Option<Vec<String>> {
    let statement = warren_sql::analyse(converted_query).ok()?;
    let is_made_or_dropped = |name: &&NameRef| matches!(name.role, Role::Create | Role::Object);
    Some(statement.names().iter().find(is_made_or_dropped)?.object_parts().to_vec())
}

/// A name in SQL, with every part delimited.
fn delimited(parts: &[String]) -> String {
    let parts = parts.iter().map(|part| format!("\"{}\"", part.replace('"', "\"\"")));
    parts.collect::<Vec<_>>().join(".")
}

/// The statement that makes a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    sql: String,
    first_line: u32,
}

impl Definition {
    /// The statement that makes a model of a query.
    ///
    /// # Errors
    /// A problem with its place in the query, when that is anything but one query that reads.
    pub fn new(
        name: &ModelName,
        kind: ModelKind,
        existing: Existing,
        query: &str,
        max_bytes: usize,
    ) -> Result<Self, Problem> {
        let limits = warren_sql::Limits { max_bytes, ..warren_sql::Limits::default() };
        let statement = analyse_with(query, &limits).map_err(|error| Problem::from(&error))?;
        if statement.kind() != StatementKind::Query {
            let detail =
                format!("a model is made of a query, and this is a statement of the kind {}", statement.label());
            return Err(Problem::new(Code::UnsupportedStatement, detail)
                .with_hint("send the SELECT alone; warren writes CREATE VIEW or CREATE TABLE before it"));
        }
        let verb = match (kind, existing) {
            (ModelKind::View, Existing::Refuse) => "CREATE VIEW",
            (ModelKind::View, Existing::Replace) => "CREATE OR REPLACE VIEW",
            (ModelKind::Table, Existing::Refuse) => "CREATE TABLE",
            (ModelKind::Table, Existing::Replace) => "CREATE OR REPLACE TABLE",
        };
        let first_line = format!("{verb} {} AS\n", delimited(name.parts()));
        let characters = u32::try_from(first_line.chars().count()).unwrap_or(FIRST_LINE);
        // The statement's own text has neither the semicolons at its end nor what stands behind them.
        Ok(Self { sql: first_line + statement.text(), first_line: characters })
    }

    /// The statement.
    #[must_use]
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// The characters before the query.
    #[must_use]
    pub fn first_line(&self) -> u32 {
        self.first_line
    }
}

/// A problem of the statement as a problem of the query in it: places move one line up, and a place in the line before
/// the query is none.
#[must_use]
pub fn problem_of_query(problem: Problem, query: &str) -> Problem {
    let map = map_to_query(query);
    let position = problem.position.filter(|position| position.line > 1).map(|position| {
        let length = position.length;
        Position { length, ..map.to_user(position.line, position.column).into() }
    });
    Problem { detail: map.message_to_user(&problem.detail), position, ..problem }
}

/// The way from the statement to the query. The line before the query counts as longer than it can be, so that every
/// place in it lies before the query.
fn map_to_query(query: &str) -> SourceMap {
    let lines = |from: u32| {
        let ends = query.chars().zip(1_u32..).filter(|(c, _)| *c == '\n');
        ends.map(move |(_, behind)| from.saturating_add(behind))
    };
    let first_line = MappedRange { user_start: 0, user_length: 0, sql_start: 0, sql_length: FIRST_LINE };
    SourceMap::from_parts(SourceMapParts {
        ranges: vec![first_line],
        user_lines: lines(0).collect(),
        sql_lines: std::iter::once(FIRST_LINE).chain(lines(FIRST_LINE)).collect(),
        user_length: u32::try_from(query.chars().count()).unwrap_or(u32::MAX),
        names: Vec::new(),
    })
}

/// The place of a name in a query.
#[must_use]
pub fn position_in(query: &str, offset: u32, length: u32) -> Position {
    let before = query.chars().take(usize::try_from(offset).unwrap_or(usize::MAX));
    let (line, column) =
        before.fold((1, 1), |(line, column), c| if c == '\n' { (line + 1, 1) } else { (line, column + 1) });
    Position { line, column, offset, length }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: usize = 1_000_000;

    fn view(name: &str, query: &str) -> Result<Definition, Problem> {
        Definition::new(&ModelName::parse(name)?, ModelKind::View, Existing::Refuse, query, MAX)
    }

    #[test]
    fn the_statement_is_built_from_parts() {
        let check = |name: &str, kind, existing, query: &str, expect: &str| {
            let name = ModelName::parse(name).unwrap();
            let definition = Definition::new(&name, kind, existing, query, MAX).unwrap();
            assert_eq!(definition.sql(), expect);
            let kind = warren_sql::analyse(definition.sql()).unwrap().kind();
            assert!(matches!(kind, StatementKind::CreateView | StatementKind::CreateTableAsSelect), "{kind:?}");
        };
        use Existing::{Refuse, Replace};
        use ModelKind::{Table, View};
        check("s.d.m.t", View, Refuse, "SELECT 1;; -- end", "CREATE VIEW \"s\".\"d\".\"m\".\"t\" AS\nSELECT 1");
        check(
            "s.d.m.t",
            View,
            Replace,
            "SELECT 1 -- end",
            "CREATE OR REPLACE VIEW \"s\".\"d\".\"m\".\"t\" AS\nSELECT 1 -- end",
        );
        check(
            "s.d.m.t",
            Table,
            Refuse,
            "-- first\nTABLE x",
            "CREATE TABLE \"s\".\"d\".\"m\".\"t\" AS\n-- first\nTABLE x",
        );
        check("s.d.m.t", Table, Replace, "VALUES 1", "CREATE OR REPLACE TABLE \"s\".\"d\".\"m\".\"t\" AS\nVALUES 1");
        check(
            "s.d.\"일별.매출\".\"a\"\"b; DROP\"",
            View,
            Refuse,
            "SELECT 1 LIMIT 5",
            "CREATE VIEW \"s\".\"d\".\"일별.매출\".\"a\"\"b; DROP\" AS\nSELECT 1 LIMIT 5",
        );
    }

    #[test]
    fn what_is_dropped_is_what_was_made() {
        let made =
            "CREATE OR REPLACE TABLE \"lake\".\"매출.일별\".\"a\"\"b; DROP\" AS\nSELECT 1 FROM \"x\".\"y\".\"z\"";
        let parts = trino_parts(made).unwrap();
        assert_eq!(parts, ["lake", "매출.일별", "a\"b; DROP"]);
        let dropped = drop_statement(ModelKind::Table, &parts);
        assert_eq!(dropped, "DROP TABLE IF EXISTS \"lake\".\"매출.일별\".\"a\"\"b; DROP\"");
        assert_eq!(trino_parts(&dropped), Some(parts));
        assert_eq!(trino_parts("SELECT 1"), None);
    }

    #[test]
    fn names_that_cannot_be_are_refused() {
        let check = |name: &str, expect: &str| {
            let problem = ModelName::parse(name).unwrap_err();
            assert_eq!(problem.code, "INVALID_NAME");
            assert!(problem.detail.contains(expect), "{name}: {}", problem.detail);
        };
        check("", "at least one part");
        check("a..b.c", "part 2 of the name is empty");
        check("a.b.c", "it has 3 parts");
        check("a.b.c.d.e", "it has 5 parts");
        check("a.b.c.x::y", "`::`");
        check("a.b.c.\"x\ny\"", "line break");
        check("a.b.c.x\u{7}y", "control character");
        check("a.b.c.d\"e", "quote in the middle");
        check(&format!("a.b.c.{}", "x".repeat(257)), "257 characters");
    }

    #[test]
    fn only_one_query_makes_a_model() {
        let check = |query: &str, code: &str, place: Option<(u32, u32)>| {
            let problem = view("s.d.m.t", query).unwrap_err();
            let found = problem.position.map(|position| (position.line, position.column));
            assert_eq!((problem.code.as_str(), found), (code, place), "{query}");
        };
        check("DELETE FROM x", "UNSUPPORTED_STATEMENT", None);
        check("EXPLAIN SELECT 1", "UNSUPPORTED_STATEMENT", None);
        check("CREATE VIEW x AS SELECT 1", "UNSUPPORTED_STATEMENT", None);
        check("SELECT 1;\nDROP TABLE x", "MULTIPLE_STATEMENTS", Some((1, 9)));
        check("SELECT 'x", "UNTERMINATED", Some((1, 8)));
        check(" ; -- nothing", "EMPTY_SQL", Some((1, 1)));
    }

    #[test]
    fn a_problem_points_into_the_query() {
        let query = "SELECT n\nFROM 한국.x.y.z t";
        let at = |line, column, offset| Position { line, column, offset, length: 8 };
        let problem = |detail: &str, position| Problem::new(Code::QueryFailed, detail).at(position);
        let check = |found: Problem, detail: &str, position: Option<Position>| {
            let moved = problem_of_query(found, query);
            assert_eq!((moved.detail.as_str(), moved.position), (detail, position));
        };
        check(problem("line 3:6: no 'z'", at(3, 6, 40)), "line 2:6: no 'z'", Some(at(2, 6, 14)));
        check(problem("line 2:8: no 'n'", at(2, 8, 30)), "line 1:8: no 'n'", Some(at(1, 8, 7)));
        check(problem("line 1:13: it exists", at(1, 13, 12)), "line 1:1: it exists", None);
        assert_eq!(position_in(query, 14, 8), at(2, 6, 14));
        assert_eq!(position_in(query, 0, 8), at(1, 1, 0));
    }
}
