//! Decides a container's environment from its manifest, the objects it refers to and the services around it.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Container, Pod};

use super::expand::expand_text;
use super::reference::{self, Scope};
use super::services::services;
use crate::api::{Object, View};
use crate::kubelet::missing::Missing;

/// What is known of a pod only once it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The pod's address.
    pub pod_ip: String,
    /// The node's address.
    pub host_ip: String,
    /// The node's name.
    pub node: String,
}

/// The container's environment, each name once, ordered by name. `env` wins over `envFrom`, which wins over the
/// services' variables; of two with one name the last wins.
/// <https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/>
///
/// # Errors
/// If a reference that is not optional leads nowhere.
pub fn resolve(view: &View, pod: &Pod, container: &Container, facts: &Facts) -> Result<Vec<(String, String)>, Missing> {
    let links = pod.spec.as_ref().and_then(|s| s.enable_service_links).unwrap_or(true);
    let around: BTreeMap<String, String> = services(view, pod.namespace(), links).into_iter().collect();
    let mut own = BTreeMap::new();
    for source in container.env_from.iter().flatten() {
        let prefix = source.prefix.as_deref().unwrap_or_default();
        let pairs = if let Some(map) = &source.config_map_ref {
            reference::config_map(view, pod.namespace(), &map.name, map.optional.unwrap_or(false))?
        } else if let Some(secret) = &source.secret_ref {
            reference::secret(view, pod.namespace(), &secret.name, secret.optional.unwrap_or(false))?
        } else {
            Vec::new()
        };
        own.extend(pairs.into_iter().map(|(key, value)| (format!("{prefix}{key}"), value)));
    }
    let scope = Scope { view, pod, container, facts };
    for variable in container.env.iter().flatten() {
        let text = variable.value.as_deref().unwrap_or_default();
        let value = match &variable.value_from {
            Some(source) if text.is_empty() => reference::value(&scope, source)?,
            _ => Some(expand_text(text, |name| own.get(name).or_else(|| around.get(name)).cloned())),
        };
        if let Some(value) = value {
            own.insert(variable.name.clone(), value);
        }
    }
    let mut all = around;
    all.extend(own);
    Ok(all.into_iter().collect())
}

#[cfg(test)]
mod tests;
