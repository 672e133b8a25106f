//! Which kernels to run: the widest that the processor has, or those that `MTPRS_KERNEL` asks for.
//!
//! The variable (`portable`, `avx2`, `avx512`) is there so that each set can be tested and timed.

use crate::error::{Error, ErrorKind, Result};
use crate::kernels::InstructionSet;
use crate::kernels::dispatch::Kernels;

const VARIABLE: &str = "MTPRS_KERNEL";

impl InstructionSet {
    /// The set that `MTPRS_KERNEL` asks for, or else the widest that this processor has.
    pub fn from_environment() -> Result<Self> {
        match std::env::var(VARIABLE) {
            Ok(name) if !name.is_empty() => Self::named(&name),
            _ => Ok(Self::ALL.into_iter().rev().find(|set| set.is_available()).unwrap_or(Self::Portable)),
        }
    }

    /// The set of this name, if this processor has it.
    pub fn named(name: &str) -> Result<Self> {
        let Some(set) = Self::ALL.into_iter().find(|set| set.name() == name) else {
            let message = format!("{VARIABLE} is {name}, expected portable, avx2 or avx512");
            return Err(Error::new(ErrorKind::Argument, message));
        };
        if set.is_available() {
            return Ok(set);
        }
        let message = format!("{VARIABLE} asks for {name}, which this processor does not have");
        Err(Error::new(ErrorKind::Argument, message))
    }

    /// The kernels of this set; the processor must have it.
    pub(super) fn kernels(self) -> Result<Kernels> {
        Kernels::new(self).ok_or_else(|| {
            let message = format!("this processor does not have the instructions {}", self.name());
            Error::new(ErrorKind::Argument, message)
        })
    }
}
