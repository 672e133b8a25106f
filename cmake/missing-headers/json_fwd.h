/* -*- c++ -*- ----------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   For a LAMMPS that was installed without its header of this name, which atom.h includes: one
   function there takes such an object by reference. The plugin does not call it.
------------------------------------------------------------------------- */

#ifndef LMP_JSON_FWD_H
#define LMP_JSON_FWD_H

namespace LAMMPS_NS {
class json;
}

#endif
