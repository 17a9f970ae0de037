//! The wiring of one node: what starts in which order, and how it stops.

mod base;
mod forecast;
mod keys;
mod own_service;
mod run;
mod streams;

pub use run::{Parts, main, run};
