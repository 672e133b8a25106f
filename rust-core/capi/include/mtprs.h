/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * mtprs: moment tensor potentials behind a C ABI.
 *
 * Read a potential, make an evaluator from it, hand the evaluator atoms with neighbor lists (LAMMPS's own arrays, no
 * copies) or a bare periodic cell, get energies, forces and virials.
 *
 *     mtprs_error_t error;
 *     mtprs_potential_t *potential = NULL;
 *     mtprs_evaluator_t *evaluator = NULL;
 *     if (mtprs_potential_load("pot.mtp", &potential, &error) != MTPRS_OK) { puts(error.message); ... }
 *     if (mtprs_evaluator_create(potential, NULL, &evaluator, &error) != MTPRS_OK) ...
 *     mtprs_evaluator_compute_cell(evaluator, &configuration, &outputs, &error);
 *     mtprs_evaluator_free(evaluator);
 *     mtprs_potential_free(potential);
 *
 * Units: Angstrom, eV, eV/Angstrom; virials in eV, W_ab = -sum r_a g_b, positive under compression (as in LAMMPS).
 *
 * Rules that hold for every function
 *  - A function that can fail returns a status; MTPRS_OK is zero. Text goes into a caller-owned mtprs_error_t, which
 *    may be NULL. There is no thread-local state and nothing in an error to free. Codes are never reused.
 *  - Arguments come in the order self, inputs, outputs, error. A pointer to const is not written through.
 *  - Everything is checked before anything is written: on failure no output was touched. That holds for every index in
 *    the caller's arrays: a wrong one is MTPRS_ERROR_ARGUMENT, names the atom, and spoils nothing. The lengths of arrays
 *    are what the caller says.
 *  - Outputs documented with += are accumulated into; all others are overwritten.
 *  - No function prints, exits, aborts, or throws. A defect inside the library becomes MTPRS_ERROR_BUG (Rust itself
 *    leaves a line about it on stderr) and poisons that evaluator: its computations answer MTPRS_ERROR_BUG from then on,
 *    and it can only be freed. A function without a status returns 0 then.
 *  - Numbers that are not finite are errors, never results: energies, forces, sums over atoms, grades.
 *  - No function starts a thread unless more than one was asked for in mtprs_evaluator_options_t.
 *  - Structs that may grow begin with struct_size: set it to sizeof(the struct); MTPRS_INIT does so and zeroes the rest.
 *    Nothing behind struct_size is read or written. A program of an older header runs with this library: fields that its
 *    structs lack count as zero, and facts are filled in as far as they go. The smallest structs are those of the first
 *    header of this version: the fields above a line "first header", or all of them. A program of a newer header runs,
 *    too, as long as the fields that this library lacks are zero; if they are not, MTPRS_ERROR_UNSUPPORTED says so.
 *  - Strings are UTF-8 and end with a zero byte, those in mtprs_error_t too (cut at a character if too long).
 */
#ifndef MTPRS_H
#define MTPRS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Number of this interface. It changes when a program compiled against an older header could misbehave; compare it with
 * mtprs_abi_version() before anything else. */
#define MTPRS_ABI_VERSION 1u

/* Sets a struct to zero and fills in its struct_size. */
#define MTPRS_INIT(variable)                                        \
    do {                                                            \
        size_t mtprs_init_k;                                        \
        unsigned char *mtprs_init_p = (unsigned char *)&(variable); \
        for (mtprs_init_k = 0; mtprs_init_k < sizeof(variable); ++mtprs_init_k) mtprs_init_p[mtprs_init_k] = 0; \
        (variable).struct_size = sizeof(variable);                  \
    } while (0)

/* ---- status and errors ------------------------------------------------------------------------------------------ */

typedef uint32_t mtprs_status_t;

