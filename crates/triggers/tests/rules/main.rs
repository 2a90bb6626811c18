//! The rules, told as stories about one patient; every poll also checks that asking twice answers nothing.

mod bookings;
mod cautions;
mod change;
mod compression;
mod contraindications;
mod course;
mod depths;
mod devices;
mod fidelity;
mod incident;
mod laws;
mod oswestry;
mod patterns;
mod plans;
mod red_flags;
mod response;
mod schedule;
mod sessions;
mod story;
mod structure;
mod table;
mod worlds;
