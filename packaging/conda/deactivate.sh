# shellcheck shell=sh
# Takes out what the activation put in front.
LAMMPS_PLUGIN_PATH=":${LAMMPS_PLUGIN_PATH:-}:"
case "$LAMMPS_PLUGIN_PATH" in
    *":$CONDA_PREFIX/lib/lammps/plugins:"*)
        LAMMPS_PLUGIN_PATH="${LAMMPS_PLUGIN_PATH%%":$CONDA_PREFIX/lib/lammps/plugins:"*}:${LAMMPS_PLUGIN_PATH#*":$CONDA_PREFIX/lib/lammps/plugins:"}"
        ;;
esac
LAMMPS_PLUGIN_PATH="${LAMMPS_PLUGIN_PATH#:}"
LAMMPS_PLUGIN_PATH="${LAMMPS_PLUGIN_PATH%:}"
if [ -n "$LAMMPS_PLUGIN_PATH" ]; then
    export LAMMPS_PLUGIN_PATH
else
    unset LAMMPS_PLUGIN_PATH
fi
