//! A potential small enough to be read at a glance: two species, one radial function, a pair term and the square of a
//! vector. Its numbers mean nothing.

/// The potential as the text of an `.mtp` file.
pub const SMALL_POTENTIAL: &str = "\
MTP
version = 1.1.0
potential_name = small
scaling = 0.1
species_count = 2
potential_tag = Mg O
radial_basis_type = RBChebyshev
	min_dist = 1.5
	max_dist = 5
	radial_basis_size = 3
	radial_funcs_count = 1
	radial_coeffs
		0-0
			{0.2, -0.3, 0.1}
		0-1
			{-0.4, 0.5, 0.2}
		1-0
			{-0.3, 0.4, 0.1}
		1-1
			{0.6, -0.1, 0.3}
alpha_moments_count = 5
alpha_index_basic_count = 4
alpha_index_basic = {{0, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}}
alpha_index_times_count = 3
alpha_index_times = {{1, 1, 1, 4}, {2, 2, 1, 4}, {3, 3, 1, 4}}
alpha_scalar_moments = 2
alpha_moment_mapping = {0, 4}
species_coeffs = {-1.5, -2.5}
moment_coeffs = {0.7, 0.3}
";
