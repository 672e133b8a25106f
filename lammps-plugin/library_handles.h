/* -*- c++ -*- ----------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   Objects of the mtprs library that free themselves.
------------------------------------------------------------------------- */

#ifndef MTPRS_LIBRARY_HANDLES_H
#define MTPRS_LIBRARY_HANDLES_H

#include <memory>

struct mtprs_evaluator;
struct mtprs_potential;
struct mtprs_selection;

namespace LAMMPS_NS {

struct FreeHandle {
  void operator()(mtprs_evaluator *evaluator) const;
  void operator()(mtprs_potential *potential) const;
  void operator()(mtprs_selection *state) const;
};

using EvaluatorHandle = std::unique_ptr<mtprs_evaluator, FreeHandle>;
using PotentialHandle = std::unique_ptr<mtprs_potential, FreeHandle>;
using StateHandle = std::unique_ptr<mtprs_selection, FreeHandle>;

}    // namespace LAMMPS_NS

#endif
