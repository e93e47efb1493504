//! SeaORM entities: one file per table, no logic.
