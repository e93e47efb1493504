//! Names against what OpenMetadata's own lexers say of them, and the laws of the type.
#![expect(clippy::unwrap_used, reason = "a file of tests")]

use proptest::prelude::*;
use warren_openmetadata::{
    Fqn, FqnError, Grammar, NameError, check_column_name, check_entity_name, decode_reserved, encode_reserved,
};

fn raw(parts: &[&str]) -> Fqn {
    Fqn::from_raw_parts(parts.iter().copied()).unwrap()
}

/// The verdicts are those of the lexers that OpenMetadata ships, for both grammars.
#[test]
fn texts_are_read_as_openmetadata_reads_them() {
    /// `text` has these raw parts; `in_a` says whether a server before 1.13.1 reads it the same way.
    fn check(text: &str, parts: &[&str], in_a: bool) {
        let name = Fqn::parse(text).unwrap();
        assert_eq!(name.parts(), parts, "{text}");
        let canonical = name.to_string();
        assert_eq!(Fqn::parse(&canonical).unwrap(), name, "{text}");
        let is_same_in_a = canonical == text && name.text(Grammar::A).is_ok();
        assert_eq!(is_same_in_a, in_a, "{text}");
    }
    check("pg_prod.sales.public.orders", &["pg_prod", "sales", "public", "orders"], true);
    check("mysql_prod.default.shop.order items", &["mysql_prod", "default", "shop", "order items"], true);
    check(r#"pg.sales."my.schema"."t.1""#, &["pg", "sales", "my.schema", "t.1"], true);
    check(r#""svc.v1".db.sch.tbl"#, &["svc.v1", "db", "sch", "tbl"], true);
    check("pg.sales.public.orders.addr.street", &["pg", "sales", "public", "orders", "addr", "street"], true);
    check(r#"s3_lake.bucket.raw."2024.csv""#, &["s3_lake", "bucket", "raw", "2024.csv"], true);
    check(r#"s3_lake.bucket."dir/sub.d/part-0.parquet""#, &["s3_lake", "bucket", "dir/sub.d/part-0.parquet"], true);
    check("looker.dash-1", &["looker", "dash-1"], true);
    check("metabase.model.42", &["metabase", "model", "42"], true);
    check("glue.123456789012.db.tbl$partitions", &["glue", "123456789012", "db", "tbl$partitions"], true);
    check("pg.s.p.test's_table", &["pg", "s", "p", "test's_table"], true);
    check(r#"pg.s.p."a b""#, &["pg", "s", "p", "a b"], false);
    check(r#"pg.s.p."a""b""#, &["pg", "s", "p", "a\"b"], false);
    check("pg.s.p.`orders`", &["pg", "s", "p", "`orders`"], true);
    check("ora.default.HR.EMPLOYEES", &["ora", "default", "HR", "EMPLOYEES"], true);
    check("서비스.디비.스키마.\"표.1\"", &["서비스", "디비", "스키마", "표.1"], true);
    check(r#""""a""""#, &["\"a\""], false);
    check(r#""""""#, &["\""], false);
    check(r#"pg."Sales DB".public."t.1""#, &["pg", "Sales DB", "public", "t.1"], false);
}

#[test]
fn what_openmetadata_cannot_read_is_refused() {
    fn check(text: &str, expect: FqnError) {
        assert_eq!(Fqn::parse(text), Err(expect), "{text}");
    }
    check("", FqnError::Empty);
    check(r#"pg.s.p.a"b"#, FqnError::QuoteInside { part: 4 });
    check("pg..p.t", FqnError::EmptyPart { part: 2 });
    check("pg.s.p.", FqnError::EmptyPart { part: 4 });
    check(".pg", FqnError::EmptyPart { part: 1 });
    check(r#""""#, FqnError::EmptyPart { part: 1 });
    check(r#"pg.s."".t"#, FqnError::EmptyPart { part: 3 });
    check(r#"pg.s.p."a.b"#, FqnError::UnclosedQuote { part: 4 });
    check(r#"pg."a"b.c"#, FqnError::TextAfterQuote { part: 2 });
    check(r#"pg."a"""#, FqnError::UnclosedQuote { part: 2 });
    check(&"a".repeat(3073), FqnError::TooLong { chars: 3073 });
    assert_eq!(Fqn::parse(&"표".repeat(3072)).unwrap().parts().len(), 1);
}

#[test]
fn raw_parts_are_quoted_only_where_they_have_to_be() {
    fn check(parts: &[&str], text: &str) {
        assert_eq!(raw(parts).to_string(), text);
    }
    check(&["a"], "a");
    check(&["a.b"], r#""a.b""#);
    check(&["\"a.b\""], r#""""a.b""""#);
    check(&["a\"b"], r#""a""b""#);
    check(&["svc.v1", "db", "s", "a\"b"], r#""svc.v1".db.s."a""b""#);
    check(&["pg", "Sales DB", "public", "t.1"], r#"pg.Sales DB.public."t.1""#);
    assert_eq!(Fqn::from_raw_parts(Vec::<String>::new()), Err(FqnError::Empty));
    assert_eq!(Fqn::from_raw_parts(["a", ""]), Err(FqnError::EmptyPart { part: 2 }));
    assert_eq!(Fqn::from_raw_parts(["a".repeat(3073)]), Err(FqnError::TooLong { chars: 3073 }));
}

#[test]
fn a_quote_in_a_name_needs_the_newer_grammar() {
    let name = raw(&["pg", "s", "p", "a\"b"]);
    assert_eq!(name.text(Grammar::A), Err(FqnError::QuoteInName { part: 4 }));
    assert_eq!(name.text(Grammar::B).unwrap(), r#"pg.s.p."a""b""#);
    assert!(!name.is_universal());
    assert!(raw(&["pg", "a.b"]).is_universal());
}

#[test]
fn hashes_are_those_of_openmetadata() {
    fn check(parts: &[&str], expect: &str) {
        assert_eq!(raw(parts).hash_text(), expect);
    }
    check(
        &["pg_prod", "sales", "public", "orders"],
        "d457257f20760b874dd434ecddac786b.9ed083b1436e5f40ef984b28255eef18.4c9184f37cff01bcdc32dc486ec36961.\
         12c500ed0b7879105fb46af0f246be87",
    );
    // The digest is that of the quoted text: `md5sum` of `"t.1"` with its quotes.
    check(&["t.1"], "513e27d57360047dd67c49f968633fca");
}

#[test]
fn names_know_what_they_lie_in() {
    let table = raw(&["svc", "db", "sch", "t.1"]);
    let column = table.child("addr").unwrap().child("street").unwrap();
    assert_eq!(column.to_string(), r#"svc.db.sch."t.1".addr.street"#);
    assert_eq!(column.column_in(&table).unwrap(), ["addr", "street"]);
    assert_eq!(
        column.table_and_column().unwrap(),
        (table.clone(), ["addr".to_owned(), "street".to_owned()].as_slice())
    );
    assert_eq!(table.table_and_column(), None);
    assert_eq!(table.column_in(&table), None);
    assert_eq!(table.parent().unwrap().to_string(), "svc.db.sch");
    assert_eq!(raw(&["svc"]).parent(), None);
    assert_eq!((table.service(), table.name()), ("svc", "t.1"));
    assert!(table.starts_with(&raw(&["svc", "db"])) && table.starts_with(&table));
    assert!(!raw(&["a", "bc"]).starts_with(&raw(&["a", "b"])));
    assert!(!raw(&["a"]).starts_with(&raw(&["a", "b"])));
    assert!(!raw(&["A"]).starts_with(&raw(&["a"])));
}

#[test]
fn reserved_words_stand_for_characters() {
    fn check(kept: &str, at_the_source: &str) {
        assert_eq!(decode_reserved(kept), at_the_source);
        assert_eq!(encode_reserved(at_the_source), kept);
    }
    check("a__reserved__quote__b", "a\"b");
    check("a__reserved__colon__b", "a::b");
    check("__reserved__arrow__", ">");
    check("__reserved__newline____reserved__carriage_return____reserved__tab__", "\n\r\t");
    check("a:b__reserved__other__c", "a:b__reserved__other__c");
    check("____reserved__quote__", "__\"");
    check("plain", "plain");
}

#[test]
fn names_that_cannot_exist_are_known() {
    assert_eq!(check_entity_name(&"표".repeat(256)), Ok(()));
    assert_eq!(check_entity_name(&"a".repeat(257)), Err(NameError::TooLong { chars: 257 }));
    assert_eq!(check_column_name(&"a".repeat(257)), Ok(()));
    assert_eq!(check_entity_name(""), Err(NameError::Empty));
    assert_eq!(check_entity_name("a::b"), Err(NameError::DoubleColon));
    assert_eq!(check_entity_name("a\nb"), Err(NameError::LineBreak));
    for fine in ["a:b", "a b", "a\"b", "a.b", "<>|", "%/?#{}", "`'", "이름"] {
        assert_eq!(check_entity_name(fine), Ok(()), "{fine}");
    }
}

#[test]
fn a_name_is_a_string_in_json() {
    let name: Fqn = serde_json::from_str(r#""pg.\"t.1\"""#).unwrap();
    assert_eq!(name.parts(), ["pg", "t.1"]);
    assert_eq!(serde_json::to_string(&name).unwrap(), r#""pg.\"t.1\"""#);
    assert!(serde_json::from_str::<Fqn>(r#""pg..t""#).is_err());
}

fn part() -> impl Strategy<Value = String> {
    prop_oneof!["[a.\" ]{1,6}", "\\PC{1,12}", "[\\n\\t:<>|`'%/]{1,4}"]
}

proptest! {
    #[test]
    fn raw_parts_come_back_from_the_text(parts in prop::collection::vec(part(), 1..7)) {
        let name = Fqn::from_raw_parts(parts.clone()).unwrap();
        prop_assert_eq!(name.parts(), parts.as_slice());
        prop_assert_eq!(Fqn::parse(&name.to_string()).unwrap(), name);
    }

    #[test]
    fn what_parses_has_one_canonical_text(text in "[a.\"b ]{0,12}") {
        if let Ok(name) = Fqn::parse(&text) {
            let canonical = name.to_string();
            prop_assert_eq!(Fqn::parse(&canonical).unwrap(), name.clone());
            prop_assert_eq!(name.to_string(), canonical);
            prop_assert!(name.parts().iter().all(|part| !part.is_empty()));
        }
    }

    #[test]
    fn a_hash_begins_with_that_of_what_the_name_lies_in(parts in prop::collection::vec(part(), 2..5)) {
        let name = Fqn::from_raw_parts(parts).unwrap();
        let parent = name.parent().unwrap();
        let prefix = format!("{}.", parent.hash_text());
        prop_assert!(name.hash_text().starts_with(&prefix));
    }

    #[test]
    fn reserved_characters_come_back(name in "[a:>\"\\n\\r\\t_]{0,10}") {
        prop_assert_eq!(decode_reserved(&encode_reserved(&name)), name);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
        let _never_panics = Fqn::parse(&text);
    }
}
