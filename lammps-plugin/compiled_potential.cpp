/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later
------------------------------------------------------------------------- */

#include "compiled_potential.h"

#include "pair_settings.h"
#include "shared_file.h"
#include "species_mapping.h"

#include "mtprs.h"

#include "error.h"
#include "fmt/format.h"
#include "lammps.h"

using namespace LAMMPS_NS;

void FreeHandle::operator()(mtprs_evaluator *evaluator) const
{
  mtprs_evaluator_free(evaluator);
}

void FreeHandle::operator()(mtprs_potential *potential) const
{
  mtprs_potential_free(potential);
}

void FreeHandle::operator()(mtprs_selection *state) const
{
  mtprs_selection_free(state);
}

PotentialHandle LAMMPS_NS::read_potential(LAMMPS *lmp, const std::string &file)
{
  const std::string text = read_shared_file(lmp, file);
  mtprs_error_t problem;
  mtprs_potential_t *parsed = nullptr;
  if (mtprs_potential_parse(text.data(), text.size(), file.c_str(), &parsed, &problem) != MTPRS_OK)
    lmp->error->all(FLERR, std::string(problem.message));
  return PotentialHandle(parsed);
}

/* ---- stages of compile_potential() ---------------------------------------- */

// Maps the types; call it on all ranks.
static void map_types(LAMMPS *lmp, const std::string &style_name, const SpeciesNames &names,
                      const AskedPotential &asked, CompiledPotential &made)
{
  const std::string contradiction = names.contradiction();
  if (!contradiction.empty())
    lmp->error->all(FLERR, "pair_style {}: {}", style_name, contradiction);
  const std::string problem = names.map_types(asked.words, made.species_of_type);
  if (!problem.empty())
    lmp->error->all(FLERR, "pair_coeff for pair style {}: {}", style_name, problem);
  made.elements = names.elements();
}

// Reads the state that the settings name, if any, for a potential; call it on all ranks.
static StateHandle read_state(LAMMPS *lmp, const std::string &style_name,
                              const SelectionSettings &settings, const mtprs_potential *potential)
{
  const std::string &file = settings.state;
  if (file.empty()) return nullptr;
  const std::string bytes = read_shared_file(lmp, file);
  mtprs_error_t problem;
  mtprs_selection_t *parsed = nullptr;
  if (mtprs_selection_parse(bytes.data(), bytes.size(), file.c_str(), potential, &parsed,
                            &problem) != MTPRS_OK)
    lmp->error->all(FLERR, std::string(problem.message));
  StateHandle state(parsed);

  mtprs_selection_facts_t facts;
  MTPRS_INIT(facts);
  mtprs_selection_describe(parsed, &facts, nullptr);
  const char *mode = facts.is_neighborhood_mode ? "neighborhood" : "configuration";
  if (!settings.mode.empty() && settings.mode != mode)
    lmp->error->all(FLERR,
                    "pair_style {}: mode is {}, but the state {} is one of {} mode\n"
                    "  hint: build a state of {} mode, or leave out mode",
                    style_name, settings.mode, file, mode, settings.mode);
  return state;
}

static EvaluatorHandle create_evaluator(LAMMPS *lmp, const mtprs_potential *potential,
                                        const std::string &file, const PairSettings &settings,
                                        const mtprs_selection *state)
{
  mtprs_error_t problem;
  mtprs_evaluator_t *made = nullptr;
  mtprs_evaluator_options_t options;
  MTPRS_INIT(options);
  options.threads = settings.threads;
  options.precision = settings.precision;
  options.selection = state;
  if (mtprs_evaluator_create(potential, &options, &made, &problem) != MTPRS_OK)
    lmp->error->all(FLERR, "{}: {}", file, problem.message);
  return EvaluatorHandle(made);
}

static std::string report_of(const std::string &style_name, const mtprs_potential *potential,
                             const std::string &file, const PairSettings &settings)
{
  mtprs_potential_facts_t facts;
  MTPRS_INIT(facts);
  mtprs_potential_describe(potential, &facts, nullptr);
  const char *precision = settings.precision == MTPRS_PRECISION_MIXED
      ? "  mixed precision: single for the work per neighbor, double for sums\n"
      : "";
  return fmt::format("pair style {}: potential {} (mtprs {})\n"
                     "  radial functions from {:.6g} A (min_dist) to {:.6g} A (cutoff), {} "
                     "parameters, {} basis functions\n"
                     "{}",
                     style_name, file, mtprs_version(), facts.min_dist, facts.cutoff,
                     facts.parameter_count, facts.basis_function_count, precision);
}

CompiledPotential LAMMPS_NS::compile_potential(LAMMPS *lmp, const std::string &style_name,
                                               const mtprs_potential *potential,
                                               const AskedPotential &asked,
                                               const PairSettings &settings)
{
  CompiledPotential made;
  const SpeciesNames names(potential, asked.file, settings.species);
  map_types(lmp, style_name, names, asked, made);
  made.state = read_state(lmp, style_name, settings.selection, potential);
  made.evaluator = create_evaluator(lmp, potential, asked.file, settings, made.state.get());
  made.report =
      report_of(style_name, potential, asked.file, settings) + names.report(made.species_of_type);
  return made;
}
