//! Columns of text that line up.

/// A table with a line of headings; the first columns are texts, the others numbers that end flush.
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

    /// Adds a line with one text for each heading.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// The lines, each indented by two spaces and ended by a line break.
    pub fn render(&self) -> String {
        let width_of = |column: usize| {
            self.rows
                .iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.flush_right.len()).map(width_of).collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for ((cell, &width), &flush_right) in row.iter().zip(&widths).zip(&self.flush_right) {
                line.push_str("  ");
                if flush_right {
                    line.push_str(&format!("{cell:>width$}"));
                } else {
                    line.push_str(&format!("{cell:<width$}"));
                }
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
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
}
