//! Compiled form
