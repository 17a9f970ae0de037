//! Starts one container: its image, its environment, its mounts, its creation, its start.

use k8s_openapi::api::core::v1::Container as Declared;

use super::actions::Start;
use super::container::{Given, container};
use super::errand::Errand;
use super::images::{Wanted, fetch};
use super::policy::{self, ephemeral_containers};
use super::runtime::{ContainerSpec, Error, Image, State};
use super::sync::{Fault, Work};
use super::volumes::{self, PodVolume};
use super::{admission, env, hooks, seccomp, security, termination};
use crate::api::Object;

/// Creates and starts a container, telling of each step by an event, and begins its postStart hook.
///
/// # Errors
/// The fault that the container's status tells of. With `StartError` the engine keeps the container as one that ended.
pub async fn start(work: Work<'_>, volumes: &[PodVolume], wanted: &Start) -> Result<(), Fault> {
    let (pod, hands) = (work.pod, work.hands);
    let Some(declared) = policy::declared(pod, &wanted.name) else { return Ok(()) };
    let image = image(work, &declared).await?;
    let spec = describe(work, volumes, &declared, wanted, &image).await?;

    let turn = hands.starts.acquire().await;
    let id = hands.runtime.create(&spec).await.map_err(|e| Fault::new("CreateContainerError", &e))?;
    hands.event(pod, "Created", format!("Container created: {}", declared.name)).await;
    if policy::post_start(&declared).is_some() {
        // Before it runs: a round that finds it running must not believe that it has no hook.
        work.background.announce(&id, Errand::PostStart);
    }
    if let Err(error) = hands.runtime.start(&id).await {
        work.background.forget(&id);
        return Err(not_started(work, &declared, &id, &error).await);
    }
    drop(turn);
    hands.event(pod, "Started", format!("Container started: {}", declared.name)).await;
    hooks::begin_post_start(work, &declared, &id);
    Ok(())
}

/// The container as the engine is asked to create it, with the files that it needs.
async fn describe(
    work: Work<'_>,
    volumes: &[PodVolume],
    declared: &Declared,
    wanted: &Start,
    image: &Image,
) -> Result<ContainerSpec, Fault> {
    let (pod, hands) = (work.pod, work.hands);
    let config = |error: &dyn std::fmt::Display| Fault::new("CreateContainerConfigError", error);
    let root = &hands.config.state_root;
    let address = work.observed.address();
    let gateway = hands.config.ranges.gateway.to_string();
    let facts = env::Facts {
        pod_ip: address.map_or(gateway.clone(), |a| a.to_string()),
        host_ip: gateway,
        node: hands.config.node.clone(),
    };
    let env = env::resolve(work.view, pod, declared, &facts).map_err(|e| config(&e))?;
    let mut mounts = volumes::mounts(declared, volumes, &env).map_err(|e| config(&e))?;
    mounts.extend(termination::prepare(root, pod, declared, wanted.attempt).map_err(|e| config(&e))?);
    let sandbox = work.observed.sandbox().map(|c| c.id.as_str()).unwrap_or_default();
    let reach = (&*hands.runtime, root.as_path());
    volumes::make_parts(reach, sandbox, volumes, declared, &env).await.map_err(|e| config(&e))?;
    let runtime = pod.spec.as_ref().and_then(|spec| admission::handler(work.view, spec));
    let seccomp = security::localhost_profile(pod, declared);
    let seccomp = seccomp.map(|name| seccomp::read(&hands.config.state_root, &name)).transpose();
    let seccomp = seccomp.map_err(|e| Fault::new("CreateContainerError", &e))?;
    let given = Given {
        node: &hands.config.node,
        sandbox,
        target: target(work, &wanted.name).map_err(|e| config(&e))?,
        attempt: wanted.attempt,
        image,
        env: &env,
        mounts: &mounts,
        seccomp: seccomp.as_deref(),
        runtime: runtime.as_deref(),
        memory: hands.machine.memory,
    };
    let spec = container(pod, declared, given).map_err(|e| config(&e))?;
    env::write_file(root, pod.uid(), &declared.name, &env).map_err(|e| config(&e))?;
    Ok(spec)
}

/// The container whose processes an ephemeral container is to see, if it names one.
fn target<'a>(work: Work<'a>, name: &str) -> Result<Option<&'a str>, String> {
    let ephemeral = ephemeral_containers(work.pod).iter().find(|c| c.name == name);
    let Some(target) = ephemeral.and_then(|c| c.target_container_name.as_deref()).filter(|t| !t.is_empty()) else {
        return Ok(None);
    };
    let running = work.observed.newest(target).filter(|c| c.running_since().is_some());
    running.map(|c| Some(c.id.as_str())).ok_or_else(|| format!("unable to find target container {target}"))
}

/// What became of a container that did not start: where the engine keeps it, it has ended.
async fn not_started(work: Work<'_>, declared: &Declared, id: &str, error: &Error) -> Fault {
    let runtime = &work.hands.runtime;
    let kept = runtime
        .inspect(id)
        .await
        .is_ok_and(|c| matches!(c.state, State::Exited { started: None, ref error, .. } if !error.is_empty()));
    if kept {
        return Fault::new("StartError", error);
    }
    if let Err(error) = runtime.remove(id).await {
        tracing::warn!(pod = %work.pod.key(), container = declared.name, %error, "a dead container stays behind");
    }
    Fault::new("RunContainerError", error)
}

/// The image as the engine has it, pulled if that is called for.
async fn image(work: Work<'_>, declared: &Declared) -> Result<Image, Fault> {
    let wanted = Wanted {
        pod: work.pod,
        whose: &declared.name,
        image: declared.image.as_deref().unwrap_or_default(),
        policy: declared.image_pull_policy.as_deref(),
    };
    tokio::select! {
        fetched = fetch(work.hands, work.view, wanted) => fetched,
        () = work.overtaken() => Err(Fault::new("ErrImagePull", &"the pod is deleted")),
    }
}
