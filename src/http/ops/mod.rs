//! Running the server: whether it lives, whether it is ready, its metrics, and the description of its API.

pub(crate) mod describe;
pub(crate) mod livez;
pub(crate) mod metrics;
pub(crate) mod readyz;

pub(crate) use describe::Description;
