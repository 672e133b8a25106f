//! Files whose configurations are numbered one after the other, and where each of them is.

/// Files in the order in which they are read.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// How many configurations come before those of a file, and its name.
    begins: Vec<(u64, String)>,
}

impl Files {
    /// Begins with the next file, which `before` configurations come before.
    pub fn begin(&mut self, before: u64, name: &str) {
        self.begins.push((before, name.to_owned()));
    }

    /// The file of a configuration, unless there is but one, and its number there, from one.
    pub fn place(&self, number: u64) -> (Option<String>, u64) {
        let after = self.begins.partition_point(|(before, _)| *before < number);
        let Some((before, name)) = after.checked_sub(1).and_then(|file| self.begins.get(file)) else {
            return (None, number);
        };
        ((self.begins.len() > 1).then(|| name.clone()), number - before)
    }
}

/// A configuration of one of several files, in words.
pub(super) fn configuration(file: Option<&str>, number: u64) -> String {
    match file {
        Some(file) => format!("{number} of {file}"),
        None => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configurations_count_in_their_own_file() {
        let mut files = Files::default();
        assert_eq!(files.place(3), (None, 3));
        files.begin(0, "a");
        assert_eq!(files.place(3), (None, 3));
        // Nothing is in the second file.
        files.begin(3, "b");
        files.begin(3, "c");
        assert_eq!(files.place(3), (Some("a".into()), 3));
        assert_eq!(files.place(4), (Some("c".into()), 1));
        assert_eq!(configuration(Some("c"), 1), "1 of c");
    }
}
