//! Looks whether images that could not be pulled have come to the host by another way: `docker build` is all that it takes.

use jiff::SignedDuration;
use k8s_openapi::api::core::v1::Pod;

use crate::kubelet::backoff::Memory;
use crate::kubelet::policy::{app_containers, init_containers};
use crate::kubelet::runtime::Runtime;

/// How often that is looked at; the engine answers within a millisecond.
pub const LOOK: SignedDuration = SignedDuration::from_secs(1);

/// Forgets failed pulls whose image the host has now, and may be run without a pull. Returns whether others are left.
pub async fn missing(runtime: &dyn Runtime, pod: &Pod, memory: &mut Memory) -> bool {
    let mut left = false;
    for declared in init_containers(pod).iter().chain(app_containers(pod)) {
        let failed = memory.failures.get(&declared.name).map(|f| f.reason);
        let by_policy = declared.image_pull_policy.as_deref() != Some("Always");
        if by_policy && matches!(failed, Some("ErrImagePull" | "ErrImageNeverPull")) {
            let image = declared.image.as_deref().unwrap_or_default();
            if matches!(runtime.image(image).await, Ok(Some(_))) {
                memory.failures.remove(&declared.name);
            } else {
                left = true;
            }
        }
    }
    left
}
