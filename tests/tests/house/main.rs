//! Rules that the sources keep. They read files and run nothing that takes long.

mod features;
mod layers;
mod licenses;
mod rules;
