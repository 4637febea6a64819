//! Loops over slices, counter-based randomness and our own mathematics. Knows no economics.
