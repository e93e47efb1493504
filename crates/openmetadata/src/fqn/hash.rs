//! OpenMetadata's hash of a name (`fqnHash`): a key of fixed width for each part. The API does not show it.

use std::fmt::Write as _;

use md5::{Digest as _, Md5};

use super::{Fqn, FqnError, write_part};

impl Fqn {
    /// The name of a statement that a service ran: it is known by the MD5 of its text.
    ///
    /// # Errors
    /// When the service has no name that can be one.
    pub fn of_query(service: &str, text: &str) -> Result<Self, FqnError> {
        let mut checksum = String::with_capacity(32);
        for byte in Md5::digest(text.as_bytes()) {
            let _a_string_takes_all = write!(checksum, "{byte:02x}");
        }
        Self::from_raw_parts([service, &checksum])
    }

    /// The MD5 of each part, quoted as in the text, in hexadecimal digits and joined by dots (`EntityUtil.hash`). The
    /// hash of what a name lies in is a prefix of its own.
    #[must_use]
    pub fn hash_text(&self) -> String {
        let mut hash = String::with_capacity(self.parts.len() * 33);
        for part in &self.parts {
            if !hash.is_empty() {
                hash.push('.');
            }
            let mut quoted = String::with_capacity(part.len() + 2);
            let _a_string_takes_all = write_part(&mut quoted, part);
            for byte in Md5::digest(quoted.as_bytes()) {
                let _a_string_takes_all = write!(hash, "{byte:02x}");
            }
        }
        hash
    }
}
