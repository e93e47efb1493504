//! How much SQL is read at most, so that hostile input costs neither memory nor stack.

/// Bounds on one statement.
///
/// `max_depth` bounds the recursion of the scanner, whose frames must fit a thread's 2 MB stack in a debug build too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest text, in bytes.
    pub max_bytes: usize,
    /// Most tokens; comments and white space are none.
    pub max_tokens: usize,
    /// Deepest nesting of queries, relations and statements. Plain parentheses in expressions do not count; lambdas and row
    /// patterns may be nested about four times as deep.
    pub max_depth: usize,
}

impl Limits {
    /// 16 MiB, 4,000,000 tokens, 200 levels.
    pub const DEFAULT: Self = Self { max_bytes: 16 << 20, max_tokens: 4_000_000, max_depth: 200 };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
