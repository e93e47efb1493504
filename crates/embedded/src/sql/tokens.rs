//! The text of a statement as tokens, with what the parser cannot know about Trino settled: names are case-insensitive even when
//! they are delimited, and a nested type such as `array(row(x bigint))` is one word.

use std::collections::HashMap;

use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::parser::ParserError;
use datafusion::sql::sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer, Word};

use super::dialect::TrinoDialect;
use super::values;
use crate::failure::{QueryFailure, from_parser, place_of};

/// The most operators of a statement, so that its tree fits the stack of the threads that plan it.
const MAX_OPERATORS: usize = 1000;

/// How names were written before they were folded to lower case, by where they start.
#[derive(Debug, Default)]
pub(crate) struct Originals(HashMap<Location, String>);

impl Originals {
    /// The name as the user wrote it.
    pub(super) fn spelling<'a>(&'a self, start: Location, folded: &'a str) -> &'a str {
        self.0.get(&start).map_or(folded, String::as_str)
    }
}

/// The tokens of a statement, without white space and comments.
pub(super) fn tokenize(sql: &str) -> Result<(Vec<TokenWithSpan>, Originals), QueryFailure> {
    let tokens = Tokenizer::new(&TrinoDialect, sql)
        .tokenize_with_location()
        .map_err(|error| from_parser(&ParserError::from(error), sql))?;
    let mut originals = Originals::default();
    let mut folded: Vec<TokenWithSpan> = tokens
        .into_iter()
        .filter(|token| !matches!(token.token, Token::Whitespace(_)))
        .map(|token| fold(token, &mut originals))
        .collect();
    refuse_versions(&folded)?;
    refuse_long_chains(&folded)?;
    join_nested_types(&mut folded);
    Ok((values::parenthesise(&folded)?, originals))
}

fn fold(mut token: TokenWithSpan, originals: &mut Originals) -> TokenWithSpan {
    if let Token::Word(word) = &mut token.token {
        let lower = word.value.to_lowercase();
        if lower != word.value {
            originals.0.insert(token.span.start, std::mem::replace(&mut word.value, lower));
        }
    }
    token
}

/// The first piece of Trino's grammar that sqlparser does not have: a statement that does not parse is not supported rather than
/// wrong if there is one.
pub(super) fn unknown_to_parser(tokens: &[TokenWithSpan]) -> Option<QueryFailure> {
    let piece = |window: &&[TokenWithSpan]| match &window[0].token {
        Token::Word(word) if word.quote_style.is_none() => match word.value.as_str() {
            "match_recognize" | "json_table" | "json_exists" | "json_value" | "json_query" | "json_object"
            | "json_array" | "pattern" => window[1].token == Token::LParen,
            "measures" | "listagg" => true,
            _ => false,
        },
        _ => false,
    };
    let window = tokens.windows(2).find(piece)?;
    let name = window[0].token.to_string().to_uppercase();
    Some(QueryFailure::not_supported(format_args!("this use of {name}")).at(place_of(window[0].span)))
}

/// `FOR VERSION AS OF` and `FOR TIMESTAMP AS OF` are unknown to sqlparser, which would call them a mistake.
fn refuse_versions(tokens: &[TokenWithSpan]) -> Result<(), QueryFailure> {
    let is_word = |token: &TokenWithSpan, text: &str| matches!(&token.token, Token::Word(word) if word.value == text);
    let version = tokens.windows(3).find(|window| {
        is_keyword(&window[0], Keyword::FOR)
            && (is_word(&window[1], "version") || is_word(&window[1], "timestamp"))
            && is_keyword(&window[2], Keyword::AS)
    });
    match version {
        Some(window) => Err(QueryFailure::not_supported("a version of a table").at(place_of(window[0].span))),
        None => Ok(()),
    }
}

/// Each of these operators makes the syntax tree one level deeper at worst.
fn refuse_long_chains(tokens: &[TokenWithSpan]) -> Result<(), QueryFailure> {
    let deepens = |token: &&TokenWithSpan| match &token.token {
        Token::Plus | Token::Minus | Token::Mul | Token::Div | Token::Mod | Token::StringConcat => true,
        Token::Word(word) if word.quote_style.is_none() => matches!(
            word.keyword,
            Keyword::AND
                | Keyword::OR
                | Keyword::NOT
                | Keyword::UNION
                | Keyword::EXCEPT
                | Keyword::INTERSECT
                | Keyword::JOIN
        ),
        _ => false,
    };
    match tokens.iter().filter(deepens).nth(MAX_OPERATORS) {
        Some(token) => {
            let what = format_args!("more than {MAX_OPERATORS} operators in a statement");
            Err(QueryFailure::not_supported(what).at(place_of(token.span)))
        }
        None => Ok(()),
    }
}

/// Replaces the tokens of `array(…)`, `map(…)` and `row(…)` after the `AS` of a cast by one delimited word, which sqlparser takes
/// for the name of a type.
fn join_nested_types(tokens: &mut Vec<TokenWithSpan>) {
    let mut index = 1;
    while index + 1 < tokens.len() {
        let starts_type = is_keyword(&tokens[index - 1], Keyword::AS)
            && is_nested_type(&tokens[index])
            && tokens[index + 1].token == Token::LParen;
        if starts_type && let Some(end) = closing(tokens, index + 1) {
            let text = type_text(&tokens[index..=end]);
            let word = Word { value: text, quote_style: Some('"'), keyword: Keyword::NoKeyword };
            tokens[index].token = Token::Word(word);
            tokens.drain(index + 1..=end);
        }
        index += 1;
    }
}

fn is_keyword(token: &TokenWithSpan, keyword: Keyword) -> bool {
    matches!(&token.token, Token::Word(word) if word.keyword == keyword && word.quote_style.is_none())
}

fn is_nested_type(token: &TokenWithSpan) -> bool {
    matches!(&token.token, Token::Word(word) if word.quote_style.is_none() && matches!(word.value.as_str(), "array" | "map" | "row"))
}

/// The index of the parenthesis that closes the one at `open`.
fn closing(tokens: &[TokenWithSpan], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate().skip(open) {
        match token.token {
            Token::LParen => depth += 1,
            Token::RParen => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(index);
        }
    }
    None
}

/// The text of a type from its tokens.
pub(super) fn type_text(tokens: &[TokenWithSpan]) -> String {
    let mut text = String::new();
    for token in tokens {
        let piece = token.token.to_string();
        let touches = text.is_empty() || text.ends_with('(') || matches!(piece.as_str(), "(" | ")" | ",");
        if !touches {
            text.push(' ');
        }
        text.push_str(&piece);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::tokenize;

    #[test]
    fn names_fold_and_their_spelling_is_kept() {
        let (tokens, originals) = tokenize("SELECT \"Name\" /* A */ FROM T").expect("tokens");
        let texts: Vec<String> = tokens.iter().map(|token| token.token.to_string()).collect();
        assert_eq!(texts, ["select", "\"name\"", "from", "t"]);
        assert_eq!(originals.spelling(tokens[1].span.start, "name"), "Name");
    }

    #[test]
    fn nested_types_become_one_word() {
        let (tokens, _) = tokenize("cast(x as ARRAY(row(a bigint, b decimal(10,2))))").expect("tokens");
        let texts: Vec<String> = tokens.iter().map(|token| token.token.to_string()).collect();
        assert_eq!(texts, ["cast", "(", "x", "as", "\"array(row(a bigint, b decimal(10, 2)))\"", ")"]);
    }
}
