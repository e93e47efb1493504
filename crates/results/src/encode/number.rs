//! Numbers as Trino writes them. Java's `Double.toString` and `BigDecimal.toPlainString` set the shape.

use std::io::Write as _;

/// A floating point type that Rust can print with the fewest digits that read back as the same value.
pub(super) trait JavaFloat: Copy + std::fmt::LowerExp {
    /// The word for a value that is no number.
    fn special(self) -> Option<&'static str>;
    /// Whether Java prints the value without an exponent.
    fn is_plain(self) -> bool;
    /// The value times ten thousand, if the value is a whole number of ten thousandths below ten million.
    fn ten_thousandths(self) -> Option<i64>;
}

/// Digits after the point of [`JavaFloat::ten_thousandths`].
const FIXED_DIGITS: usize = 4;

impl JavaFloat for f64 {
    fn special(self) -> Option<&'static str> {
        special(self)
    }

    fn is_plain(self) -> bool {
        self == 0.0 || (1e-3..1e7).contains(&self.abs())
    }

    /// A decimal of at most 15 digits is the shortest one that reads as the `double` next to it, because no two of
    /// them read as the same. So a value that one of eleven digits reads as is printed with these digits.
    #[expect(clippy::cast_possible_truncation, reason = "the bound makes it fit")]
    fn ten_thousandths(self) -> Option<i64> {
        let scaled = (self * 10_000.0).round();
        let fits = self.is_plain() && self != 0.0 && scaled / 10_000.0 == self;
        fits.then_some(scaled as i64)
    }
}

impl JavaFloat for f32 {
    fn special(self) -> Option<&'static str> {
        special(f64::from(self))
    }

    fn is_plain(self) -> bool {
        self == 0.0 || (1e-3..1e7).contains(&self.abs())
    }

    /// Decimals of eleven digits are not apart as `real`.
    fn ten_thousandths(self) -> Option<i64> {
        None
    }
}

fn special(value: f64) -> Option<&'static str> {
    match value {
        value if value.is_nan() => Some("NaN"),
        f64::INFINITY => Some("Infinity"),
        f64::NEG_INFINITY => Some("-Infinity"),
        _ => None,
    }
}

/// A finite number as Java prints it (`Double.toString` since JDK 19): `1.0`, `1.5E10`, `4.9E-324`. There is always a
/// fraction, because Trino's own clients refuse `1` where a `double` belongs.
pub(super) fn push_float<F: JavaFloat>(out: &mut Vec<u8>, value: F) {
    if let Some(ten_thousandths) = value.ten_thousandths() {
        push_fixed(out, ten_thousandths);
    } else {
        push_shortest(out, value);
    }
}

fn push_shortest<F: JavaFloat>(out: &mut Vec<u8>, value: F) {
    let mut buffer = [0_u8; 32];
    let Some((digits, exponent)) = shortest(&mut buffer, value) else { return };
    let (sign, digits) = match digits.split_first() {
        Some((b'-', digits)) => (&b"-"[..], digits),
        _ => (&b""[..], digits),
    };
    out.extend_from_slice(sign);
    // `digits` is `d` or `d.ddd`: the value is that, times ten to the exponent.
    let (whole, fraction) = digits.split_at(1);
    let fraction = fraction.strip_prefix(b".").unwrap_or(b"0");
    if !value.is_plain() {
        out.extend_from_slice(whole);
        out.push(b'.');
        out.extend_from_slice(fraction);
        out.push(b'E');
        push_display(out, exponent);
        return;
    }
    let fraction = if fraction == b"0" { &b""[..] } else { fraction };
    match usize::try_from(exponent) {
        Ok(exponent) => push_shifted_right(out, whole, fraction, exponent),
        Err(_) => {
            out.extend_from_slice(b"0.");
            out.resize(out.len() + usize::from(exponent.unsigned_abs()) - 1, b'0');
            out.extend_from_slice(whole);
            out.extend_from_slice(fraction);
        }
    }
}

/// Writes a number of ten thousandths without trailing zeros, but with one digit behind the point.
fn push_fixed(out: &mut Vec<u8>, ten_thousandths: i64) {
    if ten_thousandths < 0 {
        out.push(b'-');
    }
    push_digits(out, ten_thousandths.unsigned_abs(), FIXED_DIGITS + 1);
    out.insert(out.len() - FIXED_DIGITS, b'.');
    while out.ends_with(b"0") && !out.ends_with(b".0") {
        out.pop();
    }
}

/// Writes `whole.fraction` with the point `places` further to the right, and at least one digit behind it.
fn push_shifted_right(out: &mut Vec<u8>, whole: &[u8], fraction: &[u8], places: usize) {
    out.extend_from_slice(whole);
    let (before, after) = fraction.split_at(places.min(fraction.len()));
    out.extend_from_slice(before);
    out.resize(out.len() + places - before.len(), b'0');
    out.push(b'.');
    out.extend_from_slice(if after.is_empty() { b"0" } else { after });
}

/// The shortest digits of `value` in scientific notation, with their exponent.
///
/// Where one digit would do, Java takes the two digits that are closest to the value: the smallest `double` is
/// `4.9E-324`, not `5.0E-324`.
fn shortest<F: JavaFloat>(buffer: &mut [u8; 32], value: F) -> Option<(&[u8], i16)> {
    let length = formatted(buffer, format_args!("{value:e}"))?;
    let one_digit = !buffer.get(..length)?.contains(&b'.');
    let length = if one_digit { formatted(buffer, format_args!("{value:.1e}"))? } else { length };
    let text = buffer.get(..length)?;
    let split = text.iter().position(|byte| *byte == b'e')?;
    let exponent = std::str::from_utf8(text.get(split + 1..)?).ok()?.parse().ok()?;
    Some((text.get(..split)?, exponent))
}

