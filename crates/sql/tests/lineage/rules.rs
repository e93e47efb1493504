//! One rule after the other, as tables of statements and their lineage.

use crate::shop::{blind_lineage, lineage};

#[track_caller]
fn check(sql: &str, expect: &str) {
    assert_eq!(lineage(sql), expect, "{sql}");
}

#[test]
fn columns_keep_the_name_that_was_typed() {
    check("SELECT K, \"X\", y AS Total FROM A", "K<-A.k X<-A.x Total<-A.y");
    check("SELECT 1, k + 1, (x), a.\"Y\" FROM a", "_col0<- _col1<-a.k/e x<-a.x Y<-a.y");
    check("SELECT t.* AS (p, \"q\", r) FROM a t", "P<-a.k q<-a.x R<-a.y");
    check("SELECT *, k FROM a t (p, q, r) CROSS JOIN b", "p<-a.k q<-a.x r<-a.y k<-b.k x<-b.x z<-b.z k<-b.k");
    check("SELECT t.total FROM pg.shop.public.orders t", "total<-pg.shop.public.orders.total");
    check(
        "SELECT pg.shop.public.orders.total, orders.id FROM pg.shop.public.orders",
        "total<-pg.shop.public.orders.total id<-pg.shop.public.orders.id",
    );
    check("SELECT memory.default.a.k FROM a", "k<-a.k");
}

#[test]
fn parentheses_around_a_qualifier_say_nothing() {
    check("SELECT (t).k, ((t)).x FROM a t", "k<-a.k x<-a.x");
    check("SELECT (memory.default.a).k, (a).y + 1 FROM a", "k<-a.k _col1<-a.y/e");
    check("SELECT (t).* FROM a t", "k<-a.k x<-a.x y<-a.y");
    assert_eq!(blind_lineage("SELECT (t).k, (x).y FROM a t, b"), "k!<-a.k y!<-");
}

#[test]
fn everything_inside_of_an_expression_counts() {
    check("SELECT CASE WHEN k > 1 THEN x ELSE 'n' END, if(y > 1, 1) FROM a", "_col0<-a.k/e,a.x/e _col1<-a.y/e");
    check(
        "SELECT CAST(x AS varchar(3)), trim(BOTH y FROM x), extract(YEAR FROM k) FROM a",
        "_col0<-a.x/e _col1<-a.x/e,a.y/e _col2<-a.k/e",
    );
    check(
        "SELECT x LIKE 'n%', k BETWEEN y AND 3, x IS NULL, k IN (1, y) FROM a",
        "_col0<-a.x/e _col1<-a.k/e,a.y/e _col2<-a.x/e _col3<-a.k/e,a.y/e",
    );
    check(
        "SELECT DATE '2020-01-01', INTERVAL '1' DAY, current_date, now(), current_timestamp(3) FROM a",
        "_col0<- _col1<- _col2<- _col3<- _col4<-",
    );
    check(
        "SELECT json_value(x, 'lax $' PASSING k AS q DEFAULT y ON EMPTY), normalize(x, NFC) FROM a",
        "_col0<-a.k/e,a.x/e,a.y/e _col1<-a.x/e",
    );
    check("SELECT k FROM a WHERE y > 1 GROUP BY k, x HAVING max(x) > 'n' ORDER BY min(y) LIMIT 3", "k<-a.k");
}

#[test]
fn aggregates_and_windows_count_with_all_that_they_look_at() {
    check("SELECT count(*), count(x), sum(y) FILTER (WHERE k > 1) FROM a", "_col0<- _col1<-a.x/a _col2<-a.k/a,a.y/a");
    check(
        "SELECT array_agg(x ORDER BY y), listagg(x, ',') WITHIN GROUP (ORDER BY k) FROM a",
        "_col0<-a.x/a,a.y/a _col1<-a.k/a,a.x/a",
    );
    check("SELECT my_sum(DISTINCT x), grouping(k) FROM a GROUP BY k", "_col0<-a.x/a _col1<-a.k/e");
    check(
        "SELECT row_number() OVER (), rank() OVER (PARTITION BY k ORDER BY y), sum(y) OVER (ORDER BY k) FROM a",
        "_col0<- _col1<-a.k/e,a.y/e _col2<-a.k/a,a.y/a",
    );
    check(
        "SELECT lag(x) IGNORE NULLS OVER w, max(y) OVER (w ORDER BY x) FROM a WINDOW v AS (PARTITION BY k), w AS (v)",
        "_col0<-a.k/e,a.x/e _col1<-a.k/a,a.x/a,a.y/a",
    );
    check("SELECT y + sum(y) OVER (), sum(y) OVER () + y FROM a", "_col0<-a.y/a _col1<-a.y/a");
    check("SELECT m + 1 FROM (SELECT max(y) AS m FROM a)", "_col0<-a.y/a");
    check("SELECT a.y + m FROM a, (SELECT max(y) AS m FROM a)", "_col0<-a.y/a");
}

