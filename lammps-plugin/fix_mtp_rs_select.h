/* -*- c++ -*- ----------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   fix MTPRS/SELECT: saves configurations whose extrapolation grade has reached a threshold, and
   stops the run at another, as the keywords select, break and save of pair_style say. The pair style
   adds it; its name is in capitals, as LAMMPS does for styles that input scripts do not use.
------------------------------------------------------------------------- */

#ifndef LMP_FIX_MTP_RS_SELECT_H
#define LMP_FIX_MTP_RS_SELECT_H

#include "fix.h"
#include "selection_settings.h"

#include <string>

namespace LAMMPS_NS {

class PairMTPRS;
struct FrameContents;

class FixMTPRSSelect : public Fix {
 public:
  // Adds a fix of this name that judges what a pair style grades, on behalf of that pair style,
  // which must delete it before it goes itself.
  static FixMTPRSSelect *add(LAMMPS *lmp, const std::string &id, PairMTPRS *pair);

  FixMTPRSSelect(class LAMMPS *, int, char **);

  // What the user asks for; forgets the frames that were saved before.
  void configure(const SelectionSettings &settings);

  int setmask() override;
  void setup_pre_reverse(int, int) override;
  void pre_reverse(int, int) override;
  void min_pre_reverse(int, int) override;

  // Before a run, on all ranks: whether frames can be saved. It is the pair style that calls it:
  // rerun has fixes begin anew with every snapshot.
  void begin_run();

  // How many frames this run has saved where, in words; empty if it saves none.
  std::string report() const;

 private:
  void check_file() const;
  void mention_atoms_left_out() const;
  void judge();
  bool is_known(double grade) const;
  void save(const FrameContents &frame);
  [[noreturn]] void stop(double grade) const;
  std::string place() const;

  SelectionSettings settings;
  PairMTPRS *pair;      // it outlives the fix
  bigint frames;        // saved in this run
  bigint last_step;     // of a saved frame
  double last_grade;    // of that frame
};

}    // namespace LAMMPS_NS

#endif