enum {
    MTPRS_OK = 0,
    MTPRS_ERROR_ARGUMENT = 1,              /* an argument is outside its documented range */
    MTPRS_ERROR_IO = 2,                    /* a file cannot be read */
    MTPRS_ERROR_SYNTAX = 3,                /* text does not follow the grammar of its format */
    MTPRS_ERROR_UNSUPPORTED = 4,           /* well formed, but not something mtprs does, or larger than it takes */
    MTPRS_ERROR_INVALID_POTENTIAL = 5,     /* numbers of a potential contradict each other */
    MTPRS_ERROR_INVALID_CONFIGURATION = 6, /* atoms or cell cannot be evaluated (a position is NaN, say) */
    MTPRS_ERROR_SPECIES = 7,               /* an element or species is not in the potential */
    MTPRS_ERROR_NOT_FINITE = 8,            /* finite input gave an energy or force that is not */
    MTPRS_ERROR_BUG = 9,                   /* a defect of mtprs; the evaluator is poisoned */
    MTPRS_ERROR_INVALID_STATE = 10         /* a selection state is damaged, or belongs to another potential */
};

/* Filled on failure, left alone on success. */
typedef struct mtprs_error {
    mtprs_status_t status; /* the status that was returned */
    int32_t atom;          /* index of the atom that the message is about, or -1 */
    char message[1016];    /* what was got, what was expected, where; a hint may follow on a line of its own */
} mtprs_error_t;

/* MTPRS_ABI_VERSION of the library. */
uint32_t mtprs_abi_version(void);

/* Version of the library, for example "0.1.0"; static. */
const char *mtprs_version(void);

/* ---- potential -------------------------------------------------------------------------------------------------- */

/* A validated moment tensor potential. Immutable: any number of threads may use it at once. Made by _parse or _load,
 * freed by the caller with _free; evaluators made from it keep what they need and may outlive it. */
typedef struct mtprs_potential mtprs_potential_t;

/* Facts of a potential; see mtprs_potential_describe. */
typedef struct mtprs_potential_facts {
    size_t struct_size;
    size_t species_count;
    size_t parameter_count;
    size_t basis_function_count;
    double cutoff;             /* Angstrom */
    double min_dist;           /* where the radial functions begin, Angstrom: below they extrapolate. Chosen by who made the
                                * potential; not by itself the shortest distance of the training set */
    int32_t has_species_names; /* 1 if the file names the elements, else 0 */
    int32_t is_trained;        /* 1 if all coefficients are there, else 0: it cannot be evaluated then */
} mtprs_potential_facts_t;

/* Reads the text of an .mtp or .almtp file (length bytes, no terminating zero needed). file_name is used in messages only. */
mtprs_status_t mtprs_potential_parse(const char *text, size_t length, const char *file_name, mtprs_potential_t **potential,
                                     mtprs_error_t *error);

/* Reads an .mtp or .almtp file; a selection state after the potential is passed over. */
mtprs_status_t mtprs_potential_load(const char *path, mtprs_potential_t **potential, mtprs_error_t *error);

/* Frees a potential; NULL is allowed. */
void mtprs_potential_free(mtprs_potential_t *potential);

/* Fills facts (struct_size must be set). */
mtprs_status_t mtprs_potential_describe(const mtprs_potential_t *potential, mtprs_potential_facts_t *facts,
                                        mtprs_error_t *error);

/* Level of a potential: the largest level of its basis functions (2, 4, ..., 28 in templates); 0 for NULL, or if its
 * contractions follow no level. */
int32_t mtprs_potential_level(const mtprs_potential_t *potential);

/* Index of the species that a user calls word: an element symbol of the potential, or a number from 0. */
mtprs_status_t mtprs_potential_species_index(const mtprs_potential_t *potential, const char *word, int32_t *index,
                                             mtprs_error_t *error);

/* Name of a species (its number where the potential has no names) into name[size], cut if too long. */
mtprs_status_t mtprs_potential_species_name(const mtprs_potential_t *potential, size_t index, char *name, size_t size,
                                            mtprs_error_t *error);

/* ---- selection state ---------------------------------------------------------------------------------------------- */

