//! The registry report: what became of the episodes, counted honestly.
