//! What Kubernetes refuses in a StorageClass.

use k8s_openapi::api::storage::v1::StorageClass;

use super::field::{immutable, one_of, required};
use super::{meta, name};
use crate::api::Problem;

/// The problems of a storage class.
pub fn storage_class(class: &StorageClass, old: Option<&StorageClass>) -> Vec<Problem> {
    let mut problems = meta::meta(&class.metadata, name::subdomain);
    problems.extend(required("provisioner", &class.provisioner.to_ascii_lowercase(), name::qualified));
    problems.extend(one_of("reclaimPolicy", class.reclaim_policy.as_deref(), &["Delete", "Retain"]));
    let modes = ["Immediate", "WaitForFirstConsumer"];
    problems.extend(one_of("volumeBindingMode", class.volume_binding_mode.as_deref(), &modes));
    if let Some(old) = old {
        if class.parameters != old.parameters {
            problems.push(Problem::forbidden("parameters", "updates to parameters are forbidden."));
        }
        if class.provisioner != old.provisioner {
            problems.push(Problem::forbidden("provisioner", "updates to provisioner are forbidden."));
        }
        if class.reclaim_policy != old.reclaim_policy {
            problems.push(Problem::forbidden("reclaimPolicy", "updates to reclaimPolicy are forbidden."));
        }
        let mode = Some(&old.volume_binding_mode);
        problems.extend(immutable("volumeBindingMode", &class.volume_binding_mode, mode));
    }
    problems
}
