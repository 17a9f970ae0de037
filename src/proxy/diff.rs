//! Decides what to change in the kernel: a changed service has its own chain rewritten, and nothing else is touched.

use std::fmt;

use super::ir::{Endpoint, Frontend, Rules};

/// One change to the kernel's rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The frontend now has these endpoints, at least one.
    Set(Frontend, Vec<Endpoint>),
    /// The frontend has no endpoint any more, or is gone.
    Remove(Frontend),
}

impl Change {
    /// The frontend that changes.
    pub const fn frontend(&self) -> &Frontend {
        match self {
            Self::Set(frontend, _) | Self::Remove(frontend) => frontend,
        }
    }

    /// The endpoints after the change.
    pub fn endpoints(&self) -> &[Endpoint] {
        match self {
            Self::Set(_, endpoints) => endpoints,
            Self::Remove(_) => &[],
        }
    }
}

/// `10.201.128.1:80/tcp → 10.201.1.1:8080, 10.201.1.2:8080`
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoints: Vec<String> = self.endpoints().iter().map(ToString::to_string).collect();
        let endpoints = if endpoints.is_empty() { "refused".to_owned() } else { endpoints.join(", ") };
        write!(f, "{} → {endpoints}", self.frontend())
    }
}

/// The changes that lead from the old rules to the new ones: removals first, each group in order.
pub fn diff(old: &Rules, new: &Rules) -> Vec<Change> {
    let gone = old.services.keys().filter(|f| !new.services.contains_key(f)).map(|f| Change::Remove(*f));
    let set = new.services.iter().filter(|(f, endpoints)| old.services.get(f) != Some(endpoints));
    gone.chain(set.map(|(f, endpoints)| Change::Set(*f, endpoints.clone()))).collect()
}