fn formatted(buffer: &mut [u8; 32], arguments: std::fmt::Arguments<'_>) -> Option<usize> {
    let mut rest = &mut buffer[..];
    rest.write_fmt(arguments).ok()?;
    let left = rest.len();
    Some(32 - left)
}

/// Anything that prints itself. Writing to a vector cannot fail.
pub(super) fn push_display(out: &mut Vec<u8>, value: impl std::fmt::Display) {
    let _infallible = write!(out, "{value}");
}

/// A whole number.
pub(super) fn push_integer(out: &mut Vec<u8>, value: i64) {
    if value < 0 {
        out.push(b'-');
    }
    push_digits(out, value.unsigned_abs(), 1);
}

/// The digits of `value`, with zeros in front up to `width` of them.
pub(super) fn push_digits(out: &mut Vec<u8>, value: u64, width: usize) {
    let mut buffer = [b'0'; 20];
    let mut start = buffer.len();
    let mut rest = value;
    for slot in buffer.iter_mut().rev() {
        if rest == 0 {
            break;
        }
        *slot = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        start -= 1;
    }
    let start = start.min(20_usize.saturating_sub(width));
    out.extend_from_slice(buffer.get(start..).unwrap_or_default());
}

/// An unscaled decimal with `scale` digits after the point, in plain notation.
pub(super) fn push_decimal(out: &mut Vec<u8>, unscaled: i128, scale: u8) {
    if unscaled < 0 {
        out.push(b'-');
    }
    let start = out.len();
    let magnitude = unscaled.unsigned_abs();
    match u64::try_from(magnitude) {
        Ok(magnitude) => push_digits(out, magnitude, usize::from(scale) + 1),
        Err(_) => push_display(out, magnitude),
    }
    let missing = (usize::from(scale) + 1).saturating_sub(out.len() - start);
    out.splice(start..start, std::iter::repeat_n(b'0', missing));
    if scale > 0 {
        out.insert(out.len() - usize::from(scale), b'.');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(push: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        push(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn doubles_look_like_javas() {
        // The expectations are what `Double.toString` of JDK 19 and later prints.
        let check = |value: f64, expect: &str| assert_eq!(text(|out| push_float(out, value)), expect);
        check(0.0, "0.0");
        check(-0.0, "-0.0");
        check(1.0, "1.0");
        check(-1.5, "-1.5");
        check(123.456, "123.456");
        check(0.001, "0.001");
        check(0.012_345, "0.012345");
        check(0.000_999, "9.99E-4");
        check(9_999_999.0, "9999999.0");
        check(1e7, "1.0E7");
        check(1.234_567_89e8, "1.23456789E8");
        check(100.0, "100.0");
        check(2e23, "2.0E23");
        check(f64::MAX, "1.7976931348623157E308");
        check(f64::MIN_POSITIVE, "2.2250738585072014E-308");
        check(5e-324, "4.9E-324");
        check(-1e-5, "-1.0E-5");
        check(901.0, "901.0");
        check(21168.23, "21168.23");
        check(-0.04, "-0.04");
        check(9_999_999.999_9, "9999999.9999");
        check(0.000_1, "1.0E-4");
        check(1_234_567.123_456_7, "1234567.1234567");
        check(0.300_000_000_000_000_04, "0.30000000000000004");
    }

    proptest::proptest! {
        #[test]
        fn the_short_way_prints_what_the_long_way_prints(digits in -99_999_999_999_i64..99_999_999_999, places in 0..8_i32) {
            #[expect(clippy::cast_precision_loss, reason = "eleven digits are exact")]
            let value = digits as f64 / 10_f64.powi(places);
            let mut long_way = Vec::new();
            push_shortest(&mut long_way, value);
            proptest::prop_assert_eq!(text(|out| push_float(out, value)).into_bytes(), long_way);
        }
    }

    #[test]
    fn reals_look_like_javas() {
        let check = |value: f32, expect: &str| assert_eq!(text(|out| push_float(out, value)), expect);
        check(0.1, "0.1");
        check(f32::MAX, "3.4028235E38");
        check(1e-45, "1.4E-45");
        check(16_777_216.0, "1.6777216E7");
        check(33_554_432.0, "3.3554432E7");
    }

    #[test]
    fn decimals_keep_their_scale() {
        let check = |unscaled: i128, scale: u8, expect: &str| {
            assert_eq!(text(|out| push_decimal(out, unscaled, scale)), expect);
        };
        check(110, 2, "1.10");
        check(-1, 2, "-0.01");
        check(0, 3, "0.000");
        check(7, 0, "7");
        check(10_i128.pow(38) - 1, 38, "0.99999999999999999999999999999999999999");
        check(1 - 10_i128.pow(38), 0, "-99999999999999999999999999999999999999");
        check(-10_i128.pow(20), 10, "-10000000000.0000000000");
    }

    #[test]
    fn integers() {
        let check = |value: i64, expect: &str| assert_eq!(text(|out| push_integer(out, value)), expect);
        check(0, "0");
        check(-7, "-7");
        check(i64::MAX, "9223372036854775807");
        check(i64::MIN, "-9223372036854775808");
    }
}
