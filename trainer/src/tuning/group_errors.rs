//! Errors of the groups that a validation keeps whole.

use serde::{Deserialize, Serialize};

use super::Criterion;

/// Errors on the configurations of the validation set that have one value of the feature of `--group`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupErrors {
    /// The value; missing for configurations without the feature.
    pub group: Option<String>,
    /// The fold that validates on them, from one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fold: Option<u64>,
    /// How many configurations.
    pub configurations: u64,
    /// RMS error of the energy, eV per atom.
    pub energy: Option<f64>,
    /// RMS error of the force components, eV/Å.
    pub force: Option<f64>,
}

impl GroupErrors {
    /// The group with the largest error: of energies where these decide, else of forces.
    pub fn worst(groups: &[Self], by: Criterion) -> Option<(&Self, f64)> {
        let with_errors = groups.iter().filter_map(|group| Some((group, group.error(by)?)));
        with_errors.max_by(|a, b| a.1.total_cmp(&b.1))
    }

    fn error(&self, by: Criterion) -> Option<f64> {
        match by {
            Criterion::Energy => self.energy,
            Criterion::Force | Criterion::Loss => self.force,
        }
    }

    /// Its name for people.
    pub fn name(&self) -> &str {
        self.group.as_deref().unwrap_or("without the feature")
    }
}

/// Heading of the error of the worst group, and the factor from its unit to that of the heading.
pub(super) fn heading(by: Criterion) -> (&'static str, f64) {
    match by {
        Criterion::Energy => (">its E, meV/atom", 1000.0),
        Criterion::Force | Criterion::Loss => (">its F, eV/Å", 1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_group_has_the_largest_error_that_decides() {
        let group = |name: &str, energy, force| GroupErrors {
            group: Some(name.into()),
            fold: None,
            configurations: 3,
            energy,
            force,
        };
        let groups = [
            group("a", Some(0.3), None),
            group("b", Some(0.1), Some(0.5)),
            group("c", Some(0.2), Some(0.7)),
            GroupErrors { group: None, ..group("", None, Some(0.1)) },
        ];
        let worst = |by| GroupErrors::worst(&groups, by).map(|(group, error)| (group.name(), error));
        assert_eq!(worst(Criterion::Force), Some(("c", 0.7)));
        assert_eq!(worst(Criterion::Loss), Some(("c", 0.7)));
        assert_eq!(worst(Criterion::Energy), Some(("a", 0.3)));
        assert_eq!(GroupErrors::worst(&groups[..1], Criterion::Force), None);
        assert_eq!(groups[3].name(), "without the feature");
    }
}
