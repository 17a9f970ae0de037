//! The wiring of one node: what starts in which order, and how it stops.
