//! OpenMetadata, as a gateway needs it: fully qualified names, a REST client for versions 1.4 to 2.0, and the webhook.
//!
//! What lives here: names, wire types, the client with its rules for trying again, and (feature `testing`) a stand-in
//! server. What does not: what a name means for Trino, and what is kept of the answers.

mod fqn;

pub use fqn::{
    Fqn, FqnError, Grammar, MAX_FQN_CHARS, MAX_NAME_CHARS, NameError, check_column_name, check_entity_name,
    decode_reserved, encode_reserved,
};
