//! Models over HTTP: one operation a file. How a model looks is `view`.

pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod make;
pub(crate) mod recommend;
mod view;
