//! The rules, told as stories about one patient; every poll also checks that asking twice answers nothing.

mod access;
mod adverse;
mod bookings;
mod cautions;
mod change;
mod contraindications;
mod course;
mod devices;
mod discharge;
mod fidelity;
mod incident;
mod laws;
mod medicines;
mod oswestry;
mod plans;
mod red_flags;
mod response;
mod schedule;
mod story;
mod symptoms;
mod table;
mod worlds;
