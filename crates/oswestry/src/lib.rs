//! The two-week Oswestry clock.
