//! What a token is: its kind and its place. What it means is the scanner's business.

use crate::keywords::Keyword;
use crate::span::{Span, narrow};

/// A symbol that the scanner asks about; every other one is `Other`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Symbol {
    LeftParen,
    RightParen,
    LeftBracket,
    RightBracket,
    LeftBrace,
    RightBrace,
    /// `{-`, which opens an exclusion in a row pattern.
    LeftExclusion,
    /// `-}`
    RightExclusion,
    Comma,
    Dot,
    Semicolon,
    Colon,
    Star,
    Equal,
    Less,
    Greater,
    Plus,
    Minus,
    At,
    Question,
    /// `->` of a lambda.
    Arrow,
    /// `=>` of a named argument.
    FatArrow,
    /// `::` of a static method.
    DoubleColon,
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// An identifier without quotes, or a keyword.
    Word(Keyword),
    /// An identifier in double quotes.
    Delimited,
    /// Any literal in quotes: `'…'`, `U&'…'`, `X'…'`, `$$…$$`.
    String,
    /// A number without point and exponent, also `0x1F`, `1_000`.
    Integer,
    /// A decimal or double.
    Number,
    Symbol(Symbol),
}

impl TokenKind {
    /// Whether it can be an identifier: one in quotes, or a word that is not reserved.
    pub(crate) const fn is_identifier(self) -> bool {
        match self {
            Self::Word(word) => !word.is_reserved(),
            Self::Delimited => true,
            _ => false,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    /// Half the size of a span: tokens are most of the memory that reading a statement takes.
    start: u32,
    end: u32,
}

impl Token {
    pub(super) fn new(kind: TokenKind, span: Span) -> Self {
        Self { kind, start: narrow(span.start), end: narrow(span.end) }
    }

    /// Where it stands.
    pub(crate) const fn span(self) -> Span {
        Span::new(self.start as usize, self.end as usize)
    }
}
