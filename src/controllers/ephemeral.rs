//! Makes the claims of pods' ephemeral volumes; they go with their pods.
//! <https://kubernetes.io/docs/concepts/storage/ephemeral-volumes/#generic-ephemeral-volumes>

use k8s_openapi::api::core::v1::{PersistentVolumeClaim, PersistentVolumeClaimTemplate, Pod};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};

use super::pod;
use crate::api::{Key, Kind, Object, Plan, Timestamp, View, names};

/// The pod itself, or those that wait for the claim.
pub fn keys(view: &View, changed: &Key) -> Vec<Key> {
    if changed.kind == Kind::of::<Pod>() {
        return vec![changed.clone()];
    }
    let wants = |p: &&Pod| ephemeral(p).any(|(name, _)| name == changed.name);
    view.list::<Pod>(&changed.namespace).filter(wants).map(Object::key).collect()
}

/// The claims that a pod lacks. One that is there and not the pod's own is left alone: the kubelet says so.
pub fn plan(view: &View, key: &Key, _: Timestamp) -> Plan {
    let mut plan = Plan::nothing();
    let pod = view.get::<Pod>(&key.namespace, &key.name).filter(|p| !p.is_deleting() && !pod::is_finished(p));
    let Some(pod) = pod else { return plan };
    for (name, template) in ephemeral(pod) {
        if view.get::<PersistentVolumeClaim>(pod.namespace(), &name).is_none() {
            plan.create(&claim(pod, name, template), format!("{} has an ephemeral volume", pod.key()));
        }
    }
    plan
}

/// The names of the claims of a pod's ephemeral volumes, and what they are made of.
fn ephemeral(pod: &Pod) -> impl Iterator<Item = (String, &PersistentVolumeClaimTemplate)> {
    let volumes = pod.spec.iter().flat_map(|s| s.volumes.iter().flatten());
    volumes.filter_map(|v| {
        let template = v.ephemeral.as_ref()?.volume_claim_template.as_ref()?;
        Some((names::ephemeral_claim(pod.name(), &v.name), template))
    })
}

fn claim(pod: &Pod, name: String, template: &PersistentVolumeClaimTemplate) -> PersistentVolumeClaim {
    let metadata = template.metadata.clone().unwrap_or_default();
    let owner = OwnerReference {
        api_version: "v1".to_owned(),
        kind: "Pod".to_owned(),
        name: pod.name().to_owned(),
        uid: pod.uid().to_owned(),
        controller: Some(true),
        block_owner_deletion: Some(true),
    };
    PersistentVolumeClaim {
        metadata: ObjectMeta {
            name: Some(name),
            namespace: Some(pod.namespace().to_owned()),
            labels: metadata.labels,
            annotations: metadata.annotations,
            owner_references: Some(vec![owner]),
            ..ObjectMeta::default()
        },
        spec: Some(template.spec.clone()),
        status: None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn view(claim: Option<Value>, phase: &str) -> View {
        let template = json!({"metadata": {"labels": {"app": "web"}},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}});
        let volumes = json!([{"name": "scratch", "ephemeral": {"volumeClaimTemplate": template}}, {"name": "other"}]);
        let pod = json!({"metadata": {"name": "web", "namespace": "shop", "uid": "u1"},
            "spec": {"containers": [], "volumes": volumes}, "status": {"phase": phase}});
        let mut view = View::of([serde_json::from_value::<Pod>(pod).unwrap()]);
        view.extend(claim.map(|c| serde_json::from_value::<PersistentVolumeClaim>(c).unwrap()));
        view
    }

    #[test]
    fn a_pod_gets_its_claims_and_takes_no_others() {
        let key = Key::new(Kind::of::<Pod>(), "shop", "web");
        let of = |claim, phase| plan(&view(claim, phase), &key, Timestamp::UNIX_EPOCH);
        let made = of(None, "Pending");
        insta::assert_snapshot!(made, @"create PersistentVolumeClaim shop/web-scratch: Pod shop/web has an ephemeral volume");
        let crate::api::Action::Create(_, claim) = &made.steps[0].action else { panic!("{made}") };
        assert_eq!(claim["metadata"]["ownerReferences"][0]["uid"], "u1");
        assert_eq!(
            (&claim["metadata"]["labels"]["app"], &claim["spec"]["accessModes"][0]),
            (&json!("web"), &json!("ReadWriteOnce"))
        );

        let there = json!({"metadata": {"name": "web-scratch", "namespace": "shop"}, "spec": {}});
        assert_eq!(of(Some(there), "Pending").to_string(), "");
        assert_eq!(of(None, "Succeeded").to_string(), "", "it has ended");
        let claim = Key::new(Kind::of::<PersistentVolumeClaim>(), "shop", "web-scratch");
        assert_eq!(keys(&view(None, ""), &claim), [key]);
    }
}
