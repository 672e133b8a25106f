//! Numbers in HTML and SVG: coordinates made short, figures made readable.

use crate::text::significant;

/// A coordinate in pixels, to a tenth.
pub(crate) fn pixel(value: f64) -> String {
    let text = format!("{value:.1}");
    match text.strip_suffix(".0") {
        Some("-0") => "0".into(),
        Some(whole) => whole.into(),
        None => text,
    }
}

/// The path of a line through points in pixels.
pub(crate) fn polyline(points: impl IntoIterator<Item = [f64; 2]>) -> String {
    let point = |(number, [x, y]): (usize, [f64; 2])| {
        format!("{}{} {}", if number == 0 { 'M' } else { 'L' }, pixel(x), pixel(y))
    };
    points.into_iter().enumerate().map(point).collect()
}

/// A figure of this many significant digits, with a proper minus and powers of ten; a dash if it is missing.
pub(crate) fn figure(value: Option<f64>, digits: usize) -> String {
    let text = match value {
        // Plain up to six digits: 1837 rather than 1.84×10³.
        Some(value) if (1.0..1e6).contains(&value.abs()) => {
            significant(Some(value), digits.max(value.abs().log10() as usize + 1))
        }
        _ => significant(value, digits),
    };
    if value.is_none() {
        return "–".into();
    }
    let text = match text.split_once('e').map(|(mantissa, exponent)| (mantissa, exponent.parse())) {
        Some((mantissa, Ok(exponent))) => format!("{mantissa}×{}", power_of_ten(exponent)),
        _ => text,
    };
    text.replace('-', "−")
}

/// Digits of a large count in groups of three: 12 345.
pub(crate) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    if digits.len() <= 4 {
        return digits;
    }
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            // A narrow space that does not break.
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// A power of ten with its exponent set high.
pub(crate) fn power_of_ten(exponent: i32) -> String {
    let raised = |character| match character {
        '-' => '⁻',
        '0' => '⁰',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        digit => char::from_u32('⁰' as u32 + digit as u32 - '0' as u32).unwrap_or(digit),
    };
    format!("10{}", exponent.to_string().chars().map(raised).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_readable() {
        assert_eq!([3.0, -0.04, 2.55, -7.26].map(pixel), ["3", "0", "2.5", "-7.3"]);
        assert_eq!(
            [7, 9999, 12345, 1_234_567].map(grouped),
            ["7", "9999", "12\u{202f}345", "1\u{202f}234\u{202f}567"]
        );
        let three = |value| figure(Some(value), 3);
        assert_eq!([0.012_34, -1836.7, 2.5e-13].map(three), ["0.0123", "−1837", "2.50×10⁻¹³"]);
        assert_eq!([12_345.6, 1e9, 0.0].map(three), ["12346", "1.00×10⁹", "0.00"]);
        assert_eq!((figure(None, 3), three(f64::NAN)), ("–".into(), "NaN".into()));
        assert_eq!([-10, 0, 3, 25].map(power_of_ten), ["10⁻¹⁰", "10⁰", "10³", "10²⁵"]);
    }
}
