//! Diffusion of mobile ions from their tracks: diffusivities with intervals, and a verdict on whether there are any.
//!
//! In go unwrapped positions in the frame of the host, one frame after the other ([`Tracks`]). Out come mean squared
//! displacements over lags, D*, D_J and their ratio, escapes, upper limits, and the checks that the verdict rests on
//! ([`transport()`]). Several temperatures make an activation energy ([`arrhenius()`]).

mod arrhenius;
mod blocks;
mod checks;
mod clock;
mod diffusivities;
mod displacement;
mod escapes;
mod following;
mod host;
mod limits;
mod line;
mod mixing;
mod page;
mod plateau;
mod report;
mod spectrum;
mod summary;
mod tracks;
mod verdict;

pub use arrhenius::{Arrhenius, Measured, Point, arrhenius};
pub use blocks::Estimate;
pub use checks::Check;
pub use clock::{Clock, Stamp};
pub use diffusivities::Diffusivities;
pub use displacement::{Displacements, Octave, SquaredDisplacement};
pub use escapes::{EscapeSettings, Escapes};
pub use following::{Followed, Follower, ReferenceFrame, Subject};
pub use host::{Host, HostMotion};
pub use mixing::Mixing;
pub use page::render;
pub use report::{ArrheniusReport, DiffusionReport, RunOrigin, RunReport, Stated};
pub use summary::{columns, summary};
pub use tracks::Tracks;
pub use verdict::{Settings, Transport, Verdict, transport};
