//! The rules that hold for a user, out of the bindings that name them.

use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef, Subject};

use super::User;
use crate::api::{Object, View};

/// A rule that holds for a user.
#[derive(Clone, Debug, PartialEq)]
pub struct Grant<'a> {
    /// The rule.
    pub rule: &'a PolicyRule,
    /// Where it comes from, in Kubernetes' words.
    pub by: String,
}

/// The rules that hold for a user: everywhere, and in the namespace unless that is empty.
pub fn grants<'a>(view: &'a View, user: &'a User, namespace: &'a str) -> impl Iterator<Item = Grant<'a>> {
    let everywhere = view.all::<ClusterRoleBinding>().flat_map(move |binding| {
        let subject = named(binding.subjects.as_deref(), user, "");
        let name = format!("ClusterRoleBinding \"{}\"", binding.name());
        bound(view, &binding.role_ref, "", subject, &name)
    });
    let here = view.list::<RoleBinding>(namespace).flat_map(move |binding| {
        let subject = named(binding.subjects.as_deref(), user, binding.namespace());
        let name = format!("RoleBinding \"{}/{}\"", binding.name(), binding.namespace());
        bound(view, &binding.role_ref, binding.namespace(), subject, &name)
    });
    everywhere.chain(here)
}

/// The rules of a role.
pub(super) fn rules_of<'a>(view: &'a View, role: &RoleRef, namespace: &str) -> &'a [PolicyRule] {
    let rules = match role.kind.as_str() {
        "ClusterRole" => view.get::<ClusterRole>("", &role.name).and_then(|r| r.rules.as_deref()),
        "Role" => view.get::<Role>(namespace, &role.name).and_then(|r| r.rules.as_deref()),
        _ => None,
    };
    rules.unwrap_or_default()
}

fn bound<'a>(
    view: &'a View,
    role: &RoleRef,
    namespace: &str,
    subject: Option<&'a Subject>,
    binding: &str,
) -> impl Iterator<Item = Grant<'a>> + use<'a> {
    let rules = subject.map_or(&[][..], |_| rules_of(view, role, namespace));
    let to = subject.map(|s| format!("{} \"{}\"", s.kind, s.name)).unwrap_or_default();
    let by = format!("{binding} of {} \"{}\" to {to}", role.kind, role.name);
    rules.iter().map(move |rule| Grant { rule, by: by.clone() })
}

/// The subject that is the user, if one is. A service account is named with a namespace, or is of the binding's own.
fn named<'a>(subjects: Option<&'a [Subject]>, user: &User, namespace: &str) -> Option<&'a Subject> {
    subjects.unwrap_or_default().iter().find(|subject| match subject.kind.as_str() {
        "User" => subject.name == user.name,
        "Group" => user.groups.contains(&subject.name),
        "ServiceAccount" => {
            let namespace = subject.namespace.as_deref().filter(|n| !n.is_empty()).unwrap_or(namespace);
            !namespace.is_empty() && User::account_name(namespace, &subject.name) == user.name
        }
        _ => false,
    })
}
