//! The rule catalogue and the life of an alert.
