//! The loop as a value, and the simulation that drives it without I/O.
