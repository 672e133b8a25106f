//! Kernels whose loops are unrolled for some lists N of ranks (see `plan::sphere`), which are constants in the code.
//!
//! They are functions of their own for each instruction set, and their arguments are parameters, not fields as elsewhere
//! ([`Kernel`]): of parameters alone the compiler knows that they do not overlap, which makes up to a
//! fifth of all instructions (level 12, `make bench-instructions`).

use super::arithmetic::Real;
use super::dispatch::Kernel;
use super::moment_tangents::unrolled as tangents;
use super::moments::{Displacements, PAIR_SUMS, unrolled as moments};
#[cfg(target_arch = "x86_64")]
use super::simd::{Avx2, Avx512};
use super::simd::{Block, Portable, Simd, align_frame};
use crate::plan::radial::RadialTables;
use crate::plan::sphere::{RankList, SphereMoments, highest_rank_of};

/// A kernel that exists twice: unrolled for the ranks N, and as loops over tables for any ranks.
pub(crate) trait RankKernel {
    /// Numbers of the work per neighbor.
    type Number: NeighborWork;

    /// The unrolled loops are slower where registers hold fewer vectors than this.
    const FEWEST_REGISTERS: usize;

    /// The moments whose ranks it is for.
    fn sphere(&self) -> &SphereMoments;

    /// Does it for the ranks N, by one of [`UnrolledKernels`].
    fn run_ranks<S: Simd, const N: RankList>(self, simd: S);

    /// Does it for any ranks.
    fn by_tables<S: Simd>(self, simd: S);
}

impl<K: RankKernel> Kernel for K {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        match self.sphere().unrolled.filter(|&ranks| is_compiled::<K::Number>(ranks)) {
            Some(ranks) if const { S::REGISTERS >= K::FEWEST_REGISTERS } => {
                K::Number::run_with_ranks(simd, ranks, self);
            }
            _ => self.by_tables(simd),
        }
    }
}

/// Numbers that the work per neighbor is compiled for.
pub(crate) trait NeighborWork: Real {
    /// The highest rank in the lists for which kernels are unrolled.
    const HIGHEST_RANK: usize;

    /// Radial coefficients of one pair of species, shape (β, 2 n_μ).
    fn coefficients(tables: &RadialTables, central: usize, neighbor: usize) -> &[Self];

    /// Runs a kernel for one of the lists of [`UNROLLED_RANKS`](crate::plan::sphere::UNROLLED_RANKS) up to the highest rank.
    fn run_with_ranks<S: Simd, K: RankKernel>(simd: S, ranks: RankList, kernel: K);
}

macro_rules! neighbor_work {
    ($real:ty, $coefficients:ident, [$($list:literal)+], $highest:literal) => {
        impl NeighborWork for $real {
            const HIGHEST_RANK: usize = $highest;

            fn coefficients(tables: &RadialTables, central: usize, neighbor: usize) -> &[Self] {
                tables.$coefficients(central, neighbor)
            }

            #[inline(always)]
            fn run_with_ranks<S: Simd, K: RankKernel>(simd: S, ranks: RankList, kernel: K) {
                match ranks {
                    $($list => kernel.run_ranks::<S, $list>(simd),)+
                    _ => unreachable!("no kernel is unrolled for ranks {ranks:x}"),
                }
            }
        }
    };
}

neighbor_work!(
    f64,
    pair,
    [0x1 0x12 0x13 0x124 0x135 0x1246 0x1357 0x1_2468 0x1_3579 0x13_579b 0x135_79bd
     0x123 0x234 0x1234 0x2345 0x1_2345 0x1_1355],
    12
);
// Above rank 8 contractions take most of the time, and the kernels take long to compile.
neighbor_work!(
    f32,
    single_pair,
    [0x1 0x12 0x13 0x124 0x135 0x1246 0x1357 0x1_2468 0x1_3579 0x123 0x234 0x1234 0x2345 0x1_2345 0x1_1355],
    8
);

fn is_compiled<R: NeighborWork>(ranks: RankList) -> bool {
    highest_rank_of(ranks) <= R::HIGHEST_RANK
}

/// Whether single precision is faster for these moments: where its kernels are unrolled, or none are.
pub(crate) fn single_pays(sphere: &SphereMoments) -> bool {
    sphere.unrolled.is_none_or(is_compiled::<f32>)
}

