//! Numbers in text: what is read as one, what is refused and why, and how a double is written.
//!
//! Accepted: decimal numbers of C (`-1.5e-03`, `.5`, `+2`). Refused: `nan`, `inf`, what overflows a double, Fortran's
//! `1.0d0`, hexadecimal numbers.

/// Why a word is not the number that was expected.
pub(crate) struct Refusal {
    pub(crate) expected: &'static str,
    pub(crate) hint: Option<&'static str>,
}

/// A finite double.
pub(crate) fn float(word: &[u8]) -> Result<f64, Refusal> {
    let parsed = std::str::from_utf8(word).ok().and_then(|text| text.parse::<f64>().ok());
    match parsed {
        Some(value) if value.is_finite() => Ok(value),
        Some(_) if word.iter().any(u8::is_ascii_digit) => {
            Err(Refusal { expected: "a number within the range of a double", hint: None })
        }
        Some(_) => Err(Refusal { expected: "a finite number", hint: None }),
        None => Err(Refusal { expected: "a number", hint: fortran_hint(word) }),
    }
}

fn fortran_hint(word: &[u8]) -> Option<&'static str> {
    let text = std::str::from_utf8(word).ok()?;
    let parsed = text.replace(['d', 'D'], "e").parse::<f64>();
    parsed.is_ok().then_some("Fortran's exponents are not read: write 1.0e0 for 1.0d0")
}

/// A signed integer of 64 bits.
pub(crate) fn integer(word: &[u8]) -> Result<i64, Refusal> {
    let (negative, digits) = match word {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(Refusal { expected: "an integer", hint: None });
    }
    let mut value = 0i64;
    for digit in digits {
        let digit = i64::from(digit - b'0');
        let next = value
            .checked_mul(10)
            .and_then(|tens| if negative { tens.checked_sub(digit) } else { tens.checked_add(digit) });
        value = next.ok_or(Refusal { expected: "an integer of at most 64 bits", hint: None })?;
    }
    Ok(value)
}

/// A double as C's `%.15e` writes it, with one digit more if it would not be read back as the same double.
pub(crate) fn scientific(value: f64) -> String {
    let short = c_scientific(value, 15);
    if short.parse() == Ok(value) { short } else { c_scientific(value, 16) }
}

/// A double as C's `%.*e` writes it.
pub(crate) fn c_scientific(value: f64, decimals: usize) -> String {
    let rust = format!("{value:.decimals$e}");
    let (mantissa, exponent) = rust.split_once('e').unwrap_or((&rust, "0"));
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', exponent),
    };
    format!("{mantissa}e{sign}{digits:0>2}")
}

/// The shortest decimals that are read back as the same double; exponents only for very small and very large values.
pub fn shortest(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-20..1e16).contains(&magnitude) {
        return format!("{value:e}");
    }
    let mut text = format!("{value}");
    if !text.contains('.') {
        text.push_str(".0");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_of_64_bits_are_read_and_longer_ones_refused() {
        for value in [0, 7, -7, i64::MAX, i64::MIN] {
            assert_eq!(integer(value.to_string().as_bytes()).ok(), Some(value));
        }
        for word in ["9223372036854775808", "-9223372036854775809", "99999999999999999999999"] {
            assert_eq!(integer(word.as_bytes()).err().unwrap().expected, "an integer of at most 64 bits");
        }
        for word in ["", "-", "1.0", "1e3", "0x10", "--1", "one"] {
            assert_eq!(integer(word.as_bytes()).err().unwrap().expected, "an integer", "{word}");
        }
    }

    #[test]
    fn only_finite_decimal_numbers_are_floats() {
        assert_eq!(float(b"-1.5e-03").ok(), Some(-1.5e-3));
        assert_eq!(float(b".5").ok(), Some(0.5));
        assert_eq!(float(b"nan").err().unwrap().expected, "a finite number");
        assert_eq!(float(b"-inf").err().unwrap().expected, "a finite number");
        assert_eq!(float(b"1e999").err().unwrap().expected, "a number within the range of a double");
        assert!(float(b"1.0d0").err().unwrap().hint.is_some());
        assert_eq!(float(b"0x1p3").err().unwrap().hint, None);
        assert_eq!(float(b"\xff").err().unwrap().expected, "a number");
    }

    #[test]
    fn scientific_numbers_look_like_those_of_c() {
        assert_eq!(scientific(2.173671108715738e-02), "2.173671108715738e-02");
        assert_eq!(scientific(7.0), "7.000000000000000e+00");
        assert_eq!(scientific(-1e-300), "-1.000000000000000e-300");
        assert_eq!(scientific(0.1 + 0.2), "3.0000000000000004e-01");
    }

    #[test]
    fn shortest_numbers_have_a_point_and_no_exponent_in_the_usual_range() {
        assert_eq!(shortest(3.0), "3.0");
        assert_eq!(shortest(-0.0), "-0.0");
        assert_eq!(shortest(1.5e-7), "0.00000015");
        assert_eq!(shortest(1e300), "1e300");
    }
}
