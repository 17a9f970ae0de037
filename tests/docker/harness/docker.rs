//! What the engine has of a node.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Node;

/// A container as Docker tells of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Container {
    /// Docker's id of it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When it was started last.
    pub started: String,
    /// Whether it runs.
    pub running: bool,
    /// The process on the host; 0 when it does not run.
    pub pid: u64,
    /// Its address in the node's network; empty for those that share another's.
    pub address: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
}

impl Container {
    fn of(told: &Value, node: &str) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let labels = told["Config"]["Labels"].as_object().cloned().unwrap_or_default();
        Self {
            id: text(&told["Id"]),
            name: text(&told["Name"]).trim_start_matches('/').to_owned(),
            started: text(&told["State"]["StartedAt"]),
            running: told["State"]["Running"].as_bool().unwrap_or_default(),
            pid: told["State"]["Pid"].as_u64().unwrap_or_default(),
            address: text(&told["NetworkSettings"]["Networks"][node]["IPAddress"]),
            labels: labels.iter().map(|(name, value)| (name.clone(), text(value))).collect(),
        }
    }

    /// Its label, empty where it has none.
    pub fn label(&self, name: &str) -> &str {
        self.labels.get(name).map_or("", String::as_str)
    }
}

impl Node {
    /// Runs `docker`, and insists on success; its standard output without the last line's end.
    #[track_caller]
    pub fn docker(&self, args: &[&str]) -> String {
        self.try_docker(args).ok().trim_end().to_owned()
    }

    /// All containers that carry the node's label, the node's own among them, in the order of their names.
    pub fn containers(&self) -> Vec<Container> {
        let ids = self.docker(&["ps", "-aq", "--no-trunc", "--filter", &self.label_filter()]);
        if ids.is_empty() {
            return Vec::new();
        }
        let args: Vec<&str> = std::iter::once("inspect").chain(ids.lines()).collect();
        // One that went away since it was listed makes the command fail, and is left out of what it tells.
        let told: Vec<Value> = serde_json::from_str(&self.try_docker(&args).out).unwrap_or_default();
        let mut all: Vec<_> = told.iter().map(|c| Container::of(c, &self.name)).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    /// The running container of a pod in `default`, or in another namespace as `namespace/pod`.
    pub fn container(&self, pod: &str, container: &str) -> Option<Container> {
        let (namespace, pod) = pod.split_once('/').unwrap_or(("default", pod));
        self.containers().into_iter().find(|c| {
            let names = [c.label("wharf.namespace"), c.label("wharf.pod"), c.label("wharf.container")];
            c.running && names == [namespace, pod, container]
        })
    }

    /// The running sandbox of a pod.
    pub fn sandbox(&self, pod: &str) -> Option<Container> {
        self.container(pod, "")
    }

    /// The node container.
    #[track_caller]
    pub fn own(&self) -> Container {
        let own = self.containers().into_iter().find(|c| c.name == self.name);
        own.unwrap_or_else(|| panic!("there is no container {}", self.name))
    }

    /// Names of the objects of a sort (`volume`, `network`) that carry the node's label.
    pub fn labelled(&self, sort: &str) -> Vec<String> {
        let names = self.docker(&[sort, "ls", "--format", "{{.Name}}", "--filter", &self.label_filter()]);
        names.lines().map(str::to_owned).collect()
    }

    fn label_filter(&self) -> String {
        format!("label=wharf.node={}", self.name)
    }
}
