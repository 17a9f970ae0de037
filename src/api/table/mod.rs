//! Objects as people read them: kubectl's columns for each kind, as data.

mod age;
mod autoscaler;
mod batch;
mod cells;
mod columns;
mod pod;

pub use age::age;
pub use columns::{Column, columns};

pub use pod::status as pod_status;

use super::{Kind, Timestamp};
