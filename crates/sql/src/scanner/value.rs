//! Values that an alias may follow without a separator, and data types: the two places where the end can only be found
//! by reading operand after operand.

use super::ends::Ends;
use super::{Scan, Scanner, ScopeId, Scopes};
use crate::keywords::Keyword;
use crate::lexer::{Symbol, TokenKind};

impl Scanner<'_> {
    /// Trino's rule `valueExpression`.
    pub(super) fn value_expression(&mut self, scope: ScopeId) -> Scan {
        loop {
            while self.is_symbol(0, Symbol::Plus) || self.is_symbol(0, Symbol::Minus) {
                self.at += 1;
            }
            self.operand(scope)?;
            while self.eat_all(&[Keyword::At, Keyword::Local]) {}
            let operator = matches!(
                self.kind(0),
                Some(TokenKind::Symbol(Symbol::Plus | Symbol::Minus | Symbol::Star | Symbol::Arrow | Symbol::Other))
            );
            if operator {
                self.at += 1;
            } else if !self.eat_all(&[Keyword::At, Keyword::Time, Keyword::Zone]) {
                return Ok(());
            }
        }
    }

    /// A value with all that belongs to it: the literal of a type, arguments, subscripts, fields.
    fn operand(&mut self, scope: ScopeId) -> Scan {
        if self.interval_starts() {
            return self.interval();
        }
        self.expression(scope, Ends::Operand)?;
        loop {
            if self.eat_all(&[Keyword::Precision]) || self.is_string(0) {
                self.at += usize::from(self.is_string(0));
            } else if self.is_symbol(0, Symbol::LeftParen) {
                self.group(scope)?;
            } else if self.is_symbol(0, Symbol::LeftBracket) {
                self.at += 1;
                self.expression(scope, Ends::Closing)?;
                self.expect_symbol(Symbol::RightBracket, "']'")?;
            } else if self.is_symbol(0, Symbol::Dot) || self.is_symbol(0, Symbol::DoubleColon) {
                self.at += 1;
                self.identifier("a field name")?;
            } else {
                return Ok(());
            }
        }
    }

    /// An interval has a field; without one INTERVAL is the name of a type like any other.
    fn interval_starts(&self) -> bool {
        let signed = self.is_symbol(1, Symbol::Plus) || self.is_symbol(1, Symbol::Minus);
        let value = 1 + usize::from(signed);
        self.word(0) == Keyword::Interval && self.is_string(value) && self.word(value + 1).is_interval_field()
    }

    /// `INTERVAL [sign] 'value' field [TO field]`
    pub(super) fn interval(&mut self) -> Scan {
        self.expect(Keyword::Interval, "INTERVAL")?;
        if self.is_symbol(0, Symbol::Plus) || self.is_symbol(0, Symbol::Minus) {
            self.at += 1;
        }
        self.string()?;
        self.interval_fields()
    }

    fn interval_fields(&mut self) -> Scan {
        loop {
            if !self.word(0).is_interval_field() {
                return Err(self.expected("a field of an interval"));
            }
            self.at += 1;
            if self.is_symbol(0, Symbol::LeftParen) {
                self.group(Scopes::NOTHING)?;
            }
            if !self.eat(Keyword::To) {
                return Ok(());
            }
        }
    }

    /// Trino's rule `type`.
    pub(super) fn data_type(&mut self) -> Scan {
        match self.word(0) {
            Keyword::Interval if self.word(1).is_interval_field() => {
                self.at += 1;
                self.interval_fields()?;
            }
            Keyword::Time | Keyword::Timestamp => {
                self.at += 1;
                self.optional_group()?;
                // The properties of a column or of a function may follow its type, and begin WITH as well.
                let _zone = self.eat_all(&[Keyword::With, Keyword::Time, Keyword::Zone])
                    || self.eat_all(&[Keyword::Without, Keyword::Time, Keyword::Zone]);
            }
            Keyword::Double => {
                self.at += 1;
                self.eat(Keyword::Precision);
            }
            Keyword::Array | Keyword::Map if self.is_symbol(1, Symbol::Less) => {
                self.at += 2;
                self.nested(Self::data_type)?;
                if self.eat_symbol(Symbol::Comma) {
                    self.nested(Self::data_type)?;
                }
                self.expect_symbol(Symbol::Greater, "'>'")?;
            }
            _ => {
                self.identifier("a data type")?;
                self.optional_group()?;
            }
        }
        while self.eat(Keyword::Array) {
            if self.eat_symbol(Symbol::LeftBracket) {
                self.at += 1;
                self.expect_symbol(Symbol::RightBracket, "']'")?;
            }
        }
        Ok(())
    }

    fn optional_group(&mut self) -> Scan {
        if self.is_symbol(0, Symbol::LeftParen) { self.group(Scopes::NOTHING) } else { Ok(()) }
    }
}
