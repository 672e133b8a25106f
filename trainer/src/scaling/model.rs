//! Time per step on this many ranks, part by part.

use serde::Serialize;

use super::bricks::{SimulationBox, grid};
use super::loads::{Atoms, Loads, by_count, by_volume};
use super::network::Network;

/// Central atoms that the kernels work on together.
const BATCH: f64 = 8.0;
/// Bytes of a ghost in the messages of atom style atomic: its position on the way out, its force on the way back.
const VECTOR: f64 = 24.0;
/// The same when lists are made anew: position, number, type, mask.
const BORDER: f64 = 48.0;

/// What things cost on one core, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Costs {
    /// Energy, forces and virial of an atom, by the list with its skin.
    pub pair: f64,
    /// The same of no atom: what a call costs whatever there is to do.
    pub call: f64,
    /// One entry of a neighbor list, when it is made.
    pub list: f64,
    /// Copying, clearing and adding for one ghost in a step.
    pub ghost: f64,
    /// Integration of an atom, and what else is done with it in a step.
    pub integrate: f64,
}

/// What is run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Simulation {
    /// Cutoff of the potential, Å.
    pub cutoff: f64,
    /// Skin of the neighbor lists, Å.
    pub skin: f64,
    /// Steps from one neighbor list to the next.
    pub rebuild_every: f64,
    /// Threads of each rank, which only the potential uses.
    pub threads: usize,
    /// Sums over all ranks in a step.
    pub reductions: f64,
    /// Length of a step, ps.
    pub timestep: f64,
    /// Time to be simulated, ps.
    pub time: f64,
}

/// The atoms of a run.
#[derive(Clone, Debug)]
pub struct System {
    /// The box of all copies.
    pub simulation_box: SimulationBox,
    /// Number of atoms.
    pub atoms: f64,
    /// Neighbors of an atom within cutoff and skin, mean.
    pub listed_neighbors: f64,
    /// The cell that is repeated, and how often, unless atoms are everywhere equally dense.
    pub cell: Option<(Atoms, [usize; 3])>,
}

/// Seconds of a step, by what they are spent on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Parts {
    /// The potential, for the mean number of atoms.
    pub pair: f64,
    /// Waiting for the rank that owns most atoms.
    pub imbalance: f64,
    /// Neighbor lists.
    pub lists: f64,
    /// Copying and adding of ghosts, within a rank.
    pub ghosts: f64,
    /// Messages to the neighbors.
    pub messages: f64,
    /// Sums over all ranks.
    pub reductions: f64,
    /// Integration and the rest.
    pub integrate: f64,
}

impl Parts {
    /// Seconds of a step.
    pub fn total(&self) -> f64 {
        let Self { pair, imbalance, lists, ghosts, messages, reductions, integrate } = self;
        pair + imbalance + lists + ghosts + messages + reductions + integrate
    }
}

/// A run on this many ranks; numbers are means over the ranks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Prediction {
    /// Ranks.
    pub ranks: usize,
    /// Cores: threads of all ranks.
    pub cores: usize,
    /// Nodes.
    pub nodes: usize,
    /// Ranks along each direction.
    pub grid: [usize; 3],
    /// Atoms that a rank owns.
    pub atoms_per_rank: f64,
    /// Atoms of the rank that owns most.
    pub most_atoms: f64,
    /// Ghosts of a rank.
    pub ghosts_per_rank: f64,
    /// Messages that a rank sends in a step to other ranks, sums not counted.
    pub messages_per_step: f64,
    /// Bytes of these.
    pub bytes_per_step: f64,
    /// Seconds of a step.
    pub seconds: Parts,
    /// Simulated nanoseconds in a day.
    pub ns_per_day: f64,
    /// Speed per core beside that of one core.
    pub efficiency: f64,
    /// Hours for the time that was asked for.
    pub hours: f64,
    /// Cores times these hours.
    pub core_hours: f64,
}

