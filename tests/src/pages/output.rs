//! What a page says that commands print, against what they print.

/// The first line of `shown` that `printed` lacks, if there is one. Lines follow each other; `...` alone stands for any
/// number of lines, `…` for any word or part of one, and blanks count as one. Numbers may differ by a share.
pub fn mismatch(shown: &str, printed: &str, share: f64) -> Option<String> {
    let shown: Vec<&str> = shown.lines().filter(|line| !line.trim().is_empty()).collect();
    let printed: Vec<&str> = printed.lines().filter(|line| !line.trim().is_empty()).collect();
    let mut furthest = 0;
    if meets(&shown, &printed, share, 0, &mut furthest) {
        return None;
    }
    Some(shown.get(furthest).map_or_else(|| "nothing more".into(), |line| (*line).to_owned()))
}

fn meets(shown: &[&str], printed: &[&str], share: f64, depth: usize, furthest: &mut usize) -> bool {
    *furthest = depth.max(*furthest);
    match shown.split_first() {
        None => printed.is_empty(),
        Some((&"...", rest)) => {
            (0..=printed.len()).any(|skipped| meets(rest, &printed[skipped..], share, depth + 1, furthest))
        }
        Some((line, rest)) => printed.split_first().is_some_and(|(first, others)| {
            same_line(line, first, share) && meets(rest, others, share, depth + 1, furthest)
        }),
    }
}

fn same_line(shown: &str, printed: &str, share: f64) -> bool {
    let (shown, printed): (Vec<&str>, Vec<&str>) =
        (shown.split_whitespace().collect(), printed.split_whitespace().collect());
    shown.len() == printed.len() && shown.iter().zip(printed).all(|(one, other)| same_word(one, other, share))
}

fn same_word(shown: &str, printed: &str, share: f64) -> bool {
    let number = |word: &str| word.trim_end_matches([',', ';', ':', '%', ')']).parse::<f64>().ok();
    let of_any = |(begin, end): (&str, &str)| printed.starts_with(begin) && printed.ends_with(end);
    shown == printed
        || shown.split_once('…').is_some_and(of_any)
        || match (number(shown), number(printed)) {
            (Some(one), Some(other)) => (one - other).abs() <= share * one.abs().max(other.abs()),
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_words_and_numbers_may_be_left_out_or_differ() {
        let printed = "begin\n  a   1.00 s\n\nmiddle\nb 200, c\nend\n";
        for (shown, share) in [
            ("begin\na 1.00 s\nmiddle\nb 200, c\nend", 0.0),
            ("...\nmiddle\n...", 0.0),
            ("begin\na … s\n...\nend", 0.0),
            ("...\nmi…e\nb …, c\nend", 0.0),
            ("...\nb 190, c\n...", 0.06),
        ] {
            assert_eq!(mismatch(shown, printed, share), None, "{shown}");
        }
        for (shown, share, missing) in [
            ("begin\na 1.00 s", 0.0, "nothing more"),
            ("...\nb 190, c\n...", 0.04, "b 190, c"),
            ("...\nmiddle\nend", 0.0, "end"),
            ("a 1.00 s\n...", 0.0, "a 1.00 s"),
        ] {
            assert_eq!(mismatch(shown, printed, share).as_deref(), Some(missing), "{shown}");
        }
    }
}
