//! `VALUES 1, ROW(2, 3)`: in Trino a row of one column stands without parentheses, and one of several may have its name before
//! them. sqlparser knows only `VALUES (1), (2, 3)`.

use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan};

use crate::failure::{QueryFailure, place_of};

/// Puts parentheses around the bare rows of every `VALUES`.
pub(super) fn parenthesise(tokens: &[TokenWithSpan]) -> Result<Vec<TokenWithSpan>, QueryFailure> {
    let mut result = Vec::with_capacity(tokens.len());
    let mut index = 0;
    while index < tokens.len() {
        result.push(tokens[index].clone());
        index += 1;
        if is_keyword(&tokens[index - 1], Keyword::VALUES) {
            index = push_rows(tokens, index, &mut result)?;
        }
    }
    Ok(result)
}

/// Copies the rows that start at `index`; where they end.
fn push_rows(
    tokens: &[TokenWithSpan],
    mut index: usize,
    result: &mut Vec<TokenWithSpan>,
) -> Result<usize, QueryFailure> {
    loop {
        let end = row_end(tokens, index);
        push_row(&tokens[index..end], result)?;
        match tokens.get(end) {
            Some(comma) if comma.token == Token::Comma => result.push(comma.clone()),
            _ => return Ok(end),
        }
        index = end + 1;
    }
}

fn is_keyword(token: &TokenWithSpan, keyword: Keyword) -> bool {
    matches!(&token.token, Token::Word(word) if word.keyword == keyword && word.quote_style.is_none())
}

/// Where the row that starts at `start` ends: before a comma, the end of the query around it, or what may follow `VALUES`.
fn row_end(tokens: &[TokenWithSpan], start: usize) -> usize {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate().skip(start) {
        match &token.token {
            Token::LParen | Token::LBracket => depth += 1,
            Token::RParen | Token::RBracket if depth == 0 => return index,
            Token::RParen | Token::RBracket => depth -= 1,
            Token::Comma | Token::SemiColon | Token::EOF if depth == 0 => return index,
            Token::Word(word) if depth == 0 && word.quote_style.is_none() => match word.keyword {
                Keyword::ORDER
                | Keyword::LIMIT
                | Keyword::OFFSET
                | Keyword::FETCH
                | Keyword::UNION
                | Keyword::EXCEPT
                | Keyword::INTERSECT
                | Keyword::WITH => return index,
                _ => {}
            },
            _ => {}
        }
    }
    tokens.len()
}

fn push_row(row: &[TokenWithSpan], result: &mut Vec<TokenWithSpan>) -> Result<(), QueryFailure> {
    let (Some(first), Some(last)) = (row.first(), row.last()) else { return Ok(()) };
    if is_keyword(first, Keyword::ROW) && opens_and_closes(&row[1..]) {
        result.extend_from_slice(&row[1..]);
        return Ok(());
    }
    if !has_comma(row) && row.iter().any(names_a_row) {
        let failure = QueryFailure::not_supported("VALUES of an expression with rows; write ROW(…) around it");
        return Err(failure.at(place_of(first.span)));
    }
    let stands = opens_and_closes(row);
    if !stands {
        result.push(TokenWithSpan { token: Token::LParen, span: first.span });
    }
    result.extend_from_slice(row);
    if !stands {
        result.push(TokenWithSpan { token: Token::RParen, span: last.span });
    }
    Ok(())
}

/// Whether the row, or what its parentheses hold, has several columns.
fn has_comma(row: &[TokenWithSpan]) -> bool {
    let inner = if opens_and_closes(row) { &row[1..row.len() - 1] } else { row };
    let mut depth = 0_usize;
    inner.iter().any(|token| {
        match token.token {
            Token::LParen | Token::LBracket => depth += 1,
            Token::RParen | Token::RBracket => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && token.token == Token::Comma
    })
}

/// In Trino a single expression that is a row spreads into columns; only its type would tell.
fn names_a_row(token: &TokenWithSpan) -> bool {
    matches!(&token.token, Token::Word(word) if word.value == "row" || word.value.contains("row("))
}

/// Whether all of the row is between one pair of parentheses.
fn opens_and_closes(row: &[TokenWithSpan]) -> bool {
    if row.first().is_none_or(|first| first.token != Token::LParen) {
        return false;
    }
    let mut depth = 0_usize;
    for (index, token) in row.iter().enumerate() {
        match token.token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return index + 1 == row.len();
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::super::tokens::tokenize;
    use crate::failure::ErrorCode;

    #[test]
    fn bare_rows_get_parentheses() {
        for (sql, expect) in [
            ("values 1, (2)", "values ( 1 ) , ( 2 )"),
            ("values (1, 2), (3, 4)", "values ( 1 , 2 ) , ( 3 , 4 )"),
            ("values row(1, 2), row(row(3))", "values ( 1 , 2 ) , ( row ( 3 ) )"),
            ("values (1 + 2) * 3 order by 1", "values ( ( 1 + 2 ) * 3 ) order by 1"),
            (
                "select * from (values f(1, 2), 3) as t(x)",
                "select * from ( values ( f ( 1 , 2 ) ) , ( 3 ) ) as t ( x )",
            ),
        ] {
            let (tokens, _) = tokenize(sql).expect("tokens");
            let texts: Vec<String> = tokens.iter().map(|token| token.token.to_string()).collect();
            assert_eq!(texts.join(" "), expect);
        }
    }

    #[test]
    fn an_expression_that_may_spread_is_refused() {
        for sql in ["values cast(row(1) as row(a bigint))", "values (row(1, 2).x)", "values 1, array[row(1)]"] {
            assert_eq!(tokenize(sql).err().map(|failure| failure.code), Some(ErrorCode::NotSupported), "{sql}");
        }
    }
}
