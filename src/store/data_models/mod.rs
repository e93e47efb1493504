//! Models: views and tables of Trino that were made through Warren, in the table `model`. What a job's query refers to
//! are fusion models, which `models` has.

mod insert;
mod list;
mod recommend;

pub use insert::ModelWrite;
pub(super) use insert::{delete_dropped, is_of_model};
pub use list::{ModelFilter, ModelPage};
