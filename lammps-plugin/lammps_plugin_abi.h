/* -*- c++ -*- ----------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   What a LAMMPS plugin hands over when it is loaded. LAMMPS keeps this declaration in a header that
   it does not install, so it is repeated here; the layout is part of LAMMPS's documented plugin
   interface ("Writing plugins").
------------------------------------------------------------------------- */

#ifndef MTPRS_LAMMPS_PLUGIN_ABI_H
#define MTPRS_LAMMPS_PLUGIN_ABI_H

extern "C" {

// Makes a style that takes only the LAMMPS instance (pair, bond, angle, ...).
typedef void *(*lammps_style_creator)(void *lmp);

// Makes a style that takes arguments too (fix, compute, region, ...).
typedef void *(*lammps_style_creator_with_arguments)(void *lmp, int narg, char **arg);

struct lammps_plugin {
  const char *version;    // LAMMPS version that the plugin was built for
  const char *style;      // "pair", "fix", ...
  const char *name;       // name in the input script
  const char *info;       // printed at load time
  const char *author;     // printed at load time
  union {
    lammps_style_creator v1;
    lammps_style_creator_with_arguments v2;
  } creator;
  void *handle;    // the shared object; LAMMPS counts its styles to know when it can close it
};

// LAMMPS's function that takes a plugin; it copies the struct but not the strings.
typedef void (*lammps_plugin_register)(struct lammps_plugin *plugin, void *lmp);
}

#endif
