//! The unguessable part of a query's URIs (Trino: `Slug`): another for every phase and token.

use sha2::{Digest, Sha256};

/// Hexadecimal digits of a slug; 160 bits, as many as Trino's.
const SLUG_DIGITS: usize = 40;

/// The two halves of a query's life in its URIs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Queued,
    Executing,
}

impl Phase {
    /// The word in a URI.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Executing => "executing",
        }
    }
}

/// Sixteen bytes that only the engine knows.
pub(crate) struct Secret([u8; 16]);

impl Secret {
    pub(crate) fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The slug for a page.
    pub(crate) fn slug(&self, phase: Phase, token: u64) -> String {
        let digest = Sha256::new()
            .chain_update(self.0)
            .chain_update(phase.name())
            .chain_update(token.to_be_bytes())
            .chain_update(self.0)
            .finalize();
        let mut slug: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        slug.truncate(SLUG_DIGITS);
        slug.insert(0, 'y');
        slug
    }
}

#[cfg(test)]
mod tests {
    use super::{Phase, Secret};

    #[test]
    fn every_page_has_its_own_slug() {
        let (one, other) = (Secret::new([1; 16]), Secret::new([2; 16]));
        let slugs = [
            one.slug(Phase::Queued, 1),
            one.slug(Phase::Executing, 1),
            one.slug(Phase::Executing, 2),
            other.slug(Phase::Executing, 2),
        ];
        for (index, slug) in slugs.iter().enumerate() {
            assert_eq!(slug.len(), 41);
            assert!(!slugs[..index].contains(slug));
        }
    }
}
