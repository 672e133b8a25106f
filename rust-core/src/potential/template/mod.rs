//! Untrained potentials: the moment basis of any level.

mod catalog;
mod graph;
mod monomials;
mod scalars;
mod schedule;
mod split;
mod tensor;

#[cfg(test)]
mod explore {
    #[test]
    fn explore() {
        for level in (2..=28).step_by(2) {
            let t = std::time::Instant::now();
            let g = super::scalars::connected_graphs(level);
            let f = super::scalars::basis_functions(&g, level);
            let c = super::catalog::Catalog::new(&g);
            let t1 = t.elapsed();
            let s = super::schedule::Schedule::new(&c, g.len());
            let t2 = t.elapsed();
            let disc = f.iter().filter(|p| p.len() > 1).count();
            let used: Vec<usize> = (0..c.len()).filter(|&i| s.is_used(i)).collect();
            let moments: usize = used.iter().map(|&i| c.tensor(i).components()).sum();
            let products: usize = used.iter().filter(|&&i| !c.candidates(i).is_empty()).map(|&i| c.candidates(i)[s.choice(i)].products).sum();
            println!("{level} functions {} moments {} products {}  times {t1:?} {t2:?}", f.len(), moments + disc, products + disc);
        }
    }
}
