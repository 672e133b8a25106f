//! The search on all threads: greedy from every site, then chains of kicks from the lowest that were found.

use indicatif::ProgressBar;
use rayon::prelude::*;

use crate::Failure;
use crate::insertion::{Pool, Search};
use crate::job::InsertJob;
use crate::pipeline::on_stderr;
use crate::processes::Interrupt;

/// Chains, the same on any number of threads.
const CHAINS: usize = 16;
/// What the bar looks like.
const TEMPLATE: &str = "{wide_bar} {percent:>3}%  {msg}  {eta} left";

/// The lowest occupations.
pub(super) fn lowest(job: &InsertJob, search: Search<'_>, interrupt: &Interrupt) -> Result<Pool, Failure> {
    let sites = search.energies.sites();
    let wide = Search { keep: search.keep.max(CHAINS), ..search };
    let bar = bar(job, sites, "greedy");
    let pools: Vec<Result<Pool, Failure>> = (0..sites)
        .into_par_iter()
        .map(|site| {
            interrupt.check()?;
            let pool = wide.greedy(site);
            bar.inc(1);
            Ok(pool)
        })
        .collect();
    bar.finish_and_clear();
    let mut lowest = Pool::new(wide.keep);
    merge(&mut lowest, pools)?;
    let starts: Vec<Vec<usize>> = lowest.found().iter().map(|found| found.sites.clone()).collect();
    let bar = self::bar(job, CHAINS * job.typed.kicks, "kicks");
    let chain = |number: usize| {
        let mut chain = wide.chain(number as u64, &starts[number % starts.len()]);
        for _ in 0..job.typed.kicks {
            interrupt.check()?;
            chain.kick();
            bar.inc(1);
        }
        Ok(chain.pool())
    };
    let pools: Vec<Result<Pool, Failure>> = (0..CHAINS).into_par_iter().with_max_len(1).map(chain).collect();
    bar.finish_and_clear();
    merge(&mut lowest, pools)?;
    let minima = lowest.found().to_vec();
    let mut kept = Pool::new(search.keep);
    kept.merge(lowest);
    if minima.len() < search.keep {
        for found in &minima {
            interrupt.check()?;
            kept.merge(search.beside(found));
        }
    }
    Ok(kept)
}

fn merge(pool: &mut Pool, pools: Vec<Result<Pool, Failure>>) -> Result<(), Failure> {
    pools.into_iter().try_for_each(|other| {
        pool.merge(other?);
        Ok(())
    })
}

/// A bar on a terminal; logs get none, the search takes minutes at most.
pub(super) fn bar(job: &InsertJob, count: usize, what: &'static str) -> ProgressBar {
    match job.run.quiet {
        true => ProgressBar::hidden(),
        false => on_stderr(ProgressBar::new(count as u64), TEMPLATE).with_message(what),
    }
}
