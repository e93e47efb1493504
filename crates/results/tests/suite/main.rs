//! Results from outside: values, the store, pages and files. One program, because each one costs a link.

mod support;
mod values;
