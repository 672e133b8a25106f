//! The command `mtprs` beside other programs: learning with LAMMPS, training under MPI, scripts for clusters, files of ASE.

mod cluster;
mod learn;
mod learn_examples;
mod learn_labels;
mod mlp;
mod structure_files;
mod train_mpi;
