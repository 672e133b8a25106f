//! Numbers of fixed columns that touch each other: `0.000000000100.600000000`, `0.000-10.371`, `-0.63265286-0.11227753`.

/// Words that are separated by blanks, by the sign of the next number, or by the end of its decimals.
///
/// In the columns of a Fortran program all numbers of a row have as many decimals as the last one.
pub(super) fn separated(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace().flat_map(|mut word| {
        let decimals = word.rsplit_once('.').map_or(0, |(_, end)| digits(end));
        std::iter::from_fn(move || {
            let (first, rest) = word.split_at(end_of_number(word, decimals));
            word = rest;
            (!first.is_empty()).then_some(first)
        })
    })
}

/// Whether the last two numbers of a line have as many decimals: the last one is whole then, even if the line has no
/// end.
pub(super) fn ends_whole(text: &str) -> bool {
    let decimals = |word: &str| word.rsplit_once('.').map(|(_, end)| digits(end));
    let numbers = separated(text).filter_map(decimals);
    let last_two = numbers.fold([None; 2], |[_, before], own| [before, Some(own)]);
    text.ends_with(|last: char| last.is_ascii_digit()) && last_two[0].is_some() && last_two[0] == last_two[1]
}

/// Where the first number of a word ends.
fn end_of_number(word: &str, decimals: usize) -> usize {
    let signed = word.char_indices().skip(1).find(|&(index, character)| {
        character == '-' && word[..index].ends_with(|previous: char| previous.is_ascii_digit())
    });
    let signed = signed.map_or(word.len(), |(index, _)| index);
    let Some(point) = word[..signed].find('.') else { return signed };
    let column = point + 1 + decimals;
    let is_column = column < signed && digits(&word[point + 1..]) >= decimals;
    // Another number follows only if there is another point, with digits before it.
    let is_number = |rest: &str| digits(rest) > 0 && rest.contains('.');
    if is_column && is_number(&word[column..signed]) { column } else { signed }
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        separated(text).collect()
    }

    #[test]
    fn numbers_that_touch_are_told_apart_by_sign_and_decimals() {
        assert_eq!(words(" 0.000000000100.600000000 1.0"), ["0.000000000", "100.600000000", "1.0"]);
        assert_eq!(
            words("-112.500000000104.200000000-10.371000000"),
            ["-112.500000000", "104.200000000", "-10.371000000"]
        );
        assert_eq!(
            words("123456.67890123456.78901123456.00000"),
            ["123456.67890", "123456.78901", "123456.00000"]
        );
        assert_eq!(words("-0.63265286-0.11227753 .5"), ["-0.63265286", "-0.11227753", ".5"]);
        assert_eq!(words("  -6163.613158-493186.317939"), ["-6163.613158", "-493186.317939"]);
    }

    #[test]
    fn a_line_is_whole_whose_last_number_has_all_of_its_decimals() {
        let line = "  energy  without entropy=     -23.25000000  energy(sigma->0) =     -23.37500000";
        for end in 0..line.len() {
            assert!(!ends_whole(&line[..end]), "{}", &line[..end]);
        }
        assert!(ends_whole(line));
    }

    #[test]
    fn single_numbers_and_other_words_stay_whole() {
        assert_eq!(
            words("1.5 -2 1e-5 1.0E-05 ***** NaN vasp.6.4.2 -.5"),
            ["1.5", "-2", "1e-5", "1.0E-05", "*****", "NaN", "vasp.6.4.2", "-.5"]
        );
        assert_eq!(words("0.00000************"), ["0.00000************"]);
        assert_eq!(words("é.5é.5"), ["é.5é.5"]);
    }
}
