//! Managed catalogs, as rows. A row is the lock of making and dropping what it stands for: whoever changes it says which
//! version was read. What follows from the rows is not here.

mod read;
mod write;
