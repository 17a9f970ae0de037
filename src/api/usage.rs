//! What pods and the node use of cpu and memory, as it was measured.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::Timestamp;

/// What something uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Billionths of a core.
    pub cpu: u64,
    /// Bytes that can't be taken back: the working set.
    pub memory: u64,
}

impl std::ops::Add for Usage {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { cpu: self.cpu + other.cpu, memory: self.memory + other.memory }
    }
}

impl std::iter::Sum for Usage {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| sum + one)
    }
}

/// What was measured in one go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// When.
    pub at: Timestamp,
    /// Over what time the cpu was watched.
    pub window: SignedDuration,
    /// The containers of each pod, by the pod's uid and the container's name.
    pub pods: BTreeMap<String, BTreeMap<String, Usage>>,
    /// The whole machine.
    pub node: Usage,
}
