//! What reading and rewriting SQL costs. `scripts/bench sql` runs this beside its peers and makes the table.
//!
//! The input is a folder with a sub-folder for each suite and a statement in each file. `federate` writes the same folder
//! with a service put before each table name, so that all tables have fully qualified names; `measure` prints a line
//! for each suite and stage: suite, statements, bytes, stage, and microseconds a statement or why there is no number.
#![expect(clippy::print_stdout, reason = "what was measured is printed")]

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use warren_sql::{Converted, Level, Mapping, NameRef, Statement, TrinoName, analyse};

/// What is put before a table name to make it a fully qualified one.
const SERVICE: &str = "tpc_svc";
/// How long each stage of a suite is run, unless one pass takes longer.
const LONG_ENOUGH: Duration = Duration::from_millis(700);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["federate", from, to] => federate(Path::new(from), Path::new(to)),
        ["measure", folder] => measure(Path::new(folder)),
        _ => Err("usage: bench federate FOLDER NEW_FOLDER | bench measure FOLDER".into()),
    }
}

/// A named group of statements.
struct Suite {
    name: String,
    files: Vec<(PathBuf, String)>,
}

fn sorted_entries(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    entries.sort();
    Ok(entries)
}

fn suites(folder: &Path) -> Result<Vec<Suite>, Box<dyn Error>> {
    let mut suites = Vec::new();
    for path in sorted_entries(folder)? {
        let mut files = Vec::new();
        for file in sorted_entries(&path)? {
            let sql = fs::read_to_string(&file)?;
            files.push((file, sql));
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        suites.push(Suite { name, files });
    }
    Ok(suites)
}

fn federate(from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    for suite in suites(from)? {
        fs::create_dir_all(to.join(&suite.name))?;
        for (path, sql) in &suite.files {
            let statement = analyse(sql).map_err(|error| format!("{}: {error}", path.display()))?;
            let file = path.file_name().unwrap_or_default();
            fs::write(to.join(&suite.name).join(file), with_service(&statement))?;
        }
    }
    Ok(())
}

/// The statement with the service before each table name.
fn with_service(statement: &Statement<'_>) -> String {
    let (mut sql, mut at) = (String::new(), 0);
    let tables = statement.names().iter().filter(|name| name.is_mappable() && name.level == Level::Table);
    for name in tables {
        sql.push_str(&statement.text()[at..name.span.start]);
        sql.push_str(SERVICE);
        sql.push('.');
        at = name.span.start;
    }
    sql.push_str(&statement.text()[at..]);
    sql
}

/// Looks a name up as a warm cache does: everything is known, and the answer is a copy of what is known.
fn resolve(name: &NameRef) -> Mapping {
    let trino = match name.object_parts() {
        [service, catalog, schema, table] if service == SERVICE => {
            TrinoName::table(catalog.as_str(), schema.as_str(), table.as_str()).ok()
        }
        _ => None,
    };
    trino.map_or(Mapping::Keep, Mapping::Replace)
}

/// Reads, resolves and rewrites a statement, and has another reader look at it where `second` says so.
fn rewrite(sql: &str, second: Second) -> Result<Converted, String> {
    let statement = analyse(sql).map_err(|error| error.code_str().to_owned())?;
    if second == Second::Reads
        && let Some(error) = statement.disagreement()
    {
        return Err(error.code_str().to_owned());
    }
    statement.convert(&mut resolve).map_err(|error| error.code_str().to_owned())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Second {
    Reads,
    Sleeps,
}

/// What is done with each statement; the error stands in the place of a number.
type Run = fn(&str) -> Result<(), String>;

const STAGES: [(&str, Run); 3] = [
    ("scan", |sql| {
        analyse(sql).map(|statement| drop(black_box(statement))).map_err(|error| error.code_str().to_owned())
    }),
    ("rewrite", |sql| rewrite(sql, Second::Sleeps).map(|converted| drop(black_box(converted.as_written())))),
    ("both", |sql| rewrite(sql, Second::Reads).map(|converted| drop(black_box(converted.as_written())))),
];

fn measure(folder: &Path) -> Result<(), Box<dyn Error>> {
    for suite in suites(folder)? {
        let bytes: usize = suite.files.iter().map(|(_, sql)| sql.len()).sum();
        for (stage, run) in STAGES {
            let answer = cost(&suite, run).map_or_else(|why| why, |us| format!("{us:.2}"));
            println!("{}\t{}\t{bytes}\t{stage}\t{answer}", suite.name, suite.files.len());
        }
    }
    Ok(())
}

/// Microseconds a statement: those of the fastest pass over the suite, which others on the machine disturbed least.
fn cost(suite: &Suite, run: Run) -> Result<f64, String> {
    let began = Instant::now();
    let mut fastest = Duration::MAX;
    while fastest == Duration::MAX || began.elapsed() < LONG_ENOUGH {
        let pass = Instant::now();
        for (_, sql) in &suite.files {
            run(black_box(sql))?;
        }
        fastest = fastest.min(pass.elapsed());
    }
    let statements = u32::try_from(suite.files.len()).map_err(|error| error.to_string())?;
    Ok(fastest.as_secs_f64() * 1e6 / f64::from(statements))
}
