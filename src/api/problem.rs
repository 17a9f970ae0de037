//! What is wrong with one field of an object, in Kubernetes' words.

use std::fmt;

/// The sort of a problem: <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/> `details.causes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The field must be set.
    Required,
    /// The value can't be.
    Invalid,
    /// The value is not one of a closed set.
    NotSupported,
    /// The field may not be set, or not be changed.
    Forbidden,
    /// The value must be unique and is not.
    Duplicate,
    /// The value names something that is not there.
    NotFound,
}

/// A problem with one field. Its path is written as Kubernetes does: `spec.containers[0].image`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The field; empty for the whole object.
    pub path: String,
    /// The sort.
    pub cause: Cause,
    /// The message, without path or sort.
    pub message: String,
}

impl Problem {
    /// A field that must be set and is not.
    pub fn required(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), cause: Cause::Required, message: message.into() }
    }

    /// A value that can't be.
    pub fn invalid(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), cause: Cause::Invalid, message: message.into() }
    }

    /// A value outside the closed set of `supported` ones.
    pub fn not_supported(path: impl Into<String>, value: &str, supported: &[&str]) -> Self {
        let list = supported.iter().map(|s| format!("\"{s}\"")).collect::<Vec<_>>().join(", ");
        Self {
            path: path.into(),
            cause: Cause::NotSupported,
            message: format!("\"{value}\": supported values: {list}"),
        }
    }

    /// A field that may not be set, or not be changed.
    pub fn forbidden(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), cause: Cause::Forbidden, message: message.into() }
    }

    /// A value that stands twice where it must be unique.
    pub fn duplicate(path: impl Into<String>, value: &str) -> Self {
        Self { path: path.into(), cause: Cause::Duplicate, message: format!("\"{value}\"") }
    }

    /// A value that names something that is not there.
    pub fn not_found(path: impl Into<String>, value: &str) -> Self {
        Self { path: path.into(), cause: Cause::NotFound, message: format!("\"{value}\"") }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Required => "Required value",
            Self::Invalid => "Invalid value",
            Self::NotSupported => "Unsupported value",
            Self::Forbidden => "Forbidden",
            Self::Duplicate => "Duplicate value",
            Self::NotFound => "Not found",
        })
    }
}

/// `spec.replicas: Invalid value: must be greater than or equal to 0`.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "{}", self.cause)?;
        if self.message.is_empty() { Ok(()) } else { write!(f, ": {}", self.message) }
    }
}
