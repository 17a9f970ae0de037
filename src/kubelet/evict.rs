//! Ends pods whose empty directories on the disk have grown beyond their limits.
//! <https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#local-emphemeral-storage-consumption-management>

use std::collections::BTreeMap;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::{Pod, PodStatus};

use super::hands::Hands;
use super::observe::Observed;
use super::policy::is_terminal;
use super::volumes;
use crate::api::{Object, Plan, View, quantity};
use crate::client::Informer;

/// How often directories are measured: as often as Kubernetes' kubelet does.
const PERIOD: Duration = Duration::from_secs(10);

/// An empty directory with a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limited {
    /// The pod's uid.
    pub uid: String,
    /// The volume's name in the pod.
    pub volume: String,
    /// The limit as the manifest has it.
    pub limit: String,
    /// The limit in bytes.
    pub bytes: u64,
}

/// The empty directories of the node's living pods that are on its disk and limited. Those in memory limit themselves.
#[must_use]
pub fn limited(view: &View, node: &str) -> Vec<Limited> {
    let ours = |p: &&Pod| p.spec.as_ref().is_some_and(|s| s.node_name.as_deref() == Some(node));
    let pods = view.all::<Pod>().filter(ours).filter(|p| !p.is_deleting() && !is_terminal(p));
    let volumes = pods.flat_map(|p| p.spec.iter().flat_map(|s| s.volumes.iter().flatten()).map(move |v| (p, v)));
    let limited = volumes.filter_map(|(pod, volume)| {
        let wanted = volume.empty_dir.as_ref().filter(|e| e.medium.as_deref().unwrap_or_default().is_empty())?;
        let limit = wanted.size_limit.as_ref()?.0.clone();
        // As in Kubernetes, a limit of nothing is none.
        let bytes = quantity::units(&limit).ok().and_then(|n| u64::try_from(n).ok()).filter(|n| *n > 0)?;
        Some(Limited { uid: pod.uid().to_owned(), volume: volume.name.clone(), limit, bytes })
    });
    limited.collect()
}

/// Looks at the directories time and again, for ever.
pub async fn run(hands: Arc<Hands>, informer: Informer) {
    loop {
        tokio::time::sleep(PERIOD).await;
        let view = informer.view();
        let all = limited(&view, &hands.config.node);
        if !all.is_empty() {
            evict(&hands, &view, all).await;
        }
    }
}

/// Measures the directories and ends the pods of those that are too large.
async fn evict(hands: &Hands, view: &View, all: Vec<Limited>) {
    let root = hands.config.state_root.clone();
    let measured = tokio::task::spawn_blocking(move || exceeded(&root, all)).await;
    for found in measured.unwrap_or_default() {
        if let Some(pod) = view.all::<Pod>().find(|p| p.uid() == found.uid) {
            let told = hands.tell(end(pod, &found)).await;
            tracing::info!(pod = %pod.key(), volume = found.volume, limit = found.limit, told, "evicted");
            end_at_once(hands, &found.uid).await;
        }
    }
}

/// The first volume of each pod that is larger than its limit.
fn exceeded(state_root: &Path, all: Vec<Limited>) -> Vec<Limited> {
    let mut found = BTreeMap::new();
    for limited in all {
        let path = volumes::folder(state_root, &limited.uid, &limited.volume);
        // What can't be read is being removed.
        if size(&path).is_ok_and(|size| size > limited.bytes) {
            found.entry(limited.uid.clone()).or_insert(limited);
        }
    }
    found.into_values().collect()
}

/// What a directory takes on the disk, in bytes: a sparse file counts for what it holds, one with several names once.
fn size(folder: &Path) -> io::Result<u64> {
    let mut blocks = 0;
    let mut seen = std::collections::BTreeSet::new();
    let mut todo: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(folder) = todo.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let Ok(data) = entry.metadata() else { continue };
            if data.is_dir() {
                todo.push(entry.path());
            }
            if data.is_dir() || data.nlink() == 1 || seen.insert((data.dev(), data.ino())) {
                blocks += data.blocks();
            }
        }
    }
    Ok(blocks * 512)
}

