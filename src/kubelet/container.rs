//! Translates a container of a pod to what the engine is asked to create.

use k8s_openapi::api::core::v1::{Container as Declared, Pod};

use super::limits::Limits;
use super::policy::container_hash;
use super::runtime::{ContainerSpec, Image, Mount, Network, Resources, Share};
use super::{env, qos, sandbox, security};
use crate::api::Object;
use crate::api::names::{self, container as label};

/// What a container gets that its declaration does not say.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// The node's name.
    pub node: &'a str,
    /// The id of the sandbox that it joins.
    pub sandbox: &'a str,
    /// The id of the container whose processes it is to see, if that is not its own.
    pub target: Option<&'a str>,
    /// How often it was restarted before.
    pub attempt: u32,
    /// Its image, as the engine has it.
    pub image: &'a Image,
    /// Its environment.
    pub env: &'a [(String, String)],
    /// What is mounted.
    pub mounts: &'a [Mount],
    /// The text of the seccomp profile that it names.
    pub seccomp: Option<&'a str>,
    /// The engine's runtime, if not its usual one.
    pub runtime: Option<&'a str>,
    /// The machine's memory in bytes.
    pub memory: i64,
}

/// The container as the engine is asked to create it.
///
/// # Errors
/// If the container must not run as root and its image does.
pub fn container(pod: &Pod, declared: &Declared, given: Given) -> Result<ContainerSpec, String> {
    let spec = pod.spec.clone().unwrap_or_default();
    let mut labels = sandbox::labels(pod, given.node);
    labels.insert(label::CONTAINER.to_owned(), declared.name.clone());
    labels.insert(label::ATTEMPT.to_owned(), given.attempt.to_string());
    labels.insert(label::HASH.to_owned(), container_hash(declared));
    let expand = |words: &Option<Vec<String>>| {
        words.as_ref().filter(|w| !w.is_empty()).map(|words| env::expand(words, given.env))
    };
    let join = || given.sandbox.to_owned();
    let context = spec.security_context.clone().unwrap_or_default();
    Ok(ContainerSpec {
        name: names::container_name(given.node, pod.namespace(), pod.name(), &declared.name, given.attempt),
        image: declared.image.clone().unwrap_or_default(),
        entrypoint: expand(&declared.command),
        args: expand(&declared.args),
        env: given.env.to_vec(),
        labels,
        working_dir: declared.working_dir.clone().filter(|d| !d.is_empty()),
        user: security::user(pod, declared, given.image)?,
        groups: context.supplemental_groups.into_iter().flatten().chain(context.fs_group).collect(),
        mounts: given.mounts.to_vec(),
        network: Network::Of(join()),
        resources: resources(pod, declared, given.memory),
        security: security::rights(pod, declared, given.seccomp),
        ipc: if spec.host_ipc == Some(true) { Share::Host } else { Share::Of(join()) },
        pid: match (given.target, spec.host_pid, spec.share_process_namespace) {
            (Some(target), ..) => Share::Of(target.to_owned()),
            (_, Some(true), _) => Share::Host,
            (.., Some(true)) => Share::Of(join()),
            _ => Share::Own,
        },
        runtime: given.runtime.map(str::to_owned),
        stop_signal: declared.lifecycle.as_ref().and_then(|l| l.stop_signal.clone()),
        stdin: declared.stdin == Some(true),
        stdin_once: declared.stdin_once == Some(true),
        tty: declared.tty == Some(true),
        ..ContainerSpec::default()
    })
}

fn resources(pod: &Pod, declared: &Declared, memory: i64) -> Resources {
    Resources { limits: Limits::of(declared), oom_score_adj: Some(qos::oom_score(pod, declared, memory)) }
}

#[cfg(test)]
mod tests;
