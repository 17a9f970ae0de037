//! Starts one container: its image, its environment, its mounts, its creation, its start.

use k8s_openapi::api::core::v1::Container as Declared;

use super::actions::Start;
use super::container::{Given, container};
use super::env;
use super::image::{Need, is_name, need};
use super::policy::{app_containers, init_containers};
use super::runtime::Image;
use super::sync::{Fault, Work};
use super::volumes::{self, PodVolume};
use crate::api::{Object, Timestamp};

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
    let mounts = volumes::mounts(declared, volumes).map_err(|e| config(&e))?;
    let sandbox = work.observed.sandbox().map(|c| c.id.as_str()).unwrap_or_default();
    let given = Given {
        node: &hands.config.node,
        sandbox,
        attempt: wanted.attempt,
        image: &image,
        env: &env,
        mounts: &mounts,
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
    let (pod, hands) = (work.pod, work.hands);
    let name = declared.image.as_deref().unwrap_or_default();
    if !is_name(name) {
        let message = format!("Failed to apply default image tag \"{name}\": couldn't parse image name");
        return Err(Fault::new("InvalidImageName", &message));
    }
    let failed = |error: &dyn std::fmt::Display| Fault::new("ErrImagePull", error);
    let present = hands.runtime.image(name).await.map_err(|e| failed(&e))?;
    match (need(declared, present.is_some()), present) {
        (Need::Nothing, Some(image)) => {
            let message = format!("Container image \"{name}\" already present on machine");
            hands.event(pod, "Pulled", message).await;
            return Ok(image);
        }
        (Need::Missing, _) => {
            let message = format!("Container image \"{name}\" is not present with pull policy of Never");
            return Err(Fault::new("ErrImageNeverPull", &message));
        }
        _ => {}
    }
    hands.event(pod, "Pulling", format!("Pulling image \"{name}\"")).await;
    let began = Timestamp::now();
    let pulling = hands.pulls.begin(pod.uid(), &declared.name, name);
    let told = |progress| pulling.hear(progress);
    let pulled = tokio::select! {
        pulled = hands.runtime.pull(name, &told) => pulled,
        () = work.overtaken() => return Err(failed(&"the pod is deleted")),
    };
    if let Err(error) = pulled {
        hands.warn(pod, "Failed", format!("Failed to pull image \"{name}\": {error}")).await;
        return Err(failed(&error));
    }
    let took = Timestamp::now().duration_since(began).as_millis();
    hands.event(pod, "Pulled", format!("Successfully pulled image \"{name}\" in {took}ms")).await;
    let pulled = hands.runtime.image(name).await.map_err(|e| failed(&e))?;
    pulled.ok_or_else(|| failed(&format!("the image \"{name}\" was pulled and is not there")))
}
