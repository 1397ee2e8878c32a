//! The Tower as a whole, over a real database, with a scripted world around it.

// Elsewhere the package is imported under its folder's name; here too.
extern crate holly_tower as tower;

mod approval;
mod simulation;
