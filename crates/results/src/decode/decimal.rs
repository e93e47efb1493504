//! Trino's texts of `decimal` and of floating point numbers that travel as strings.

use super::error::DecodeFault;

/// The unscaled value of `text` as a `decimal(precision, scale)`: `1.10` with scale 2 is 110.
#[inline]
pub(super) fn decimal(text: &str, precision: u8, scale: u8) -> Result<i128, DecodeFault> {
    unscaled(text.as_bytes(), usize::from(precision), usize::from(scale)).ok_or(DecodeFault::Decimal)
}

#[inline]
fn unscaled(text: &[u8], precision: usize, scale: usize) -> Option<i128> {
    let (negative, unsigned) = match text.first()? {
        b'-' => (true, text.get(1..)?),
        _ => (false, text),
    };
    let point = unsigned.iter().position(|byte| *byte == b'.');
    let (whole, fraction) = match point {
        Some(point) => (unsigned.get(..point)?, unsigned.get(point + 1..)?),
        None => (unsigned, &[][..]),
    };
    // `.5` and `5.` are refused: Trino writes neither, so something else was sent.
    if whole.is_empty() || (point.is_some() && fraction.is_empty()) || fraction.len() > scale {
        return None;
    }
    let leading_zeros = whole.iter().take_while(|byte| **byte == b'0').count();
    if whole.len() - leading_zeros + scale > precision {
        return None;
    }
    let mut value = append_digits(append_digits(0, whole)?, fraction)?;
    for _ in fraction.len()..scale {
        value *= 10;
    }
    Some(if negative { -value } else { value })
}

/// `value` with `digits` written behind it. The callers bound the digits to 38, which 127 bits hold.
#[inline]
fn append_digits(value: i128, digits: &[u8]) -> Option<i128> {
    let mut value = value;
    // 64-bit arithmetic is several times cheaper, and eighteen digits at a time always fit into it.
    for chunk in digits.chunks(18) {
        let mut part = 0_u64;
        let mut power = 1_u64;
        for byte in chunk {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                return None;
            }
            part = part * 10 + u64::from(digit);
            power *= 10;
        }
        value = value.checked_mul(i128::from(power))?.checked_add(i128::from(part))?;
    }
    Some(value)
}

/// A floating point value that JSON has no number for and that travels as a string.
pub(super) fn float_text<F: SpecialFloat>(text: &str) -> Result<F, DecodeFault> {
    match text {
        "NaN" => Ok(F::NAN),
        "Infinity" => Ok(F::INFINITY),
        "-Infinity" => Ok(F::NEGATIVE_INFINITY),
        _ => Err(DecodeFault::Float),
    }
}

/// The values of a floating point type that JSON numbers cannot hold.
pub(super) trait SpecialFloat: Sized {
    const NAN: Self;
    const INFINITY: Self;
    const NEGATIVE_INFINITY: Self;
    fn is_number(&self) -> bool;
}

impl SpecialFloat for f32 {
    const NAN: Self = Self::NAN;
    const INFINITY: Self = Self::INFINITY;
    const NEGATIVE_INFINITY: Self = Self::NEG_INFINITY;

    fn is_number(&self) -> bool {
        self.is_finite()
    }
}

impl SpecialFloat for f64 {
    const NAN: Self = Self::NAN;
    const INFINITY: Self = Self::INFINITY;
    const NEGATIVE_INFINITY: Self = Self::NEG_INFINITY;

    fn is_number(&self) -> bool {
        self.is_finite()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals() {
        let check = |text: &str, precision: u8, scale: u8, expect: i128| {
            assert_eq!(decimal(text, precision, scale), Ok(expect), "{text}");
        };
        check("1.10", 10, 2, 110);
        check("-0.01", 3, 2, -1);
        check("0", 1, 0, 0);
        check("7", 3, 2, 700);
        check("00012.5", 3, 1, 125);
        check("99999999999999999999999999999999999999", 38, 0, 10_i128.pow(38) - 1);
        check("-0.99999999999999999999999999999999999999", 38, 38, 1 - 10_i128.pow(38));
        for (bad, precision, scale) in [
            ("", 5, 2),
            ("-", 5, 2),
            ("1.234", 5, 2),
            ("1234.5", 5, 2),
            (".5", 5, 2),
            ("5.", 5, 2),
            ("1e3", 5, 2),
            ("1.2.3", 5, 2),
            ("+1", 5, 2),
            (" 1", 5, 2),
            ("100000000000000000000000000000000000000", 38, 0),
        ] {
            assert_eq!(decimal(bad, precision, scale), Err(DecodeFault::Decimal), "{bad}");
        }
    }
}
