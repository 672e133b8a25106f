//! The extension module `mtprs._native`: what the Python package does by the commands of `mtprs`, in its own process.
//!
//! Frames come as objects with arrays and pass to the commands as `.cfg` texts in memory, under names in angle brackets, so
//! that whatever the command line can, Python can, by the same code. Work is done on a thread of its own, while Python's
//! main thread waits for events and for Ctrl-C.

mod command;
mod failure;
mod frames;
mod rows;
mod selection;
mod training;
mod watch;

use pyo3::prelude::*;

/// The functions that the modules of the package call.
#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_function(wrap_pyfunction!(command::run, module)?)?;
    module.add_function(wrap_pyfunction!(command::options_of, module)?)?;
    module.add_function(wrap_pyfunction!(command::write_file, module)?)?;
    module.add_function(wrap_pyfunction!(frames::read, module)?)?;
    module.add_function(wrap_pyfunction!(frames::frames_of, module)?)?;
    module.add_function(wrap_pyfunction!(frames::text_of, module)?)?;
    module.add_function(wrap_pyfunction!(rows::rows, module)?)?;
    module.add_function(wrap_pyfunction!(selection::build_state, module)?)?;
    module.add_function(wrap_pyfunction!(training::train, module)?)?;
    Ok(())
}
