/* -*- c++ -*- ----------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   pair_style mlip: runs input scripts that were written for the LAMMPS interfaces of MLIP-2 and
   MLIP-3 on pair_style mtp/rs.
------------------------------------------------------------------------- */

#ifndef LMP_PAIR_MLIP_H
#define LMP_PAIR_MLIP_H

#include "pair_mtp_rs.h"

namespace LAMMPS_NS {

class PairMLIP : public PairMTPRS {
 public:
  PairMLIP(class LAMMPS *);

  void settings(int, char **) override;
  void coeff(int, char **) override;

 private:
  void load(const std::string &path, const PairSettings &settings);

  std::string potential_path;    // mtp-filename or load_from
};

}    // namespace LAMMPS_NS

#endif
