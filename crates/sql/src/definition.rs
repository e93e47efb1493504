//! What a statement makes a table or view of.

use crate::statement::Statement;

impl<'a> Statement<'a> {
    /// The query behind AS of a CREATE TABLE AS, CREATE VIEW or CREATE MATERIALIZED VIEW, as it is written. Other
    /// statements have none.
    ///
    /// ```
    /// let view = warren_sql::analyse("CREATE VIEW v COMMENT 'as x' AS SELECT 1 AS one;").unwrap();
    /// assert_eq!(view.defining_query(), Some("SELECT 1 AS one"));
    /// assert_eq!(warren_sql::analyse("SELECT 1 AS one").unwrap().defining_query(), None);
    /// ```
    #[must_use]
    pub fn defining_query(&self) -> Option<&'a str> {
        let body = self.outline.tokens.get(self.outline.landmarks.body.clone()?)?;
        let (first, last) = (body.first()?, body.last()?);
        self.text().get(first.span().start..last.span().end)
    }
}

#[cfg(test)]
mod tests {
    use crate::analyse;

    #[test]
    fn only_the_query_of_what_is_made() {
        let check =
            |sql: &str, expect: Option<&str>| assert_eq!(analyse(sql).unwrap().defining_query(), expect, "{sql}");
        check(
            "CREATE OR REPLACE VIEW c.s.v SECURITY INVOKER AS\n WITH a AS (TABLE t) SELECT 1",
            Some("WITH a AS (TABLE t) SELECT 1"),
        );
        check("CREATE MATERIALIZED VIEW v WITH (format = 'as') AS SELECT 1 LIMIT 2", Some("SELECT 1 LIMIT 2"));
        check("CREATE TABLE t (a) AS SELECT 1 WITH NO DATA", Some("SELECT 1"));
        check("INSERT INTO t SELECT 1", None);
        check("EXPLAIN SELECT 1", None);
    }
}