#[test]
fn sub_queries_count_with_what_they_give() {
    check("SELECT (SELECT max(z) FROM b WHERE b.k = a.k) FROM a", "_col0<-b.z/a");
    check(
        "SELECT k IN (SELECT k FROM b WHERE z > 1), k > ALL (SELECT z FROM b) FROM a",
        "_col0<-b.k/e,a.k/e _col1<-b.z/e,a.k/e",
    );
    check("SELECT (SELECT b.x || a.x FROM b LIMIT 1) AS n FROM a", "n<-b.x/e,a.x/e");
    check(
        "SELECT EXISTS (SELECT x FROM b), EXISTS (SELECT 1 FROM b WHERE b.k = a.k) FROM a",
        "_col0<- _col1<-b.k/e,a.k/e",
    );
    check("SELECT x FROM (SELECT x, k FROM (SELECT y AS x, k FROM a) p) q", "x<-a.y");
    check("SELECT k FROM a WHERE k IN (SELECT k FROM b)", "k<-a.k");
}

#[test]
fn sub_queries_may_have_parentheses_and_set_operations() {
    check(
        "SELECT ((SELECT max(z) FROM b) LIMIT 1), ((TABLE c) ORDER BY 1 OFFSET 2) FROM a",
        "_col0<-b.z/a _col1<-c.k/e,c.w/e,c.y/e",
    );
    check("SELECT k + ((SELECT z FROM b WHERE b.k = a.k) UNION (SELECT y FROM c)) AS n FROM a", "n<-b.z/e,c.y/e,a.k/e");
    check("SELECT k IN ((SELECT k FROM b) EXCEPT SELECT k FROM c) AS n FROM a", "n<-b.k/e,c.k/e,a.k/e");
    check("SELECT (VALUES k) AS n, (VALUES 1) AS m, k IN (VALUES 1) AS o FROM a", "n!<- m<- o<-a.k/e");
}

#[test]
fn with_items_are_seen_through_and_shadow() {
    check("WITH t (p, q) AS (SELECT k, upper(x) FROM a) SELECT t.*, r.p AS r FROM t, t AS r", "p<-a.k q<-a.x/e r<-a.k");
    check("WITH a AS (SELECT z AS k FROM b) SELECT k FROM a", "k<-b.z");
    check(
        "WITH t AS (SELECT k FROM a) SELECT (WITH t AS (SELECT z AS k FROM b) SELECT max(k) FROM t), k FROM t",
        "_col0<-b.z/a k<-a.k",
    );
    check("WITH t AS (SELECT a.k FROM a), a AS (SELECT z AS k FROM b) SELECT t.k, a.k FROM t, a", "k<-a.k k<-b.z");
    check(
        "WITH RECURSIVE t (n, m) AS (SELECT k, x FROM a UNION ALL SELECT n + 1, b.x FROM t JOIN b ON b.k = n) SELECT n, m FROM t",
        "n<-a.k/e m<-a.x,b.x",
    );
    check(
        "WITH RECURSIVE t (p, q, r) AS (SELECT k, x, y FROM a UNION ALL SELECT q, r, p FROM t) SELECT p FROM t",
        "p<-a.k,a.x,a.y",
    );
    check("WITH RECURSIVE t AS (SELECT k FROM a) SELECT k FROM t", "k<-a.k");
}

