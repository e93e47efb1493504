//! The way back from the text that ran to the text that the user wrote: for lines and columns, and for the Trino names
//! in messages. Plain data, so that it can be stored with a job.

use std::collections::{BTreeSet, HashMap};

use memchr::memchr_iter;

use crate::span::{Position, narrow};

/// A range of the user's text that was replaced. Both ranges are in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MappedRange {
    /// Where it starts in the user's text.
    pub user_start: u32,
    /// How long it is there.
    pub user_length: u32,
    /// Where it starts in the text that ran.
    pub sql_start: u32,
    /// How long it is there.
    pub sql_length: u32,
}

/// A Trino name and the words of the user that it took the place of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamePair {
    /// `catalog.schema.table`, without quotes.
    pub trino: String,
    /// As the user wrote it.
    pub user: String,
}

/// Everything that a [`SourceMap`] holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceMapParts {
    /// What was replaced, in order of place.
    pub ranges: Vec<MappedRange>,
    /// The character offset of every line of the user's text but the first.
    pub user_lines: Vec<u32>,
    /// The character offset of every line of the text that ran but the first.
    pub sql_lines: Vec<u32>,
    /// Length of the user's text in characters.
    pub user_length: u32,
    /// The names that were replaced, each once.
    pub names: Vec<NamePair>,
}

/// The way from the text that ran back to the user's text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceMap {
    parts: SourceMapParts,
}

/// A replacement in the user's text, and what was put there.
#[derive(Debug, Clone)]
pub(crate) struct Edit {
    pub(crate) span: crate::span::Span,
    pub(crate) text: String,
}

/// The text with `edits`, which are in order and do not overlap, applied.
pub(crate) fn splice<'e>(text: &str, edits: impl Iterator<Item = &'e Edit>) -> String {
    let mut sql = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for edit in edits {
        sql.push_str(&text[at..edit.span.start]);
        sql.push_str(&edit.text);
        at = edit.span.end;
    }
    sql.push_str(&text[at..]);
    sql
}

/// Applies `edits`, which are in order and do not overlap, and keeps the way back.
pub(crate) fn apply<'e>(
    text: &str,
    edits: impl Iterator<Item = &'e Edit> + Clone,
    names: Vec<NamePair>,
) -> (String, SourceMap) {
    let sql = splice(text, edits.clone());
    let mut parts = SourceMapParts { names, ..SourceMapParts::default() };
    let mut user = Ruler::default();
    let mut ran = Ruler::default();
    let mut at = 0;
    for edit in edits {
        ran.follow(user.pass(&text[at..edit.span.start]));
        let (user_start, sql_start) = (user.chars, ran.chars);
        user.pass(edit.span.of(text));
        ran.pass(&edit.text);
        parts.ranges.push(MappedRange {
            user_start,
            user_length: user.chars - user_start,
            sql_start,
            sql_length: ran.chars - sql_start,
        });
        at = edit.span.end;
    }
    ran.follow(user.pass(&text[at..]));
    parts.user_length = user.chars;
    parts.user_lines = user.lines;
    parts.sql_lines = ran.lines;
    (sql, SourceMap { parts })
}

/// Counts characters and notes where lines begin.
#[derive(Default)]
struct Ruler {
    chars: u32,
    lines: Vec<u32>,
}

/// What a ruler has just passed.
#[derive(Clone, Copy)]
struct Passed<'r> {
    from: u32,
    to: u32,
    lines: &'r [u32],
}

impl Ruler {
    fn pass(&mut self, text: &str) -> Passed<'_> {
        let (from, known) = (self.chars, self.lines.len());
        let ascii = text.is_ascii();
        let chars = |text: &str| narrow(if ascii { text.len() } else { text.chars().count() });
        let mut line = 0;
        for index in memchr_iter(b'\n', text.as_bytes()) {
            self.chars += chars(&text[line..=index]);
            self.lines.push(self.chars);
            line = index + 1;
        }
        self.chars += chars(&text[line..]);
        Passed { from, to: self.chars, lines: &self.lines[known..] }
    }

    /// Passes the same text as another ruler has, without counting again.
    fn follow(&mut self, passed: Passed<'_>) {
        let from = self.chars;
        self.lines.extend(passed.lines.iter().map(|line| line - passed.from + from));
        self.chars += passed.to - passed.from;
    }
}

impl SourceMap {
    /// The data, to be stored.
    #[must_use]
    pub fn to_parts(&self) -> SourceMapParts {
        self.parts.clone()
    }

    /// A map from stored data. Data that no [`SourceMap`] gave leads to wrong positions, not to a panic.
    #[must_use]
    pub const fn from_parts(parts: SourceMapParts) -> Self {
        Self { parts }
    }

