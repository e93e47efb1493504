//! Jobs over HTTP: one operation a file. How a job looks is `view`, what may be asked for is `submission`.

pub(crate) mod cancel;
pub(crate) mod delete;
pub(crate) mod download;
mod etag;
pub(crate) mod events;
mod form;
pub(crate) mod get;
pub(crate) mod lineage;
pub(crate) mod list;
pub(crate) mod models;
mod page;
pub(crate) mod result;
pub(crate) mod rows;
pub(crate) mod submission;
pub(crate) mod submit;
pub(crate) mod view;
#[cfg(test)]
mod view_tests;
pub(crate) mod waiting;
