//! What a probe means where it says nothing.

use k8s_openapi::api::core::v1::{HTTPGetAction, Probe};

use super::text;

/// Every ten seconds, a second's patience, three failures.
pub fn probe(probe: &mut Probe) {
    probe.timeout_seconds.get_or_insert(1);
    probe.period_seconds.get_or_insert(10);
    probe.success_threshold.get_or_insert(1);
    probe.failure_threshold.get_or_insert(3);
    if let Some(action) = &mut probe.http_get {
        http(action);
    }
    if let Some(grpc) = &mut probe.grpc {
        grpc.service.get_or_insert_default();
    }
}

/// The root page, over plain HTTP.
pub fn http(action: &mut HTTPGetAction) {
    text(&mut action.path, "/");
    text(&mut action.scheme, "HTTP");
}
