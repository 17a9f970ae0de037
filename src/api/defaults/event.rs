//! An Event has no defaults.

use k8s_openapi::api::core::v1::Event;

/// An Event has no defaults.
pub fn event(_: &mut Event) {}
