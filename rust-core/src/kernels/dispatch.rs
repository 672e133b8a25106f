//! Choice of the instruction set at run time.
//!
//! The kernels are compiled once for each set; [`Kernels`] exists only for sets that the processor has.

use super::arithmetic::{Arithmetic, Real};
use super::contraction_tangents::{
    Tangents, basis_sums as schedule_basis_sums, contract_tangents as contract_schedule_tangents,
};
use super::contractions::contract;
use super::gather::{Bucket, ListedNeighbors, select};
use super::grades::{GRADED_BLOCKS, squared_grades};
use super::neighbors::{
    Displacements, PAIR_SUMS, accumulate as neighbors_accumulate, gradients as neighbors_gradients,
    lane_totals, sum_lanes,
};
use super::radial::{fill_records, slope_sums, value_sums};
use super::simd::{Block, LANES, Simd};
use super::tangents::{
    accumulate_tangents as any_accumulate_tangents, fill_tangents, radial_adjoints as any_radial_adjoints,
};
use crate::plan::Plan;
use crate::plan::grades::GradeMatrix;
use crate::plan::radial::RadialTables;
use crate::plan::sphere::SphereMoments;

/// Instruction sets that the kernels are compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstructionSet {
    /// Plain code for any processor.
    Portable,
    /// AVX2 with FMA (x86-64).
    Avx2,
    /// AVX-512F (x86-64).
    Avx512,
}

impl InstructionSet {
    /// All sets, from the narrowest to the widest.
    pub const ALL: [Self; 3] = [Self::Portable, Self::Avx2, Self::Avx512];

    /// Name as in `MTPRS_KERNEL`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    /// Whether this processor can run it.
    pub fn is_available(self) -> bool {
        match self {
            Self::Portable => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => {
                is_x86_feature_detected!("avx2")
                    && is_x86_feature_detected!("fma")
                    && is_x86_feature_detected!("popcnt")
            }
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => is_x86_feature_detected!("avx512f") && Self::Avx2.is_available(),
            #[cfg(not(target_arch = "x86_64"))]
            _ => false,
        }
    }
}

