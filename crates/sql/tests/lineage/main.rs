//! Column lineage: against what Trino's own analyzer says, rule by rule, and what holds for every statement.
#![cfg(test)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "an oracle that cannot be read fails the test")]
#![expect(clippy::print_stdout, reason = "a skipped test says so")]

mod laws;
mod oracle;
mod oracle_file;
mod rules;
mod shop;
