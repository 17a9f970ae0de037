//! The end of a scenario: what a failed one leaves for people to read, and that no node leaves anything on the engine.

use std::path::{Path, PathBuf};
use std::{fs, thread};

use super::Node;

impl Drop for Node {
    fn drop(&mut self) {
        let failed = thread::panicking();
        if failed && self.try_docker(&["version"]).code != 0 {
            return println!("the engine does not answer: there is nothing to keep and to remove");
        }
        if failed {
            self.keep_evidence();
        }
        let down = self.wharf(&["down", "--volumes"]);
        let left = self.left();
        self.remove_by_force();
        if !failed {
            assert_eq!(down.code, 0, "{down}");
            assert!(left.is_empty(), "`wharf down --volumes` left {left:?}");
        }
    }
}

impl Node {
    /// Names of all that carries the node's label.
    pub fn left(&self) -> Vec<String> {
        let containers = self.containers().into_iter().map(|c| c.name);
        containers.chain(self.labelled("network")).chain(self.labelled("volume")).collect()
    }

    fn remove_by_force(&self) {
        for container in self.containers() {
            self.try_docker(&["rm", "-fv", &container.id]);
        }
        for sort in ["network", "volume"] {
            self.labelled(sort).iter().for_each(|name| drop(self.try_docker(&[sort, "rm", name])));
        }
    }

    fn keep_evidence(&self) {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/scenario-failures").join(&self.name);
        let logs = folder.join("logs");
        if let Err(error) = fs::create_dir_all(&logs) {
            return println!("can't make {}: {error}", logs.display());
        }
        let mut inspected = String::new();
        for container in self.containers() {
            inspected += &self.try_docker(&["inspect", &container.id]).out;
            let log = self.docker_command(&["logs", "--timestamps", &container.id]).output();
            let log = log.map(|o| [o.stdout, o.stderr].concat()).unwrap_or_default();
            write(&logs.join(&container.name), log);
        }
        write(&folder.join("containers.json"), inspected);
        for (file, what) in [("objects.yaml", "all"), ("events.yaml", "events"), ("events.txt", "events")] {
            let output = if file.ends_with("yaml") { "yaml" } else { "wide" };
            write(&folder.join(file), self.wharf(&["get", what, "-A", "-o", output]).out);
        }
        let transcript = self.transcript.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        write(&folder.join("transcript.txt"), transcript);
        println!("see {}", folder.display());
    }
}

fn write(path: &Path, text: impl AsRef<[u8]>) {
    if let Err(error) = fs::write(path, text) {
        println!("can't write {}: {error}", path.display());
    }
}
