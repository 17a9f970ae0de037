//! The CLI's one error: kind, cause and hints, and the exit code that follows.

use std::fmt;

/// What sort of failure it is, and so the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The user must act: exit code 1.
    User,
    /// The command line is wrong: exit code 2.
    Usage,
    /// The node refused, timed out, is not ready or is unreachable: exit code 3.
    Node,
    /// A bug in wharf: exit code 70.
    Bug,
    /// A program run in a container ended with this code, which becomes wharf's own.
    Program(u8),
}

/// Why a command failed.
#[derive(Debug)]
pub struct Error {
    /// The sort.
    pub kind: Kind,
    /// What happened; empty if it was told already.
    pub message: String,
    /// The chain of causes, outermost first.
    pub causes: Vec<String>,
    /// What to do next.
    pub hints: Vec<String>,
}

impl Error {
    /// An error of a sort.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), causes: Vec::new(), hints: Vec::new() }
    }

    /// The user must act.
    pub fn user(message: impl Into<String>) -> Self {
        Self::new(Kind::User, message)
    }

    /// The command line is wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// The node refused, timed out or is not ready.
    pub fn node(message: impl Into<String>) -> Self {
        Self::new(Kind::Node, message)
    }

    /// All was told already; only the exit code is left to give.
    pub fn told(kind: Kind) -> Self {
        Self::new(kind, "")
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds an error and its sources as causes.
    #[must_use]
    pub fn because(mut self, error: &(dyn std::error::Error + 'static)) -> Self {
        let mut next = Some(error);
        while let Some(error) = next {
            self.causes.push(error.to_string());
            next = error.source();
        }
        self
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        match self.kind {
            Kind::User => 1,
            Kind::Usage => 2,
            Kind::Node => 3,
            Kind::Bug => 70,
            Kind::Program(code) => code,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.message.is_empty() {
            return Ok(());
        }
        write!(f, "error: {}", self.message)?;
        for cause in &self.causes {
            write!(f, "\n  caused by: {cause}")?;
        }
        for hint in &self.hints {
            write!(f, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}

impl From<crate::client::Error> for Error {
    fn from(error: crate::client::Error) -> Self {
        match &error {
            crate::client::Error::Status { message, code: 507, .. } => Self::node(message.clone())
                .hint("free some space there: `docker system df` tells what takes it, and then apply again"),
            crate::client::Error::Status { message, code, .. } => {
                let mut told = Self::new(if *code < 500 { Kind::User } else { Kind::Node }, message.clone());
                told.hints.extend(super::immutable::way_out(message));
                told
            }
            crate::client::Error::Unreachable(source) => Self::node("the node does not answer")
                .because(source.as_ref())
                .hint("`wharf status` tells how the node is; `docker logs` of its container tells why"),
        }
    }
}