/// The pod has failed, and why.
fn end(pod: &Pod, found: &Limited) -> Plan {
    let message = format!("Usage of EmptyDir volume \"{}\" exceeds the limit \"{}\". ", found.volume, found.limit);
    let mut plan = Plan::nothing();
    let status = PodStatus {
        phase: Some("Failed".to_owned()),
        reason: Some("Evicted".to_owned()),
        message: Some(message.clone()),
        ..pod.status.clone().unwrap_or_default()
    };
    plan.update_status(&Pod { status: Some(status), ..pod.clone() }, "it has used up its room on the disk");
    plan.warn(pod, "Evicted", message);
    plan
}

/// Ends the pod's containers without asking: what fills a disk must not go on for the length of a grace.
async fn end_at_once(hands: &Hands, uid: &str) {
    let Ok(containers) = hands.runtime.containers().await else { return };
    let pods = super::observe::by_pod(containers);
    for container in pods.get(uid).into_iter().flat_map(Observed::all).filter(|c| c.running_since().is_some()) {
        if let Err(error) = hands.runtime.stop(&container.id, 0).await {
            tracing::warn!(container = container.name, %error, "it does not end; its pod's worker will try again");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::json;

    use super::*;

    fn pod(uid: &str, phase: &str) -> Pod {
        let volumes = json!([{"name": "disk", "emptyDir": {"sizeLimit": "64Ki"}}, {"name": "free", "emptyDir": {}},
            {"name": "memory", "emptyDir": {"medium": "Memory", "sizeLimit": "1Ki"}},
            {"name": "zero", "emptyDir": {"sizeLimit": "0"}}]);
        let metadata = json!({"name": format!("web-{uid}"), "namespace": "shop", "uid": uid});
        let spec = json!({"nodeName": "box", "containers": [], "volumes": volumes});
        serde_json::from_value(json!({"metadata": metadata, "spec": spec, "status": {"phase": phase}})).unwrap()
    }

    #[test]
    fn only_what_is_on_the_disk_of_living_pods_is_limited() {
        let view = View::of([pod("u1", "Running"), pod("u2", "Failed")]);
        let disk = Limited { uid: "u1".to_owned(), volume: "disk".to_owned(), limit: "64Ki".to_owned(), bytes: 65_536 };
        assert_eq!(limited(&view, "box"), [disk]);
        assert_eq!(limited(&view, "other"), []);
    }

    #[test]
    fn a_directory_is_as_large_as_what_it_takes_on_the_disk() {
        let root = std::env::temp_dir().join(format!("wharf-evict-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        let folder = volumes::folder(&root, "u1", "disk");
        fs::create_dir_all(folder.join("a/b")).unwrap();
        let all = || limited(&View::of([pod("u1", "Running")]), "box");
        let sparse = fs::File::create(folder.join("sparse")).unwrap();
        sparse.set_len(1 << 30).unwrap();
        fs::write(folder.join("a/b/some"), vec![1; 40_000]).unwrap();
        fs::hard_link(folder.join("a/b/some"), folder.join("again")).unwrap();
        assert_eq!(exceeded(&root, all()), []);
        fs::write(folder.join("a/more"), vec![1; 40_000]).unwrap();
        assert_eq!(exceeded(&root, all()), all());
        fs::remove_dir_all(&root).unwrap();
        assert_eq!(exceeded(&root, all()), [], "it is gone");
    }

    #[test]
    fn the_pod_has_failed_in_kubernetes_words() {
        let view = View::of([pod("u1", "Running")]);
        let plan = end(&pod("u1", "Running"), &limited(&view, "box")[0]);
        let words = "Usage of EmptyDir volume \"disk\" exceeds the limit \"64Ki\". ";
        let crate::api::Action::UpdateStatus(_, told) = &plan.steps[0].action else { panic!("{plan}") };
        let status = json!({"phase": "Failed", "reason": "Evicted", "message": words});
        assert_eq!(told["status"], status);
        assert_eq!(plan.steps[1].action.to_string(), format!("warn Pod shop/web-u1 Evicted: {words}"));
    }
}
