//! What Kubernetes refuses in a RoleBinding, and in the parts that both sorts of bindings have.

use k8s_openapi::api::rbac::v1::{RoleBinding, RoleRef, Subject};

use super::field::{named, required};
use super::{meta, name};
use crate::api::Problem;

const GROUP: &str = "rbac.authorization.k8s.io";

/// The problems of a binding.
pub fn role_binding(binding: &RoleBinding, old: Option<&RoleBinding>) -> Vec<Problem> {
    let mut problems = meta::meta(&binding.metadata, name::path_segment);
    problems.extend(role_ref(&binding.role_ref, old.map(|o| &o.role_ref), &["Role", "ClusterRole"]));
    problems.extend(subjects(binding.subjects.as_deref(), true));
    problems
}

/// The role of a binding, of one of the kinds; it stays for the binding's life.
pub(super) fn role_ref(role: &RoleRef, old: Option<&RoleRef>, kinds: &[&str]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let group = role.api_group.as_deref().unwrap_or_default();
    if group != GROUP {
        problems.push(Problem::not_supported("roleRef.apiGroup", group, &[GROUP]));
    }
    if !kinds.contains(&role.kind.as_str()) {
        problems.push(Problem::not_supported("roleRef.kind", &role.kind, kinds));
    }
    problems.extend(required("roleRef.name", &role.name, name::path_segment));
    if old.is_some_and(|old| old != role) {
        problems.push(Problem::invalid("roleRef", format!("{}: cannot change roleRef", super::field::json(role))));
    }
    problems
}

/// Who a binding is for; one of a namespace may leave out that of its service accounts.
pub(super) fn subjects(subjects: Option<&[Subject]>, namespaced: bool) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (i, subject) in subjects.unwrap_or_default().iter().enumerate() {
        let at = |field: &str| format!("subjects[{i}].{field}");
        if subject.name.is_empty() {
            problems.push(Problem::required(at("name"), ""));
        }
        let group = subject.api_group.as_deref().unwrap_or_default();
        let wanted = match subject.kind.as_str() {
            "ServiceAccount" => {
                problems.extend(
                    Some(subject.name.as_str())
                        .filter(|n| !n.is_empty())
                        .map(|n| named(&at("name"), n, name::subdomain))
                        .into_iter()
                        .flatten(),
                );
                if !namespaced && subject.namespace.as_deref().is_none_or(str::is_empty) {
                    problems.push(Problem::required(at("namespace"), ""));
                }
                ""
            }
            "User" | "Group" => GROUP,
            other => {
                problems.push(Problem::not_supported(at("kind"), other, &["ServiceAccount", "User", "Group"]));
                continue;
            }
        };
        if group != wanted {
            problems.push(Problem::not_supported(at("apiGroup"), group, &[wanted]));
        }
    }
    problems
}
