//! The linear assignment problem: which row takes which column so that the costs sum to the least.
//!
//! Rows are assigned one after the other along shortest augmenting paths, with dual prices that keep all reduced costs from
//! falling below zero: the Hungarian algorithm as R. Jonker and A. Volgenant do it, Computing 38, 325 (1987).

/// Nothing is assigned.
const FREE: usize = usize::MAX;

/// For each row its column, of a square table of costs, row by row.
pub(super) fn assignment(costs: &[f64], size: usize) -> Vec<usize> {
    let mut problem = Problem::new(costs, size);
    for row in 0..size {
        if problem.column_of[row] == FREE {
            problem.assign(row);
        }
    }
    problem.column_of
}

struct Problem<'a> {
    costs: &'a [f64],
    size: usize,
    /// Dual prices.
    row_price: Vec<f64>,
    column_price: Vec<f64>,
    column_of: Vec<usize>,
    row_of: Vec<usize>,
    /// Length of the shortest path to each column, and the row before its end.
    length: Vec<f64>,
    before: Vec<usize>,
    is_reached: Vec<bool>,
}

impl<'a> Problem<'a> {
    /// Each column asks for its cheapest row, and gets it if nobody was there before.
    fn new(costs: &'a [f64], size: usize) -> Self {
        let mut problem = Self {
            costs,
            size,
            row_price: vec![0.0; size],
            column_price: vec![f64::INFINITY; size],
            column_of: vec![FREE; size],
            row_of: vec![FREE; size],
            length: vec![0.0; size],
            before: vec![FREE; size],
            is_reached: vec![false; size],
        };
        let mut cheapest = vec![0; size];
        for (row, costs) in costs.chunks(size.max(1)).enumerate() {
            for (column, cost) in costs.iter().enumerate() {
                if *cost < problem.column_price[column] {
                    (problem.column_price[column], cheapest[column]) = (*cost, row);
                }
            }
        }
        for (column, row) in cheapest.into_iter().enumerate() {
            if problem.column_of[row] == FREE {
                (problem.column_of[row], problem.row_of[column]) = (column, row);
            }
        }
        problem
    }

    /// Assigns a free row along the shortest augmenting path.
    fn assign(&mut self, start: usize) {
        self.length.fill(f64::INFINITY);
        self.is_reached.fill(false);
        let (mut row, mut reached) = (start, 0.0);
        let end = loop {
            let column = self.step(row, reached);
            reached = self.length[column];
            self.is_reached[column] = true;
            match self.row_of[column] {
                FREE => break column,
                next => row = next,
            }
        };
        self.change_prices(start, reached);
        self.flip(start, end);
    }

    /// Goes on from a row that is `reached` from the start, and returns the nearest column that was not reached before.
    fn step(&mut self, row: usize, reached: f64) -> usize {
        let costs = &self.costs[row * self.size..][..self.size];
        let base = reached - self.row_price[row];
        let (mut nearest, mut least) = (0, f64::INFINITY);
        for column in 0..self.size {
            if self.is_reached[column] {
                continue;
            }
            let length = base + costs[column] - self.column_price[column];
            if length < self.length[column] {
                (self.length[column], self.before[column]) = (length, row);
            }
            if self.length[column] < least {
                (nearest, least) = (column, self.length[column]);
            }
        }
        nearest
    }

    fn change_prices(&mut self, start: usize, reached: f64) {
        for column in 0..self.size {
            if self.is_reached[column] {
                let gain = reached - self.length[column];
                self.column_price[column] -= gain;
                if self.row_of[column] != FREE {
                    self.row_price[self.row_of[column]] += gain;
                }
            }
        }
        self.row_price[start] += reached;
    }

    /// Exchanges what is assigned and what is not along the path that ends at a column.
    fn flip(&mut self, start: usize, end: usize) {
        let mut column = end;
        loop {
            let row = self.before[column];
            self.row_of[column] = row;
            std::mem::swap(&mut self.column_of[row], &mut column);
            if row == start {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Sequence;

    /// The least sum of all permutations.
    fn least(costs: &[f64], size: usize, row: usize, taken: &mut Vec<bool>) -> f64 {
        if row == size {
            return 0.0;
        }
        let mut best = f64::INFINITY;
        for column in 0..size {
            if !taken[column] {
                taken[column] = true;
                best = best.min(costs[row * size + column] + least(costs, size, row + 1, taken));
                taken[column] = false;
            }
        }
        best
    }

    #[test]
    fn the_sum_is_the_least_of_all_permutations() {
        let mut numbers = Sequence::new(2);
        for case in 0..300 {
            let size = case % 8;
            // Whole numbers make ties, negative ones need prices below zero.
            let cost =
                |_| if case % 2 == 0 { (6.0 * numbers.uniform()).floor() - 2.0 } else { numbers.uniform() };
            let costs: Vec<f64> = (0..size * size).map(cost).collect();
            let found = assignment(&costs, size);
            let mut columns = found.clone();
            columns.sort_unstable();
            assert_eq!(columns, (0..size).collect::<Vec<_>>());
            let sum: f64 = found.iter().enumerate().map(|(row, column)| costs[row * size + column]).sum();
            let expected = least(&costs, size, 0, &mut vec![false; size]);
            assert!((sum - expected).abs() < 1e-12, "case {case}: {sum} {expected}");
        }
    }
}
