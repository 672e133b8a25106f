//! Frames: configurations of the library as dictionaries of arrays, and back.

use std::path::PathBuf;

use mtprs::cli::Command;
use mtprs::dataset::Walk;
use mtprs::job::{Job, Ready};
use mtprs::processes::Interrupt;
use mtprs::structure_files::Naming;
use mtprs_core::format::{CfgReader, write_configuration};
use mtprs_core::geometry::{Cell, Configuration, ExtraColumn, Vector3, Virial};
use mtprs_core::{Error, ErrorKind};
use numpy::{PyArray1, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::command::{Held, memory, parsed};
use crate::failure::{in_python, of_error};
use crate::watch::{Late, watched};

/// Reads files of any format; `words` are options of `mtprs merge`. Without `--species` elements are numbered in the order
/// in which they are met. Returns the frames and what the user is told.
#[pyfunction]
pub(crate) fn read<'py>(
    py: Python<'py>,
    paths: Vec<PathBuf>,
    held: Held,
    words: Vec<String>,
) -> PyResult<(Vec<Bound<'py, PyDict>>, String)> {
    let done = watched(py, memory(held), None, Late::Drop, move |_events| {
        let mut line = vec!["merge".to_owned()];
        line.extend(paths.iter().map(|path| path.display().to_string()));
        line.push("-".to_owned());
        let names_species = words.iter().any(|word| word.starts_with("--species"));
        line.extend(words);
        let Command::Merge(typed) = parsed(line)?.command else {
            return Err(Error::new(ErrorKind::Bug, "merge was read as another command").into());
        };
        let mut job = Ready::new(typed)?;
        if !names_species {
            job.reading.naming = Naming::by_name();
        }
        let mut frames = Vec::new();
        Walk::new(&job.inputs, &job.reading, true, Interrupt::for_work()).run(|_, configuration| {
            frames.push(configuration);
            Ok(())
        })?;
        Ok(frames)
    })?;
    let frames = done.outcome.unwrap_or_default();
    let frames = frames.iter().map(|frame| to_python(py, frame)).collect::<PyResult<_>>()?;
    Ok((frames, in_python(&done.memory.told)))
}

/// The frames of a `.cfg` text.
#[pyfunction]
pub(crate) fn frames_of<'py>(py: Python<'py>, text: &[u8]) -> PyResult<Vec<Bound<'py, PyDict>>> {
    let frame =
        |frame: Result<Configuration, Error>| to_python(py, &frame.map_err(|error| of_error(py, &error))?);
    CfgReader::new(text, "<memory>").map(frame).collect()
}

/// Frames as a `.cfg` text.
#[pyfunction]
pub(crate) fn text_of<'py>(py: Python<'py>, frames: Vec<Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyBytes>> {
    let mut text = Vec::new();
    for frame in &frames {
        let configuration = from_python(frame)?.map_err(|error| of_error(py, &error))?;
        write_configuration(&configuration, &mut text)
            .map_err(|error| of_error(py, &Error::new(ErrorKind::InvalidConfiguration, error.to_string())))?;
    }
    Ok(PyBytes::new(py, &text))
}

/// Rows of three numbers as an array.
fn rows_of_three<'py>(py: Python<'py>, rows: &[Vector3]) -> PyResult<Bound<'py, PyAny>> {
    let flat = PyArray1::from_vec(py, rows.as_flattened().to_vec());
    Ok(flat.reshape([rows.len(), 3])?.into_any())
}

fn to_python<'py>(py: Python<'py>, frame: &Configuration) -> PyResult<Bound<'py, PyDict>> {
    let dictionary = PyDict::new(py);
    let species: Vec<i32> = frame.species.iter().map(|&index| index as i32).collect();
    dictionary.set_item("cell", rows_of_three(py, frame.cell.vectors())?)?;
    dictionary.set_item("species", PyArray1::from_vec(py, species))?;
    dictionary.set_item("positions", rows_of_three(py, &frame.positions)?)?;
    dictionary.set_item("energy", frame.energy)?;
    dictionary
        .set_item("forces", frame.forces.as_deref().map(|forces| rows_of_three(py, forces)).transpose()?)?;
    let virial =
        frame.virial.map(|Virial { xx, yy, zz, yz, xz, xy }| [[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]);
    dictionary.set_item("virial", virial.map(|virial| rows_of_three(py, &virial)).transpose()?)?;
    let numbers =
        |numbers: &Option<Vec<f64>>| numbers.as_ref().map(|numbers| PyArray1::from_slice(py, numbers));
    dictionary.set_item("site_energies", numbers(&frame.site_energies))?;
    dictionary.set_item("grades", numbers(&frame.neighborhood_grades))?;
    dictionary.set_item("ids", PyArray1::from_slice(py, &frame.ids))?;
    let columns = PyDict::new(py);
    for ExtraColumn { name, words } in &frame.extra_columns {
        columns.set_item(name, words)?;
    }
    dictionary.set_item("columns", columns)?;
    dictionary.set_item("features", frame.features.clone())?;
    Ok(dictionary)
}

/// A frame from an object with the attributes that [`to_python`] names; an error of Python where one has another type.
fn from_python(frame: &Bound<'_, PyAny>) -> PyResult<Result<Configuration, Error>> {
    let rows = |name: &str| -> PyResult<Option<Vec<Vector3>>> {
        let Some(array) = frame.getattr(name)?.extract::<Option<PyReadonlyArray2<'_, f64>>>()? else {
            return Ok(None);
        };
        Ok(Some(array.as_array().rows().into_iter().map(|row| [row[0], row[1], row[2]]).collect()))
    };
    let numbers = |name: &str| -> PyResult<Option<Vec<f64>>> {
        let array = frame.getattr(name)?.extract::<Option<PyReadonlyArray1<'_, f64>>>()?;
        Ok(array.map(|array| array.as_array().to_vec()))
    };
    let species = frame.getattr("species")?.extract::<PyReadonlyArray1<'_, i32>>()?;
    let species = species.as_array().iter().map(|&index| index as u32).collect();
    let (cell, positions) = (rows("cell")?.unwrap_or_default(), rows("positions")?.unwrap_or_default());
    let virial = rows("virial")?;
    let columns = frame.getattr("columns")?.extract::<Vec<(String, Vec<String>)>>()?;
    let ids = frame.getattr("ids")?.extract::<PyReadonlyArray1<'_, i64>>()?;
    let labels = Configuration {
        ids: ids.as_array().to_vec(),
        forces: rows("forces")?,
        site_energies: numbers("site_energies")?,
        neighborhood_grades: numbers("grades")?,
        extra_columns: columns.into_iter().map(|(name, words)| ExtraColumn { name, words }).collect(),
        energy: frame.getattr("energy")?.extract()?,
        virial: virial.map(|w| Virial {
            xx: w[0][0],
            yy: w[1][1],
            zz: w[2][2],
            yz: (w[1][2] + w[2][1]) / 2.0,
            xz: (w[0][2] + w[2][0]) / 2.0,
            xy: (w[0][1] + w[1][0]) / 2.0,
        }),
        features: frame.getattr("features")?.extract()?,
        ..Configuration::default()
    };
    Ok(Cell::new(&cell).and_then(|cell| {
        let Configuration { species, positions, cell, .. } = Configuration::new(cell, species, positions)?;
        Ok(Configuration { species, positions, cell, ..labels })
    }))
}
