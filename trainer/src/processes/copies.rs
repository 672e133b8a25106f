//! Copies of a program that knows nothing of MPI, started by a launcher of MPI: the first one works, with the cores that were
//! meant for all of them.

use std::thread::available_parallelism;

/// Number of a process among all, from zero, as launchers tell it.
const RANKS: [&str; 4] = ["OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"];
/// How many there are.
const SIZES: [&str; 3] = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_NTASKS"];
/// How many there are on this node.
const SIZES_HERE: [&str; 2] = ["OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS"];

/// This process among its copies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copies {
    /// Its number, from zero.
    pub rank: usize,
    /// Who says so.
    pub told_by: &'static str,
    /// How many there are on this node.
    here: usize,
}

impl Copies {
    /// What the environment says, if a launcher has started more than one.
    pub fn found() -> Option<Self> {
        Self::of(|name| std::env::var(name).ok())
    }

    fn of(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let number = |name: &&'static str| Some((*name, variable(name)?.trim().parse::<usize>().ok()?));
        let (told_by, rank) = RANKS.iter().find_map(number)?;
        let size = SIZES.iter().find_map(number).map_or(1, |(_, size)| size);
        let here = SIZES_HERE.iter().find_map(number).map_or(size, |(_, here)| here);
        (size > 1 || rank > 0).then_some(Self { rank, told_by, here: here.max(1) })
    }

    /// Threads for the one process that works: as many as there are copies on its node, if it may have the cores. Launchers
    /// bind each copy to cores of its own, which the others leave to this one.
    pub fn threads(&self) -> usize {
        #[cfg(target_os = "linux")]
        {
            use rustix::thread::{CpuSet, sched_setaffinity};
            let mut all = CpuSet::new();
            (0..CpuSet::MAX_CPU).for_each(|cpu| all.set(cpu));
            // Where the cores are not to be had, the work goes on with those that are.
            let _ = sched_setaffinity(None, &all);
        }
        available_parallelism().map_or(1, usize::from).min(self.here)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(variables: &[(&str, &str)]) -> Option<Copies> {
        Copies::of(|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn copies_are_known_by_what_launchers_say() {
        assert_eq!(found(&[]), None);
        let open_mpi = [
            ("OMPI_COMM_WORLD_RANK", "2"),
            ("OMPI_COMM_WORLD_SIZE", "4"),
            ("OMPI_COMM_WORLD_LOCAL_SIZE", "3"),
        ];
        assert_eq!(found(&open_mpi), Some(Copies { rank: 2, told_by: "OMPI_COMM_WORLD_RANK", here: 3 }));
        let mpich = [("PMI_RANK", "0"), ("PMI_SIZE", "4")];
        assert_eq!(found(&mpich), Some(Copies { rank: 0, told_by: "PMI_RANK", here: 4 }));
        assert_eq!(found(&[("PMI_RANK", "0"), ("PMI_SIZE", "1")]), None);
        assert_eq!(found(&[("SLURM_PROCID", "x")]), None);
    }
}
