//! What takes its time in a container, beside the rounds: its hooks and its end.

use std::collections::BTreeMap;

use crate::api::Timestamp;

/// What is under way in the containers of a pod, or has just ended there, by their ids.
pub type Errands = BTreeMap<String, Errand>;

/// What is under way in a container, or has just ended there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand {
    /// Its postStart hook runs: it does not count as running yet.
    PostStart,
    /// Its postStart hook failed, in these words: it is to end.
    PostStartFailed(String),
    /// Its preStop hook runs, until then at the longest.
    PreStop {
        /// When the container is to have ended.
        until: Timestamp,
    },
    /// Its preStop hook is over.
    PreStopped {
        /// When the container is to have ended.
        until: Timestamp,
    },
    /// It was asked to end.
    Stop {
        /// When it is ended by force.
        until: Timestamp,
    },
}

impl Errand {
    /// When the container is to have ended, if it is on its way out.
    #[must_use]
    pub fn ends(&self) -> Option<Timestamp> {
        match self {
            Self::PostStart | Self::PostStartFailed(_) => None,
            Self::PreStop { until } | Self::PreStopped { until } | Self::Stop { until } => Some(*until),
        }
    }
}
