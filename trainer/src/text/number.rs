//! Numbers for people: a given number of significant digits, plain notation where that is short.

/// `digits` significant digits with trailing zeros, like `%#g` in C: 0.013213, 1.5000, 2.3e+12. A missing number is a dash.
pub fn significant(value: Option<f64>, digits: usize) -> String {
    match value {
        Some(value) => format_value(value, digits),
        None => "-".into(),
    }
}

/// At most `digits` significant digits without trailing zeros, like `%g` in C.
pub fn general(value: f64, digits: usize) -> String {
    let text = format_value(value, digits);
    match text.split_once('e') {
        Some((mantissa, exponent)) => format!("{}e{exponent}", without_trailing_zeros(mantissa)),
        None => without_trailing_zeros(&text).to_owned(),
    }
}

/// A count with its noun: "1 atom", "2 atoms".
pub fn counted(count: u64, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

fn without_trailing_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

fn format_value(value: f64, digits: usize) -> String {
    let digits = digits.max(1);
    let scientific = format!("{value:.*e}", digits - 1);
    // Infinities and NaN have no exponent.
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..digits as i32).contains(&exponent) {
        let decimals = usize::try_from(digits as i32 - 1 - exponent).unwrap_or(0);
        format!("{value:.decimals$}")
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{mantissa}e{sign}{:02}", exponent.abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn significant_digits_stay_and_the_notation_is_short() {
        let five = |value| significant(Some(value), 5);
        assert_eq!(five(0.013_212_976), "0.013213");
        assert_eq!(five(1.5), "1.5000");
        assert_eq!(five(-12345.6), "-12346");
        assert_eq!(five(123_456.0), "1.2346e+05");
        assert_eq!(five(0.000_012_345_6), "1.2346e-05");
        assert_eq!(five(9.999_99), "10.000");
        assert_eq!(five(0.0), "0.0000");
        assert_eq!(significant(None, 5), "-");
    }

    #[test]
    fn counts_agree_with_their_nouns() {
        assert_eq!([0, 1, 2].map(|count| counted(count, "atom")), ["0 atoms", "1 atom", "2 atoms"]);
    }

    #[test]
    fn general_notation_drops_trailing_zeros() {
        assert_eq!(general(0.022_062_018_787, 6), "0.022062");
        assert_eq!(general(0.000_486_652_872, 6), "0.000486653");
        assert_eq!(general(1.0, 6), "1");
        assert_eq!(general(2.5e-9, 6), "2.5e-09");
        assert_eq!(general(1_000_000.0, 6), "1e+06");
        assert_eq!(general(100.0, 6), "100");
        assert_eq!(general(f64::INFINITY, 6), "inf");
    }
}