/// Predicts a run on each of these numbers of ranks.
pub fn predict(
    system: &System,
    settings: &Simulation,
    costs: &Costs,
    network: &Network,
    ranks: &[usize],
) -> Vec<Prediction> {
    let alone = Simulation { threads: 1, ..*settings };
    let on_one_core = on_ranks(system, &alone, costs, network, 1).seconds.total();
    let steps = settings.time / settings.timestep;
    let complete = |&count: &usize| {
        let mut run = on_ranks(system, settings, costs, network, count);
        let seconds = run.seconds.total();
        run.ns_per_day = 86_400.0 / seconds * settings.timestep * 1e-3;
        run.efficiency = on_one_core / (seconds * run.cores as f64);
        run.hours = steps * seconds / 3600.0;
        run.core_hours = run.hours * run.cores as f64;
        run
    };
    ranks.iter().map(complete).collect()
}

fn on_ranks(
    system: &System,
    settings: &Simulation,
    costs: &Costs,
    network: &Network,
    ranks: usize,
) -> Prediction {
    let simulation_box = &system.simulation_box;
    let (grid, range) = (grid(ranks, simulation_box), settings.cutoff + settings.skin);
    let loads = match &system.cell {
        Some((atoms, copies)) => by_count(atoms, *copies, simulation_box, grid, range),
        None => by_volume(simulation_box, grid, range, system.atoms),
    };
    let rebuilds = 1.0 / settings.rebuild_every;
    let pair = |atoms: f64| costs.call + costs.pair * of_slowest_thread(atoms, settings.threads);
    let lists = |atoms: f64| atoms * system.listed_neighbors * costs.list * rebuilds;
    let integrate = |atoms: f64| atoms * costs.integrate;
    let of_atoms = |atoms: f64| pair(atoms) + lists(atoms) + integrate(atoms);
    let halo = Halo::new(system, grid, range, network, &loads, rebuilds);
    let seconds = Parts {
        pair: pair(loads.atoms),
        imbalance: of_atoms(loads.most_atoms) - of_atoms(loads.atoms),
        lists: lists(loads.atoms),
        ghosts: loads.all_ghosts() * costs.ghost,
        messages: halo.seconds,
        reductions: settings.reductions * network.reduction(ranks),
        integrate: integrate(loads.atoms),
    };
    Prediction {
        ranks,
        cores: ranks * settings.threads,
        nodes: network.nodes(ranks),
        grid,
        atoms_per_rank: loads.atoms,
        most_atoms: loads.most_atoms,
        ghosts_per_rank: loads.all_ghosts(),
        messages_per_step: halo.messages,
        bytes_per_step: halo.bytes,
        seconds,
        ns_per_day: 0.0,
        efficiency: 0.0,
        hours: 0.0,
        core_hours: 0.0,
    }
}

/// Atoms of the thread that has most of them: whole batches are divided among the threads.
fn of_slowest_thread(atoms: f64, threads: usize) -> f64 {
    let threads = threads as f64;
    // A rank whose number of atoms changes has half a batch too many on the mean, each thread of it.
    let batches = atoms / BATCH / threads;
    BATCH * (batches + 0.5).max(batches.ceil().min(1.0))
}

/// Messages with ghosts in a step, the steps that make lists anew counted by their share.
struct Halo {
    messages: f64,
    bytes: f64,
    seconds: f64,
}

