//! Whether statements are read as Trino's parser reads them, and rewritten without a change of meaning. `scripts/recombine`
//! makes the statements and pipes them in, one JSON object a line: `sql`, and what Trino's tree says of it: `tables` and
//! `columns` as arrays of place, flag and parts, `window` as the places of OFFSET, LIMIT and FETCH, and whether it holds
//! what is compared less strictly: a `constant`, something `hidden` from the tree, a `string` to execute.
//!
//! Prints what was wrong how often, with the shortest statements of each kind; the exit status is 1 if anything was.
#![expect(clippy::print_stdout, reason = "what was found is printed")]

#[path = "../tests/corpus/there_and_back.rs"]
mod there_and_back;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::error::Error;
use std::process::ExitCode;

use serde_json::Value;
use there_and_back::{Names, Renames, back, federated};
use warren_sql::{Mapping, NameRef, Role, SecondReading, SqlError, SqlErrorCode, Statement, analyse, check};

/// How many statements are shown of each kind.
const SHOWN: usize = 5;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut findings = Findings::default();
    let mut statements = 0_usize;
    for line in std::io::stdin().lines() {
        let line: Value = serde_json::from_str(&line?)?;
        findings.examine(&Expected::of(&line).ok_or("a line without what is expected")?);
        statements += 1;
    }
    println!("{statements} statements, {} of them refused as ambiguous when tables are renamed", findings.ambiguous);
    for (what, found) in &mut findings.wrong {
        found.sort_by_key(|(sql, _)| sql.len());
        println!("\n{} x {what}", found.len());
        found.iter().take(SHOWN).for_each(|(sql, detail)| println!("  {sql:?}\n    {detail}"));
    }
    let is_good = statements > 0 && findings.wrong.is_empty();
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A place in characters, a flag, and the parts of a name: whether a query in WITH is meant, or whether a star follows.
type Place = (u64, bool, Vec<String>);

/// What Trino's parser says of a statement.
struct Expected<'l> {
    sql: &'l str,
    tables: HashSet<Place>,
    columns: HashSet<Place>,
    /// Of a query.
    window: Option<[Option<u64>; 3]>,
    /// Whether there is a value that must be a constant for Trino's analyzer, though its parser takes more. Warren reads no
    /// window function, pattern, qualified column or query there.
    has_constant: bool,
    /// Whether something is written that Trino's tree does not lead to.
    has_hidden: bool,
    /// What EXECUTE IMMEDIATE executes need be no SQL for Trino's parser.
    executes_string: bool,
}

impl<'l> Expected<'l> {
    fn of(line: &'l Value) -> Option<Self> {
        let place = |place: &Value| {
            let [at, flag, parts @ ..] = place.as_array()?.as_slice() else { return None };
            let parts = parts.iter().map(|part| part.as_str().map(str::to_owned)).collect::<Option<_>>()?;
            Some((at.as_u64()?, flag.as_bool()?, parts))
        };
        let places = |of: &Value| of.as_array()?.iter().map(place).collect::<Option<_>>();
        let window = match line["window"].as_array().map(Vec::as_slice) {
            Some([offset, limit, fetch]) => Some([offset, limit, fetch].map(Value::as_u64)),
            _ => None,
        };
        let (tables, columns) = (places(&line["tables"])?, places(&line["columns"])?);
        Some(Self {
            sql: line["sql"].as_str()?,
            tables,
            columns,
            window,
            has_constant: line["constant"].as_bool()?,
            has_hidden: line["hidden"].as_bool()?,
            executes_string: line["string"].as_bool()?,
        })
    }
}

#[derive(Default)]
struct Findings {
    wrong: BTreeMap<String, Vec<(String, String)>>,
    ambiguous: usize,
}

impl Findings {
    fn add(&mut self, what: impl Into<String>, expected: &Expected<'_>, detail: impl Into<String>) {
        self.wrong.entry(what.into()).or_default().push((expected.sql.to_owned(), detail.into()));
    }

