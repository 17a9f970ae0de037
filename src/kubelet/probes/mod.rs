//! Stub until merge.
/// What probes say of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Whether its startup probe has passed, or there is none.
    pub started: bool,
    /// Whether its readiness probe passes, or there is none.
    pub ready: bool,
    /// The liveness or startup probe that failed for good, in words.
    pub failed: Option<String>,
}
