//! The checkpoint: a sled directory that can be lost without losing anything.
