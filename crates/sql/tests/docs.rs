//! The examples of `docs/sql.md`: each block of SQL holds a query and, behind lines that begin with `-- ` and a word, what
//! its names are and what becomes of it.
#![expect(clippy::panic, clippy::unwrap_used, reason = "an example that cannot be read fails the test")]

use std::collections::BTreeMap;

use warren_sql::{Mapping, NameRef, SqlError, TrinoName, analyse, split_fqn};

const PAGE: &str = include_str!("../../../docs/sql.md");

/// Codes that no short example can show, with the tests that do.
const WITHOUT_EXAMPLE: [&str; 4] = ["SQL_TOO_LARGE", "TOO_DEEP", "READERS_DISAGREE", "REWRITE_CHECK_FAILED"];
const CODES: [&str; 11] = [
    "EMPTY_SQL",
    "MULTIPLE_STATEMENTS",
    "SYNTAX_ERROR",
    "UNTERMINATED",
    "UNSUPPORTED_STATEMENT",
    "LIMIT_OUT_OF_RANGE",
    "SQL_TOO_LARGE",
    "TOO_DEEP",
    "AMBIGUOUS_NAME",
    "READERS_DISAGREE",
    "REWRITE_CHECK_FAILED",
];

/// An example of the page.
#[derive(Debug, Default)]
struct Example {
    query: String,
    /// The Trino name by the parts of what is written.
    mapping: BTreeMap<Vec<String>, Vec<String>>,
    converted: Option<String>,
    limit: Option<u64>,
    offset: Option<u64>,
    /// OFFSET and LIMIT that are put in.
    window: Option<(u64, u64)>,
    /// `CODE at line:column`
    refused: Option<String>,
}

/// The converted query, LIMIT and OFFSET.
type Answer = (Option<String>, Option<u64>, Option<u64>);

impl Example {
    fn parse(block: &str) -> Self {
        let mut example = Self::default();
        let (mut query, mut converted) = (Vec::new(), None);
        for line in block.lines() {
            match line.strip_prefix("-- ").and_then(|rest| rest.split_once(' ').or(Some((rest, "")))) {
                Some(("mapping", pair)) => {
                    let (name, trino) = pair.split_once(" = ").unwrap_or_else(|| panic!("{line}"));
                    example.mapping.insert(split_fqn(name).unwrap(), split_fqn(trino).unwrap());
                }
                Some(("converted", "")) => converted = Some(Vec::new()),
                Some(("refused", what)) => example.refused = Some(what.to_owned()),
                Some(("limit_", count)) => example.limit = Some(count.parse().unwrap()),
                Some(("offset_", count)) => example.offset = Some(count.parse().unwrap()),
                Some(("window", what)) => {
                    let counts: Vec<u64> = what.split(' ').filter_map(|word| word.parse().ok()).collect();
                    example.window = Some((counts[0], counts[1]));
                }
                _ => converted.as_mut().unwrap_or(&mut query).push(line),
            }
        }
        example.query = query.join("\n");
        example.converted = converted.map(|lines| lines.join("\n"));
        example
    }

    /// What Warren makes of a name: a reference model, an FQN, an FQN in one identifier, or any of them with a suffix.
    fn resolve(&self, name: &NameRef) -> Mapping {
        let whole = name.fqn_parts().unwrap_or_else(|| name.object_parts().to_vec());
        let known = |parts: &[String]| {
            let trino = match self.mapping.get(parts)?.as_slice() {
                [catalog] => TrinoName::catalog(catalog),
                [catalog, schema] => TrinoName::schema(catalog, schema),
                [catalog, schema, table] => TrinoName::table(catalog, schema, table),
                other => panic!("{other:?} is no Trino name"),
            };
            Some(trino.unwrap())
        };
        let with_suffix = || {
            let (parts, suffix) = name.split_suffix()?;
            Some(known(&parts)?.with_suffix(suffix))
        };
        known(&whole).or_else(with_suffix).map_or(Mapping::Keep, Mapping::Replace)
    }

    fn check(&self) {
        match (self.answer(), &self.refused) {
            (Err(error), Some(refused)) => {
                let found = format!("{} at {}:{}", error.code_str(), error.position.line, error.position.column);
                assert_eq!(&found, refused, "{}", self.query);
            }
            (Ok(found), None) => assert_eq!(found, (self.converted.clone(), self.limit, self.offset), "{}", self.query),
            (answer, _) => panic!("{}\n{answer:?}", self.query),
        }
    }

    /// The converted query, with the window where the example puts one in, and what was taken off.
    fn answer(&self) -> Result<Answer, SqlError> {
        let converted = analyse(&self.query)?.convert(&mut |name| self.resolve(name))?;
        let shown = match self.window {
            Some((offset, limit)) => converted.with_window(Some(offset), Some(limit)).sql,
            None => converted.query().to_owned(),
        };
        Ok((Some(shown), converted.limit(), converted.offset()))
    }
}

fn examples() -> Vec<Example> {
    let blocks = PAGE.split("```sql\n").skip(1);
    blocks.map(|rest| Example::parse(rest.split("\n```").next().unwrap_or_default())).collect()
}

#[test]
fn every_example_does_what_it_says() {
    let examples = examples();
    assert!(examples.len() >= 25, "{} examples", examples.len());
    for example in &examples {
        example.check();
    }
}

#[test]
fn every_code_is_explained_and_shown() {
    let examples = examples();
    for code in CODES {
        assert!(PAGE.contains(&format!("\n### {code}\n")), "{code} is not explained");
        let shown = examples
            .iter()
            .any(|example| example.refused.as_deref().is_some_and(|refused| refused.split(' ').next() == Some(code)));
        assert_eq!(shown, !WITHOUT_EXAMPLE.contains(&code), "{code}");
    }
}
