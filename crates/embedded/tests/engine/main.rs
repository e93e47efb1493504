//! The engine from outside: everything here goes through HTTP.

#![cfg(test)]

mod dialect;
mod errors;
mod files;
mod memory;
mod protocol;
mod queries;
mod support;
