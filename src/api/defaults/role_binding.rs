//! What a RoleBinding means where it says nothing.

use k8s_openapi::api::rbac::v1::{RoleBinding, RoleRef, Subject};

use super::text;

/// The group that roles, users and groups are in.
const GROUP: &str = "rbac.authorization.k8s.io";

/// The group of the role and of the subjects.
pub fn role_binding(binding: &mut RoleBinding) {
    role_ref(&mut binding.role_ref);
    subjects(binding.subjects.as_mut());
}

pub(super) fn role_ref(role: &mut RoleRef) {
    text(&mut role.api_group, GROUP);
}

/// Service accounts are in the core group; users and groups, which are no objects, in that of RBAC.
pub(super) fn subjects(subjects: Option<&mut Vec<Subject>>) {
    for subject in subjects.into_iter().flatten() {
        if matches!(subject.kind.as_str(), "User" | "Group") && subject.api_group.as_deref().is_none_or(str::is_empty) {
            subject.api_group = Some(GROUP.to_owned());
        }
    }
}
