//! Sums of few blocks with factors: extended moments, dependent targets, scaled copies.

use super::blocks::Offset;

/// M\[target\] = Σ factor · M\[summand\], in an order in which summands are there when they are needed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sums {
    pub(crate) runs: Vec<SumRun>,
    pub(crate) targets: Vec<Offset>,
    pub(crate) summands: Vec<(Offset, f64)>,
}

/// Sums one after the other that do not need each other and have the same number of summands, which the processor can
/// foresee.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SumRun {
    pub(crate) sums: u32,
    /// Summands of each sum.
    pub(crate) summands: u32,
}

impl Sums {
    /// `sums`: targets with their summands; those that are targets, too, stand before. `blocks`: number of all blocks.
    pub(super) fn new(sums: &[(u32, Vec<(u32, f64)>)], blocks: usize) -> Self {
        let mut depths = vec![0; blocks];
        let mut order = Vec::with_capacity(sums.len());
        for (number, (target, summands)) in sums.iter().enumerate() {
            let depth = 1 + summands.iter().map(|summand| depths[summand.0 as usize]).max().unwrap_or(0);
            depths[*target as usize] = depth;
            order.push((depth, summands.len(), number));
        }
        order.sort_unstable();
        let mut ordered = Self::default();
        for run in order.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            ordered.runs.push(SumRun { sums: run.len() as u32, summands: run[0].1 as u32 });
            for (target, summands) in run.iter().map(|&(.., number)| &sums[number]) {
                ordered.targets.push(Offset::new(*target));
                let placed = summands.iter().map(|&(summand, factor)| (Offset::new(summand), factor));
                ordered.summands.extend(placed);
            }
        }
        ordered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summands_stand_before_what_needs_them() {
        let sums = [
            (10, vec![(0, 1.0), (1, 2.0)]),
            (11, vec![(10, 1.0)]),
            (12, vec![(2, 3.0)]),
            (13, vec![(11, 1.0), (12, -1.0)]),
            (14, vec![(3, 1.0), (4, 1.0)]),
        ];
        let ordered = Sums::new(&sums, 15);
        let targets: Vec<u32> = ordered.targets.iter().map(|target| target.number()).collect();
        assert_eq!(targets, [12, 10, 14, 11, 13]);
        let runs: Vec<[u32; 2]> = ordered.runs.iter().map(|run| [run.sums, run.summands]).collect();
        assert_eq!(runs, [[1, 1], [2, 2], [1, 1], [1, 2]]);
        let summands: Vec<(u32, f64)> =
            ordered.summands.iter().map(|&(summand, factor)| (summand.number(), factor)).collect();
        assert_eq!(summands[..3], [(2, 3.0), (0, 1.0), (1, 2.0)]);
    }
}
