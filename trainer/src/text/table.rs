//! Columns of text that line up.

use unicode_width::UnicodeWidthStr;

/// Columns of a terminal that a table fits if it can.
const WIDTH: usize = 100;
/// Most lines of headings.
const MOST_LINES: usize = 3;

/// A table with headings; the first columns are texts, the others numbers that end flush.
#[derive(Clone, Debug)]
pub struct Table {
    rows: Vec<Vec<String>>,
    flush_right: Vec<bool>,
}

impl Table {
    /// An empty table. Headings that begin with `>` belong to columns of numbers.
    pub fn new(headings: &[&str]) -> Self {
        let flush_right = headings.iter().map(|heading| heading.starts_with('>')).collect();
        let row = headings.iter().map(|heading| heading.trim_start_matches('>').to_owned()).collect();
        Self { rows: vec![row], flush_right }
    }

    /// The table without these columns. What stands before a colon in a heading, as it does for several columns, goes, too.
    pub fn without(mut self, columns: impl Fn(usize) -> bool) -> Self {
        for heading in &mut self.rows[0] {
            if let Some((_, rest)) = heading.split_once(": ") {
                *heading = rest.to_owned();
            }
        }
        let kept = |number: &mut usize| {
            *number += 1;
            !columns(*number - 1)
        };
        for row in &mut self.rows {
            let mut number = 0;
            row.retain(|_| kept(&mut number));
        }
        let mut number = 0;
        self.flush_right.retain(|_| kept(&mut number));
        self
    }

    /// Adds a line with one text for each heading.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// The lines, each indented by two spaces and ended by a line break. In a table of more than [`WIDTH`] columns those
    /// headings are folded that make it narrower, until it fits.
    pub fn render(&self) -> String {
        let cells: Vec<usize> =
            (0..self.flush_right.len()).map(|column| self.width_of_cells(column)).collect();
        let headings = self.folded(&cells);
        let widths: Vec<usize> =
            headings.iter().zip(&cells).map(|(lines, &width)| width.max(widest(lines))).collect();
        let height = headings.iter().map(Vec::len).max().unwrap_or(1);
        let mut text = String::new();
        for line in 0..height {
            let at =
                |lines: &Vec<String>| (line + lines.len()).checked_sub(height).map(|own| lines[own].clone());
            self.line(
                &mut text,
                &headings.iter().map(|lines| at(lines).unwrap_or_default()).collect::<Vec<_>>(),
                &widths,
            );
        }
        self.rows[1..].iter().for_each(|row| self.line(&mut text, row, &widths));
        text
    }

    /// The lines of each heading above cells of these widths: folds that save most come first. None is folded if the table does not
    /// fit then either.
    fn folded(&self, cells: &[usize]) -> Vec<Vec<String>> {
        let mut headings: Vec<Vec<String>> =
            self.rows[0].iter().map(|heading| vec![heading.clone()]).collect();
        let width = |lines: &[String], cells: usize| cells.max(widest(lines));
        while headings.iter().zip(cells).map(|(lines, &cells)| 2 + width(lines, cells)).sum::<usize>() > WIDTH
        {
            let saved = |column: usize| {
                let (lines, cells) = (&headings[column], cells[column]);
                let next = (lines.len() < MOST_LINES)
                    .then(|| fold(&self.rows[0][column], lines.len() + 1, cells))?;
                Some((width(lines, cells) - width(&next, cells).min(width(lines, cells)), column, next))
            };
            let best = (0..headings.len()).filter_map(saved).max_by_key(|&(saved, ..)| saved);
            match best {
                Some((1.., column, next)) => headings[column] = next,
                _ => return self.rows[0].iter().map(|heading| vec![heading.clone()]).collect(),
            }
        }
        headings
    }

    fn width_of_cells(&self, column: usize) -> usize {
        self.rows[1..].iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or(0)
    }

    fn line(&self, text: &mut String, row: &[String], widths: &[usize]) {
        let mut line = String::new();
        for ((cell, &width), &flush_right) in row.iter().zip(widths).zip(&self.flush_right) {
            line.push_str("  ");
            let padding = " ".repeat(width.saturating_sub(cell.width()));
            let (before, after) = if flush_right { (padding.as_str(), "") } else { ("", padding.as_str()) };
            line.extend([before, cell, after]);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
}

fn widest(lines: &[String]) -> usize {
    lines.iter().map(|line| line.width()).max().unwrap_or(0)
}

/// A heading on few lines, `most` at most, not narrower than need be for cells of this width.
fn fold(heading: &str, most: usize, width: usize) -> Vec<String> {
    let words: Vec<&str> = heading.split(' ').collect();
    let full = heading.width();
    (width.min(full)..full)
        .map(|width| wrapped(&words, width))
        .find(|lines| lines.len() <= most)
        .unwrap_or_else(|| vec![heading.to_owned()])
}

/// Words on lines of this width, or of their own if they are longer.
fn wrapped(words: &[&str], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push((*word).to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_whatever_their_letters() {
        let mut table = Table::new(&["quantity", ">max |Δ|, eV/Å", "where"]);
        table.row(vec!["force".into(), "0.5".into(), "here".into()]);
        let expected = "  quantity  max |Δ|, eV/Å  where\n  force               0.5  here\n";
        assert_eq!(table.render(), expected);
    }

    #[test]
    fn wide_and_combining_characters_take_their_columns() {
        let mut table = Table::new(&["name", ">n"]);
        for name in ["日本", "e\u{301}", "ab"] {
            table.row(vec![name.into(), "1".into()]);
        }
        assert_eq!(table.render(), "  name  n\n  日本  1\n  e\u{301}     1\n  ab    1\n");
    }

    #[test]
    fn a_table_loses_columns_with_their_headings() {
        let mut table = Table::new(&["a", ">b: b", ">c: c"]);
        table.row(vec!["x".into(), "1".into(), "22".into()]);
        assert_eq!(table.without(|column| column == 1).render(), "  a   c\n  x  22\n");
    }

    #[test]
    fn headings_are_folded_until_the_table_fits() {
        let cells = vec!["1".to_owned(); 8];
        let narrow = |heading: &str| {
            let mut table = Table::new(&[heading; 8]);
            table.row(cells.clone());
            table.render()
        };
        let heading = |text: &str| text.lines().take_while(|line| !line.contains('1')).count();
        for (word, lines) in [(">energies", 1), (">component maximum", 2), (">largest component maximum", 3)]
        {
            let text = narrow(word);
            assert_eq!(heading(&text), lines, "{text}");
            assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        }
        for (width, expected) in
            [(80, ["largest", "component", "maximum of all"]), (90, ["largest component maximum of all"; 3])]
        {
            let mut table = Table::new(&["name", ">largest component maximum of all"]);
            table.row(vec!["x".repeat(width), "0.5".into()]);
            let text = table.render();
            assert!(
                text.lines().zip(expected).next().is_some_and(|(line, end)| line.ends_with(end)),
                "{text}"
            );
        }
    }
}
