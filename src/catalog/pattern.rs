//! Patterns of the mapping file: `*` stands for any run of characters within one part of a name.

/// Whether `text` matches `pattern`. Linear in the text for each star: the last star is the only one that is tried again.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                retry = Some((p, t));
                p += 1;
            }
            Some(wanted) if text.get(t) == Some(wanted) => {
                p += 1;
                t += 1;
            }
            _ => match retry {
                Some((star, from)) => {
                    retry = Some((star, from + 1));
                    p = star + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern.get(p..).is_some_and(|rest| rest.iter().all(|c| *c == '*'))
}

/// Whether the pattern names exactly one text.
pub(super) fn is_literal(pattern: &str) -> bool {
    !pattern.contains('*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_any_run() {
        for (pattern, text, expect) in [
            ("sales_pg", "sales_pg", true),
            ("sales_pg", "sales", false),
            ("*", "", true),
            ("mysql_*", "mysql_eu", true),
            ("mysql_*", "pg_mysql_eu", false),
            ("*_prod", "eu_prod_prod", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
            ("", "x", false),
        ] {
            assert_eq!(matches(pattern, text), expect, "{pattern} {text}");
        }
    }
}
