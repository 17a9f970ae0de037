//! What Kubernetes refuses in a ControllerRevision.

use k8s_openapi::api::apps::v1::ControllerRevision;

use super::field::{immutable, not_negative};
use super::{meta, name};
use crate::api::Problem;

/// The problems of a revision: what it holds stays as it is.
pub fn controller_revision(revision: &ControllerRevision, old: Option<&ControllerRevision>) -> Vec<Problem> {
    let mut problems = meta::meta(&revision.metadata, name::subdomain);
    problems.extend(not_negative("revision", Some(revision.revision)));
    if revision.data.is_none() {
        problems.push(Problem::required("data", "data is mandatory"));
    }
    problems.extend(immutable("data", &revision.data, old.map(|o| &o.data)));
    problems
}