#[test]
fn set_operations_have_the_columns_of_all_branches() {
    check("SELECT k, x FROM a UNION SELECT k, w FROM c", "k<-a.k,c.k x<-a.x,c.w");
    check("SELECT t.k FROM (SELECT k FROM a INTERSECT SELECT z FROM b EXCEPT SELECT y FROM c) t", "k<-a.k,b.z,c.y");
    check("(SELECT 1 AS n UNION ALL SELECT k FROM a) UNION ALL VALUES 2", "n<-a.k");
    check("SELECT k, x FROM a UNION CORRESPONDING SELECT x, k FROM b", "k<-a.k,b.k x<-a.x,b.x");
    check("SELECT k, x FROM a UNION ALL CORRESPONDING BY (x) (SELECT x, k FROM b)", "x<-a.x,b.x");
    check("TABLE a UNION TABLE c", "k<-a.k,c.k x<-a.x,c.w y<-a.y,c.y");
}

#[test]
fn joins() {
    check("SELECT * FROM a JOIN b USING (k)", "k<-a.k,b.k x<-a.x y<-a.y x<-b.x z<-b.z");
    check("SELECT k + 1, b.* FROM a LEFT JOIN b USING (k) JOIN c USING (k)", "_col0<-a.k/e,b.k/e,c.k/e x<-b.x z<-b.z");
    check("SELECT * FROM a NATURAL JOIN b", "k<-a.k,b.k x<-a.x,b.x y<-a.y z<-b.z");
    check("SELECT j.p, j.r FROM (a JOIN b USING (k, x)) AS j (p, q, r, s)", "p<-a.k,b.k r<-a.y");
    check("SELECT b.x FROM a JOIN (b JOIN c ON b.k = c.k) ON a.k = c.k", "x<-b.x");
    check("SELECT q.* FROM a JOIN b JOIN c q USING (k) ON a.x = b.x", "w<-c.w y<-c.y");
    check(
        "SELECT * FROM a JOIN b JOIN c USING (k) USING (k)",
        "k<-a.k,b.k,c.k x<-a.x y<-a.y x<-b.x z<-b.z w<-c.w y<-c.y",
    );
    check("SELECT q.*, z FROM ((a p) JOIN b USING (k)) q", "k<-a.k,b.k x<-a.x y<-a.y x<-b.x z<-b.z z<-b.z");
    check("SELECT r.n, x FROM (((SELECT k FROM a) p (m)) q) r (n), (c) b, ((b) first)", "n<-a.k x<-b.x");
    check("SELECT k, n FROM a, LATERAL (SELECT a.x || b.x AS n FROM b WHERE b.k = a.k) l, c", "k!<- n<-a.x/e,b.x/e");
    check("SELECT l.n FROM a CROSS JOIN LATERAL (SELECT max(z) + a.y AS n FROM b) AS l", "n<-a.y/e,b.z/a");
}

#[test]
fn values_and_table_functions_have_no_sources() {
    check("SELECT * FROM (VALUES (1, 'n'), (2, upper('m'))) AS t (p, q)", "p<- q<-");
    check("SELECT p, q, k FROM a CROSS JOIN LATERAL (VALUES (a.x, 1)) AS t (p, q)", "p!<- q<- k<-a.k");
    check("VALUES ROW(1, 2)", "_col0<- _col1<-");
    check("SELECT *, t.n FROM TABLE(sequence(1, 3)) AS t (n), TABLE(sequence(1, 3)) AS u (\"m\")", "N<- m<- n<-");
    check("SELECT * FROM TABLE(sequence(1, 3)), a", "sequential_number<- k<-a.k x<-a.x y<-a.y");
    check("SELECT * FROM TABLE(exclude_columns(input => TABLE(a), columns => DESCRIPTOR(x)))", "k!<- y!<-");
    check("SELECT t.n, k FROM TABLE(pg.system.query('SELECT 1')) t, a", "n!<- k<-a.k");
    check(
        "SELECT j.* FROM e, JSON_TABLE(x, 'lax $' COLUMNS (o FOR ORDINALITY, NESTED PATH 'lax $' COLUMNS (\"v\" int))) j",
        "O<- v!<-",
    );
}

