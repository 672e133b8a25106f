//! Choice of the instruction set at run time.
//!
//! The kernels are compiled once for each set; [`Kernels`] exists only for sets that the processor has.

use super::contraction_tangents::{
    Tangents, basis_sums as schedule_basis_sums, contract_tangents as contract_schedule_tangents,
};
use super::contractions::contract;
use super::gather::{Bucket, Candidates, select};
use super::neighbors::{
    PAIR_SUMS, accumulate as neighbors_accumulate, gradients as neighbors_gradients, lane_totals, sum_lanes,
};
use super::radial::{fill_records, slope_sums, value_sums};
use super::simd::{Block, LANES, Portable, Simd};
use super::tangents::{
    accumulate_tangents as any_accumulate_tangents, fill_tangents, radial_adjoints as any_radial_adjoints,
};
use crate::plan::Plan;
use crate::plan::program::CompiledProgram;
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

/// Declares one kernel: a method of [`Kernels`] that runs the generic function compiled for the chosen set.
macro_rules! kernel {
    ($(#[$doc:meta])* $name:ident = $generic:ident ( $($argument:ident : $type:ty),* ) $(-> $result:ty)?) => {
        $(#[$doc])*
        #[allow(clippy::too_many_arguments)]
        pub(crate) fn $name(self, $($argument: $type),*) $(-> $result)? {
            #[cfg(target_arch = "x86_64")]
            {
                use super::simd::{Avx2, Avx512};

                #[target_feature(enable = "avx512f,avx2,fma,popcnt")]
                unsafe fn avx512($($argument: $type),*) $(-> $result)? {
                    // SAFETY: the caller has checked the features of this function.
                    $generic(unsafe { Avx512::assume() }, $($argument),*)
                }
                #[target_feature(enable = "avx2,fma,popcnt")]
                unsafe fn avx2($($argument: $type),*) $(-> $result)? {
                    // SAFETY: the caller has checked the features of this function.
                    $generic(unsafe { Avx2::assume() }, $($argument),*)
                }
                match self.0 {
                    // SAFETY: `Kernels` is made only of a set that this processor has.
                    InstructionSet::Avx512 => return unsafe { avx512($($argument),*) },
                    // SAFETY: as above.
                    InstructionSet::Avx2 => return unsafe { avx2($($argument),*) },
                    InstructionSet::Portable => {}
                }
            }
            $generic(Portable, $($argument),*)
        }
    };
}

/// Calls a function for a rank that is known at run time only.
#[cfg(target_arch = "x86_64")]
macro_rules! by_rank {
    ($rank:expr, $set:ident :: $function:ident $arguments:tt) => {
        by_rank!(@ $rank, $set, $function, $arguments,
                 [0 $arguments 1 $arguments 2 $arguments 3 $arguments 4 $arguments 5 $arguments 6 $arguments
                  7 $arguments 8 $arguments 10 $arguments 12 $arguments])
    };
    (@ $rank:expr, $set:ident, $function:ident, $arguments:tt,
     [$($value:literal ( $($argument:expr),* ))+]) => {
        match $rank {
            // SAFETY: `Kernels` is made only of a set that this processor has.
            $($value => unsafe { $set::$function::<$value>($($argument),*) },)+
            rank => unreachable!("no kernel is compiled for rank {rank}"),
        }
    };
}

/// The unrolled kernels, compiled for one instruction set.
#[cfg(target_arch = "x86_64")]
macro_rules! unrolled_for {
    ($module:ident, $token:ident, $features:literal) => {
        mod $module {
            use super::super::neighbors::PAIR_SUMS;
            use super::super::simd::{Block, $token};
            use super::super::{unrolled, unrolled_tangents};

            #[target_feature(enable = $features)]
            pub(super) unsafe fn accumulate<const N: usize>(records: &[Block], sums: &mut [Block]) {
                // SAFETY: the caller has checked the features of this function.
                unrolled::accumulate::<_, N>(unsafe { $token::assume() }, records, sums);
            }

            #[target_feature(enable = $features)]
            pub(super) unsafe fn gradients<const N: usize>(
                records: &mut [Block],
                adjoints: &[f64],
                gradients: &mut [Block],
                pair_sums: &mut [Block; PAIR_SUMS],
            ) {
                // SAFETY: the caller has checked the features of this function.
                let simd = unsafe { $token::assume() };
                unrolled::gradients::<_, N>(simd, records, adjoints, gradients, pair_sums);
            }

            #[target_feature(enable = $features)]
            pub(super) unsafe fn accumulate_tangents<const N: usize>(
                records: &[Block],
                tangents: &[Block],
                sums: &mut [Block],
                tangent_sums: &mut [Block],
            ) {
                // SAFETY: the caller has checked the features of this function.
                let simd = unsafe { $token::assume() };
                unrolled_tangents::accumulate_tangents::<_, N>(simd, records, tangents, sums, tangent_sums);
            }

            #[target_feature(enable = $features)]
            pub(super) unsafe fn radial_adjoints<const N: usize>(
                records: &mut [Block],
                tangents: &[Block],
                adjoints: &[f64],
                value_adjoints: &[f64],
            ) {
                // SAFETY: the caller has checked the features of this function.
                let simd = unsafe { $token::assume() };
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
        select = select(cutoff: f64, candidates: &Candidates, buckets: &mut [Bucket]) -> f64
    }
    kernel! {
        /// See [`fill_records`].
        fill_records = fill_records(tables: &RadialTables, coefficients: &[f64], displacements: [&[Block]; 3],
                                    records: &mut [Block])
    }
    kernel! {
        /// See [`sum_lanes`].
        sum_lanes = sum_lanes(blocks: &[Block], lane: usize, totals: &mut [Block])
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
        accumulate_any = neighbors_accumulate(ranks: &[usize], records: &[Block], sums: &mut [Block], scratch: &mut [Block])
    }
    kernel! {
        /// See `neighbors::gradients`.
        gradients_any = neighbors_gradients(ranks: &[usize], records: &mut [Block], adjoints: &[f64], gradients: &mut [Block],
                                      pair_sums: &mut [Block; PAIR_SUMS], scratch: &mut [Block])
    }

    /// Sums of sphere moments: unrolled for the rank where there is such code, else by tables.
    pub(crate) fn accumulate(
        self,
        shape: &SphereMoments,
        records: &[Block],
        sums: &mut [Block],
        scratch: &mut [Block],
    ) {
        #[cfg(target_arch = "x86_64")]
        match (self.0, shape.unrolled) {
            (InstructionSet::Avx512, Some(rank)) => {
                return by_rank!(rank, avx512::accumulate(records, sums));
            }
            (InstructionSet::Avx2, Some(rank)) => {
                return by_rank!(rank, avx2::accumulate(records, sums));
            }
            _ => {}
        }
        self.accumulate_any(&shape.ranks, records, sums, scratch);
    }

    /// Gradients from adjoints: unrolled for the rank where there is such code, else by tables.
    pub(crate) fn gradients(
        self,
        shape: &SphereMoments,
        records: &mut [Block],
        adjoints: &[f64],
        gradients: &mut [Block],
        pair_sums: &mut [Block; PAIR_SUMS],
        scratch: &mut [Block],
    ) {
        #[cfg(target_arch = "x86_64")]
        match (self.0, shape.unrolled) {
            (InstructionSet::Avx512, Some(rank)) => {
                return by_rank!(rank, avx512::gradients(records, adjoints, gradients, pair_sums));
            }
            (InstructionSet::Avx2, Some(rank)) => {
                return by_rank!(rank, avx2::gradients(records, adjoints, gradients, pair_sums));
            }
            _ => {}
        }
        self.gradients_any(&shape.ranks, records, adjoints, gradients, pair_sums, scratch);
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
        #[cfg(target_arch = "x86_64")]
        match (self.0, shape.unrolled) {
            (InstructionSet::Avx512, Some(rank)) => {
                return by_rank!(rank, avx512::accumulate_tangents(records, tangents, sums, tangent_sums));
            }
            (InstructionSet::Avx2, Some(rank)) => {
                return by_rank!(rank, avx2::accumulate_tangents(records, tangents, sums, tangent_sums));
            }
            _ => {}
        }
        self.accumulate_tangents_any(&shape.ranks, records, tangents, sums, tangent_sums, scratch);
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
        #[cfg(target_arch = "x86_64")]
        match (self.0, shape.unrolled) {
            (InstructionSet::Avx512, Some(rank)) => {
                return by_rank!(rank, avx512::radial_adjoints(records, tangents, adjoints, value_adjoints));
            }
            (InstructionSet::Avx2, Some(rank)) => {
                return by_rank!(rank, avx2::radial_adjoints(records, tangents, adjoints, value_adjoints));
            }
            _ => {}
        }
        self.radial_adjoints_any(&shape.ranks, records, tangents, adjoints, value_adjoints, scratch);
    }
}

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
    let linear = &plan.contractions.energy_moments;
    match &plan.program {
        CompiledProgram::Narrow(program) => contract(simd, program, linear, blocks),
        CompiledProgram::Wide(program) => contract(simd, program, linear, blocks),
    }
}
