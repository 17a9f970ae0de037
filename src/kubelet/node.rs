//! Translates the machine to the Node object. <https://kubernetes.io/docs/reference/node/node-status/>

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Node, NodeAddress, NodeCondition, NodeStatus, NodeSystemInfo};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};

use super::hands::Config;
use super::machine::{Machine, Short};
use super::runtime::About;
use crate::api::names::IMAGE_ANNOTATION;
use crate::api::{Object, Plan, Timestamp, View, conditions};

/// A bridge takes 1,023 ports: so many pods leave room for publishers and all else.
const PODS: u32 = 500;

/// The Docker host: what is read of the machine, and what its engine says.
#[derive(Clone, Copy, Debug)]
pub struct Host<'a> {
    /// The machine.
    pub machine: &'a Machine,
    /// The engine.
    pub about: &'a About,
}

/// Brings the Node object to what the machine is and whether the engine answers: nothing, if it says so already.
#[must_use]
pub fn plan(view: &View, config: &Config, host: Host, engine: Result<(), String>, now: Timestamp) -> Plan {
    let mut plan = Plan::nothing();
    let Some(old) = view.get::<Node>("", &config.node) else {
        plan.create(&node(config, host, engine, now), "the node has started");
        return plan;
    };
    let mut wanted = old.clone();
    wanted.metadata.labels.get_or_insert_default().extend(labels(&config.node));
    wanted.metadata.annotations.get_or_insert_default().extend(annotations(config));
    if wanted.metadata != old.metadata {
        plan.update(&wanted, "its labels and annotations are not there");
        return plan;
    }
    wanted.status = Some(status(old.status.clone().unwrap_or_default(), config, host, engine, now));
    if wanted.to_value() != old.to_value() {
        plan.update_status(&wanted, "the machine or its engine is not what it was");
    }
    plan
}

fn node(config: &Config, host: Host, engine: Result<(), String>, now: Timestamp) -> Node {
    let labels = Some(labels(&config.node));
    Node {
        metadata: ObjectMeta {
            name: Some(config.node.clone()),
            labels,
            annotations: Some(annotations(config)),
            ..ObjectMeta::default()
        },
        status: Some(status(NodeStatus::default(), config, host, engine, now)),
        ..Node::default()
    }
}

/// What planners must know of the node and can't see: wharf's own image, which publishers run.
fn annotations(config: &Config) -> BTreeMap<String, String> {
    [(IMAGE_ANNOTATION.to_owned(), config.image.clone())].into()
}

