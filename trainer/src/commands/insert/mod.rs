//! `mtprs insert`: ions on the sites of a host, by electrostatics first and then by a potential.

mod host;
mod pool;
mod relaxed;

use mtprs_core::geometry::{Configuration, Vector3};
use mtprs_core::potential::Potential;
use mtprs_core::{Error, ErrorKind};

use self::host::Host;
use self::relaxed::Relaxer;
use super::convert_output::StructureOutput;
use crate::Failure;
use crate::endpoint::{Output, load_potential, print, tell};
use crate::insertion::report::{Figures, NamedPair, Report};
use crate::insertion::{Charges, ClosestPair, Found, PairMatrix, Search, SiteEnergies, Sites, check_overlap};
use crate::job::InsertJob;
use crate::processes::{Interrupt, threads};
use crate::structure_files::Structure;
use crate::text::{PROGRAM, counted};

pub(super) fn run(job: &InsertJob, interrupt: Interrupt) -> Result<(), Failure> {
    let potential = job.typed.potential.as_deref().map(load_potential).transpose()?;
    let relaxer = potential.as_ref().map(|potential| Relaxer::new(job, potential)).transpose()?;
    let host = Host::read(job, potential.as_ref(), &interrupt)?;
    let contents = host.contents(job.typed.count);
    let balance = job.typed.balance.clone().unwrap_or_default();
    let charges =
        Charges::new(contents, &job.typed.charges, &balance).map_err(|error| host.explain(error))?;
    check_overlap(host.configuration()).map_err(|error| host.explain(error))?;
    let pool = threads::pool(job.run.threads)?;
    let sites = pool.install(|| sites(job, &host, &charges))?;
    interrupt.check()?;
    let energies = pool.install(|| energies(&host, &charges, &sites, &interrupt))?;
    let (count, keep, seed) = (job.typed.count, job.typed.keep, job.typed.seed);
    let search = Search { energies: &energies, count, keep, seed };
    let found = pool.install(|| pool::lowest(job, search, &interrupt))?;
    let mut made = Vec::new();
    for (place, found) in found.found().iter().enumerate() {
        made.push(Made::new(&host, &sites, found, place + 1)?);
    }
    if let Some(relaxer) = &relaxer {
        made = pool.install(|| relaxer.relax(made, &host.names, &interrupt))?;
    }
    let min_distance = job.typed.min_distance.or(potential.as_ref().map(min_dist));
    rank(&mut made, min_distance);
    write(job, &made)?;
    let report = Report {
        program: PROGRAM,
        host: host.figures(),
        species: job.typed.species.clone(),
        count,
        charges,
        settings: job.sites,
        sites,
        keep,
        seed,
        kicks: job.typed.kicks,
        min_distance,
        max_force: relaxer.map(|_| job.limits.max_force),
        structures: made.into_iter().map(|made| made.figures).collect(),
    };
    hand_out(job, &report)
}

fn min_dist(potential: &Potential) -> f64 {
    potential.radial_basis().min_dist()
}

/// The sites, if there are enough of them.
fn sites(job: &InsertJob, host: &Host, charges: &Charges) -> Result<Sites, Error> {
    let is_cation: Vec<bool> = charges.of_species.iter().map(|one| one.charge > 0.0).collect();
    let sites =
        Sites::of(host.configuration(), &is_cation, job.sites).map_err(|error| host.explain(error))?;
    let count = job.typed.count;
    if sites.merged >= count {
        return Ok(sites);
    }
    let Sites { vertices, far_enough, merged, .. } = sites;
    let message = format!(
        "there are {merged} sites for {}: of {vertices} Voronoi vertices {far_enough} are far enough from atoms, and \
         {merged} remain when close ones are merged",
        counted(count as u64, "ion")
    );
    let hint = "allow sites closer to atoms, --cation-distance and --anion-distance, or to each other, --merge, or insert fewer ions";
    Err(host.explain(Error::new(ErrorKind::Argument, message).hint(hint)))
}

/// Electrostatic energies of the sites.
fn energies(
    host: &Host,
    charges: &Charges,
    sites: &Sites,
    interrupt: &Interrupt,
) -> Result<SiteEnergies, Failure> {
    let configuration = host.configuration();
    let points = [&configuration.positions[..], &sites.positions].concat();
    let matrix = PairMatrix::new(&configuration.cell, &points, || interrupt.check())?;
    let of_atoms: Vec<f64> =
        configuration.species.iter().map(|&species| charges.of(species as usize)).collect();
    Ok(SiteEnergies::new(&matrix, &of_atoms, charges.of(host.inserted)))
}

/// A structure and what is to be said about it.
pub(super) struct Made {
    structure: Structure,
    figures: Figures,
}

impl Made {
    fn new(host: &Host, sites: &Sites, found: &Found, ewald_rank: usize) -> Result<Self, Error> {
        let places: Vec<Vector3> = found.sites.iter().map(|&site| sites.positions[site]).collect();
        let mut structure = host.with_ions(&places)?;
        let ions =
            Configuration::new(host.configuration().cell.clone(), vec![0; places.len()], places.clone())?;
        structure.configuration.set_feature("insert_ewald_rank", ewald_rank.to_string());
        structure.configuration.set_feature("insert_ewald", found.energy.to_string());
        let figures = Figures {
            ewald_rank,
            ewald_energy: found.energy,
            ion_distance: ClosestPair::of(&ions)?.map(|pair| pair.distance),
            closest: NamedPair::of(&structure.configuration, &host.names)?,
            sites: places,
            relaxed: None,
        };
        Ok(Self { structure, figures })
    }
}

/// The lowest first: by the potential if there is one; those with atoms too close last.
fn rank(made: &mut [Made], min_distance: Option<f64>) {
    let key = |made: &Made| {
        let energy = made.figures.relaxed.as_ref().map_or(made.figures.ewald_energy, |one| one.energy);
        (made.figures.is_too_close(min_distance), energy)
    };
    made.sort_by(|a, b| {
        let ((a_is_close, a), (b_is_close, b)) = (key(a), key(b));
        a_is_close.cmp(&b_is_close).then(a.total_cmp(&b))
    });
}

fn write(job: &InsertJob, made: &[Made]) -> Result<(), Failure> {
    let mut output = StructureOutput::new(&job.output, job.output_format, job.read());
    for made in made {
        output.write(&made.structure, false, |error| error.in_file(&job.output.name()))?;
    }
    output.finish()
}

fn hand_out(job: &InsertJob, report: &Report) -> Result<(), Failure> {
    if let Some(output) = &job.json {
        output.write_json(report)?;
    }
    let is_taken = [Some(&job.output), job.json.as_ref()].contains(&Some(&Output::Stdout));
    if !is_taken {
        return print(&report.render());
    }
    if !job.run.quiet {
        tell(report.render());
    }
    Ok(())
}
