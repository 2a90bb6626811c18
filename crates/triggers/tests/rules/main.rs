//! The rules, told as stories about one patient; every poll also checks that asking twice answers nothing.

mod bookings;
mod cautions;
mod change;
mod contraindications;
mod course;
mod devices;
mod fidelity;
mod incident;
mod laws;
mod oswestry;
mod plans;
mod red_flags;
mod reports;
mod response;
mod schedule;
mod story;
mod table;
mod worlds;
