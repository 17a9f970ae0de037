//! What a StatefulSet's spec asks for, with what it means where it says nothing.

use std::ops::Range;

use k8s_openapi::api::apps::v1::{StatefulSet, StatefulSetSpec};

use crate::controllers::amount;

/// A StatefulSet's spec in numbers.
pub struct Wishes<'a> {
    /// The set.
    pub set: &'a StatefulSet,
    /// Its spec.
    pub spec: &'a StatefulSetSpec,
    /// The ordinals that there shall be.
    pub ordinals: Range<i32>,
    /// Whether pods are made and deleted without waiting for each other.
    pub parallel: bool,
    /// Whether a pod gets a new template only when somebody deletes it.
    pub on_delete: bool,
    /// The first ordinal that gets a new template.
    pub partition: i32,
    /// How many pods may be unavailable in a rolling update.
    pub unavailable: usize,
    /// For how many seconds a pod must be ready to be available.
    pub min_ready_seconds: i32,
}

impl<'a> Wishes<'a> {
    /// The wishes of a set; none before it has a spec.
    pub fn of(set: &'a StatefulSet) -> Option<Self> {
        let spec = set.spec.as_ref()?;
        let replicas = spec.replicas.unwrap_or(1);
        let start = spec.ordinals.as_ref().and_then(|o| o.start).unwrap_or(0);
        let strategy = spec.update_strategy.as_ref();
        let rolling = strategy.and_then(|s| s.rolling_update.as_ref());
        let unavailable = rolling.and_then(|r| r.max_unavailable.as_ref()).map_or(1, |n| amount::floor(n, replicas));
        Some(Self {
            set,
            spec,
            ordinals: start..start.saturating_add(replicas),
            parallel: spec.pod_management_policy.as_deref() == Some("Parallel"),
            on_delete: strategy.and_then(|s| s.type_.as_deref()) == Some("OnDelete"),
            partition: start.saturating_add(rolling.and_then(|r| r.partition).unwrap_or(0)),
            unavailable: usize::try_from(unavailable.max(1)).unwrap_or(1),
            min_ready_seconds: spec.min_ready_seconds.unwrap_or(0),
        })
    }
}
