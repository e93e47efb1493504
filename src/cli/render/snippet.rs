//! The line of SQL that an error is about, with carets under the place.

use unicode_width::UnicodeWidthChar;

use crate::problem::Position;

/// The most columns of a line that are shown. A query on one long line is cut on both sides of the place.
const COLUMNS: usize = 100;
/// Columns that are shown before the place of a line that is cut.
const BEFORE: usize = 40;
const CUT: &str = "…";

/// The line of `sql` at a position with a line of carets below it; nothing if the position is outside.
pub(crate) fn snippet(sql: &str, position: Position) -> Option<String> {
    snippet_of_lines(sql, 1, position)
}

/// The same from some lines of a text, of which the first has the number `first`.
pub(crate) fn snippet_of_lines(lines: &str, first: u32, position: Position) -> Option<String> {
    let number = position.line;
    let line = lines.split('\n').nth(usize::try_from(number.checked_sub(first)?).ok()?)?.trim_end_matches('\r');
    let before = usize::try_from(position.column).ok()?.checked_sub(1)?;
    let characters: Vec<char> = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if before > characters.len() {
        return None;
    }
    let length = usize::try_from(position.length).ok()?.clamp(1, (characters.len() - before).max(1));
    let from = if width(&characters) <= COLUMNS { 0 } else { start_of_cut(&characters, before) };
    let shown = fitting(&characters[from..]);
    let marked = length.min((from + shown).saturating_sub(before)).max(1);
    let text: String = characters[from..from + shown].iter().collect();
    let (left, right) = (if from > 0 { CUT } else { "" }, if from + shown < characters.len() { CUT } else { "" });
    let indent = " ".repeat(left.chars().count() + width(&characters[from..before]));
    let end = (before + marked).min(characters.len());
    let carets = "^".repeat(width(&characters[before..end]).max(1));
    let margin = " ".repeat(number.to_string().len());
    Some(format!("{margin} |\n{number} | {left}{text}{right}\n{margin} | {indent}{carets}\n"))
}

/// Where a line that is too long begins, so that the place is well within what is shown.
fn start_of_cut(characters: &[char], before: usize) -> usize {
    let mut from = before;
    let mut columns = 0;
    while from > 0 {
        columns += columns_of(characters[from - 1]);
        if columns > BEFORE {
            break;
        }
        from -= 1;
    }
    from
}

/// How many of these characters fit.
fn fitting(characters: &[char]) -> usize {
    let mut columns = 0;
    let fits = |c: &&char| {
        columns += columns_of(**c);
        columns <= COLUMNS
    };
    characters.iter().take_while(fits).count()
}

fn width(characters: &[char]) -> usize {
    characters.iter().map(|c| columns_of(*c)).sum()
}

fn columns_of(c: char) -> usize {
    c.width().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sql: &str, line: u32, column: u32, length: u32, expect: Option<&str>) {
        let position = Position { line, column, offset: 0, length };
        assert_eq!(snippet(sql, position).as_deref(), expect, "{sql}");
    }

    #[test]
    fn carets_stand_under_the_place() {
        check("select a", 1, 8, 1, Some("  |\n1 | select a\n  |        ^\n"));
        check("select\r\n  foo, bar\nfrom t", 2, 8, 3, Some("  |\n2 |   foo, bar\n  |        ^^^\n"));
        check("select '한글', x", 1, 14, 1, Some("  |\n1 | select '한글', x\n  |                ^\n"));
        check("select 한글", 1, 8, 2, Some("  |\n1 | select 한글\n  |        ^^^^\n"));
        check("a\tb", 1, 3, 1, Some("  |\n1 | a b\n  |   ^\n"));
    }

    #[test]
    fn a_place_at_the_end_has_a_caret_behind_the_line() {
        check("select", 1, 7, 0, Some("  |\n1 | select\n  |       ^\n"));
        check("select 'a\nb", 1, 8, 4, Some("  |\n1 | select 'a\n  |        ^^\n"));
    }

    #[test]
    fn a_place_outside_has_none() {
        check("select", 2, 1, 1, None);
        check("select", 1, 8, 1, None);
        check("select", 0, 1, 1, None);
        check("", 1, 1, 1, Some("  |\n1 | \n  | ^\n"));
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let sql = format!("select {} from here where {}", "a, ".repeat(100), "b or ".repeat(100));
        let text = snippet(&sql, Position { line: 1, column: 314, offset: 313, length: 4 }).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let at = lines[2].find('^').unwrap();
        let marked: String = lines[1].chars().skip(at).take(4).collect();
        assert_eq!((marked.as_str(), lines[2].matches('^').count()), ("here", 4), "{text}");
        assert!(lines[1].starts_with("1 | …") && lines[1].ends_with('…'), "{text}");
        assert!(lines[1].chars().count() < 110, "{text}");
    }
}
