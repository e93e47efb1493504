//! Statements and their answers, as Trino 476 gives them. `cast(… as varchar)` and `typeof` make most of them one line of text.

use crate::support::Fixture;

/// Expressions and the JSON of the row that they make.
const VALUES: &[(&str, &str)] = &[
    // Literals and their types.
    ("1, 'abc', 1.5, 0.06, 1e0, true, null", r#"[1,"abc","1.5","0.06",1.0,true,null]"#),
    (
        "typeof(1), typeof(2147483648), typeof(1.5), typeof(0.06), typeof(1e0)",
        r#"["integer","bigint","decimal(2,1)","decimal(2,2)","double"]"#,
    ),
    (
        "date '2020-01-31', time '01:02:03.5', timestamp '2020-01-01 00:00:00.12'",
        r#"["2020-01-31","01:02:03.5","2020-01-01 00:00:00.12"]"#,
    ),
    ("timestamp '2020-01-01 00:00:00 Europe/Berlin'", r#"["2020-01-01 00:00:00 Europe/Berlin"]"#),
    ("timestamp '2020-01-01 00:00:00.000 +02:00'", r#"["2020-01-01 00:00:00.000 +02:00"]"#),
    (
        "decimal '1.230', x'4142', array[1, null], map(array['a'], array[1]), row(1, 'a')",
        r#"["1.230","QUI=",[1,null],{"a":1},[1,"a"]]"#,
    ),
    // Arithmetic.
    ("7 / 2, -7 / 2, 7 % 2, 7.0 / 2, 1 / 3.0, 5 / 2.0", r#"[3,-3,1,"3.5","0.3","2.5"]"#),
    ("0.1 + 0.2, 1.5 * 1.5, 10 - 0.5, 1e0 / 3", r#"["0.3","2.25","9.5",0.3333333333333333]"#),
    (
        "typeof(1 + 1), typeof(1 + 2147483648), typeof(1.5 * 1.5), typeof(1 / 3.0)",
        r#"["integer","bigint","decimal(4,2)","decimal(12,1)"]"#,
    ),
    ("2147483647 + 2147483648, -5, +5, - 2.5", r#"[4294967295,-5,5,"-2.5"]"#),
    // Casts.
    ("cast(1.5e0 as bigint), cast(-1.5e0 as bigint), cast(2.5 as integer), cast('12' as bigint)", "[2,-2,3,12]"),
    (
        "cast(1e0 as varchar), cast(123456789e0 as varchar), cast(1.10 as varchar), cast(true as varchar)",
        r#"["1.0E0","1.23456789E8","1.10","true"]"#,
    ),
    (
        "cast('hello' as varchar(2)), cast('ab' as char(4)), cast(12 as varchar(2)), cast('1.25' as decimal(3,1))",
        r#"["he","ab  ","12","1.3"]"#,
    ),
    (
        "cast(timestamp '2020-01-01 00:00:00.6' as timestamp(0)), cast(timestamp '2020-01-01 23:00:00' as date)",
        r#"["2020-01-01 00:00:01","2020-01-01"]"#,
    ),
    (
        "cast('2020-01-01 10:11' as timestamp(3)), cast(date '2020-01-01' as varchar)",
        r#"["2020-01-01 10:11:00.000","2020-01-01"]"#,
    ),
    ("cast(array[1, 2] as array(varchar)), cast(row(1, '2') as row(b bigint, a double))", r#"[["1","2"],[1,2.0]]"#),
    (
        "try_cast('x' as bigint), try_cast('7' as bigint), try_cast(300 as tinyint), cast(null as double)",
        "[null,7,null,null]",
    ),
    (
        "cast(1 as boolean), cast('T' as boolean), cast(false as integer), cast(1 as real), cast(1 as double)",
        "[true,true,0,1.0,1.0]",
    ),
    // Text.
    ("'a' || 'b', concat('a', 'b', 'c'), 'a' || null, 'it''s'", r#"["ab","abc",null,"it's"]"#),
    (
        "length('grün'), upper('a'), lower('A'), reverse('abc'), replace('aXbX', 'X'), trim('  a '), ltrim(' a')",
        r#"[4,"A","a","cba","ab","a","a"]"#,
    ),
    (
        "substr('hello', 2, 3), substring('hello' from 2 for 3), substr('hello', -3), substr('hello', 0)",
        r#"["ell","ell","llo",""]"#,
    ),
    (
        "strpos('hello', 'l'), position('l' in 'hello'), starts_with('ab', 'a'), lpad('7', 3, '0'), chr(65), codepoint('A')",
        r#"[3,3,true,"007","A",65]"#,
    ),
    (
        "'a_b' like 'a\\_b', 'a_b' like 'a#_b' escape '#', 'axb' like 'a#_b' escape '#', 'a' like 'A', 'abc' like 'a%'",
        "[false,true,false,false,true]",
    ),
    (
        "regexp_like('abc', 'b+'), regexp_replace('aXbX', 'X', 'y'), regexp_replace('ab', '(a)(b)', '$2$1'), regexp_extract('abc123', '[a-z]+'), regexp_extract('abc123', '([a-z]+)(\\d+)', 2)",
        r#"[true,"ayby","ba","abc","123"]"#,
    ),
    (
        "to_hex(md5(to_utf8('a'))), concat_ws(',', 'a', null, 'b'), levenshtein_distance('a', 'b')",
        r#"["0CC175B9C0F1B6A831C399E269772661","a,b",1]"#,
    ),
    // Dates.
    (
        "date '2020-01-31' + interval '1' month, date '2020-03-01' - interval '1' day, interval '1' day + date '2020-01-01'",
        r#"["2020-02-29","2020-02-29","2020-01-02"]"#,
    ),
    (
        "date '2020-01-01' - date '2019-01-01', timestamp '2020-01-02 00:00:00' - timestamp '2020-01-01 00:00:00'",
        r#"["365 00:00:00.000","1 00:00:00.000"]"#,
    ),
    (
        "year(date '2020-05-17'), extract(month from date '2020-05-17'), day_of_week(date '2020-05-17'), quarter(date '2020-05-17'), week(date '2020-05-17')",
        "[2020,5,7,2,20]",
    ),
    (
        "date_trunc('month', date '2020-05-17'), date_trunc('hour', timestamp '2020-05-17 10:11:12')",
        r#"["2020-05-01","2020-05-17 10:00:00"]"#,
    ),
    (
        "date_add('month', 1, date '2020-01-31'), date_diff('day', date '2020-01-01', date '2020-02-01'), date_diff('month', date '2020-01-31', date '2020-02-29')",
        r#"["2020-02-29",31,1]"#,
    ),
    (
        "date_format(timestamp '2020-01-02 03:04:05', '%Y-%m-%d %H:%i:%s'), typeof(now()), typeof(current_date)",
        r#"["2020-01-02 03:04:05","timestamp(3) with time zone","date"]"#,
    ),
    // Nulls, conditions, collections.
    (
        "greatest(1, null), least(2, 1), coalesce(null, 1), nullif(1, 1), if(1 = 1, 'a', 'b'), if(1 = 2, 'a')",
        r#"[null,1,1,null,"a",null]"#,
    ),
    (
        "1 is distinct from null, 1 in (1, null), 2 in (1, null), null = null, not true, 1 between 0 and 2",
        "[true,true,null,null,false,true]",
    ),
    ("case when 1 = 1 then 'a' else 'b' end, case 2 when 1 then 'x' end", r#"["a",null]"#),
    (
        "array[1, 2][2], map(array['a', 'b'], array[1, 2])['b'], element_at(array[1, 2], 3), element_at(array[1, 2], -1), element_at(map(array['a'], array[1]), 'z')",
        "[2,2,null,2,null]",
    ),
    (
        "cardinality(array[1, 2]), contains(array[1, 2], 2), array_join(array['a', 'b'], '-'), array_distinct(array[1, 1]), array_position(array[1, 2], 5), sequence(1, 3), sequence(2, 1)",
        r#"[2,true,"a-b",[1],0,[1,2,3],[2,1]]"#,
    ),
    ("cast(row(1, 'a') as row(x integer, y varchar)).x", "[1]"),
    // Numbers.
    (
        "abs(-1), round(1.55, 1), round(2.5e0), power(2, 3), sqrt(4), mod(7, 3), bitwise_and(3, 1), is_nan(nan())",
        r#"[1,"1.60",3.0,8.0,2.0,1,1,true]"#,
    ),
    (
        "infinity(), -infinity(), nan(), e(), pi()",
        r#"["Infinity","-Infinity","NaN",2.718281828459045,3.141592653589793]"#,
    ),
    // The session.
    ("current_user, current_catalog, current_schema, current_timezone()", r#"["test","tpch","tiny","UTC"]"#),
];

#[tokio::test]
async fn expressions_have_trinos_values() {
    let fixture = Fixture::start().await;
    let mut wrong = Vec::new();
    for (expressions, expect) in VALUES {
        let answer = fixture.run(&format!("select {expressions}")).await;
        let row = answer.rows().first().map(ToString::to_string);
        if row.as_deref() != Some(*expect) {
            wrong.push(format!("{expressions}\n  is  {row:?} {:?}\n  not {expect}", answer.error()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    fixture.engine.stop().await;
}

/// Queries and the JSON of all their rows.
const QUERIES: &[(&str, &str)] = &[
    ("select name from nation order by name offset 2 limit 2", r#"[["BRAZIL"],["CANADA"]]"#),
    ("select name from nation order by name offset 2 rows fetch first 1 row only", r#"[["BRAZIL"]]"#),
    ("select name from nation order by nationkey fetch next row only", r#"[["ALGERIA"]]"#),
    (
        "select name from region order by name limit all",
        r#"[["AFRICA"],["AMERICA"],["ASIA"],["EUROPE"],["MIDDLE EAST"]]"#,
    ),
    ("select x from (values 1, null, 2) as t(x) order by x", "[[1],[2],[null]]"),
    ("select x from (values 1, null, 2) as t(x) order by x desc", "[[2],[1],[null]]"),
    ("select x from (values 1, null, 2) as t(x) order by x nulls first", "[[null],[1],[2]]"),
    ("select \"NAME\" from \"TPCH\".\"Tiny\".\"NATION\" where NationKey = 3", r#"[["CANADA"]]"#),
    (
        "select r.name, count(*) from nation n join region r using (regionkey) group by r.name order by 2 desc, 1 limit 1",
        r#"[["AFRICA",5]]"#,
    ),
    (
        "select regionkey + 1 as k, count(*) from nation group by 1 having count(*) > 1 order by k limit 2",
        "[[1,5],[2,5]]",
    ),
    (
        "select count(*) filter (where regionkey = 1), count_if(regionkey = 1), sum(regionkey), avg(regionkey) from nation",
        "[[5,5,50,2.0]]",
    ),
    (
        "select max_by(name, nationkey), min_by(name, nationkey), any_value(regionkey) from nation where regionkey = 1",
        r#"[["UNITED STATES","ARGENTINA",1]]"#,
    ),
    (
        "select listagg(name, ', ') within group (order by name) from region",
        r#"[["AFRICA, AMERICA, ASIA, EUROPE, MIDDLE EAST"]]"#,
    ),
    ("select array_agg(name order by name desc) from region where regionkey < 2", r#"[[["AMERICA","AFRICA"]]]"#),
    (
        "select typeof(sum(1)), typeof(sum(1.50)), typeof(avg(1.50)), avg(x), sum(x) from (values 1.50, 1.51) as t(x)",
        r#"[["bigint","decimal(38,2)","decimal(3,2)","1.51","3.01"]]"#,
    ),
    (
        "select regionkey, count(*) from nation group by grouping sets ((regionkey), ()) order by 1 nulls first limit 2",
        "[[null,25],[0,5]]",
    ),
    (
        "select name, row_number() over (order by name) - 1, lag(name) over (order by name), ntile(2) over (order by name) from region order by name limit 2",
        r#"[["AFRICA",0,null,1],["AMERICA",1,"AFRICA",1]]"#,
    ),
    (
        "select sum(nationkey) over w from nation window w as (order by nationkey rows between 1 preceding and current row) order by 1 limit 3",
        "[[0],[1],[3]]",
    ),
    ("select name from nation where nationkey = (select max(regionkey) from region)", r#"[["EGYPT"]]"#),
    (
        "select name from nation n where exists (select 1 from region r where r.regionkey = n.nationkey) and nationkey > 3",
        r#"[["EGYPT"]]"#,
    ),
    (
        "select name from region where regionkey in (select nationkey from nation where name like 'A%') order by 1",
        r#"[["AFRICA"],["AMERICA"]]"#,
    ),
    (
        "with recursive t(n) as (select 1 union all select n + 1 from t where n < 3) select * from t order by 1",
        "[[1],[2],[3]]",
    ),
    ("select 1 union select 1 union all select 2 order by 1", "[[1],[2]]"),
    (
        "select name from nation intersect select name from nation except select name from nation where nationkey > 0",
        r#"[["ALGERIA"]]"#,
    ),
    ("select * from unnest(array[1, 2], array['a']) as t(x, y) order by x", r#"[[1,"a"],[2,null]]"#),
    (
        "select r.name, n.name from region r left join nation n on n.regionkey = r.regionkey and n.name = 'PERU' order by 1 limit 2",
        r#"[["AFRICA",null],["AMERICA","PERU"]]"#,
    ),
    ("select a from (values 1) as t(a) where a = 1 and 1 = a and a = 1", "[[1]]"),
    ("select count(*) from nation where nationkey > null and nationkey > 5", "[[0]]"),
    ("select count(*) from nation where nationkey > 5 and 7 > nationkey and 3 < nationkey", "[[1]]"),
    ("select count(*) from nation where nationkey not in (select x from (values 1, null) as t(x))", "[[0]]"),
    ("select count(*), sum(x), array_agg(x), count_if(x > 1) from (values 1) as t(x) where x > 1", "[[0,null,null,0]]"),
    ("values (1, 'a'), (2, 'b')", r#"[[1,"a"],[2,"b"]]"#),
    ("select * from (values (1, 'a'))", r#"[[1,"a"]]"#),
    (
        "select table_name from information_schema.tables where table_schema = 'tiny' order by 1 limit 2",
        r#"[["customer"],["lineitem"]]"#,
    ),
    (
        "select column_name, data_type, is_nullable from tpch.information_schema.columns where table_schema = 'tiny' and table_name = 'region' order by ordinal_position",
        r#"[["regionkey","bigint","NO"],["name","varchar(25)","NO"],["comment","varchar(152)","NO"]]"#,
    ),
    ("show catalogs", r#"[["memory"],["tpch"]]"#),
    ("show schemas from tpch like 'sf1%'", r#"[["sf1"],["sf100"],["sf1000"]]"#),
    ("show tables like 'p%'", r#"[["part"],["partsupp"]]"#),
    (
        "describe region",
        r#"[["regionkey","bigint","",""],["name","varchar(25)","",""],["comment","varchar(152)","",""]]"#,
    ),
    (
        "show create table tpch.tiny.region",
        r#"[["CREATE TABLE tpch.tiny.region (\n   regionkey bigint NOT NULL,\n   name varchar(25) NOT NULL,\n   comment varchar(152) NOT NULL\n)"]]"#,
    ),
];

#[tokio::test]
async fn queries_have_trinos_rows() {
    let fixture = Fixture::start().await;
    let mut wrong = Vec::new();
    for (sql, expect) in QUERIES {
        let answer = fixture.run(sql).await;
        let rows = serde_json::Value::from(answer.rows()).to_string();
        if rows != *expect || answer.error().is_some() {
            wrong.push(format!("{sql}\n  is  {rows} {:?}\n  not {expect}", answer.error()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    fixture.engine.stop().await;
}

/// Queries and the names and types of their columns.
const COLUMNS: &[(&str, &[&str])] = &[
    (
        "select Name, NAME, n.name, \"Name\" as \"Foo\", 1, 1 + 1, count(*) over () from nation n limit 1",
        &[
            "Name varchar(25)",
            "NAME varchar(25)",
            "name varchar(25)",
            "Foo varchar(25)",
            "_col4 integer",
            "_col5 integer",
            "_col6 bigint",
        ],
    ),
    (
        "select *, 'abc' from region limit 1",
        &["regionkey bigint", "name varchar(25)", "comment varchar(152)", "_col3 varchar(3)"],
    ),
    ("select * from (select 1, count(*) from region)", &["_col0 integer", "_col1 bigint"]),
    ("values (1, 2)", &["_col0 integer", "_col1 integer"]),
    ("select 1 as a, 2 as a, 3 as \"A\"", &["a integer", "a integer", "A integer"]),
    (
        "select sum(quantity), avg(linenumber), min(shipdate), approx_distinct(orderkey), max(1.5) from lineitem",
        &["_col0 double", "_col1 double", "_col2 date", "_col3 bigint", "_col4 decimal(2, 1)"],
    ),
    (
        "select cast(1 as decimal(10,2)), cast('a' as varchar(7)), cast('a' as char(2)), cast('a' as varchar), date '2020-01-01' - date '2019-01-01'",
        &["_col0 decimal(10, 2)", "_col1 varchar(7)", "_col2 char(2)", "_col3 varchar", "_col4 INTERVAL DAY TO SECOND"],
    ),
    (
        "select array[1], map(array['a'], array[1.5]), cast(row(1, 'a') as row(x bigint, y varchar)), null",
        &[
            "_col0 array(integer)",
            "_col1 map(varchar, decimal(2, 1))",
            "_col2 row(x bigint, y varchar)",
            "_col3 unknown",
        ],
    ),
    ("show columns from region", &["Column varchar", "Type varchar", "Extra varchar", "Comment varchar"]),
];

#[tokio::test]
async fn columns_have_trinos_names_and_types() {
    let fixture = Fixture::start().await;
    for (sql, expect) in COLUMNS {
        let answer = fixture.run(sql).await;
        assert_eq!(answer.error(), None, "{sql}");
        assert_eq!(answer.columns(), *expect, "{sql}");
    }
    fixture.engine.stop().await;
}