#[test]
fn rows_and_arrays_are_their_whole_column() {
    check(
        "SELECT person.address.city, e.person.first, (person).first, items[1].sku, attrs['n'] FROM e",
        "city<-e.person/e first<-e.person/e first<-e.person/e sku<-e.items/e _col4<-e.attrs/e",
    );
    check(
        "SELECT (SELECT person.address, id FROM e).*, (SELECT person, id FROM e).person.first FROM a",
        "address<-e.id/e,e.person/e id<-e.id/e,e.person/e first<-e.id/e,e.person/e",
    );
    check(
        "SELECT person.*, e.person.address.* FROM e",
        "first<-e.person/e address<-e.person/e city<-e.person/e zip<-e.person/e",
    );
    check(
        "SELECT (r).*, CAST(ROW(id, 1) AS row(p bigint, q bigint)).q FROM (SELECT ROW(id, tags) AS r, id FROM e)",
        "_col0<-e.id/e,e.tags/e _col1<-e.id/e,e.tags/e q<-e.id/e",
    );
    check(
        "SELECT t, k, v, o FROM e CROSS JOIN UNNEST(tags, attrs) WITH ORDINALITY AS u (t, k, v, o)",
        "t<-e.tags/e k<-e.attrs/e v<-e.attrs/e o<-",
    );
    check("SELECT sku, i.qty FROM e, UNNEST(items) AS i", "sku<-e.items/e qty<-e.items/e");
    check("SELECT n FROM (SELECT array_agg(x) AS l FROM a) CROSS JOIN UNNEST(l) AS t (n)", "n<-a.x/a");
    check("SELECT n, m FROM UNNEST(ARRAY[1], ARRAY['n']) AS t (n, m)", "n<- m<-");
    check(
        "SELECT transform(tags, t -> t || id), filter(items, id -> id.qty > 1) FROM e",
        "_col0<-e.id/e,e.tags/e _col1<-e.items/e",
    );
}

#[test]
fn row_patterns() {
    check(
        "SELECT * FROM a MATCH_RECOGNIZE (PARTITION BY k ORDER BY y MEASURES last(p.x) AS l, FINAL count(p.y) AS n PATTERN (p+) DEFINE p AS p.y > 1) AS m",
        "k<-a.k l<-a.x/e n<-a.y/a",
    );
    check(
        "SELECT * FROM a MATCH_RECOGNIZE (ORDER BY y DESC MEASURES match_number() AS n ALL ROWS PER MATCH PATTERN (p+) DEFINE p AS true)",
        "y<-a.y n<- k<-a.k x<-a.x",
    );
    check(
        "SELECT m.q, b.z FROM b JOIN (SELECT x FROM a) t MATCH_RECOGNIZE (MEASURES p.x AS n PATTERN (p) DEFINE p AS true) AS m (q) ON m.q = b.x",
        "q<-a.x z<-b.z",
    );
    check(
        "SELECT x, n OVER w FROM a WINDOW w AS (ORDER BY k MEASURES p.y AS n ROWS BETWEEN CURRENT ROW AND 5 FOLLOWING PATTERN (p) DEFINE p AS true)",
        "x<-a.x _col1<-a.k/e,a.y/e",
    );
    check(
        "SELECT max(x) OVER (PARTITION BY k MEASURES FINAL last(p.y) AS n, 1 AS m ROWS BETWEEN CURRENT ROW AND 5 FOLLOWING PATTERN (p q) DEFINE p AS true) FROM a",
        "_col0<-a.k/a,a.x/a,a.y/a",
    );
    check(
        "SELECT count(*) OVER (ROWS BETWEEN CURRENT ROW AND 5 FOLLOWING PATTERN (p q) SUBSET u = (p, q) DEFINE p AS a.y > 1, q AS prev(u.x) = 'n'), \
         row_pattern OVER (ORDER BY k MEASURES 1 AS row_pattern ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING PATTERN (p) DEFINE p AS row_pattern(y)) FROM a",
        "_col0<-a.x/a,a.y/a _col1<-a.k/e,a.y/e",
    );
}

