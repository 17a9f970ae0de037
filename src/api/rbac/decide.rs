//! The decision: some rule grants it, or nobody may.

use super::{Asked, Target, User, grants, rule};
use crate::api::View;

/// What was decided, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether the user may.
    pub allowed: bool,
    /// Which binding says so; empty where none does.
    pub reason: String,
}

/// Whether the user may do what is asked. Members of `system:masters` may do everything.
#[must_use]
pub fn decide(view: &View, user: &User, asked: &Asked) -> Decision {
    if user.is_master() {
        return Decision { allowed: true, reason: String::new() };
    }
    let is_path = matches!(asked.target, Target::Path(_));
    let mut all = grants::grants(view, user, if is_path { "" } else { asked.namespace() });
    let found = all.find(|grant| rule::grants(grant.rule, asked));
    let reason = found.as_ref().map(|grant| format!("RBAC: allowed by {}", grant.by)).unwrap_or_default();
    Decision { allowed: found.is_some(), reason }
}
