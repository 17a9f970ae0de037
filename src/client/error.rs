//! Why a call to the API failed.

/// Why a call to the API failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The server said no. <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/>
    #[error("{message}")]
    Status {
        /// The HTTP code.
        code: u16,
        /// The reason in CamelCase, such as `NotFound`.
        reason: String,
        /// The message for people.
        message: String,
        /// The causes, one a field: path, reason and message.
        causes: Vec<(String, String, String)>,
    },
    /// The server could not be reached, or what it sent is no answer.
    #[error("the node does not answer")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// Whether the server said no with this reason.
    #[must_use]
    pub fn is(&self, wanted: &str) -> bool {
        matches!(self, Self::Status { reason, .. } if reason == wanted)
    }

    /// Whether the object does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.is("NotFound")
    }

    /// Whether the object changed since it was read.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.is("Conflict")
    }
}
