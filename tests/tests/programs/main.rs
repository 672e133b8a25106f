//! The library and the plugin as other programs have them: the C interface, Rust, CMake, conda and Spack, Python and ASE.

mod abi_drift;
mod ase_bridge;
mod c_abi;
mod capi_guard;
mod install;
mod motep;
mod packaging;
mod plugin_symbols;
mod python_package;
mod rust_example;
mod threads;
