//! The words of Trino's grammar that the scanner looks at, and which of them are reserved.
//! What a word means at a place is decided in the scanner, not here.

/// Whether a word may be an identifier without quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Never: a keyword of Trino's `SqlBase.g4` that its rule `nonReserved` leaves out.
    Reserved,
    /// Yes, where the grammar does not need it as a keyword.
    Soft,
}

/// Declares [`Keyword`] and the table of spellings, both in the order in which the words are listed.
macro_rules! keywords {
    ($($name:ident = $text:literal $class:ident,)*) => {
        /// A word of Trino's grammar. `Plain` stands for every word that the scanner never asks about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Keyword { Plain, $($name,)* }

        const TABLE: &[(&str, Keyword, Class)] = &[$(($text, Keyword::$name, Class::$class),)*];
    };
}

/// How many slots the hash table of spellings has: a power of two, and so many that most words that are no keywords meet
/// an empty one.
const SLOTS: usize = 1024;

/// For each slot the row of [`TABLE`] and one, or 0 for none. A keyword whose slot is taken stands in the next free one.
const ROWS: [u16; SLOTS] = {
    let mut rows = [0; SLOTS];
    let mut row: u16 = 0;
    while (row as usize) < TABLE.len() {
        let mut slot = slot_of(TABLE[row as usize].0.as_bytes());
        while rows[slot] != 0 {
            slot = (slot + 1) % SLOTS;
        }
        row += 1;
        rows[slot] = row;
    }
    rows
};

/// Which keywords are reserved, by their place in the enum.
const RESERVED: [bool; TABLE.len() + 1] = {
    let mut reserved = [false; TABLE.len() + 1];
    let mut row = 0;
    while row < TABLE.len() {
        reserved[row + 1] = matches!(TABLE[row].2, Class::Reserved);
        row += 1;
    }
    reserved
};

/// The slot that a word, which is not empty, is looked for in. It comes from the length and from the letters at both ends,
/// in any case: clearing the bit that tells the cases apart leaves what else may stand in a keyword as it is.
const fn slot_of(word: &[u8]) -> usize {
    const UPPER: u8 = !0x20;
    let (length, last) = (word.len(), word.len() - 1);
    let second = if length > 1 { word[1] } else { 0 };
    let ends = u32::from_le_bytes([word[0] & UPPER, second & UPPER, word[last] & UPPER, 0]) as usize;
    ((ends ^ (length << 24)).wrapping_mul(0x9e37_79b1) >> 20) % SLOTS
}

impl Keyword {
    /// The keyword that `word` spells, in any case.
    pub(crate) fn of(word: &str) -> Self {
        if word.is_empty() {
            return Self::Plain;
        }
        let mut slot = slot_of(word.as_bytes());
        loop {
            let Some(row) = usize::from(ROWS[slot]).checked_sub(1) else { return Self::Plain };
            let (text, keyword, _) = &TABLE[row];
            if text.eq_ignore_ascii_case(word) {
                return *keyword;
            }
            slot = (slot + 1) % SLOTS;
        }
    }

    /// Every keyword as it is spelt.
    #[cfg(test)]
    pub(crate) fn spellings() -> impl Iterator<Item = &'static str> {
        TABLE.iter().map(|(text, ..)| *text)
    }

    /// Whether the word can never be an identifier unless it is delimited.
    pub(crate) const fn is_reserved(self) -> bool {
        RESERVED[self as usize]
    }

    /// Whether the word is a value by itself, so that what follows it is an operator or the end of the expression.
    pub(crate) const fn is_value(self) -> bool {
        matches!(
            self,
            Self::Auto
                | Self::CurrentCatalog
                | Self::CurrentDate
                | Self::CurrentPath
                | Self::CurrentRole
                | Self::CurrentSchema
                | Self::CurrentTime
                | Self::CurrentTimestamp
                | Self::CurrentUser
                | Self::False
                | Self::Localtime
                | Self::Localtimestamp
                | Self::Null
                | Self::True
        )
    }

    /// Whether the word is a field of an interval.
    pub(crate) const fn is_interval_field(self) -> bool {
        matches!(self, Self::Year | Self::Month | Self::Week | Self::Day | Self::Hour | Self::Minute | Self::Second)
    }

    /// Whether the word joins two queries: `UNION`, `EXCEPT`, `INTERSECT`.
    pub(crate) const fn is_set_operator(self) -> bool {
        matches!(self, Self::Union | Self::Except | Self::Intersect)
    }
}

