//! The engine from outside: everything here goes through HTTP.

#[cfg(test)]
mod dialect;
#[cfg(test)]
mod errors;
#[cfg(test)]
mod files;
#[cfg(test)]
mod memory;
#[cfg(test)]
mod protocol;
#[cfg(test)]
mod queries;
#[cfg(test)]
mod support;