    fn examine(&mut self, expected: &Expected<'_>) {
        let statement = match analyse(expected.sql) {
            Ok(statement) => statement,
            Err(_) if expected.has_constant => return,
            Err(error) => return self.add(format!("refused: {:?}", error.code), expected, error.to_string()),
        };
        self.names(&statement, expected);
        self.window(expected);
        if let SecondReading::Disagrees(disagreement) = statement.second_reading() {
            self.add("the readers disagree", expected, disagreement.to_string());
        }
        match statement.convert(&mut |_| Mapping::Keep) {
            Ok(kept) if kept.as_written().sql == statement.text() => {}
            Ok(kept) => self.add("keeping all names changes the statement", expected, kept.as_written().sql),
            Err(error) => self.refused("kept", expected, &error),
        }
        for renames in [Renames::None, Renames::All] {
            self.there_and_back(&statement, expected, renames);
        }
    }

    fn names(&mut self, statement: &Statement<'_>, expected: &Expected<'_>) {
        let own = || statement.names().iter().filter(|name| !name.nested);
        let place = |name: &NameRef| (u64::from(name.position.offset), name.cte, name.parts.clone());
        let all: HashSet<Place> = own().map(place).collect();
        self.differ("a table is not found", expected, expected.tables.difference(&all));
        if !expected.has_hidden {
            let relations: HashSet<Place> = own().filter(|name| name.role == Role::Relation).map(place).collect();
            self.differ("what is no table is taken for one", expected, relations.difference(&expected.tables));
        }
        let columns: HashMap<u64, Vec<String>> = statement
            .qualified_columns()
            .into_iter()
            .map(|column| (u64::from(column.position.offset), column.parts))
            .collect();
        // Where a chain in parentheses ends, and so the qualifier, the two need not agree.
        let is_found = |(at, _, parts): &&Place| {
            columns.get(at).is_some_and(|found| found.starts_with(parts) || parts.starts_with(found))
        };
        if !expected.has_constant {
            let missing = expected.columns.iter().filter(|column| !is_found(column));
            self.differ("a qualified column is not found", expected, missing);
        }
    }

    fn differ<'p>(&mut self, what: &str, expected: &Expected<'_>, places: impl Iterator<Item = &'p Place>) {
        let places: Vec<&Place> = places.collect();
        if !places.is_empty() {
            self.add(what, expected, format!("{places:?}"));
        }
    }

    fn window(&mut self, expected: &Expected<'_>) {
        let Some(window) = expected.window else { return };
        let found = check(expected.sql).limit;
        let found = found.map_or([None; 3], |found| [found.offset, found.limit, found.fetch]);
        if found.map(|place| place.map(u64::from)) != window {
            self.add("the window is another one", expected, format!("{found:?}, not {window:?}"));
        }
    }

    /// Gives the tables Trino names, makes each of those a fully qualified name, and rewrites it back to the same bytes.
    fn there_and_back(&mut self, statement: &Statement<'_>, expected: &Expected<'_>, renames: Renames) {
        let mut names = Names::new(renames);
        let physical = match statement.convert(&mut |name| names.mapping(name)) {
            Ok(converted) if converted.can_window() => {
                let windowed = converted.with_window(Some(7), Some(3)).sql;
                let window = analyse(&windowed).map(|statement| statement.window());
                if !window.is_ok_and(|window| (window.offset, window.limit) == (Some(7), Some(3))) {
                    self.add("a window that is put in is not read again", expected, windowed);
                }
                converted.as_written().sql
            }
            Ok(converted) => converted.as_written().sql,
            Err(error) => return self.refused("with Trino names", expected, &error),
        };
        let federated = federated(&physical, names.given());
        match analyse(&federated).and_then(|statement| statement.convert(&mut |name| back(name))) {
            Ok(back) if back.as_written().sql == physical => {}
            Ok(back) => self.add("rewritten back it differs", expected, back.as_written().sql),
            Err(error) => self.add(format!("not rewritten back: {:?}", error.code), expected, federated),
        }
    }

    fn refused(&mut self, how: &str, expected: &Expected<'_>, error: &SqlError) {
        match error.code {
            SqlErrorCode::AmbiguousName => self.ambiguous += 1,
            _ if expected.executes_string => {}
            code => self.add(format!("refused {how}: {code:?}"), expected, error.to_string()),
        }
    }
}
