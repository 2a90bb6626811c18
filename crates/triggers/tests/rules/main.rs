//! The rules, told as stories about one patient; every poll also checks that asking twice answers nothing.

mod bookings;
mod cautions;
mod change;
mod contraindications;
mod course;
mod course_pace;
mod devices;
mod fidelity;
mod function;
mod incident;
mod laws;
mod movement;
mod oswestry;
mod pain;
mod plans;
mod recurrence;
mod red_flags;
mod response;
mod schedule;
mod session_four;
mod story;
mod table;
mod worlds;