impl Halo {
    fn new(
        system: &System,
        grid: [usize; 3],
        range: f64,
        network: &Network,
        loads: &Loads,
        rebuilds: f64,
    ) -> Self {
        let SimulationBox { periodic, .. } = system.simulation_box;
        let (heights, swaps) = (system.simulation_box.heights(), network.swaps(grid, periodic));
        let mut halo = Self { messages: 0.0, bytes: 0.0, seconds: 0.0 };
        for k in (0..3).filter(|&k| swaps[k].is_divided()) {
            // Ranks on one side that a brick needs atoms of.
            let hops = (range * grid[k] as f64 / heights[k]).floor() + 1.0;
            let hops = if periodic[k] { hops } else { hops.min(grid[k] as f64 - 1.0) };
            let ghosts = loads.ghosts[k];
            let time = |messages: f64, bytes: f64| network.seconds(swaps[k], messages, bytes);
            let vectors = time(hops, VECTOR * ghosts);
            // With lists, atoms change their ranks and ghosts are chosen anew, each with its number ahead.
            let anew = time(2.0 * hops, BORDER * ghosts) + time(2.0, 0.0);
            halo.seconds += (1.0 - rebuilds) * vectors + vectors + rebuilds * anew;
            let sides = if grid[k] == 2 { 1.0 } else { 2.0 };
            halo.messages += 2.0 * hops * (2.0 - rebuilds) + rebuilds * (4.0 * hops + 2.0 * sides);
            halo.bytes += ghosts * (VECTOR * (2.0 - rebuilds) + BORDER * rebuilds);
        }
        halo
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COSTS: Costs = Costs { pair: 1e-6, call: 0.0, list: 2e-8, ghost: 5e-9, integrate: 1e-8 };
    const SETTINGS: Simulation = Simulation {
        cutoff: 5.0,
        skin: 1.0,
        rebuild_every: 10.0,
        threads: 1,
        reductions: 2.0,
        timestep: 0.001,
        time: 1000.0,
    };
    const NETWORK: Network = Network {
        ranks_per_node: 64,
        latency: 2e-6,
        bandwidth: 12.5e9,
        node_latency: 5e-7,
        node_bandwidth: 5e9,
    };

    fn system(atoms: f64) -> System {
        let simulation_box = SimulationBox::cube(atoms / 0.09);
        System { simulation_box, atoms, listed_neighbors: 80.0, cell: None }
    }

    #[test]
    fn large_systems_scale_and_small_ones_stop() {
        let ranks: Vec<usize> = (0..15).map(|power| 1 << power).collect();
        let large = predict(&system(1e8), &SETTINGS, &COSTS, &NETWORK, &ranks);
        assert!((large[0].efficiency - 1.0).abs() < 1e-12);
        assert!(large[14].efficiency > 0.7, "{:?}", large[14]);
        let small = predict(&system(1e3), &SETTINGS, &COSTS, &NETWORK, &ranks);
        assert!(small[3].efficiency > 0.5 && small[10].efficiency < 0.02, "{small:?}");
        for row in large.iter().chain(&small) {
            assert!(row.efficiency <= 1.0 + 1e-12);
            assert!((row.core_hours - row.hours * row.cores as f64).abs() < 1e-9 * row.core_hours);
            let day = 24.0 / row.hours * SETTINGS.time * 1e-3;
            assert!((row.ns_per_day / day - 1.0).abs() < 1e-9);
        }
    }

    /// Counted with MPI for 768 atoms of MgV2O5, reach 6 Å: messages and bytes that a rank sends in a step without and with
    /// new lists.
    #[test]
    fn messages_are_those_of_lammps() {
        let vectors = [[17.4, 0.0, 0.0], [0.0, 21.36, 0.0], [0.0, 0.0, 22.94]];
        let simulation_box = SimulationBox { vectors, periodic: [true; 3] };
        let system = System { simulation_box, atoms: 768.0, listed_neighbors: 80.0, cell: None };
        for (ranks, [usual, anew], bytes) in
            [(2, [4.0, 8.0], 50832.0), (4, [8.0, 16.0], 52512.0), (8, [12.0, 24.0], 43584.0)]
        {
            let never = Simulation { cutoff: 5.5, skin: 0.5, rebuild_every: f64::INFINITY, ..SETTINGS };
            let always = Simulation { rebuild_every: 1.0, ..never };
            let [never, always] =
                [never, always].map(|settings| predict(&system, &settings, &COSTS, &NETWORK, &[ranks])[0]);
            assert_eq!([never.messages_per_step, always.messages_per_step], [usual, anew], "{ranks} ranks");
            assert!((never.bytes_per_step / bytes - 1.0).abs() < 0.02, "{} {bytes}", never.bytes_per_step);
            assert!((always.bytes_per_step / bytes - 1.5).abs() < 0.03);
        }
    }

    #[test]
    fn threads_share_whole_batches() {
        assert_eq!(of_slowest_thread(800.0, 1), 804.0);
        assert_eq!(of_slowest_thread(800.0, 4), 204.0);
        assert_eq!(of_slowest_thread(4.0, 1), 8.0);
        assert_eq!(of_slowest_thread(0.5, 1), 8.0);
    }
}
