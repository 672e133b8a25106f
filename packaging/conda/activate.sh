# shellcheck shell=sh
# LAMMPS loads the plugins of the folders of this variable when it starts.
export LAMMPS_PLUGIN_PATH="$CONDA_PREFIX/lib/lammps/plugins${LAMMPS_PLUGIN_PATH:+:$LAMMPS_PLUGIN_PATH}"
