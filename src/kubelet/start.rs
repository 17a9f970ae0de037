//! Starts one container: its image, its environment, its mounts, its creation, its start.

use k8s_openapi::api::core::v1::Container as Declared;

use super::actions::Start;
use super::container::{Given, container};
use super::images::{Wanted, fetch};
use super::policy::{app_containers, init_containers};
use super::runtime::Image;
use super::sync::{Fault, Work};
use super::volumes::{self, PodVolume};
use super::{admission, env, seccomp, security};
use crate::api::Object;

/// Creates and starts a container, telling of each step by an event.
///
/// # Errors
/// The fault that the container's status tells of.
pub async fn start(work: Work<'_>, volumes: &[PodVolume], wanted: &Start) -> Result<(), Fault> {
    let (pod, hands) = (work.pod, work.hands);
    let declared = if wanted.init { init_containers(pod) } else { app_containers(pod) };
    let Some(declared) = declared.iter().find(|c| c.name == wanted.name) else { return Ok(()) };
    let image = image(work, declared).await?;

    let config = |error: &dyn std::fmt::Display| Fault::new("CreateContainerConfigError", error);
    let address = work.observed.address();
    let gateway = hands.config.ranges.gateway.to_string();
    let facts = env::Facts {
        pod_ip: address.map_or(gateway.clone(), |a| a.to_string()),
        host_ip: gateway,
        node: hands.config.node.clone(),
    };
    let env = env::resolve(work.view, pod, declared, &facts).map_err(|e| config(&e))?;
    let mounts = volumes::mounts(declared, volumes, &env).map_err(|e| config(&e))?;
    let sandbox = work.observed.sandbox().map(|c| c.id.as_str()).unwrap_or_default();
    let reach = (&*hands.runtime, hands.config.state_root.as_path());
    volumes::make_parts(reach, sandbox, volumes, declared, &env).await.map_err(|e| config(&e))?;
    let runtime = pod.spec.as_ref().and_then(|spec| admission::handler(work.view, spec));
    let seccomp = security::localhost_profile(pod, declared);
    let seccomp = seccomp.map(|name| seccomp::read(&hands.config.state_root, &name)).transpose();
    let seccomp = seccomp.map_err(|e| Fault::new("CreateContainerError", &e))?;
    let given = Given {
        node: &hands.config.node,
        sandbox,
        attempt: wanted.attempt,
        image: &image,
        env: &env,
        mounts: &mounts,
        seccomp: seccomp.as_deref(),
        runtime: runtime.as_deref(),
        memory: hands.machine.memory,
    };
    let spec = container(pod, declared, given).map_err(|e| config(&e))?;
    env::write_file(&hands.config.state_root, pod.uid(), &declared.name, &env).map_err(|e| config(&e))?;

    let turn = hands.starts.acquire().await;
    let id = hands.runtime.create(&spec).await.map_err(|e| Fault::new("CreateContainerError", &e))?;
    hands.event(pod, "Created", format!("Container created: {}", declared.name)).await;
    if let Err(error) = hands.runtime.start(&id).await {
        // It never ran, so there is no log to keep it for.
        if let Err(error) = hands.runtime.remove(&id).await {
            tracing::warn!(pod = %pod.key(), container = declared.name, %error, "a dead container stays behind");
        }
        return Err(Fault::new("RunContainerError", &error));
    }
    drop(turn);
    hands.event(pod, "Started", format!("Container started: {}", declared.name)).await;
    Ok(())
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
