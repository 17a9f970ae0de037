//! What a PriorityClass means where it says nothing.

use k8s_openapi::api::scheduling::v1::PriorityClass;

use super::text;

/// Its pods may end less important ones.
pub fn priority_class(class: &mut PriorityClass) {
    class.value.get_or_insert(0);
    text(&mut class.preemption_policy, "PreemptLowerPriority");
}
