//! The examples of `docs/sql.md`, as a job or `POST /sql/convert` treats them: each block of SQL holds a query and, behind
//! lines that begin with `-- ` and a word, what its names are and what becomes of it.

use warren_sql::split_fqn;

use super::plan_query;
use crate::app::Limits;
use crate::catalog::{Catalog, Mapping};
use crate::jobs::{Plan, Principal, ReferenceModels, Submission};
use crate::problem::Problem;

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
    /// The text of a mapping file.
    mapping: String,
    reference_models: ReferenceModels,
    /// The `limit` of the request.
    limit_of_request: Option<u64>,
    /// What is kept as `converted_query`.
    converted: Option<String>,
    /// What Trino is sent.
    sent: Option<String>,
    limit: Option<u64>,
    offset: Option<u64>,
    /// `CODE at line:column`
    refused: Option<String>,
}

impl Example {
    fn parse(block: &str) -> Self {
        let mut example = Self::default();
        let (mut query, mut converted, mut sent) = (Vec::new(), None, None);
        for line in block.lines() {
            match line.strip_prefix("-- ").and_then(|rest| rest.split_once(' ').or(Some((rest, "")))) {
                Some(("mapping", pair)) => {
                    let (name, trino) = pair.split_once(" = ").unwrap_or_else(|| panic!("{line}"));
                    example.map(name, trino);
                }
                Some(("converted", "")) => converted = Some(Vec::new()),
                Some(("sent", "")) => sent = Some(Vec::new()),
                Some(("refused", what)) => example.refused = Some(what.to_owned()),
                Some(("limit_", count)) => example.limit = Some(count.parse().unwrap()),
                Some(("offset_", count)) => example.offset = Some(count.parse().unwrap()),
                Some(("request", limit)) => {
                    example.limit_of_request = Some(limit.strip_prefix("limit ").unwrap().parse().unwrap());
                }
                _ => sent.as_mut().or(converted.as_mut()).unwrap_or(&mut query).push(line),
            }
        }
        example.query = query.join("\n");
        example.converted = converted.map(|lines| lines.join("\n"));
        example.sent = sent.map(|lines| lines.join("\n"));
        example
    }

    /// Makes the mapping file lead from a name to what Trino calls it. A name of one part is a reference model.
    fn map(&mut self, name: &str, trino: &str) {
        let fqn = split_fqn(name).unwrap();
        let trino_parts = split_fqn(trino).unwrap();
        let entry = match (fqn.as_slice(), trino_parts.as_slice()) {
            ([name], [_, _, _]) => {
                let meant = format!("models.of.the.{name}");
                let entry = table(&meant, trino);
                self.reference_models.insert(name.clone(), meant);
                entry
            }
            (_, [_, _, _]) => table(name, trino),
            ([service, database, ..], [catalog, ..]) => {
                format!("[[mapping]]\nservice = '{service}'\ndatabase = '{database}'\ncatalog = '{catalog}'\n")
            }
            other => panic!("{other:?}"),
        };
        self.mapping.push_str(&entry);
    }

    fn plan(&self) -> Result<Plan, Problem> {
        let submission = Submission {
            owner: Principal::parse("ada").unwrap(),
            user_query: self.query.clone(),
            reference_models: self.reference_models.clone(),
            catalog: None,
            schema: None,
            time_zone: None,
            session: Default::default(),
            tags: Vec::new(),
            queue: Submission::DEFAULT_QUEUE.to_owned(),
            priority: 0,
            row_limit: self.limit_of_request,
        };
        plan_query(&submission, &Catalog::new(Mapping::parse(&self.mapping).unwrap()), &Limits::default())
    }

    fn check(&self) {
        match (self.plan(), &self.refused) {
            (Err(problem), Some(refused)) => {
                let place = problem.position.unwrap();
                assert_eq!(&format!("{} at {}:{}", problem.code, place.line, place.column), refused, "{}", self.query);
            }
            (Ok(plan), None) => {
                assert!(self.converted.is_some() || self.sent.is_some(), "nothing becomes of {}", self.query);
                let differs = |shown: &Option<String>, own: &str| shown.as_ref().is_some_and(|shown| shown != own);
                assert!(!differs(&self.converted, &plan.converted_query), "{}\n{}", self.query, plan.converted_query);
                assert!(!differs(&self.sent, &plan.trino_query), "{}\n{}", self.query, plan.trino_query);
                assert_eq!((plan.limit, plan.offset), (self.limit, self.offset), "{}", self.query);
            }
            (answer, _) => panic!("{}\n{answer:?}", self.query),
        }
    }
}

/// An entry of a mapping file for one table.
fn table(fqn: &str, trino: &str) -> String {
    format!("[[table]]\nfqn = '{fqn}'\ntrino = '{trino}'\n")
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
