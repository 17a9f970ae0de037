//! `wharf apply --rollback`: puts workloads that did not become ready back to the pod template that they had.

use std::time::Duration;

use serde_json::json;

use super::wait::{Unready, wait};
use crate::api::{Key, Object, Value, View, conditions};
use crate::cli::error::Error;
use crate::cli::ready::pods_of;
use crate::cli::ui::Ui;
use crate::cli::words;
use crate::client::{Client, DeleteOptions, Informer, Patch};

/// A workload, and the template that it goes back to.
#[derive(Clone, Debug, PartialEq)]
pub struct Return {
    /// The workload.
    pub key: Key,
    /// The pod template that it had.
    pub template: Value,
}

/// The workloads among those that are not ready whose template this apply changed; what is new has no way back. Pure.
pub fn plan(before: &View, after: &View, unready: &[Unready]) -> Vec<Return> {
    let template = |view: &View, key: &Key| view.value(key).map(|object| object["spec"]["template"].clone());
    let workloads = unready.iter().map(|u| &u.key);
    let workloads = workloads.filter(|key| matches!(key.kind.kind, "Deployment" | "StatefulSet" | "DaemonSet"));
    let back = |key: &Key| {
        let old = template(before, key)?;
        (template(after, key).as_ref() != Some(&old)).then(|| Return { key: key.clone(), template: old })
    };
    workloads.filter_map(back).collect()
}

/// Goes back, and waits until all are ready as they were.
///
/// # Errors
/// The node refuses.
pub async fn go_back(
    client: &Client,
    informer: &Informer,
    plan: &[Return],
    timeout: Duration,
    ui: &mut Ui,
) -> Result<(), Error> {
    let mut revision = 0;
    for Return { key, template } in plan {
        let patch = json!([{"op": "replace", "path": "/spec/template", "value": template}]);
        let object = client.patch(key, "", Patch::Json(patch)).await?;
        revision = revision.max(crate::api::object::meta(&object, "resourceVersion").parse().unwrap_or(0));
        if key.kind.kind == "StatefulSet" {
            remove_broken(client, &informer.view(), key).await?;
        }
        ui.say(&format!("{} rolled back to the template that it had", words::name(key)));
    }
    informer.caught_up(revision).await;
    let keys: Vec<Key> = plan.iter().map(|back| back.key.clone()).collect();
    let unready = wait(informer, &keys, timeout, ui).await;
    ui.close();
    for Unready { key, why } in unready {
        ui.say(&format!("error: {} is not ready after the rollback either: {why}", words::name(&key)));
    }
    Ok(())
}

/// A StatefulSet waits for ever for a pod that does not become ready before it replaces it.
/// <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback>
async fn remove_broken(client: &Client, view: &View, key: &Key) -> Result<(), Error> {
    for pod in pods_of(view, key) {
        let is_ready = conditions::is_true(pod.status.as_ref().and_then(|s| s.conditions.as_ref()), "Ready");
        if is_ready || pod.is_deleting() {
            continue;
        }
        let options = DeleteOptions { uid: Some(pod.uid().to_owned()), ..DeleteOptions::default() };
        match client.delete(&pod.key(), &options).await {
            Err(error) if !error.is_not_found() && !error.is_conflict() => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Kind;

    fn view(image: &str) -> (View, Key) {
        let kind = Kind::by_word("deployments").unwrap();
        let template = json!({"spec": {"containers": [{"name": "web", "image": image}]}});
        let object =
            json!({"metadata": {"name": "web", "namespace": "shop"}, "spec": {"selector": {}, "template": template}});
        let (mut view, key) = (View::default(), Key::of(kind, &object));
        view.insert(key.clone(), (kind.decode)(&object).unwrap());
        (view, key)
    }

    #[test]
    fn only_what_was_there_and_changed_goes_back() {
        let ((old, key), (new, _)) = (view("web:1"), view("web:2"));
        let unready = [Unready { key: key.clone(), why: String::new() }];
        let back = plan(&old, &new, &unready);
        assert_eq!(back.len(), 1);
        assert_eq!(back[0].template["spec"]["containers"][0]["image"], "web:1");
        assert_eq!(plan(&old, &old, &unready), [], "its template is as it was");
        assert_eq!(plan(&View::default(), &new, &unready), [], "it is new");
        assert_eq!(plan(&old, &new, &[]), [], "it is ready");
    }
}
