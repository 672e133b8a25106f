//! Properties that are known beforehand.
