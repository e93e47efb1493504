//! The rules of the house that a compiler does not check: who may use whom, how large things may be, what the map says.

mod budgets;
mod layers;
mod map;
mod source;
