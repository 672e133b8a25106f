// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Owning C++17 wrappers of the C interface: objects free themselves, errors are exceptions. Copy it into your program.
#ifndef MTPRS_HPP
#define MTPRS_HPP

#include "mtprs.h"

#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace mtprs {

// What the library reported; what() is its message.
class Error : public std::runtime_error {
 public:
  explicit Error(const mtprs_error_t &error) :
      std::runtime_error(error.message), status(error.status), atom(error.atom)
  {
  }

  const mtprs_status_t status;
  const int32_t atom;    // index of the atom that the message is about, or -1
};

// Passes a status through, turned into an exception where it is not MTPRS_OK.
inline void check(mtprs_status_t status, const mtprs_error_t &error)
{
  if (status != MTPRS_OK) throw Error(error);
}

// An immutable potential; may be shared between threads.
class Potential {
 public:
  explicit Potential(const std::string &path) : handle_(nullptr, &mtprs_potential_free)
  {
    mtprs_error_t error;
    mtprs_potential_t *loaded = nullptr;
    check(mtprs_potential_load(path.c_str(), &loaded, &error), error);
    handle_.reset(loaded);
  }

  mtprs_potential_facts_t facts() const
  {
    mtprs_error_t error;
    mtprs_potential_facts_t facts;
    MTPRS_INIT(facts);
    check(mtprs_potential_describe(handle_.get(), &facts, &error), error);
    return facts;
  }

  std::string species_name(size_t index) const
  {
    mtprs_error_t error;
    std::array<char, 64> name;
    check(mtprs_potential_species_name(handle_.get(), index, name.data(), name.size(), &error), error);
    return name.data();
  }

  const mtprs_potential_t *get() const { return handle_.get(); }

 private:
  std::unique_ptr<mtprs_potential_t, void (*)(mtprs_potential_t *)> handle_;
};

using Vector = std::array<double, 3>;

// Atoms in a cell with three periodic vectors.
struct Crystal {
  std::array<Vector, 3> cell;       // rows, Angstrom
  std::vector<Vector> positions;    // Angstrom
  std::vector<int32_t> species;
};

struct Results {
  double energy = 0;                 // eV
  std::array<double, 6> virial{};    // xx yy zz xy xz yz, eV
  std::vector<Vector> forces;        // eV/Angstrom
};

// A compiled potential with its workspace; one thread at a time.
class Evaluator {
 public:
  explicit Evaluator(const Potential &potential) : handle_(nullptr, &mtprs_evaluator_free)
  {
    mtprs_error_t error;
    mtprs_evaluator_t *created = nullptr;
    check(mtprs_evaluator_create(potential.get(), nullptr, &created, &error), error);
    handle_.reset(created);
  }

  Results operator()(const Crystal &crystal)
  {
    if (crystal.species.size() != crystal.positions.size())
      throw std::invalid_argument("got " + std::to_string(crystal.positions.size()) + " positions and " +
                                  std::to_string(crystal.species.size()) + " species");
    Results results;
    results.forces.resize(crystal.positions.size(), Vector{});

    mtprs_configuration_t configuration;
    MTPRS_INIT(configuration);
    configuration.atom_count = crystal.positions.size();
    configuration.positions = rows(crystal.positions.data());
    configuration.species = crystal.species.data();
    configuration.cell_vectors = rows(crystal.cell.data());
    configuration.periodic_count = crystal.cell.size();

    mtprs_outputs_t outputs;
    MTPRS_INIT(outputs);
    outputs.energy = &results.energy;
    outputs.virial = results.virial.data();
    outputs.forces = reinterpret_cast<double (*)[3]>(results.forces.data());

    mtprs_error_t error;
    check(mtprs_evaluator_compute_cell(handle_.get(), &configuration, &outputs, &error), error);
    return results;
  }

 private:
  static_assert(sizeof(Vector) == sizeof(double[3]), "rows of three doubles without padding");
  static const double (*rows(const Vector *vectors))[3]
  {
    return reinterpret_cast<const double (*)[3]>(vectors);
  }

  std::unique_ptr<mtprs_evaluator_t, void (*)(mtprs_evaluator_t *)> handle_;
};

}    // namespace mtprs

#endif