/// Declares the functions once and defines them for each instruction set, each in a module of its own: rustc compiles
/// modules side by side, and one of all of them takes as long as the rest of the crate.
macro_rules! unrolled_kernels {
    (@trait $($name:ident [$($real:ident)?] ($($argument:ident: $type:ty),*) = |$simd:ident| $body:expr;)+) => {
        /// The unrolled kernels of an instruction set.
        pub(crate) trait UnrolledKernels: Copy {
            $(fn $name<$($real: Real,)? const N: RankList>(self, $($argument: $type),*);)+
        }
    };
    (@set $module:ident, $set:ident, [$attribute:meta],
     $($name:ident [$($real:ident)?] ($($argument:ident: $type:ty),*) = |$simd:ident| $body:expr;)+) => {
        mod $module {
            use super::*;

            impl UnrolledKernels for $set {
                $(#[inline(always)]
                fn $name<$($real: Real,)? const N: RankList>(self, $($argument: $type),*) {
                    // SAFETY: a value of the type exists only where the processor has the instructions.
                    #[allow(unused_unsafe)]
                    unsafe { $name::run::<$($real,)? N>(self, $($argument),*) }
                })+
            }

            $(mod $name {
                use super::*;

                #[inline(never)]
                #[$attribute]
                pub(super) fn run<$($real: Real,)? const N: RankList>($simd: $set, $($argument: $type),*) {
                    align_frame();
                    $body;
                }
            })+
        }
    };
    ($($kernels:tt)+) => {
        unrolled_kernels!(@trait $($kernels)+);
        unrolled_kernels!(@set portable, Portable, [doc = "Plain code."], $($kernels)+);
        #[cfg(target_arch = "x86_64")]
        unrolled_kernels!(@set avx2, Avx2, [target_feature(enable = "avx2,fma,popcnt")], $($kernels)+);
        #[cfg(target_arch = "x86_64")]
        unrolled_kernels!(@set avx512, Avx512, [target_feature(enable = "avx512f,avx2,fma,popcnt")], $($kernels)+);
    };
}

unrolled_kernels! {
    forward_moments[R](records: &[R::Block], sums: &mut [R::Block]) =
        |simd| moments::accumulate::<_, N>(R::vectors(simd), records, sums);

    reverse_moments[R](records: &mut [R::Block], displacements: &Displacements<'_>, adjoints: &[R],
                       gradients: &mut [Block], pair_sums: &mut [Block; PAIR_SUMS]) =
        |simd| moments::gradients::<_, N>(R::vectors(simd), records, displacements, adjoints, gradients, pair_sums);

    forward_moment_tangents[](records: &[Block], tangents: &[Block], sums: &mut [Block], tangent_sums: &mut [Block]) =
        |simd| tangents::accumulate_tangents::<_, N>(simd, records, tangents, sums, tangent_sums);

    reverse_moment_tangents[](records: &mut [Block], tangents: &[Block], adjoints: &[f64], value_adjoints: &[f64]) =
        |simd| tangents::radial_adjoints::<_, N>(simd, records, tangents, adjoints, value_adjoints);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::simd::Portable;
    use crate::plan::sphere::UNROLLED_RANKS;

    /// Notes the list that it is run with.
    struct Note<'a, R> {
        sphere: SphereMoments,
        ranks: &'a mut RankList,
        number: std::marker::PhantomData<R>,
    }

    impl<R: NeighborWork> RankKernel for Note<'_, R> {
        type Number = R;
        const FEWEST_REGISTERS: usize = 0;

        fn sphere(&self) -> &SphereMoments {
            &self.sphere
        }
        fn run_ranks<S: Simd, const N: RankList>(self, _: S) {
            *self.ranks = N;
        }
        fn by_tables<S: Simd>(self, _: S) {
            *self.ranks = 0;
        }
    }

    fn noted<R: NeighborWork>(ranks: RankList) -> RankList {
        let mut sphere = SphereMoments::new(&[]);
        sphere.unrolled = Some(ranks);
        let mut noted = RankList::MAX;
        Note::<R> { sphere, ranks: &mut noted, number: std::marker::PhantomData }.run(Portable);
        noted
    }

    #[test]
    fn kernels_are_there_for_every_list() {
        for ranks in UNROLLED_RANKS {
            assert_eq!(noted::<f64>(ranks), ranks);
            let single = if highest_rank_of(ranks) <= 8 { ranks } else { 0 };
            assert_eq!(noted::<f32>(ranks), single);
        }
    }
}
