# SPDX-License-Identifier: (Apache-2.0 OR MIT)
"""Package of mtprs for Spack 1.0 or newer."""

from spack_repo.builtin.build_systems.cmake import CMakePackage

from spack.package import *


class Mtprs(CMakePackage):
    """Moment tensor potentials for molecular dynamics: a pair style that LAMMPS loads as a plugin, a command that
    trains potentials and learns actively, and a C library."""

    homepage = "https://github.com/mtprs/mtprs"
    git = "https://github.com/mtprs/mtprs.git"

    # the plugin is under the licence of LAMMPS; the rest is free of that
    license("MIT OR Apache-2.0", when="~plugin")
    license("(MIT OR Apache-2.0) AND GPL-2.0-or-later", when="+plugin")

    version("main", branch="main")

    variant("plugin", default=True, description="Build the plugin for LAMMPS")
    variant("command", default=True, description="Build the command mtprs")
    variant("mpi", default=False, when="+command", description="Train on several processes")
    variant("shared", default=True, description="Install the shared C library, too")

    depends_on("c", type="build")
    depends_on("cxx", type="build")
    depends_on("rust@1.90:", type="build")
    depends_on("cmake@3.21:", type="build")

    with when("+plugin"):
        # A plugin fits one LAMMPS; with another one Spack gives the plugin another hash and builds it again.
        depends_on("lammps+plugin+lib@20230802:", type=("build", "link", "run"))
        conflicts("^lammps lammps_sizes=smallsmall")
        # the same mpi.h that LAMMPS was compiled with
        depends_on("mpi", when="^lammps+mpi")

    with when("+mpi"):
        depends_on("mpi")
        depends_on("llvm+clang", type="build")  # libclang, by which the bindings to MPI are made

    def setup_build_environment(self, env):
        env.set("CARGO_HOME", join_path(self.stage.path, "cargo"))
        if self.spec.satisfies("+mpi"):
            env.set("MPICC", self.spec["mpi"].mpicc)
            env.set("LIBCLANG_PATH", self.spec["llvm"].prefix.lib)

    def setup_run_environment(self, env):
        if self.spec.satisfies("+plugin"):
            env.prepend_path("LAMMPS_PLUGIN_PATH", self.prefix.lib.lammps.plugins)

    def cmake_args(self):
        args = [
            self.define("CMAKE_INSTALL_LIBDIR", "lib"),
            self.define_from_variant("MTPRS_COMMAND", "command"),
            self.define_from_variant("MTPRS_SHARED", "shared"),
            self.define_from_variant("MTPRS_MPI", "mpi"),
        ]
        if self.spec.satisfies("+plugin"):
            lammps = self.spec["lammps"]
            args.append(self.define("LAMMPS_PREFIX", lammps.prefix))
            args.append(self.define("LAMMPS_SIZES", lammps.variants["lammps_sizes"].value.upper()))
            if lammps.satisfies("+mpi"):
                args.append(self.define("MTPRS_MPI_INCLUDE_DIR", self.spec["mpi"].prefix.include))
        return args

    def test_command(self):
        """the command tells its version"""
        if self.spec.satisfies("~command"):
            raise SkipTest("built without the command")
        command = which(self.prefix.bin.mtprs, required=True)
        assert "mtprs" in command("--version", output=str.split, error=str.split)

    def test_library(self):
        """a C program finds the library through CMake"""
        source = join_path(self.prefix.share.mtprs.examples, "c")
        cmake = which(self.spec["cmake"].prefix.bin.cmake, required=True)
        cmake("-S", source, "-B", "example", f"-DCMAKE_PREFIX_PATH={self.prefix}")
        cmake("--build", "example")

    def test_plugin(self):
        """LAMMPS loads the plugin by itself"""
        if self.spec.satisfies("~plugin"):
            raise SkipTest("built without the plugin")
        lmp = which(self.spec["lammps"].prefix.bin.lmp, required=True)
        with open("in.lmp", "w", encoding="utf-8") as script:
            script.write("plugin list\n")
        assert "mtp/rs" in lmp("-in", "in.lmp", "-log", "none", output=str.split, error=str.split)
