//! What a ControllerRevision means where it says nothing.

use k8s_openapi::api::apps::v1::ControllerRevision;

/// Nothing has a default.
pub fn controller_revision(_: &mut ControllerRevision) {}