    /// Where a place of the text that ran is in the user's text. `line` and `column` are Trino's: from 1, columns in
    /// characters. A place inside of a replaced name is that name.
    #[must_use]
    pub fn to_user(&self, line: u32, column: u32) -> Position {
        let line_start = match line.checked_sub(2) {
            None => 0,
            Some(index) => self.parts.sql_lines.get(index as usize).copied().unwrap_or(u32::MAX),
        };
        let (offset, length) = self.user_range(line_start.saturating_add(column.saturating_sub(1)));
        let lines_before = self.parts.user_lines.partition_point(|start| *start <= offset);
        let user_line_start = lines_before.checked_sub(1).map_or(0, |index| self.parts.user_lines[index]);
        Position { line: narrow(lines_before + 1), column: offset - user_line_start + 1, offset, length }
    }

    /// Offset and length in the user's text of a character of the text that ran.
    fn user_range(&self, sql_offset: u32) -> (u32, u32) {
        let before = self.parts.ranges.partition_point(|range| range.sql_start <= sql_offset);
        let end = self.parts.user_length;
        let offset = match before.checked_sub(1).map(|index| self.parts.ranges[index]) {
            None => sql_offset,
            Some(range) if sql_offset - range.sql_start < range.sql_length => {
                return (range.user_start.min(end), range.user_length);
            }
            Some(range) => {
                let behind = sql_offset - range.sql_start - range.sql_length;
                range.user_start.saturating_add(range.user_length).saturating_add(behind)
            }
        };
        (offset.min(end), u32::from(offset < end))
    }

    /// A message of Trino in the user's terms: the `line 3:15` that it begins with is moved, every Trino name that
    /// Warren put in is written as the user wrote it. Other places stay: they may be those of a stored view, or a name
    /// or a string of the user.
    #[must_use]
    pub fn message_to_user(&self, message: &str) -> String {
        const LINE: &str = "line ";
        let place = message.strip_prefix(LINE).and_then(read_place);
        let Some((line, column, length)) = place else { return self.names_to_user(message) };
        let Position { line, column, .. } = self.to_user(line, column);
        format!("{LINE}{line}:{column}{}", self.names_to_user(&message[LINE.len() + length..]))
    }

    fn names_to_user(&self, message: &str) -> String {
        let spellings = Spellings::of(&self.parts.names);
        let mut translated = String::with_capacity(message.len());
        let mut before = None;
        let mut rest = message;
        while let Some(c) = rest.chars().next() {
            let found = if before.is_some_and(belongs_to_name) { None } else { spellings.start_of(rest) };
            if let Some((trino, user)) = found {
                translated.push_str(user);
                before = trino.chars().next_back();
                rest = &rest[trino.len()..];
            } else {
                translated.push(c);
                before = Some(c);
                rest = &rest[c.len_utf8()..];
            }
        }
        translated
    }
}

/// How Trino may write the names that were put in: `catalog.schema.table`, delimited, and `schema.table`, as connectors
/// do, when only one of the names can be meant.
struct Spellings<'m> {
    /// In lower case of ASCII, with what the user wrote.
    users: HashMap<String, &'m str>,
    /// The lengths that there are, longest first.
    lengths: Vec<usize>,
}

impl<'m> Spellings<'m> {
    fn of(names: &'m [NamePair]) -> Self {
        let mut users: HashMap<String, &str> = HashMap::new();
        let mut schema_tables: HashMap<String, Option<&str>> = HashMap::new();
        for NamePair { trino, user } in names {
            let trino = trino.to_ascii_lowercase();
            if let Some((_, rest)) = trino.split_once('.').filter(|(_, rest)| rest.contains('.')) {
                schema_tables.entry(rest.to_owned()).and_modify(|user| *user = None).or_insert(Some(user));
            }
            users.entry(format!("\"{}\"", trino.replace('.', "\".\""))).or_insert(user);
            users.entry(trino).or_insert(user);
        }
        for (schema_table, user) in schema_tables {
            if let Some(user) = user {
                users.entry(schema_table).or_insert(user);
            }
        }
        let lengths: BTreeSet<usize> = users.keys().map(String::len).collect();
        Self { users, lengths: lengths.into_iter().rev().collect() }
    }

    /// The longest name that `text` begins with and that ends there, in any case, and what the user wrote.
    fn start_of<'t>(&self, text: &'t str) -> Option<(&'t str, &'m str)> {
        self.lengths.iter().find_map(|length| {
            let (begin, behind) = text.split_at_checked(*length)?;
            let ends = !behind.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '"'));
            let user = self.users.get(&begin.to_ascii_lowercase()).filter(|_| ends)?;
            Some((begin, *user))
        })
    }
}

/// `3:15` at the start of `text`: line, column and the length in bytes.
fn read_place(text: &str) -> Option<(u32, u32, usize)> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let line = digits(text);
    let behind = text[line..].strip_prefix(':')?;
    let column = digits(behind);
    Some((text[..line].parse().ok()?, behind[..column].parse().ok()?, line + 1 + column))
}

fn belongs_to_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '.' | '"')
}
