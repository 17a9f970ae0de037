//! The parts of volumes that containers mount: their paths, and those of them that only a container's environment tells.

use std::collections::BTreeSet;
use std::path::Path;

use k8s_openapi::api::core::v1::{Container, VolumeMount};

use super::fill::send;
use super::frame::Orders;
use super::order::Order;
use super::prepare::{Error, on_disk};
use super::volume::{PodVolume, Prepare, inside};
use crate::kubelet::env::expand_text;
use crate::kubelet::missing::Missing;
use crate::kubelet::runtime::Runtime;

/// Whether only the container's environment tells what part of the volume is mounted.
#[must_use]
pub fn has_expression(mount: &VolumeMount) -> bool {
    mount.sub_path_expr.as_deref().is_some_and(|expression| !expression.is_empty())
}

/// The path inside the volume that is mounted; empty for all of it.
/// <https://kubernetes.io/docs/concepts/storage/volumes/#using-subpath-expanded-environment>
///
/// # Errors
/// If it leads out of the volume, or a variable of its expression is not set.
pub fn path(mount: &VolumeMount, env: &[(String, String)]) -> Result<String, Missing> {
    let Some(expression) = mount.sub_path_expr.as_deref().filter(|e| !e.is_empty()) else {
        return inside(mount.sub_path.as_deref().unwrap_or_default());
    };
    let missing = std::cell::RefCell::new(BTreeSet::new());
    let expanded = expand_text(expression, |name| {
        let value = env.iter().rev().find(|(n, _)| n == name).map(|(_, value)| value.clone());
        let value = value.filter(|v| !v.is_empty());
        if value.is_none() {
            missing.borrow_mut().insert(name.to_owned());
        }
        value
    });
    let missing = missing.into_inner();
    if missing.is_empty() {
        return inside(&expanded);
    }
    let names = missing.into_iter().collect::<Vec<_>>().join(", ");
    Err(Missing::Unsupported(format!("missing value for {names}")))
}

/// Makes the parts that the container's expressions name, before it is created.
///
/// # Errors
/// If a path leads out of its volume, or the volume can't be written.
pub async fn make_parts(
    (runtime, state_root): (&dyn Runtime, &Path),
    sandbox: &str,
    volumes: &[PodVolume],
    container: &Container,
    env: &[(String, String)],
) -> Result<(), Error> {
    let mut orders = Orders::new();
    for mount in container.volume_mounts.iter().flatten().filter(|mount| has_expression(mount)) {
        let Some(volume) = volumes.iter().find(|v| v.name == mount.name) else { continue };
        let part = path(mount, env).map_err(|missing| Error::Fill(missing.to_string()))?;
        if part.is_empty() || volume.order.files.is_some() {
            continue;
        }
        let order = Order { parts: [part].into(), ..Order::default() };
        // What is a group's is the sandbox's to make: it can hand the group on.
        if matches!(volume.prepare, Prepare::Directory { .. }) && volume.order.owner.is_none() {
            let made = on_disk(state_root, &PodVolume { order, ..volume.clone() });
            made.map_err(|source| Error::Write { volume: volume.name.clone(), source })?;
        } else {
            orders.push((volume.name.clone(), order));
        }
    }
    send(runtime, sandbox, &orders).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn expressions_take_their_values_from_the_environment() {
        let env = [("POD", "web-1"), ("UP", "../x"), ("NONE", "")].map(|(n, v)| (n.to_owned(), v.to_owned()));
        let text = |expression: &str| {
            let mount =
                serde_json::from_value(json!({"name": "v", "mountPath": "/a", "subPathExpr": expression})).unwrap();
            path(&mount, &env).unwrap_or_else(|e| e.to_string())
        };
        let texts = ["logs/$(POD)", "$$(POD)", "$(UP)", "$(NO)/$(NONE)/$(POD)", "a//b"].map(text);
        insta::assert_snapshot!(texts.join("\n"), @r#"
        logs/web-1
        $(POD)
        path "../x" must be relative and not contain ".."
        missing value for NO, NONE
        a/b
        "#);
    }
}
