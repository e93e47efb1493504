//! The grammar of Trino's statements around queries, over the tokens of one statement.

use datafusion::sql::sqlparser::ast::Ident;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::parser::{Parser, ParserError};
use datafusion::sql::sqlparser::tokenizer::{Span, Token};

use super::super::tokens::type_text;
use super::super::type_text::parse_type;
use super::{ColumnDefinition, Command, Name, ShowWhat};
use crate::failure::{ErrorCode, Place, QueryFailure, place_of};

/// Why a statement was not read.
pub(super) enum Unread {
    Parser(ParserError),
    Refused(QueryFailure),
}

impl From<ParserError> for Unread {
    fn from(error: ParserError) -> Self {
        Self::Parser(error)
    }
}

impl From<QueryFailure> for Unread {
    fn from(failure: QueryFailure) -> Self {
        Self::Refused(failure)
    }
}

/// Reads one statement from its tokens.
pub(super) struct Reader<'a> {
    parser: Parser<'a>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(parser: Parser<'a>) -> Self {
        Self { parser }
    }
}

impl Reader<'_> {
    pub(super) fn command(&mut self) -> Result<Command, Unread> {
        let first = self.parser.peek_token();
        let command = match &first.token {
            Token::LParen => self.query()?,
            Token::Word(word) if word.quote_style.is_none() => match word.value.as_str() {
                "select" | "with" | "values" | "table" => self.query()?,
                "explain" => self.explain()?,
                "insert" => self.insert()?,
                "create" => self.create()?,
                "drop" => self.drop()?,
                "use" => {
                    self.parser.next_token();
                    Command::Use { schema: self.name(2)? }
                }
                "show" => self.show()?,
                "describe" | "desc" => {
                    self.parser.next_token();
                    self.refuse_words(&["input", "output"])?;
                    Command::Show { what: ShowWhat::Columns(self.name(3)?), like: None }
                }
                other if is_statement(other) => {
                    let what = other.to_uppercase();
                    return Err(QueryFailure::not_supported(format_args!("{what}")).at(place_of(first.span)).into());
                }
                _ => return Err(self.unexpected("a statement")),
            },
            _ => return Err(self.unexpected("a statement")),
        };
        match self.parser.peek_token().token {
            Token::EOF => Ok(command),
            _ => Err(self.unexpected("the end of the statement")),
        }
    }

    fn unexpected(&self, expected: &str) -> Unread {
        let found = self.parser.peek_token();
        let place = place_of(found.span);
        let message = format!("expected: {expected}, found: {}", found.token);
        match place {
            Some(_) => QueryFailure::new(ErrorCode::SyntaxError, message).at(place).into(),
            None => Unread::Parser(ParserError::ParserError(message)),
        }
    }

    fn query(&mut self) -> Result<Command, Unread> {
        Ok(Command::Query(self.parser.parse_query()?))
    }

    fn explain(&mut self) -> Result<Command, Unread> {
        self.parser.next_token();
        self.refuse_words(&["analyze", "verbose"])?;
        if self.parser.peek_token().token == Token::LParen && !self.starts_query_after_paren() {
            return Err(QueryFailure::not_supported("options of EXPLAIN").at(self.place()).into());
        }
        Ok(Command::Explain(self.parser.parse_query()?))
    }

    fn starts_query_after_paren(&self) -> bool {
        let second = self.parser.peek_nth_token(1);
        match &second.token {
            Token::LParen => true,
            Token::Word(word) => matches!(word.keyword, Keyword::SELECT | Keyword::WITH | Keyword::VALUES),
            _ => false,
        }
    }

    fn insert(&mut self) -> Result<Command, Unread> {
        self.parser.next_token();
        self.parser.expect_keyword(Keyword::INTO)?;
        let table = self.name(3)?;
        let columns = if self.parser.peek_token().token == Token::LParen && !self.starts_query_after_paren() {
            self.parenthesised_names()?
        } else {
            vec![]
        };
        Ok(Command::Insert { table, columns, source: self.parser.parse_query()? })
    }

    fn create(&mut self) -> Result<Command, Unread> {
        self.parser.next_token();
        let or_replace = self.parser.parse_keywords(&[Keyword::OR, Keyword::REPLACE]);
        if self.parser.parse_keyword(Keyword::VIEW) {
            return self.create_view(or_replace);
        }
        if or_replace {
            return Err(QueryFailure::not_supported("CREATE OR REPLACE of anything but a view")
                .at(self.place())
                .into());
        }
        if self.parser.parse_keyword(Keyword::SCHEMA) {
            let if_not_exists = self.if_not_exists();
            return Ok(Command::CreateSchema { schema: self.name(2)?, if_not_exists });
        }
        if self.parser.parse_keyword(Keyword::TABLE) {
            return self.create_table();
        }
        let what = self.parser.peek_token().token.to_string().to_uppercase();
        Err(QueryFailure::not_supported(format_args!("CREATE {what}")).at(self.place()).into())
    }

    fn create_view(&mut self, or_replace: bool) -> Result<Command, Unread> {
        let view = self.name(3)?;
        self.refuse_words(&["comment", "security"])?;
        self.parser.expect_keyword(Keyword::AS)?;
        Ok(Command::CreateView { view, or_replace, query: self.parser.parse_query()? })
    }

    fn create_table(&mut self) -> Result<Command, Unread> {
        let if_not_exists = self.if_not_exists();
        let table = self.name(3)?;
        let has_columns = self.parser.peek_token().token == Token::LParen;
        if has_columns && !matches!(self.parser.peek_nth_token(2).token, Token::Comma | Token::RParen) {
            let columns = self.column_definitions()?;
            self.refuse_words(&["comment", "with"])?;
            return Ok(Command::CreateTable { table, if_not_exists, columns });
        }
        let columns = if has_columns { self.parenthesised_names()? } else { vec![] };
        self.refuse_words(&["comment", "with"])?;
        self.parser.expect_keyword(Keyword::AS)?;
        let query = self.parser.parse_query()?;
        let no_data = self.parser.parse_keywords(&[Keyword::WITH, Keyword::NO, Keyword::DATA]);
        let with_data = self.parser.parse_keywords(&[Keyword::WITH, Keyword::DATA]) || !no_data;
        Ok(Command::CreateTableAs { table, if_not_exists, columns, query, with_data })
    }

    fn column_definitions(&mut self) -> Result<Vec<ColumnDefinition>, Unread> {
        self.parser.expect_token(&Token::LParen)?;
        let mut columns = Vec::new();
        loop {
            columns.push(self.column_definition()?);
            if !self.parser.consume_token(&Token::Comma) {
                break;
            }
        }
        self.parser.expect_token(&Token::RParen)?;
        Ok(columns)
    }

    fn column_definition(&mut self) -> Result<ColumnDefinition, Unread> {
        let name = self.parser.parse_identifier()?.value;
        let place = self.place();
        let mut words = Vec::new();
        let mut depth = 0_usize;
        loop {
            let token = self.parser.peek_token();
            let ends = match &token.token {
                Token::EOF => true,
                Token::Comma | Token::RParen => depth == 0,
                Token::Word(word) => {
                    depth == 0 && matches!(word.value.as_str(), "not" | "null" | "comment" | "default")
                }
                _ => false,
            };
            if ends {
                break;
            }
            match token.token {
                Token::LParen => depth += 1,
                Token::RParen => depth -= 1,
                _ => {}
            }
            words.push(self.parser.next_token());
        }
        let data_type = parse_type(&type_text(&words)).map_err(|failure| failure.at(place))?;
        let nullable = !self.parser.parse_keywords(&[Keyword::NOT, Keyword::NULL]);
        self.refuse_words(&["comment", "with", "default"])?;
        Ok(ColumnDefinition { name, data_type, nullable })
    }

    fn drop(&mut self) -> Result<Command, Unread> {
        self.parser.next_token();
        let kind = self.parser.parse_one_of_keywords(&[Keyword::TABLE, Keyword::VIEW, Keyword::SCHEMA]);
        let if_exists = kind.is_some() && self.parser.parse_keywords(&[Keyword::IF, Keyword::EXISTS]);
        match kind {
            Some(Keyword::TABLE) => Ok(Command::DropTable { table: self.name(3)?, if_exists }),
            Some(Keyword::VIEW) => Ok(Command::DropView { view: self.name(3)?, if_exists }),
            Some(Keyword::SCHEMA) => {
                let schema = self.name(2)?;
                self.refuse_words(&["cascade", "restrict"])?;
                Ok(Command::DropSchema { schema, if_exists })
            }
            _ => {
                let what = self.parser.peek_token().token.to_string().to_uppercase();
                Err(QueryFailure::not_supported(format_args!("DROP {what}")).at(self.place()).into())
            }
        }
    }

    fn show(&mut self) -> Result<Command, Unread> {
        self.parser.next_token();
        let word = match self.parser.peek_token().token {
            Token::Word(word) => word.value,
            _ => return Err(self.unexpected("what to show")),
        };
        let place = self.place();
        self.parser.next_token();
        let what = match word.as_str() {
            "catalogs" => ShowWhat::Catalogs,
            "schemas" => ShowWhat::Schemas(self.of(1)?),
            "tables" => ShowWhat::Tables(self.of(2)?),
            "columns" => match self.of(3)? {
                Some(table) => ShowWhat::Columns(table),
                None => return Err(self.unexpected("FROM")),
            },
            "functions" => ShowWhat::Functions,
            "session" => ShowWhat::Session,
            "create" => match self.parser.parse_one_of_keywords(&[Keyword::TABLE, Keyword::VIEW, Keyword::SCHEMA]) {
                Some(Keyword::TABLE) => ShowWhat::CreateTable(self.name(3)?),
                Some(Keyword::VIEW) => ShowWhat::CreateView(self.name(3)?),
                Some(Keyword::SCHEMA) => ShowWhat::CreateSchema(self.name(2)?),
                _ => return Err(self.unexpected("TABLE, VIEW or SCHEMA")),
            },
            other => {
                return Err(QueryFailure::not_supported(format_args!("SHOW {}", other.to_uppercase()))
                    .at(place)
                    .into());
            }
        };
        let like =
            if self.parser.parse_keyword(Keyword::LIKE) { Some(self.parser.parse_literal_string()?) } else { None };
        self.refuse_words(&["escape"])?;
        Ok(Command::Show { what, like })
    }

    /// `FROM name` or `IN name`.
    fn of(&mut self, parts: usize) -> Result<Option<Name>, Unread> {
        if self.parser.parse_one_of_keywords(&[Keyword::FROM, Keyword::IN]).is_none() {
            return Ok(None);
        }
        self.name(parts).map(Some)
    }

    fn name(&mut self, most_parts: usize) -> Result<Name, Unread> {
        let object = self.parser.parse_object_name(false)?;
        let idents: Vec<&Ident> = object.0.iter().filter_map(|part| part.as_ident()).collect();
        let place = idents.first().and_then(|ident| place_of(ident.span));
        if idents.len() > most_parts || idents.len() < object.0.len() {
            let message = format!("Too many dots in name: {object}");
            return Err(QueryFailure::new(ErrorCode::SyntaxError, message).at(place).into());
        }
        Ok(Name { parts: idents.into_iter().map(|ident| ident.value.clone()).collect(), place })
    }

    fn parenthesised_names(&mut self) -> Result<Vec<String>, Unread> {
        self.parser.expect_token(&Token::LParen)?;
        let names = self.parser.parse_comma_separated(Parser::parse_identifier)?;
        self.parser.expect_token(&Token::RParen)?;
        Ok(names.into_iter().map(|ident| ident.value).collect())
    }

    fn if_not_exists(&mut self) -> bool {
        self.parser.parse_keywords(&[Keyword::IF, Keyword::NOT, Keyword::EXISTS])
    }

    /// Refuses clauses of Trino that the engine would otherwise have to ignore.
    fn refuse_words(&self, words: &[&str]) -> Result<(), Unread> {
        match self.parser.peek_token().token {
            Token::Word(word) if word.quote_style.is_none() && words.contains(&word.value.as_str()) => {
                Err(QueryFailure::not_supported(word.value.to_uppercase()).at(self.place()).into())
            }
            _ => Ok(()),
        }
    }

    fn place(&self) -> Option<Place> {
        let span: Span = self.parser.peek_token().span;
        place_of(span)
    }
}

/// The first words of Trino's other statements.
fn is_statement(word: &str) -> bool {
    matches!(
        word,
        "alter"
            | "analyze"
            | "call"
            | "comment"
            | "commit"
            | "deallocate"
            | "delete"
            | "deny"
            | "execute"
            | "grant"
            | "merge"
            | "prepare"
            | "refresh"
            | "reset"
            | "revoke"
            | "rollback"
            | "set"
            | "start"
            | "truncate"
            | "update"
    )
}