/* An active set: rows of derivatives by the parameters that span what a potential was trained on, and from which
 * extrapolation grades follow. Immutable: any number of threads may use it at once. Made by _parse, freed by the caller with
 * _free; evaluators made with it keep what they need and may outlive it. */
typedef struct mtprs_selection mtprs_selection_t;

/* Facts of a selection state; see mtprs_selection_describe. */
typedef struct mtprs_selection_facts {
    size_t struct_size;
    size_t parameter_count;
    size_t unsupported_count;     /* rows that no training configuration supports. Atoms that need these directions of the
                                   * parameters have large grades; some directions are needed by no atoms whatever, and
                                   * "mtprs state show" tells which */
    int32_t is_neighborhood_mode; /* 1: grades belong to atoms, 0: to whole configurations */
} mtprs_selection_facts_t;

/* Reads a state of mtprs (.mtps), MLIP-2 (.als) or MLIP-3 (.almtp); fails if it belongs to another potential. file_name is
 * used in messages only. */
mtprs_status_t mtprs_selection_parse(const char *bytes, size_t length, const char *file_name,
                                     const mtprs_potential_t *potential, mtprs_selection_t **selection,
                                     mtprs_error_t *error);

/* Frees a selection state; NULL is allowed. */
void mtprs_selection_free(mtprs_selection_t *selection);

/* Fills facts (struct_size must be set). */
mtprs_status_t mtprs_selection_describe(const mtprs_selection_t *selection, mtprs_selection_facts_t *facts,
                                        mtprs_error_t *error);

/* The grade of a row of parameter_count numbers: for a configuration of N atoms the energy_gradient of
 * mtprs_outputs_t (summed over all parts of the configuration) divided by N. Fails with MTPRS_ERROR_NOT_FINITE where it
 * is not a finite number: nothing to compare with a threshold. */
mtprs_status_t mtprs_selection_grade(const mtprs_selection_t *selection, const double *row, size_t length, double *grade,
                                     mtprs_error_t *error);

/* ---- evaluator -------------------------------------------------------------------------------------------------- */

/* A compiled potential with its workspaces. One thread at a time may call it; different evaluators are independent. Made by
 * _create, freed by the caller with _free; may outlive the potential it was made from.
 *
 * With threads > 1 it divides the central atoms of each computation among this many threads, the calling one included. The
 * others are started by the first computation that has work for them (8 central atoms each), sleep between computations, and
 * end with _free. After fork() the child starts its own. Results are the same from run to run; another number of threads
 * adds the same terms in another order. */
typedef struct mtprs_evaluator mtprs_evaluator_t;

/* Precision of an evaluator. Mixed: single precision for the work per neighbor, double for everything that is summed over
 * atoms; forces sum to zero in either as doubles do. Templates above level 20 are evaluated in double precision, which is
 * faster for them. */
#define MTPRS_PRECISION_DOUBLE 0
#define MTPRS_PRECISION_MIXED 1

/* Choices for mtprs_evaluator_create; all zero but struct_size means the defaults. */
typedef struct mtprs_evaluator_options {
    size_t struct_size;
    int32_t threads; /* number of threads, the calling one included, up to 1024; 0 and 1 mean that none is started */
    int32_t precision; /* MTPRS_PRECISION_DOUBLE or MTPRS_PRECISION_MIXED; grades are always double */
    /* first header */
    const mtprs_selection_t *selection; /* for grades; NULL: there are none */
} mtprs_evaluator_options_t;

/* Compiles a potential. options may be NULL. Fails if the potential is not trained, or if it would take more memory or
 * time than any potential in use by far. Starts no thread yet. */
mtprs_status_t mtprs_evaluator_create(const mtprs_potential_t *potential, const mtprs_evaluator_options_t *options,
                                      mtprs_evaluator_t **evaluator, mtprs_error_t *error);

/* Frees an evaluator; NULL is allowed. */
void mtprs_evaluator_free(mtprs_evaluator_t *evaluator);

