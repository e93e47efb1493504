//! SeaORM entities: one file per table, no logic. What a row means is the business of `store::rows`.
//!
//! A UUID is the type `uuid` on PostgreSQL and text of 36 characters on SQLite, so that people can read it in both. SeaORM
//! alone would write a blob on SQLite: statements go through `store::statements`, which knows.

pub mod api_token;
pub mod fusion_model;
pub mod idempotency_key;
pub mod job;
pub mod managed_catalog;
pub mod model;
pub mod model_queue;
pub mod om_entity;
pub mod om_event;
