//! One token of Warren's lexer as one of sqlparser's, and looking at tokens by their index.

use sqlparser::keywords::Keyword as PlainKeyword;
use sqlparser::tokenizer::{Location, Span, Token as Plain, TokenWithSpan, Word};

use super::NotParsed;
use super::simplify::Simplifier;
use crate::keywords::Keyword;
use crate::lexer::{Symbol, TokenKind, identifier_value};
use crate::scanner::TokenId;

/// Words that are no reserved words of Trino but keywords for sqlparser where they stand. All others are identifiers.
const STRUCTURAL: &[&str] = &[
    "ALL",
    "ANY",
    "ASC",
    "AT",
    "BERNOULLI",
    "BOTH",
    "CURRENT",
    "DESC",
    "ERROR",
    "FILTER",
    "FIRST",
    "FOLLOWING",
    "GROUPS",
    "IGNORE",
    "LAST",
    "LATERAL",
    "LEADING",
    "MATCHED",
    "MATERIALIZED",
    "MERGE",
    "NEXT",
    "NULLS",
    "ONLY",
    "ORDINALITY",
    "OVER",
    "OVERFLOW",
    "PARTITION",
    "PRECEDING",
    "RANGE",
    "RESPECT",
    "ROW",
    "ROWS",
    "SET",
    "SETS",
    "SOME",
    "SYSTEM",
    "TIES",
    "TIME",
    "TRUNCATE",
    "UNBOUNDED",
    "UNKNOWN",
    "UPDATE",
    "VIEW",
    "WITHIN",
    "WITHOUT",
    "ZONE",
];

impl Simplifier<'_> {
    pub(super) fn kind(&self, at: TokenId) -> Option<TokenKind> {
        self.outline.tokens.get(at).map(|token| token.kind)
    }

    pub(super) fn word(&self, at: TokenId) -> Keyword {
        match self.kind(at) {
            Some(TokenKind::Word(word)) => word,
            _ => Keyword::Plain,
        }
    }

    pub(super) fn token_text(&self, at: TokenId) -> &str {
        self.outline.tokens.get(at).map_or("", |token| token.span().of(self.text))
    }

    /// Whether the word stands there, in any case.
    pub(super) fn is_text(&self, at: TokenId, word: &str) -> bool {
        self.token_text(at).eq_ignore_ascii_case(word)
    }

    pub(super) fn is_symbol(&self, at: TokenId, symbol: Symbol) -> bool {
        self.kind(at) == Some(TokenKind::Symbol(symbol))
    }

    pub(super) fn is_symbol_before(&self, at: TokenId, symbol: Symbol) -> bool {
        at.checked_sub(1).is_some_and(|before| self.is_symbol(before, symbol))
    }

    pub(super) fn opens_group(&self, at: TokenId) -> bool {
        self.is_symbol(at, Symbol::LeftParen) || self.is_symbol(at, Symbol::LeftBracket)
    }

    /// One past the bracket that closes the one at `at`.
    pub(super) fn group_end(&self, at: TokenId) -> TokenId {
        let mut depth = 0_usize;
        for index in at..self.outline.tokens.len() {
            match self.kind(index) {
                Some(TokenKind::Symbol(Symbol::LeftParen | Symbol::LeftBracket)) => depth += 1,
                Some(TokenKind::Symbol(Symbol::RightParen | Symbol::RightBracket)) => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return index + 1;
            }
        }
        self.outline.tokens.len()
    }

    pub(super) fn put(&mut self, token: Plain) {
        self.out.push(TokenWithSpan { token, span: Span::empty() });
    }

    pub(super) fn put_word(&mut self, word: &str) {
        self.put(Plain::make_keyword(word));
    }

    pub(super) fn put_identifier(&mut self, name: &str) {
        self.put(identifier(name));
    }

    /// A word that is no keyword, in the place of the token at `at`.
    pub(super) fn put_identifier_at(&mut self, at: TokenId, name: &str) {
        self.put_at(at, identifier(name));
    }

    /// The token itself. Its column is its index and one.
    pub(super) fn put_token(&mut self, at: TokenId) -> Result<(), NotParsed> {
        let token = self.plain(at)?;
        self.put_at(at, token);
        Ok(())
    }

    /// The token as a part of a name, in which no word is a keyword.
    pub(super) fn put_name_token(&mut self, at: TokenId) -> Result<(), NotParsed> {
        let token = match self.kind(at) {
            Some(TokenKind::Word(_)) => identifier(self.token_text(at)),
            _ => self.plain(at)?,
        };
        self.put_at(at, token);
        Ok(())
    }

    fn put_at(&mut self, at: TokenId, token: Plain) {
        self.out.push(TokenWithSpan { token, span: place_of(at) });
    }

    fn plain(&self, at: TokenId) -> Result<Plain, NotParsed> {
        let text = self.token_text(at);
        Ok(match self.kind(at) {
            Some(TokenKind::Word(word)) if self.is_plain_keyword(at, word) => Plain::make_keyword(text),
            Some(TokenKind::Word(_)) => identifier(text),
            Some(TokenKind::Delimited) => Plain::Word(Word {
                value: identifier_value(text).into_owned(),
                quote_style: Some('"'),
                keyword: PlainKeyword::NoKeyword,
            }),
            Some(TokenKind::String) => Plain::SingleQuotedString(String::new()),
            Some(TokenKind::Integer | TokenKind::Number) => Plain::Number("1".to_owned(), false),
            Some(TokenKind::Symbol(symbol)) => plain_symbol(symbol, text)?,
            None => Plain::EOF,
        })
    }

    /// Whether sqlparser may take a word for a keyword.
    fn is_plain_keyword(&self, at: TokenId, word: Keyword) -> bool {
        match word {
            _ if self.is_symbol_before(at, Symbol::Dot) || self.is_symbol(at + 1, Symbol::Dot) => false,
            _ if word.is_reserved() => true,
            Keyword::Limit | Keyword::Offset | Keyword::Fetch => self.starts_tail(at),
            Keyword::Window => self.word(at + 2) == Keyword::As,
            Keyword::Over => self.is_symbol(at + 1, Symbol::LeftParen) || !self.word(at + 1).is_reserved(),
            Keyword::Array => self.is_symbol(at + 1, Symbol::LeftBracket),
            _ => is_structural(self.token_text(at)) && !self.stands_as_an_alias(at),
        }
    }

    /// Whether a structural word is an alias without AS: it stands between what can end before one and what can follow
    /// one, and is no word that ends a clause there.
    fn stands_as_an_alias(&self, at: TokenId) -> bool {
        let Some(before) = at.checked_sub(1) else { return false };
        let follows_an_operand = match self.kind(before) {
            Some(TokenKind::Symbol(symbol)) => matches!(symbol, Symbol::RightParen | Symbol::RightBracket),
            Some(TokenKind::Word(word)) if word.is_reserved() => word.is_value() || word == Keyword::End,
            Some(TokenKind::Word(_)) => !is_structural(self.token_text(before)),
            Some(TokenKind::Integer) => false,
            before => before.is_some(),
        };
        let is_followed = match self.kind(at + 1) {
            None | Some(TokenKind::Symbol(Symbol::Comma | Symbol::RightParen)) => true,
            Some(TokenKind::Word(Keyword::Group)) => self.word(at + 2) == Keyword::By,
            Some(TokenKind::Word(Keyword::Window)) => self.word(at + 3) == Keyword::As,
            Some(TokenKind::Word(word)) => {
                word.is_set_operator() || can_follow_an_alias(word) || self.starts_tail(at + 1)
            }
            _ => false,
        };
        let ends_a_clause = ["ALL", "ASC", "DESC", "FOLLOWING", "PRECEDING"].iter().any(|word| self.is_text(at, word));
        follows_an_operand && is_followed && !ends_a_clause
    }
}