/* Memory held by an evaluator on all its threads, bytes; 0 for NULL. */
size_t mtprs_evaluator_memory(const mtprs_evaluator_t *evaluator);

/* Whether a pair of the last successful computation was closer than min_dist: 1 or 0. If so, its
 * distance (Angstrom) and the indices of its central and neighbor atom are written; either pointer may be NULL. The
 * potential extrapolates there: users want to know. */
int32_t mtprs_evaluator_closest_pair(const mtprs_evaluator_t *evaluator, double *distance, int32_t atoms[2]);

/* Atoms with full neighbor lists, in the arrays that LAMMPS keeps. Only central atoms named in ilist get an energy;
 * forces fall on central and neighbor atoms alike. */
typedef struct mtprs_atoms {
    size_t struct_size;
    int32_t central_count;             /* inum: number of central atoms */
    int32_t atom_count;                /* nlocal + nghost: length of positions, types, tags */
    const int32_t *ilist;              /* [central_count] indices of the central atoms */
    const int32_t *numneigh;           /* [by atom index] number of neighbors */
    const int32_t *const *firstneigh;  /* [by atom index] neighbor indices; pairs beyond the cutoff are skipped. NULL where
                                          there are none */
    int32_t neighbor_mask;             /* and-ed with every entry of firstneigh before use (NEIGHMASK); 0 means no mask */
    int32_t type_count;                /* types run from 1 to type_count */
    const double (*positions)[3];      /* [atom_count] Angstrom */
    const int32_t *types;              /* [atom_count] */
    const int32_t *species_of_type;    /* [type_count + 1] species index, or -1: atoms of this type do not exist here */
    const double *scale_of_type;       /* [type_count + 1] factor of V_i by type of the central atom; NULL means 1 */
    const int32_t *tags;               /* [atom_count] atom numbers for messages; NULL means index + 1 */
} mtprs_atoms_t;

/* Where results go; NULL where not wanted. All are += . */
typedef struct mtprs_outputs {
    size_t struct_size;
    double *energy;                 /* [1] sum of V_i, eV */
    double *atom_energies;          /* [atom_count] V_i, eV */
    double (*forces)[3];            /* [atom_count] eV/Angstrom */
    double *virial;                 /* [6] xx yy zz xy xz yz, eV */
    double (*atom_virials)[6];      /* [atom_count] xx yy zz xy xz yz, half of each pair to either atom, eV */
    double (*centroid_virials)[9];  /* [atom_count] xx yy zz xy xz yz yx zx zy, each pair to the neighbor, eV */
    /* first header */
    double *grades;                 /* [atom_count] extrapolation grade of each central atom; needs a selection */
    double *energy_gradient;        /* [parameter_count] derivatives of the energy by the parameters; needs a selection */
} mtprs_outputs_t;

/* Adds energies, forces and virials of the atoms to the outputs. */
mtprs_status_t mtprs_evaluator_compute(mtprs_evaluator_t *evaluator, const mtprs_atoms_t *atoms,
                                       const mtprs_outputs_t *outputs, mtprs_error_t *error);

/* Atoms in a cell without neighbor lists. */
typedef struct mtprs_configuration {
    size_t struct_size;
    size_t atom_count;
    const double (*positions)[3];     /* [atom_count] Angstrom; anywhere, also outside the cell */
    const int32_t *species;           /* [atom_count] species indices */
    const double (*cell_vectors)[3];  /* [periodic_count] rows, Angstrom; may be NULL if periodic_count is 0 */
    size_t periodic_count;            /* 0 (molecule) to 3 (crystal): number of periodic vectors */
} mtprs_configuration_t;

/* Adds energies, forces and virials of a configuration to the outputs, searching the neighbors itself. */
mtprs_status_t mtprs_evaluator_compute_cell(mtprs_evaluator_t *evaluator, const mtprs_configuration_t *configuration,
                                            const mtprs_outputs_t *outputs, mtprs_error_t *error);

#ifdef __cplusplus
}
#endif

#endif /* MTPRS_H */
