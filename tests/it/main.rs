//! Every integration test of Warren, in one binary: each binary links the whole engine again.

#![cfg(test)]
#![expect(unreachable_pub, reason = "the items of a test binary are all its own")]

mod cli;
mod faults;
mod flow;
mod harness;
mod http;
mod openmetadata;
mod results;
mod scheduler;
mod store;
mod tidy;
