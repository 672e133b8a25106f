//! Virials with named components, because `.cfg` files and LAMMPS order them differently.
//!
//! W_ab = −Σ r_ij,a g_ij,b in eV with g_ij = ∂V_i/∂r_ij: positive under compression, like `PlusStress` in `.cfg`.

/// Symmetric virial of a configuration, eV.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[allow(missing_docs)]
pub struct Virial {
    pub xx: f64,
    pub yy: f64,
    pub zz: f64,
    pub yz: f64,
    pub xz: f64,
    pub xy: f64,
}

impl Virial {
    /// Components in the order of `PlusStress` in `.cfg` files: xx yy zz yz xz xy.
    pub fn to_cfg_order(self) -> [f64; 6] {
        [self.xx, self.yy, self.zz, self.yz, self.xz, self.xy]
    }

    /// From components in the order of `.cfg` files: xx yy zz yz xz xy.
    pub fn from_cfg_order([xx, yy, zz, yz, xz, xy]: [f64; 6]) -> Self {
        Self { xx, yy, zz, yz, xz, xy }
    }

    /// Components in the order of LAMMPS: xx yy zz xy xz yz.
    pub fn to_lammps_order(self) -> [f64; 6] {
        [self.xx, self.yy, self.zz, self.xy, self.xz, self.yz]
    }
}

/// Share of one atom in the virial, eV, all nine components (not symmetric in general).
///
/// The first index is that of the displacement, the second that of the force: W_xy = −Σ x g_y. Every interaction
/// i → j counts for the neighbor j, so that Σ_i W_i v_i is the potential part of the heat flux (Z. Fan et al.,
/// Phys. Rev. B 92, 094301 (2015)). The fields are in the order of LAMMPS's `cvatom`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
#[allow(missing_docs)]
pub struct AtomVirial {
    pub xx: f64,
    pub yy: f64,
    pub zz: f64,
    pub xy: f64,
    pub xz: f64,
    pub yz: f64,
    pub yx: f64,
    pub zx: f64,
    pub zy: f64,
}

impl AtomVirial {
    /// Components in the order of LAMMPS's `cvatom`: xx yy zz xy xz yz yx zx zy.
    pub fn to_lammps_order(self) -> [f64; 9] {
        [self.xx, self.yy, self.zz, self.xy, self.xz, self.yz, self.yx, self.zx, self.zy]
    }

    /// From components in the order of LAMMPS's `cvatom`.
    pub fn from_lammps_order([xx, yy, zz, xy, xz, yz, yx, zx, zy]: [f64; 9]) -> Self {
        Self { xx, yy, zz, xy, xz, yz, yx, zx, zy }
    }
}