keywords! {
    Add = "ADD" Soft,
    Admin = "ADMIN" Soft,
    After = "AFTER" Soft,
    All = "ALL" Soft,
    Alter = "ALTER" Reserved,
    Analyze = "ANALYZE" Soft,
    And = "AND" Reserved,
    Array = "ARRAY" Soft,
    As = "AS" Reserved,
    At = "AT" Soft,
    Authorization = "AUTHORIZATION" Soft,
    Auto = "AUTO" Reserved,
    Begin = "BEGIN" Soft,
    Bernoulli = "BERNOULLI" Soft,
    Between = "BETWEEN" Reserved,
    Both = "BOTH" Soft,
    Branch = "BRANCH" Soft,
    Branches = "BRANCHES" Soft,
    By = "BY" Reserved,
    Call = "CALL" Soft,
    Called = "CALLED" Soft,
    Cascade = "CASCADE" Soft,
    Case = "CASE" Reserved,
    Cast = "CAST" Reserved,
    Catalog = "CATALOG" Soft,
    Catalogs = "CATALOGS" Soft,
    Column = "COLUMN" Soft,
    Columns = "COLUMNS" Soft,
    Comment = "COMMENT" Soft,
    Commit = "COMMIT" Soft,
    Committed = "COMMITTED" Soft,
    Constraint = "CONSTRAINT" Reserved,
    Copartition = "COPARTITION" Soft,
    Corresponding = "CORRESPONDING" Soft,
    Create = "CREATE" Reserved,
    Cross = "CROSS" Reserved,
    Cube = "CUBE" Reserved,
    Current = "CURRENT" Soft,
    CurrentCatalog = "CURRENT_CATALOG" Reserved,
    CurrentDate = "CURRENT_DATE" Reserved,
    CurrentPath = "CURRENT_PATH" Reserved,
    CurrentRole = "CURRENT_ROLE" Reserved,
    CurrentSchema = "CURRENT_SCHEMA" Reserved,
    CurrentTime = "CURRENT_TIME" Reserved,
    CurrentTimestamp = "CURRENT_TIMESTAMP" Reserved,
    CurrentUser = "CURRENT_USER" Reserved,
    Data = "DATA" Soft,
    Date = "DATE" Soft,
    Day = "DAY" Soft,
    Deallocate = "DEALLOCATE" Reserved,
    Declare = "DECLARE" Soft,
    Default = "DEFAULT" Soft,
    Define = "DEFINE" Soft,
    Definer = "DEFINER" Soft,
    Delete = "DELETE" Reserved,
    Deny = "DENY" Soft,
    Desc = "DESC" Soft,
    Describe = "DESCRIBE" Reserved,
    Deterministic = "DETERMINISTIC" Soft,
    Distinct = "DISTINCT" Reserved,
    Do = "DO" Soft,
    Double = "DOUBLE" Soft,
    Drop = "DROP" Reserved,
    Else = "ELSE" Reserved,
    Elseif = "ELSEIF" Soft,
    Empty = "EMPTY" Soft,
    End = "END" Reserved,
    Error = "ERROR" Soft,
    Escape = "ESCAPE" Reserved,
    Except = "EXCEPT" Reserved,
    Excluding = "EXCLUDING" Soft,
    Execute = "EXECUTE" Soft,
    Exists = "EXISTS" Reserved,
    Explain = "EXPLAIN" Soft,
    Extract = "EXTRACT" Reserved,
    Fail = "FAIL" Soft,
    False = "FALSE" Reserved,
    Fast = "FAST" Soft,
    Fetch = "FETCH" Soft,
    First = "FIRST" Soft,
    For = "FOR" Reserved,
    Format = "FORMAT" Soft,
    Forward = "FORWARD" Soft,
    From = "FROM" Reserved,
    Full = "FULL" Reserved,
    Function = "FUNCTION" Soft,
    Functions = "FUNCTIONS" Soft,
    Grace = "GRACE" Soft,
    Grant = "GRANT" Soft,
    Granted = "GRANTED" Soft,
    Grants = "GRANTS" Soft,
    Group = "GROUP" Reserved,
    Grouping = "GROUPING" Reserved,
    Having = "HAVING" Reserved,
    Hour = "HOUR" Soft,
    If = "IF" Soft,
    Immediate = "IMMEDIATE" Soft,
    In = "IN" Reserved,
    Including = "INCLUDING" Soft,
    Inline = "INLINE" Soft,
    Inner = "INNER" Reserved,
    Input = "INPUT" Soft,
    Insert = "INSERT" Reserved,
    Intersect = "INTERSECT" Reserved,
    Interval = "INTERVAL" Soft,
    Into = "INTO" Reserved,
    Invoker = "INVOKER" Soft,
    Is = "IS" Reserved,
    Isolation = "ISOLATION" Soft,
    Iterate = "ITERATE" Soft,
    Join = "JOIN" Reserved,
    JsonArray = "JSON_ARRAY" Reserved,
    JsonExists = "JSON_EXISTS" Reserved,
    JsonObject = "JSON_OBJECT" Reserved,
    JsonQuery = "JSON_QUERY" Reserved,
    JsonTable = "JSON_TABLE" Reserved,
    JsonValue = "JSON_VALUE" Reserved,
    Keep = "KEEP" Soft,
    Key = "KEY" Soft,
    Language = "LANGUAGE" Soft,
    Last = "LAST" Soft,
    Lateral = "LATERAL" Soft,
    Leading = "LEADING" Soft,
    Leave = "LEAVE" Soft,
    Left = "LEFT" Reserved,
    Level = "LEVEL" Soft,
    Like = "LIKE" Reserved,
    Limit = "LIMIT" Soft,
    Listagg = "LISTAGG" Reserved,
    Local = "LOCAL" Soft,
    Localtime = "LOCALTIME" Reserved,
    Localtimestamp = "LOCALTIMESTAMP" Reserved,
    Loop = "LOOP" Soft,
    Map = "MAP" Soft,
    Match = "MATCH" Soft,
    Matched = "MATCHED" Soft,
    MatchRecognize = "MATCH_RECOGNIZE" Soft,
    Materialized = "MATERIALIZED" Soft,
    Measures = "MEASURES" Soft,
    Merge = "MERGE" Soft,
    Minute = "MINUTE" Soft,
    Month = "MONTH" Soft,
    Natural = "NATURAL" Reserved,
    Nearest = "NEAREST" Soft,
    Next = "NEXT" Soft,
    No = "NO" Soft,
    None = "NONE" Soft,
    Normalize = "NORMALIZE" Reserved,
    Not = "NOT" Reserved,
    Null = "NULL" Reserved,
    Of = "OF" Soft,
    Offset = "OFFSET" Soft,
    On = "ON" Reserved,
    Only = "ONLY" Soft,
    Option = "OPTION" Soft,
    Or = "OR" Reserved,
    Order = "ORDER" Reserved,
    Ordinality = "ORDINALITY" Soft,
    Outer = "OUTER" Reserved,
    Output = "OUTPUT" Soft,
    Over = "OVER" Soft,
    Overlay = "OVERLAY" Soft,
    Partition = "PARTITION" Soft,
    Passing = "PASSING" Soft,
    Path = "PATH" Soft,
    Pattern = "PATTERN" Soft,
    Period = "PERIOD" Soft,
    Precision = "PRECISION" Soft,
    Prepare = "PREPARE" Reserved,
    Privileges = "PRIVILEGES" Soft,
    Properties = "PROPERTIES" Soft,
    Prune = "PRUNE" Soft,
    Read = "READ" Soft,
    Recursive = "RECURSIVE" Reserved,
    Refresh = "REFRESH" Soft,
    Rename = "RENAME" Soft,
    Repeat = "REPEAT" Soft,
    Repeatable = "REPEATABLE" Soft,
    Replace = "REPLACE" Soft,
    Reset = "RESET" Soft,
    Restrict = "RESTRICT" Soft,
    Return = "RETURN" Soft,
    Returns = "RETURNS" Soft,
    Revoke = "REVOKE" Soft,
    Right = "RIGHT" Reserved,
    Role = "ROLE" Soft,
    Roles = "ROLES" Soft,
    Rollback = "ROLLBACK" Soft,
    Rollup = "ROLLUP" Reserved,
    Row = "ROW" Soft,
    Rows = "ROWS" Soft,
    Schema = "SCHEMA" Soft,
    Schemas = "SCHEMAS" Soft,
    Second = "SECOND" Soft,
    Security = "SECURITY" Soft,
    Select = "SELECT" Reserved,
    Serializable = "SERIALIZABLE" Soft,
    Session = "SESSION" Soft,
    Set = "SET" Soft,
    Show = "SHOW" Soft,
    Skip = "SKIP" Reserved,
    Stale = "STALE" Soft,
    Start = "START" Soft,
    Stats = "STATS" Soft,
    Subset = "SUBSET" Soft,
    Substring = "SUBSTRING" Soft,
    System = "SYSTEM" Soft,
    Table = "TABLE" Reserved,
    Tables = "TABLES" Soft,
    Tablesample = "TABLESAMPLE" Soft,
    Then = "THEN" Reserved,
    Ties = "TIES" Soft,
    Time = "TIME" Soft,
    Timestamp = "TIMESTAMP" Soft,
    To = "TO" Soft,
    Trailing = "TRAILING" Soft,
    Transaction = "TRANSACTION" Soft,
    Trim = "TRIM" Reserved,
    True = "TRUE" Reserved,
    Truncate = "TRUNCATE" Soft,
    TryCast = "TRY_CAST" Soft,
    Type = "TYPE" Soft,
    Uescape = "UESCAPE" Reserved,
    Uncommitted = "UNCOMMITTED" Soft,
    Union = "UNION" Reserved,
    Unnest = "UNNEST" Reserved,
    Until = "UNTIL" Soft,
    Update = "UPDATE" Soft,
    Use = "USE" Soft,
    User = "USER" Soft,
    Using = "USING" Reserved,
    Value = "VALUE" Soft,
    Values = "VALUES" Reserved,
    Verbose = "VERBOSE" Soft,
    Version = "VERSION" Soft,
    View = "VIEW" Soft,
    Week = "WEEK" Soft,
    When = "WHEN" Reserved,
    Where = "WHERE" Reserved,
    While = "WHILE" Soft,
    Window = "WINDOW" Soft,
    With = "WITH" Reserved,
    Within = "WITHIN" Soft,
    Without = "WITHOUT" Soft,
    Work = "WORK" Soft,
    Write = "WRITE" Soft,
    Year = "YEAR" Soft,
    Zone = "ZONE" Soft,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_in_the_order_of_the_enum() {
        assert!(TABLE.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for (row, (text, keyword, class)) in TABLE.iter().enumerate() {
            assert_eq!(*keyword as usize, row + 1, "{text}");
            assert_eq!(keyword.is_reserved(), *class == Class::Reserved, "{text}");
            assert_eq!(Keyword::of(&text.to_lowercase()), *keyword, "{text}");
        }
    }

    #[test]
    fn words_are_found_in_any_case() {
        let check = |word: &str, expect: Keyword| assert_eq!(Keyword::of(word), expect, "{word}");
        check("select", Keyword::Select);
        check("Match_Recognize", Keyword::MatchRecognize);
        check("selects", Keyword::Plain);
        check("", Keyword::Plain);
        check("_select", Keyword::Plain);
        check("{", Keyword::Plain);
        assert!(!Keyword::Limit.is_reserved() && !Keyword::Plain.is_reserved() && Keyword::Table.is_reserved());
    }
}
