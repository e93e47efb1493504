//! Every integration test of Warren, in one binary: each binary links the whole engine again.

mod cli;
mod faults;
mod flow;
mod harness;
mod http;
mod store;
mod tidy;
