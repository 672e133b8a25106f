/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later
------------------------------------------------------------------------- */

#include "citation.h"

#ifdef MTPRS_WITHOUT_CITEME

void LAMMPS_NS::add_citation(LAMMPS *) {}

#else

#include "citeme.h"
#include "lammps.h"

using namespace LAMMPS_NS;

static const char PAPERS[] =
    "pair style mtp/rs: doi:10.1137/15M1054183, doi:10.1088/2632-2153/abc9fe\n\n"
    "@Article{Shapeev16,\n"
    " author =  {Alexander V. Shapeev},\n"
    " title =   {Moment Tensor Potentials: A Class of Systematically Improvable Interatomic "
    "Potentials},\n"
    " journal = {Multiscale Modeling \\& Simulation},\n"
    " year =    2016,\n"
    " volume =  14,\n"
    " number =  3,\n"
    " pages =   {1153--1173}\n"
    "}\n\n"
    "@Article{Novikov21,\n"
    " author =  {Ivan S. Novikov and Konstantin Gubaev and Evgeny V. Podryabinkin and Alexander "
    "V. Shapeev},\n"
    " title =   {The {MLIP} Package: Moment Tensor Potentials with {MPI} and Active Learning},\n"
    " journal = {Machine Learning: Science and Technology},\n"
    " year =    2021,\n"
    " volume =  2,\n"
    " number =  2,\n"
    " pages =   {025002}\n"
    "}\n\n";

void LAMMPS_NS::add_citation(LAMMPS *lmp)
{
  if (lmp->citeme) lmp->citeme->add(PAPERS);
}

#endif
