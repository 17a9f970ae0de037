//! One pure file a kind, each deciding what its objects need next; `run` is the only loop.

pub mod publisher;
