//! `VALUES 1, 2`: Trino lets a row of one column stand without parentheses, sqlparser does not.

use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan};

/// Puts parentheses around the bare rows of every `VALUES`.
pub(super) fn parenthesise(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut result = Vec::with_capacity(tokens.len());
    let mut index = 0;
    while index < tokens.len() {
        result.push(tokens[index].clone());
        let is_values = is_keyword(&tokens[index], Keyword::VALUES);
        index += 1;
        while is_values {
            let end = row_end(&tokens, index);
            push_row(&tokens[index..end], &mut result);
            index = end;
            match tokens.get(index) {
                Some(comma) if comma.token == Token::Comma => {
                    result.push(comma.clone());
                    index += 1;
                }
                _ => break,
            }
        }
    }
    result
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

fn push_row(row: &[TokenWithSpan], result: &mut Vec<TokenWithSpan>) {
    let (Some(first), Some(last)) = (row.first(), row.last()) else { return };
    // `ROW(1, 2)` is a row of two columns, and refused as such later.
    let stands = is_keyword(first, Keyword::ROW) || (first.token == Token::LParen && closes_last(row));
    if !stands {
        result.push(TokenWithSpan { token: Token::LParen, span: first.span });
    }
    result.extend_from_slice(row);
    if !stands {
        result.push(TokenWithSpan { token: Token::RParen, span: last.span });
    }
}

/// Whether the parenthesis that opens the row is closed by its last token.
fn closes_last(row: &[TokenWithSpan]) -> bool {
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

    #[test]
    fn bare_rows_get_parentheses() {
        for (sql, expect) in [
            ("values 1, (2)", "values ( 1 ) , ( 2 )"),
            ("values (1, 2), (3, 4)", "values ( 1 , 2 ) , ( 3 , 4 )"),
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
}
