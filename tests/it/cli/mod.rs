//! The command line, end to end: the program that cargo built, as a process of its own, against a real server.

mod catalog;
mod demo;
mod operating;
mod program;
mod query;