#[test]
fn what_is_written_has_the_names_of_the_target() {
    check("INSERT INTO a SELECT k, w, y FROM c", "k<-c.k x<-c.w y<-c.y");
    check("INSERT INTO a (Y, k) SELECT z, k FROM b", "y<-b.z k<-b.k");
    check("INSERT INTO nowhere SELECT k FROM a", "?<-a.k");
    check("INSERT INTO nowhere (n) SELECT k FROM a", "n<-a.k");
    check("CREATE TABLE IF NOT EXISTS t (P, \"q\") COMMENT 'n' AS SELECT k, x FROM a WITH NO DATA", "P<-a.k q<-a.x");
    check("CREATE OR REPLACE VIEW v SECURITY INVOKER AS SELECT x AS n FROM a", "n<-a.x");
    check("CREATE MATERIALIZED VIEW v AS TABLE a", "k<-a.k x<-a.x y<-a.y");
    check("UPDATE a SET y = y + 1, x = (SELECT max(w) FROM c) WHERE k = 1", "x<-c.w/a y<-a.y/e");
    check("DELETE FROM a WHERE k IN (SELECT k FROM b)", "");
    check(
        "MERGE INTO a USING b ON a.k = b.k WHEN MATCHED THEN UPDATE SET y = b.z WHEN NOT MATCHED THEN INSERT (k, y) VALUES (b.k, 1)",
        "y<-b.z k<-b.k",
    );
    check(
        "MERGE INTO a t USING b s ON t.k = s.k WHEN NOT MATCHED THEN INSERT VALUES (s.k, upper(s.x), s.z)",
        "k<-b.k x<-b.x/e y<-b.z",
    );
    check("EXPLAIN ANALYZE INSERT INTO a (k) SELECT z FROM b", "k<-b.z");
}

#[test]
fn what_is_not_known_is_absent_and_marked() {
    // The only relation of which the columns are not known must be the one.
    check("SELECT n FROM nowhere", "n!<-nowhere.n");
    check("SELECT n, k, a.x FROM nowhere, a", "n!<- k<-a.k x<-a.x");
    check("SELECT n FROM nowhere, elsewhere", "n!<-");
    check("SELECT p.n, n.n FROM nowhere p, elsewhere n", "n!<-nowhere.n n!<-elsewhere.n");
    // It may be the field of a column that has the name of its table.
    check("SELECT nowhere.n, s.nowhere.m FROM s.nowhere", "n!<- m!<-s.nowhere.m");
    check("SELECT (SELECT n FROM nowhere) FROM a", "_col0!<-nowhere.n");
    check("SELECT (SELECT x FROM nowhere) FROM a", "_col0!<-");
    check("SELECT (SELECT n FROM a) FROM nowhere", "_col0!<-");
    check("SELECT k, t.*, y FROM nowhere t, a", "k<-a.k y~<-a.y and more");
    check("CREATE TABLE t (p, q, r) AS SELECT k, n.*, y FROM a, nowhere n", "p<-a.k q!<- r<-a.y");
    check("CREATE TABLE t (p, q) AS SELECT m.*, n.* FROM nowhere m, nowhere n", "p!<- q!<-");
    check("SELECT k, m FROM nowhere JOIN a USING (k)", "k!<-nowhere.k,a.k m!<-");
    check("SELECT k FROM nowhere NATURAL JOIN a", "k!<-");
    check("SELECT k, n FROM a UNION SELECT * FROM nowhere", "k!<-a.k n!<-");
    check("SELECT nothing FROM a", "nothing!<-");
    check("SELECT x, n FROM a JOIN b ON a.k = b.k", "x!<- n!<-");
    check("SELECT t, n FROM e CROSS JOIN UNNEST(f(tags)) AS t (t, n)", "t<-e.tags/e n<-e.tags/e");
    check("SELECT t, n FROM e, UNNEST(f(tags), f(attrs)) AS t (t, n)", "t<-e.tags/e n<-e.attrs/e");
    check("SELECT t, n, m FROM UNNEST(f(1), f(2)) AS t (t, n, m)", "t!<- n!<- m!<-");
    assert_eq!(blind_lineage("SELECT k, p.first FROM e"), "k!<-e.k first!<-e.p/e");
    assert_eq!(blind_lineage("SELECT count(*), 1 FROM e"), "_col0<- _col1<-");
    assert_eq!(blind_lineage("SELECT * FROM e"), "and more");
    assert_eq!(blind_lineage("SELECT n FROM (SELECT k AS n FROM e)"), "n!<-e.k");
}

#[test]
fn statements_without_a_tree_have_tables() {
    check("EXPLAIN SELECT k FROM a", "tables");
    check("PREPARE p FROM SELECT k FROM a", "tables");
    check("SHOW TABLES", "tables");
    check("SELECT () -> k FROM a", "tables");
    check(&format!("SELECT {}k{} FROM a", "(".repeat(100), ")".repeat(100)), "tables");
}
