//! The library by itself: its numbers against plain loops and finite differences, and the files that it reads and writes.

mod damaged_states;
mod derivatives;
mod evaluators;
mod format_properties;
mod grades;
mod invariances;
mod malformed;
mod mixed_precision;
mod pair_terms;
mod parameter_gradients;
mod restrictions;
mod robustness;
mod selection_states;
mod small_states;
mod threads;
mod upgrades;
mod wellformed;
