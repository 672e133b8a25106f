//! Derivatives of atoms' energies by the parameters, for those who want them as descriptors.

use mtprs::dataset::Walk;
use mtprs::endpoint::{Input, load_potential};
use mtprs::processes::Interrupt;
use mtprs::structure_files::Reading;
use mtprs_core::evaluate::{GradientEvaluator, Wanted};
use numpy::{PyArray1, PyArray2, PyArrayMethods};
use pyo3::prelude::*;

use crate::command::{Held, memory};
use crate::failure::in_python;
use crate::watch::{Late, watched};

/// For each frame of a file the rows ∂V_i/∂θ of `<potential>`, shape (atoms, parameters), and what the user is told.
#[pyfunction]
pub(crate) fn rows<'py>(
    py: Python<'py>,
    held: Held,
    frames: std::path::PathBuf,
) -> PyResult<(Vec<Bound<'py, PyArray2<f64>>>, String)> {
    let done = watched(py, memory(held), None, Late::Drop, move |_events| {
        let (path, input) = ("<potential>".as_ref(), Input::from(frames));
        let potential = load_potential(path)?;
        let reading = Reading::default().for_potential(&potential, path)?;
        let mut evaluator = GradientEvaluator::new(&potential)?;
        let size = evaluator.layout().len();
        let mut all = Vec::new();
        Walk::new(&[input], &reading, true, Interrupt::for_work()).run(|_, frame| {
            let mut rows = vec![0.0; frame.len() * size];
            let atoms = evaluator.neighborhoods(&frame)?;
            evaluator.site_gradients(&atoms, Wanted::default(), |center, row| {
                rows[center.atom * size..][..size].copy_from_slice(row);
            })?;
            all.push((frame.len(), rows));
            Ok(())
        })?;
        Ok((size, all))
    })?;
    let (size, all) = done.outcome.unwrap_or_default();
    let shaped = |(atoms, rows)| PyArray1::from_vec(py, rows).reshape([atoms, size]);
    Ok((all.into_iter().map(shaped).collect::<PyResult<_>>()?, in_python(&done.memory.told)))
}
