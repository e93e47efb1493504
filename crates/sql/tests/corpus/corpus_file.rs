//! Reads the corpus of Trino statements, which is no part of the project: where it is absent a test says so and is
//! skipped.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;

use serde_json::Value;

/// A name as Trino's parser sees it: role, parts, first and last character, whether it is a WITH query.
pub(crate) type Reference = (String, Vec<String>, u32, u32, bool);
/// A chain of identifiers in an expression: parts, first and last character, whether `.*` follows.
pub(crate) type Column = (Vec<String>, u32, u32, bool);
/// OFFSET, LIMIT, FETCH and WITH TIES.
pub(crate) type Places = (Option<u32>, Option<u32>, Option<u32>, bool);

pub(crate) struct Statement {
    pub(crate) sql: String,
    pub(crate) kind: String,
    pub(crate) refs: Vec<Reference>,
    pub(crate) columns: Vec<Column>,
    pub(crate) window: Option<Places>,
}

/// The lines of a gzipped file of the corpus.
fn lines(test: &str, file: &str) -> Option<Vec<Value>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/sqlcorpus").join(file);
    if !path.exists() {
        let line = format!("skipped: {test}: shared/sqlcorpus/{file} is absent");
        println!("{line}");
        if let Some(skips) = std::env::var_os("WARREN_TEST_SKIPS") {
            let mut skips = std::fs::OpenOptions::new().create(true).append(true).open(skips).unwrap();
            writeln!(skips, "{line}").unwrap();
        }
        return None;
    }
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

fn number(value: &Value) -> Option<u32> {
    value.as_u64().map(|number| u32::try_from(number).unwrap())
}

fn parts(value: &Value) -> Vec<String> {
    value["parts"].as_array().unwrap().iter().map(|part| part.as_str().unwrap().to_owned()).collect()
}

pub(crate) fn trino_statements(test: &str) -> Option<Vec<Statement>> {
    let statement = |line: Value| Statement {
        sql: line["sql"].as_str().unwrap().to_owned(),
        kind: line["statement"].as_str().unwrap().to_owned(),
        refs: line["refs"].as_array().unwrap().iter().map(reference).collect(),
        columns: line["columns"]
            .as_array()
            .unwrap()
            .iter()
            .map(|column| {
                let (start, end) = (number(&column["start"]).unwrap(), number(&column["end"]).unwrap());
                (parts(column), start, end, column["star"].as_bool().unwrap())
            })
            .collect(),
        window: line["limit"].as_object().map(|limit| {
            let at = |word: &str| number(&limit[word]);
            (at("offset"), at("limit"), at("fetch"), limit["ties"].as_bool().unwrap())
        }),
    };
    Some(lines(test, "trino-statements.jsonl.gz")?.into_iter().map(statement).collect())
}

fn reference(value: &Value) -> Reference {
    let role = value["role"].as_str().unwrap().to_owned();
    let (start, end) = (number(&value["start"]).unwrap(), number(&value["end"]).unwrap());
    (role, parts(value), start, end, value["cte"].as_bool().unwrap())
}

pub(crate) fn not_trino_sql(test: &str) -> Option<Vec<String>> {
    let lines = lines(test, "not-trino-sql.jsonl.gz")?;
    Some(lines.iter().map(|line| line["sql"].as_str().unwrap().to_owned()).collect())
}
