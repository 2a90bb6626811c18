//! EA 48 hours before PT: slots, placing, cascades, alternatives.