/// Declares one kernel: a method of [`Kernels`] that runs the generic function compiled for the chosen set, in double
/// precision or, as `name<R>`, in that of R.
macro_rules! kernel {
    ($(#[$doc:meta])* $name:ident = $($rest:tt)*) => {
        kernel!(@ $(#[$doc])* $name [] f64, $($rest)*);
    };
    ($(#[$doc:meta])* $name:ident<R> = $($rest:tt)*) => {
        kernel!(@ $(#[$doc])* $name [R] R, $($rest)*);
    };
    (@ $(#[$doc:meta])* $name:ident [$($parameter:ident)?] $real:ty,
     $generic:ident ( $($argument:ident : $type:ty),* ) $(-> $result:ty)?) => {
        $(#[$doc])*
        #[allow(clippy::too_many_arguments)]
        pub(crate) fn $name<$($parameter: Real)?>(self, $($argument: $type),*) $(-> $result)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx2,fma,popcnt")]
                unsafe fn avx512<$($parameter: Real)?>($($argument: $type),*) $(-> $result)? {
                    // SAFETY: the caller has checked the features of this function.
                    $generic(unsafe { <$real as Real>::Avx512::assume() }, $($argument),*)
                }
                #[target_feature(enable = "avx2,fma,popcnt")]
                unsafe fn avx2<$($parameter: Real)?>($($argument: $type),*) $(-> $result)? {
                    // SAFETY: the caller has checked the features of this function.
                    $generic(unsafe { <$real as Real>::Avx2::assume() }, $($argument),*)
                }
                match self.0 {
                    // SAFETY: `Kernels` is made only of a set that this processor has.
                    InstructionSet::Avx512 => return unsafe { avx512::<$($parameter)?>($($argument),*) },
                    // SAFETY: as above.
                    InstructionSet::Avx2 => return unsafe { avx2::<$($parameter)?>($($argument),*) },
                    InstructionSet::Portable => {}
                }
            }
            // SAFETY: plain code.
            $generic(unsafe { <$real as Real>::Portable::assume() }, $($argument),*)
        }
    };
}

/// Calls the unrolled function for a rank that is known at run time only; whether there is one.
macro_rules! by_rank {
    ($kernels:expr, $rank:expr, [$($value:literal)+], $function:ident :: <$real:ty> $arguments:tt) => {{
        #[cfg(target_arch = "x86_64")]
        match ($kernels.0, $rank) {
            $((InstructionSet::Avx512, Some($value)) => {
                // SAFETY: `Kernels` is made only of a set that this processor has.
                unsafe { avx512::$function::<$real, $value> $arguments };
                true
            }
            (InstructionSet::Avx2, Some($value)) => {
                // SAFETY: as above.
                unsafe { avx2::$function::<$real, $value> $arguments };
                true
            })+
            _ => false,
        }
        #[cfg(not(target_arch = "x86_64"))]
        false
    }};
}

/// The unrolled kernels, compiled for one instruction set.
#[cfg(target_arch = "x86_64")]
macro_rules! unrolled_for {
    ($module:ident, $token:ident, $features:literal) => {
        mod $module {
            use super::super::arithmetic::{Arithmetic, Real};
            use super::super::neighbors::{Displacements, PAIR_SUMS};
            use super::super::simd::{Block, Simd};
            use super::super::{unrolled, unrolled_tangents};

            #[target_feature(enable = $features)]
            pub(super) unsafe fn accumulate<R: Real, const N: usize>(
                records: &[R::Block],
                sums: &mut [R::Block],
            ) {
                // SAFETY: the caller has checked the features of this function.
                unrolled::accumulate::<_, N>(unsafe { R::$token::assume() }, records, sums);
            }

            #[target_feature(enable = $features)]
            pub(super) unsafe fn gradients<R: Real, const N: usize>(
                records: &mut [R::Block],
                displacements: &Displacements<'_>,
                adjoints: &[R],
                gradients: &mut [Block],
                pair_sums: &mut [Block; PAIR_SUMS],
            ) {
                // SAFETY: the caller has checked the features of this function.
                let simd = unsafe { R::$token::assume() };
                unrolled::gradients::<_, N>(simd, records, displacements, adjoints, gradients, pair_sums);
            }

            #[target_feature(enable = $features)]
            pub(super) unsafe fn accumulate_tangents<R: Real<$token: Simd>, const N: usize>(
                records: &[Block],
                tangents: &[Block],
                sums: &mut [Block],
                tangent_sums: &mut [Block],
            ) {
                // SAFETY: the caller has checked the features of this function.
                let simd = unsafe { R::$token::assume() };
                unrolled_tangents::accumulate_tangents::<_, N>(simd, records, tangents, sums, tangent_sums);
            }

            #[target_feature(enable = $features)]
            pub(super) unsafe fn radial_adjoints<R: Real<$token: Simd>, const N: usize>(
                records: &mut [Block],
                tangents: &[Block],
                adjoints: &[f64],
                value_adjoints: &[f64],
            ) {
                // SAFETY: the caller has checked the features of this function.
                let simd = unsafe { R::$token::assume() };
                unrolled_tangents::radial_adjoints::<_, N>(simd, records, tangents, adjoints, value_adjoints);
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
unrolled_for!(avx512, Avx512, "avx512f,avx2,fma,popcnt");
#[cfg(target_arch = "x86_64")]
unrolled_for!(avx2, Avx2, "avx2,fma,popcnt");

/// The kernels of one instruction set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kernels(InstructionSet);

impl Kernels {
    /// The kernels of a set, if this processor has it.
    pub(crate) fn new(set: InstructionSet) -> Option<Self> {
        set.is_available().then_some(Self(set))
    }

    /// The set in use.
    pub(crate) fn instruction_set(self) -> InstructionSet {
        self.0
    }

    kernel! {
        /// See [`select`].
        select = select(cutoff: f64, parts: usize, list: &ListedNeighbors<'_>, buckets: &mut [Bucket]) -> Option<f64>
    }
    kernel! {
        /// See [`fill_records`].
        fill_records<R> = fill_records(tables: &RadialTables, coefficients: &[R], displacements: [&[Block]; 3],
                                       records: &mut [R::Block])
    }
    kernel! {
        /// See [`sum_lanes`].
        sum_lanes<R> = sum_lanes(blocks: &[R::Block], lane: usize, totals: &mut [Block])
    }
    kernel! {
        /// See [`lane_totals`].
        lane_totals = lane_totals(blocks: &[Block], totals: &mut [f64])
    }
    kernel! {
        /// See [`contract`].
        contract = contract_plan(plan: &Plan, blocks: &mut [Block]) -> [f64; LANES]
    }

    kernel! {
        /// See [`value_sums`].
        value_sums = value_sums(tables: &RadialTables, records: &[Block], sums: &mut [Block])
    }
    kernel! {
        /// See [`slope_sums`].
        slope_sums = slope_sums(tables: &RadialTables, records: &[Block], sums: &mut [Block])
    }
    kernel! {
        /// See [`fill_tangents`].
        fill_tangents = fill_tangents(functions: usize, strain: &[f64; 9], records: &[Block], tangents: &mut [Block])
    }
    kernel! {
        /// See [`squared_grades`].
        squared_grades = squared_grades(matrix: &GradeMatrix, species: usize, rows: &[Block]) -> [Block; GRADED_BLOCKS]
    }
    kernel! {
        /// See `contraction_tangents::contract_tangents`.
        contract_tangents = contract_plan_tangents(plan: &Plan, energy_weight: f64, batch: &mut Tangents<'_>)
    }
    kernel! {
        /// See `contraction_tangents::basis_sums`.
        basis_sums = plan_basis_sums(plan: &Plan, energy_weight: f64, moments: &[Block], moment_tangents: &[Block],
                                     sums: &mut [Block])
    }

    kernel! {
        /// See `tangents::accumulate_tangents`.
        accumulate_tangents_any = any_accumulate_tangents(ranks: &[usize], records: &[Block], tangents: &[Block],
                                      sums: &mut [Block], tangent_sums: &mut [Block], scratch: &mut [Block])
    }
    kernel! {
        /// See `tangents::radial_adjoints`.
        radial_adjoints_any = any_radial_adjoints(ranks: &[usize], records: &mut [Block], tangents: &[Block],
                                      adjoints: &[f64], value_adjoints: &[f64], scratch: &mut [Block])
    }
    kernel! {
        /// See `neighbors::accumulate`.
        accumulate_any<R> = neighbors_accumulate(ranks: &[usize], records: &[R::Block], sums: &mut [R::Block],
                                                 scratch: &mut [R::Block])
    }
    kernel! {
        /// See `neighbors::gradients`.
        gradients_any<R> = neighbors_gradients(ranks: &[usize], records: &mut [R::Block],
                                               displacements: &Displacements<'_>, adjoints: &[R],
                                               gradients: &mut [Block], pair_sums: &mut [Block; PAIR_SUMS],
                                               scratch: &mut [R::Block])
    }

    /// Sums of sphere moments: unrolled for the rank where there is such code, else by tables.
    pub(crate) fn accumulate<R: NeighborWork>(
        self,
        shape: &SphereMoments,
        records: &[R::Block],
        sums: &mut [R::Block],
        scratch: &mut [R::Block],
    ) {
        if !R::accumulate_unrolled(self, shape.unrolled, records, sums) {
            self.accumulate_any::<R>(&shape.ranks, records, sums, scratch);
        }
    }

    /// Gradients from adjoints: unrolled for the rank where there is such code, else by tables.
    #[allow(clippy::too_many_arguments)]
    pub(crate) fn gradients<R: NeighborWork>(
        self,
        shape: &SphereMoments,
        records: &mut [R::Block],
        displacements: &Displacements<'_>,
        adjoints: &[R],
        gradients: &mut [Block],
        pair_sums: &mut [Block; PAIR_SUMS],
        scratch: &mut [R::Block],
    ) {
        if !R::gradients_unrolled(
            self,
            shape.unrolled,
            records,
            displacements,
            adjoints,
            gradients,
            pair_sums,
        ) {
            self.gradients_any::<R>(
                &shape.ranks,
                records,
                displacements,
                adjoints,
                gradients,
                pair_sums,
                scratch,
            );
        }
    }

    /// Sphere moments and their derivatives: unrolled for the rank where there is such code, else by tables.
    #[allow(clippy::too_many_arguments)]
    pub(crate) fn accumulate_tangents(
        self,
        shape: &SphereMoments,
        records: &[Block],
        tangents: &[Block],
        sums: &mut [Block],
        tangent_sums: &mut [Block],
        scratch: &mut [Block],
    ) {
        let rank = shape.unrolled;
        if !by_rank!(self, rank, [0 1 2 3 4 5 6 7 8 10 12],
                     accumulate_tangents::<f64>(records, tangents, sums, tangent_sums))
        {
            self.accumulate_tangents_any(&shape.ranks, records, tangents, sums, tangent_sums, scratch);
        }
    }

    /// Adjoints of the radial functions: unrolled for the rank where there is such code, else by tables.
    #[allow(clippy::too_many_arguments)]
    pub(crate) fn radial_adjoints(
        self,
        shape: &SphereMoments,
        records: &mut [Block],
        tangents: &[Block],
        adjoints: &[f64],
        value_adjoints: &[f64],
        scratch: &mut [Block],
    ) {
        let rank = shape.unrolled;
        if !by_rank!(self, rank, [0 1 2 3 4 5 6 7 8 10 12],
                     radial_adjoints::<f64>(records, tangents, adjoints, value_adjoints))
        {
            self.radial_adjoints_any(&shape.ranks, records, tangents, adjoints, value_adjoints, scratch);
        }
    }
}

/// Numbers that the work per neighbor is compiled for. The loops are unrolled for some ranks: the functions for these
/// return whether there is such code; if there is not, nothing was done.
pub(crate) trait NeighborWork: Real {
    /// Radial coefficients of one pair of species, shape (β, 2 n_μ).
    fn coefficients(tables: &RadialTables, central: usize, neighbor: usize) -> &[Self];

    /// See `unrolled::accumulate`.
    fn accumulate_unrolled(
        kernels: Kernels,
        rank: Option<usize>,
        records: &[Self::Block],
        sums: &mut [Self::Block],
    ) -> bool;

    /// See `unrolled::gradients`.
    fn gradients_unrolled(
        kernels: Kernels,
        rank: Option<usize>,
        records: &mut [Self::Block],
        displacements: &Displacements<'_>,
        adjoints: &[Self],
        gradients: &mut [Block],
        pair_sums: &mut [Block; PAIR_SUMS],
    ) -> bool;
}

/// Whether single precision is faster for these ranks. Above rank 8 only doubles have unrolled code: contractions take
/// most of the time there, and it takes long to compile.
pub(crate) fn single_pays(shape: &SphereMoments) -> bool {
    shape.unrolled.is_none_or(|rank| rank <= 8)
}

macro_rules! neighbor_work {
    ($real:ty, $coefficients:ident, $ranks:tt) => {
        impl NeighborWork for $real {
            fn coefficients(tables: &RadialTables, central: usize, neighbor: usize) -> &[Self] {
                tables.$coefficients(central, neighbor)
            }

            fn accumulate_unrolled(
                kernels: Kernels,
                rank: Option<usize>,
                records: &[Self::Block],
                sums: &mut [Self::Block],
            ) -> bool {
                by_rank!(kernels, rank, $ranks, accumulate::<Self>(records, sums))
            }

            fn gradients_unrolled(
                kernels: Kernels,
                rank: Option<usize>,
                records: &mut [Self::Block],
                displacements: &Displacements<'_>,
                adjoints: &[Self],
                gradients: &mut [Block],
                pair_sums: &mut [Block; PAIR_SUMS],
            ) -> bool {
                by_rank!(
                    kernels,
                    rank,
                    $ranks,
                    gradients::<Self>(records, displacements, adjoints, gradients, pair_sums)
                )
            }
        }
    };
}

neighbor_work!(f64, pair, [0 1 2 3 4 5 6 7 8 10 12]);
neighbor_work!(f32, single_pair, [0 1 2 3 4 5 6 7 8]);

#[inline(always)]
fn contract_plan_tangents<S: Simd>(simd: S, plan: &Plan, energy_weight: f64, batch: &mut Tangents<'_>) {
    contract_schedule_tangents(simd, &plan.sphere, &plan.contractions, energy_weight, batch);
}

#[inline(always)]
fn plan_basis_sums<S: Simd>(
    simd: S,
    plan: &Plan,
    energy_weight: f64,
    moments: &[Block],
    moment_tangents: &[Block],
    sums: &mut [Block],
) {
    schedule_basis_sums(simd, &plan.contractions, energy_weight, moments, moment_tangents, sums);
}

#[inline(always)]
fn contract_plan<S: Simd>(simd: S, plan: &Plan, blocks: &mut [Block]) -> [f64; LANES] {
    contract(simd, &plan.program, &plan.contractions.energy_moments, blocks)
}
