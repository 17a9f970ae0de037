//! What a container gets of processors and memory, and may be given anew while it runs.

use std::fmt;

use k8s_openapi::api::core::v1::Container as Declared;

use super::qos;

/// The engine's least limit of processors, in billionths of a core.
const LEAST_CPUS: i64 = 10_000_000;

/// Shares and limits that the engine can change in a running container.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Relative weight: 1024 for a whole core requested.
    pub cpu_shares: Option<i64>,
    /// The limit in billionths of a core.
    pub nano_cpus: Option<i64>,
    /// The limit of memory in bytes.
    pub memory: Option<i64>,
}

impl Limits {
    /// What a container's requests and limits mean.
    /// <https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#how-pods-with-resource-limits-are-run>
    #[must_use]
    pub fn of(declared: &Declared) -> Self {
        let shares = qos::request(declared, "cpu").map_or(2, |milli| (milli * 1024 / 1000).max(2));
        let nano = qos::limit(declared, "cpu").and_then(|milli| i64::try_from(milli * 1_000_000).ok());
        Self {
            cpu_shares: i64::try_from(shares).ok(),
            nano_cpus: nano.map(|nano| nano.max(LEAST_CPUS)),
            memory: qos::limit(declared, "memory").and_then(|milli| i64::try_from(milli / 1000).ok()),
        }
    }
}

/// `256 shares, 500m cpu, 134217728 bytes`.
impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cpu_shares, nano_cpus, memory } = self;
        write!(f, "{} shares", cpu_shares.unwrap_or_default())?;
        nano_cpus.map_or(Ok(()), |nano| write!(f, ", {}m cpu", nano / 1_000_000))?;
        memory.map_or(Ok(()), |bytes| write!(f, ", {bytes} bytes"))
    }
}
