//! How far a pull is: the sum over its layers.

use std::collections::BTreeMap;

use bollard::models::CreateImageInfo;

use crate::kubelet::runtime::PullProgress;

/// Sums what the engine tells layer by layer.
#[derive(Default)]
pub(super) struct Meter {
    layers: BTreeMap<String, PullProgress>,
}

impl Meter {
    /// Takes a step in; the sum, if it changed. Layers are unpacked afterwards with counts of their own, which are no
    /// bytes of the pull.
    pub(super) fn hear(&mut self, step: &CreateImageInfo) -> Option<PullProgress> {
        let layer = self.layers.entry(step.id.clone()?).or_default();
        let before = layer.clone();
        let bytes = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok());
        match (step.status.as_deref()?, &step.progress_detail) {
            ("Downloading", Some(detail)) => {
                layer.done = bytes(detail.current).unwrap_or(layer.done);
                layer.total = bytes(detail.total).unwrap_or(layer.total).max(layer.done);
            }
            ("Verifying Checksum" | "Download complete" | "Pull complete", _) => layer.done = layer.total,
            _ => {}
        }
        (*layer != before).then(|| self.sum())
    }

    fn sum(&self) -> PullProgress {
        let add = |sum: PullProgress, layer: &PullProgress| PullProgress {
            done: sum.done + layer.done,
            total: sum.total + layer.total,
        };
        self.layers.values().fold(PullProgress::default(), add)
    }
}

/// Repository, and tag or digest: without one of these the engine would pull all tags.
pub(super) fn split_reference(name: &str) -> (&str, &str) {
    let tag_of = |name| match str::rsplit_once(name, ':') {
        // A colon before a slash belongs to a registry's port.
        Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag)),
        _ => (name, None),
    };
    match name.split_once('@') {
        Some((named, digest)) => (tag_of(named).0, digest),
        None => (tag_of(name).0, tag_of(name).1.unwrap_or("latest")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_always_names_one_image() {
        assert_eq!(split_reference("nginx"), ("nginx", "latest"));
        assert_eq!(split_reference("host:5000/a/b"), ("host:5000/a/b", "latest"));
        assert_eq!(split_reference("host:5000/a/b:1"), ("host:5000/a/b", "1"));
        assert_eq!(split_reference("nginx:1@sha256:ab"), ("nginx", "sha256:ab"));
    }

    #[test]
    fn layers_add_up_and_unpacking_counts_for_nothing() {
        let mut meter = Meter::default();
        let mut hear = |id: &str, status: &str, current: i64, total: i64| {
            let json = serde_json::json!({"id": id, "status": status,
                "progressDetail": {"current": current, "total": total}});
            meter.hear(&serde_json::from_value(json).unwrap()).map(|p| (p.done, p.total))
        };
        assert_eq!(hear("1.2", "Pulling from library/nginx", 0, 0), None);
        assert_eq!(hear("a", "Downloading", 10, 100), Some((10, 100)));
        assert_eq!(hear("b", "Downloading", 5, 50), Some((15, 150)));
        assert_eq!(hear("a", "Download complete", 0, 0), Some((105, 150)));
        assert_eq!(hear("a", "Extracting", 1, 999), None);
        assert_eq!(hear("a", "Pull complete", 0, 0), None);
    }
}
