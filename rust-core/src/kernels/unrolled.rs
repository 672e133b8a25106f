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
use crate::plan::sphere::{RankList, SphereMoments, with_rank_lists};

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
        match self.sphere().unrolled.filter(|&ranks| K::Number::is_compiled(ranks)) {
            Some(ranks) if const { S::REGISTERS >= K::FEWEST_REGISTERS } => {
                K::Number::run_with_ranks(simd, ranks, self);
            }
            _ => self.by_tables(simd),
        }
    }
}

/// Numbers that the work per neighbor is compiled for.
pub(crate) trait NeighborWork: Real {
    /// Radial coefficients of one pair of species, shape (β, 2 n_μ).
    fn coefficients(tables: &RadialTables, central: usize, neighbor: usize) -> &[Self];

    /// Whether kernels are unrolled for a list.
    fn is_compiled(ranks: RankList) -> bool;

    /// Runs a kernel for one of these lists.
    fn run_with_ranks<S: Simd, K: RankKernel>(simd: S, ranks: RankList, kernel: K);
}

macro_rules! neighbor_work {
    ($real:ty, $coefficients:ident, [$($list:literal)+]) => {
        impl NeighborWork for $real {
            fn coefficients(tables: &RadialTables, central: usize, neighbor: usize) -> &[Self] {
                tables.$coefficients(central, neighbor)
            }

            fn is_compiled(ranks: RankList) -> bool {
                matches!(ranks, $($list)|+)
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

macro_rules! neighbor_works {
    ([$($list:literal)+] [$($double_only:literal)+]) => {
        neighbor_work!(f64, pair, [$($list)+ $($double_only)+]);
        // Above rank 8 contractions take most of the time, and the kernels take long to compile.
        neighbor_work!(f32, single_pair, [$($list)+]);
    };
}
with_rank_lists!(neighbor_works);

/// Whether single precision is faster for these moments: where its kernels are unrolled, or none are.
pub(crate) fn single_pays(sphere: &SphereMoments) -> bool {
    sphere.unrolled.is_none_or(f32::is_compiled)
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
    use crate::plan::sphere::{UNROLLED_RANKS, highest_rank_of};

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
        for &ranks in UNROLLED_RANKS {
            assert_eq!(noted::<f64>(ranks), ranks);
            let single = if highest_rank_of(ranks) <= 8 { ranks } else { 0 };
            assert_eq!(noted::<f32>(ranks), single);
        }
    }
}
