//! Column lineage: against what Trino's own analyzer says, rule by rule, and what holds for every statement.
#![cfg(test)]

mod laws;
mod oracle;
mod oracle_file;
mod rules;
mod shop;
mod tally;
