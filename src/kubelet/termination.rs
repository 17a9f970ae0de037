//! Termination messages: where containers write them, and what is read of them when they have ended.
//! <https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/>

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;

use futures_util::StreamExt;
use k8s_openapi::api::core::v1::{Container as Declared, Pod};

use super::observe::Observed;
use super::policy::declared;
use super::runtime::{Chunk, Container, LogOptions, Mount, Runtime, Source, State};
use crate::api::Object;

/// The end of a message file that is read, in bytes.
const LONGEST: u64 = 4096;
/// The end of a log that stands for a message, in bytes and in lines.
const LONGEST_LOG: (usize, u64) = (2048, 80);
/// All messages of a pod together, in bytes; its containers share it evenly.
const OF_POD: usize = 12 * 1024;

/// What containers said as they ended, by their ids.
pub type Messages = BTreeMap<String, String>;

/// Makes the file for the message of a container's next life, and says how it is mounted; `None` where the container has
/// something else at that path.
///
/// # Errors
/// If the state volume can't be written.
pub fn prepare(state_root: &Path, pod: &Pod, declared: &Declared, attempt: u32) -> io::Result<Option<Mount>> {
    let target = declared.termination_message_path.as_deref().unwrap_or_default();
    let taken = declared.volume_mounts.iter().flatten().any(|m| m.mount_path == target);
    if target.is_empty() || taken {
        return Ok(None);
    }
    let path = path(pod.uid(), &declared.name, attempt);
    let file = state_root.join(&path);
    fs::DirBuilder::new().recursive(true).mode(0o700).create(file.parent().unwrap_or(state_root))?;
    OpenOptions::new().create(true).append(true).open(&file)?;
    // Whoever the container runs as writes it; the folder lets nobody else come near.
    fs::set_permissions(&file, Permissions::from_mode(0o666))?;
    Ok(Some(Mount { source: Source::State(path), target: target.to_owned(), read_only: false, propagation: None }))
}

fn path(uid: &str, name: &str, attempt: u32) -> String {
    format!("pods/{uid}/messages/{name}.{attempt}")
}

/// Reads the messages of the containers that have ended since `known` was read, and forgets those that are gone.
pub async fn gather(
    runtime: &dyn Runtime,
    state_root: &Path,
    pod: &Pod,
    observed: &Observed,
    mut known: Messages,
) -> Messages {
    known.retain(|id, _| observed.all().any(|c| c.id == *id));
    for container in observed.all().filter(|c| matches!(c.state, State::Exited { .. })) {
        if let Some(declared) = declared(pod, container.role()).filter(|_| !known.contains_key(&container.id)) {
            let message = read(runtime, state_root, pod, &declared, container).await;
            known.insert(container.id.clone(), message);
        }
    }
    known
}

async fn read(
    runtime: &dyn Runtime,
    state_root: &Path,
    pod: &Pod,
    declared: &Declared,
    container: &Container,
) -> String {
    let State::Exited { started, code, error, .. } = &container.state else { return String::new() };
    let path = state_root.join(path(pod.uid(), &declared.name, container.attempt()));
    let mut said = match tail(&path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => format!("Error on reading termination log: {error}"),
    };
    let logs = declared.termination_message_policy.as_deref() == Some("FallbackToLogsOnError");
    if said.is_empty() && logs && *code != 0 && started.is_some() {
        said = last_words(runtime, &container.id).await;
    }
    let all = if error.is_empty() || said.is_empty() { format!("{error}{said}") } else { format!("{error}: {said}") };
    let spec = pod.spec.as_ref();
    let count = spec.map_or(1, |s| {
        let first = s.init_containers.as_ref().map_or(0, Vec::len);
        s.containers.len() + first + s.ephemeral_containers.as_ref().map_or(0, Vec::len)
    });
    all[..all.floor_char_boundary(OF_POD / count.max(1))].to_owned()
}

/// The end of a file.
fn tail(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LONGEST)))?;
    let mut bytes = Vec::new();
    file.take(LONGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The end of a container's log.
async fn last_words(runtime: &dyn Runtime, id: &str) -> String {
    let options = LogOptions { tail: Some(LONGEST_LOG.1), ..LogOptions::default() };
    let Ok(mut chunks) = runtime.logs(id, &options).await else { return String::new() };
    let mut said = Vec::new();
    while let Some(Ok(Chunk::Out(bytes) | Chunk::Err(bytes))) = chunks.next().await {
        said.extend_from_slice(&bytes);
    }
    String::from_utf8_lossy(&said[said.len().saturating_sub(LONGEST_LOG.0)..]).into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fake::Fake;
    use super::super::fixture::{container, exited, good, observed, pod};
    use super::*;

    struct Folder(std::path::PathBuf);

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn folder(name: &str) -> Folder {
        Folder(std::env::temp_dir().join(format!("wharf-termination-{name}-{}", std::process::id())))
    }

    #[tokio::test]
    async fn the_end_of_what_was_written_is_read_once_the_container_has_ended() {
        let (root, mut pod) = (folder("file"), pod());
        let app = &mut pod.spec.as_mut().unwrap().containers[0];
        app.termination_message_path = Some("/dev/termination-log".to_owned());
        let app = app.clone();
        let mount = prepare(&root.0, &pod, &app, 0).unwrap().unwrap();
        assert_eq!(mount.target, "/dev/termination-log");
        let Source::State(file) = mount.source else { panic!("{:?}", mount.source) };
        let file = root.0.join(file);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o666);
        fs::write(&file, format!("{}last words", "x".repeat(5000))).unwrap();
        let engine = Fake::default();
        let known = gather(&engine, &root.0, &pod, &observed(&good()), Messages::new()).await;
        assert!(known.is_empty(), "it runs");
        let ended = observed(&[container("app", 0, 1, exited(1, 1))]);
        let known = gather(&engine, &root.0, &pod, &ended, known).await;
        let (id, message) = known.first_key_value().unwrap();
        assert_eq!((id.as_str(), message.len()), ("id-wharf.shop.web.app", 4096));
        assert!(message.ends_with("last words"));
        assert!(gather(&engine, &root.0, &pod, &observed(&good()[..1]), known).await.is_empty(), "it is gone");
    }

    #[tokio::test]
    async fn a_log_stands_for_the_message_of_a_container_that_failed() {
        let (root, mut pod) = (folder("log"), pod());
        let app = &mut pod.spec.as_mut().unwrap().containers[0];
        app.termination_message_policy = Some("FallbackToLogsOnError".to_owned());
        let engine = Fake::default();
        engine.says(&format!("{}the end\n", "line\n".repeat(1000)));
        let message = async |code| {
            let ended = observed(&[container("app", 0, 1, exited(1, code))]);
            gather(&engine, &root.0, &pod, &ended, Messages::new()).await.into_values().next().unwrap()
        };
        let failed = message(1).await;
        assert!(failed.len() == 2048 && failed.ends_with("the end\n"), "{failed}");
        assert_eq!(message(0).await, "");
    }

    #[test]
    fn a_path_that_is_taken_or_empty_gets_no_file() {
        let mount = json!([{"name": "v", "mountPath": "/dev/termination-log"}]);
        let taken = json!({"name": "a", "terminationMessagePath": "/dev/termination-log", "volumeMounts": mount});
        for declared in [taken, json!({"name": "a", "terminationMessagePath": ""})] {
            let declared = serde_json::from_value(declared).unwrap();
            assert_eq!(prepare(&folder("none").0, &pod(), &declared, 0).unwrap(), None);
        }
    }
}
