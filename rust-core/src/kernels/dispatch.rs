//! Choice of the instruction set at run time: [`Kernels::run`] has the one `match` on it.
//!
//! A kernel is a struct whose fields are its arguments ([`Kernel`]). It is written once over [`Simd`] and compiled for
//! each set; [`Kernels`] exists only for sets that the processor has.

#[cfg(target_arch = "x86_64")]
use super::simd::{Avx2, Avx512};
use super::simd::{Portable, Simd};

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

/// Work on slices that is compiled for each instruction set; the fields are its arguments.
pub(crate) trait Kernel {
    /// What it returns.
    type Output;

    /// Does it. Implementations are `#[inline(always)]`, so that they become part of a function that is compiled for the
    /// set ([`Simd::vectorize`]).
    fn run<S: Simd>(self, simd: S) -> Self::Output;
}

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

    /// Runs a kernel.
    #[inline(always)]
    pub(crate) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self.0 {
            // SAFETY: `Kernels` is made only of a set that this processor has.
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512 => unsafe { Avx512::assume() }.vectorize(kernel),
            // SAFETY: `Kernels` is made only of a set that this processor has.
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx2 => unsafe { Avx2::assume() }.vectorize(kernel),
            _ => Portable.vectorize(kernel),
        }
    }
}
