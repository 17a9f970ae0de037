//! Why a call to the API failed.

use serde_json::Value;

use crate::apiserver;

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

/// What the verbs say in process.
impl From<apiserver::Error> for Error {
    fn from(error: apiserver::Error) -> Self {
        let (code, reason) = error.code();
        Self::Status { code, reason: reason.to_owned(), message: error.message(), causes: error.causes() }
    }
}

impl Error {
    /// What a `Status` says; `code` counts where it names none.
    pub(super) fn of_status(code: u16, status: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let causes = status["details"]["causes"].as_array().into_iter().flatten();
        Self::Status {
            code: status["code"].as_u64().and_then(|c| u16::try_from(c).ok()).unwrap_or(code),
            reason: text(&status["reason"]),
            message: status["message"].as_str().map_or_else(|| format!("the node answers {code}"), str::to_owned),
            causes: causes.map(|c| (text(&c["field"]), text(&c["reason"]), text(&c["message"]))).collect(),
        }
    }
}
