//! Who may do what: users, and the decision over Roles and their bindings. Pure.
//! <https://kubernetes.io/docs/reference/access-authn-authz/rbac/>

mod asked;
mod bootstrap;
mod decide;
mod escalate;
mod grants;
mod rule;
mod user;

#[cfg(test)]
mod tests;

pub use asked::{Asked, Target};
pub use bootstrap::plan as bootstrap;
pub use decide::{Decision, decide};
pub use escalate::missing;
pub use grants::{Grant, grants};
pub use user::User;