/// The words that begin what may follow a column or a relation, but for GROUP BY, set operators and the end of a query.
const fn can_follow_an_alias(word: Keyword) -> bool {
    matches!(
        word,
        Keyword::From
            | Keyword::Cross
            | Keyword::Full
            | Keyword::Inner
            | Keyword::Join
            | Keyword::Left
            | Keyword::Natural
            | Keyword::Right
            | Keyword::On
            | Keyword::Using
            | Keyword::Where
            | Keyword::Having
    )
}

fn is_structural(word: &str) -> bool {
    let upper = || word.bytes().map(|byte| byte.to_ascii_uppercase());
    STRUCTURAL.binary_search_by(|structural| structural.bytes().cmp(upper())).is_ok()
}

/// What a token says of its place: its index. Without a line sqlparser leaves the place out of the many errors that it
/// makes and drops while it tries how a statement reads.
fn place_of(at: TokenId) -> Span {
    let column = u64::try_from(at).unwrap_or(u64::MAX).saturating_add(1);
    Span::new(Location { line: 0, column }, Location { line: 0, column: column.saturating_add(1) })
}

/// The token that a piece of the tree was made from; `None` when the simplification put it in.
pub(crate) fn token_of(span: Span) -> Option<TokenId> {
    usize::try_from(span.start.column).ok()?.checked_sub(1)
}

/// A word that is no keyword.
fn identifier(name: &str) -> Plain {
    Plain::Word(Word { value: name.to_owned(), quote_style: None, keyword: PlainKeyword::NoKeyword })
}

fn plain_symbol(symbol: Symbol, text: &str) -> Result<Plain, NotParsed> {
    Ok(match (symbol, text) {
        (Symbol::LeftParen, _) => Plain::LParen,
        (Symbol::RightParen, _) => Plain::RParen,
        (Symbol::LeftBracket, _) => Plain::LBracket,
        (Symbol::RightBracket, _) => Plain::RBracket,
        (Symbol::LeftBrace, _) => Plain::LBrace,
        (Symbol::RightBrace, _) => Plain::RBrace,
        (Symbol::Comma, _) => Plain::Comma,
        (Symbol::Dot, _) => Plain::Period,
        (Symbol::Colon, _) => Plain::Colon,
        (Symbol::Star, _) => Plain::Mul,
        (Symbol::Equal, _) => Plain::Eq,
        (Symbol::Less, _) => Plain::Lt,
        (Symbol::Greater, _) => Plain::Gt,
        (Symbol::Plus, _) => Plain::Plus,
        (Symbol::Minus, _) => Plain::Minus,
        (Symbol::Question, _) => Plain::Placeholder("?".to_owned()),
        (Symbol::Arrow, _) => Plain::Arrow,
        (Symbol::FatArrow, _) => Plain::RArrow,
        (Symbol::Other, "<>" | "!=") => Plain::Neq,
        (Symbol::Other, "<=") => Plain::LtEq,
        (Symbol::Other, ">=") => Plain::GtEq,
        (Symbol::Other, "||") => Plain::StringConcat,
        (Symbol::Other, "/") => Plain::Div,
        (Symbol::Other, "%") => Plain::Mod,
        (Symbol::Other, "|") => Plain::Pipe,
        (Symbol::Other, "^") => Plain::Caret,
        _ => return Err(NotParsed::Construct(format!("the symbol {text}"))),
    })
}