/// <https://kubernetes.io/docs/reference/labels-annotations-taints/>
fn labels(name: &str) -> BTreeMap<String, String> {
    let pairs = [
        ("kubernetes.io/hostname", name),
        ("kubernetes.io/os", "linux"),
        ("kubernetes.io/arch", architecture()),
        ("beta.kubernetes.io/os", "linux"),
        ("beta.kubernetes.io/arch", architecture()),
    ];
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

/// The architecture in Go's words.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

fn status(old: NodeStatus, config: &Config, host: Host, engine: Result<(), String>, now: Timestamp) -> NodeStatus {
    let Host { machine, about } = host;
    let amounts = |disk: i64| -> BTreeMap<String, Quantity> {
        let amounts = [
            ("cpu", machine.cores.to_string()),
            ("memory", format!("{}Ki", machine.memory / 1024)),
            ("ephemeral-storage", format!("{}Ki", disk / 1024)),
            ("pods", PODS.to_string()),
        ];
        amounts.map(|(name, amount)| (name.to_owned(), Quantity(amount))).into()
    };
    let address = |type_: &str, address: String| NodeAddress { type_: type_.to_owned(), address };
    NodeStatus {
        addresses: Some(vec![
            address("InternalIP", config.ranges.gateway.to_string()),
            address("Hostname", config.node.clone()),
        ]),
        // The last tenth of the disk is where it runs short.
        allocatable: Some(amounts(machine.disk / 10 * 9)),
        capacity: Some(amounts(machine.disk)),
        conditions: Some(conditions_of(old.conditions.clone().unwrap_or_default(), machine.short, engine, now)),
        node_info: Some(NodeSystemInfo {
            architecture: architecture().to_owned(),
            boot_id: machine.boot.clone(),
            kernel_version: machine.kernel.clone(),
            kubelet_version: concat!("v", env!("CARGO_PKG_VERSION"), "+wharf").to_owned(),
            operating_system: "linux".to_owned(),
            os_image: about.system.clone(),
            container_runtime_version: about.version.clone(),
            machine_id: about.id.clone(),
            ..old.node_info.clone().unwrap_or_default()
        }),
        ..old
    }
}

/// The heartbeat moves only with the condition: on one node nobody waits for it, and an idle node writes nothing.
/// <https://kubernetes.io/docs/reference/node/node-status/#condition>
fn conditions_of(
    mut all: Vec<NodeCondition>,
    short: Short,
    engine: Result<(), String>,
    now: Timestamp,
) -> Vec<NodeCondition> {
    let pressure = |kind, is: bool, yes: [&'static str; 2], no: [&'static str; 2]| {
        let [reason, message] = if is { yes } else { no };
        (kind, is, reason, message.to_owned())
    };
    let conditions = [
        pressure(
            "MemoryPressure",
            short.memory,
            ["KubeletHasInsufficientMemory", "kubelet has insufficient memory available"],
            ["KubeletHasSufficientMemory", "kubelet has sufficient memory available"],
        ),
        pressure(
            "DiskPressure",
            short.disk,
            ["KubeletHasDiskPressure", "kubelet has disk pressure"],
            ["KubeletHasNoDiskPressure", "kubelet has no disk pressure"],
        ),
        pressure(
            "PIDPressure",
            short.pids,
            ["KubeletHasInsufficientPID", "kubelet has insufficient PID available"],
            ["KubeletHasSufficientPID", "kubelet has sufficient PID available"],
        ),
        match engine {
            Ok(()) => ("Ready", true, "KubeletReady", "the container engine answers".to_owned()),
            Err(error) => ("Ready", false, "KubeletNotReady", error),
        },
    ];
    for (kind, is, reason, message) in conditions {
        let status = if is { "True" } else { "False" };
        let old = all.iter().find(|c| c.type_ == kind && c.status == status);
        let last_heartbeat_time = old.and_then(|c| c.last_heartbeat_time.clone()).or(Some(Time(now)));
        let condition = NodeCondition {
            type_: kind.to_owned(),
            status: status.to_owned(),
            reason: Some(reason.to_owned()),
            message: Some(message),
            last_heartbeat_time,
            ..NodeCondition::default()
        };
        conditions::set(&mut all, condition, now);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_node_is_written_once_and_again_only_when_something_changes() {
        let config = Config {
            node: "wharf".to_owned(),
            image: "wharf:1".to_owned(),
            ranges: crate::api::Ranges::of("10.201.0.0/16".parse().unwrap()).unwrap(),
            state_root: "/var/lib/wharf".into(),
            sysctls: Vec::new(),
        };
        let machine = Machine { cores: 2, memory: 4 << 30, disk: 20 << 30, ..Machine::default() };
        let about = About { version: "docker://28.0.1".to_owned(), ..About::default() };
        let host = Host { machine: &machine, about: &about };
        let at = |s| Timestamp::from_second(s).unwrap();
        let wanted = node(&config, host, Ok(()), at(0));
        assert_eq!(plan(&View::default(), &config, host, Ok(()), at(0)).steps.len(), 1);
        let view = View::of([wanted]);
        assert_eq!(plan(&view, &config, host, Ok(()), at(99)), Plan::nothing());
        let down = plan(&view, &config, host, Err("the Docker engine does not answer".to_owned()), at(99));
        assert!(down.to_string().contains(r#""reason":"KubeletNotReady","status":"False""#), "{down}");
        let grown = Machine { cores: 4, short: Short { disk: true, ..Short::default() }, ..machine.clone() };
        let grown = plan(&view, &config, Host { machine: &grown, ..host }, Ok(()), at(99)).to_string();
        assert!(
            grown.contains(r#""cpu":"4""#) && grown.contains(r#""reason":"KubeletHasDiskPressure","status":"True""#),
            "{grown}"
        );
        assert!(grown.contains(r#""allocatable":{"cpu":"4","ephemeral-storage":"18874368Ki""#), "{grown}");
        assert!(grown.contains(r#""containerRuntimeVersion":"docker://28.0.1""#), "{grown}");

        // What a user says of the node stays.
        let mut tainted = view.get::<Node>("", "wharf").unwrap().clone();
        tainted.spec = serde_json::from_value(serde_json::json!({"unschedulable": true})).unwrap();
        tainted.metadata.labels.as_mut().unwrap().insert("disk".to_owned(), "ssd".to_owned());
        assert_eq!(plan(&View::of([tainted]), &config, host, Ok(()), at(99)), Plan::nothing());
    }
}
