//! Numbers as the writers of this room put them into files: the shortest decimals that are read back as the same double.

pub(super) use mtprs_core::format::shortest;
use mtprs_core::geometry::Vector3;

/// A number in a column of width 24.
pub(super) fn column(value: f64) -> String {
    format!(" {:>24}", shortest(value))
}

/// Three columns.
pub(super) fn columns(vector: Vector3) -> String {
    vector.map(column).concat()
}

/// Numbers separated by single blanks.
pub(super) fn list(values: impl IntoIterator<Item = f64>) -> String {
    values.into_iter().map(shortest).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_back_as_the_same_doubles() {
        for value in [0.0, -0.0, 3.0, 0.1 + 0.2, 1e-300, -1.5e7, f64::MAX, f64::MIN_POSITIVE, 1.0 / 3.0] {
            assert_eq!(shortest(value).parse::<f64>().unwrap().to_bits(), value.to_bits());
        }
        assert_eq!(list([1.0, -2.5, 1e300]), "1.0 -2.5 1e300");
    }
}
