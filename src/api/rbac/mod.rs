//! Who may do what: users as the API knows them. Pure.
//! <https://kubernetes.io/docs/reference/access-authn-authz/rbac/>

mod user;

pub use user::User;
