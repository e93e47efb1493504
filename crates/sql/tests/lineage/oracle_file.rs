//! Reads the lineage oracle, which is no part of the project: where it is absent a test says so and is skipped.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use serde_json::Value;
use warren_sql::{Column, Columns, NameRef, analyse};

/// A statement that Trino analysed.
pub(crate) struct Statement {
    pub(crate) id: String,
    pub(crate) sql: String,
    pub(crate) session: Session,
    /// The names of the output columns and their sources, `catalog.schema.table.column` each.
    pub(crate) columns: Vec<(String, BTreeSet<String>)>,
    /// Every column that the analyzer saw, `WHERE` and `JOIN` included.
    pub(crate) referenced: BTreeSet<String>,
}

/// The catalog and schema that short names are in.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) catalog: String,
    pub(crate) schema: String,
}

impl Session {
    /// `catalog.schema.table`
    pub(crate) fn full_name(&self, table: &NameRef) -> String {
        let parts: Vec<String> = table.parts.iter().map(|part| part.to_lowercase()).collect();
        match &parts[..] {
            [name] => format!("{}.{}.{name}", self.catalog, self.schema),
            [schema, name] => format!("{}.{schema}.{name}", self.catalog),
            _ => parts.join("."),
        }
    }
}

fn path(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/lineage").join(file)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// The oracle is no part of the project: where it is absent a test says so and is skipped.
fn skipped(test: &str) {
    let line = format!("skipped: {test}: shared/lineage/lineage.jsonl.gz is absent");
    println!("{line}");
    if let Some(skips) = std::env::var_os("WARREN_TEST_SKIPS") {
        let mut skips = std::fs::OpenOptions::new().create(true).append(true).open(skips).unwrap();
        std::io::Write::write_all(&mut skips, format!("{line}\n").as_bytes()).unwrap();
    }
}

/// The statements, if the oracle is there.
pub(crate) fn statements(test: &str) -> Option<Vec<Statement>> {
    let file = path("lineage.jsonl.gz");
    if !file.exists() {
        skipped(test);
        return None;
    }
    let mut lines = String::new();
    let mut reader = flate2::read::GzDecoder::new(std::fs::File::open(file).unwrap());
    std::io::Read::read_to_string(&mut reader, &mut lines).unwrap();
    Some(lines.lines().map(|line| statement(&serde_json::from_str(line).unwrap())).collect())
}

/// The statement of a line.
pub(crate) fn statement(line: &Value) -> Statement {
    let sources = |column: &Value| column["sources"].as_array().unwrap().iter().map(text).collect();
    let columns = line["output"]["columns"].as_array().into_iter().flatten();
    let referenced = line["referenced"].as_array().into_iter().flatten().flat_map(|table| {
        let name = text(&table["table"]);
        let columns = table["columns"].as_array().unwrap();
        columns.iter().map(|column| format!("{name}.{}", text(column).to_lowercase())).collect::<Vec<_>>()
    });
    Statement {
        id: text(&line["id"]),
        sql: text(&line["sql"]),
        session: Session { catalog: text(&line["session"]["catalog"]), schema: text(&line["session"]["schema"]) },
        columns: columns.map(|column| (text(&column["name"]), sources(column))).collect(),
        referenced: referenced.collect(),
    }
}

/// The tables and views of the oracle.
pub(crate) struct Tables {
    tables: HashMap<String, Vec<Column>>,
}

/// The tables as a session sees them.
pub(crate) struct Seen<'t> {
    pub(crate) tables: &'t Tables,
    pub(crate) session: &'t Session,
}

impl Columns for Seen<'_> {
    fn columns(&self, table: &NameRef) -> Option<Vec<Column>> {
        self.tables.tables.get(&self.session.full_name(table)).cloned()
    }
}

impl Tables {
    /// Whether a source is a column that its table or view has. Tables of Trino may have hidden columns.
    pub(crate) fn have(&self, source: &str) -> bool {
        let column = |table: &str, name: &str| {
            self.tables.get(table).is_some_and(|columns| columns.iter().any(|column| column.name == name))
        };
        source.match_indices('.').any(|(at, _)| column(&source[..at], &source[at + 1..]))
    }

    /// Reads the schema: every table, also those that are written as comments, then the views, whose columns are those
    /// of their queries.
    pub(crate) fn read() -> Self {
        let schema = std::fs::read_to_string(path("schema.sql")).unwrap();
        let lines = || schema.lines().map(|line| line.trim_start_matches("-- ").trim_end_matches(';'));
        let tables = lines().filter_map(|line| line.strip_prefix("CREATE TABLE ")).map(table).collect();
        let mut tables = Self { tables };
        let session = Session { catalog: "memory".to_owned(), schema: "default".to_owned() };
        for line in lines().filter(|line| line.starts_with("CREATE VIEW ")) {
            let view = analyse(line).unwrap();
            let seen = Seen { tables: &tables, session: &session };
            let lineage = view.lineage(&seen);
            let names: Vec<_> = lineage.columns.iter().map(|column| column.name.clone().unwrap()).collect();
            let name = session.full_name(lineage.target.unwrap());
            tables.tables.insert(name, names.into_iter().map(Column::named).collect());
        }
        tables
    }
}

/// `name (column type, …)`
fn table(definition: &str) -> (String, Vec<Column>) {
    let (name, columns) = definition.split_once(" (").unwrap();
    let mut columns = columns.trim_end_matches(')').to_owned() + ")".repeat(columns.matches('(').count()).as_str();
    columns.truncate(balanced(&columns));
    (name.replace('"', "").to_lowercase(), split(&columns).into_iter().map(column).collect())
}

/// Where the first bracket closes that does not open.
fn balanced(text: &str) -> usize {
    let mut depth = 0_i32;
    for (at, c) in text.char_indices() {
        depth += i32::from(c == '(') - i32::from(c == ')');
        if depth < 0 {
            return at;
        }
    }
    text.len()
}

/// The pieces between commas outside of brackets.
fn split(text: &str) -> Vec<&str> {
    let (mut pieces, mut start, mut depth) = (Vec::new(), 0, 0_i32);
    for (at, c) in text.char_indices() {
        depth += i32::from(c == '(') - i32::from(c == ')');
        if c == ',' && depth == 0 {
            pieces.push(text[start..at].trim());
            start = at + 1;
        }
    }
    pieces.push(text[start..].trim());
    pieces
}

/// `name type`
fn column(text: &str) -> Column {
    let (name, data_type) = match text.strip_prefix('"').and_then(|quoted| quoted.split_once('"')) {
        Some((name, data_type)) => (name, data_type),
        None => text.split_once(' ').unwrap(),
    };
    Column { name: name.to_lowercase(), data_type: Some(data_type.trim().to_owned()) }
}
