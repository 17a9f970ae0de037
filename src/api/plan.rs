//! A plan is data: steps, each an action on the API with its cause in words.

use std::fmt;

use serde_json::Value;

use super::{Key, Kind, Object, Timestamp};

/// One effect on the API.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Create the object; one that exists already is no error.
    Create(&'static Kind, Value),
    /// Replace the object, unless it changed since the view was taken (its `resourceVersion` is the precondition).
    Update(&'static Kind, Value),
    /// Replace the object's status, under the same precondition.
    UpdateStatus(&'static Kind, Value),
    /// Replace the finalizers in the object's spec, under the same precondition: the end of a namespace.
    Finalize(&'static Kind, Value),
    /// Delete the object if it still has this uid; `grace` in seconds, where it differs from the object's own.
    Delete {
        /// The object.
        key: Key,
        /// The uid it must have.
        uid: String,
        /// Grace period in seconds.
        grace: Option<i64>,
        /// Whether it waits for what it owns.
        foreground: bool,
    },
    /// Tell of something that happened to an object; repeated events are counted, not repeated.
    Event {
        /// The object that it is about.
        about: Key,
        /// That object's uid.
        uid: String,
        /// `Warning` rather than `Normal`.
        warning: bool,
        /// One word in CamelCase.
        reason: String,
        /// The message for people.
        message: String,
    },
}

/// An action and why it is taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What to do.
    pub action: Action,
    /// The cause, in words.
    pub why: String,
}

/// What one round decided for one key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// When to look again even if nothing changes.
    pub wake: Option<Timestamp>,
}

impl Plan {
    /// A plan that does nothing.
    #[must_use]
    pub fn nothing() -> Self {
        Self::default()
    }

    /// Adds a step that creates an object.
    pub fn create<T: Object>(&mut self, object: &T, why: impl Into<String>) {
        self.push(Action::Create(Kind::of::<T>(), object.to_value()), why);
    }

    /// Adds a step that replaces an object.
    pub fn update<T: Object>(&mut self, object: &T, why: impl Into<String>) {
        self.push(Action::Update(Kind::of::<T>(), object.to_value()), why);
    }

    /// Adds a step that replaces an object's status.
    pub fn update_status<T: Object>(&mut self, object: &T, why: impl Into<String>) {
        self.push(Action::UpdateStatus(Kind::of::<T>(), object.to_value()), why);
    }

    /// Adds a step that deletes an object.
    pub fn delete<T: Object>(&mut self, object: &T, why: impl Into<String>) {
        self.push(
            Action::Delete { key: object.key(), uid: object.uid().to_owned(), grace: None, foreground: false },
            why,
        );
    }

    /// Adds a step that records an event of type `Normal`.
    pub fn event<T: Object>(&mut self, about: &T, reason: &str, message: impl Into<String>) {
        self.tell(about, false, reason, message.into());
    }

    /// Adds a step that records an event of type `Warning`.
    pub fn warn<T: Object>(&mut self, about: &T, reason: &str, message: impl Into<String>) {
        self.tell(about, true, reason, message.into());
    }

    fn tell<T: Object>(&mut self, about: &T, warning: bool, reason: &str, message: String) {
        let (key, uid, reason) = (about.key(), about.uid().to_owned(), reason.to_owned());
        self.push(Action::Event { about: key, uid, warning, reason, message }, "");
    }

    /// Adds a step.
    pub fn push(&mut self, action: Action, why: impl Into<String>) {
        self.steps.push(Step { action, why: why.into() });
    }

    /// Asks to look again at `at`, or earlier if that was asked for already.
    pub fn wake_at(&mut self, at: Timestamp) {
        self.wake = Some(self.wake.map_or(at, |w| w.min(at)));
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create(kind, object) => write!(f, "create {}", Key::of(kind, object)),
            Self::Update(kind, object) => write!(f, "update {}", Key::of(kind, object)),
            Self::UpdateStatus(kind, object) => write!(f, "status {} {}", Key::of(kind, object), object["status"]),
            Self::Finalize(kind, object) => write!(f, "finalize {}", Key::of(kind, object)),
            Self::Delete { key, foreground, .. } => {
                write!(f, "delete {key}{}", if *foreground { " after what it owns" } else { "" })
            }
            Self::Event { about, warning, reason, message, .. } => {
                write!(f, "{} {about} {reason}: {message}", if *warning { "warn" } else { "event" })
            }
        }
    }
}

/// One line a step: `create Pod shop/web-x1: 1 of 2 replicas exist`.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            if step.why.is_empty() {
                writeln!(f, "{}", step.action)?;
            } else {
                writeln!(f, "{}: {}", step.action, step.why)?;
            }
        }
        self.wake.map_or(Ok(()), |at| writeln!(f, "wake at {at}"))
    }
}
