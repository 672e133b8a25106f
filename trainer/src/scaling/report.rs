//! A prediction of how runs scale: a table for each system, and what it rests on.

use serde::Serialize;

use super::{Costs, Network, Prediction, System};
use crate::text::{Table, general, significant};

/// Everything that is said about a prediction.
#[derive(Clone, Debug, Serialize)]
pub struct ScalingReport {
    /// Program and version.
    pub program: &'static str,
    /// Facts about potential and atoms: label and value.
    pub facts: Vec<(String, String)>,
    /// What things cost on one core, seconds.
    pub costs: Costs,
    /// Where these come from.
    pub cost_source: CostSource,
    /// The machine.
    pub network: Network,
    /// Threads of each rank.
    pub threads_per_rank: usize,
    /// Time to simulate, ps.
    pub time: f64,
    /// Time step, ps.
    pub timestep: f64,
    /// Efficiency that is worth its cores.
    pub efficiency: f64,
    /// The systems.
    pub systems: Vec<SystemReport>,
}

/// Where the costs of a core come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CostSource {
    /// Measured with this many cores at work.
    Measured(usize),
    /// A log of LAMMPS.
    Log,
    /// The user.
    Given,
}

/// One system on all numbers of ranks.
#[derive(Clone, Debug, Serialize)]
pub struct SystemReport {
    /// Number of atoms.
    pub atoms: f64,
    /// Copies of the structure along its vectors, if there is one.
    pub replicate: Option<[usize; 3]>,
    /// Atoms per Å³.
    pub density: f64,
    /// Mean number of neighbors within cutoff and skin.
    pub listed_neighbors: f64,
    /// Steps from one neighbor list to the next.
    pub rebuild_every: f64,
    /// The predictions.
    pub rows: Vec<Prediction>,
    /// The largest number of ranks that is efficient enough.
    pub sensible_ranks: Option<usize>,
    /// The fastest number of ranks.
    pub fastest_ranks: Option<usize>,
}

impl SystemReport {
    /// Finds the range that makes sense.
    pub fn new(
        system: &System,
        replicate: Option<[usize; 3]>,
        rebuild_every: f64,
        rows: Vec<Prediction>,
        efficiency: f64,
    ) -> Self {
        let sensible = rows.iter().rev().find(|row| row.efficiency >= efficiency);
        let fastest = rows.iter().max_by(|a, b| a.ns_per_day.total_cmp(&b.ns_per_day));
        Self {
            atoms: system.atoms,
            replicate,
            density: system.atoms / system.simulation_box.volume(),
            listed_neighbors: system.listed_neighbors,
            rebuild_every,
            sensible_ranks: sensible.map(|row| row.ranks),
            fastest_ranks: fastest.map(|row| row.ranks),
            rows,
        }
    }

    /// The mark of a line: * for the largest number of ranks that makes sense, + for the fastest.
    pub fn mark(&self, row: &Prediction) -> String {
        let marks = [(self.sensible_ranks, "*"), (self.fastest_ranks, "+")];
        marks.into_iter().filter(|(ranks, _)| *ranks == Some(row.ranks)).map(|(_, mark)| mark).collect()
    }

    /// What the system is.
    pub fn describe(&self) -> String {
        let copies = self.replicate.filter(|copies| *copies != [1; 3]);
        let copies = copies.map_or(String::new(), |[x, y, z]| format!(" (replicate {x} {y} {z})"));
        format!(
            "{:.0} atoms{copies}: {} neighbors within cutoff and skin, new lists every {} steps",
            self.atoms,
            significant(Some(self.listed_neighbors), 3),
            general(self.rebuild_every, 3)
        )
    }
}

/// Headings of the table; `>` stands before those of numbers.
pub(super) const COLUMNS: [&str; 18] = [
    "",
    ">cores",
    ">ranks",
    "grid",
    ">atoms/rank",
    ">ghosts/rank",
    ">kB/step",
    ">µs/step: pair",
    ">uneven",
    ">lists",
    ">ghosts",
    ">messages",
    ">sums",
    ">rest",
    ">all",
    ">ns/day",
    ">efficiency",
    ">hours",
];

/// The cells of a line.
pub(super) fn cells(system: &SystemReport, row: &Prediction) -> Vec<String> {
    let three = |value: f64| general(value, 3);
    let micro = |seconds: f64| if seconds == 0.0 { "0".into() } else { significant(Some(1e6 * seconds), 3) };
    let seconds = &row.seconds;
    let mut cells = vec![
        system.mark(row),
        row.cores.to_string(),
        row.ranks.to_string(),
        row.grid.map(|count| count.to_string()).join("x"),
        general(row.atoms_per_rank, 4),
        general(row.ghosts_per_rank, 4),
        three(1e-3 * row.bytes_per_step),
    ];
    cells.extend(
        [
            seconds.pair,
            seconds.imbalance,
            seconds.lists,
            seconds.ghosts,
            seconds.messages,
            seconds.reductions,
            seconds.integrate,
            seconds.total(),
        ]
        .map(micro),
    );
    cells.extend([three(row.ns_per_day), format!("{:.0} %", 100.0 * row.efficiency), three(row.hours)]);
    cells
}

impl ScalingReport {
    /// Where the time of the potential comes from, in words.
    pub fn origin_of_costs(&self) -> String {
        match self.cost_source {
            CostSource::Measured(1) => "measured here, one core busy".into(),
            CostSource::Measured(cores) => format!("measured here, {cores} cores busy"),
            CostSource::Log => "from the log".into(),
            CostSource::Given => "as given".into(),
        }
    }

    /// The machine in words.
    pub fn machine(&self) -> String {
        let Network { ranks_per_node, latency, bandwidth, node_latency, node_bandwidth } = self.network;
        format!(
            "{} x {} threads per node; between nodes {} µs, {} GB/s per node; within {} µs, {} GB/s per rank",
            ranks_per_node,
            self.threads_per_rank,
            general(1e6 * latency, 3),
            general(1e-9 * bandwidth, 3),
            general(1e6 * node_latency, 3),
            general(1e-9 * node_bandwidth, 3)
        )
    }

    /// The prediction as text.
    pub fn render(&self) -> String {
        let mut table = Table::new(&["Prediction", ""]);
        for (label, value) in &self.facts {
            table.row(vec![label.clone(), value.clone()]);
        }
        table.row(vec!["Costs".into(), self.origin_of_costs()]);
        table.row(vec!["Machine".into(), self.machine()]);
        table.row(vec![
            "Run".into(),
            format!("{} ps in steps of {} ps", general(self.time, 6), general(self.timestep, 6)),
        ]);
        let mut text = table.render();
        for system in &self.systems {
            text.push_str(&format!("\n{}\n\n", system.describe()));
            let mut table = Table::new(&COLUMNS);
            for row in &system.rows {
                table.row(cells(system, row));
            }
            text.push_str(&table.render());
        }
        text.push_str(&format!(
            "\n* the most ranks with an efficiency of {} % or more; + the fastest. Uneven: waiting for the rank with \
             the most atoms.\n",
            general(100.0 * self.efficiency, 3)
        ));
        text
    }
}
