//! Whether the columns that a column is made of are those that Trino's analyzer tells. `scripts/recombine lineage` makes the
//! statements and pipes in what Trino says of them, one JSON object a line, in the form of the lineage oracle.
//!
//! Prints what was wrong how often, with the shortest statements of each kind; the exit status is 1 if anything was.
#![expect(clippy::print_stdout, reason = "what was found is printed")]

#[expect(dead_code, clippy::unwrap_used, reason = "it is a test's, which reads the oracle's own statements")]
#[path = "../tests/lineage/oracle_file.rs"]
mod oracle_file;
#[path = "../tests/lineage/tally.rs"]
mod tally;

use std::error::Error;
use std::process::ExitCode;

use oracle_file::Tables;
use tally::Tally;

/// How many statements are shown of each kind.
const SHOWN: usize = 5;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let tables = Tables::read();
    let mut tally = Tally::default();
    for line in std::io::stdin().lines() {
        tally.add(&oracle_file::statement(&serde_json::from_str(&line?)?), &tables);
    }
    let Tally { hidden, statements, columns, equal, complete, .. } = tally;
    println!("{statements} statements, and {hidden} left out because of hidden columns");
    println!("{columns} columns, {equal} with the sources that Trino tells, {complete} marked complete");
    println!("with more sources: {:?}", tally.supersets);
    println!("{} statements with tables only", tally.tables_only.len());
    tally.tables_only.sort_by_key(String::len);
    tally.tables_only.iter().take(SHOWN).for_each(|statement| println!("  {statement}"));
    let kinds = [
        ("refused", &mut tally.refused),
        ("columns of other names", &mut tally.names),
        ("a source is missing", &mut tally.missing),
        ("a source too many", &mut tally.wrong),
    ];
    let mut is_good = statements > 0;
    for (what, found) in kinds {
        is_good &= found.is_empty();
        found.sort_by_key(String::len);
        println!("\n{} x {what}", found.len());
        found.iter().take(SHOWN).for_each(|statement| println!("  {statement}"));
    }
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
